//! The macros and lists that few ports use: platforms' Linker.uk, device trees, flags by language, what is added to every library, hooks of phases.
#![forbid(unsafe_code)]

mod common;
use common::Project;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use ukbuild::{Build, Query};

const MAIN: &str = "#include <host.h>\nint main(void) { put(\"hello\\n\"); return 0; }\n";

#[test]
fn a_platforms_linker_file_is_read_last() {
    let mut p = Project::with_main(MAIN);
    p.lib(
        "plat",
        "$(eval $(call addplat_s,kvm,$(CONFIG_PLAT_KVM)))\n$(eval $(call addplat_s,xen,$(CONFIG_PLAT_XEN)))\n$(eval $(call addplatlib,kvm,libkvmplat))\nLIBKVMPLAT_SRCS-y += $(LIBKVMPLAT_BASE)/plat.c\n",
    );
    p.write("libs/plat/plat.c", "int plat;\n");
    // All libraries are known to it, even those that come later in the list; it may add to the link and work on the image.
    p.write(
        "libs/plat/Linker.uk",
        "ifeq ($(filter liblater,$(UK_LIBS)),)\n$(error $(UK_LIBS))\nendif\nLDFLAGS-y += -Wl,--defsym=from_linker=1\nUK_IMAGES-y += $(UK_IMAGE).bin\n$(UK_IMAGE).bin: $(UK_IMAGE)\n\t$(call build_cmd,BIN,,$@,cp $< $@)\nifneq ($(notdir $(IMPORT_BASE)),plat)\n$(error $(IMPORT_BASE))\nendif\n",
    );
    p.lib("later", "$(eval $(call addlib,liblater))\nLIBLATER_SRCS-y += $(LIBLATER_BASE)/l.c\n");
    p.write("libs/later/l.c", "int later;\n");
    p.write("app/.config", "CONFIG_PLAT_KVM=y\n");
    assert_eq!(p.run(), "hello\n");
    let nm = Command::new("nm").arg(p.path("app/build/app_kvm-x86_64.dbg")).output().unwrap();
    assert!(String::from_utf8_lossy(&nm.stdout).contains("from_linker"));
    assert!(p.exists("app/build/app_kvm-x86_64.bin"));
    assert_eq!(p.counts(), (0, 0, 0));
    // It is a make file like the others: a change counts.
    p.write("libs/plat/Linker.uk", "");
    p.run();
    let nm = Command::new("nm").arg(p.path("app/build/app_kvm-x86_64.dbg")).output().unwrap();
    assert!(!String::from_utf8_lossy(&nm.stdout).contains("from_linker"));
}

#[test]
fn device_trees() {
    let mut p = Project::with_main(
        "#include <host.h>\nextern const char tree[];\nint main(void) { if (tree[0] == 'D' && tree[1] == 'T') put(tree); return 0; }\n",
    );
    p.lib(
        "dt",
        "$(eval $(call addlib,libdt))\nLIBDT_DTCFLAGS-y += -q\nLIBDT_BOARD_INCLUDES-y += -I$(LIBDT_BASE)/include\nLIBDT_SRCS-y += $(LIBDT_BASE)/board.dts $(LIBDT_BASE)/blob.S\nLIBDT_ASFLAGS-y += -DBLOB='\"$(LIBDT_BUILD)/board.dtb\"'\nLIBDT_BLOB_CDEPS = $(LIBDT_BUILD)/board.dtb\n",
    );
    p.write("libs/dt/board.dts", "#include <model.h>\nMODEL\n");
    p.write("libs/dt/include/model.h", "#define MODEL one\n");
    p.write("libs/dt/blob.S", ".section .rodata\n.globl tree\ntree: .incbin BLOB\n.byte 0\n.section .note.GNU-stack\n");
    // In place of dtc: a mark and what came in.
    p.write(
        "bin/dtc",
        "#!/bin/sh\n[ \"$1\" = -q ] || exit 7\nwhile [ $# -gt 1 ]; do shift; done\n{ printf DT:; grep -v '^#' | grep .; } > \"$1\"\n",
    );
    fs::set_permissions(p.path("bin/dtc"), PermissionsExt::from_mode(0o755)).unwrap();
    let dtc = format!("DTC={}", p.path("bin/dtc").display());
    let run = |p: &Project| {
        p.works(&[&dtc, "build"]);
        String::from_utf8(Command::new(p.path("app/build/app_kvm-x86_64")).output().unwrap().stdout).unwrap()
    };
    assert_eq!(run(&p), "DT:one\n");
    p.write("libs/dt/include/model.h", "#define MODEL another\n");
    assert_eq!(run(&p), "DT:another\n", "what it includes counts");
    if Command::new("dtc").arg("--version").output().is_err() {
        let why = p.fails(&["build"]);
        assert!(why.contains("dtc is missing: a source is a device tree"), "{why}");
    }
}

