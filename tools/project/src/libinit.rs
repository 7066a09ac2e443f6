//! A new library: a git repository with the files that every port has.

use crate::error::{Error, Result, make_dir, write};
use crate::name::{bare, full, symbol, valid};
use crate::{Workspace, git, sources};
use std::path::{Path, PathBuf};

/// What the new library is to be.
#[derive(Clone, Debug)]
pub struct LibOptions {
    /// Name, with or without `lib`.
    pub name: String,
    /// Directory; `None`: the name below the current directory.
    pub dir: Option<PathBuf>,
    /// Who makes it.
    pub author_name: Option<String>,
    /// Where to write to.
    pub author_email: Option<String>,
    /// Version of the original sources.
    pub version: Option<String>,
    /// Their address; `$VERSION` in it stands for the version.
    pub origin: Option<String>,
    /// main.c is chosen from the start.
    pub with_main: bool,
    /// The directory may have files; those of the same name stay.
    pub force: bool,
    /// Only Makefile.uk and Config.uk.
    pub soft_pack: bool,
    /// First branch.
    pub initial_branch: String,
}

impl LibOptions {
    /// A library of this name, nothing else known.
    pub fn new(name: &str) -> LibOptions {
        LibOptions {
            name: name.to_owned(),
            dir: None,
            author_name: None,
            author_email: None,
            version: None,
            origin: None,
            with_main: false,
            force: false,
            soft_pack: false,
            initial_branch: "staging".into(),
        }
    }
}

/// The address of an archive of each version, made of the origin as given.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Archive {
    url: String,
    second: Option<String>,
    file: Option<String>,
    subdir: String,
}

/// Author and address of the user's git configuration.
pub fn author(dir: &Path) -> (Option<String>, Option<String>) {
    (git::config(dir, "user.name"), git::config(dir, "user.email"))
}

