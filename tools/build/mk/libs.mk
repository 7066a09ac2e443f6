# Libraries and platforms: each macro is used as $(eval $(call NAME,arguments)). IMPORT_BASE is the directory of the Makefile.uk at hand.

UK_LIBS :=
UK_PLATS :=
UK_PLAT_LIBS :=

uk_mkdir = $(if $(wildcard $(1)/.),,$(shell mkdir -p $(1)))

define uk_library
$(if $(strip $(1)),,$(error addlib without a name in $(IMPORT_BASE)/Makefile.uk))
$(call uk_mkdir,$(BUILD_DIR)/$(strip $(1)))
UK_LIBS += $(filter-out $(UK_LIBS),$(strip $(1)))
$(call uc,$(strip $(1)))_BASE := $(IMPORT_BASE)
$(call uc,$(strip $(1)))_BUILD := $(BUILD_DIR)/$(strip $(1))
$(call uc,$(strip $(1)))_MAKEFILE := $(IMPORT_BASE)/Makefile.uk
$(call uc,$(strip $(1)))_EXPORTS += $(wildcard $(IMPORT_BASE)/exportsyms.uk)
$(call uc,$(strip $(1)))_LOCALS += $(wildcard $(IMPORT_BASE)/localsyms.uk)
endef

addlib = $(call uk_library,$(1))
addlib_s = $(if $(filter y,$(strip $(2))),$(call uk_library,$(1)))

# Objects lie in the build directory as the sources lie in theirs.
define addlib_tree
$(call uk_library,$(1))
uk_tree_$(strip $(1)) := y
endef
addlib_tree_s = $(if $(filter y,$(strip $(2))),$(call addlib_tree,$(1)))

define addplat
UK_PLATS += $(filter-out $(UK_PLATS),$(strip $(1)))
UK_PLAT_$(call uc,$(strip $(1)))_BASE := $(IMPORT_BASE)
UK_PLAT_$(call uc,$(strip $(1)))_LINKER := $(wildcard $(IMPORT_BASE)/Linker.uk)
UK_PLAT_$(call uc,$(strip $(1)))_DEF_LDS := $(BUILD_DIR)/lib$(strip $(1))plat/link.lds
endef
addplat_s = $(if $(filter y,$(strip $(2))),$(call addplat,$(1)))

define addplatlib
$(call uk_library,$(2))
UK_PLAT_$(call uc,$(strip $(1)))_LIBS += $(strip $(2))
endef
addplatlib_s = $(if $(filter y,$(strip $(3))),$(call addplatlib,$(1),$(2)))

# Reads the Makefile.uk of another directory.
uk_import_stack :=
define import_lib
uk_import_stack := $(or $(IMPORT_BASE),-) $(uk_import_stack)
IMPORT_BASE := $(patsubst %/,%,$(strip $(1)))
include $(patsubst %/,%,$(strip $(1)))/Makefile.uk
IMPORT_BASE := $$(filter-out -,$$(firstword $$(uk_import_stack)))
uk_import_stack := $$(wordlist 2,$$(words $$(uk_import_stack)),$$(uk_import_stack))
endef
_import_lib = $(import_lib)
import_lib_s = $(if $(filter y,$(strip $(2))),$(call import_lib,$(1)))

# Name under which a library's parameters stand on the kernel's command line.
define uk_libparam_libprefix_set
$(call uc,$(strip $(1)))_LIBPARAM_PREFIX := $(strip $(2))
$(call uc,$(strip $(1)))_COMPFLAGS-y += -DUK_LIBPARAM_PREFIX=$(strip $(2))
endef
addlib_paramprefix = $(uk_libparam_libprefix_set)

# Bytes that a library wants in front of each thread's control block, and per network device.
ukarch_tls_tcb_reserve = UK_TLS_TCB_RESERVE += $(strip $(1))
uknetdev_scratch_mem = UK_NETDEV_SCRATCH += $(strip $(1))
