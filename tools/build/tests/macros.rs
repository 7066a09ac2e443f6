//! Every macro and list of a Makefile.uk, by building programs with it and running them.
#![forbid(unsafe_code)]

mod common;
use common::Project;
use ukbuild::{Build, Query};

const MAIN: &str = "#include <host.h>\nint main(void) { put(\"hello\\n\"); return 0; }\n";

#[test]
fn an_application_is_compiled_and_linked() {
    let p = Project::with_main(MAIN);
    assert_eq!(p.run(), "hello\n");
    for file in ["app_kvm-x86_64", "app_kvm-x86_64.dbg", "app_kvm-x86_64.map", "compile_commands.json", "include/uk/bits/config.h"] {
        assert!(p.exists(&format!("app/build/{file}")), "{file}");
    }
    let commands: serde_json::Value = serde_json::from_str(&p.read("app/build/compile_commands.json")).unwrap();
    let files: Vec<&str> = commands.as_array().unwrap().iter().map(|c| c["file"].as_str().unwrap()).collect();
    assert!(files.len() == 2 && files[0].ends_with("app/main.c"), "{files:?}");
    let p = Project::new();
    p.write("app/Makefile.uk", "");
    assert_eq!(p.run(), "weak main\n");
}

#[test]
fn the_image_has_the_name_of_the_configuration() {
    let p = Project::with_main(MAIN);
    p.write("app/.config", "CONFIG_UK_NAME=\"named\"\n");
    assert!(p.build().unwrap().image.ends_with("build/named_kvm-x86_64"));
}

#[test]
fn variants_rename_main_and_have_flags_of_their_own() {
    let mut p = Project::new();
    p.write("app/Makefile.uk", "");
    // The tutorial's way: the program's main gets another name, glue code calls it.
    p.lib(
        "prog",
        "$(eval $(call addlib_s,libprog,$(CONFIG_LIBPROG)))
LIBPROG_SRC = $(LIBPROG_BASE)/src
LIBPROG_MAIN_FLAGS-y += -Dmain=prog_main
LIBPROG_MAIN_TWO_FLAGS-y += -DTEXT='\"two\\n\"' -Dmain=prog_two
LIBPROG_SRCS-y += $(LIBPROG_SRC)/main.c $(LIBPROG_SRC)/main.c|two
LIBPROG_SRCS-$(CONFIG_LIBPROG_MAIN_FUNCTION) += $(LIBPROG_BASE)/main.c|unikraft
LIBPROG_FILE_NAME_FLAGS += -DNAMED=1
LIBPROG_SRCS-y += $(LIBPROG_SRC)/file-name.c
",
    );
    p.write(
        "libs/prog/src/main.c",
        "#include <host.h>\n#ifndef TEXT\n#define TEXT \"one\\n\"\n#endif\nint main(void) { put(TEXT); return 0; }\n",
    );
    p.write("libs/prog/src/file-name.c", "#if !NAMED\n#error the flags of file-name.c\n#endif\n");
    p.write("libs/prog/main.c", "int prog_main(void), prog_two(void);\nint main(void) { return prog_main() + prog_two(); }\n");
    p.write("app/.config", "CONFIG_LIBPROG=y\nCONFIG_LIBPROG_MAIN_FUNCTION=y\n");
    assert_eq!(p.run(), "one\ntwo\n");
    for file in ["main.o", "main.two.o", "main.unikraft.o", "file-name.o"] {
        assert!(p.exists(&format!("app/build/libprog/{file}")), "{file}");
    }
    p.write("app/.config", "CONFIG_LIBPROG=y\n");
    assert_eq!(p.run(), "weak main\n");
    p.write("app/.config", "# CONFIG_LIBPROG is not set\n");
    assert_eq!(p.run(), "weak main\n");
}