#[test]
fn flags_and_includes_by_language() {
    let mut p = Project::with_main(
        "#include <host.h>\nint a(void), b(void), c(void);\nint main(void) { if (a() + b() + c() == 7) put(\"flags\\n\"); return 0; }\n",
    );
    p.lib(
        "lang",
        "$(eval $(call addlib,liblang))
ASFLAGS-y += -DALL_AS
CXXFLAGS-y += -DALL_CXX
ASINCLUDES-y += -I$(LIBLANG_BASE)/as_all
CXXINCLUDES-y += -I$(LIBLANG_BASE)/cxx_all
LIBLANG_ASFLAGS-y += -DVALUE=1
LIBLANG_CXXFLAGS-y += -DVALUE=2
LIBLANG_CFLAGS-y += -DVALUE=4
LIBLANG_ASINCLUDES-y += -I$(LIBLANG_BASE)/as_own
LIBLANG_CXXINCLUDES-y += -I$(LIBLANG_BASE)/cxx_own
LIBLANG_A_ASFLAGS-y += -DONLY_A
LIBLANG_SRCS-y += $(LIBLANG_BASE)/a.S $(LIBLANG_BASE)/b.cc $(LIBLANG_BASE)/c.c
$(eval $(call addlib_paramprefix,liblang,lg))
$(eval $(call ukarch_tls_tcb_reserve,64))
$(eval $(call uknetdev_scratch_mem,128))
",
    );
    for header in ["as_all/as_all.h", "as_own/as_own.h", "cxx_all/cxx_all.h", "cxx_own/cxx_own.h"] {
        p.write(&format!("libs/lang/{header}"), "");
    }
    p.write(
        "libs/lang/a.S",
        "#include <as_all.h>\n#include <as_own.h>\n#if !defined(ALL_AS) || !defined(ONLY_A)\n#error flags\n#endif\n.globl a\na: mov $VALUE, %eax\nret\n.section .note.GNU-stack\n",
    );
    p.write(
        "libs/lang/b.cc",
        "#include <cxx_all.h>\n#include <cxx_own.h>\n#ifndef ALL_CXX\n#error flags\n#endif\nextern \"C\" int b() { return VALUE; }\n",
    );
    p.write("libs/lang/c.c", "#if defined(ALL_AS) || defined(ALL_CXX) || __has_include(<as_own.h>)\n#error of others\n#endif\n#define lg 4\nint c(void) { return VALUE + UK_LIBPARAM_PREFIX - 4; }\n");
    assert_eq!(p.run(), "flags\n");
    let vars = Build::new(p.options()).unwrap().print(Query::Vars).unwrap();
    assert!(vars.contains("LIBLANG_COMPFLAGS-y=-DUK_LIBPARAM_PREFIX=lg\n"), "{vars}");
    assert!(vars.contains("UK_TLS_TCB_RESERVE=64\n") && vars.contains("UK_NETDEV_SCRATCH=128\n"), "{vars}");
}

