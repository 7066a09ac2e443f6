//! Paths as bytes: Linux names are not UTF-8, and comparing bytes is faster than comparing components.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Bytes to a path.
pub fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// A path's bytes.
pub fn bytes(path: &(impl AsRef<OsStr> + ?Sized)) -> &[u8] {
    path.as_ref().as_bytes()
}

/// For messages.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The directory part of an absolute path; `/` for a top-level name and for `/` itself.
pub fn parent(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&b| b == b'/') {
        Some(0) | None => b"/",
        Some(at) => &path[..at],
    }
}

/// The last component.
pub fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

/// `dir/name`; an absolute name replaces the directory, as in a symbolic link's target.
pub fn join(dir: &[u8], name: &[u8]) -> Vec<u8> {
    if name.first() == Some(&b'/') {
        return name.to_vec();
    }
    let mut out = Vec::with_capacity(dir.len() + 1 + name.len());
    out.extend_from_slice(dir.strip_suffix(b"/").unwrap_or(dir));
    out.push(b'/');
    out.extend_from_slice(name);
    out
}

/// Drops doubled and trailing slashes and `.`; `..` stays, since what it means depends on symbolic links.
pub fn tidy(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + 1);
    for part in path.split(|&b| b == b'/').filter(|p| !p.is_empty() && *p != b".") {
        out.push(b'/');
        out.extend_from_slice(part);
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

/// Is `path` the directory `dir` or below it?
pub fn within(path: &[u8], dir: &[u8]) -> bool {
    dir == b"/" || path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces() {
        assert_eq!(parent(b"/a/b"), b"/a");
        assert_eq!(parent(b"/a"), b"/");
        assert_eq!(parent(b"/"), b"/");
        assert_eq!(name(b"/a/b"), b"b");
        assert_eq!(join(b"/", b"x"), b"/x");
        assert_eq!(join(b"/a", b"../x"), b"/a/../x");
        assert_eq!(join(b"/a", b"/x"), b"/x");
        assert_eq!(tidy(b"//a/./b//"), b"/a/b");
        assert_eq!(tidy(b"/."), b"/");
        assert!(within(b"/a/b", b"/a") && within(b"/a", b"/a") && !within(b"/ab", b"/a") && within(b"/x", b"/"));
    }
}
