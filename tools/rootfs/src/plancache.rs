//! Keeps the part of a plan that does not depend on arguments, and says whether a kept one is still true: one lstat(2) for each file in
//! it and for each path whose appearance would change it.

use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::codec::{Decoder, Encoder};
use crate::host::{Host, meta_at};
use crate::paths;
use crate::plan::{Meta, VERSION, What};
use crate::planner::Base;
use crate::request::Request;
use crate::{Cache, Error};

const MAGIC: &[u8] = b"unoxplan";

/// Everything the plan's base depends on that is not a file.
fn key(request: &Request, program: &[u8]) -> String {
    let mut out = Encoder::default();
    out.u64(u64::from(VERSION));
    out.blob(program);
    out.u64(u64::from(request.packages));
    out.blob(request.hostname.as_bytes());
    out.blob(request.host_root.as_os_str().as_bytes());
    out.u64(request.limits.prefix_files as u64);
    out.u64(request.limits.prefix_bytes);
    for name in ["PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "HOME", "TERM", "TZ"] {
        out.blob(request.var(name).map_or(b"", |v| paths::bytes(v)));
        // Relative directories in these start at the working directory.
        let relative = name == "LD_LIBRARY_PATH" && request.var(name).is_some();
        out.blob(if relative { paths::bytes(&request.host_cwd) } else { b"" });
    }
    hex(&Sha256::digest(&out.bytes))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A kept base that is still true.
pub fn load(request: &Request, program: &[u8]) -> Option<Base> {
    let path = request.cache.as_ref()?.plan_path(&key(request, program));
    let bytes = std::fs::read(&path).ok()?;
    let base = decode(&bytes)?;
    if !valid(&base, &request.host_root) {
        return None;
    }
    Cache::touch(&path);
    Some(base)
}

fn decode(bytes: &[u8]) -> Option<Base> {
    let mut d = Decoder::new(bytes);
    if d.blob()? != MAGIC {
        return None;
    }
    let mut base = Base { exec: d.blob()?.to_vec(), ..Base::default() };
    for _ in 0..d.u32()? {
        base.head.push(d.blob()?.to_vec());
    }
    for _ in 0..d.u32()? {
        base.notes.push(paths::text(d.blob()?));
    }
    for _ in 0..d.u32()? {
        let path = d.blob()?.to_vec();
        let meta = if d.u64()? == 1 { Some(d.meta()?) } else { None };
        base.guards.push((path, meta));
    }
    for _ in 0..d.u32()? {
        base.entries.push(d.entry()?);
    }
    d.is_empty().then_some(base)
}

fn valid(base: &Base, root: &Path) -> bool {
    let host = Host::new(root);
    let guards = base.guards.iter().all(|(path, then)| same(then.as_ref(), meta_at(&host.real(path)).as_ref(), false));
    guards
        && base.entries.iter().all(|e| match &e.host {
            None => true,
            // A symbolic link cannot be changed without becoming another inode, so its target needs no look.
            Some(path) => same(Some(&e.meta), meta_at(&host.real(path)).as_ref(), e.what == What::Dir && e.meta.soft),
        })
}

/// Does the file still look the same?
fn same(then: Option<&Meta>, now: Option<&Meta>, soft: bool) -> bool {
    match (then, now) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            let b = Meta { soft: a.soft, mtime: if soft { a.mtime } else { b.mtime }, ..*b };
            *a == b
        }
        _ => false,
    }
}

/// Keeps a base. A cache that cannot be written only makes the next start slower, so failure is no error.
pub fn store(request: &Request, program: &[u8], base: &Base) {
    let Some(cache) = &request.cache else { return };
    let mut out = Encoder::default();
    out.blob(MAGIC);
    out.blob(&base.exec);
    out.u64(base.head.len() as u64);
    base.head.iter().for_each(|h| out.blob(h));
    out.u64(base.notes.len() as u64);
    base.notes.iter().for_each(|n| out.blob(n.as_bytes()));
    out.u64(base.guards.len() as u64);
    for (path, meta) in &base.guards {
        out.blob(path);
        out.u64(u64::from(meta.is_some()));
        meta.iter().for_each(|m| out.meta(m));
    }
    out.u64(base.entries.len() as u64);
    base.entries.iter().for_each(|e| out.entry(e));
    let path = cache.plan_path(&key(request, program));
    let _ = cache.publish(&path, |file| file.write_all(&out.bytes).map_err(|e| Error::io(&path, e)));
}
