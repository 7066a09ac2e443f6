//! The configuration module's contents: the program, its arguments, environment and identity.

use super::files::Files;
use super::flags::PLACE;
use crate::cli::{Guest, Run};
use crate::failure::{Failure, Result};
use crate::program::{PATH, Program};
use rootfs::Plan;
use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use vmm::{Config, Machine};

/// Bytes of randomness the kernel gets from the host.
const SEED: usize = 64;
/// `--user` when it is not given.
const DEFAULT_USER: &str = "0:0";

/// Builds it. The keys of the streams are added by the supervisor, which knows what they are.
pub fn build(run: &Run, program: &Program, environment: &[OsString], files: &Files) -> Result<Config> {
    let mut config = match files.plan() {
        Some(plan) => program_part(&run.guest, plan, environment)?,
        None if files.image().is_some() => inside(&run.guest, program, environment)?,
        None => changes(&run.guest, program, environment)?,
    };
    for mount in files.mounts() {
        let place = mount.place.as_deref().unwrap_or(Path::new(PLACE));
        config.add("mount", [mount.share.tag.as_ref(), OsStr::new(":"), place.as_os_str()].join(OsStr::new("")));
    }
    machine(&mut config, run.machine, run.guest.verbose);
    for (key, on) in [
        ("strace", run.strace),
        ("stats", run.stats),
        ("missing", true),
        ("gdb", files.debugged()),
        ("nokaslr", run.no_aslr || files.debugged()),
    ] {
        if on {
            config.on(key);
        }
    }
    Ok(config)
}

/// What every machine is told: about the host and its terminal, and how to talk.
pub fn machine(config: &mut Config, machine: Machine, verbose: u8) {
    config.add("umask", format!("{:03o}", umask()));
    if let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) {
        config.add("epoch", now.as_nanos().to_string());
    }
    config.add("seed", seed());
    let window = [std::io::stdin().as_fd(), std::io::stdout().as_fd()].into_iter().find_map(vmm::stdio::window_size);
    if let Some((rows, columns)) = window {
        config.add("winsize", format!("{rows},{columns}"));
    }
    config.add("ctl", "0xe9");
    if let Some(address) = machine.ecam() {
        config.add("ecam", format!("{address:#x}"));
    }
    let level = ["warn", "info", "debug"][usize::from(verbose.min(2))];
    config.add("loglevel", level);
}

/// What belongs to the program and not to this run of it: the same inputs give the same bytes.
pub fn program_part(guest: &Guest, plan: &Plan, environment: &[OsString]) -> Result<Config> {
    let mut config = Config::new();
    config.add("exec", &plan.exec);
    for word in &plan.argv {
        config.add("arg", word);
    }
    for variable in environment {
        config.add("env", variable);
    }
    config.add("cwd", &plan.cwd).add("hostname", &guest.hostname);
    identity(guest, &mut config)?;
    Ok(config)
}

/// A program in a file system that the user made.
fn inside(guest: &Guest, program: &Program, environment: &[OsString]) -> Result<Config> {
    let mut config = Config::new();
    config.add("exec", &program.guest);
    for word in &program.argv {
        config.add("arg", word);
    }
    for variable in environment {
        config.add("env", variable);
    }
    config.add("cwd", guest.workdir.as_deref().unwrap_or(Path::new("/"))).add("hostname", &guest.hostname);
    identity(guest, &mut config)?;
    Ok(config)
}

