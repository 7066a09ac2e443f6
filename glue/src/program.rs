//! The application's first thread: an address space for its stack and mappings, argc, argv, environment and auxiliary vector as every Linux program
//! finds them, so that a C library starts as it does there.

use alloc::vec::Vec;
use core::arch::naked_asm;
use core::ffi::CStr;

use abi::Errno;
use abi::process::rlimit;
use bootcfg::Config;
use hal::mem::{PAGE_SIZE, Perm};
use hal::trap::UserContext;
use kernel::boot::{Failure, Parts};
use kernel::exec::Started;
use kernel::mm::{AddressSpace, Layout};
use kernel::process::program::Program;
use startstack::{Block, Start, at, build};

/// What Kconfig says and the kernel must know: one constant in C (glue/lib/ukboot/config.c), so that a changed number does not rebuild a crate.
#[repr(C)]
pub struct BootConfig {
    /// The image's name: argv[0] when nobody gives one.
    pub name: *const core::ffi::c_char,
    /// What is printed before main; null for nothing.
    pub banner: *const core::ffi::c_char,
    /// Greatest level of messages that are shown (0 critical ... 4 debug).
    pub loglevel: u32,
    /// Arguments that are there before those of the command line, ended by null; null for none.
    pub args: *const *const core::ffi::c_char,
}
// SAFETY: constants of the image.
unsafe impl Sync for BootConfig {}

unsafe extern "C" {
    /// Defined in C.
    pub safe static uk_boot_config: BootConfig;
    /// The image's own ELF header, which the linker script keeps in memory.
    static __ehdr_start: ElfHeader;
    static __image_start: u8;
    static __text_end: u8;
    static __rodata_end: u8;
    static __image_end: u8;
}

/// Elf64_Ehdr
#[repr(C)]
struct ElfHeader {
    ident: [u8; 16],
    kind: u16,
    machine: u16,
    version: u32,
    entry: u64,
    phoff: u64,
    shoff: u64,
    flags: u32,
    ehsize: u16,
    phentsize: u16,
    phnum: u16,
    shentsize: u16,
    shnum: u16,
    shstrndx: u16,
}

/// Where the heap begins that brk(2) moves: anywhere in the lower half, which is the application's alone.
const HEAP: usize = 0x1_0000_0000;
/// sysconf(_SC_CLK_TCK).
const CLOCK_TICKS: u64 = 100;
/// The most that arguments and environment may take.
const MAX_STRINGS: usize = 6 << 20;

/// Makes the address space and the first stack.
pub fn load(config: &Config<'_>, parts: &Parts<'_>) -> Result<Started, Failure> {
    let fail = |what: &str, errno: Errno| Failure { text: alloc::format!("{what}: errno {}", errno.number()) };
    let entropy = (!config.flag("nokaslr")).then(kernel::random::words);
    let layout = Layout::new(entropy, parts.limits.soft(rlimit::STACK));
    let mm = AddressSpace::new(layout, parts.limits.clone()).map_err(|errno| fail("the application's memory", errno))?;
    mm.set_brk_start(HEAP + mm.layout().brk_offset);
    let top = mm.map_stack(Perm::READ | Perm::WRITE).map_err(|errno| fail("the first stack", errno))?;
    // SAFETY: the constant's strings are C strings of the image.
    let name = unsafe { CStr::from_ptr(uk_boot_config.name) }.to_bytes();
    let block = first_stack(config, name, top).ok_or(fail("the arguments", Errno::E2BIG))?;
    let sp = block.sp as usize; // below the top
    if mm.write_memory(sp, &block.bytes) < block.bytes.len() {
        return Err(fail("the first stack", Errno::ENOMEM));
    }
    let address = |pair: (u64, u64)| (pair.0 as usize, pair.1 as usize); // addresses on the stack
    let auxv_at = (block.auxv.0 - block.sp) as usize; // within the block
    let program = Program {
        exe: None,
        args: address(block.args),
        envs: address(block.envs),
        auxv: block.bytes[auxv_at..auxv_at + block.auxv.1].to_vec(),
        start_stack: sp,
        code: (&raw const __image_start as usize, &raw const __text_end as usize), // addresses
        data: (&raw const __rodata_end as usize, &raw const __image_end as usize), // addresses
    };
    let entry = first_step as unsafe extern "C" fn() as usize as u64; // an address
    Ok(Started { mm, context: UserContext::new(entry, block.sp), program, name: name.to_vec() })
}

