//! The client against servers made for the purpose: a sound one with a few files, and ones that answer with anything at all.

use std::boxed::Box;
use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::sync::{Arc, Mutex};
use std::vec::Vec;
use std::{format, vec};

use abi::{Errno, Result};
use drv_virtio::ninep::Payload;
use hal::mem::PAGE_SIZE;
use kernel::cred::Cred;
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::vfs::open::{self, OpenArgs};
use kernel::vfs::walk::{self, WalkFlags};
use kernel::vfs::{Caller, FsContext, OpenFlags, Timestamp, create, mounting, remove, types};

use crate::client::Wire;
use crate::message::kind;
use crate::mount::{Options, mount};

#[test]
fn options() {
    let parsed = Options::parse(b"trans=virtio,version=9p2000.L,msize=131072,aname=/srv,cache=none").unwrap();
    assert_eq!(parsed, Options { aname: b"/srv", root: false });
    assert!(Options::parse(b"unox_root").unwrap().root);
    for bad in [&b"trans=tcp"[..], b"version=9p2000.u", b"colour=red", b"trans", b"unox_root=1"] {
        assert_eq!(Options::parse(bad), Err(Errno::EINVAL));
    }
}

/// Files by path; a directory has no contents.
#[derive(Default)]
struct Files {
    files: BTreeMap<String, Option<Vec<u8>>>,
    fids: BTreeMap<u32, String>,
    clock: u64,
}

/// What a server does to a reply before it goes out: the request's type, the reply.
type Spoil = Box<dyn Fn(u8, &mut Vec<u8>) + Send + Sync>;

/// A server: `spoil` may change each reply before it goes out.
struct Server {
    files: Arc<Mutex<Files>>,
    spoil: Spoil,
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(n);
        self.0 = rest;
        head
    }
    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take(2).try_into().unwrap())
    }
    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take(4).try_into().unwrap())
    }
    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take(8).try_into().unwrap())
    }
    fn text(&mut self) -> String {
        let n = self.u16().into();
        String::from_utf8(self.take(n).to_vec()).unwrap()
    }
}

fn number_of(path: &str) -> u64 {
    path.bytes().fold(7, |n, b| n * 31 + u64::from(b)) & 0xffff_ffff
}

fn qid(path: &str, dir: bool) -> Vec<u8> {
    let mut out = vec![if dir { 0x80 } else { 0 }, 0, 0, 0, 0];
    out.extend_from_slice(&number_of(path).to_le_bytes());
    out
}

impl Files {
    fn answer(&mut self, request: &[u8], payload: Payload<'_>) -> std::result::Result<Vec<u8>, u32> {
        let mut f = Fields(&request[7..]);
        let mut out = Vec::new();
        let join = |dir: &str, name: &str| format!("{dir}/{name}");
        match request[4] {
            kind::VERSION => {
                out.extend_from_slice(&f.u32().to_le_bytes());
                out.extend_from_slice(b"\x08\x009P2000.L");
            }
            kind::ATTACH => {
                self.fids.insert(f.u32(), String::new());
                out = qid("", true);
            }
            kind::WALK => {
                let (from, to, n) = (f.u32(), f.u32(), f.u16());
                let mut path = self.fids.get(&from).ok_or(9u32)?.clone();
                if n == 1 {
                    path = join(&path, &f.text());
                }
                let dir = self.files.get(&path).ok_or(2u32)?.is_none();
                self.fids.insert(to, path.clone());
                out.extend_from_slice(&n.to_le_bytes());
                if n == 1 {
                    out.extend_from_slice(&qid(&path, dir));
                }
            }
            kind::GETATTR => {
                let path = self.fids.get(&f.u32()).ok_or(9u32)?.clone();
                let file = self.files.get(&path).ok_or(2u32)?;
                out.extend_from_slice(&0x7ffu64.to_le_bytes());
                out.extend_from_slice(&qid(&path, file.is_none()));
                let mode = if file.is_none() { 0o040755u32 } else { 0o100644 };
                [mode, 0, 0].iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
                let size = file.as_ref().map_or(0, |b| b.len() as u64);
                [1u64, 0, size, 4096, 8].iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
                (0..10).for_each(|_| out.extend_from_slice(&self.clock.to_le_bytes()));
                out.extend_from_slice(&[0; 16]);
            }
            kind::LOPEN => out = [qid("", false), vec![0; 4]].concat(),
            kind::LCREATE => {
                let fid = f.u32();
                let path = join(self.fids.get(&fid).ok_or(9u32)?, &f.text());
                self.files.insert(path.clone(), Some(Vec::new()));
                out = [qid(&path, false), vec![0; 4]].concat();
                self.fids.insert(fid, path);
            }
            kind::READ => {
                let (fid, at, count) = (f.u32(), f.u64() as usize, f.u32() as usize);
                let file = self.files.get(self.fids.get(&fid).ok_or(9u32)?).and_then(Option::as_ref).ok_or(21u32)?;
                let part = file.get(at..).map_or(&[][..], |rest| &rest[..rest.len().min(count)]);
                let Payload::In(frames, from) = payload else { return Err(22) };
                for (i, byte) in part.iter().enumerate() {
                    frames[(from + i) / PAGE_SIZE].write((from + i) % PAGE_SIZE, &[*byte]);
                }
                out.extend_from_slice(&(part.len() as u32).to_le_bytes());
            }
            kind::WRITE => {
                let (fid, at, count) = (f.u32(), f.u64() as usize, f.u32() as usize);
                self.clock += 1;
                let path = self.fids.get(&fid).ok_or(9u32)?.clone();
                let file = self.files.get_mut(&path).and_then(Option::as_mut).ok_or(9u32)?;
                let Payload::Out(frames, from, _) = payload else { return Err(22) };
                file.resize(file.len().max(at + count), 0);
                for i in 0..count {
                    frames[(from + i) / PAGE_SIZE].read((from + i) % PAGE_SIZE, &mut file[at + i..at + i + 1]);
                }
                out.extend_from_slice(&(count as u32).to_le_bytes());
            }
            kind::READDIR => {
                let (fid, at) = (f.u32(), f.u64());
                let dir = format!("{}/", self.fids.get(&fid).ok_or(9u32)?);
                let names = self.files.keys().filter_map(|p| p.strip_prefix(&dir)).filter(|n| !n.is_empty() && !n.contains('/'));
                let mut list = Vec::new();
                for (n, name) in names.enumerate().skip(at as usize) {
                    list.extend_from_slice(&qid(name, false));
                    list.extend_from_slice(&(n as u64 + 1).to_le_bytes());
                    list.push(8);
                    list.extend_from_slice(&(name.len() as u16).to_le_bytes());
                    list.extend_from_slice(name.as_bytes());
                }
                out.extend_from_slice(&(list.len() as u32).to_le_bytes());
                out.extend_from_slice(&list);
            }
            kind::UNLINKAT => {
                let path = join(self.fids.get(&f.u32()).ok_or(9u32)?, &f.text());
                self.files.remove(&path).ok_or(2u32)?;
            }
            kind::CLUNK => _ = self.fids.remove(&f.u32()),
            kind::FSYNC | kind::SETATTR => {}
            _ => return Err(95),
        }
        Ok(out)
    }
}

