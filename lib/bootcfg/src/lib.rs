//! The boot configuration (docs/boot-protocol.md, section 2): the same keys from a packed payload, the command line and the configuration
//! module, later sources winning. Nothing is copied: values are slices of the sources.
#![no_std]
#![forbid(unsafe_code)]

/// First bytes of a configuration module.
pub const MAGIC: &[u8] = b"UNOXCFG1\n";

/// Prefix of our keys on a kernel command line.
const PREFIX: &[u8] = b"unox.";

/// Keys that are kept in the index; a source with more is searched from its beginning each time.
const INDEXED: usize = 40;

/// The records of one repeated key in one source: from the first of them on, and how many there are.
#[derive(Clone, Copy, Default)]
struct Repeated<'a> {
    from: &'a [u8],
    count: usize,
}

impl<'a> Repeated<'a> {
    fn add(&mut self, rest: &'a [u8]) {
        if self.count == 0 {
            self.from = rest;
        }
        self.count += 1;
    }

    fn values(self, key: &'a str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        Records { rest: self.from }.filter(move |(k, _)| *k == key.as_bytes()).map(|(_, v)| v).take(self.count)
    }
}

/// A blob of records, looked through once.
#[derive(Clone, Copy, Default)]
struct Source<'a> {
    blob: &'a [u8],
    args: Repeated<'a>,
    env: Repeated<'a>,
    /// What comes after the last record: nothing, or the empty record.
    end: &'a [u8],
}

impl<'a> Source<'a> {
    /// Looks through `blob`; `keep` gets what is neither `arg` nor `env`.
    fn new(blob: &'a [u8], mut keep: impl FnMut(&'a [u8])) -> Source<'a> {
        let mut source = Source { blob, ..Source::default() };
        let mut rest = records(blob).rest;
        while rest.first().is_some_and(|byte| *byte != 0) {
            let (record, after) = rest.split_at(record_end(rest));
            if record.starts_with(b"env=") {
                source.env.add(rest);
            } else if record.starts_with(b"arg=") {
                source.args.add(rest);
            } else {
                keep(record);
            }
            rest = after.get(1..).unwrap_or(&[]);
        }
        source.end = rest;
        source
    }
}

/// The sources, and an index of what they say: boot asks for some twenty keys, and a source may hold hundreds of records (the environment).
#[derive(Clone, Copy)]
pub struct Config<'a> {
    payload: Source<'a>,
    cmdline: &'a [u8],
    module: Source<'a>,
    /// `key=value` from the weakest source to the strongest, without `arg` and `env`.
    index: [&'a [u8]; INDEXED],
    indexed: usize,
}

impl Default for Config<'_> {
    fn default() -> Self {
        Config::new(&[], &[], &[])
    }
}

impl<'a> Config<'a> {
    /// A configuration from the payload of a packed image (with its magic; may be empty), the kernel's command line, and the configuration
    /// module (with its magic; may be empty).
    pub fn new(payload: &'a [u8], cmdline: &'a [u8], module: &'a [u8]) -> Self {
        let mut config = Config { payload: Source::default(), cmdline, module: Source::default(), index: [&[]; INDEXED], indexed: 0 };
        let mut keep = |record| {
            if let Some(slot) = config.index.get_mut(config.indexed) {
                *slot = record;
            }
            config.indexed += 1;
        };
        let payload = Source::new(payload, &mut keep);
        kernel_part(cmdline).for_each(&mut keep);
        let module = Source::new(module, &mut keep);
        (config.payload, config.module) = (payload, module);
        config
    }

    /// The value of `key` (any but `arg` and `env`) in the strongest source that has it (the last one there).
    pub fn get(&self, key: &str) -> Option<&'a [u8]> {
        let key = key.as_bytes();
        let Some(index) = self.index.get(..self.indexed) else {
            let mut last = None;
            let mut look = |record: &'a [u8]| last = value(record, key).or(last);
            Source::new(self.payload.blob, &mut look);
            kernel_part(self.cmdline).for_each(&mut look);
            Source::new(self.module.blob, &mut look);
            return last;
        };
        for record in index.iter().rev() {
            let found = value(record, key);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The root file system that follows the module's records, on a page of its own.
    pub fn attached(&self) -> Option<&'a [u8]> {
        let after = self.module.end.get(1..)?;
        let at = self.module.blob.len() - after.len();
        self.module.blob.get(at.next_multiple_of(PAGE)..).filter(|rest| !rest.is_empty())
    }

    /// Whether `key` is given as `1`.
    pub fn flag(&self, key: &str) -> bool {
        self.get(key) == Some(b"1")
    }

    /// The value of `key` as a decimal or 0x number; `None` when absent or malformed.
    pub fn number(&self, key: &str) -> Option<u64> {
        parse_number(self.get(key)?)
    }

    /// All values of a repeated key (`env`) from the strongest source that has any.
    pub fn all(&self, key: &'a str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let whole = |source: &Source<'a>| {
            let from = records(source.blob).rest;
            Repeated { from, count: Records { rest: from }.filter(|(k, _)| *k == key.as_bytes()).count() }
        };
        let (strong, weak) = match key {
            "env" => (self.module.env, self.payload.env),
            _ if self.get(key).is_none() => Default::default(),
            _ => (whole(&self.module), whole(&self.payload)),
        };
        if strong.count > 0 { strong } else { weak }.values(key)
    }

    /// The arguments: of the module, else what follows ` -- ` on the command line, else of the payload.
    pub fn args(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let in_module = self.module.args.count > 0;
        let after_dashes: &'a [u8] = if in_module { &[] } else { program_part(self.cmdline).unwrap_or(&[]) };
        let records = match (in_module, after_dashes) {
            (true, _) => self.module.args,
            (false, []) => self.payload.args,
            _ => Repeated::default(),
        };
        words(after_dashes).chain(records.values("arg"))
    }
}

