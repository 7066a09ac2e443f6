//! Repositories elsewhere: asked through git, found in mirrors when the network is not to be used, and GitHub's lists of an organisation's repositories.

use super::{Component, Context, Place, Version, builtin, matches, named};
use crate::error::{Error, Result};
use crate::git;
use crate::name::Kind;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Pages of GitHub's list that are asked for; each has 100 repositories.
const PAGES: usize = 20;

/// Unikraft's own repositories: unox and its ports stand in for them.
pub const STANDS_IN: &str = "unikraft";

/// A repository, by its address.
pub fn git(url: &str, context: &Context<'_>) -> Result<(Vec<Component>, Vec<String>)> {
    let repository = super::github(url).map(|(_, name)| name).unwrap_or_else(|| basename(url));
    let (kind, name) = named(&repository);
    if kind == Kind::Core && super::github(url).is_some_and(|(org, _)| org == STANDS_IN) {
        let core = context.workspace.core(None).ok().map(|c| c.path).or_else(|| context.workspace.core_source().map(Into::into));
        let found: Vec<Component> = core
            .iter()
            .map(|c| super::local::component(c, Kind::Core, context.now))
            .map(|c| Component { origin: url.into(), ..c })
            .collect();
        let said =
            if found.is_empty() { "there is no unox core here; set UK_ROOT to its source tree" } else { "the unox core stands in for it" };
        return Ok((found, vec![format!("{url}: {said}")]));
    }
    let mirrored = in_mirrors(url, context);
    let from = mirrored.clone().unwrap_or_else(|| url.to_owned());
    if mirrored.is_none() && context.rc.offline && !is_local(url) {
        return Err(Error::NotFound(format!(
            "{url}: offline = true in {}, and no mirror has {repository}.git\n  put a clone there (git clone --mirror), add a directory instead, or set offline = false",
            context.rc.path().display()
        )));
    }
    let versions = order(git::references(&from)?);
    if versions.is_empty() {
        return Err(Error::NotFound(format!("{url}: the repository has neither branches nor tags")));
    }
    let component = Component {
        kind,
        name,
        description: String::new(),
        place: Place::Git(url.into()),
        versions,
        origin: url.into(),
        checked: context.now,
    };
    Ok((vec![component], Vec::new()))
}

/// `staging` and `stable` first, then the newest tags.
fn order(references: Vec<git::Reference>) -> Vec<Version> {
    let rank = |r: &git::Reference| match (r.tag, r.name.as_str()) {
        (false, "stable") => 0,
        (false, "staging") => 1,
        (false, "main" | "master") => 2,
        (false, _) => 4,
        (true, _) => 3,
    };
    let mut all = references;
    all.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| numbers(&b.name).cmp(&numbers(&a.name))));
    all.into_iter().map(|r| Version { name: r.name, channel: !r.tag, ..Version::default() }).collect()
}

fn numbers(name: &str) -> Vec<u64> {
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|p| p.parse().ok()).collect()
}

/// All repositories of an organisation whose name fits.
pub fn github(org: &str, pattern: &str, context: &Context<'_>) -> Result<(Vec<Component>, Vec<String>)> {
    let address = format!("https://github.com/{org}/{pattern}");
    let mut found = mirrored(org, pattern, context)?;
    if org == STANDS_IN {
        let core = context.workspace.core(None).ok().map(|c| c.path).or_else(|| context.workspace.core_source().map(Into::into));
        let ports = core.map(|c| builtin(&c, context.now)).unwrap_or_default();
        let ours = ports.into_iter().filter(|c| c.kind != Kind::Core && matches(pattern, &format!("{}-{}", c.kind.word(), c.name)));
        found.extend(ours.map(|c| Component { origin: address.clone(), ..c }));
        return Ok((found, vec![format!("{address}: unox's own ports stand in for them")]));
    }
    if !found.is_empty() {
        return Ok((found, Vec::new()));
    }
    if context.rc.offline {
        return Err(Error::NotFound(format!(
            "{address}: offline = true in {}, and no mirror has such repositories\n  add an index file, a directory or repositories one by one (kraft list add), or set offline = false",
            context.rc.path().display()
        )));
    }
    for (name, url) in ask(org, &context.rc.github_api)?.into_iter().filter(|(n, _)| matches(pattern, n)) {
        let (kind, short) = named(&name);
        let versions = order(git::references(&url)?);
        found.push(Component {
            kind,
            name: short,
            description: String::new(),
            place: Place::Git(url),
            versions,
            origin: address.clone(),
            checked: context.now,
        });
    }
    Ok((found, Vec::new()))
}

