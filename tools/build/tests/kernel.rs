//! The kernel by cargo: built when its sources changed, its private symbols hidden, its features from the configuration.
#![forbid(unsafe_code)]

mod common;
use common::{Project, copy};
use std::fs;
use std::process::Command;
use ukbuild::{Build, BuildOptions, Outcome, Result};

/// A core that is a cargo workspace with one crate, which prints what its feature says.
fn project() -> Project {
    let p = Project::with_main(
        "#include <host.h>\nvoid uk_hello(void (*)(const char *));\nvoid rust_eh_personality(void) {}\nint main(void) { uk_hello(put); return 0; }\n",
    );
    copy(&common::core(), &p.path("core"));
    let makefile = p.read("core/image/Makefile.uk");
    p.write(
        "core/image/Makefile.uk",
        &(makefile + "UK_CARGO_PACKAGE := fake-kernel\nUK_CARGO_PROFILE := dev\nUK_CARGO_FEATURES-$(CONFIG_LOUD) += loud\nUK_KERNEL_EXPORTS := $(UK_BASE)/exports.uk\n"),
    );
    p.write("core/exports.uk", "# the interface\nuk_*\n");
    p.write("core/Cargo.toml", "[workspace]\nmembers = [\"kernel\"]\nresolver = \"3\"\n[profile.dev]\npanic = \"abort\"\n");
    p.write("core/kernel/Cargo.toml", "[package]\nname = \"fake-kernel\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"staticlib\"]\n[features]\nloud = []\n");
    p.write(
        "core/kernel/src/lib.rs",
        "#![no_std]\nmod text;\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n#[unsafe(no_mangle)]\npub extern \"C\" fn uk_hello(put: extern \"C\" fn(*const u8)) { private(put) }\n#[unsafe(no_mangle)]\npub extern \"C\" fn private(put: extern \"C\" fn(*const u8)) { put(text::TEXT.as_ptr()) }\n",
    );
    p.write(
        "core/kernel/src/text.rs",
        "pub static TEXT: &[u8] = if cfg!(feature = \"loud\") { b\"KERNEL\\n\\0\" } else { b\"kernel\\n\\0\" };\n",
    );
    p
}

fn build(p: &Project) -> Result<Outcome> {
    let mut options: BuildOptions = p.options();
    options.base = p.path("core");
    Build::new(options)?.build()
}

fn run(p: &Project) -> String {
    let image = build(p).unwrap_or_else(|e| panic!("{e}")).image;
    String::from_utf8(Command::new(image).output().unwrap().stdout).unwrap()
}

#[test]
fn the_kernel_is_linked_and_rebuilt_when_it_changed() {
    let p = project();
    assert_eq!(run(&p), "kernel\n");
    let nm = Command::new("nm").arg(p.path("app/build/kernel.o")).output().unwrap();
    let symbols = String::from_utf8(nm.stdout).unwrap();
    assert!(symbols.contains(" T uk_hello") && symbols.contains(" t private"), "{symbols}");
    assert_eq!(build(&p).unwrap().commands, 0, "cargo is not even asked");
    p.write("core/kernel/src/text.rs", &p.read("core/kernel/src/text.rs").replace("b\"kernel", "b\"changed"));
    assert_eq!(run(&p), "changed\n");
    // The configuration chooses features; each project keeps its own kernel though they share cargo's directory.
    p.write("app/.config", "CONFIG_LOUD=y\n");
    assert_eq!(run(&p), "KERNEL\n");
    p.write("app/.config", "");
    assert_eq!(run(&p), "changed\n");
    assert_eq!(build(&p).unwrap().commands, 0);
    // Another project takes the kernel from the cache.
    fs::remove_dir_all(p.path("app/build")).unwrap();
    let again = build(&p).unwrap();
    assert_eq!((again.compiled, again.commands), (0, 2), "the image's link and strip");
    p.write("core/kernel/src/text.rs", "oops\n");
    let why = build(&p).unwrap_err().to_string();
    assert!(why.contains("the kernel could not be built") && why.contains("cargo"), "{why}");
}

#[test]
fn scripts_that_insert_work_with_rusts_linker() {
    let mut p = project();
    p.lib("extra", "$(eval $(call addlib,libextra))\nLIBEXTRA_SRCS-y += $(LIBEXTRA_BASE)/more.ld $(LIBEXTRA_BASE)/x.c\n");
    p.write("libs/extra/more.ld", "SECTIONS { .more : { BYTE(7) } }\nINSERT AFTER .rodata;\n");
    p.write("libs/extra/x.c", "int x = 1;\n");
    assert_eq!(run(&p), "kernel\n");
    let sections = Command::new("readelf").args(["-SW"]).arg(p.path("app/build/app_kvm-x86_64.dbg")).output().unwrap();
    assert!(String::from_utf8_lossy(&sections.stdout).contains(".more"));
}