impl Wire for Server {
    fn exchange(&self, request: &[u8], payload: Payload<'_>) -> Result<Vec<u8>> {
        let (kind, body) = match self.files.lock().unwrap().answer(request, payload) {
            Ok(body) => (request[4] + 1, body),
            Err(errno) => (kind::LERROR_REPLY, errno.to_le_bytes().to_vec()),
        };
        let mut reply = [&[0, 0, 0, 0, kind, 0, 0][..], &body].concat();
        (self.spoil)(request[4], &mut reply);
        Ok(reply)
    }
    fn post(&self, request: &[u8]) -> bool {
        self.exchange(request, Payload::None).is_ok()
    }
    fn close(&self) {}
}

struct World {
    fs: Arc<FsContext>,
    cred: Cred,
    files: Arc<Mutex<Files>>,
}

fn world(spoil: impl Fn(u8, &mut Vec<u8>) + Send + Sync + 'static) -> Result<World> {
    hal::mem::start_fake();
    types::set_clock(|| Timestamp { sec: 5, nsec: 0 });
    let mut files = Files::default();
    files.files.insert(String::new(), None);
    files.files.insert("/a".into(), Some(b"from the host".to_vec()));
    files.files.insert("/d".into(), None);
    (0..600).for_each(|i| _ = files.files.insert(format!("/d/file-{i:03}"), Some(Vec::new())));
    files.files.insert("/large".into(), Some((0..300_000u32).map(|i| (i % 251) as u8).collect()));
    let files = Arc::new(Mutex::new(files));
    let root = mount(Box::new(Server { files: files.clone(), spoil: Box::new(spoil) }), &Options::default())?;
    Ok(World { fs: mounting::mount_root(root, 0o022)?, cred: Cred::new(0, 0, Arc::from([])), files })
}

impl World {
    fn open(&self, path: &str, flags: OpenFlags) -> Result<Arc<kernel::vfs::File>> {
        let caller = Caller { fs: &self.fs, cred: &self.cred };
        open::open(&caller, None, path.as_bytes(), OpenArgs { mode: 0o644, ..OpenArgs::new(flags) })
    }
    fn read(&self, path: &str) -> Result<Vec<u8>> {
        let file = self.open(path, OpenFlags::empty())?;
        let mut bytes = vec![0; 400_000];
        let got = file.ops.read_at(&file, &mut ReadBuf::kernel(&mut bytes), 0)?;
        bytes.truncate(got);
        Ok(bytes)
    }
    fn write(&self, path: &str, at: u64, bytes: &[u8]) -> Result<usize> {
        let file = self.open(path, OpenFlags::RDWR | OpenFlags::CREAT)?;
        file.ops.write_at(&file, &mut WriteBuf::kernel(bytes), at)
    }
    fn host(&self, path: &str) -> Vec<u8> {
        self.files.lock().unwrap().files[path].clone().unwrap()
    }
    fn list(&self, path: &str) -> Result<usize> {
        let file = self.open(path, OpenFlags::DIRECTORY)?;
        let (mut names, mut cookie, mut rounds) = (0, 0, 0);
        loop {
            let mut room = 100;
            let before = names;
            file.ops.read_dir(&file, cookie, &mut |entry| {
                room -= 1;
                names += u64::from(room >= 0);
                cookie = if room >= 0 { entry.next } else { cookie };
                room >= 0
            })?;
            rounds += 1;
            if names == before || rounds > 1000 {
                return Ok(names as usize);
            }
        }
    }
}