#[test]
fn what_is_added_to_every_library_and_to_the_image() {
    let mut p = Project::with_main(
        "#include <host.h>\nint given(void), each_apptest(void);\nint main(void) { if (given() + each_apptest() == 3) put(\"added\\n\"); return 0; }\n",
    );
    p.lib(
        "add",
        "$(eval $(call addlib,libadd))
$(LIBADD_BUILD)/%.pre.o: $(LIBADD_BASE)/%.c
\t$(CC) -c -ffreestanding -fno-pic $< -o $@
UK_OLIBS-y += $(LIBADD_BUILD)/given.pre.o
UK_LDEPS-y += $(LIBADD_BUILD)/given.pre.o
LIBADD_SRCS-y += $(LIBADD_BASE)/add.c
LIBADD_OBJCFLAGS-y += --redefine-sym first=second
EACHOLIB_SRCS-y += $(LIBADD_BASE)/each.c
EACHOLIB_LOCALS-y += $(LIBADD_BASE)/hidden.uk
UK_FETCH-y += $(LIBADD_BUILD)/fetched.txt
$(LIBADD_BUILD)/fetched.txt:
\techo fetched > $@
",
    );
    p.write("libs/add/given.c", "int given(void) { return 1; }\n");
    p.write("libs/add/add.c", "int first;\n");
    p.write("libs/add/each.c", "#define J_(a, b) a##b\n#define J(a, b) J_(a, b)\nint private_name(void) { return 2; }\nint J(each_, __LIBNAME__)(void) { return private_name(); }\n");
    p.write("libs/add/hidden.uk", "# in every library\nprivate_name\n");
    p.works(&["fetch"]);
    assert!(p.exists("app/build/libadd/fetched.txt") && !p.exists("app/build/libadd/add.o"));
    assert_eq!(p.run(), "added\n");
    let nm = Command::new("nm").arg(p.path("app/build/libadd.o")).output().unwrap();
    let symbols = String::from_utf8(nm.stdout).unwrap();
    assert!(symbols.contains(" second") && !symbols.contains(" first") && symbols.contains(" t private_name"), "{symbols}");
}

#[test]
fn imports_and_trees_by_condition() {
    let mut p = Project::with_main(MAIN);
    p.lib("outer", "$(eval $(call import_lib_s,$(IMPORT_BASE)/yes,y))\n$(eval $(call import_lib_s,$(IMPORT_BASE)/no,$(CONFIG_NO)))\n");
    p.write("libs/outer/yes/Makefile.uk", "$(eval $(call addlib_tree,libyes))\nLIBYES_SRCS-y += $(LIBYES_BASE)/d/y.c\n");
    p.write("libs/outer/yes/d/y.c", "int y;\n");
    p.write("libs/outer/no/Makefile.uk", "$(error must not be read)\n");
    assert_eq!(p.run(), "hello\n");
    assert!(p.exists("app/build/libyes/d/y.o"));
}

#[test]
fn provided_system_calls_are_listed_once() {
    let mut p = Project::with_main(MAIN);
    p.lib("calls", "$(eval $(call addlib,libcalls))\nLIBCALLS_SRCS-y += $(LIBCALLS_BASE)/c.c\nUK_PROVIDED_SYSCALLS-y += read-3 write-3\nUK_PROVIDED_SYSCALLS-$(CONFIG_CLONE) += clone-5e\n");
    p.write("libs/calls/c.c", "int c;\n");
    p.write("app/.config", "CONFIG_CLONE=y\n");
    assert_eq!(p.works(&["print-syscalls"]), "clone-5e\nexit-1e\nread-3\nwrite-3\n");
}

#[test]
fn a_root_file_system_that_is_an_archive_already() {
    let mut p = Project::with_main(MAIN);
    p.lib("root", "UK_ROOTFS := $(IMPORT_BASE)/root.cpio\n");
    p.write("libs/root/root.cpio", "as it is");
    let outcome = p.build().unwrap();
    assert_eq!(fs::read_to_string(outcome.rootfs.unwrap()).unwrap(), "as it is");
    p.write("libs/root/Makefile.uk", "UK_ROOTFS := $(IMPORT_BASE)/nowhere\n");
    let why = p.fails(&["build"]);
    assert!(why.contains("nowhere"), "{why}");
}
