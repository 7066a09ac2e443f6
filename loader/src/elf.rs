//! ELF programs: the program, its interpreter, the first stack and the auxiliary vector (Linux fs/binfmt_elf.c).

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::Errno;
use abi::process::rlimit;
use elfhdr::{Kind, PHENT_LEN};
use hal::mem::{PAGE_SIZE, Perm};
use hal::trap::UserContext;
use kernel::exec::{BinaryFormat, ExecError, HEAD, Outcome, Request, Started, name_of, open_executable, read_file};
use kernel::mm::{AddressSpace, Layout};
use kernel::process::program::Program;
use kernel::vfs::file::File;
use startstack::{Block, Start, at, build};

use crate::segments::{Object, Placed, bad};
use crate::vdso;

/// sysconf(_SC_CLK_TCK).
const CLOCK_TICKS: u64 = 100;
/// The most that arguments and environment may take (Linux: 6 MiB, _STK_LIM / 4 * 3).
const MAX_STRINGS: usize = 6 << 20;

/// The format.
pub struct Elf;

impl BinaryFormat for Elf {
    fn load(&self, request: &Request, file: &Arc<File>, head: &[u8; HEAD]) -> Result<Outcome, ExecError> {
        if head[..4] != *b"\x7fELF" {
            return Ok(Outcome::NotMine);
        }
        let object = Object::open(file.clone(), head)?;
        let interpreter = match object.interpreter()? {
            Some(path) => Some(open_interpreter(request, file, &path)?),
            None => None,
        };
        let stack_limit = request.limits.soft(rlimit::STACK);
        let entropy = request.randomize.then(kernel::random::words);
        let mm = AddressSpace::new(Layout::new(entropy, stack_limit), request.limits.clone()).map_err(|errno| bad_errno(file, errno))?;
        let placed = object.map(&mm, Some(mm.layout().pie_base))?;
        let loader = interpreter.as_ref().map(|interpreter| interpreter.map(&mm, None)).transpose()?;
        for (object, placed) in [(Some(&object), Some(&placed)), (interpreter.as_ref(), loader.as_ref())] {
            if let (Some(object), Some(placed)) = (object, placed) {
                kernel::process::mapped::loaded(&*object.file, placed.bias);
            }
        }
        let heap = usize::try_from(placed.end).unwrap_or(0).next_multiple_of(PAGE_SIZE);
        mm.set_brk_start(heap + mm.layout().brk_offset);
        let executable_stack = object.segments().any(|s| s.kind == Kind::GnuStack && s.exec);
        start(request, &object, &mm, &placed, loader.as_ref(), executable_stack).map(|started| Outcome::Started(Box::new(started)))
    }
}

fn bad_errno(file: &File, errno: Errno) -> ExecError {
    ExecError::new(errno, kernel::exec::path_text(file).as_bytes(), errno.text())
}

fn open_interpreter(request: &Request, program: &File, path: &[u8]) -> Result<Object, ExecError> {
    let file = open_executable(&request.fs, &request.cred, path).map_err(|error| {
        let what = alloc::format!("its interpreter {} cannot be opened: {}", kernel::control::Bytes(path), error.errno.text());
        ExecError::new(error.errno, kernel::exec::path_text(program).as_bytes(), &what)
    })?;
    let mut head = [0u8; HEAD];
    read_file(&file, 0, &mut head).map_err(|errno| bad_errno(&file, errno))?;
    Object::open(file, &head)
}

/// Builds the first stack and the first registers.
fn start(
    request: &Request,
    object: &Object,
    mm: &Arc<AddressSpace>,
    placed: &Placed,
    loader: Option<&Placed>,
    executable_stack: bool,
) -> Result<Started, ExecError> {
    let fail = |errno| bad_errno(&object.file, errno);
    let mut perm = Perm::READ | Perm::WRITE;
    perm.set(Perm::EXEC, executable_stack);
    let top = mm.map_stack(perm).map_err(fail)?;
    let clock = vdso::map(mm).map_err(fail)?;
    let auxv = auxiliary(request, object, placed, loader, clock);
    let block = stack_block(request, top, &auxv).ok_or_else(|| fail(Errno::E2BIG))?;
    let sp = usize::try_from(block.sp).map_err(|_| fail(Errno::ENOMEM))?;
    if mm.write_memory(sp, &block.bytes) < block.bytes.len() {
        return Err(bad(&object.file, "no memory for the first stack"));
    }
    let entry = loader.map_or(placed.entry, |loader| loader.entry);
    let address = |pair: (u64, u64)| (pair.0 as usize, pair.1 as usize); // addresses on the stack
    let auxv_at = (block.auxv.0 - block.sp) as usize; // within the block
    let program = Program {
        exe: object.file.path().cloned(),
        args: address(block.args),
        envs: address(block.envs),
        auxv: block.bytes[auxv_at..auxv_at + block.auxv.1].to_vec(),
        start_stack: sp,
        code: placed.code,
        data: placed.data,
    };
    Ok(Started { mm: mm.clone(), context: UserContext::new(entry, block.sp), program, name: name_of(&request.path) })
}

fn stack_block(request: &Request, top: usize, auxv: &[(u64, u64)]) -> Option<Block> {
    let mut random = [0u8; 16];
    kernel::random::fill(&mut random);
    let argv: Vec<&[u8]> = request.argv.iter().map(Vec::as_slice).collect();
    let envp: Vec<&[u8]> = request.envp.iter().map(Vec::as_slice).collect();
    let limit = usize::try_from(request.limits.soft(rlimit::STACK) / 4).unwrap_or(usize::MAX).clamp(128 << 10, MAX_STRINGS);
    // Some bytes between top and block differ from run to run, so that the cache lines of the stack do too (Linux: arch_align_stack).
    let shift = if request.randomize { kernel::random::next_u64() & 0x1ff0 } else { 0 };
    let start = Start { top: top as u64 - 16 - shift, argv: &argv, envp: &envp, execfn: &request.path, random, auxv }; // widening
    build(&start, limit).ok()
}

fn auxiliary(request: &Request, object: &Object, placed: &Placed, loader: Option<&Placed>, clock: Option<usize>) -> Vec<(u64, u64)> {
    let identity = hal::cpu::identity();
    let cred = &request.cred;
    let mut auxv = Vec::with_capacity(24);
    if let Some(clock) = clock {
        auxv.push((at::SYSINFO_EHDR, clock as u64)); // widening
    }
    auxv.extend([
        (at::MINSIGSTKSZ, hal::sigframe::max_size() as u64), // widening
        (at::HWCAP, u64::from(identity.hwcap)),
        (at::PAGESZ, PAGE_SIZE as u64),
        (at::CLKTCK, CLOCK_TICKS),
        (at::PHDR, placed.phdr),
        (at::PHENT, PHENT_LEN as u64),
        (at::PHNUM, object.header.phnum as u64), // widening
        (at::BASE, loader.map_or(0, |loader| loader.bias)),
        (at::FLAGS, 0),
        (at::ENTRY, placed.entry),
        (at::UID, u64::from(cred.uid)),
        (at::EUID, u64::from(cred.euid)),
        (at::GID, u64::from(cred.gid)),
        (at::EGID, u64::from(cred.egid)),
        (at::SECURE, u64::from(cred.uid != cred.euid || cred.gid != cred.egid)),
        (at::HWCAP2, u64::from(identity.hwcap2)),
    ]);
    auxv
}
