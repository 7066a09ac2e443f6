//! What boot mounts of the host: the root file system (`root=9p:TAG`) and shares (`mount=TAG:/path`); docs/boot-protocol.md, section 2.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use abi::Errno;
use bootcfg::Config;
use kernel::control::Bytes;
use kernel::vfs::mounting::{MountArgs, mount};
use kernel::vfs::walk::{WalkFlags, lookup};
use kernel::vfs::{Caller, FileSystem, Inode, create};

use crate::mount::NINEP;

/// The root directory that the host shares under `tag`.
pub fn root(tag: &[u8]) -> Result<Arc<Inode>, String> {
    NINEP.mount(tag, b"unox_root").map_err(|errno| format!("root=9p:{}: {}", Bytes(tag), why(errno)))
}

/// Mounts what the configuration names; places that are not there are made.
pub fn mount_shares(config: &Config<'_>, caller: &Caller<'_>) -> Result<(), String> {
    // The command line has room for one.
    let only = config.all("mount").next().is_none().then(|| config.get("mount")).flatten();
    for spec in config.all("mount").chain(only) {
        share(spec, caller).map_err(|errno| format!("mount={}: {}", Bytes(spec), why(errno)))?;
    }
    Ok(())
}

fn share(spec: &[u8], caller: &Caller<'_>) -> abi::Result<()> {
    let at = spec.iter().position(|byte| *byte == b':').ok_or(Errno::EINVAL)?;
    let (tag, path) = (&spec[..at], &spec[at + 1..]);
    for end in (1..=path.len()).filter(|end| path.get(*end).is_none_or(|byte| *byte == b'/')) {
        // What cannot be made is missed below.
        let _ = create::mkdir(caller, None, &path[..end], 0o755);
    }
    let target = lookup(caller, None, path, WalkFlags::FOLLOW | WalkFlags::DIRECTORY)?;
    mount(caller, MountArgs { source: tag, source_path: None, target, kind: b"9p", flags: 0, data: b"" })
}

fn why(errno: Errno) -> String {
    // What mount(2) says of a tag that no device has.
    if errno == Errno::ENOENT { "the machine shares no directory under this tag".into() } else { format!("errno {}", errno.number()) }
}
