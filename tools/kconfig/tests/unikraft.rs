//! Trees of the shape of Unikraft's: a root Config.uk, one file per library, the lists of libraries generated. Read by this crate and by Linux's `conf`.

mod common;

use kconfig::{Config, Kconfig};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

/// The root, with what Unikraft's uses: macros, `$(shell,...)`, choices for architecture and optimization, menus that source generated files.
const ROOT: &str = r#"mainmenu "Unikraft/$(UK_FULLVERSION) Configuration"

config UK_FULLVERSION
	string
	default "$(UK_FULLVERSION)"

config HOST_ARCH
	string
	default "$(HOST_ARCH)"

config NO_APP
	def_bool $(shell,test "$(UK_BASE)" = "$(UK_APP)" && echo y || echo n)

config UK_NAME
	string "Image name"
	default "$(UK_NAME)"
	help
	  Specifies the final image name.

menu "Architecture Selection"
choice
	prompt "Architecture"
	default ARCH_X86_64 if (HOST_ARCH = "x86_64")
	default ARCH_ARM_64 if (HOST_ARCH = "arm64")

config ARCH_X86_64
	bool "x86 compatible (64 bits)"
	select HAVE_FPU

config ARCH_ARM_64
	bool "Armv8 compatible (64 bits)"
endchoice

config HAVE_FPU
	bool
endmenu

menu "Library Configuration"
	source "$(KCONFIG_DIR)/libs.uk"
endmenu

if !NO_APP
	source "$(KCONFIG_DIR)/app.uk"
endif

menu "Build Options"
choice
	prompt "Optimization level"
	default OPTIMIZE_PERF

config OPTIMIZE_NONE
	bool "No optimization"

config OPTIMIZE_PERF
	bool "Optimize for performance"

config OPTIMIZE_SIZE
	bool "Optimize for size"
endchoice

config OPTIMIZE_LTO
	bool "Link time optimization"
	depends on (ARCH_X86_64 || ARCH_ARM_64) && !OPTIMIZE_NONE
	default n

config DEBUG_LEVEL
	int "Debug level"
	range 0 3
	default 3 if OPTIMIZE_NONE
	default 1

config UKVMEM_BASE
	hex "Base of the heap"
	default 0x400000000 if ARCH_X86_64
	default 0x10000000
	depends on LIB0
endmenu
"#;

/// A library as they are written: a menuconfig, or an invisible symbol with options in an `if`.
fn library(rng: &mut common::Rng, i: u64) -> String {
    let mut text = String::new();
    let earlier = |rng: &mut common::Rng| format!("LIB{}", rng.below(i.max(1)));
    let entry = rng.pick(&["menuconfig", "config", "menuconfig"]);
    writeln!(text, "{entry} LIB{i}\n\tbool \"lib{i}: a library\"\n\tdefault {}", rng.pick(&["n", "y"])).unwrap();
    if i > 0 && rng.chance(40) {
        let dep = earlier(rng);
        writeln!(text, "\tdepends on {}{dep}", rng.pick(&["", "", "!"])).unwrap();
    }
    for _ in 0..rng.below(3) {
        writeln!(text, "\t{} LIB{}_CORE{}", rng.pick(&["select", "imply"]), i, if rng.chance(30) { " if ARCH_X86_64" } else { "" })
            .unwrap();
    }
    writeln!(text, "\thelp\n\t  Help with: quotes \" and $(signs)\n\nif LIB{i}").unwrap();
    writeln!(text, "config LIB{i}_CORE\n\tbool\n\tdepends on HAVE_FPU\n").unwrap();
    writeln!(text, "config LIB{i}_SIZE\n\tint \"Size\"\n\trange 1 LIB{i}_MAX if LIB{i}_CORE\n\trange 1 512\n\tdefault {}", rng.below(600))
        .unwrap();
    writeln!(text, "\nconfig LIB{i}_MAX\n\tint\n\tdefault 64 if OPTIMIZE_SIZE\n\tdefault 1024\n").unwrap();
    writeln!(text, "choice LIB{i}_KIND\n\tprompt \"Kind\"\n\tdefault LIB{i}_B\n\nconfig LIB{i}_A\n\tbool \"A\"\n").unwrap();
    writeln!(text, "config LIB{i}_B\n\tbool \"B\"\n\tdepends on LIB{i}_SIZE > 100\n\nendchoice\nendif\n").unwrap();
    text
}

