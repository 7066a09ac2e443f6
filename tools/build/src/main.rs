//! `ukbuild`: the build system alone, without projects and configuration. The tests use it; people use `unox build`.
#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::path::PathBuf;
use ukbuild::{Build, BuildOptions, Error, Query, Result, Show};

const USAGE: &str =
    "usage: ukbuild --base DIR --app DIR [--lib DIR]... [-j N] [-v]... [-k] [-q] [--offline] [--mirror URL]... [--cache DIR]
               [--no-object-cache] [--all-members] [--require-checksums] [NAME=VALUE]...
               fetch|prepare|build|members|clean[-LIB]|properclean|distclean|print-{libs,srcs,objs,vars,syscalls}";

fn main() {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|a| a == ukbuild::helper::VERB) {
        std::process::exit(ukbuild::helper::main(&args[1..]));
    }
    let words: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let Some((options, verb)) = parse(words) else {
        eprintln!("{USAGE}");
        std::process::exit(2);
    };
    let status = match run(options, &verb) {
        Ok(()) => 0,
        Err(Error::Interrupted) => 130,
        Err(e) => {
            eprintln!("error: {e}");
            1
        }
    };
    std::process::exit(status);
}

/// What an option does.
type Change = Box<dyn FnOnce(&mut BuildOptions)>;

fn parse(words: Vec<String>) -> Option<(BuildOptions, String)> {
    let mut words = words.into_iter();
    let (mut base, mut app, mut verb) = (None, None, None);
    let mut changes: Vec<Change> = Vec::new();
    while let Some(word) = words.next() {
        let mut value = || words.next();
        match word.as_str() {
            "--base" => base = Some(value()?),
            "--app" => app = Some(value()?),
            "--lib" => {
                let dir = value()?;
                changes.push(Box::new(move |o| o.libs.push(PathBuf::from(dir))));
            }
            "--mirror" => {
                let url = value()?;
                changes.push(Box::new(move |o| o.mirrors.push(url)));
            }
            "--cache" => {
                let dir = value()?;
                changes.push(Box::new(move |o| o.cache = Some(PathBuf::from(dir))));
            }
            "-j" => {
                let jobs = value()?.parse().ok()?;
                changes.push(Box::new(move |o| o.jobs = jobs));
            }
            "-v" => changes.push(Box::new(|o| o.verbose += 1)),
            "-k" => changes.push(Box::new(|o| o.keep_going = true)),
            "-q" => changes.push(Box::new(|o| o.show = Show::Quiet)),
            "--offline" => changes.push(Box::new(|o| o.offline = true)),
            "--no-object-cache" => changes.push(Box::new(|o| o.use_object_cache = false)),
            "--all-members" => changes.push(Box::new(|o| o.all_members = true)),
            "--require-checksums" => changes.push(Box::new(|o| o.require_checksums = true)),
            _ if word.starts_with('-') => return None,
            _ => match word.split_once('=') {
                Some((name, text)) => {
                    let pair = (name.to_string(), text.to_string());
                    changes.push(Box::new(move |o| o.variables.push(pair)));
                }
                None if verb.is_none() => verb = Some(word),
                None => return None,
            },
        }
    }
    let mut options = BuildOptions::new(base?, app?);
    changes.into_iter().for_each(|change| change(&mut options));
    Some((options, verb?))
}

fn run(options: BuildOptions, verb: &str) -> Result<()> {
    let quiet = options.show == Show::Quiet;
    let build = Build::new(options)?;
    let print = |query| build.print(query).map(|text| print!("{text}"));
    match verb {
        "fetch" => build.fetch(),
        "prepare" => build.prepare(),
        "build" => build.build().map(|o| {
            if !quiet {
                println!(
                    "{} ({} compiled, {} cached, {} commands, {} ms)",
                    o.image.display(),
                    o.compiled,
                    o.cached,
                    o.commands,
                    o.elapsed.as_millis()
                );
            }
        }),
        "members" => build.record_members().map(|all| all.iter().for_each(|(path, count)| println!("{path}: {count} members"))),
        "clean" => build.clean(),
        "properclean" => build.properclean(),
        "distclean" => build.distclean(),
        "print-libs" => print(Query::Libs),
        "print-srcs" => print(Query::Srcs),
        "print-objs" => print(Query::Objs),
        "print-vars" => print(Query::Vars),
        "print-syscalls" => print(Query::Syscalls),
        _ => match verb.strip_prefix("clean-") {
            Some(lib) => build.clean_lib(lib),
            None => Err(Error::Plan(format!("{verb}: no such verb\n{USAGE}"))),
        },
    }
}
