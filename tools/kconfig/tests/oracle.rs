//! Random trees and configurations through this crate and through Linux's own `conf`: the files must be the same, byte for byte.

mod common;

use kconfig::{Ask, Config, Kconfig, Mode};
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
    let (mut circles, mut only_ours, mut stale, mut bad) = (0, 0, 0, 0);
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
            // Linux folds conditions that contradict themselves, and does not look into the later parts of a named choice: a few circles escape it.
            Err(e) if e.message.contains("recursive dependency") => {
                only_ours += 1;
                continue;
            }
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
    assert!(only_ours * 300 <= count, "{only_ours} circles that Linux does not see");
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

/// Runs Linux's `--oldaskconfig` or `--oldconfig` with these answers: what it prints, and the `.config`. `None` when the answers do not suffice.
fn linux_asks(conf: &Path, dir: &Path, verb: &str, answers: &str) -> Option<(String, String)> {
    use std::io::Write;
    let mut child = Command::new(conf)
        .args([verb, "Kconfig"])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = answers.to_string();
    let writer = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let reader = |mut from: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = vec![0; 1 << 20];
            let mut filled = 0;
            while let Ok(n) = from.read(&mut bytes[filled..]) {
                if n == 0 {
                    break;
                }
                filled += n;
            }
            String::from_utf8_lossy(&bytes[..filled]).into_owned()
        })
    };
    let out = reader(Box::new(child.stdout.take().unwrap()));
    let err = reader(Box::new(child.stderr.take().unwrap()));
    writer.join().unwrap();
    // Without a value that it can take, it asks for ever: then it is stopped.
    let mut waited = 0;
    while child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
        waited += 1;
        if waited > 60 {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
    }
    let (out, err) = (out.join().unwrap(), err.join().unwrap());
    if err.contains("end of file") || !child.wait().unwrap().success() {
        return None;
    }
    Some((out, std::fs::read_to_string(dir.join(".config")).ok()?))
}

/// What was asked, without indentation (how deep a question is indented hangs on how far Linux simplifies conditions) and notes of the parser.
fn questions(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#') && !l.starts_with("boolean symbol"));
    lines.map(str::to_string).collect()
}

#[test]
fn same_questions_as_linux() {
    let Some(conf) = common::linux_conf() else { return };
    let scratch = common::Scratch::new("ask");
    let (first, count) = (number("KCONFIG_FIRST", 1), number("KCONFIG_ASKS", 25));
    let mut compared = 0;
    for seed in first..first + count {
        let mut tree = common::tree(seed, 20);
        let path = scratch.file("Kconfig", &tree.text);
        let Ok(k) = Kconfig::load(&path, &BTreeMap::new()) else { continue };
        let mut rng = common::Rng(seed + 77);
        let input = tree.dotconfig();
        for (verb, varied) in [("--oldaskconfig", false), ("--oldaskconfig", true), ("--oldconfig", false), ("--oldconfig", true)] {
            let mut config = Config::new(&k).with_empty_numbers();
            let dot = scratch.0.join(".config");
            let _ = std::fs::remove_file(&dot);
            let mode = if verb == "--oldconfig" { Ask::New } else { Ask::All };
            if mode == Ask::New {
                scratch.file(".config", &input);
                config.read(&dot).unwrap();
                if config.warnings().iter().any(|w| w.message.contains("out of range")) {
                    continue;
                }
            }
            let mut answers = String::new();
            for _ in 0..300 {
                answers.push_str(if varied { rng.pick(&["", "", "y", "n", "m", "1", "2", "0x9"]) } else { "" });
                answers.push('\n');
            }
            let Some((asked, file)) = linux_asks(&conf, &scratch.0, verb, &answers) else { continue };
            let mut out = Vec::new();
            kconfig::ask(&mut config, mode, true, &mut answers.as_bytes(), &mut out).unwrap();
            let ours = String::from_utf8_lossy(&out).into_owned();
            assert_eq!(
                config.to_dotconfig(),
                file,
                "seed {seed} {verb}:\n{}\n-- input\n{input}\n-- Linux\n{asked}\n-- ours\n{ours}",
                tree.text
            );
            if !varied {
                assert_eq!(questions(&ours), questions(&asked), "seed {seed} {verb}:\n{}\n-- input\n{input}", tree.text);
            }
            compared += 1;
        }
    }
    assert!(compared > count, "only {compared} compared");
}

#[test]
fn whole_configurations_as_linux() {
    let Some(conf) = common::linux_conf() else { return };
    let scratch = common::Scratch::new("all");
    let (first, count) = (number("KCONFIG_FIRST", 1), number("KCONFIG_ALLS", 40));
    for seed in first..first + count {
        let tree = common::tree(seed, 25);
        let path = scratch.file("Kconfig", &tree.text);
        let Ok(k) = Kconfig::load(&path, &BTreeMap::new()) else { continue };
        for (verb, mode) in [("--allyesconfig", Mode::AllYes), ("--allmodconfig", Mode::AllMod), ("--allnoconfig", Mode::AllNo)] {
            let (fine, _) = linux(&conf, &scratch.0, &[verb]);
            if !fine {
                continue;
            }
            let theirs = std::fs::read_to_string(scratch.0.join(".config")).unwrap();
            let mut config = Config::new(&k).with_empty_numbers();
            config.fill(mode);
            let ours = config.to_dotconfig();
            if ours != theirs {
                report(seed, &tree.text, verb, &theirs, &ours);
            }
            assert!(ours == theirs, "seed {seed} {verb}");
        }
    }
}
