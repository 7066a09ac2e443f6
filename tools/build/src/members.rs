//! What each member of a library that is linked as an archive defines, recorded beside the library (LIBX_MEMBERS): a build then compiles the
//! members that its image can need and no others ([`crate::lazy`]).
//!
//! A record holds for contents, not for names: it counts while the source, every file it includes and the flags that say what is compiled
//! are as they were when it was written. A member without such a record is compiled always, so an old table costs time and nothing else.
//!
//! The file: `h PATH` a header, `g N...` a set of headers, `f HASH` a set of flags, `d DIR` the directory of the members that follow,
//! `m FILE VARIANT FLAGS HEADERS SUM START SYMBOL...` a member (numbers count from 0; VARIANT and START are `-` or a word).

use crate::hash::{self, Id};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

/// The first line; another one is another format, and no table.
const HEAD: &str = "# Members of the archive, made by `ukbuild members`; what is out of date here costs time only. Format 1.";

/// What is known of one member compiled in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Flags and include directories: half of their identity.
    pub flags: u64,
    /// The files read besides the source, places replaced.
    pub headers: BTreeSet<String>,
    /// Half of what stands for the contents of source and headers.
    pub sum: u64,
    /// Every program needs it.
    pub start: bool,
    /// What it defines.
    pub defines: BTreeSet<String>,
}

/// Source (places replaced) and variant.
type Name = (String, String);

/// All records of a library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub members: BTreeMap<Name, Vec<Record>>,
}

/// The half of an identity that is written down.
pub(crate) fn half(id: Id) -> u64 {
    u64::try_from(id & Id::from(u64::MAX)).unwrap_or_default()
}

/// The flags that decide what a member defines: without those that only change how good the code is, what the compiler says, and where
/// things are.
pub(crate) fn flags(command: &str) -> Id {
    let mut kept = Vec::new();
    let mut words = command.split_whitespace().skip(1);
    while let Some(word) = words.next() {
        match word {
            // Each is followed by a file.
            "-MF" | "-o" | "-c" => {
                words.next();
            }
            "-MD" | "-w" | "-fomit-frame-pointer" | "-fno-omit-frame-pointer" => {}
            // The record is that of this source and variant.
            _ if ["-D__BASENAME__=", "-D__VARIANT__="].iter().any(|p| word.starts_with(p)) => {}
            _ if ["-O", "-g", "-W", "-ffile-prefix-map=", "-fdebug-prefix-map="].iter().any(|p| word.starts_with(p)) => {}
            _ => kept.push(word),
        }
    }
    hash::id(kept)
}

impl Table {
    /// Reads a table; what cannot be read is none.
    pub(crate) fn parse(text: &str) -> Table {
        if text.lines().next() != Some(HEAD) {
            return Table::default();
        }
        Reader::default().table(text).unwrap_or_default()
    }

    /// Puts a record in the place of an older one for the same flags.
    pub(crate) fn put(&mut self, name: Name, record: Record) {
        let all = self.members.entry(name).or_default();
        all.retain(|r| r.flags != record.flags);
        all.push(record);
        all.sort_by_key(|r| r.flags);
    }

    /// As [`Table::parse`] reads it; the same table gives the same text.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{HEAD}\n");
        let records = || self.members.values().flatten();
        let paths: BTreeSet<&String> = records().flat_map(|r| &r.headers).collect();
        let groups: BTreeSet<&BTreeSet<String>> = records().map(|r| &r.headers).collect();
        let flags: BTreeSet<u64> = records().map(|r| r.flags).collect();
        let path_number: HashMap<&String, usize> = paths.iter().enumerate().map(|(i, p)| (*p, i)).collect();
        let group_number: HashMap<&BTreeSet<String>, usize> = groups.iter().enumerate().map(|(i, g)| (*g, i)).collect();
        let flag_number: HashMap<u64, usize> = flags.iter().enumerate().map(|(i, f)| (*f, i)).collect();
        paths.iter().for_each(|p| out.push_str(&format!("h {p}\n")));
        for group in &groups {
            let numbers: Vec<String> = group.iter().map(|p| path_number[p].to_string()).collect();
            let _ = writeln!(out, "g {}", numbers.join(" "));
        }
        flags.iter().for_each(|f| out.push_str(&format!("f {f:016x}\n")));
        let mut dir = "";
        for ((source, variant), all) in &self.members {
            let (here, file) = source.rsplit_once('/').unwrap_or(("", source));
            if here != dir {
                let _ = writeln!(out, "d {here}");
                dir = here;
            }
            for r in all {
                let variant = if variant.is_empty() { "-" } else { variant };
                let start = if r.start { "start" } else { "-" };
                let (flags, group) = (flag_number[&r.flags], group_number[&r.headers]);
                let _ = write!(out, "m {file} {variant} {flags} {group} {:016x} {start}", r.sum);
                r.defines.iter().for_each(|s| out.extend([" ", s]));
                out.push('\n');
            }
        }
        out
    }
}

