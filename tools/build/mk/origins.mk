# Sources that come from elsewhere. The macros only note what is wanted; the rules stand at the end, when checksums and patches are known.

uk_fetched :=

define uk_origin
uk_fetched += $(filter-out $(uk_fetched),$(1))
uk_origin_$(1) += '$(2)'
$(call uc,$(1))_BUILD := $(BUILD_DIR)/$(1)
$(call uc,$(1))_ORIGIN := $(BUILD_DIR)/$(1)/origin
$(if $(3),$(call uc,$(1))_ARCHIVE := $(BUILD_DIR)/$(1)/$(3))
endef

# fetchas: library, address, file name. fetchas2: library, address, second address, file name.
fetchas = $(call uk_origin,$(strip $(1)),get|$(strip $(2))||$(strip $(3)),$(strip $(3)))
fetchas2 = $(call uk_origin,$(strip $(1)),get|$(strip $(2))|$(strip $(3))|$(strip $(4)),$(strip $(4)))
fetch = $(call fetchas,$(1),$(2),$(notdir $(strip $(2))))
fetch2 = $(call fetchas2,$(1),$(2),$(3),$(notdir $(strip $(2))))

# An archive that is there, or that one of the targets in the third argument makes.
define unarchive
$(call uk_origin,$(strip $(1)),file|$(strip $(2))||$(notdir $(strip $(2))),$(notdir $(strip $(2))))
uk_origin_deps_$(strip $(1)) += $(2) $(3)
endef

# A git repository, at a branch or tag.
clone = $(call uk_origin,$(strip $(1)),git|$(strip $(2))||$(strip $(3)),)

# Patches of a directory, applied in a directory below origin.
define patch
uk_patch_$(strip $(1)) += '$(strip $(2))|$(strip $(3))'
uk_patchdirs_$(strip $(1)) += $(strip $(2))
endef

# LIBX_PATCHDIR alone is enough, too.
uk_patches = $(or $(uk_patch_$(1)),$(if $(strip $($(call uc,$(1))_PATCHDIR)),'$(strip $($(call uc,$(1))_PATCHDIR))|*'))
uk_patch_files = $(foreach d,$(uk_patchdirs_$(1)) $($(call uc,$(1))_PATCHDIR),$(wildcard $(d) $(d)/*.patch $(d)/*.diff))

uk_sums = $(foreach kind,MD5 SHA1 SHA256 SHA512,$(foreach v,$(strip $($(call uc,$(1))_ORIGIN_$(kind))),--sum $(call lc,$(kind)):$(v)))

define uk_origin_rules
$(BUILD_DIR)/$(1)/.origin: FORCE $(uk_origin_deps_$(1))
	@$(UK_HELPER) fetch --lib $(1) --dir $(BUILD_DIR)/$(1) $(uk_sums) $(uk_origin_$(1))
$(BUILD_DIR)/$(1)/.patched: $(BUILD_DIR)/$(1)/.origin FORCE $(call uk_patch_files,$(1))
	@$(UK_HELPER) patch --lib $(1) --dir $(BUILD_DIR)/$(1) $(call uk_patches,$(1))
endef

# What was not fetched needs no patch; rules may still wait for the stamp.
define uk_stamp_rules
$(BUILD_DIR)/$(1)/.origin $(BUILD_DIR)/$(1)/.patched:
	@touch $$@
endef
