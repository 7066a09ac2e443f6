//! Starting a program: which format it has, and what it starts with. The formats themselves are registered from above ([`BinaryFormat`]).

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::Errno;
use hal::trap::UserContext;

use crate::cred::Cred;
use crate::iobuf::ReadBuf;
use crate::limits::Limits;
use crate::mm::AddressSpace;
use crate::process::program::Program;
use crate::sync::RwLock;
use crate::vfs::file::{File, OpenFlags};
use crate::vfs::open::{OpenArgs, open};
use crate::vfs::perm::{MAY_EXEC, check};
use crate::vfs::{Caller, FileType, FsContext, MountFlags};

/// Bytes of the file's beginning that formats look at (Linux's BINPRM_BUF_SIZE).
pub const HEAD: usize = 256;

/// Interpreters of interpreters: as many as Linux follows.
const MAX_DEPTH: usize = 5;

/// What is to be started, by whom.
pub struct Request {
    /// Places in the file system.
    pub fs: Arc<FsContext>,
    /// Identity.
    pub cred: Arc<Cred>,
    /// Limits of the process.
    pub limits: Arc<Limits>,
    /// The path as given.
    pub path: Vec<u8>,
    /// Arguments.
    pub argv: Vec<Vec<u8>>,
    /// Environment.
    pub envp: Vec<Vec<u8>>,
    /// Place things at random (ASLR).
    pub randomize: bool,
}

/// A program that is in memory and may start.
pub struct Started {
    /// Its address space.
    pub mm: Arc<AddressSpace>,
    /// Its first registers.
    pub context: UserContext,
    /// What the process remembers of it.
    pub program: Program,
    /// Last part of its path: the thread's name.
    pub name: Vec<u8>,
}

/// Why a program cannot be started: the errno of execve(2) and a sentence for a person.
#[derive(Debug)]
pub struct ExecError {
    /// What execve(2) returns.
    pub errno: Errno,
    /// What is wrong, naming the file.
    pub text: Cow<'static, str>,
}

impl ExecError {
    /// An error about `path`.
    pub fn new(errno: Errno, path: &[u8], what: &str) -> ExecError {
        ExecError { errno, text: Cow::Owned(alloc::format!("{}: {what}", crate::control::Bytes(path))) }
    }
}

/// What a format made of a file.
pub enum Outcome {
    /// The file is of another format.
    NotMine,
    /// Ready.
    Started(Box<Started>),
    /// To be run by another program: its path, and what goes before the script's own path.
    Interpreter(Vec<u8>, Option<Vec<u8>>),
}

/// A kind of program.
pub trait BinaryFormat: Sync {
    /// Loads `file`, whose first bytes are `head` (zeros behind the end), if it is of this kind.
    fn load(&self, request: &Request, file: &Arc<File>, head: &[u8; HEAD]) -> Result<Outcome, ExecError>;
}

static FORMATS: RwLock<Vec<&'static dyn BinaryFormat>> = RwLock::new(Vec::new());

/// Makes a format known; formats are asked in the order of registration.
pub fn register(format: &'static dyn BinaryFormat) {
    FORMATS.write().push(format);
}

/// Opens a file that is to be executed: a regular file with an execute permission, on a mount that allows it.
pub fn open_executable(fs: &FsContext, cred: &Cred, path: &[u8]) -> Result<Arc<File>, ExecError> {
    let error = |errno: Errno| ExecError::new(errno, path, errno.text());
    let caller = Caller { fs, cred };
    // Opened as a location first: a program may be executable and not readable.
    let place = open(&caller, None, path, OpenArgs::new(OpenFlags::PATH)).map_err(error)?;
    let Some(place) = place.path() else { return Err(error(Errno::EACCES)) };
    let inode = place.inode().map_err(error)?.clone();
    if inode.kind != FileType::Regular || place.mount.flags().contains(MountFlags::NOEXEC) {
        return Err(error(Errno::EACCES));
    }
    check(&inode, cred, MAY_EXEC).map_err(error)?;
    Ok(File::with_path(inode, OpenFlags::empty(), place.clone()))
}

/// Reads from a file at `pos` until `buf` is full or the file ends; the bytes read.
pub fn read_file(file: &File, pos: u64, buf: &mut [u8]) -> abi::Result<usize> {
    let mut done = 0;
    while done < buf.len() {
        let mut target = ReadBuf::kernel(&mut buf[done..]);
        match file.ops.read_at(file, &mut target, pos.saturating_add(done as u64))? {
            0 => break,
            count => done += count,
        }
    }
    Ok(done)
}

/// Puts the program into memory, following scripts to their interpreters.
pub fn load(mut request: Request) -> Result<Started, ExecError> {
    let mut path = request.path.clone();
    for _ in 0..MAX_DEPTH {
        let file = open_executable(&request.fs, &request.cred, &path)?;
        let mut head = [0u8; HEAD];
        read_file(&file, 0, &mut head).map_err(|errno| ExecError::new(errno, &path, errno.text()))?;
        match ask(&request, &file, &head)? {
            Outcome::Started(started) => return Ok(*started),
            Outcome::Interpreter(interpreter, argument) => {
                // argv[0] goes; interpreter, its argument and the script's path come in its place (execve(2), Interpreter scripts).
                let rest = request.argv.split_off(1.min(request.argv.len()));
                request.argv.clear();
                request.argv.push(interpreter.clone());
                request.argv.extend(argument);
                request.argv.push(path);
                request.argv.extend(rest);
                path = interpreter;
            }
            Outcome::NotMine => {
                let what = "not a program that unox can run: it is neither an x86-64 ELF file nor a #! script";
                return Err(ExecError::new(Errno::ENOEXEC, &path, what));
            }
        }
    }
    Err(ExecError::new(Errno::ELOOP, &path, "too many interpreters of interpreters"))
}

fn ask(request: &Request, file: &Arc<File>, head: &[u8; HEAD]) -> Result<Outcome, ExecError> {
    for format in FORMATS.read().iter() {
        match format.load(request, file, head)? {
            Outcome::NotMine => {}
            outcome => return Ok(outcome),
        }
    }
    Ok(Outcome::NotMine)
}

/// The last part of a path, as a thread's name.
pub fn name_of(path: &[u8]) -> Vec<u8> {
    path.rsplit(|b| *b == b'/').next().unwrap_or(path).to_vec()
}

/// The path in `file`'s name, for messages.
pub fn path_text(file: &File) -> String {
    let mut text = String::new();
    let _ = crate::mm::NamedObject::path(file, &mut text);
    text
}