fn first_stack(config: &Config<'_>, name: &[u8], top: usize) -> Option<Block> {
    let mut random = [0u8; 16];
    kernel::random::fill(&mut random);
    let argv = arguments(config, name);
    let envp: Vec<&[u8]> = config.all("env").collect();
    // SAFETY: the header is in the image's first page, read-only.
    let elf = unsafe { &__ehdr_start };
    let auxv = [
        (at::MINSIGSTKSZ, hal::sigframe::max_size() as u64), // widening
        (at::HWCAP, u64::from(hal::cpu::identity().hwcap)),
        (at::PAGESZ, PAGE_SIZE as u64),
        (at::CLKTCK, CLOCK_TICKS),
        (at::ENTRY, first_step as unsafe extern "C" fn() as usize as u64), // an address
        (at::PHDR, core::ptr::from_ref(elf) as u64 + elf.phoff),           // a C library finds the thread-local segment there
        (at::PHENT, u64::from(elf.phentsize)),
        (at::PHNUM, u64::from(elf.phnum)),
        (at::UID, config.number("uid").unwrap_or(0)),
        (at::EUID, config.number("uid").unwrap_or(0)),
        (at::GID, config.number("gid").unwrap_or(0)),
        (at::EGID, config.number("gid").unwrap_or(0)),
        (at::SECURE, 0),
    ];
    build(&Start { top: top as u64 - 16, argv: &argv, envp: &envp, execfn: name, random, auxv: &auxv }, MAX_STRINGS).ok()
}

/// The arguments: the tool's records, else what follows ` -- ` on the command line, else its words that are not the kernel's. Without a tool the
/// first is the image's name, then come those that were configured.
fn arguments<'a>(config: &Config<'a>, name: &'a [u8]) -> Vec<&'a [u8]> {
    let given: Vec<&[u8]> = config.args().collect();
    let cmdline = hal::boot::info().cmdline;
    let has_dashes = cmdline.starts_with(b"-- ") || cmdline.windows(4).any(|w| w == b" -- ");
    if !given.is_empty() && !has_dashes {
        return given;
    }
    let mut argv = alloc::vec![name];
    if !uk_boot_config.args.is_null() {
        let mut at = uk_boot_config.args;
        // SAFETY: the constant's array of C strings, ended by null.
        while let Some(text) = unsafe { (*at).as_ref().map(|text| CStr::from_ptr(text)) } {
            argv.push(text.to_bytes());
            at = at.wrapping_add(1);
        }
    }
    // A tool that has arguments for the program gives them as such: what is on the command line then is for the kernel and for libraries.
    let by_tool = hal::boot::info().modules.iter().any(|m| m.starts_with(bootcfg::MAGIC));
    if has_dashes {
        argv.extend(given);
    } else if !by_tool {
        let own = |word: &&[u8]| word.starts_with(b"unox.") || word.starts_with(b"nokaslr=") || word.starts_with(b"console=");
        argv.extend(cmdline.split(|b| *b == b' ').filter(|word| !word.is_empty() && !own(word)));
    }
    argv
}

/// Where the first thread begins: the stack as the ABI has it at `_start`, which is this place's other name (port.ld). A C library takes over if
/// there is one.
#[unsafe(naked)]
#[unsafe(export_name = "uk_first_step")]
unsafe extern "C" fn first_step() {
    naked_asm!(
        ".weak __uk_libc_start",
        "xor ebp, ebp",
        "mov rdi, rsp",
        "and rsp, -16",
        "lea rsi, [rip + {main}]",
        "movabs rax, offset __uk_libc_start",
        "test rax, rax",
        "jz 1f",
        "call rax",
        "1: mov rsi, rdi",
        "mov rdi, [rsi]",
        "add rsi, 8",
        "lea rdx, [rsi + rdi * 8 + 8]",
        "call {main}",
        "mov edi, eax",
        "call uk_syscall_exit_group",
        "ud2",
        main = sym crate::sequence::uk_main,
    )
}
