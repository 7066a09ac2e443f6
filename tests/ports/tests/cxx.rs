//! C++ ports: a program that tries the C++ library prints the same as on Linux.

use ports::{Image, build, run};
use std::process::Command;

fn same_as_on_linux() -> Result<(), String> {
    let native = oracle::target().join("ports/app-cxx-hello-linux");
    std::fs::create_dir_all(native.parent().ok_or("no target directory")?).map_err(|e| e.to_string())?;
    let source = oracle::repo().join("ports/app-cxx-hello/main.cpp");
    let built =
        Command::new("g++").args(["-std=c++17", "-O2", "-pthread", "-o"]).args([&native, &source]).status().map_err(|e| e.to_string())?;
    if !built.success() {
        return Err("g++ failed".to_string());
    }
    let libs = &["ports/musl", "ports/libstdcxx"];
    let config = &["CONFIG_LIBMUSL=y", "CONFIG_LIBSTDCXX=y"];
    let image = build(&Image { app: "ports/app-cxx-hello", libs, config, name: "cxx-hello" })?;
    for args in [&[][..], &["one", "two"], &["uncaught"]] {
        let linux = Command::new(&native).args(args).output().map_err(|e| e.to_string())?;
        let ours = run(&image, args)?;
        // A shell's way to say that SIGABRT ended it.
        let status = linux.status.code().unwrap_or(134);
        // What stdio had not written when abort(3) came is lost; how much that is, is the C library's affair.
        let same = linux.status.code().is_none() || ours.stdout.as_bytes() == linux.stdout;
        if !same || ours.status != Some(status) {
            return Err(format!("{args:?}: Linux has status {status} and\n{}\n{ours:?}", String::from_utf8_lossy(&linux.stdout)));
        }
        for line in String::from_utf8_lossy(&linux.stderr).lines() {
            if !ours.stderr.contains(line) {
                return Err(format!("{args:?}: {line:?} is missing: {}", ours.stderr));
            }
        }
    }
    Ok(())
}

fn main() {
    ports::main(1, || Ok(vec![libtest_mimic::Trial::test("c++ as on Linux", || Ok(same_as_on_linux()?))]));
}