/// Our keys on a command line.
fn kernel_part(cmdline: &[u8]) -> impl Iterator<Item = &[u8]> {
    words(cmdline).take_while(|word| *word != b"--").filter_map(|word| word.strip_prefix(PREFIX))
}

/// The value of a record, if it is one of `key`. Boot does this some hundred times; most end at the first comparison.
#[inline(always)]
fn value<'a>(record: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let (name, value) = record.split_at_checked(key.len())?;
    match value {
        [b'=', value @ ..] if name == key => Some(value),
        _ => None,
    }
}

/// What follows ` -- ` (or a leading `-- `) on a command line.
fn program_part(cmdline: &[u8]) -> Option<&[u8]> {
    let at = cmdline.windows(3).position(|w| w == b"-- ")?;
    (at == 0 || cmdline[at - 1] == b' ').then(|| &cmdline[at + 3..])
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == b' ' || *b == b'\n').filter(|w| !w.is_empty())
}

/// A decimal or 0x-prefixed hexadecimal number.
pub fn parse_number(text: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(text).ok()?;
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Where the first record of `rest` ends (core searches NULs a word at a time).
fn record_end(rest: &[u8]) -> usize {
    core::ffi::CStr::from_bytes_until_nul(rest).map_or(rest.len(), core::ffi::CStr::count_bytes)
}

/// What is attached to a module begins at a multiple of this.
const PAGE: usize = 4096;

/// The records of a configuration blob; none if the magic is missing. An empty record ends them, where there is one.
pub fn records(blob: &[u8]) -> Records<'_> {
    Records { rest: blob.strip_prefix(MAGIC).unwrap_or(&[]) }
}

/// Iterator over `key=value\0` records. A record without `=` is skipped, an unterminated last one is taken as it is.
#[derive(Clone)]
pub struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Records<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while self.rest.first().is_some_and(|byte| *byte != 0) {
            let end = record_end(self.rest);
            let record = &self.rest[..end];
            self.rest = self.rest.get(end + 1..).unwrap_or(&[]);
            if let Some(eq) = record.iter().position(|b| *b == b'=') {
                return Some((&record[..eq], &record[eq + 1..]));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    const MODULE: &[u8] = b"UNOXCFG1\nexec=/bin/x\0arg=x\0arg=a b\0env=A=1\0env=B=\0cwd=/m\0";

    #[test]
    fn later_sources_win() {
        let payload = b"UNOXCFG1\ncwd=/p\0hostname=p\0arg=old\0";
        let config = Config::new(payload, b"quiet unox.cwd=/c unox.umask=077", MODULE);
        assert_eq!(config.get("cwd"), Some(&b"/m"[..]));
        assert_eq!(config.get("umask"), Some(&b"077"[..]));
        assert_eq!(config.get("hostname"), Some(&b"p"[..]));
        assert_eq!(config.args().collect::<Vec<_>>(), [&b"x"[..], b"a b"]);
        assert_eq!(config.all("env").collect::<Vec<_>>(), [&b"A=1"[..], b"B="]);
    }

    #[test]
    fn command_line_alone() {
        let config = Config::new(b"", b"unox.nokaslr=1 -- /bin/echo unox.cwd=/no hi", b"");
        assert!(config.flag("nokaslr"));
        assert_eq!(config.get("cwd"), None);
        assert_eq!(config.args().collect::<Vec<_>>(), [&b"/bin/echo"[..], b"unox.cwd=/no", b"hi"]);
    }

    #[test]
    fn more_records_than_the_index_holds() {
        let mut blob = std::string::String::from("UNOXCFG1\ncwd=/first\0");
        (0..100).for_each(|i| blob.push_str(&std::format!("key{i}={i}\0env=E{i}=x\0")));
        blob.push_str("cwd=/last\0");
        let config = Config::new(b"", b"unox.only=here", blob.as_bytes());
        assert_eq!(config.get("cwd"), Some(&b"/last"[..]));
        assert_eq!(config.get("key77"), Some(&b"77"[..]));
        assert_eq!(config.get("only"), Some(&b"here"[..]));
        assert_eq!(config.get("key"), None);
        assert_eq!(config.all("env").count(), 100);
    }

    #[test]
    fn a_root_may_follow() {
        let mut blob = b"UNOXCFG1\narg=x\0cwd=/a\0\0".to_vec();
        blob.resize(4096, 0);
        blob.extend_from_slice(b"070701 cwd=/b\0cwd=/c\0");
        let config = Config::new(b"", b"", &blob);
        assert_eq!((config.get("cwd"), config.attached()), (Some(&b"/a"[..]), Some(&b"070701 cwd=/b\0cwd=/c\0"[..])));
        assert_eq!(config.args().count(), 1);
        assert_eq!(Config::new(b"", b"", &blob[..4096]).attached(), None);
        assert_eq!(Config::new(b"", b"", MODULE).attached(), None);
        assert_eq!(Config::new(b"", b"", b"UNOXCFG1\n\0").attached(), None);
    }

    #[test]
    fn malformed_blobs_are_harmless() {
        assert_eq!(records(b"garbage").count(), 0);
        assert_eq!(records(b"UNOXCFG1\nnoequals\0=v\0k=v").collect::<Vec<_>>(), [(&b""[..], &b"v"[..]), (b"k", b"v")]);
        assert_eq!(Config::default().number("x"), None);
        assert_eq!(parse_number(b"0x10"), Some(16));
        assert_eq!(parse_number(b"1e"), None);
    }
}