/// Names and addresses of an organisation's repositories, from GitHub.
fn ask(org: &str, api: &str) -> Result<Vec<(String, String)>> {
    let mut names = Vec::new();
    for page in 1..=PAGES {
        let url = format!("{api}/users/{org}/repos?per_page=100&page={page}");
        let token = std::env::var("UK_KRAFT_GITHUB_TOKEN").ok().filter(|t| !t.is_empty());
        let text = download(&url, token.as_deref()).map_err(|why| {
            Error::Command(format!(
                "github.com/{org}: {why}\n  without the network: add an index file, a directory or a mirror (docs/book/kraft-verbs.md);\n  when GitHub refuses for the number of requests: set UK_KRAFT_GITHUB_TOKEN"
            ))
        })?;
        let list: serde_json::Value =
            serde_json::from_str(&text).map_err(|e| Error::Command(format!("{url}: not what GitHub answers: {e}")))?;
        let Some(list) = list.as_array() else {
            let said = list.get("message").and_then(serde_json::Value::as_str).unwrap_or("no list of repositories");
            return Err(Error::Command(format!("{url}: not what GitHub answers: {said}")));
        };
        let repository = |r: &serde_json::Value| {
            let name = r.get("name")?.as_str()?.to_owned();
            let own = || format!("https://github.com/{org}/{name}.git");
            let url = r.get("clone_url").and_then(serde_json::Value::as_str).map_or_else(own, str::to_owned);
            Some((name, url))
        };
        let page: Vec<(String, String)> = list.iter().filter_map(repository).collect();
        let last = list.len() < 100;
        names.extend(page);
        if last {
            break;
        }
    }
    Ok(names)
}

/// A text from an address, by curl.
pub fn download(url: &str, token: Option<&str>) -> std::result::Result<String, String> {
    let mut curl = Command::new("curl");
    curl.args(["--fail", "--silent", "--show-error", "--location", "--connect-timeout", "10", "--max-time", "60", "--max-filesize", "64M"]);
    if token.is_some() {
        // By way of a file descriptor: arguments can be seen by every user of the host.
        curl.args(["--config", "-"]).stdin(Stdio::piped());
    } else {
        curl.stdin(Stdio::null());
    }
    let child = curl.args(["--", url]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|e| format!("cannot run curl ({e}); install with: apt-get install --no-install-recommends curl"))?;
    if let (Some(mut stdin), Some(token)) = (child.stdin.take(), token) {
        use std::io::Write;
        let clean: String = token.chars().filter(|c| c.is_ascii_graphic() && *c != '"' && *c != '\\').collect();
        let _ = writeln!(stdin, "header = \"Authorization: Bearer {clean}\"");
    }
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return String::from_utf8(output.stdout).map_err(|_| "the answer is not text".into());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

/// An archive with one component.
pub fn archive(url: &str, now: u64) -> Component {
    let base = basename(url);
    let stem = base.split(".tar.").next().unwrap_or(&base);
    let stem = stem.trim_end_matches(".tgz").trim_end_matches(".zip").trim_end_matches(".tar");
    // lib-lwip-0.5: the version is what begins with a number.
    let (name, version) = match stem.rfind('-') {
        Some(at) if stem[at + 1..].trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) => (&stem[..at], &stem[at + 1..]),
        _ => (stem, "stable"),
    };
    let (kind, name) = named(name);
    let version = Version { name: version.to_owned(), resource: Some(url.to_owned()), ..Version::default() };
    Component {
        kind,
        name,
        description: String::new(),
        place: Place::Archive(url.into()),
        versions: vec![version],
        origin: url.into(),
        checked: now,
    }
}

