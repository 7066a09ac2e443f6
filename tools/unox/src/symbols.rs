//! Names for addresses of the guest: the kernel says which file lies where, the host has the file and its symbols.

use object::{Object, ObjectSegment, ObjectSymbol, SymbolKind};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Finds the host's file of a guest path.
pub type Find = Box<dyn Fn(&Path) -> Option<PathBuf>>;

/// Files in the program's memory and their symbols.
pub struct Symbols {
    mappings: Vec<Mapping>,
    find: Find,
    files: HashMap<PathBuf, Option<Elf>>,
}

struct Mapping {
    start: u64,
    end: u64,
    offset: u64,
    path: PathBuf,
}

/// What is needed of an ELF file.
struct Elf {
    bytes: Vec<u8>,
    /// Segments: address, offset in the file, bytes.
    loads: Vec<(u64, u64, u64)>,
    /// Functions by address: address, size, name.
    functions: Vec<(u64, u64, String)>,
}

impl Symbols {
    /// No file yet.
    pub fn new(find: Find) -> Symbols {
        Symbols { mappings: Vec::new(), find, files: HashMap::new() }
    }

    /// Takes a `map` line's text: `START END OFFSET PATH`. A malformed one is dropped.
    pub fn map(&mut self, text: &[u8]) {
        let mut words = text.splitn(4, |&b| b == b' ');
        let mut number = || u64::from_str_radix(std::str::from_utf8(words.next()?).ok()?, 16).ok();
        let (Some(start), Some(end), Some(offset)) = (number(), number(), number()) else { return };
        let Some(path) = words.next().filter(|p| !p.is_empty()) else { return };
        self.mappings.retain(|m| m.end <= start || m.start >= end);
        self.mappings.push(Mapping { start, end, offset, path: PathBuf::from(OsStr::from_bytes(path)) });
    }

    /// `function+0x12 in libx.so`, `libx.so+0x3456` for a place without symbol; `None` for an address in no file.
    pub fn name(&mut self, address: u64) -> Option<String> {
        let (path, offset) = self.place(address)?;
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let found = self.elf(&path).and_then(|elf| elf.function(offset).map(|(name, inside)| format!("{name}+{inside:#x} in {file}")));
        Some(found.unwrap_or_else(|| format!("{file}+{offset:#x}")))
    }

    /// Whether the instruction before `address` is a call, so that it may be a return address.
    pub fn follows_call(&mut self, address: u64) -> bool {
        let Some((path, offset)) = self.place(address) else { return false };
        let Some(elf) = self.elf(&path) else { return false };
        let Ok(at) = usize::try_from(offset) else { return false };
        elf.bytes.get(at.saturating_sub(7)..at).is_some_and(ends_in_call)
    }

    /// The file at an address, and the offset in it.
    fn place(&self, address: u64) -> Option<(PathBuf, u64)> {
        let mapping = self.mappings.iter().find(|m| (m.start..m.end).contains(&address))?;
        Some((mapping.path.clone(), address - mapping.start + mapping.offset))
    }

    fn elf(&mut self, path: &Path) -> Option<&Elf> {
        if !self.files.contains_key(path) {
            let elf = (self.find)(path).and_then(|host| Elf::read(&host));
            self.files.insert(path.to_path_buf(), elf);
        }
        self.files.get(path)?.as_ref()
    }
}

impl Elf {
    fn read(path: &Path) -> Option<Elf> {
        let bytes = std::fs::read(path).ok()?;
        let file = object::File::parse(&*bytes).ok()?;
        let loads = file.segments().map(|s| (s.address(), s.file_range().0, s.file_range().1)).collect();
        let all = file.symbols().chain(file.dynamic_symbols());
        let text = all.filter(|s| s.kind() == SymbolKind::Text && s.address() != 0);
        let mut functions: Vec<_> = text.filter_map(|s| Some((s.address(), s.size(), s.name().ok()?.to_string()))).collect();
        // Of several names of one place the plainest: fewest underscores in front.
        functions.sort_by_key(|(address, _, name)| (*address, name.len() - name.trim_start_matches('_').len(), name.len()));
        functions.dedup_by_key(|(address, ..)| *address);
        Some(Elf { loads, functions, bytes })
    }