/// What the lines so far said.
#[derive(Default)]
struct Reader<'a> {
    headers: Vec<&'a str>,
    groups: Vec<BTreeSet<String>>,
    flags: Vec<u64>,
    dir: &'a str,
}

impl<'a> Reader<'a> {
    fn table(&mut self, text: &'a str) -> Option<Table> {
        let mut table = Table::default();
        for line in text.lines().skip(1).filter(|l| !l.is_empty()) {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            match kind {
                "h" => self.headers.push(rest),
                "g" => {
                    let header = |n: &str| Some((*self.headers.get(n.parse::<usize>().ok()?)?).to_string());
                    self.groups.push(rest.split_whitespace().map(header).collect::<Option<_>>()?);
                }
                "f" => self.flags.push(u64::from_str_radix(rest, 16).ok()?),
                "d" => self.dir = rest,
                "m" => {
                    let (name, record) = self.member(rest)?;
                    table.members.entry(name).or_default().push(record);
                }
                _ => return None,
            }
        }
        Some(table)
    }

    fn member(&self, rest: &str) -> Option<(Name, Record)> {
        let mut words = rest.split_whitespace();
        let file = words.next()?;
        let variant = words.next().map(|v| if v == "-" { "" } else { v })?;
        let record = Record {
            flags: *self.flags.get(words.next()?.parse::<usize>().ok()?)?,
            headers: self.groups.get(words.next()?.parse::<usize>().ok()?)?.clone(),
            sum: u64::from_str_radix(words.next()?, 16).ok()?,
            start: words.next()? == "start",
            defines: words.map(str::to_string).collect(),
        };
        let source = if self.dir.is_empty() { file.to_string() } else { format!("{}/{file}", self.dir) };
        Some(((source, variant.to_string()), record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|w| w.to_string()).collect()
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let mut table = Table::default();
        let record = |flags, headers: &[&str], defines: &[&str]| Record {
            flags,
            headers: set(headers),
            sum: 7 << 40,
            start: flags == 1,
            defines: set(defines),
        };
        table.put(("%O%/x/a.c".into(), String::new()), record(1, &["%B%/h.h", "%O%/g.h"], &["a", "b"]));
        table.put(("%O%/x/a.c".into(), "two".into()), record(2, &["%B%/h.h"], &[]));
        table.put(("%O%/y/b.S".into(), String::new()), record(1, &[], &["c"]));
        assert_eq!(Table::parse(&table.text()), table);
        assert_eq!(table.text(), Table::parse(&table.text()).text());
        table.put(("%O%/y/b.S".into(), String::new()), record(1, &[], &["d"]));
        assert_eq!(table.members[&("%O%/y/b.S".to_string(), String::new())].len(), 1);
    }

    #[test]
    fn a_spoiled_table_is_none() {
        for bad in
            ["", "# other\nm a - 0 0 0 - s\n", &format!("{HEAD}\nm a.c - 0 0 0 -\n"), &format!("{HEAD}\ng 7\n"), &format!("{HEAD}\nzz\n")]
        {
            assert_eq!(Table::parse(bad), Table::default(), "{bad}");
        }
    }

    #[test]
    fn flags_that_decide() {
        let base = flags("gcc -O2 -g -DA -Ix -MD -MF a.d -c a.c -o a.o");
        assert_eq!(base, flags("/usr/bin/gcc -Os -DA -Ix -Wall -ffile-prefix-map=/x=. -MD -MF b.d -c a.c -o b.o"));
        assert_ne!(base, flags("gcc -DB -Ix -c a.c"));
        assert_ne!(base, flags("gcc -DA -Iy -c a.c"));
    }
}