fn basename(url: &str) -> String {
    let last = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or(url);
    last.strip_suffix(".git").unwrap_or(last).to_owned()
}

/// Needs no network.
pub fn is_local(url: &str) -> bool {
    url.starts_with("file://") || url.starts_with('/')
}

/// Mirrors that are directories of this host.
fn mirror_dirs(context: &Context<'_>) -> Vec<PathBuf> {
    context
        .rc
        .mirrors
        .iter()
        .filter_map(|m| m.strip_prefix("file://").or_else(|| m.starts_with('/').then_some(m)))
        .map(PathBuf::from)
        .collect()
}

/// The mirror's copy of a repository: `ORG/NAME.git`, `NAME.git`, or the same without `.git`.
pub fn in_mirrors(url: &str, context: &Context<'_>) -> Option<String> {
    let name = super::github(url).map_or_else(|| basename(url), |(_, n)| n);
    let org = super::github(url).map(|(o, _)| o);
    let spellings = [format!("{name}.git"), name];
    let is_repository = |p: &PathBuf| p.join(".git").exists() || p.join("HEAD").is_file();
    mirror_dirs(context)
        .into_iter()
        .flat_map(|m| [org.as_ref().map(|o| m.join(o)), Some(m)])
        .flatten()
        .flat_map(|m| spellings.iter().map(move |s| m.join(s)).collect::<Vec<_>>())
        .find(is_repository)
        .map(|p| p.display().to_string())
}

/// What mirrors have of an organisation's repositories.
fn mirrored(org: &str, pattern: &str, context: &Context<'_>) -> Result<Vec<Component>> {
    let mut found: Vec<Component> = Vec::new();
    for dir in mirror_dirs(context).into_iter().flat_map(|m| [m.join(org), m]) {
        for index in ["index.yaml", "index.yml", "index.json"] {
            let path = dir.join(index);
            if path.is_file() {
                let all = super::index::probe(&path.display().to_string(), context)?;
                found.extend(all.into_iter().filter(|c| matches(pattern, &format!("{}-{}", c.kind.word(), c.name))));
            }
        }
        let entries = dir.read_dir().into_iter().flatten().filter_map(std::result::Result::ok);
        let mut names: Vec<String> = entries.filter_map(|e| e.file_name().into_string().ok()).collect();
        names.sort();
        for name in names {
            let repository = name.strip_suffix(".git").unwrap_or(&name);
            let path = dir.join(&name);
            if !matches(pattern, repository) || !(path.join("HEAD").is_file() || path.join(".git").exists()) {
                continue;
            }
            let (kind, short) = named(repository);
            if found.iter().any(|c| (c.kind, &c.name) == (kind, &short)) {
                continue;
            }
            let versions = order(git::references(&path.display().to_string())?);
            let place = Place::Git(format!("https://github.com/{org}/{repository}.git"));
            let origin = format!("https://github.com/{org}/{pattern}");
            found.push(Component { kind, name: short, description: String::new(), place, versions, origin, checked: context.now });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_say_their_name() {
        let a = archive("https://h/d/lib-lwip-0.5.tar.gz", 0);
        assert_eq!((a.kind, a.name.as_str(), a.default_version()), (Kind::Lib, "lwip", "0.5"));
        let b = archive("/x/app-hello.zip", 0);
        assert_eq!((b.kind, b.name.as_str(), b.default_version()), (Kind::App, "hello", "stable"));
    }

    #[test]
    fn the_newest_tag_comes_first() {
        let r = |name: &str, tag| git::Reference { name: name.into(), tag };
        let names: Vec<String> =
            order(vec![r("x", false), r("v1.9", true), r("v1.10", true), r("staging", false)]).into_iter().map(|v| v.name).collect();
        assert_eq!(names, ["staging", "v1.10", "v1.9", "x"]);
    }
}