#[test]
fn files_are_read_written_and_seen_to_change() {
    let w = world(|_, _| {}).unwrap();
    assert_eq!(w.read("/a").unwrap(), b"from the host");
    let large = w.read("/large").unwrap();
    assert!(large.len() == 300_000 && large.iter().enumerate().all(|(i, b)| *b == (i % 251) as u8));
    assert_eq!(w.write("/a", 5, b"THE"), Ok(3));
    assert_eq!(w.host("/a"), b"from THE host");
    assert_eq!(w.write("/new", 0, b"made"), Ok(4));
    assert_eq!((w.host("/new"), w.read("/new").unwrap()), (b"made".to_vec(), b"made".to_vec()));
    {
        let mut files = w.files.lock().unwrap();
        files.clock += 1;
        files.files.insert("/a".into(), Some(b"changed".to_vec()));
    }
    assert_eq!(w.read("/a").unwrap(), b"changed");
    assert_eq!(w.read("/absent").err(), Some(Errno::ENOENT));
    w.files.lock().unwrap().files.insert("/absent".into(), Some(b"now".to_vec()));
    assert_eq!(w.read("/absent").unwrap(), b"now");
    assert_eq!(w.list("/d"), Ok(602));
    let caller = Caller { fs: &w.fs, cred: &w.cred };
    remove::unlink(&caller, None, b"/a").unwrap();
    assert_eq!(w.read("/a").err(), Some(Errno::ENOENT));
    assert_eq!(create::mkdir(&caller, None, b"/x", 0o755), Err(Errno::EOPNOTSUPP));
}

#[test]
fn a_write_that_spans_requests_arrives_whole() {
    let w = world(|_, _| {}).unwrap();
    let bytes: Vec<u8> = (0..1_300_000u32).map(|i| (i % 241) as u8).collect();
    assert_eq!(w.write("/big", 1000, &bytes), Ok(bytes.len()));
    assert!(w.host("/big")[..1000].iter().all(|b| *b == 0) && w.host("/big")[1000..] == bytes);
}

#[test]
fn fids_are_given_back() {
    let w = world(|_, _| {}).unwrap();
    for _ in 0..50 {
        w.read("/a").unwrap();
        w.write("/new", 0, b"x").unwrap();
        let _ = w.read("/absent");
    }
    let caller = Caller { fs: &w.fs, cred: &w.cred };
    let _ = walk::lookup(&caller, None, b"/a", WalkFlags::FOLLOW);
    let open = w.files.lock().unwrap().fids.len();
    assert!(open < 12, "{open} fids for three files");
}

/// Replies that are cut, too long, of another type, full of ones or of noise: errors, and nothing worse.
#[test]
fn an_unsound_server_gets_an_error() {
    let ways: [fn(usize, &mut Vec<u8>); 7] = [
        |n, r| r.truncate(n % (r.len() + 1)),
        |_, r| r[4..].fill(0xff),
        |_, r| r[7..].fill(0xff),
        |n, r| r[4] = n as u8,
        |n, r| r.iter_mut().skip(7).enumerate().for_each(|(i, b)| *b = (n * 31 + i * 17) as u8),
        |n, r| r.extend((0..n % 9000).map(|i| (i * 7) as u8)),
        |_, r| r[7..].fill(0),
    ];
    for (way, spoil) in ways.into_iter().enumerate() {
        for first in 0..40usize {
            let count = Mutex::new(0usize);
            let made = world(move |_, reply| {
                let mut n = count.lock().unwrap();
                *n += 1;
                if *n > first && reply.len() > 7 {
                    spoil(*n * 13 + first, reply);
                }
            });
            let Ok(w) = made else { continue };
            let results = [w.read("/a").err(), w.write("/new", 3, b"x").err(), w.list("/d").err(), w.read("/large").err()];
            let caller = Caller { fs: &w.fs, cred: &w.cred };
            let unlinked = remove::unlink(&caller, None, b"/a").err();
            let text = format!("way {way}, from reply {first}: {results:?} {unlinked:?}");
            assert!(!text.to_string().is_empty());
        }
    }
}

/// Reads whose count is larger than what was asked for would be bytes that nobody wrote.
#[test]
fn a_count_that_is_too_large_is_refused() {
    let w = world(|kind, reply| {
        if kind == kind::READ {
            reply[7..11].fill(0x7f);
        }
    })
    .unwrap();
    assert_eq!(w.read("/a").err(), Some(Errno::EIO));
}
