//! What the machine calls: page faults, exceptions, the tick, work before the application goes on. The image puts these functions into `hal::trap::Handlers`.

use abi::signal::{code, sig};
use abi::{Errno, Result};
use core::sync::atomic::Ordering;
use hal::mem::USER_END;
use hal::task::Owner;
use hal::trap::{Exception, PageFault, UserContext};

use super::deliver::{self, force};
use super::user::{UserThread, current, try_current};
use super::{exit, hooks, itimers, rseq, vsyscall};
use crate::control;
use crate::mm::{Access, FaultOutcome, SegvCode};
use crate::report;
use crate::sched::{self, Thread, work};
use crate::signal::Info;

const PAGE_FAULT_VECTOR: u64 = 14;

/// `Handlers::page_fault`.
pub fn page_fault(fault: PageFault, ctx: Option<&mut UserContext>) -> bool {
    let Some(user) = try_current() else { return false };
    let outcome = if fault.address < USER_END {
        let access = match (fault.write, fault.exec) {
            (true, _) => Access::Write,
            (_, true) => Access::Exec,
            _ => Access::Read,
        };
        user.mm().fault(fault.address, access)
    } else {
        FaultOutcome::Segv(SegvCode::MapErr)
    };
    if outcome == FaultOutcome::Resolved {
        let minor = &user.faults[0];
        minor.store(minor.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        return true;
    }
    bad_access(&user, &fault, ctx, outcome)
}

#[cold]
fn bad_access(user: &UserThread, fault: &PageFault, ctx: Option<&mut UserContext>, outcome: FaultOutcome) -> bool {
    if outcome == FaultOutcome::OutOfMemory {
        out_of_memory(user);
        return false;
    }
    let Some(ctx) = ctx else { return false }; // EFAULT in the call that copied
    if fault.exec && vsyscall::emulate(fault.address, ctx) {
        return true;
    }
    let address = fault.address as u64; // widening
    // Linux says `present` for its own half, whatever is mapped there.
    let present = fault.present || fault.address >= USER_END;
    let error = u64::from(present) | u64::from(fault.write) << 1 | 4 | u64::from(fault.exec) << 4;
    *user.fault.lock() = (address, PAGE_FAULT_VECTOR, error);
    let info = match outcome {
        FaultOutcome::Segv(SegvCode::AccErr) => Info::fault(sig::SEGV, code::SEGV_ACCERR, address),
        FaultOutcome::Bus => Info::fault(sig::BUS, code::BUS_ADRERR, address),
        _ => Info::fault(sig::SEGV, code::SEGV_MAPERR, address),
    };
    force(user, info);
    false
}

/// The machine has no page left: the program is killed, as Linux's last resort does.
fn out_of_memory(user: &UserThread) {
    static SAID: report::Once = report::Once::new();
    let stats = hal::mem::stats();
    let name = user.name();
    let program = control::Bytes(&name[..name.iter().position(|b| *b == 0).unwrap_or(name.len())]);
    let (total, free) = (stats.total >> 20, stats.free >> 20);
    SAID.warn(format_args!("{program}: out of memory: the machine has {total} MiB and {free} MiB are free; give it more with -m"));
    user.process.signals.lock().exiting.get_or_insert(sig::KILL.cast_signed());
    for thread in user.process.threads() {
        thread.interrupt();
    }
}

/// `Handlers::exception`.
pub fn exception(exception: Exception, ctx: &mut UserContext) {
    let Some(user) = try_current() else { return };
    let Exception { vector, error, dr6 } = exception;
    if vector == 128 {
        static SAID: report::Once = report::Once::new();
        SAID.warn(format_args!("int 0x80 at {:#x}: 32-bit system calls are not supported; they return ENOSYS", ctx.rip));
        ctx.rax = i64::from(-Errno::ENOSYS.number()).cast_unsigned();
        return;
    }
    let rip = ctx.rip;
    let info = match vector {
        0 => Info::fault(sig::FPE, code::FPE_INTDIV, rip),
        1 => Info::fault(sig::TRAP, if dr6 & 0x4000 != 0 { code::TRAP_TRACE } else { code::TRAP_BRKPT }, rip),
        3 => Info::kernel(sig::TRAP),
        6 => Info::fault(sig::ILL, code::ILL_ILLOPN, rip),
        11 | 12 => Info::kernel(sig::BUS),
        16 => Info::fault(sig::FPE, x87_code(), rip),
        17 => Info::fault(sig::BUS, code::BUS_ADRALN, 0),
        19 => Info::fault(sig::FPE, sse_code(), rip),
        _ => Info::kernel(sig::SEGV),
    };
    {
        let mut fault = user.fault.lock();
        let shown = if matches!(vector, 16 | 19) { 0 } else { error };
        *fault = (fault.0, u64::from(vector), shown);
    }
    force(&user, info);
}

/// The si_code of an x87 exception: what the status word raises and the control word does not mask.
fn x87_code() -> i32 {
    let status = hal::trap::float_status();
    float_code(u64::from(!status.fcw & status.fsw & 0x3f))
}

/// The same of an SSE exception; MXCSR holds both.
fn sse_code() -> i32 {
    let mxcsr = hal::trap::float_status().mxcsr;
    float_code(u64::from(!(mxcsr >> 7) & mxcsr & 0x3f))
}

/// The si_code of unmasked exceptions: invalid, (denormal,) divide, overflow, underflow, precision from bit 0 on.
fn float_code(raised: u64) -> i32 {
    if raised & 1 != 0 {
        code::FPE_FLTINV
    } else if raised & 4 != 0 {
        code::FPE_FLTDIV
    } else if raised & 8 != 0 {
        code::FPE_FLTOVF
    } else if raised & 0x12 != 0 {
        code::FPE_FLTUND
    } else if raised & 0x20 != 0 {
        code::FPE_FLTRES
    } else {
        code::FPE_FLTUNK
    }
}

/// `Handlers::tick`.
pub fn tick(from_app: bool) {
    sched::tick(from_app);
}

/// `Handlers::work`.
pub fn work(ctx: &mut UserContext) {
    let thread = sched::current();
    let bits = thread.task().work().load(Ordering::Acquire);
    if bits & work::RESCHED != 0 {
        sched::reschedule();
    }
    if bits & work::CPU_TIMER != 0 {
        thread.task().work().fetch_and(!work::CPU_TIMER, Ordering::AcqRel);
        itimers::check_cpu_time(&current());
    }
    if bits & work::RSEQ != 0 {
        thread.task().work().fetch_and(!work::RSEQ, Ordering::AcqRel);
        rseq::leave_section(&current(), ctx);
    }
    if bits & (work::SIGNAL | work::RESTART) != 0 {
        deliver::run(ctx);
    }
}

/// The identity of the address space of a thread, for the scheduler.
pub(super) fn space_id(thread: &Thread) -> u64 {
    let mm = thread.user::<UserThread>().and_then(|user| user.mm_slot().get());
    mm.map_or(0, |mm| alloc::sync::Arc::as_ptr(&mm).addr() as u64) // widening
}

fn load_space(thread: &Thread) {
    if let Some(mm) = thread.user::<UserThread>().and_then(|user| user.mm_slot().get()) {
        mm.activate();
    }
}

fn on_tick(thread: &Thread, _from_app: bool) {
    if thread.user::<UserThread>().is_some_and(|user| user.process.timers.counts_cpu_time()) {
        thread.set_work(work::CPU_TIMER);
    }
}

/// Registers what earlier rooms call in this one.
pub(super) fn install_hooks() {
    sched::set_space_hook(load_space);
    sched::set_tick_hook(on_tick);
    hooks::install();
}

/// exec gave the calling thread another address space.
pub fn space_changed() {
    let thread = sched::current();
    thread.set_space(space_id(&thread));
    sched::reload_space();
}

/// A call with the internal restart codes ends: the way back must look at them. Called by the dispatcher for errors above 511.
#[cold]
pub fn wants_restart() {
    sched::current().set_work(work::RESTART);
}

/// restart_syscall(2): goes on with the call that a signal interrupted; EINTR if there is none.
pub fn restart_syscall() -> Result<usize> {
    let restart = current().signals.restart.lock().take();
    restart.map_or(Err(Errno::EINTR), |restart| (restart.run)(&restart.args))
}

/// The whole process dies of `signal`, without asking (seccomp, corrupted state).
pub fn kill_current(signal: u32) -> ! {
    exit::exit_group(signal.cast_signed())
}
