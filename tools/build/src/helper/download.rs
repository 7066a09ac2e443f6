//! Bringing one file here: `file://` by copying, http and https by curl (or wget), going on where an earlier try stopped.

use super::{Outcome, Settings, at};
use crate::{hash, require};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Path of a `file://` address or of a plain absolute path.
pub(crate) fn local(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("file://localhost/").map(|p| format!("/{p}")).or_else(|| url.strip_prefix("file://").map(str::to_string));
    path.or_else(|| url.starts_with('/').then(|| url.to_string())).map(PathBuf::from)
}

/// Whether the address may be asked.
pub(crate) fn allowed(settings: &Settings, url: &str) -> bool {
    !settings.offline || local(url).is_some()
}

/// Where a download in progress is kept.
fn partial(settings: &Settings, url: &str) -> PathBuf {
    settings.cache.join("partial").join(hash::id_hex(hash::id([url])))
}

/// Keeps other builds from downloading the same until the file is dropped.
pub(crate) fn lock(settings: &Settings, url: &str) -> Outcome<std::fs::File> {
    let path = partial(settings, url).with_extension("lock");
    let dir = path.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(dir).map_err(at(dir))?;
    let file = std::fs::File::create(&path).map_err(at(&path))?;
    file.lock().map_err(at(&path))?;
    Ok(file)
}

/// Downloads into a file of the cache, whose path is the result; the caller holds the lock and moves the file away.
pub(crate) fn get(settings: &Settings, what: &str, url: &str) -> Outcome<PathBuf> {
    let part = partial(settings, url);
    if let Some(path) = local(url) {
        let meta = std::fs::metadata(&path).map_err(at(&path))?;
        if !meta.is_file() {
            return Err(format!("{}: this is no file", path.display()));
        }
        std::fs::copy(&path, &part).map_err(at(&path))?;
        return Ok(part);
    }
    if !url.starts_with("http://") && !url.starts_with("https://") && !url.starts_with("ftp://") {
        return Err(format!("{url}: expected http://, https:// or file://"));
    }
    settings.say("GET", &format!("{what}: {url}"));
    let result = with_curl(&part, url).or_else(|why| match why {
        Failure::Restart => {
            let _ = std::fs::remove_file(&part);
            with_curl(&part, url)
        }
        other => Err(other),
    });
    match result {
        Ok(()) => Ok(part),
        Err(Failure::Restart) => Err(format!("{url}: the server does not let the download go on")),
        Err(Failure::Why(why)) => Err(why),
    }
}

enum Failure {
    /// What is here does not fit what the server has.
    Restart,
    Why(String),
}

/// The program that downloads `url` into `part`, going on if something is there.
fn downloader(part: &Path, url: &str, had: bool) -> Result<Command, Failure> {
    if require::find("curl").is_some() {
        let mut curl = Command::new("curl");
        curl.args(["-q", "-fsSL", "--retry", "2", "--connect-timeout", "20", "--speed-time", "60", "--speed-limit", "1"]);
        curl.args(["--proto", "=http,https,ftp"]);
        if had {
            curl.args(["-C", "-"]);
        }
        curl.arg("-o").arg(part).arg(url);
        return Ok(curl);
    }
    if require::find("wget").is_some() {
        let mut wget = Command::new("wget");
        wget.args(["-q", "-c", "--tries=3", "--timeout=60", "-O"]).arg(part).arg(url);
        return Ok(wget);
    }
    Err(Failure::Why("curl is missing; install with: apt-get install --no-install-recommends curl ca-certificates".into()))
}

fn with_curl(part: &Path, url: &str) -> Result<(), Failure> {
    let had = std::fs::metadata(part).is_ok_and(|m| m.len() > 0);
    let mut command = downloader(part, url, had)?;
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(|e| Failure::Why(e.to_string()))?;
    let bar = std::io::stdout().is_terminal();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => std::thread::sleep(Duration::from_millis(if bar { 100 } else { 10 })),
            Err(e) => return Err(Failure::Why(e.to_string())),
        }
        if bar {
            let have = std::fs::metadata(part).map(|m| m.len()).unwrap_or_default();
            print!("\r\x1b[K  GET     {}.{} MB", have / 1_000_000, have / 100_000 % 10);
            let _ = std::io::stdout().flush();
        }
    };
    if bar {
        print!("\r\x1b[K");
    }
    if status.success() {
        return Ok(());
    }
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = std::io::Read::read_to_string(&mut stderr, &mut said);
    }
    // 33: no ranges here. 22 with 416: the range is beyond the end. 36: it cannot go on there.
    let odd = matches!(status.code(), Some(33 | 36)) || said.contains("416");
    if had && odd {
        return Err(Failure::Restart);
    }
    let said = said.trim().trim_start_matches("curl: ");
    Err(Failure::Why(format!("{url}: {}", if said.is_empty() { "the download failed" } else { said })))
}
