# The build: variables, macros, the Makefile.uk of application, core and libraries in this order, then the phases.

include $(UK_MK)/vars.mk

# Only rules that are written down: nothing is made from a lex file or RCS because make knows how.
.SUFFIXES:
%: %,v
%: RCS/%,v
%: RCS/%
%: s.%
%: SCCS/s.%
%.out: %
%.c: %.w %.ch
%.tex: %.w %.ch
MAKEFLAGS += --no-print-directory

include $(UK_MK)/text.mk
include $(UK_MK)/programs.mk
include $(UK_MK)/libs.mk
include $(UK_MK)/origins.mk
include $(UK_MK)/cargo.mk

# The names that Unikraft's ports know the places by.
CONFIG_UK_BASE := $(UK_BASE)
CONFIG_UK_APP := $(UK_APP)
APP_BASE := $(UK_APP)
UK_GENERATED_INCLUDES := $(BUILD_DIR)/include
KCONFIG_DIR := $(BUILD_DIR)/kconfig
UK_ARCH := x86_64
UK_FAMILY := x86
UK_PLAT := kvm
include $(UK_AUTO_CONF)
ifeq ($(CONFIG_UK_ARCH),)
CONFIG_UK_ARCH := "x86_64"
endif

# Lists that everybody adds to. Nothing comes from the environment.
$(foreach l,COMPFLAGS ASFLAGS CFLAGS CXXFLAGS RUSTCFLAGS M4FLAGS AWKFLAGS DTCFLAGS LDFLAGS OBJCFLAGS ASINCLUDES CINCLUDES CXXINCLUDES RUSTCINCLUDES ARCHFLAGS ISR_ARCHFLAGS DBGFLAGS,$(eval $(l) :=)$(eval $(l)-y :=))
$(foreach l,UK_FETCH UK_PREPARE UK_PREPROCESS UK_IMAGES UK_ALIBS UK_OLIBS UK_LDEPS UK_PROVIDED_SYSCALLS UK_LDFLAGS UK_CARGO_FEATURES EXTRA_LD_SCRIPT EXTRALDFLAGS EACHOLIB_SRCS EACHOLIB_OBJS EACHOLIB_ALIBS EACHOLIB_LOCALS EACHOLIB_EXPORTS,$(eval $(l) :=)$(eval $(l)-y :=))
UK_ROOTFS :=
ASINCLUDES-y += -I$(UK_GENERATED_INCLUDES)
CINCLUDES-y += -I$(UK_GENERATED_INCLUDES)
CXXINCLUDES-y += -I$(UK_GENERATED_INCLUDES)

# Rules of libraries first, so that each Makefile.uk may use them; then application, core, external libraries.
uk_dirs := $(UK_APP) $(UK_CORE_DIR) $(UK_ELIB_DIRS)
$(foreach d,$(uk_dirs),$(foreach f,$(wildcard $(d)/Makefile.rules),$(eval IMPORT_BASE := $(d))$(eval include $(f))))
$(foreach d,$(uk_dirs),$(if $(wildcard $(d)/Makefile.uk),$(eval $(call import_lib,$(d)))))

# What platforms say about the link comes last, when all libraries are known. The link itself is the tool's.
$(foreach p,$(UK_PLATS),$(foreach f,$(UK_PLAT_$(call uc,$(p))_LINKER),$(eval IMPORT_BASE := $(patsubst %/,%,$(dir $(f))))$(eval include $(f))))

# Whoever uses it in a variable that is expanded only now meant the directory of then.
IMPORT_BASE := /IMPORT_BASE-is-known-only-while-a-Makefile.uk-is-read

include $(UK_MK)/phases.mk
