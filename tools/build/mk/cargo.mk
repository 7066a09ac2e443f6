# Libraries in Rust: $(eval $(call addlib_cargo,libx,DIRECTORY)) takes the cargo package in DIRECTORY, whose [lib] is a staticlib, as the library libx; sources in C
# may be added to it as to any other. $(eval $(call addlib_cargo_s,libx,$(CONFIG_LIBX),DIRECTORY)) if it is selected.
#
#   LIBX_CARGO_PROFILE     release unless said otherwise
#   LIBX_CARGO_FLAGS-y     more words for cargo, such as --features
#   LIBX_CARGO_STD         y: the package uses std; it may then unwind, and tables for that are kept
#
# What the package exports is what is #[no_mangle]; Rust's own symbols stay inside, so that an image can hold several such libraries.

uk_cargo_build = $(BUILD_DIR)/$(strip $(1))
uk_cargo_profile = $(or $($(call uc,$(strip $(1)))_CARGO_PROFILE),release)
uk_cargo_std = $(filter y,$($(call uc,$(strip $(1)))_CARGO_STD))

# Groups are dissolved: the kernel, Rust as well, has some of the same names, and a linker that takes the kernel's copy leaves the library's symbols undefined.
# Without std, panic=abort is what stable Rust takes, and the prebuilt core's tables for unwinding name a function that nobody has.
uk_cargo_locals := DW.ref.* _ZN* _R* __rust* __rg_* __rdl_* rust_eh_personality rust_begin_unwind rust_panic
uk_cargo_objcopy = --wildcard $(uk_cargo_locals:%=--localize-symbol='%') $(if $(call uk_cargo_std,$(1)),,--remove-section .eh_frame --remove-section .gcc_except_table)

define uk_cargo_rules
$(call uc,$(strip $(1)))_OBJS-y += $(call uk_cargo_build,$(1))/rust.o
$(call uk_cargo_build,$(1))/rust.o: $(strip $(2))/Cargo.toml $(wildcard $(strip $(2))/Cargo.lock $(strip $(2))/build.rs) $$(uk_cargo_deps_$(strip $(1))) $(UK_AUTO_CONF)
	@printf '  %-8s%s\n' CARGO '$(strip $(1))'
	@rm -rf $(call uk_cargo_build,$(1))/archive && mkdir -p $(call uk_cargo_build,$(1))/archive
	$(if $(UK_SHOW_COMMANDS),,@)cd $(strip $(2)) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL CARGO_TARGET_DIR=$(call uk_cargo_build,$(1))/cargo $$(if $$(call uk_cargo_std,$(1)),,CARGO_PROFILE_RELEASE_PANIC=abort) \
		$(CARGO) build --quiet --lib --profile $$(call uk_cargo_profile,$(1)) $$($(call uc,$(strip $(1)))_CARGO_FLAGS-y)
	$(if $(UK_SHOW_COMMANDS),,@)cp $(call uk_cargo_build,$(1))/cargo/$$(call uk_cargo_profile,$(1))/lib*.a $(call uk_cargo_build,$(1))/archive/
	$(if $(UK_SHOW_COMMANDS),,@)$(CC) -nostdlib -Wl,-r -no-pie -Wl,--force-group-allocation -Wl,--whole-archive $(call uk_cargo_build,$(1))/archive/*.a -o $$@.ld
	$(if $(UK_SHOW_COMMANDS),,@)$(OBJCOPY) $$(call uk_cargo_objcopy,$(1)) $$@.ld $$@
	@rm -f $$@.ld
endef

# What the last build read, from the dependency files that cargo leaves.
uk_cargo_read = $(foreach f,$(wildcard $(call uk_cargo_build,$(1))/cargo/$(call uk_cargo_profile,$(1))/*.d),$(wildcard $(filter-out %:,$(shell cat $(f)))))

define addlib_cargo
$(call uk_library,$(1))
uk_cargo_deps_$(strip $(1)) := $(call uk_cargo_read,$(1))
$(call uk_cargo_rules,$(1),$(2))
endef
addlib_cargo_s = $(if $(filter y,$(strip $(2))),$(call addlib_cargo,$(1),$(3)))
