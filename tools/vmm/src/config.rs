//! The configuration module: what the tool tells the kernel about the program (docs/boot-protocol.md, section 2).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// First bytes of a configuration.
pub const MAGIC: &[u8] = b"UNOXCFG1\n";

/// A configuration being written: `key=value` records in the order they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    records: Vec<(String, Vec<u8>)>,
}

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

    /// The value of the last record named `key`.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        self.records.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.as_slice())
    }

    /// Every record, in order.
    pub fn records(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.records.iter().map(|(k, v)| (k.as_str(), v.as_slice()))
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
        out
    }

    /// Reads what [`Config::to_bytes`] wrote; `None` when the magic or a record is malformed. Bytes after the last NUL are ignored.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut records = Vec::new();
        while let Some(end) = rest.iter().position(|&b| b == 0) {
            let record = &rest[..end];
            rest = &rest[end + 1..];
            if record.is_empty() {
                continue;
            }
            let equals = record.iter().position(|&b| b == b'=')?;
            records.push((String::from_utf8(record[..equals].to_vec()).ok()?, record[equals + 1..].to_vec()));
        }
        Some(Config { records })
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
