//! Content hashes: SHA-256, whole where a user sees it, its first half inside.

use sha2::{Digest, Sha256};

/// Half a SHA-256: the identity of contents and commands.
pub(crate) type Id = u128;

/// The identity of parts in order; lengths are hashed too, so that parts cannot run into each other.
pub(crate) fn id<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> Id {
    let mut hasher = Sha256::new();
    for part in parts {
        let bytes = part.as_ref();
        hasher.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(bytes);
    }
    half(&hasher.finalize())
}

/// The identity of one file's contents.
pub(crate) fn content(bytes: &[u8]) -> Id {
    half(&Sha256::digest(bytes))
}

fn half(digest: &[u8]) -> Id {
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    u128::from_be_bytes(first)
}

/// Hexadecimal, two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The first half of the digits that `sha256sum` prints.
pub(crate) fn id_hex(id: Id) -> String {
    format!("{id:032x}")
}

/// The inverse of [`id_hex`].
pub(crate) fn parse_id(text: &str) -> Option<Id> {
    if text.len() == 32 { Id::from_str_radix(text, 16).ok() } else { None }
}

/// As serde fields: hexadecimal text, since JSON has no 128-bit numbers.
pub(crate) mod as_hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(id: &super::Id, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&super::id_hex(*id))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<super::Id, D::Error> {
        let text = String::deserialize(d)?;
        super::parse_id(&text).ok_or_else(|| serde::de::Error::custom("no identity"))
    }
}
