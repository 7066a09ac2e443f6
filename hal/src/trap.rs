//! Traps and system calls: the canonical application context and the table of handlers that the image fills.

use core::arch::asm;
use core::sync::atomic::{AtomicPtr, Ordering};

/// The application's registers, laid out as Linux's pt_regs behind the SSE registers that the kernel's own code may use.
/// `cs` is always 0x33 and `ss` 0x2b, whatever the machine holds; `orig_rax` is the system-call number, or -1 when the context was not saved by a call.
#[repr(C, align(16))]
#[derive(Debug, Clone)]
#[allow(missing_docs)] // register names
pub struct UserContext {
    pub xmm: [u128; 16],
    pub r15: u64,
    pub r14: u64,
    pub r13: u64,
    pub r12: u64,
    pub rbp: u64,
    pub rbx: u64,
    pub r11: u64,
    pub r10: u64,
    pub r9: u64,
    pub r8: u64,
    pub rax: u64,
    pub rcx: u64,
    pub rdx: u64,
    pub rsi: u64,
    pub rdi: u64,
    pub orig_rax: u64,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

impl UserContext {
    /// A context that starts at `rip` with stack `rsp`, other registers zero.
    pub fn new(rip: u64, rsp: u64) -> UserContext {
        UserContext {
            xmm: [0; 16],
            r15: 0,
            r14: 0,
            r13: 0,
            r12: 0,
            rbp: 0,
            rbx: 0,
            r11: 0,
            r10: 0,
            r9: 0,
            r8: 0,
            rax: 0,
            rcx: 0,
            rdx: 0,
            rsi: 0,
            rdi: 0,
            orig_rax: u64::MAX,
            rip,
            cs: 0x33,
            rflags: 0x202,
            rsp,
            ss: 0x2b,
        }
    }

    /// The number of the system call this context made: the low half of rax, as Linux takes it.
    #[inline]
    pub fn call_number(&self) -> u64 {
        self.orig_rax & 0xffff_ffff
    }

    /// The six arguments of a system call.
    #[inline]
    pub fn args(&self) -> [u64; 6] {
        [self.rdi, self.rsi, self.rdx, self.r10, self.r8, self.r9]
    }
}

/// A page fault.
#[derive(Debug, Clone, Copy)]
pub struct PageFault {
    /// CR2.
    pub address: usize,
    /// It was a store.
    pub write: bool,
    /// It was an instruction fetch.
    pub exec: bool,
    /// The page was present (a protection violation).
    pub present: bool,
    /// It came from the application itself; otherwise from a user copy in the kernel.
    pub from_app: bool,
}

/// CPU exceptions other than page faults, as raised by the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// The vector: 0 #DE, 1 #DB, 3 #BP, 4 #OF, 5 #BR, 6 #UD, 7 #NM, 10 #TS, 11 #NP, 12 #SS, 13 #GP, 16 #MF, 17 #AC, 19 #XM, 128 int 0x80.
    pub vector: u8,
    /// The error code, 0 where the exception has none.
    pub error: u64,
    /// DR6 for #DB, else 0.
    pub dr6: u64,
}

/// What `image` gives the machine: one static table.
pub struct Handlers {
    /// A system call; the result goes into `rax`.
    pub syscall: fn(&mut UserContext),
    /// A page fault on an application address. `ctx` is there when it came from the application. True: resolved, run again. False: in the
    /// application the handler has queued a signal; in a user copy the fix-up makes the copy fail with EFAULT.
    /// Runs with interrupts on and may sleep.
    pub page_fault: fn(PageFault, Option<&mut UserContext>) -> bool,
    /// Another exception in the application.
    pub exception: fn(Exception, &mut UserContext),
    /// This CPU's timer fired. Interrupts are off. `from_app`: the application was running.
    pub tick: fn(from_app: bool),
    /// The work word is not 0 on the way back to the application: deliver signals, reschedule. Called until the word is 0, interrupts on.
    pub work: fn(&mut UserContext),
}

static HANDLERS: AtomicPtr<Handlers> = AtomicPtr::new((&raw const NONE).cast_mut());

/// The table before there is one.
static NONE: Handlers = Handlers {
    syscall: |_| panic!("a system call before there are handlers"),
    page_fault: |_, _| false,
    exception: |exception, _| panic!("exception {} before there are handlers", exception.vector),
    tick: |_| (),
    work: |_| panic!("work before there are handlers"),
};

/// Registers the table; before that any trap is fatal.
pub fn set_handlers(handlers: &'static Handlers) {
    HANDLERS.store(core::ptr::from_ref(handlers).cast_mut(), Ordering::Release);
}

/// The registered table.
#[inline]
pub(crate) fn handlers() -> &'static Handlers {
    // SAFETY: only `'static` tables are ever stored.
    unsafe { &*HANDLERS.load(Ordering::Relaxed) }
}

/// State of the floating-point units, for the si_code of SIGFPE.
#[derive(Debug, Clone, Copy)]
pub struct FloatStatus {
    /// x87 control word.
    pub fcw: u16,
    /// x87 status word.
    pub fsw: u16,
    /// SSE control and status.
    pub mxcsr: u32,
}

/// The application's floating-point status: it is still in the registers while its exception is handled.
pub fn float_status() -> FloatStatus {
    let mut status = FloatStatus { fcw: 0, fsw: 0, mxcsr: 0 };
    // SAFETY: the non-waiting forms raise nothing; each stores a word into a local.
    unsafe {
        asm!("fnstcw [{}]", "fnstsw [{}]", "stmxcsr [{}]", in(reg) &raw mut status.fcw, in(reg) &raw mut status.fsw, in(reg) &raw mut status.mxcsr,
            options(nostack, preserves_flags));
    }
    status
}
