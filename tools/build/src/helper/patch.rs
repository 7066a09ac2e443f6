//! `patch`: the patches of a directory applied to the origin, in the order of their names. The stamp `.patched` says which; when they
//! change, the origin is unpacked anew first.

use super::stamp::{self, Origin, Patched};
use super::{Call, Outcome, Settings, at, fetch};
use crate::hash::hex;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One patch: directory below origin, file.
struct Patch {
    subdir: String,
    path: PathBuf,
    sha256: String,
}

impl Patch {
    fn name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// Makes the tree what the call asks for; touches nothing when it is.
pub(crate) fn run(call: &Call, settings: &Settings) -> Outcome<()> {
    let (path, busy) = (call.dir.join(".patched"), stamp::busy(&call.dir));
    let origin: Origin = stamp::read(&call.dir.join(".origin")).ok_or("there is no origin to patch")?;
    let patches = collect(call)?;
    let wanted = Patched {
        archives: origin.archives.clone(),
        commits: origin.commits.clone(),
        patches: patches.iter().map(|p| (p.subdir.clone(), p.name(), p.sha256.clone())).collect(),
    };
    let old: Option<Patched> = stamp::read(&path);
    if old.as_ref() == Some(&wanted) && !busy.exists() {
        return Ok(());
    }
    let dirty = busy.exists() || old.as_ref().is_some_and(|o| !o.patches.is_empty()) || (!patches.is_empty() && stamp::edited(&call.dir));
    if dirty {
        let again = Call { lib: call.lib.clone(), dir: call.dir.clone(), sums: origin.sums.clone(), rest: origin.sources.clone() };
        fetch::unpack(&again, settings)?;
    }
    if !patches.is_empty() {
        for patch in &patches {
            std::fs::write(&busy, patch.name()).map_err(at(&busy))?;
            settings.say("PATCH", &format!("{}: {}", call.lib, patch.name()));
            // Whoever now mends the tree by hand finds it kept.
            apply(call, patch).inspect_err(|_| drop(stamp::remember_files(&call.dir)))?;
        }
        stamp::remember_files(&call.dir)?;
    }
    stamp::write(&path, &wanted)?;
    match std::fs::remove_file(&busy) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(at(&busy)(e)),
        _ => Ok(()),
    }
}

/// The patches of all `directory|subdirectory` words, each directory's in the order of their names.
fn collect(call: &Call) -> Outcome<Vec<Patch>> {
    let mut all = Vec::new();
    for word in &call.rest {
        let (dir, subdir) = word.split_once('|').ok_or(format!("`{word}` is no directory of patches"))?;
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
        let mut files: Vec<PathBuf> = entries.filter(|p| p.extension().is_some_and(|e| e == "patch" || e == "diff")).collect();
        files.sort();
        for path in files {
            let bytes = std::fs::read(&path).map_err(at(&path))?;
            all.push(Patch { subdir: subdir.to_string(), path, sha256: hex(&Sha256::digest(bytes)) });
        }
    }
    Ok(all)
}

/// Where a patch is applied: the directory named, or for `*` the one that the archive consists of.
fn target(call: &Call, subdir: &str) -> Outcome<PathBuf> {
    let origin = call.dir.join("origin");
    if subdir != "*" {
        let dir = origin.join(subdir);
        if dir.is_dir() {
            return Ok(dir);
        }
        let there: Vec<String> =
            std::fs::read_dir(&origin).into_iter().flatten().flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        return Err(format!("patches are for {subdir}, but the origin has {}", there.join(", ")));
    }
    let entries: Vec<_> = std::fs::read_dir(&origin).into_iter().flatten().flatten().map(|e| e.path()).collect();
    match &entries[..] {
        [only] if only.is_dir() => Ok(only.clone()),
        _ => Ok(origin),
    }
}

fn apply(call: &Call, patch: &Patch) -> Outcome<()> {
    let dir = target(call, &patch.subdir)?;
    let rejects = call.dir.join(".rejects");
    let _ = std::fs::remove_file(&rejects);
    let mut command = Command::new("patch");
    command.args(["-p1", "-f", "-N", "--no-backup-if-mismatch", "-r"]).arg(&rejects).arg("-d").arg(&dir).arg("-i").arg(&patch.path);
    let output = command.env("LC_ALL", "C").stdin(Stdio::null()).output();
    let output = output.map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => "patch is missing; install with: apt-get install --no-install-recommends patch".to_string(),
        _ => format!("patch: {e}"),
    })?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        loose(call, patch, &said);
        return Ok(());
    }
    let hunks = std::fs::read_to_string(&rejects).unwrap_or_default();
    let _ = std::fs::remove_file(&rejects);
    let mut why = format!("{} does not apply in {}:\n{}", patch.path.display(), dir.display(), failures(&said));
    if !hunks.is_empty() {
        why.push_str(&format!("What did not fit:\n{}", hunks.trim_end()));
    }
    Err(why)
}

/// One line for each hunk that fitted elsewhere or not quite.
fn loose(call: &Call, patch: &Patch, said: &str) {
    let mut file = "";
    for line in said.lines() {
        if let Some(name) = line.strip_prefix("patching file ") {
            file = name;
        } else if line.starts_with("Hunk #") && (line.contains("fuzz") || line.contains("offset")) {
            println!("  {:<8}{}: {}: {file}: {}", "", call.lib, patch.name(), line.trim_end_matches('.'));
        }
    }
}

/// The lines of patch(1) that tell what failed where.
fn failures(said: &str) -> String {
    let mut file = "";
    let mut out = String::new();
    for line in said.lines() {
        if let Some(name) = line.strip_prefix("patching file ") {
            file = name;
        } else if line.contains("FAILED at")
            || line.contains("can't find file")
            || line.contains("malformed")
            || line.contains("Reversed")
            || line.contains("dangerous")
        {
            let name = if file.is_empty() { String::new() } else { format!("{}: ", Path::new(file).display()) };
            out.push_str(&format!("  {name}{line}\n"));
        }
    }
    if out.is_empty() { said.to_string() } else { out }
}
