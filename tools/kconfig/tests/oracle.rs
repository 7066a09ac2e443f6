//! Random trees and configurations through this crate and through Linux's own `conf`: the files must be the same, byte for byte.

mod common;

use kconfig::{Config, Kconfig};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// How many trees; `KCONFIG_TREES` and `KCONFIG_FIRST` for long runs and to look at one.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn linux(conf: &Path, dir: &Path, args: &[&str]) -> (bool, String) {
    let out = Command::new(conf).args(args).arg("Kconfig").current_dir(dir).stdin(Stdio::null()).output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

/// The "unmet direct dependencies" blocks, each once.
fn unmet(text: &str) -> Vec<String> {
    let mut names: Vec<String> =
        text.lines().filter_map(|l| l.strip_prefix("WARNING: unmet direct dependencies detected for ")).map(str::to_string).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn same_files_as_linux() {
    let Some(conf) = common::linux_conf() else { return };
    let scratch = common::Scratch::new("oracle");
    let dir = &scratch.0;
    let (first, count) = (number("KCONFIG_FIRST", 1), number("KCONFIG_TREES", 150));
    let (mut circles, mut stale, mut bad) = (0, 0, 0);
    for seed in first..first + count {
        let mut tree = common::tree(seed, usize::try_from(number("KCONFIG_SIZE", 30)).unwrap());
        let path = scratch.file("Kconfig", &tree.text);
        let input = tree.dotconfig();
        scratch.file(".config", &input);
        let loaded = Kconfig::load(&path, &BTreeMap::new());
        let (fine, errors) = linux(&conf, dir, &["--olddefconfig"]);
        if !fine && errors.contains("recursive dependency") {
            circles += 1;
            // Linux calls it a circle when a choice's value selects another one; there it has no effect.
            if loaded.is_ok() && !tree.text.contains("choice") {
                panic!("seed {seed}: Linux finds a circle, we do not\n{errors}\n{}", tree.text);
            }
            continue;
        }
        assert!(fine, "seed {seed}: the generator makes wrong trees: {errors}\n{}", tree.text);
        let k = match loaded {
            Ok(k) => k,
            Err(e) => panic!("seed {seed}: {e}\n{}", tree.text),
        };
        let mut config = Config::new(&k).with_empty_numbers();
        std::fs::write(dir.join("in"), &input).unwrap();
        config.read(&dir.join("in")).unwrap();
        config.olddefconfig();
        let theirs = std::fs::read_to_string(dir.join(".config")).unwrap();
        let ours = config.to_dotconfig();
        let messages: String = config.warnings().iter().map(|w| format!("{w}\n")).collect();
        if ours != theirs && messages.contains("out of range") {
            // When Linux drops a number out of range, what depends on it keeps the value from before in that run.
            stale += 1;
            continue;
        }
        if ours != theirs {
            bad += 1;
            report(seed, &tree.text, &input, &theirs, &ours);
        }
        if unmet(&messages) != unmet(&errors) {
            bad += 1;
            eprintln!("seed {seed}: unmet dependencies differ\n{}\n-- input\n{input}\n-- Linux\n{errors}\n-- ours\n{messages}", tree.text);
        }
        let (fine, errors) = linux(&conf, dir, &["--savedefconfig=def"]);
        assert!(fine, "{errors}");
        let theirs = std::fs::read_to_string(dir.join("def")).unwrap();
        let mut again = Config::new(&k).with_empty_numbers();
        again.read(&dir.join(".config")).unwrap();
        let ours = again.to_defconfig();
        if ours != theirs {
            bad += 1;
            eprintln!("savedefconfig:");
            report(seed, &tree.text, &input, &theirs, &ours);
        }
        assert!(bad < 12, "{bad} differences");
    }
    eprintln!("{count} trees, {circles} with circles");
    assert!(stale * 50 <= count, "{stale} stale");
    assert!(circles * 3 < count, "too many circles to mean anything");
    assert_eq!(bad, 0);
}

fn report(seed: u64, tree: &str, input: &str, theirs: &str, ours: &str) {
    eprintln!("seed {seed}:\n{tree}\n-- input\n{input}\n-- Linux (-), ours (+)");
    let (a, b): (Vec<_>, Vec<_>) = (theirs.lines().collect(), ours.lines().collect());
    for line in a.iter().filter(|l| !b.contains(l)) {
        eprintln!("- {line}");
    }
    for line in b.iter().filter(|l| !a.contains(l)) {
        eprintln!("+ {line}");
    }
}
