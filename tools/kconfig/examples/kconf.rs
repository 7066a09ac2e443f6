//! A small `conf`: `kconf KCONFIG VERB [FILE]`, for trying the crate by hand and for the tests that need a program on a terminal.
//! Verbs: olddefconfig, oldconfig, oldaskconfig, listnewconfig, savedefconfig, allyesconfig, allnoconfig, allmodconfig, header, make, explain SYMBOL, menu.

use kconfig::{Ask, Config, Kconfig, Mode};
use std::io::{IsTerminal, stdin, stdout};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [root, verb, rest @ ..] = args.as_slice() else {
        eprintln!("usage: kconf KCONFIG VERB [FILE]");
        return ExitCode::from(2);
    };
    match run(root, verb, rest.first().map_or("", String::as_str)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn run(root: &str, verb: &str, argument: &str) -> Result<(), Box<dyn std::error::Error>> {
    let tree = Kconfig::load(Path::new(root), &std::env::vars().collect())?;
    let mut config = Config::new(&tree);
    let dot = std::env::var("KCONFIG_CONFIG").unwrap_or_else(|_| ".config".into());
    let dot = Path::new(&dot);
    let fresh = verb.starts_with("all");
    if dot.exists() && !fresh {
        config.read(dot)?;
    }
    tree.warnings().iter().for_each(|w| eprintln!("{w}"));
    match verb {
        "oldconfig" => kconfig::ask(&mut config, Ask::New, !stdin().is_terminal(), &mut stdin().lock(), &mut stdout().lock())?,
        "oldaskconfig" => kconfig::ask(&mut config, Ask::All, !stdin().is_terminal(), &mut stdin().lock(), &mut stdout().lock())?,
        "listnewconfig" => {
            config.new_symbols().iter().for_each(|s| println!("{}={}", tree.sym(*s).name, config.value(*s)));
            return Ok(());
        }
        "savedefconfig" => return Ok(config.savedefconfig(Path::new(argument))?),
        "header" => return Ok(config.write_header(Path::new(argument))?),
        "make" => return Ok(config.write_make(Path::new(argument))?),
        "explain" => {
            let s = tree.find(argument).ok_or("no such symbol")?;
            println!("{}", config.explain(s).join("\n"));
            return Ok(());
        }
        "menu" => {
            if std::env::var_os("KCONF_PANIC").is_some() {
                // For the test that a panic gives the terminal back.
                std::thread::spawn(|| {
                    std::thread::sleep(std::time::Duration::from_millis(500));
                    let _ = std::panic::catch_unwind(|| panic!("on purpose"));
                    std::process::abort();
                });
            }
            println!("{:?}", kconfig::menu::run(&mut config, dot)?);
            return Ok(());
        }
        "allyesconfig" => config.fill(Mode::AllYes),
        "allmodconfig" => config.fill(Mode::AllMod),
        "allnoconfig" => config.fill(Mode::AllNo),
        _ => config.olddefconfig(),
    }
    config.warnings().iter().for_each(|w| eprintln!("{w}"));
    config.write(dot)?;
    Ok(())
}