#[test]
fn flags_and_includes_of_all_kinds_in_order() {
    let mut p = Project::with_main("#include <host.h>\n#include <pub.h>\nint main(void) { put(PUBLISHED); return 0; }\n");
    p.lib(
        "flags",
        "$(eval $(call addlib,libflags))
CINCLUDES-y += -I$(LIBFLAGS_BASE)/include
LIBFLAGS_CINCLUDES-y += -I$(LIBFLAGS_BASE)/private
LIBFLAGS_COMPFLAGS-y += -DORDER=1
CFLAGS-y += -UORDER -DORDER=2
LIBFLAGS_CFLAGS += -UORDER -DORDER=3
LIBFLAGS_A_FLAGS-y += -UORDER -DORDER=4
DBGFLAGS-y += -g
LIBFLAGS_CFLAGS-$(CONFIG_NO) += -DNEVER
LIBFLAGS_CFLAGS-$(call gcc_version_ge,4,0) += -DNEW_ENOUGH
LIBFLAGS_CFLAGS-$(call gcc_version_ge,400,1) += -DNEVER
LIBFLAGS_CFLAGS-$(call have_clang) += -DNEVER
LIBFLAGS_CFLAGS-$(call have_gcc) += -DGCC
$(call error_if_gcc_version_lt,4,0)
$(eval $(call uk_libparam_libprefix_set,libflags,fl))
LIBFLAGS_A_INCLUDES += -I$(LIBFLAGS_BASE)/only_a
LIBFLAGS_SRCS-y += $(LIBFLAGS_BASE)/a.c $(LIBFLAGS_BASE)/b.c|isr $(LIBFLAGS_BASE)/c.c
",
    );
    p.write("libs/flags/include/pub.h", "#define PUBLISHED \"published\\n\"\n");
    p.write("libs/flags/private/priv.h", "#define PRIVATE 1\n");
    p.write("libs/flags/only_a/a.h", "");
    let check = "#include <priv.h>\n#ifdef NEVER\n#error never\n#endif\n#if !NEW_ENOUGH || !GCC\n#error new\n#endif\n";
    p.write("libs/flags/a.c", &format!("{check}#include <a.h>\n#if ORDER != 4\n#error order\n#endif\n#define S(x) #x\n#define T(x) S(x)\nconst char *names = T(__LIBNAME__) T(__BASENAME__) T(UK_LIBPARAM_PREFIX);\n"));
    p.write("libs/flags/b.c", &format!("{check}#ifdef __SSE__\n#error no floats in interrupts\n#endif\n#if ORDER != 3\n#error order\n#endif\n#define isr 7\n#if __VARIANT__ != 7\n#error variant\n#endif\n"));
    p.write("libs/flags/c.c", &format!("{check}#if __has_include(<a.h>)\n#error only for a.c\n#endif\n"));
    assert_eq!(p.run(), "published\n");
}

#[test]
fn sources_of_all_kinds() {
    let mut p = Project::with_main(
        "#include <host.h>\n#include \"made.h\"\nint c_plus(void), asm_S(void), asm_s(void), rust(void), m4(void), copied(void);\nint main(void) {\n if (c_plus() + asm_S() + asm_s() + rust() + m4() + copied() == 63 && MADE == 3) put(\"all\\n\");\n return 0; }\n",
    );
    p.lib(
        "kinds",
        "$(eval $(call addlib,libkinds))
CINCLUDES-y += -I$(LIBKINDS_BUILD)
LIBKINDS_M4FLAGS-y += -DVALUE=16
LIBKINDS_MADE_CDEPS = $(LIBKINDS_BASE)/list.in
LIBKINDS_SRCS-y += $(LIBKINDS_BASE)/p.cc $(LIBKINDS_BASE)/a.S $(LIBKINDS_BASE)/b.s $(LIBKINDS_BASE)/r.rs
LIBKINDS_SRCS-y += $(LIBKINDS_BASE)/m.m4>.c $(LIBKINDS_BASE)/made.awk>.h $(LIBKINDS_BASE)/k.c.in>.c $(LIBKINDS_BASE)/list.in $(LIBKINDS_BASE)/x.h
LIBKINDS_SRCS-y += $(LIBKINDS_BASE)/extra.lds.S
",
    );
    p.write("libs/kinds/p.cc", "extern \"C\" int c_plus() { auto one = [] { return 1; }; return one(); }\n");
    p.write("libs/kinds/a.S", "#define V 2\n.globl asm_S\nasm_S: mov $V, %eax\nret\n.section .note.GNU-stack\n");
    p.write("libs/kinds/b.s", ".globl asm_s\nasm_s: mov $4, %eax\nret\n.section .note.GNU-stack\n");
    p.write(
        "libs/kinds/r.rs",
        "#![no_std]\n#[unsafe(no_mangle)]\npub extern \"C\" fn rust() -> i32 { 8 }\n".replace("unsafe(no_mangle)", "no_mangle").as_str(),
    );
    p.write("libs/kinds/m.m4", "int m4(void) { return VALUE; }\n");
    p.write("libs/kinds/made.awk", "{ n++ }\nEND { print \"#define MADE \" n }\n");
    p.write("libs/kinds/list.in", "a\nb\nc\n");
    p.write("libs/kinds/k.c.in", "int copied(void) { return 32; }\n");
    p.write("libs/kinds/x.h", "");
    p.write("libs/kinds/extra.lds.S", "#define PLACE .extra\nSECTIONS { PLACE : { BYTE(1) } }\nINSERT AFTER .data;\n");
    assert_eq!(p.run(), "all\n");
    p.write("libs/kinds/list.in", "a\nb\n");
    assert_eq!(p.run(), "", "the list changed, so the header, so main.c");
    let headers = std::process::Command::new("readelf").args(["-SW"]).arg(p.path("app/build/app_kvm-x86_64.dbg")).output().unwrap();
    assert!(String::from_utf8_lossy(&headers.stdout).contains(".extra"), "the extra linker script is used");
}

