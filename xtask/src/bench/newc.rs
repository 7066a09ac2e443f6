//! A cpio archive (newc, Documentation/driver-api/early-userspace/buffer-format.rst): the Linux guest's initial file system.

/// A file to pack: name without leading slash, mode with its type bits, contents.
pub struct File<'a> {
    pub name: &'a str,
    pub mode: u32,
    pub data: &'a [u8],
}

/// Directory mode.
pub const DIRECTORY: u32 = 0o040_755;
/// Executable file mode.
pub const PROGRAM: u32 = 0o100_755;
/// Plain file mode.
pub const PLAIN: u32 = 0o100_644;

/// The archive's bytes.
pub fn archive(files: &[File<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (i, file) in files.iter().enumerate() {
        entry(&mut out, i + 1, file);
    }
    entry(&mut out, 0, &File { name: "TRAILER!!!", mode: 0, data: &[] });
    out
}

fn entry(out: &mut Vec<u8>, inode: usize, file: &File<'_>) {
    let links = 1;
    // magic, ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
    let fields = [inode, file.mode as usize, 0, 0, links, 0, file.data.len(), 0, 0, 0, 0, file.name.len() + 1, 0];
    out.extend_from_slice(b"070701");
    for field in fields {
        out.extend_from_slice(format!("{field:08X}").as_bytes());
    }
    out.extend_from_slice(file.name.as_bytes());
    out.push(0);
    pad(out);
    out.extend_from_slice(file.data);
    pad(out);
}

fn pad(out: &mut Vec<u8>) {
    while !out.len().is_multiple_of(4) {
        out.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_110_bytes_and_everything_is_aligned() {
        let bytes = archive(&[File { name: "etc", mode: DIRECTORY, data: &[] }, File { name: "init", mode: PROGRAM, data: b"hello" }]);
        assert_eq!(&bytes[..6], b"070701");
        // 110 + "etc\0" = 114, padded to 116: there the next one begins.
        assert_eq!(&bytes[116..122], b"070701");
        assert_eq!(&bytes[116 + 110..116 + 114], b"init");
        assert!(bytes.len().is_multiple_of(4));
        assert!(bytes.windows(10).any(|w| w == b"TRAILER!!!"));
    }
}
