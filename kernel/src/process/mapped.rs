//! Which files lie where in a program's memory: what the tool and a debugger need to name addresses.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use hal::mem::Perm;

use crate::control;
use crate::mm::{AddressSpace, MapName, NamedObject, VmaInfo};
use crate::sync::Once;

/// Hears of a file in a program's memory: its path, ended by NUL, and what is added to the addresses in it.
pub type Debugger = fn(path: &[u8], bias: u64);

static DEBUGGER: Once<Debugger> = Once::new();

/// Registers the debugger (`gdb=1`).
pub fn set_debugger(debugger: Debugger) {
    let _ = DEBUGGER.set(debugger);
}

/// exec has mapped the object `file`.
pub fn loaded(file: &dyn NamedObject, bias: u64) {
    if let Some(debugger) = DEBUGGER.get() {
        let mut path = String::new();
        let _ = file.path(&mut path);
        path.push('\0');
        debugger(path.as_bytes(), bias);
    }
}

/// The program has mapped code of a file at `addr`.
pub fn mapped(mm: &AddressSpace, addr: usize) {
    if DEBUGGER.get().is_none() {
        return;
    }
    // An object's first page is mapped below its code. Its addresses begin at 0, as those of all shared objects that linkers make today.
    let (mut start, mut found) = (None, None);
    mm.for_each_mapping(0, |vma| {
        if let MapName::Object(object) = vma.name {
            if vma.offset == 0 {
                start = Some((vma.start, object.identity()));
            }
            if vma.start == addr {
                found = Some(object.clone());
            }
        }
        vma.start < addr
    });
    if let (Some(object), Some((start, identity))) = (found, start)
        && object.identity() == identity
    {
        loaded(&*object, start as u64); // widening
    }
}

/// Addresses of code.
pub struct Code(Vec<(usize, usize)>);

impl Code {
    /// Tells the tool of the files that hold the program's code, with `map` lines.
    pub fn tell(mm: &AddressSpace) -> Code {
        let mut code = Vec::new();
        mm.for_each_mapping(0, |vma| {
            if vma.perm.contains(Perm::EXEC) {
                code.push((vma.start, vma.end));
                tell_one(vma);
            }
            true
        });
        Code(code)
    }

    /// `trace` line: where the program is, and the words on its stack that may be return addresses. Looks at `words` words for `most` of them.
    pub fn tell_trace(&self, rip: u64, rsp: u64, words: usize, most: usize) {
        let mut text = String::new();
        let _ = write!(text, "{rip:#x}");
        let mut left = most;
        for at in 0..words {
            let mut word = [0; 8];
            let addr = usize::try_from(rsp).ok().and_then(|rsp| rsp.checked_add(8 * at));
            if left == 0 || addr.is_none_or(|addr| hal::user::read_bytes(addr, &mut word).is_err()) {
                break;
            }
            let value = u64::from_le_bytes(word);
            if usize::try_from(value).is_ok_and(|value| self.0.iter().any(|(start, end)| (*start..*end).contains(&value))) {
                let _ = write!(text, " {value:#x}");
                left -= 1;
            }
        }
        control::line("trace", format_args!("{text}"));
    }
}

fn tell_one(vma: &VmaInfo<'_>) {
    let mut path = String::new();
    match vma.name {
        MapName::Object(object) => {
            let _ = object.path(&mut path);
        }
        MapName::Special(name) => path.push_str(name),
        _ => return,
    }
    control::line("map", format_args!("{:x} {:x} {:x} {path}", vma.start, vma.end, vma.offset));
}
