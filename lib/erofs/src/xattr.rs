//! Extended attributes: the area behind the inode, and the shared ones it refers to.

use crate::ondisk::{XATTR_ENTRY, XATTR_HEADER, XATTR_PREFIXES, le16, le32};
use crate::{Error, Image, Inode, Nid};

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

/// Iterator over the extended attributes of an inode.
#[derive(Clone, Debug)]
pub struct Xattrs<'a> {
    image: Image<'a>,
    nid: Nid,
    /// Ids of the shared attributes still to come, four bytes each.
    shared: &'a [u8],
    /// The inline entries still to come.
    inline: &'a [u8],
}

impl<'a> Xattrs<'a> {
    pub(crate) fn new(image: &Image<'a>, ino: &Inode) -> Result<Xattrs<'a>, Error> {
        let mut all = Xattrs { image: *image, nid: ino.nid, shared: &[], inline: &[] };
        if ino.xattr_size == 0 {
            return Ok(all);
        }
        let bad = Error::BadXattr(ino.nid);
        let at = ino.offset.checked_add(u64::from(ino.core_size)).ok_or(bad)?;
        let area = image.slice(at, u64::from(ino.xattr_size)).ok_or(bad)?;
        let count = usize::from(*area.get(4).ok_or(bad)?);
        let body = area.get(XATTR_HEADER..).ok_or(bad)?;
        (all.shared, all.inline) = body.split_at_checked(count * 4).ok_or(bad)?;
        Ok(all)
    }

    /// Decodes the entry at the start of `raw`: the attribute and the bytes it takes.
    fn decode(raw: &'a [u8]) -> Option<(Xattr<'a>, usize)> {
        let name_len = usize::from(*raw.first()?);
        let prefix = XATTR_PREFIXES.get(usize::from(*raw.get(1)?))?;
        let value_len = usize::from(le16(raw, 2)?);
        let name = raw.get(XATTR_ENTRY..XATTR_ENTRY + name_len)?;
        let value = raw.get(XATTR_ENTRY + name_len..XATTR_ENTRY + name_len + value_len)?;
        Some((Xattr { prefix, name, value }, (XATTR_ENTRY + name_len + value_len).next_multiple_of(4)))
    }

    fn step(&mut self) -> Option<Option<Xattr<'a>>> {
        if !self.shared.is_empty() {
            let id = le32(self.shared, 0)?;
            self.shared = self.shared.get(4..)?;
            let at = self.image.shared_xattrs.checked_add(u64::from(id) * 4)?;
            let raw = usize::try_from(at).ok().and_then(|at| self.image.bytes().get(at..))?;
            return Some(Some(Self::decode(raw)?.0));
        }
        // Fewer bytes than an entry head are padding.
        if self.inline.len() < XATTR_ENTRY || self.inline.iter().take(XATTR_ENTRY).all(|&b| b == 0) {
            return Some(None);
        }
        let (attr, len) = Self::decode(self.inline)?;
        self.inline = self.inline.get(len..).unwrap_or(&[]);
        Some(Some(attr))
    }
}

impl<'a> Iterator for Xattrs<'a> {
    type Item = Result<Xattr<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.step() {
            Some(attr) => attr.map(Ok),
            None => {
                (self.shared, self.inline) = (&[], &[]);
                Some(Err(Error::BadXattr(self.nid)))
            }
        }
    }
}
