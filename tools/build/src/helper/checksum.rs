//! Checksums of archives: those that a Makefile.uk gives (LIBX_ORIGIN_SHA256 and its older kin), and those recorded in `.sums` when it
//! gives none.

use super::{Outcome, Settings, at};
use crate::hash::hex;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// All digests of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digests {
    pub md5: String,
    pub sha1: String,
    pub sha256: String,
    pub sha512: String,
}

impl Digests {
    pub(crate) fn of(path: &Path, weak: bool) -> Outcome<Digests> {
        let mut file = File::open(path).map_err(at(path))?;
        let (mut md5, mut sha1, mut sha256, mut sha512) = (Md5::new(), Sha1::new(), Sha256::new(), Sha512::new());
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = file.read(&mut buffer).map_err(at(path))?;
            if n == 0 {
                break;
            }
            sha256.update(&buffer[..n]);
            if weak {
                md5.update(&buffer[..n]);
                sha1.update(&buffer[..n]);
                sha512.update(&buffer[..n]);
            }
        }
        Ok(Digests {
            md5: hex(&md5.finalize()),
            sha1: hex(&sha1.finalize()),
            sha256: hex(&sha256.finalize()),
            sha512: hex(&sha512.finalize()),
        })
    }
}

/// What an archive must have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    /// (kind, digits; where an archive exists in several packings, theirs with commas between)
    pub sums: Vec<(String, String)>,
    /// Where they are from, for messages.
    pub from: &'static str,
}

impl Expected {
    /// The `number`th checksum of each kind.
    pub(crate) fn given(sums: &[String], number: usize) -> Outcome<Expected> {
        let mut out = Expected { sums: Vec::new(), from: "the Makefile.uk" };
        for kind in ["md5", "sha1", "sha256", "sha512"] {
            let mine = sums.iter().filter_map(|s| s.strip_prefix(kind)?.strip_prefix(':'));
            let Some(value) = mine.clone().nth(number) else { continue };
            let digits = match kind {
                "md5" => 32,
                "sha1" => 40,
                "sha256" => 64,
                _ => 128,
            };
            let value = value.to_ascii_lowercase();
            if value.split(',').any(|one| one.len() != digits || !one.chars().all(|c| c.is_ascii_hexdigit())) {
                return Err(format!("LIBX_ORIGIN_{} must have {digits} hexadecimal digits, `{value}` has not", kind.to_uppercase()));
            }
            out.sums.push((kind.to_string(), value));
        }
        Ok(out)
    }

    /// The SHA-256 checksums that are right.
    pub(crate) fn sha256(&self) -> impl Iterator<Item = &str> {
        self.sums.iter().filter(|(kind, _)| kind == "sha256").flat_map(|(_, value)| value.split(','))
    }

    /// The file's SHA-256, if it has what is expected.
    pub(crate) fn check(&self, path: &Path) -> Outcome<String> {
        let weak = self.sums.iter().any(|(kind, _)| kind != "sha256");
        let found = Digests::of(path, weak)?;
        for (kind, wanted) in &self.sums {
            let is = match kind.as_str() {
                "md5" => &found.md5,
                "sha1" => &found.sha1,
                "sha256" => &found.sha256,
                _ => &found.sha512,
            };
            if !wanted.split(',').any(|one| is == one) {
                return Err(format!("the {kind} checksum is {is}, but {} has {wanted}", self.from));
            }
        }
        Ok(found.sha256)
    }
}

/// The checksum recorded for an address.
pub(crate) fn recorded(settings: &Settings, url: &str) -> Option<Expected> {
    let text = std::fs::read_to_string(&settings.sums).ok()?;
    let value = text.lines().filter_map(|l| l.split_once("  ")).find(|(_, u)| u.trim() == url)?.0.to_string();
    Some(Expected {
        sums: vec![("sha256".into(), value)],
        from: ".sums (recorded at the first download; remove its line if the archive rightly changed)",
    })
}

/// Records a checksum; says so.
pub(crate) fn record(settings: &Settings, lib: &str, url: &str, sha256: &str) -> Outcome<()> {
    if recorded(settings, url).is_some() {
        return Ok(());
    }
    let mut file = File::options().create(true).append(true).open(&settings.sums).map_err(at(&settings.sums))?;
    file.lock().map_err(at(&settings.sums))?;
    file.write_all(format!("{sha256}  {url}\n").as_bytes()).map_err(at(&settings.sums))?;
    let upper = lib.to_uppercase();
    eprintln!(
        "{lib}: warning: no checksum; recorded in {}. For the Makefile.uk: {upper}_ORIGIN_SHA256 = {sha256}",
        settings.sums.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        let path = std::env::temp_dir().join(format!("ukbuild-sum-{}", std::process::id()));
        std::fs::write(&path, "abc").unwrap();
        let d = Digests::of(&path, true).unwrap();
        assert_eq!(d.md5, "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(d.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(d.sha256.starts_with("ba7816bf") && d.sha512.starts_with("ddaf35a1"));
        let good = Expected::given(&[format!("sha256:{}", d.sha256.to_uppercase()), format!("md5:{}", d.md5)], 0).unwrap();
        assert_eq!(good.check(&path).unwrap(), d.sha256);
        let either = Expected::given(&[format!("sha256:{},{}", "0".repeat(64), d.sha256)], 0).unwrap();
        assert_eq!(either.check(&path).unwrap(), d.sha256);
        let bad = Expected::given(&[format!("sha1:{}", "0".repeat(40))], 0).unwrap();
        assert!(bad.check(&path).unwrap_err().contains("the sha1 checksum is a9993e"));
        assert!(Expected::given(&["sha256:12".into()], 0).is_err());
        assert!(Expected::given(&[format!("md5:{}", d.md5)], 1).unwrap().sums.is_empty());
        std::fs::remove_file(&path).unwrap();
    }
}