/// Makes the library and returns its directory. `online`: tags of the origin may be asked for.
///
/// # Errors
/// A name that is none, a directory with files, what cannot be written, git's refusal.
pub fn init(workspace: &Workspace, options: &LibOptions, online: bool) -> Result<PathBuf> {
    let name = options.name.trim();
    if !valid(name) || bare(name).is_empty() {
        return Err(Error::Usage(format!("`{name}` cannot name a library: letters, digits and -_.+ only")));
    }
    if options.origin.is_some() && options.version.is_none() {
        return Err(Error::Usage("--origin needs --version: which version of it is fetched?".into()));
    }
    if let Some(version) =
        options.version.as_deref().filter(|v| v.is_empty() || !v.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+~".contains(c)))
    {
        return Err(Error::Usage(format!("`{version}` is no version: letters, digits and .-_+~ only")));
    }
    let dir = workspace.cwd.join(options.dir.clone().unwrap_or_else(|| PathBuf::from(name)));
    if !options.force && dir.read_dir().is_ok_and(|mut d| d.next().is_some()) {
        return Err(Error::Usage(format!(
            "{}: the directory is not empty\n  --force keeps its files and adds the missing ones",
            dir.display()
        )));
    }
    if dir.is_file() {
        return Err(Error::Usage(format!("{}: this is a file; a library is a directory", dir.display())));
    }
    let existed = dir.exists();
    let made = fill(&dir, name, options, online);
    if made.is_err() && !existed {
        let _ = std::fs::remove_dir_all(&dir);
    }
    made.map(|()| dir)
}

fn fill(dir: &Path, name: &str, options: &LibOptions, online: bool) -> Result<()> {
    make_dir(dir)?;
    let (known_name, known_email) = author(dir);
    let author = options.author_name.clone().or(known_name).unwrap_or_else(|| std::env::var("USER").unwrap_or_else(|_| "unknown".into()));
    let email =
        options.author_email.clone().or(known_email).unwrap_or_else(|| format!("{}@localhost", author.replace(' ', ".").to_lowercase()));
    for (what, text) in [("author's name", &author), ("author's address", &email)] {
        if text.contains(['<', '>', '\n', '\r', '\0']) || text.trim().is_empty() {
            return Err(Error::Usage(format!("`{text}` cannot be an {what}")));
        }
    }
    for (path, text) in files(name, options, online, &author, &email)? {
        let path = dir.join(path);
        if !path.exists() {
            write(&path, &text)?;
        }
    }
    if !dir.join(".git").exists() {
        git::init(dir, &options.initial_branch, (&author, &email))?;
    }
    Ok(())
}

fn files(name: &str, options: &LibOptions, online: bool, author: &str, email: &str) -> Result<Vec<(&'static str, String)>> {
    let (short, sym) = (bare(name), symbol(name));
    let origin = match (&options.origin, &options.version) {
        (Some(origin), Some(version)) => origin_part(short, &sym, origin, version, online)?,
        _ => format!("# No origin: the sources are in this repository.\n{sym}_SRC=$({sym}_BASE)\n\n"),
    };
    let from = match (&options.origin, &options.version) {
        (Some(origin), Some(version)) => format!(": version {version} of <{origin}>"),
        (None, Some(version)) => format!(", version {version}"),
        _ => String::new(),
    };
    let function: String = short.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let main = if options.with_main { "y" } else { "n" };
    let year = year(crate::catalog::now()).to_string();
    let fill = |template: &str| {
        let mut text = template.to_owned();
        let words = [
            ("{{origin}}", origin.as_str()),
            ("{{from}}", &from),
            ("{{full}}", &full(name)),
            ("{{name}}", short),
            ("{{SYM}}", &sym),
            ("{{FILE}}", &function.to_ascii_uppercase()),
            ("{{fn}}", &function),
            ("{{main}}", main),
            ("{{branch}}", &options.initial_branch),
            ("{{author}}", author),
            ("{{email}}", email),
            ("{{year}}", &year),
        ];
        for (mark, value) in words {
            text = text.replace(mark, value);
        }
        text
    };
    let mut all = vec![
        ("Makefile.uk", fill(include_str!("templates/lib-Makefile.uk"))),
        ("Config.uk", fill(include_str!("templates/lib-Config.uk"))),
        ("main.c", fill(include_str!("templates/lib-main.c"))),
    ];
    if !options.soft_pack {
        all.push(("README.md", fill(include_str!("templates/lib-README.md"))));
        all.push(("COPYING.md", fill(include_str!("templates/lib-COPYING"))));
        all.push(("MAINTAINERS.md", format!("# Maintainers\n\n- {author} <{email}>\n")));
        all.push((".gitignore", "*.o\n*.orig\n*.rej\n/build/\n".into()));
    }
    Ok(all)
}

/// The part of Makefile.uk about the original sources.
fn origin_part(short: &str, sym: &str, origin: &str, version: &str, online: bool) -> Result<String> {
    if origin.contains([' ', '\n', '\'', '#']) {
        return Err(Error::Usage(format!("`{origin}` is no address: blanks, quotes and # cannot stand in it")));
    }
    let variable = format!("$({sym}_VERSION)");
    let git_only =
        sources::github(origin).is_none() && (origin.ends_with(".git") || origin.starts_with("git@") || origin.starts_with("git://"));
    let full = full(short);
    let (url, subdir, fetch) = if git_only {
        (origin.to_owned(), ".".to_owned(), format!("$(eval $(call clone,{full},$({sym}_URL),{variable}))"))
    } else {
        let archive = archive(origin, version, short, &variable, online);
        let fetch = match (&archive.second, &archive.file) {
            (Some(second), Some(file)) => format!("$(eval $(call fetchas2,{full},$({sym}_URL),{second},{file}))"),
            (None, Some(file)) => format!("$(eval $(call fetchas,{full},$({sym}_URL),{file}))"),
            _ => format!("$(eval $(call fetch,{full},$({sym}_URL)))"),
        };
        (archive.url, archive.subdir, fetch)
    };
    let words = [
        ("{{SYM}}", sym),
        ("{{version}}", version),
        ("{{url}}", &url),
        ("{{subdir}}", &subdir),
        ("{{fetch}}", &fetch),
        ("{{full}}", &full),
    ];
    let mut text = include_str!("templates/lib-origin.uk").to_owned();
    for (mark, value) in words {
        text = text.replace(mark, value);
    }
    Ok(text)
}

/// GitHub's archive of a tag, or the address as given with the version in place of `$VERSION`.
fn archive(origin: &str, version: &str, short: &str, variable: &str, online: bool) -> Archive {
    if let Some((org, repository)) = sources::github(origin)
        && !repository.contains('/')
        && !sources::is_archive(origin)
    {
        let of = |v: &str| format!("https://github.com/{org}/{repository}/archive/refs/tags/{v}{variable}.tar.gz");
        let file = Some(format!("{repository}-{variable}.tar.gz"));
        let subdir = format!("{repository}-{variable}");
        // Some tags begin with v, some do not; without the network both are tried when fetching.
        let tags = if online { git::references(&format!("https://github.com/{org}/{repository}")).unwrap_or_default() } else { Vec::new() };
        let has = |name: String| tags.iter().any(|t| t.tag && t.name == name);
        let (url, second) = match (has(format!("v{version}")), has(version.to_owned())) {
            (true, _) => (of("v"), None),
            (false, true) => (of(""), None),
            (false, false) => (of("v"), Some(of(""))),
        };
        return Archive { url, second, file, subdir };
    }
    let url = origin.replace("${VERSION}", variable).replace("$VERSION", variable);
    let url = if url == origin { origin.replace(version, variable) } else { url };
    let file = url.rsplit('/').next().unwrap_or(&url);
    let stem = [".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tar.zst", ".tar", ".zip"].iter().find_map(|e| file.strip_suffix(e));
    let subdir = stem.map_or_else(
        || format!("{short}-{variable}"),
        |s| if s.contains(variable) && s != variable { s.to_owned() } else { format!("{short}-{variable}") },
    );
    Archive { url, second: None, file: None, subdir }
}

/// Sets LIBX_VERSION in a library's Makefile.uk and returns what it was.
///
/// # Errors
/// No Makefile.uk, no such line in it, a version that is none.
pub fn bump(dir: &Path, name: &str, version: &str) -> Result<String> {
    if version.is_empty() || !version.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+~".contains(c)) {
        return Err(Error::Usage(format!("`{version}` is no version: letters, digits and .-_+~ only")));
    }
    let path = dir.join("Makefile.uk");
    let text = crate::error::read(&path)?;
    let variable = format!("{}_VERSION", symbol(name));
    let Some(old) = sources::local::makefile_version(dir, name) else {
        return Err(Error::NotFound(format!("{}: no line `{variable}=...`", path.display())));
    };
    let change = |line: &str| match line.trim_start().strip_prefix(&variable) {
        Some(rest) if rest.trim_start().starts_with([':', '?', '=']) => line.replacen(&old, version, 1),
        _ => line.to_owned(),
    };
    // The checksum is that of the old version.
    let sum = format!("{}_ORIGIN_", symbol(name));
    let keep = |line: &&str| !line.trim_start().starts_with(&sum);
    let new: String = text.lines().filter(keep).map(|l| change(l) + "\n").collect();
    write(&path, &new)?;
    Ok(old)
}