#[test]
fn trees_keep_their_folders() {
    let mut p = Project::with_main(
        "#include <host.h>\nint one(void), two(void);\nint main(void) { if (one() + two() == 3) put(\"tree\\n\"); return 0; }\n",
    );
    p.lib("tree", "$(eval $(call addlib_tree_s,libtree,y))\nLIBTREE_SRC = $(LIBTREE_BASE)/src\nLIBTREE_SRCS-y += $(LIBTREE_SRC)/a/f.c $(LIBTREE_SRC)/b/f.c\n");
    p.write("libs/tree/src/a/f.c", "int one(void) { return 1; }\n");
    p.write("libs/tree/src/b/f.c", "int two(void) { return 2; }\n");
    assert_eq!(p.run(), "tree\n");
    assert!(p.exists("app/build/libtree/a/f.o") && p.exists("app/build/libtree/b/f.o"));
    // Without it, two objects would have one name.
    p.write("libs/tree/Makefile.uk", &p.read("libs/tree/Makefile.uk").replace("addlib_tree_s,libtree,y", "addlib,libtree"));
    let why = p.build().unwrap_err().to_string();
    assert!(why.contains("would both become f.o") && why.contains("libs/tree/Makefile.uk"), "{why}");
}

#[test]
fn symbols_are_hidden_by_exportsyms_and_localsyms() {
    let mut p = Project::with_main(
        "#include <host.h>\nint one(void), two(void);\nint main(void) { if (one() + two() == 3) put(\"hidden\\n\"); return 0; }\n",
    );
    for (name, value, file) in [("one", 1, "exportsyms.uk"), ("two", 2, "localsyms.uk")] {
        p.lib(
            name,
            &format!(
                "$(eval $(call addlib,lib{name}))\nLIB{}_SRCS-y += $(LIB{}_BASE)/f.c $(LIB{}_BASE)/g.c\n",
                name.to_uppercase(),
                name.to_uppercase(),
                name.to_uppercase()
            ),
        );
        p.write(&format!("libs/{name}/f.c"), &format!("int shared(void);\nint {name}(void) {{ return shared(); }}\n"));
        p.write(&format!("libs/{name}/g.c"), &format!("int shared(void) {{ return {value}; }}\n"));
        p.write(&format!("libs/{name}/{file}"), if file == "exportsyms.uk" { "# what others may use\none\n" } else { "shared\n" });
    }
    assert_eq!(p.run(), "hidden\n");
    std::fs::remove_file(p.path("libs/two/localsyms.uk")).unwrap();
    std::fs::remove_file(p.path("libs/one/exportsyms.uk")).unwrap();
    let why = p.fails(&["build"]);
    assert!(why.contains("multiple definition of `shared'"), "{why}");
}

