//! Extended attributes: the area behind the inode, and the shared ones it refers to.

use crate::ondisk::{XATTR_ENTRY, XATTR_HEADER, XATTR_PREFIXES, le16, le32};
use crate::{Error, Image, Inode, Source};

/// One extended attribute. Its full name is `prefix` followed by `name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Xattr<'a> {
    /// `user.`, `security.` and so on.
    pub prefix: &'static str,
    /// The rest of the name.
    pub name: &'a [u8],
    /// The value.
    pub value: &'a [u8],
}

impl Xattr<'_> {
    /// Is this the attribute with that full name?
    pub fn is(&self, full: &[u8]) -> bool {
        full.strip_prefix(self.prefix.as_bytes()) == Some(self.name)
    }
}

/// Decodes the entry at the start of `raw`: the attribute and the bytes it takes.
#[inline(never)]
fn decode(raw: &[u8]) -> Option<(Xattr<'_>, usize)> {
    let name_len = usize::from(*raw.first()?);
    let prefix = XATTR_PREFIXES.get(usize::from(*raw.get(1)?))?;
    let value_len = usize::from(le16(raw, 2)?);
    let name = raw.get(XATTR_ENTRY..XATTR_ENTRY + name_len)?;
    let value = raw.get(XATTR_ENTRY + name_len..XATTR_ENTRY + name_len + value_len)?;
    Some((Xattr { prefix, name, value }, (XATTR_ENTRY + name_len + value_len).next_multiple_of(4)))
}

/// The most bytes an entry can take: its head, a name of 255, a value of 65535.
const ENTRY_MAX: u64 = (XATTR_ENTRY + 255 + 65535) as u64;

/// Calls `visit` with each attribute, shared ones first. A malformed entry ends it with an error.
pub(crate) fn visit<S: Source>(image: &Image<S>, ino: &Inode, visit: &mut dyn FnMut(Xattr<'_>) -> bool) -> Result<(), Error> {
    if ino.xattr_size == 0 {
        return Ok(());
    }
    let bad = Error::BadXattr(ino.nid);
    let at = ino.offset.checked_add(u64::from(ino.core_size)).ok_or(bad)?;
    let area = image.slice(at, u64::from(ino.xattr_size)).map_err(|fault| fault.or(bad))?;
    let count = usize::from(*area.get(4).ok_or(bad)?);
    let (shared, mut inline) = area.get(XATTR_HEADER..).and_then(|body| body.split_at_checked(count * 4)).ok_or(bad)?;
    for id in shared.chunks_exact(4) {
        let at = le32(id, 0).and_then(|id| image.shared_xattrs.checked_add(u64::from(id) * 4)).ok_or(bad)?;
        let len = image.size().saturating_sub(at).min(ENTRY_MAX);
        let raw = image.slice(at, len).map_err(|fault| fault.or(bad))?;
        if !visit(decode(&raw).ok_or(bad)?.0) {
            return Ok(());
        }
    }
    // Fewer bytes than an entry head are padding.
    while inline.len() >= XATTR_ENTRY && !inline.iter().take(XATTR_ENTRY).all(|&b| b == 0) {
        let (attr, len) = decode(inline).ok_or(bad)?;
        inline = inline.get(len..).unwrap_or(&[]);
        if !visit(attr) {
            return Ok(());
        }
    }
    Ok(())
}
