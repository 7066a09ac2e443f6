//! The symbols of object files and archives, as a linker sees them: what a file defines, and what it wants from others.

use object::read::archive::ArchiveFile;
use object::{Object as _, ObjectSymbol as _};
use std::collections::BTreeSet;

/// Global symbols of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Symbols {
    /// Defined, strong or weak.
    pub defines: BTreeSet<String>,
    /// Not defined and not weak: an archive is searched for them. Common symbols count too: a linker may look for a definition.
    pub wants: BTreeSet<String>,
    /// Of `defines`, those that are only common.
    pub common: BTreeSet<String>,
}

/// The symbols of one object file; `None` when it is none (or has intermediate code, whose symbols only a plugin knows).
pub(crate) fn of_object(bytes: &[u8]) -> Option<Symbols> {
    let file = object::File::parse(bytes).ok()?;
    if file.sections().any(|s| object::ObjectSection::name(&s).is_ok_and(|n| n.starts_with(".gnu.lto_"))) {
        return None;
    }
    let mut symbols = Symbols::default();
    for symbol in file.symbols().filter(|s| s.is_global()) {
        let name = symbol.name().ok()?.to_string();
        if name.is_empty() {
            continue;
        }
        if symbol.is_undefined() {
            if !symbol.is_weak() {
                symbols.wants.insert(name);
            }
            continue;
        }
        if symbol.is_common() {
            symbols.wants.insert(name.clone());
            symbols.common.insert(name.clone());
        }
        symbols.defines.insert(name);
    }
    Some(symbols)
}

/// The symbols of each member of an archive; `None` when a member cannot be read.
pub(crate) fn of_archive(bytes: &[u8]) -> Option<Vec<Symbols>> {
    let archive = ArchiveFile::parse(bytes).ok()?;
    archive.members().map(|member| of_object(member.ok()?.data(bytes).ok()?)).collect()
}
