//! mount(2) of kind `9p`, and the file system as a whole.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use abi::fs::{NAME_MAX, Statfs};
use abi::{Errno, Result};
use drv_virtio::ninep;
use kernel::sync::SpinLock;
use kernel::vfs::{FileSystem, Inode, SuperBlock, SuperOps};

use crate::client::{Client, Fid, Wire};
use crate::data::write_back;
use crate::message::{Field, Reply, kind};

/// What statfs(2) says when the server does not: V9FS_MAGIC.
const MAGIC: i64 = 0x0102_1997;

/// The kind.
pub struct Ninep;

/// The one there is.
pub static NINEP: Ninep = Ninep;

/// The connections there are.
static CLIENTS: SpinLock<Vec<Weak<Client>>> = SpinLock::new(Vec::new());

/// Makes `9p` known to mount(2) and to boot.
pub fn register() {
    kernel::vfs::superblock::register(&NINEP);
    kernel::boot::set_mounter(crate::boot::mount_shares);
}

/// Writes what mappings have changed to the hosts: for the end of the machine, and sync(2).
pub fn sync_all() {
    let clients: Vec<_> = CLIENTS.lock().iter().filter_map(Weak::upgrade).collect();
    for client in clients {
        client.each_inode(|inode| {
            // Files that nobody has open any more were written back when they were closed.
            let _ = write_back(inode, 0, u64::MAX);
        });
    }
}

/// What is always so here.
const FIXED: [&[u8]; 2] = [b"trans=virtio", b"version=9p2000.L"];
/// What others may want to choose; whatever they choose, it is as the first lines of this crate say.
const TAKEN: [&[u8]; 8] = [b"msize", b"cache", b"access", b"uname", b"dfltuid", b"dfltgid", b"posixacl", b"noxattr"];

/// The options that mean something here.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options<'a> {
    /// Which of the server's trees.
    pub aname: &'a [u8],
    /// Said by boot: the root file system.
    pub root: bool,
}

impl<'a> Options<'a> {
    /// Parses mount(8)'s options. Another transport, protocol or an unknown word is EINVAL.
    pub fn parse(data: &'a [u8]) -> Result<Options<'a>> {
        let mut options = Options::default();
        for item in data.split(|b| *b == b',').filter(|i| !i.is_empty()) {
            let at = item.iter().position(|b| *b == b'=');
            let (key, value) = at.map_or((item, &b""[..]), |at| (&item[..at], &item[at + 1..]));
            match key {
                b"aname" => options.aname = value,
                b"unox_root" if at.is_none() => options.root = true,
                _ if FIXED.contains(&item) || TAKEN.contains(&key) => {}
                _ => return Err(Errno::EINVAL),
            }
        }
        Ok(options)
    }
}

impl FileSystem for Ninep {
    fn name(&self) -> &'static str {
        "9p"
    }

    fn mount(&self, source: &[u8], data: &[u8]) -> Result<Arc<Inode>> {
        let options = Options::parse(data)?;
        mount(Box::new(ninep::open(source)?), &options)
    }
}

/// Mounts what the server at the other end of `wire` has.
pub fn mount(wire: Box<dyn Wire>, options: &Options<'_>) -> Result<Arc<Inode>> {
    let (client, fid) = Client::start(wire, options.aname, options.root)?;
    let remote = client.attributes(&fid)?;
    let whole = client.clone_fid(&fid)?;
    let sb = SuperBlock::new("9p", Box::new(Super { client: client.clone(), root: whole }));
    let _ = client.sb.set(Arc::downgrade(&sb));
    let root = client.inode(fid, &remote)?;
    if !root.is_dir() {
        return Err(Errno::ENOTDIR);
    }
    let mut clients = CLIENTS.lock();
    clients.retain(|client| client.strong_count() > 0);
    clients.push(Arc::downgrade(&client));
    Ok(root)
}

struct Super {
    client: Arc<Client>,
    root: Fid,
}

/// Rstatfs.
fn statfs(reply: &mut Reply) -> Result<Statfs> {
    let magic = reply.u32()?;
    let size = i64::from(reply.u32()?);
    let mut out = Statfs { f_type: i64::from(magic), f_bsize: size, f_frsize: size, f_namelen: NAME_MAX as i64, ..Statfs::default() }; // 255
    for field in [&mut out.f_blocks, &mut out.f_bfree, &mut out.f_bavail, &mut out.f_files, &mut out.f_ffree] {
        *field = reply.u64()?;
    }
    Ok(out)
}

impl SuperOps for Super {
    fn statfs(&self) -> Statfs {
        let told = self.client.call(kind::STATFS, &[Field::U32(self.root.number)]).and_then(|mut reply| statfs(&mut reply));
        told.unwrap_or(Statfs { f_type: MAGIC, f_bsize: 4096, f_frsize: 4096, ..Statfs::default() })
    }

    fn options(&self) -> Vec<u8> {
        b",trans=virtio,version=9p2000.L".to_vec()
    }
}
