//! `unox.selftest=1`: exercises the machine layer with a small ring-3 program, before and without the kernel above it.

use alloc::sync::Arc;
use core::arch::global_asm;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use hal::mem::{Frame, Page, PageTable, Perm, TlbBatch};
use hal::port::PortRange;
use hal::task::{self, Owner, Task};
use hal::trap::{self, Exception, Handlers, PageFault, UserContext};
use hal::{clock, cpu, power, sigframe, user};

global_asm!(include_str!("selftest.S"));

unsafe extern "C" {
    static selftest_begin: u8;
    static selftest_end: u8;
}

const CODE: usize = 0x40_0000;
const DATA: usize = 0x50_0000;
const STACK_TOP: usize = 0x7000_0000;
const WORK_SIGNAL: u32 = 1;

struct Thread {
    task: Task,
    table: Arc<PageTable>,
}

impl Owner for Thread {
    fn task(&self) -> &Task {
        &self.task
    }
}

struct Out;
impl fmt::Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        PortRange::new(0xe9, 1).write_bytes(0, text.as_bytes());
        Ok(())
    }
}

static FAULTS: AtomicU32 = AtomicU32::new(0);
static TICKS: AtomicU32 = AtomicU32::new(0);
static EXCEPTIONS: AtomicU32 = AtomicU32::new(0);
static STARTED: AtomicBool = AtomicBool::new(false);
static LAST: AtomicU64 = AtomicU64::new(0);
static OTHER: hal::sync::SpinLock<Option<Arc<Thread>>> = hal::sync::SpinLock::new(None);

static HANDLERS: Handlers = Handlers { syscall, page_fault, exception, tick, work };

/// Runs the test program.
pub fn run() -> ! {
    if hal::boot::info().cmdline.windows(4).any(|w| w == b"boot") {
        power::stop();
    }
    trap::set_handlers(&HANDLERS);
    let table = Arc::new(PageTable::new().expect("table"));
    let (begin, end) = (&raw const selftest_begin, &raw const selftest_end);
    // SAFETY: the bytes between two labels of selftest.S.
    let code = unsafe { core::slice::from_raw_parts(begin, end as usize - begin as usize) };
    let frame = Frame::zeroed().expect("frame");
    frame.write(0, code);
    let mut batch = TlbBatch::new(&table);
    table.map(CODE, Page::Owned(frame), Perm::READ | Perm::EXEC, &mut batch).expect("map");
    drop(batch);
    table.activate();
    let ctx = UserContext::new(CODE as u64, STACK_TOP as u64 - 8);
    let task = Task::new_user(&ctx, 0x1234_5000, 0x4321_0000, false).expect("task");
    let helper = Task::new_kernel(helper, 7).expect("task");
    *OTHER.lock() = Some(Arc::new(Thread { task: helper, table: table.clone() }));
    let _ = writeln!(Out, "log info start at {} ns, {:?}", clock::monotonic_ns(), hal::mem::stats());
    task::start(Arc::new(Thread { task, table }))
}

/// A kernel thread that hands the CPU straight back.
fn helper(arg: usize) -> ! {
    assert_eq!(arg, 7);
    loop {
        swap();
    }
}

/// Switches to the other thread.
fn swap() {
    let _irq = cpu::IrqOff::new();
    let me = task::current::<Thread>().to_arc();
    let next = OTHER.lock().replace(me).expect("other thread");
    task::switch_to(next);
}

fn page_fault(fault: PageFault, ctx: Option<&mut UserContext>) -> bool {
    FAULTS.fetch_add(1, Ordering::Relaxed);
    let thread = task::current::<Thread>();
    let wanted = (DATA..DATA + 0x1000).contains(&fault.address) || (STACK_TOP - 0x4000..STACK_TOP).contains(&fault.address);
    if wanted && !fault.present {
        let mut batch = TlbBatch::new(&thread.table);
        let page = Page::Owned(Frame::zeroed().expect("frame"));
        return thread.table.map(fault.address & !4095, page, Perm::READ | Perm::WRITE, &mut batch).is_ok();
    }
    LAST.store(fault.address as u64, Ordering::Relaxed);
    if let Some(ctx) = ctx {
        ctx.rip = ctx.rbx; // the program says where to go on
    }
    false
}

fn exception(exception: Exception, ctx: &mut UserContext) {
    EXCEPTIONS.fetch_add(1, Ordering::Relaxed);
    LAST.store(u64::from(exception.vector), Ordering::Relaxed);
    ctx.rip = ctx.rbx;
    ctx.rflags &= !0x100; // one step is enough
}

fn tick(_from_app: bool) {
    TICKS.fetch_add(1, Ordering::Relaxed);
    clock::set_deadline(clock::monotonic_ns() + 1_000_000);
}

fn work(ctx: &mut UserContext) {
    let thread = task::current::<Thread>();
    thread.task.work().fetch_and(!WORK_SIGNAL, Ordering::Relaxed);
    let spec = sigframe::FrameSpec {
        handler: ctx.r12,
        restorer: ctx.r13,
        signal: 10,
        info: [0; 128],
        old_mask: 0x55,
        stack: (0, 2, 0),
        top: ctx.rsp - 128,
        fault: (0, 0, 0),
    };
    sigframe::build(ctx, &spec).expect("frame");
}

fn syscall(ctx: &mut UserContext) {
    let [a, b, ..] = ctx.args();
    ctx.rax = match ctx.call_number() {
        0 => 0,
        // print
        1 => {
            let mut text = [0; 128];
            let text = &mut text[..(b as usize).min(128)];
            match user::read_bytes(a as usize, text) {
                Ok(()) => {
                    let _ = writeln!(Out, "log info {}", core::str::from_utf8(text).unwrap_or("?"));
                    0
                }
                Err(_) => -14i64 as u64,
            }
        }
        // the last fault's address or exception's vector
        2 => LAST.swap(0, Ordering::Relaxed),
        // thread switch there and back
        3 => {
            swap();
            0
        }
        // signal to myself
        4 => {
            task::current::<Thread>().task.work().fetch_or(WORK_SIGNAL, Ordering::Relaxed);
            0
        }
        15 => {
            assert_eq!(sigframe::restore(ctx).expect("frame").mask, 0x55);
            return;
        }
        // timer on; ticks so far
        5 => {
            if !STARTED.swap(true, Ordering::Relaxed) {
                clock::set_deadline(clock::monotonic_ns() + 1_000_000);
            }
            u64::from(TICKS.load(Ordering::Relaxed))
        }
        6 => {
            let t = &task::current::<Thread>().task;
            u64::from(t.fs_base() == 0x1234_5000 && t.gs_base() == 0x4321_0000)
        }
        // whether FSGSBASE (and by that, AVX) is there
        7 => u64::from(cpu::hwcaps().1 >> 1),
        8 => clock::monotonic_ns(),
        60 => finish(a, b),
        _ => -38i64 as u64,
    };
}

fn finish(code: u64, calls_ns: u64) -> ! {
    let _ = writeln!(
        Out,
        "log info faults {} exceptions {} ticks {} null call {} ns at {} ns, TSC {} kHz, rtc {:?}, {:?}",
        FAULTS.load(Ordering::Relaxed),
        EXCEPTIONS.load(Ordering::Relaxed),
        TICKS.load(Ordering::Relaxed),
        calls_ns / 100_000,
        clock::monotonic_ns(),
        cpu::identity().tsc_khz,
        clock::read_rtc(),
        hal::mem::stats()
    );
    let _ = writeln!(Out, "exit code {code}");
    power::stop()
}