/// The packed environment with what is changed now: the variables given, and the terminal's name when there is a terminal (as containers do). Nothing when
/// nothing changes: the machine then uses its own.
fn added_to_packed(guest: &Guest, program: &Program, environment: &[OsString]) -> Vec<OsString> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let names: Vec<&[u8]> = guest.env.iter().map(|given| name_of(given.as_bytes())).chain(terminal.then_some(&b"TERM"[..])).collect();
    let wanted = |variable: &&OsString| guest.env_host || names.contains(&name_of(variable.as_bytes()));
    let changes: Vec<&OsString> = environment.iter().filter(wanted).collect();
    if changes.is_empty() && guest.env.is_empty() {
        return Vec::new();
    }
    let packed = pack::configuration(&program.host).unwrap_or_default();
    let packed = packed.into_iter().filter(|(key, _)| key == b"env").map(|(_, value)| OsString::from_vec(value));
    // A variable given by name alone that the host has not is removed.
    let replaced = |variable: &OsString| {
        let name = name_of(variable.as_bytes());
        guest.env.iter().any(|given| name_of(given.as_bytes()) == name) || changes.iter().any(|new| name_of(new.as_bytes()) == name)
    };
    let mut all: Vec<OsString> = packed.filter(|variable| !replaced(variable)).collect();
    all.extend(changes.into_iter().cloned());
    all
}

/// `NAME` of `NAME=VALUE`.
fn name_of(variable: &[u8]) -> &[u8] {
    variable.split(|&b| b == b'=').next().unwrap_or(variable)
}

/// What the user changes of a packed machine, which knows the rest itself.
fn changes(guest: &Guest, program: &Program, environment: &[OsString]) -> Result<Config> {
    let mut config = Config::new();
    if program.argv.len() > 1 {
        for word in &program.argv {
            config.add("arg", word);
        }
    }
    for variable in added_to_packed(guest, program, environment) {
        config.add("env", variable);
    }
    if let Some(dir) = &guest.workdir {
        config.add("cwd", dir);
    }
    if guest.user != DEFAULT_USER {
        identity(guest, &mut config)?;
    }
    Ok(config)
}

fn identity(guest: &Guest, config: &mut Config) -> Result<()> {
    let (uid, gid, groups) = user(&guest.user, &std::fs::read_to_string("/etc/passwd").unwrap_or_default())?;
    config.add("uid", uid.to_string()).add("gid", gid.to_string()).add("groups", groups);
    Ok(())
}

/// Passed on when set: how to talk to the terminal, in which language, at what time.
const PASSED: [&str; 4] = ["TERM", "LANG", "LC_ALL", "TZ"];

/// The program's environment: PATH and HOME as a login would set them, a few of the host's variables, and what the user gives.
pub fn environment(run: &Guest) -> Vec<OsString> {
    with(run, &PASSED)
}

/// The environment of a packed machine: nothing of this terminal and this user's language, as for a container's image; what the user gives is in it.
pub fn packed_environment(pack: &Guest) -> Vec<OsString> {
    with(pack, &[])
}

fn with(run: &Guest, passed: &[&str]) -> Vec<OsString> {
    let mut all: Vec<(OsString, OsString)> = Vec::new();
    if run.env_host {
        all.extend(std::env::vars_os());
    } else {
        all.push(("PATH".into(), PATH.into()));
        all.push(("HOME".into(), home(&run.user, &std::fs::read_to_string("/etc/passwd").unwrap_or_default()).into()));
        for name in passed {
            if let Some(value) = std::env::var_os(name).filter(|v| !v.is_empty()) {
                let value = if matches!(*name, "LANG" | "LC_ALL") { locale(&value) } else { value };
                all.push((name.into(), value));
            }
        }
    }
    for given in &run.env {
        let bytes = given.as_bytes();
        let (name, value) = match bytes.iter().position(|&b| b == b'=') {
            Some(at) => (OsStr::from_bytes(&bytes[..at]).to_os_string(), Some(OsStr::from_bytes(&bytes[at + 1..]).to_os_string())),
            None => (given.clone(), std::env::var_os(given)),
        };
        all.retain(|(known, _)| *known != name);
        if let Some(value) = value {
            all.push((name, value));
        }
    }
    all.into_iter().map(|(name, value)| OsString::from_vec([name.as_bytes(), b"=", value.as_bytes()].concat())).collect()
}

/// Locale files are left out of images: of a language's locale only its character set can be kept, by the C library's built-in ones.
fn locale(value: &OsStr) -> OsString {
    let text = value.to_string_lossy().to_ascii_lowercase();
    if text.contains("utf-8") || text.contains("utf8") { "C.UTF-8".into() } else { "C".into() }
}

