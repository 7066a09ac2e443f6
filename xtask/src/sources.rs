//! `cargo xtask sources`: the origin archives of the ports, from Debian's source packages, into `target/mirror` under the names that the ports' URLs
//! have. The build tool takes them from there (`mirrors` in ~/.kraftrc), so the tests need no network but Debian's. apt checks their signatures.

use crate::shell::{check, output, root, target};
use crate::tarball;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How an archive becomes the file that a port's URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// Debian's `.orig.tar.*` of (package, upstream version) is the upstream archive, byte for byte.
    Same(&'static str, &'static str),
    /// Debian's differs in compression or left something out: packed again under the top directory that upstream's archive has.
    Repacked(&'static str, &'static str),
    /// An archive of an older Debian release, at this place in the pool of any of the machine's repositories, with this SHA-256.
    Pool(&'static str, &'static str),
    /// A tree of this repository.
    Ours(&'static str),
}

/// (file name in the mirror, top directory in the archive, where it comes from)
pub const ORIGINS: &[(&str, &str, From)] = &[
    ("libfortune-0.1.0.tar.gz", "libfortune-0.1.0", From::Ours("ports/fortune/origin-src")),
    ("musl-1.2.3.tar.gz", "musl-1.2.3", From::Same("musl", "1.2.3")),
    // Debian leaves out documents whose licence it does not take (dfsg).
    ("zlib-1.2.13.tar.gz", "zlib-1.2.13", From::Repacked("zlib", "1.2.13.dfsg")),
    ("lua-5.4.4.tar.gz", "lua-5.4.4", From::Same("lua5.4", "5.4.4")),
    // Upstream offers a zip of the same tree.
    ("sqlite-src-3400100.tar.gz", "sqlite-src-3400100", From::Repacked("sqlite3", "3.40.1")),
    ("openssl-3.0.22.tar.gz", "openssl-3.0.22", From::Same("openssl", "3.0.22")),
    ("iperf-3.12.tar.gz", "iperf-3.12", From::Same("iperf3", "3.12")),
    // Instead of 3.12, see INSTEAD.
    (
        "iperf-3.9.tar.gz",
        "iperf-3.9",
        From::Pool("pool/main/i/iperf3/iperf3_3.9.orig.tar.gz", "24b63a26382325f759f11d421779a937b63ca1bc17c44587d2fcfedab60ac038"),
    ),
    ("Python-3.11.2.tgz", "Python-3.11.2", From::Same("python3.11", "3.11.2")),
];

/// (archive, the one that serves where no repository of the machine has the first): only one of them is brought.
const INSTEAD: &[(&str, &str)] = &[("iperf-3.12.tar.gz", "iperf-3.9.tar.gz")];

/// How long an archive that was nowhere is not asked for again.
const ABSENT: Duration = Duration::from_secs(24 * 3600);

/// Where the archives lie.
pub fn mirror() -> PathBuf {
    target().join("mirror")
}