/// The year of a time.
pub fn year(seconds: u64) -> u64 {
    date(seconds).0
}

/// Year, month and day of a time (Howard Hinnant's civil_from_days).
pub fn date(seconds: u64) -> (u64, u64, u64) {
    let z = seconds / 86_400 + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_of_origins() {
        let a = archive("https://github.com/esnet/iperf", "3.10.1", "iperf3", "$(V)", false);
        assert_eq!(a.url, "https://github.com/esnet/iperf/archive/refs/tags/v$(V).tar.gz");
        assert_eq!(a.second.as_deref(), Some("https://github.com/esnet/iperf/archive/refs/tags/$(V).tar.gz"));
        assert_eq!((a.file.as_deref(), a.subdir.as_str()), (Some("iperf-$(V).tar.gz"), "iperf-$(V)"));
        let b = archive("https://zlib.net/zlib-1.3.tar.xz", "1.3", "z", "$(V)", false);
        assert_eq!((b.url.as_str(), b.subdir.as_str(), b.second), ("https://zlib.net/zlib-$(V).tar.xz", "zlib-$(V)", None));
        let c = archive("https://h/x/$VERSION/src.tar.gz", "2", "x", "$(V)", false);
        assert_eq!((c.url.as_str(), c.subdir.as_str()), ("https://h/x/$(V)/src.tar.gz", "x-$(V)"));
    }

    #[test]
    fn days() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(951_782_400), (2000, 2, 29));
        assert_eq!(date(1_795_305_600), (2026, 11, 22));
    }
}