/// The home directory of `USER[:GROUP]`; the root directory for one whom `passwd` does not know, as for a container.
fn home(user: &str, passwd: &str) -> String {
    let entry = entry(user.split(':').next().unwrap_or_default(), passwd);
    entry
        .and_then(|fields| fields.get(5).filter(|dir| dir.starts_with('/')).map(|dir| (*dir).to_string()))
        .unwrap_or_else(|| "/".to_string())
}

/// The fields of the user with this name or number.
fn entry<'a>(name: &str, passwd: &'a str) -> Option<Vec<&'a str>> {
    passwd.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.len() > 3 && (f[0] == name || f[2] == name))
}

/// Numbers of `USER[:GROUP]`, names looked up in `passwd` (and the host's /etc/group).
fn user(text: &str, passwd: &str) -> Result<(u32, u32, String)> {
    let (name, group) = text.split_once(':').map_or((text, None), |(u, g)| (u, Some(g)));
    let entry = entry(name, passwd);
    let uid = match (&entry, name.parse()) {
        (Some(fields), _) => fields[2].parse().unwrap_or(0),
        (None, Ok(number)) => number,
        (None, Err(_)) => {
            return Err(Failure::new(format!(
                "--user {text}: no user is called {name} in /etc/passwd\n  a number works without one: --user 1000:1000"
            )));
        }
    };
    let gid = match group {
        Some(group) => group.parse().ok().or_else(|| named_group(group)),
        None => Some(entry.as_ref().and_then(|f| f[3].parse().ok()).unwrap_or(uid)),
    };
    let gid = gid.ok_or_else(|| {
        Failure::new(format!("--user {text}: no such group in /etc/group\n  a number works without one: --user {uid}:{uid}"))
    })?;
    Ok((uid, gid, gid.to_string()))
}

fn named_group(name: &str) -> Option<u32> {
    let text = std::fs::read_to_string(Path::new("/etc/group")).ok()?;
    text.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.len() > 2 && f[0] == name)?.get(2)?.parse().ok()
}

fn umask() -> u32 {
    // Reading it means setting it; no other thread runs yet.
    let now = nix::sys::stat::umask(nix::sys::stat::Mode::empty());
    nix::sys::stat::umask(now);
    now.bits()
}

/// The host's randomness in hex; nothing when there is none to read, and the kernel's own sources must do.
fn seed() -> String {
    let mut bytes = [0; SEED];
    match std::fs::File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut bytes)) {
        Ok(()) => bytes.iter().map(|b| format!("{b:02x}")).collect(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1001::/home/user:/bin/sh\n";

    #[test]
    fn users_by_name_and_number() {
        assert_eq!(user("root", PASSWD).unwrap(), (0, 0, "0".into()));
        assert_eq!(user("user", PASSWD).unwrap(), (1000, 1001, "1001".into()));
        assert_eq!(user("1000", PASSWD).unwrap(), (1000, 1001, "1001".into()));
        assert_eq!(user("77", PASSWD).unwrap(), (77, 77, "77".into()));
        assert_eq!(user("77:5", PASSWD).unwrap(), (77, 5, "5".into()));
        assert!(user("nobody-here", PASSWD).unwrap_err().to_string().contains("nobody-here"));
        assert!(user("0:nogroup-here", PASSWD).is_err());
    }

    #[test]
    fn homes() {
        assert_eq!(["root", "1000:5", "nobody-here", "7"].map(|u| home(u, PASSWD)), ["/root", "/home/user", "/", "/"]);
    }

    #[test]
    fn only_built_in_locales_are_passed() {
        assert_eq!(locale(OsStr::new("en_US.UTF-8")), "C.UTF-8");
        assert_eq!(locale(OsStr::new("de_DE@euro")), "C");
    }

    #[test]
    fn a_seed_has_its_length() {
        assert_eq!(seed().len(), 2 * SEED);
        assert_ne!(seed(), seed());
    }
}
