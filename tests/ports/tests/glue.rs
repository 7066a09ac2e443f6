//! The micro-libraries of glue/lib and the crate of glue/uk, from applications that use them.

use ports::{Image, build, run};
use std::process::Command;

/// The application of tests/ports/uk with an allocator.
fn glue(name: &str, allocator: &[&str]) -> Result<(), String> {
    let common = ["CONFIG_LIBMUSL=y", "CONFIG_LIBUKLIBPARAM=y", "CONFIG_LIBUKMBOX=y", "CONFIG_LIBUKALLOCREGION=y"];
    let config = [&common, allocator].concat();
    let image = build(&Image { app: "tests/ports/uk", libs: &["ports/musl"], config: &config, name })?;
    let all = run(&image, &[])?;
    expect(&all.stdout, "all hold\n", &all)?;
    for said in
        ["Warn: [appuk] <messages.c @ 35> once\n", "dbg: [appuk] <messages.c @ 39> shown 1\n", "appuk.none: there is no such parameter\n"]
    {
        if all.stderr.matches(said).count() != 1 || all.stderr.contains("not shown") {
            return Err(format!("{said:?} is not said once:\n{}", all.stderr));
        }
    }
    let stress = run(&image, &["stress", "20000"])?;
    expect(&stress.stdout, "sound\n", &stress)
}

/// How programs end that find themselves wrong.
fn endings() -> Result<(), String> {
    let config = ["CONFIG_LIBMUSL=y", "CONFIG_LIBUKLIBPARAM=y", "CONFIG_LIBUKMBOX=y", "CONFIG_LIBUKALLOCREGION=y"];
    let image = build(&Image { app: "tests/ports/uk", libs: &["ports/musl"], config: &config, name: "uk-libc" })?;
    for (word, status, said) in [
        ("assert", 134, "Assertion failure: argc == 1 (main.c, line"),
        ("bug", 134, "BUG: argc > 1"),
        ("crash", 134, ""),
        ("halt", 0, ""),
        ("params", 0, ""),
    ] {
        let out = run(&image, &[word])?;
        if out.status != Some(status) || !out.stderr.contains(said) {
            return Err(format!("{word}: {out:?}"));
        }
    }
    Ok(())
}

fn rust() -> Result<(), String> {
    let image = build(&Image { app: "ports/app-rust-hello", libs: &["ports/musl"], config: &["CONFIG_LIBMUSL=y"], name: "rust-hello" })?;
    let out = run(&image, &["b", "a"])?;
    let said = "constructor\nlib initcall, 3 argument(s)\nlate initcall\nHello from Rust, 2 word(s)\na: 1\nb: 1\n28571 squares leave 1 when divided by 7\nterminator\n";
    expect(&out.stdout, said, &out)?;
    if out.status != Some(3) || !out.stderr.contains("Warn: [rust-hello]") || out.stderr.contains("shown when") {
        return Err(format!("{out:?}"));
    }
    let panic = run(&image, &["panic"])?;
    if panic.status != Some(134) || !panic.stderr.contains("asked to panic") { Err(format!("{panic:?}")) } else { Ok(()) }
}

/// A program with std prints the same as on Linux.
fn rust_std() -> Result<(), String> {
    let manifest = oracle::repo().join("ports/app-rust-std/Cargo.toml");
    let native = oracle::target().join("ports/rust-std-linux");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--release", "--manifest-path"]).arg(manifest).arg("--target-dir").arg(&native);
    if !cargo.status().map_err(|e| e.to_string())?.success() {
        return Err("cargo failed".to_string());
    }
    let image = build(&Image { app: "ports/app-rust-std", libs: &["ports/musl"], config: &["CONFIG_LIBMUSL=y"], name: "rust-std" })?;
    for args in [&[][..], &["one", "two words"], &["panic"]] {
        let linux = Command::new(native.join("release/rust-std")).args(args).output().map_err(|e| e.to_string())?;
        let ours = run(&image, args)?;
        if ours.stdout.as_bytes() != linux.stdout || ours.status != linux.status.code() {
            return Err(format!("{args:?}: Linux has {linux:?}, unox {ours:?}"));
        }
    }
    Ok(())
}

fn expect(got: &str, want: &str, all: &ports::Outcome) -> Result<(), String> {
    if got == want { Ok(()) } else { Err(format!("{want:?} was expected: {all:?}")) }
}

fn main() {
    let replaced = |kind: &'static str| vec![kind, "CONFIG_LIBUKALLOC_MALLOC=y"];
    let trials = [
        libtest_mimic::Trial::test("glue with the C library's malloc", || Ok(glue("uk-libc", &[])?)),
        libtest_mimic::Trial::test("glue with the buddy allocator", move || {
            Ok(glue("uk-bbuddy", &replaced("CONFIG_LIBUKALLOC_DEFAULT_BBUDDY=y"))?)
        }),
        libtest_mimic::Trial::test("glue with the region allocator", move || {
            Ok(glue("uk-region", &replaced("CONFIG_LIBUKALLOC_DEFAULT_REGION=y"))?)
        }),
        libtest_mimic::Trial::test("endings", || Ok(endings()?)),
        libtest_mimic::Trial::test("rust without std", || Ok(rust()?)),
        libtest_mimic::Trial::test("rust with std as on Linux", || Ok(rust_std()?)),
    ];
    ports::main(1, || Ok(trials.into()));
}
