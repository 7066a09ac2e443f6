//! An open file as the name of a mapping: the mapping keeps it open, and /proc/PID/maps shows it.

use core::any::Any;
use core::fmt;

use super::file::File;
use super::mount::Path;
use crate::mm::NamedObject;

/// The root of all names, above any place.
fn top(path: &Path) -> Path {
    let mut mount = path.mount.clone();
    while let Some(place) = mount.place() {
        mount = place.mount;
    }
    mount.top()
}

impl NamedObject for File {
    fn identity(&self) -> (u32, u32, u64) {
        let stat = self.stat();
        // The encoding of st_dev: minor[7:0], major[11:0] << 8, minor[19:8] << 20.
        let dev = u32::try_from(stat.st_dev).unwrap_or(0);
        (dev >> 8 & 0xfff, dev & 0xff | dev >> 12 & 0xfff00, stat.st_ino)
    }

    fn path(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        match File::path(self) {
            None => self.ops.describe(self, out),
            Some(path) => {
                let bytes = path.to_bytes(&top(path));
                bytes.utf8_chunks().try_for_each(|chunk| {
                    out.write_str(chunk.valid())?;
                    chunk.invalid().iter().try_for_each(|b| write!(out, "\\{b:03o}"))
                })
            }
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
