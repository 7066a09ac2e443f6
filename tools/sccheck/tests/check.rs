//! Looks at this test program and its libraries: what it does here and now must be among what it can do.

use std::path::PathBuf;

use sccheck::{Input, Role, check, name_of, supported};

/// This program and the libraries it has mapped.
fn own() -> Vec<Input> {
    let me = std::env::current_exe().unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut paths = vec![me];
    for line in maps.lines() {
        if let Some(at) = line.find('/') {
            let path = PathBuf::from(&line[at..]);
            if line[at..].contains(".so") && !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    let role = |(i, path): (usize, PathBuf)| Input {
        role: if i == 0 || path.to_string_lossy().contains("/ld-") { Role::Whole } else { Role::Library },
        path,
    };
    paths.into_iter().enumerate().map(role).collect()
}

#[test]
fn finds_what_this_program_does() {
    let inputs = own();
    let report = check(&inputs, &[(0, "read"), (1, "write")]).unwrap();
    let numbers: Vec<u32> = report.calls.iter().map(|c| c.number).collect();
    // read, write, mmap, exit_group, futex, clone3, openat: the standard library and the C library use them.
    for n in [0, 1, 9, 231, 202, 435, 257] {
        assert!(numbers.contains(&n), "{n}: {numbers:?}");
    }
    assert!(numbers.len() < 200 && report.sites > numbers.len());
    assert!(report.calls.iter().filter(|c| c.supported).all(|c| c.number < 2));
    assert!(report.missing().any(|c| c.name == "mmap" && !c.places.is_empty()));
    // Nobody here shuts machines down or loads modules.
    assert!(!numbers.contains(&169) && !numbers.contains(&175), "{numbers:?}");
}

#[test]
fn the_kernels_table_is_read() {
    assert!(supported().contains(&(1, "write")));
    for (number, name) in supported() {
        assert_eq!(name_of(*number), Some(*name));
    }
}

#[test]
fn garbage() {
    let path = std::env::temp_dir().join(format!("unox-sccheck-{}", std::process::id()));
    let me = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let one = || check(&[Input { path: path.clone(), role: Role::Whole }], &[]);
    for bytes in [&b""[..], b"text", b"\x7fELF", &me[..64], &me[..5000]] {
        std::fs::write(&path, bytes).unwrap();
        let _ = one();
    }
    let mut seed = 99u64;
    for _ in 0..20 {
        let mut bad = me[..me.len().min(200_000)].to_vec();
        for _ in 0..20 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = 16 + (seed >> 40) as usize % 2000;
            bad[at] = (seed >> 20) as u8;
        }
        std::fs::write(&path, &bad).unwrap();
        let _ = one();
    }
    std::fs::remove_file(&path).unwrap();
    assert!(one().is_err());
}
