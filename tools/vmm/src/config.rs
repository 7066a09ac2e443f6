//! The configuration module: what the tool tells the kernel about the program (docs/boot-protocol.md, section 2).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// First bytes of a configuration.
pub const MAGIC: &[u8] = b"UNOXCFG1\n";

/// A configuration being written: `key=value` records in the order they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    records: Vec<(String, Vec<u8>)>,
    attached: Vec<u8>,
}

/// What is attached begins at a multiple of this.
const PAGE: usize = 4096;

impl Config {
    /// An empty configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record. Values end at a NUL byte on the wire, so anything from the first one on is dropped; no path, argument or environment
    /// string of a Linux program can hold one.
    pub fn add(&mut self, key: &str, value: impl AsRef<OsStr>) -> &mut Self {
        let value = value.as_ref().as_bytes();
        let end = value.iter().position(|&b| b == 0).unwrap_or(value.len());
        self.records.push((key.to_string(), value[..end].to_vec()));
        self
    }

    /// Adds `key=1`.
    pub fn on(&mut self, key: &str) -> &mut Self {
        self.add(key, "1")
    }

    /// The same without the records of these names.
    pub fn without(mut self, keys: &[&str]) -> Self {
        self.records.retain(|(key, _)| !keys.contains(&key.as_str()));
        self
    }

    /// The value of the last record named `key`.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        self.records.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.as_slice())
    }

    /// Every record, in order.
    pub fn records(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.records.iter().map(|(k, v)| (k.as_str(), v.as_slice()))
    }

    /// Attaches a root file system (EROFS or cpio): QEMU passes one module, and this is how it holds two things.
    pub fn attach(&mut self, root: Vec<u8>) -> &mut Self {
        self.attached = root;
        self
    }

    /// The bytes the kernel reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for (key, value) in &self.records {
            out.extend_from_slice(key.as_bytes());
            out.push(b'=');
            out.extend_from_slice(value);
            out.push(0);
        }
        if !self.attached.is_empty() {
            // An empty record ends the configuration.
            out.push(0);
            out.resize(out.len().next_multiple_of(PAGE), 0);
            out.extend_from_slice(&self.attached);
        }
        out
    }

    /// Reads what [`Config::to_bytes`] wrote; `None` when the magic or a record is malformed. Bytes after the last NUL are ignored;
    /// an empty record ends it.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut records = Vec::new();
        while let Some(end) = rest.iter().position(|&b| b == 0) {
            let record = &rest[..end];
            rest = &rest[end + 1..];
            if record.is_empty() {
                break;
            }
            let equals = record.iter().position(|&b| b == b'=')?;
            records.push((String::from_utf8(record[..equals].to_vec()).ok()?, record[equals + 1..].to_vec()));
        }
        Some(Config { records, attached: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_records_that_end_in_nul() {
        let mut config = Config::new();
        config.add("exec", "/bin/true").add("arg", "true").add("arg", "a=b c\n").on("strace");
        assert_eq!(config.to_bytes(), b"UNOXCFG1\nexec=/bin/true\0arg=true\0arg=a=b c\n\0strace=1\0");
        assert_eq!(Config::from_bytes(&config.to_bytes()), Some(config.clone()));
        assert_eq!(config.get("arg"), Some(&b"a=b c\n"[..]));
    }

    #[test]
    fn a_root_follows_on_a_page_of_its_own() {
        let mut config = Config::new();
        config.add("arg", "x").attach(b"070701=\0".to_vec());
        let bytes = config.to_bytes();
        assert_eq!((bytes.len(), &bytes[4096..]), (4104, &b"070701=\0"[..]));
        assert_eq!(Config::from_bytes(&bytes).map(|c| c.records), Some(config.records));
    }

    #[test]
    fn a_nul_in_a_value_cannot_start_a_record() {
        let mut config = Config::new();
        config.add("cwd", OsStr::from_bytes(b"/tmp\0uid=0"));
        assert_eq!(config.to_bytes(), b"UNOXCFG1\ncwd=/tmp\0");
    }

    #[test]
    fn refuses_what_is_no_configuration() {
        assert_eq!(Config::from_bytes(b"\x7fELF"), None);
        assert_eq!(Config::from_bytes(b"UNOXCFG1\nnoequals\0"), None);
    }
}