#[test]
fn objects_archives_and_rules_of_ports() {
    let mut p = Project::with_main(
        "#include <host.h>\n#include <gen.h>\nint pre(void), arch(void), glob(void), gen(void);\nint main(void) { if (pre() + arch() + glob() + gen() + GEN + PREPARED == 63) put(\"rules\\n\"); return 0; }\n",
    );
    p.write("app/Makefile.rules", "define twice\n$(1) $(1)\nendef\n");
    p.lib(
        "rules",
        "$(eval $(call addlib,librules))
CINCLUDES-y += -I$(LIBRULES_BUILD)
ifneq ($(words $(call twice,x)),2)
$(error Makefile.rules is not read first)
endif
ifneq ($(call uc,a-z)$(call lc,A-Z)$(call qstrip,\"q\"),A-Za-zq)
$(error text macros)
endif
$(LIBRULES_BUILD)/pre.o: $(LIBRULES_BASE)/pre.c
\t$(call build_cmd,HOSTCC,librules,$@,$(CC) -c -ffreestanding -fno-pic $< -o $@)
$(LIBRULES_BUILD)/%.a: $(LIBRULES_BASE)/%.c
\t$(CC) -c -fno-pic $< -o $@.o && $(AR) rc $@ $@.o
LIBRULES_OBJS-y += $(LIBRULES_BUILD)/pre.o
LIBRULES_ALIBS-y += $(LIBRULES_BUILD)/arch.a
UK_ALIBS-y += $(LIBRULES_BUILD)/glob.a
LIBRULES_LDEPS += $(LIBRULES_BUILD)/glob.a
LIBRULES_SRCS-y += $(LIBRULES_BASE)/use.c
# A source that a rule makes, and headers of UK_PREPARE and UK_PREPROCESS.
$(LIBRULES_BUILD)/gen.c: $(LIBRULES_BASE)/gen.txt
\t$(call verbose_cmd,GEN,gen.c,sed 's/N/8/g' $< > $@)
LIBRULES_SRCS-y += $(LIBRULES_BUILD)/gen.c
UK_PREPARE += prepared
prepared:
\techo run >> $(LIBRULES_BUILD)/prepared.log
\techo '#define PREPARED 32' > $(LIBRULES_BUILD)/prepared.h
UK_PREPROCESS-y += $(LIBRULES_BUILD)/gen.h
$(LIBRULES_BUILD)/gen.h: $(LIBRULES_BASE)/gen.txt
\techo '#include \"prepared.h\"' > $@; echo '#define GEN 16' >> $@
UK_IMAGES-y += $(UK_IMAGE).copy
$(UK_IMAGE).copy: $(UK_IMAGE)
\tcp $< $@
LIBRULES_CLEAN = $(LIBRULES_BUILD)/gen.h
",
    );
    p.write("libs/rules/pre.c", "int pre(void) { return 1; }\n");
    p.write("libs/rules/arch.c", "int arch(void) { return 2; }\n");
    p.write("libs/rules/glob.c", "int glob(void) { return 4; }\n");
    p.write("libs/rules/use.c", "int arch(void);\nint uses(void) { return arch(); }\n");
    p.write("libs/rules/gen.txt", "int gen(void) { return N; }\n");
    assert_eq!(p.run(), "rules\n");
    assert!(p.exists("app/build/app_kvm-x86_64.copy"));
    assert_eq!(p.counts(), (0, 0, 0));
    assert_eq!(p.read("app/build/librules/prepared.log"), "run\n", "a target that is no file runs when something changed");
    // What the rules depend on changes.
    p.write("libs/rules/gen.txt", "int gen(void) { return N + 0*N; }\n");
    assert_eq!((p.run().as_str(), p.exists("app/build/librules/gen.h")), ("rules\n", true));
    p.write("libs/rules/pre.c", "int pre(void) { return 2; }\n");
    assert_eq!(p.run(), "");
    Build::new(p.options()).unwrap().clean().unwrap();
    assert!(!p.exists("app/build/librules/gen.h") && !p.exists("app/build/librules/use.o") && p.exists("app/build/librules/prepared.h"));
}

#[test]
fn something_for_every_library() {
    let mut p = Project::with_main(
        "#include <host.h>\nconst char *id_apptest(void), *id_libeach(void);\nint main(void) { put(id_apptest()); put(id_libeach()); return 0; }\n",
    );
    p.lib("each", "$(eval $(call addlib,libeach))\nLIBEACH_ID = each\nEACHOLIB_SRCS-y += $(LIBEACH_BASE)/id.c|$(LIBEACH_ID)\nLIBSTART_EXPORTS += $(LIBEACH_BASE)/more.uk\n");
    p.write("libs/each/id.c", "#define S_(x) #x\n#define S(x) S_(x)\n#define J_(a, b) a##b\n#define J(a, b) J_(a, b)\nconst char *J(id_, __LIBNAME__)(void) { return S(__LIBNAME__) \"\\n\"; }\n");
    p.write("libs/each/more.uk", "id_libstart\n");
    assert_eq!(p.run(), "apptest\nlibeach\n");
    assert!(p.exists("app/build/libstart/id.each.o"));
}

#[test]
fn platforms_imports_link_flags_and_the_root_file_system() {
    let mut p = Project::with_main(MAIN);
    p.lib(
        "plat",
        "$(eval $(call addplat_s,kvm,$(CONFIG_PLAT_KVM)))
$(eval $(call addplat_s,xen,$(CONFIG_PLAT_XEN)))
$(eval $(call addplatlib_s,kvm,libkvmplat,$(CONFIG_PLAT_KVM)))
LIBKVMPLAT_SRCS-y += $(LIBKVMPLAT_BASE)/plat.c
ifneq ($(UK_PLATS) $(UK_PLAT_KVM_LIBS),kvm libkvmplat)
$(error $(UK_PLATS))
endif
$(eval $(call import_lib,$(IMPORT_BASE)/inner))
ifneq ($(notdir $(IMPORT_BASE)),plat)
$(error IMPORT_BASE is $(IMPORT_BASE))
endif
LDFLAGS-y += -Wl,--defsym=from_ldflags=1
EXTRALDFLAGS-y += -Wl,--defsym=from_extra=1
EXTRA_LD_SCRIPT-y += $(IMPORT_BASE)/extra.ld
LIBKVMPLAT_LDFLAGS-y += -Wl,--defsym=in_library=1
UK_ROOTFS := $(IMPORT_BASE)/root
",
    );
    p.write("libs/plat/inner/Makefile.uk", "$(eval $(call addlib,libinner))\nLIBINNER_SRCS-y += $(LIBINNER_BASE)/i.c\n");
    p.write("libs/plat/inner/i.c", "");
    p.write("libs/plat/plat.c", "int plat;\n");
    p.write("libs/plat/extra.ld", "SECTIONS { .more : { BYTE(7) } }\nINSERT AFTER .data;\n");
    p.write("libs/plat/root/etc/motd", "welcome");
    p.write("app/.config", "CONFIG_PLAT_KVM=y\n");
    let outcome = p.build().unwrap();
    let nm = std::process::Command::new("nm").arg(&outcome.debug).output().unwrap();
    let symbols = String::from_utf8(nm.stdout).unwrap();
    assert!(symbols.contains("from_ldflags") && symbols.contains("from_extra"), "{symbols}");
    let cpio = std::fs::read(outcome.rootfs.unwrap()).unwrap();
    let members: Vec<_> = cpio::entries(&cpio).map(|e| e.unwrap()).collect();
    assert_eq!(members.iter().map(|m| m.name).collect::<Vec<_>>(), [&b"etc"[..], b"etc/motd"]);
    assert_eq!(members[1].data, b"welcome");
    assert_eq!(p.counts(), (0, 0, 0));
    p.write("libs/plat/root/etc/motd", "welcome!");
    let outcome = p.build().unwrap();
    assert!(String::from_utf8_lossy(&std::fs::read(outcome.rootfs.unwrap()).unwrap()).contains("welcome!"));
}

#[test]
fn questions() {
    let p = Project::with_main(MAIN);
    let ask = |q| Build::new(p.options()).unwrap().print(q).unwrap();
    assert_eq!(ask(Query::Libs), "apptest\nlibstart\n");
    assert_eq!(ask(Query::Syscalls), "exit-1e\nwrite-3\n");
    assert!(ask(Query::Srcs).contains("apptest:\n   ") && ask(Query::Objs).contains("app/build/apptest/main.o"));
    assert!(ask(Query::Vars).contains("\nARCHFLAGS-y=-m64 -fno-pic -fno-pie\n"), "{}", ask(Query::Vars));
    assert_eq!(p.works(&["print-libs"]), "apptest\nlibstart\n");
}

#[test]
fn what_kconfig_sources() {
    let mut p = Project::with_main(MAIN);
    p.lib("a", "");
    p.lib("b", "");
    p.write("libs/b/Config.uk", "");
    p.write("app/Config.uk", "");
    let env = Build::new(p.options()).unwrap().kconfig_env().unwrap();
    assert_eq!(env["UK_APP"], p.path("app").display().to_string());
    let read = |f: &str| std::fs::read_to_string(format!("{}/{f}", env["KCONFIG_DIR"])).unwrap();
    assert!(
        read("libs.uk").ends_with(&format!("source \"{}\"\n", p.path("libs/b/Config.uk").display())) && !read("libs.uk").contains("libs/a")
    );
    assert!(read("app.uk").contains("app/Config.uk"));
}