    /// The function at an offset of the file, and how far inside it.
    fn function(&self, offset: u64) -> Option<(&str, u64)> {
        let (address, at, _) = self.loads.iter().find(|(_, at, len)| (*at..at.saturating_add(*len)).contains(&offset))?;
        let address = offset - at + address;
        let behind = self.functions.partition_point(|(start, ..)| *start <= address);
        let (start, size, name) = self.functions.get(behind.checked_sub(1)?)?;
        // Symbols of assembly have no size.
        (address - start < (*size).max(1) || *size == 0).then_some((name, address - start))
    }
}

/// Whether machine code ends in a call: direct, or by register or memory (`FF /2`).
fn ends_in_call(code: &[u8]) -> bool {
    let back = |n: usize| code.len().checked_sub(n).map(|at| code[at]);
    if back(5) == Some(0xe8) {
        return true;
    }
    (2..=7).any(|len| {
        let (Some(0xff), Some(modrm)) = (back(len), back(len - 1)) else { return false };
        let with_sib = modrm & 7 == 4 && modrm >> 6 != 3;
        let displacement = match modrm >> 6 {
            0 if modrm & 7 == 5 => 4,
            0 | 3 => 0,
            1 => 1,
            _ => 4,
        };
        modrm >> 3 & 7 == 2 && 2 + usize::from(with_sib) + displacement == len
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_from_other_instructions() {
        assert!(ends_in_call(&[0, 0, 0xe8, 1, 2, 3, 4]));
        assert!(ends_in_call(&[0, 0, 0, 0, 0, 0xff, 0xd0])); // call rax
        assert!(ends_in_call(&[0, 0xff, 0x15, 1, 2, 3, 4])); // call [rip+x]
        assert!(ends_in_call(&[0, 0, 0, 0, 0xff, 0x53, 0x18])); // call [rbx+0x18]
        assert!(ends_in_call(&[0, 0, 0, 0xff, 0x54, 0x24, 8])); // call [rsp+8]
        assert!(!ends_in_call(&[0, 0, 0, 0, 0, 0xff, 0xe0])); // jmp rax
        assert!(!ends_in_call(&[]));
    }

    #[test]
    fn an_address_is_named_by_file_and_function() {
        let mut symbols = Symbols::new(Box::new(|path| Some(path.to_path_buf())));
        let own = std::env::current_exe().unwrap();
        let elf = Elf::read(&own).unwrap();
        let (address, size, name) =
            elf.functions.iter().find(|(_, size, name)| *size > 8 && name.contains("an_address_is_named")).unwrap().clone();
        let (base, offset, len) = elf.loads.iter().copied().find(|(at, _, len)| (*at..at + len).contains(&address)).unwrap();
        let start = 0x7000_0000;
        symbols.map(format!("{start:x} {:x} {offset:x} {}", start + len, own.display()).as_bytes());
        let said = symbols.name(start + address - base + 4).unwrap();
        assert!(size > 4 && said.starts_with(&format!("{name}+0x4 in ")), "{said}");
        assert_eq!(symbols.name(0x1000), None);
    }

    #[test]
    fn bad_lines_and_absent_files_do_no_harm() {
        let mut symbols = Symbols::new(Box::new(|_| None));
        for bad in [&b""[..], b"1", b"1 2 3", b"x y z /a", b"1 2 3 "] {
            symbols.map(bad);
        }
        assert!(symbols.mappings.is_empty());
        symbols.map(b"1000 2000 10 /no/such/file");
        assert_eq!(symbols.name(0x1004).as_deref(), Some("file+0x14"));
        assert!(!symbols.follows_call(0x1004));
    }
}
