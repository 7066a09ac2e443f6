//! Every header of glue/include compiles alone, in C11 and in C++17, with all warnings.

use std::path::{Path, PathBuf};
use std::process::Command;

fn headers(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            headers(&path, found);
        } else if path.extension().is_some_and(|e| e == "h") {
            found.push(path);
        }
    }
}

#[test]
fn each_compiles_alone_in_both_languages() {
    let include = oracle::repo().join("glue/include");
    let work = tempfile::tempdir().unwrap();
    std::fs::create_dir(work.path().join("uk")).unwrap();
    let mut all = Vec::new();
    headers(&include, &mut all);
    assert!(all.len() > 30, "{} headers", all.len());
    // With everything on, and with nothing.
    for config in ["#define CONFIG_LIBUKDEBUG_ENABLE_ASSERT 1\n#define CONFIG_LIBUKDEBUG_PRINTK_DEBUG 1\n", "\n"] {
        std::fs::write(work.path().join("uk/config.h"), config).unwrap();
        for (compiler, name, standard) in [("gcc", "all.c", "-std=c11"), ("g++", "all.cc", "-std=c++17")] {
            let source = work.path().join(name);
            for header in &all {
                let shown = header.strip_prefix(&include).unwrap().display().to_string();
                std::fs::write(&source, format!("#include <{shown}>\n#include <{shown}>\ntypedef int nothing;\n")).unwrap();
                let out = Command::new(compiler)
                    .args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I"])
                    .args([&include, Path::new("-I"), work.path(), &source])
                    .output()
                    .unwrap();
                assert!(out.status.success(), "{shown} ({compiler}):\n{}", String::from_utf8_lossy(&out.stderr));
            }
        }
    }
}
