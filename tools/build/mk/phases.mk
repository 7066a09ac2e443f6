# The phases as goals, and the plan. All Makefile.uk have been read.

.PHONY: FORCE uk-nothing uk-fetch uk-prepare uk-preprocess uk-sources uk-images
FORCE:
uk-nothing:

$(foreach l,$(uk_fetched),$(eval $(call uk_origin_rules,$(l))))
$(foreach l,$(filter-out $(uk_fetched),$(UK_LIBS)),$(eval $(call uk_stamp_rules,$(l))))

# A library that is not selected is not downloaded.
uk_wanted := $(filter $(uk_fetched),$(UK_LIBS))
uk_origins := $(uk_wanted:%=$(BUILD_DIR)/%/.origin)
uk_patched := $(uk_wanted:%=$(BUILD_DIR)/%/.patched)
uk_to_fetch := $(sort $(UK_FETCH) $(UK_FETCH-y) $(uk_origins))
uk_to_prepare := $(sort $(UK_PREPARE) $(UK_PREPARE-y) $(uk_patched))
uk_to_preprocess := $(sort $(UK_PREPROCESS) $(UK_PREPROCESS-y))
uk_to_finish := $(sort $(UK_IMAGES) $(UK_IMAGES-y))

uk-fetch: $(uk_to_fetch) ; @:
uk-prepare: $(uk_to_fetch) $(uk_to_prepare) ; @:
uk-preprocess: $(uk_to_preprocess) ; @:
uk-images: $(uk_to_finish) ; @:

# A port's own targets find the sources unpacked and patched, whatever they say they depend on.
uk_own_prepare := $(filter-out $(uk_origins) $(uk_patched),$(uk_to_prepare))
ifneq ($(uk_own_prepare),)
ifneq ($(uk_patched),)
$(uk_own_prepare): | $(uk_patched)
endif
endif

# Sources of all libraries, for those that a rule makes.
uk_lists = $($(1)) $($(1)-y)
uk_paths = $(foreach s,$(1),$(firstword $(subst |, ,$(subst >, ,$(s)))))
uk_lib_sources = $(call uk_paths,$(call uk_lists,$(1)_SRCS)) $(call uk_lists,$(1)_OBJS) $(call uk_lists,$(1)_ALIBS) $(call uk_lists,$(1)_LDEPS)
# Device trees are compiled by the tool, not by a rule.
uk_device_trees := $(patsubst %.dts,%.dtb,$(notdir $(filter %.dts,$(foreach l,$(UK_LIBS),$(call uk_paths,$(call uk_lists,$(call uc,$(l))_SRCS))))))
uk_made_here = $(filter $(uk_device_trees),$(notdir $(1)))
uk_extra_deps := $(foreach f,$(foreach v,$(filter %_CDEPS %_CDEPS-y %_DEPS %_DEPS-y,$(.VARIABLES)),$($(v))),$(if $(call uk_made_here,$(f)),,$(f)))
uk_all_sources := $(sort $(foreach l,$(UK_LIBS),$(call uk_lib_sources,$(call uc,$(l)))) $(call uk_lists,UK_LDEPS) $(uk_extra_deps))
uk-sources: $(uk_all_sources) ; @:

# Make files are not made, but for those that a port has a rule for.
$(sort $(filter %/Makefile.uk %/Makefile.rules $(UK_MK)/% $(UK_AUTO_CONF),$(MAKEFILE_LIST))): ;

# The plan: every variable that describes a library, a phase or the link, as NAME US VALUE, one a line.
uk_plan_suffixes := FLAGS INCLUDES DEPS SRCS OBJS ALIBS OLIBS EXPORTS LOCALS LIBS LDS SUBBUILD SYSCALLS
uk_plan_patterns := $(foreach s,$(uk_plan_suffixes),%$(s) %$(s)-y) %_BASE %_BUILD %_MAKEFILE %_ORIGIN %_SRC %_CLEAN %_CLEAN-y %_PLATS %_AS_ARCHIVE %_MEMBERS
uk_plan_patterns += UK_% EXTRA% CC CXX LD AR OBJCOPY STRIP M4 AWK DTC RUSTC CARGO MAKEFILE_LIST uk_to_% uk_fetched uk_all_sources uk_patchdirs_% uk_tree_%
uk_plan_hide := uk_plan_% UK_PLAN_FILE UK_HELPER
uk_plan_us := 
uk_plan_line = $(1)$(uk_plan_us)$(subst $(newline), ,$($(1)))$(newline)
ifneq ($(UK_PLAN_FILE),)
$(file >$(UK_PLAN_FILE),$(foreach v,$(sort $(filter-out $(uk_plan_hide),$(filter $(uk_plan_patterns),$(.VARIABLES)))),$(if $(filter file override command line,$(origin $(v))),$(call uk_plan_line,$(v)))))
endif
