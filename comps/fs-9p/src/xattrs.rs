//! Extended attributes: at the server each is a file of its own, with a fid that lives for one call.

use alloc::vec::Vec;

use abi::fs::xattr::SIZE_MAX;
use abi::{Errno, Result};

use crate::client::never_was;
use crate::message::{Field, kind};
use crate::node::Node;

/// The value of `name`; the list of all names, each ended by a NUL, for the empty name.
pub fn read(node: &Node, name: &[u8]) -> Result<Vec<u8>> {
    let client = &node.client;
    let fid = client.fid();
    let from = node.number()?;
    let size = match client.call(kind::XATTRWALK, &[Field::U32(from.number), Field::U32(fid.number), Field::Text(name)]) {
        Ok(mut reply) => reply.u64()?,
        Err(e) => return Err(never_was(fid, e)),
    };
    let size = usize::try_from(size).ok().filter(|s| *s <= SIZE_MAX).ok_or(Errno::E2BIG)?;
    let mut value = Vec::new();
    while value.len() < size {
        let want = (size - value.len()).min(client.small);
        let fields = [Field::U32(fid.number), Field::U64(value.len() as u64), Field::U32(want as u32)]; // at most SIZE_MAX
        let mut reply = client.call(kind::READ, &fields)?;
        let got = reply.u32()? as usize; // widening
        if got == 0 || got > want {
            return Err(Errno::EIO);
        }
        value.extend_from_slice(reply.take(got)?);
    }
    Ok(value)
}

/// Sets `name`, or removes it when `value` is empty.
pub fn write(node: &Node, name: &[u8], value: &[u8], flags: u32) -> Result<()> {
    let client = &node.client;
    let fid = client.clone_fid(&*node.number()?)?;
    let size = value.len() as u64; // widening
    client.call(kind::XATTRCREATE, &[Field::U32(fid.number), Field::Text(name), Field::U64(size), Field::U32(flags)])?;
    for (part, n) in value.chunks(client.small).zip(0..) {
        let at: u64 = n * client.small as u64; // widening
        // At most `small`.
        let fields = [Field::U32(fid.number), Field::U64(at), Field::U32(part.len() as u32), Field::Bytes(part)];
        let got = client.call(kind::WRITE, &fields)?.u32()?;
        if got as usize != part.len() {
            return Err(Errno::EIO);
        }
    }
    // The server sets it when the fid is given up.
    client.clunk(fid)
}