#[test]
fn same_files_as_linux() {
    let Some(conf) = common::linux_conf() else { return };
    for seed in 1..12 {
        let scratch = common::Scratch::new(&format!("unikraft-{seed}"));
        let dir = scratch.0.to_string_lossy().into_owned();
        let mut rng = common::Rng(seed);
        let root = scratch.file("Config.uk", ROOT);
        let mut list = String::new();
        for i in 0..12 {
            let text = library(&mut rng, i);
            scratch.file(&format!("libs/lib{i}/Config.uk"), &text);
            writeln!(list, "source \"$(UK_BASE)/libs/lib{i}/Config.uk\"").unwrap();
        }
        scratch.file("kconfig/libs.uk", &list);
        scratch.file(
            "kconfig/app.uk",
            "menu \"Application Options\"\nconfig APP_GREETING\n\tstring \"Greeting\"\n\tdefault \"Hello \\\"world\\\"\"\nendmenu\n",
        );
        let app = if seed % 2 == 0 { dir.clone() } else { format!("{dir}/app") };
        let kconfig_dir = format!("{dir}/kconfig");
        let env: BTreeMap<String, String> = [
            ("UK_BASE", dir.as_str()),
            ("UK_APP", &app),
            ("UK_NAME", "test"),
            ("UK_FULLVERSION", "0.17.0~abc"),
            ("HOST_ARCH", "x86_64"),
            ("KCONFIG_DIR", &kconfig_dir),
        ]
        .into_iter()
        .map(|(k, v)| (k.to_string(), v.to_string()))
        .collect();
        let input: String =
            (0..12).map(|i| format!("CONFIG_LIB{i}={}\nCONFIG_LIB{i}_SIZE={}\n", rng.pick(&["y", "n"]), 1 + rng.below(64))).collect();
        let dot = scratch.file(".config", &format!("{input}CONFIG_OPTIMIZE_SIZE=y\n"));
        let k = Kconfig::load(&root, &env).unwrap();
        let mut config = Config::new(&k);
        config.read(&dot).unwrap();
        config.olddefconfig();
        let out = Command::new(&conf).arg("--olddefconfig").arg(&root).current_dir(&scratch.0).envs(&env).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(config.to_dotconfig(), std::fs::read_to_string(&dot).unwrap(), "seed {seed}");
        assert_eq!(config.to_dotconfig().contains("CONFIG_APP_GREETING=\"Hello \\\"world\\\"\""), seed % 2 == 1);
        std::fs::create_dir_all(scratch.0.join("include/config")).unwrap();
        std::fs::create_dir_all(scratch.0.join("include/generated")).unwrap();
        let mut sync = Command::new("timeout");
        let out = sync.arg("10").arg(&conf).arg("--syncconfig").arg(&root).current_dir(&scratch.0).envs(&env).output().unwrap();
        assert!(out.status.success());
        // Linux writes the header in the order of a hash table.
        let lines = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
            lines.sort();
            lines
        };
        let header = std::fs::read_to_string(scratch.0.join("include/generated/autoconf.h")).unwrap();
        assert_eq!(lines(&config.to_header()), lines(&header), "seed {seed}");
        let out = Command::new(&conf).arg("--savedefconfig=def").arg(&root).current_dir(&scratch.0).envs(&env).output().unwrap();
        assert!(out.status.success());
        assert_eq!(config.to_defconfig(), std::fs::read_to_string(scratch.0.join("def")).unwrap(), "seed {seed}");
    }
}