/// Brings what is missing.
///
/// # Errors
/// What could not be had; the others are there.
pub fn run() -> Result<(), String> {
    let dir = std::path::absolute(mirror()).map_err(|e| e.to_string())?;
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut apt = None;
    let mut failures = Vec::new();
    for (file, top, from) in ORIGINS {
        if INSTEAD.iter().any(|(first, second)| second == file && dir.join(first).exists()) {
            continue;
        }
        let substitute = INSTEAD.iter().find(|(first, _)| first == file).map(|(_, second)| *second);
        let absent = dir.join(format!("{file}.absent"));
        if substitute.is_some() && is_younger(&absent, ABSENT) {
            continue;
        }
        match (bring(file, top, *from, &dir.join(file), &mut apt), substitute) {
            (Ok(()), _) => {}
            (Err(why), None) => failures.push(format!("{file}: {why}")),
            (Err(_), Some(second)) => {
                eprintln!("xtask: no repository of this machine has {file}; {second} serves instead");
                std::fs::write(&absent, "").map_err(|e| format!("{}: {e}", absent.display()))?;
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Whether a file was written within this time.
fn is_younger(path: &Path, than: Duration) -> bool {
    let age = std::fs::metadata(path).and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
    age.is_some_and(|age| age < than)
}

/// Brings one archive, unless it is there.
fn bring(file: &str, top: &str, from: From, place: &Path, apt: &mut Option<Result<Apt, String>>) -> Result<(), String> {
    match from {
        From::Ours(tree) => pack(&root().join(tree), top, place),
        _ if place.exists() => Ok(()),
        From::Pool(path, sha256) => {
            eprintln!("xtask: {file} from Debian's pool");
            ready(apt)?.pool(path, sha256, place)
        }
        From::Same(package, version) => {
            eprintln!("xtask: {file} from Debian's {package}");
            link(&ready(apt)?.download(package, version)?, place)
        }
        From::Repacked(package, version) => {
            eprintln!("xtask: {file} from Debian's {package}");
            repack(&ready(apt)?.download(package, version)?, top, place)
        }
    }
}

/// Set up once, when it is first needed.
fn ready(apt: &mut Option<Result<Apt, String>>) -> Result<&Apt, String> {
    apt.get_or_insert_with(Apt::new).as_ref().map_err(Clone::clone)
}

/// An apt that reads source lists of its own, so that the machine's stay as they are.
struct Apt {
    dir: PathBuf,
}

impl Apt {
    fn new() -> Result<Apt, String> {
        let dir = std::path::absolute(target().join("sources")).map_err(|e| e.to_string())?;
        for sub in ["parts", "lists/partial", "archives/partial", "files"] {
            std::fs::create_dir_all(dir.join(sub)).map_err(|e| format!("{}: {e}", dir.display()))?;
        }
        for (name, text) in lists(Path::new("/etc/apt")) {
            let place = dir.join("parts").join(name);
            std::fs::write(&place, text).map_err(|e| format!("{}: {e}", place.display()))?;
        }
        let apt = Apt { dir };
        // Fails when one of the machine's repositories has no sources; whether Debian's came is seen below.
        let _ = apt.command("apt-get").args(["update", "-q"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        Ok(apt)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let set = |name: &str, path: &str| format!("{name}={}", self.dir.join(path).display());
        command.args(["-o", "Dir::Etc::sourcelist=/dev/null", "-o", &set("Dir::Etc::sourceparts", "parts")]);
        command.args(["-o", &set("Dir::State::lists", "lists"), "-o", &set("Dir::Cache", "."), "-o", "APT::Sandbox::User=root"]);
        command.current_dir(self.dir.join("files")).env("LC_ALL", "C.UTF-8");
        command
    }

    /// The path of the package's `.orig.tar.*` of an upstream version; every repository that has it is tried.
    fn download(&self, package: &str, version: &str) -> Result<PathBuf, String> {
        let known = output(self.command("apt-cache").args(["madison", package]))?;
        let all: Vec<&str> = known.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim).collect();
        let right: Vec<&str> = all.iter().copied().filter(|full| upstream(full) == version).collect();
        if right.is_empty() {
            return Err(format!(
                "Debian has no source of {package} {version} (but {})",
                if all.is_empty() { "none at all".into() } else { all.join(", ") }
            ));
        }
        let mut why = String::new();
        for full in right {
            let name = format!("{package}={full}");
            match output(self.command("apt-get").args(["source", "--download-only", "-q", &name])) {
                Ok(_) => return self.orig(package, version),
                Err(text) => why = text,
            }
        }
        // The archive alone is enough: another file of the source package may have been what failed.
        self.orig(package, version).map_err(|_| why)
    }

    /// Brings a file of the pool, from whichever repository has it.
    fn pool(&self, path: &str, sha256: &str, place: &Path) -> Result<(), String> {
        let known = output(self.command("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]))?;
        let mut repositories: Vec<&str> = known.lines().map(str::trim).filter(|uri| !uri.is_empty()).collect();
        repositories.dedup();
        let fresh = place.with_extension("part");
        for repository in repositories {
            let from = format!("{}/{path}", repository.trim_end_matches('/'));
            let mut helper = self.command("/usr/lib/apt/apt-helper");
            helper.args(["download-file", &from]).arg(&fresh).arg(format!("SHA256:{sha256}"));
            if output(&mut helper).is_ok() {
                return std::fs::rename(&fresh, place).map_err(|e| format!("{}: {e}", place.display()));
            }
        }
        let _ = std::fs::remove_file(&fresh);
        Err(format!("no repository of this machine has {path}"))
    }

    fn orig(&self, package: &str, version: &str) -> Result<PathBuf, String> {
        let files = self.dir.join("files");
        let name = |extension| files.join(format!("{package}_{version}.orig.tar.{extension}"));
        ["gz", "xz", "bz2", "zst"].map(name).into_iter().find(|path| path.exists()).ok_or(format!("no archive of {package} {version} came"))
    }
}

/// `3.40.1` of `1:3.40.1-2+deb12u2`.
fn upstream(full: &str) -> &str {
    let version = full.split_once(':').map_or(full, |(_, rest)| rest);
    version.rsplit_once('-').map_or(version, |(upstream, _)| upstream)
}

/// The machine's source lists with `deb-src` for `deb`: (file name, text), in both formats that apt has.
fn lists(etc: &Path) -> Vec<(String, String)> {
    let mut files = vec![etc.join("sources.list")];
    if let Ok(dir) = std::fs::read_dir(etc.join("sources.list.d")) {
        files.extend(dir.flatten().map(|entry| entry.path()));
    }
    files.sort();
    let mut all = Vec::new();
    for (number, path) in files.iter().enumerate() {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        match path.extension().and_then(|e| e.to_str()) {
            Some("list") => all.push((format!("{number}.list"), one_line(&text))),
            Some("sources") => all.push((format!("{number}.sources"), deb822(&text))),
            _ => {}
        }
    }
    all.retain(|(_, text)| !text.trim().is_empty());
    all
}

/// `deb [options] URI suite components`, a line each.
fn one_line(text: &str) -> String {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("deb").filter(|rest| rest.starts_with([' ', '\t'])));
    lines.map(|rest| format!("deb-src{rest}\n")).collect()
}

/// Stanzas of `Field: value`, divided by empty lines.
fn deb822(text: &str) -> String {
    let mut out = String::new();
    for stanza in text.split("\n\n") {
        let fields: Vec<&str> = stanza.lines().filter(|line| !line.starts_with('#')).collect();
        let has = |field: &str, wanted: &str| {
            let value = fields.iter().find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case(field)));
            value.is_some_and(|(_, value)| value.split_whitespace().any(|word| word.eq_ignore_ascii_case(wanted)))
        };
        if !has("Types", "deb") || has("Enabled", "no") {
            continue;
        }
        out.push_str("Types: deb-src\n");
        // Lines that go on begin with a space: they stay with the field before them.
        let mut keep = true;
        for line in &fields {
            if !line.starts_with([' ', '\t']) {
                let name = line.split(':').next().unwrap_or("").to_ascii_lowercase();
                keep = !["types", "architectures", "enabled"].contains(&name.as_str());
            }
            if keep {
                out.push_str(line);
                out.push('\n');
            }
        }
        out.push('\n');
    }
    out
}

fn link(orig: &Path, place: &Path) -> Result<(), String> {
    if std::fs::hard_link(orig, place).is_ok() {
        return Ok(());
    }
    finish(place, |fresh| std::fs::copy(orig, fresh).map(drop).map_err(|e| e.to_string()))
}

/// Unpacks and packs again: the same tree under another name.
fn repack(orig: &Path, top: &str, place: &Path) -> Result<(), String> {
    let dir = orig.with_extension("tree");
    let fail = |e: std::io::Error| format!("{}: {e}", dir.display());
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).map_err(fail)?;
    check(Command::new("tar").arg("-C").arg(&dir).args(["--strip-components=1", "-xf"]).arg(orig))?;
    pack(&dir, top, place)?;
    std::fs::remove_dir_all(&dir).map_err(fail)
}

fn pack(tree: &Path, top: &str, place: &Path) -> Result<(), String> {
    let bytes = tarball::gzip(&tarball::tar(tree, top)?);
    if std::fs::read(place).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    finish(place, |fresh| std::fs::write(fresh, &bytes).map_err(|e| format!("{}: {e}", fresh.display())))
}

/// A file appears whole or not at all.
fn finish(place: &Path, write: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
    let fresh = place.with_extension("new");
    write(&fresh)?;
    std::fs::rename(&fresh, place).map_err(|e| format!("{}: {e}", place.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_lists_of_both_formats() {
        let text = "# deb x\ndeb [signed-by=/k] http://a/os bookworm main\n  deb http://b stable x y\ndeb-src http://c d e\ndebug\n";
        assert_eq!(one_line(text), "deb-src [signed-by=/k] http://a/os bookworm main\ndeb-src http://b stable x y\n");
        let text = "Types: deb deb-src\n# a note\nURIs: http://a\nSuites: s\n t\nArchitectures: amd64\nSigned-By: /k\n\n\
                    Types: deb-src\nURIs: http://b\n\nTypes: deb\nEnabled: no\nURIs: http://c\n";
        assert_eq!(deb822(text), "Types: deb-src\nURIs: http://a\nSuites: s\n t\nSigned-By: /k\n\n");
    }

    #[test]
    fn upstream_versions() {
        assert_eq!(upstream("1:1.2.13.dfsg-1"), "1.2.13.dfsg");
        assert_eq!(upstream("3.40.1-2+deb12u2"), "3.40.1");
        assert_eq!(upstream("5"), "5");
    }

    #[test]
    fn names_are_names_of_archives() {
        for (i, (file, top, _)) in ORIGINS.iter().enumerate() {
            assert!(file.ends_with(".tar.gz") || file.ends_with(".tgz"), "{file}");
            assert!(file.starts_with(top), "{file} unpacks to {top}");
            assert!(!ORIGINS[..i].iter().any(|(other, ..)| other == file), "{file} twice");
        }
    }
}
