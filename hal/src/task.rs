//! What the machine knows of a thread: its kernel stack, saved registers, extended state, and the work word.

use alloc::alloc::{Layout, alloc_zeroed, dealloc};
use alloc::sync::Arc;
use core::arch::asm;
use core::cell::UnsafeCell;
use core::ops::Deref;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use crate::arch::imp::percpu::{self, NO_OWNER, PerCpu, type_word};
use crate::arch::imp::{cpuid, entry, regs, xsave};
use crate::mem::USER_END;
use crate::mem::kstack::KernelStack;
use crate::trap::UserContext;
use crate::{RING0, user};

/// The machine's part of a thread.
#[repr(C)]
pub struct Task {
    /// First, because the entry code tests it by the task's address.
    work: AtomicU32,
    /// It runs on some CPU: it must not be switched to a second time.
    running: AtomicBool,
    user: bool,
    /// Stack pointer while it does not run.
    rsp: UnsafeCell<u64>,
    fs_base: AtomicU64,
    gs_base: AtomicU64,
    /// Its XSAVE area; null for kernel threads, which have no extended state.
    xstate: *mut u8,
    stack: KernelStack,
}

// SAFETY: the stack pointer and the area are touched only by the CPU that switches to or from the task, which `running` guards.
unsafe impl Send for Task {}
// SAFETY: as above; the rest is atomic.
unsafe impl Sync for Task {}

/// Who owns tasks: the scheduler's thread type. One type in the whole system.
pub trait Owner: Send + Sync + 'static {
    /// The machine's part: always the same one, which lives as long as the owner.
    fn task(&self) -> &Task;
}

/// Words that a new task's stack begins with: six callee-saved registers and the address of its first step.
const FIRST_WORDS: usize = 7;

impl Task {
    /// A task that enters the application with `ctx` when first switched to. `fs_base` and `gs_base` as given; extended state is the CPU's initial one, or a copy of the
    /// current thread's (`clone` keeps it).
    pub fn new_user(ctx: &UserContext, fs_base: u64, gs_base: u64, copy_xstate: bool) -> Option<Task> {
        let stack = KernelStack::new()?;
        let size = xsave::size();
        // SAFETY: the layout has a size.
        let xstate = unsafe { alloc_zeroed(xstate_layout()) };
        if xstate.is_null() {
            return None;
        }
        // SAFETY: the area is ours and zeroed, of the size and alignment that XSAVE wants.
        unsafe {
            if copy_xstate {
                xsave::save(xstate);
            } else {
                xsave::initial(core::slice::from_raw_parts_mut(xstate, size));
            }
        }
        let rsp = prepare(&stack, ctx, entry::first_steps().1, 0, 0);
        Some(Task {
            work: AtomicU32::new(0),
            running: AtomicBool::new(false),
            user: true,
            rsp: UnsafeCell::new(rsp),
            fs_base: AtomicU64::new(fs_base),
            gs_base: AtomicU64::new(gs_base),
            xstate,
            stack,
        })
    }

    /// A kernel thread that runs `entry(arg)`, which must not return.
    pub fn new_kernel(entry: fn(usize) -> !, arg: usize) -> Option<Task> {
        let stack = KernelStack::new()?;
        let rsp = prepare(&stack, &UserContext::new(0, 0), entry::first_steps().0, entry as usize as u64, arg as u64);
        Some(Task {
            work: AtomicU32::new(0),
            running: AtomicBool::new(false),
            user: false,
            rsp: UnsafeCell::new(rsp),
            fs_base: AtomicU64::new(0),
            gs_base: AtomicU64::new(0),
            xstate: ptr::null_mut(),
            stack,
        })
    }

    /// The work word: any bit set makes the return to the application call `Handlers::work`. The bits are the kernel's.
    #[inline]
    pub fn work(&self) -> &AtomicU32 {
        &self.work
    }

    fn is_current(&self) -> bool {
        ptr::eq(percpu::task(), self)
    }

    /// fs base of the application (the live register if this is the current task).
    pub fn fs_base(&self) -> u64 {
        if self.is_current() { live_fs_base() } else { self.fs_base.load(Ordering::Relaxed) }
    }
    /// Sets it; must be an address of the application's half (checked: false if not).
    pub fn set_fs_base(&self, base: u64) -> bool {
        if base >= user::LIMIT as u64 {
            return false;
        }
        if self.is_current() {
            // SAFETY: the application's own register, which the kernel does not use; canonical.
            unsafe { regs::wrmsr(regs::MSR_FS_BASE, base) };
        }
        self.fs_base.store(base, Ordering::Relaxed);
        true
    }
    /// gs base of the application.
    pub fn gs_base(&self) -> u64 {
        // SAFETY: every 64-bit CPU has the MSR; in the kernel it holds the application's base.
        if self.is_current() && !RING0 { unsafe { regs::rdmsr(regs::MSR_KERNEL_GS_BASE) } } else { self.gs_base.load(Ordering::Relaxed) }
    }
    /// Sets it, as [`Task::set_fs_base`].
    pub fn set_gs_base(&self, base: u64) -> bool {
        if base >= USER_END as u64 || RING0 {
            return false;
        }
        if self.is_current() {
            // SAFETY: as in `gs_base`; canonical.
            unsafe { regs::wrmsr(regs::MSR_KERNEL_GS_BASE, base) };
        }
        self.gs_base.store(base, Ordering::Relaxed);
        true
    }
    /// The saved application context of the current task (the frame of the trap or call it is in) or of one that does not run; for ptrace and signals. Must not
    /// be called inside itself, or while the `&mut UserContext` of a handler of the same thread is in use.
    pub fn with_context<R>(&self, f: impl FnOnce(&mut UserContext) -> R) -> R {
        assert!(self.is_current() || !self.running.load(Ordering::Acquire), "context of a running thread");
        // SAFETY: the context always lies at the top of the kernel stack (zeros for kernel threads), and by the assertion nobody else uses it.
        f(unsafe { &mut *context_of(&self.stack) })
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if !self.xstate.is_null() {
            // SAFETY: allocated with the same layout, and the task runs nowhere any more.
            unsafe { dealloc(self.xstate, xstate_layout()) };
        }
    }
}

fn xstate_layout() -> Layout {
    Layout::from_size_align(xsave::size(), 64).expect("the size of an XSAVE area is small")
}

/// Where the entry code saves the application's registers.
fn context_of(stack: &KernelStack) -> *mut UserContext {
    (stack.top() - size_of::<UserContext>()) as *mut UserContext
}

/// Writes `ctx` at the top of a new stack, and below it what `switch_stacks` takes from there first. Returns the stack pointer.
fn prepare(stack: &KernelStack, ctx: &UserContext, first_step: u64, entry: u64, arg: u64) -> u64 {
    let context = context_of(stack);
    let words = context.cast::<[u64; FIRST_WORDS]>().wrapping_sub(1);
    // SAFETY: the stack is new, mapped and ours. The order is that of the pops: r15 r14 r13 r12 rbp rbx, return address.
    unsafe {
        context.write(ctx.clone());
        words.write([0, 0, arg, entry, 0, 0, first_step]);
    }
    words as u64
}

#[inline]
fn live_fs_base() -> u64 {
    if cpuid::features().fsgsbase {
        let base: u64;
        // SAFETY: CR4.FSGSBASE is on wherever the CPU has it.
        unsafe { asm!("rdfsbase {}", out(reg) base, options(nomem, nostack, preserves_flags)) };
        return base;
    }
    // SAFETY: every 64-bit CPU has the MSR.
    unsafe { regs::rdmsr(regs::MSR_FS_BASE) }
}

/// The thread that runs here, borrowed for as long as the caller runs (it is kept alive by running). Not `Send`.
pub struct Current<T> {
    ptr: *const T,
}

impl<T> Deref for Current<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the running thread is alive until it is switched away for ever, and `Current` cannot leave its thread.
        unsafe { &*self.ptr }
    }
}

impl<T> Current<T> {
    /// A counted reference to the running thread.
    pub fn to_arc(&self) -> Arc<T> {
        // SAFETY: the pointer came from `Arc::into_raw`, and the CPU holds a reference.
        unsafe {
            Arc::increment_strong_count(self.ptr);
            Arc::from_raw(self.ptr)
        }
    }
}

impl<T: Owner> Current<T> {
    /// A borrowed part of the running thread, found by `find`; lives as `Current` itself does.
    #[inline]
    pub fn part<U>(&self, find: impl for<'a> FnOnce(&'a T) -> Option<&'a U>) -> Option<Part<U>> {
        find(self).map(|part| Part { ptr: part })
    }
}

/// Something inside the running thread, borrowed as [`Current`] is. Not `Send`.
pub struct Part<U> {
    ptr: *const U,
}

impl<U> Deref for Part<U> {
    type Target = U;
    #[inline]
    fn deref(&self) -> &U {
        // SAFETY: `find` answered with a borrow that any shared borrow of the thread allows; the thread is alive and only shared while it runs, and `Part` cannot
        // leave it.
        unsafe { &*self.ptr }
    }
}

/// The running thread. Panics before [`start`] or when `T` is not the owner type.
#[inline]
pub fn current<T: Owner>() -> Current<T> {
    let (ptr, kind) = percpu::owner();
    assert!(kind == type_word::<T>(), "no thread of this type runs");
    Current { ptr: ptr.cast() }
}

/// True once threads run.
#[inline]
pub fn started() -> bool {
    // Host tests have no CPU block to look into.
    !cfg!(any(test, feature = "fake-memory")) && !percpu::task().is_null()
}

/// Leaves the boot stack for the first thread; never returns.
pub fn start<T: Owner>(first: Arc<T>) -> ! {
    assert!(!started(), "threads run already");
    regs::cli();
    let cpu = percpu::this();
    // SAFETY: this CPU's block, interrupts off.
    unsafe {
        (*cpu).owner_type = type_word::<T>();
        (*cpu).drop_owner = Some(drop_owner::<T>);
    }
    let mut abandoned = 0;
    // SAFETY: interrupts are off; the boot stack is left for good.
    unsafe {
        let next = install(cpu, first);
        entry::switch_stacks(&raw mut abandoned, *(*next).rsp.get());
    }
    unreachable!("nobody switches back to the boot stack")
}

/// # Safety
/// `ptr` came from `Arc::into_raw` of a `T` and its reference is given up.
unsafe fn drop_owner<T>(ptr: *const ()) {
    // SAFETY: the caller's contract.
    drop(unsafe { Arc::from_raw(ptr.cast::<T>()) });
}

/// Makes `next` the thread that runs here, all but its stack.
///
/// # Safety
/// `cpu` is this CPU's block, interrupts are off, and the stack is switched next.
#[inline]
unsafe fn install<T: Owner>(cpu: *mut PerCpu, next: Arc<T>) -> *const Task {
    let task = ptr::from_ref(next.task());
    // SAFETY: the task lives as long as its owner, whose reference the CPU takes over.
    let t = unsafe { &*task };
    assert!(!t.running.swap(true, Ordering::Acquire), "switch to a thread that runs");
    let top = t.stack.top() as u64;
    // SAFETY: the caller's contract.
    unsafe {
        (*cpu).owner = Arc::into_raw(next).cast();
        (*cpu).task = task;
        (*cpu).kstack = top - 8;
        (*cpu).kstack_bottom = t.stack.bottom() as u64;
    }
    if t.user {
        load_bases(t);
        // SAFETY: the area holds what the CPU saved, or the initial state.
        unsafe { xsave::load(t.xstate) };
    }
    task
}

/// Switches to `next`; returns when the caller is switched to again. The caller's own reference to itself is kept by whoever will switch back to it; the previous thread's
/// `Arc` held by the CPU is dropped after the switch. Saves and restores extended state and segment bases. Interrupts must be off and stay off.
/// Address spaces are the caller's business (`PageTable::activate`).
pub fn switch_to<T: Owner>(next: Arc<T>) {
    let cpu = percpu::this();
    // SAFETY: this CPU's block; interrupts are off by contract (checked below).
    let (previous, kind) = unsafe { ((*cpu).task, (*cpu).owner_type) };
    assert!(kind == type_word::<T>() && kind != NO_OWNER, "switch between threads of different types");
    debug_assert!(regs::rflags() & regs::RFLAGS_IF == 0, "switch with interrupts on");
    if ptr::eq(next.task(), previous) {
        return;
    }
    // SAFETY: the running task is alive; its area is its own; the stack pointers are those of tasks that are being left and entered.
    unsafe {
        if (*previous).user {
            save_bases(&*previous);
            xsave::save_own((*previous).xstate);
        }
        (*cpu).previous = (*cpu).owner;
        (*cpu).previous_task = previous;
        let next = install(cpu, next);
        entry::switch_stacks((*previous).rsp.get(), *(*next).rsp.get());
    }
    switched();
}

/// The first thing a thread does after it was switched to: lets go of the one before.
pub(crate) extern "C" fn switched() {
    let cpu = percpu::this();
    // SAFETY: this CPU's block; interrupts are off. The previous thread has left its stack, so it may run elsewhere or be freed.
    unsafe {
        let previous = core::mem::replace(&mut (*cpu).previous, ptr::null());
        if let (false, Some(drop_owner)) = (previous.is_null(), (*cpu).drop_owner) {
            (*(*cpu).previous_task).running.store(false, Ordering::Release);
            drop_owner(previous);
        }
    }
}

/// The application can change its bases without the kernel (FSGSBASE, or by loading a selector): read them back.
#[inline]
fn save_bases(task: &Task) {
    if RING0 {
        task.fs_base.store(live_fs_base(), Ordering::Relaxed);
        return;
    }
    if cpuid::features().fsgsbase {
        let (fs, gs): (u64, u64);
        // SAFETY: FSGSBASE is on. Between the two swapgs the gs base is the application's; interrupts are off, and NMI does not use gs.
        unsafe {
            asm!("rdfsbase {fs}", "swapgs", "rdgsbase {gs}", "swapgs", fs = out(reg) fs, gs = out(reg) gs, options(nomem, nostack, preserves_flags));
        }
        task.fs_base.store(fs, Ordering::Relaxed);
        task.gs_base.store(gs, Ordering::Relaxed);
    } else {
        // SAFETY: every 64-bit CPU has these.
        let (fs, gs) = unsafe { (regs::rdmsr(regs::MSR_FS_BASE), regs::rdmsr(regs::MSR_KERNEL_GS_BASE)) };
        task.fs_base.store(fs, Ordering::Relaxed);
        task.gs_base.store(gs, Ordering::Relaxed);
    }
}

#[inline]
fn load_bases(task: &Task) {
    let (fs, gs) = (task.fs_base.load(Ordering::Relaxed), task.gs_base.load(Ordering::Relaxed));
    // SAFETY: as in `save_bases`; both values were read from the registers or checked when set.
    unsafe {
        if RING0 {
            regs::wrmsr(regs::MSR_FS_BASE, fs); // gs is the kernel's
        } else if cpuid::features().fsgsbase {
            asm!("wrfsbase {fs}", "swapgs", "wrgsbase {gs}", "swapgs", fs = in(reg) fs, gs = in(reg) gs, options(nomem, nostack, preserves_flags));
        } else {
            regs::wrmsr(regs::MSR_FS_BASE, fs);
            regs::wrmsr(regs::MSR_KERNEL_GS_BASE, gs);
        }
    }
}

/// Gives the current thread the extended state that a program starts with (execve). Its xmm registers are in its context.
pub fn reset_xstate() {
    xsave::with_area(|area| {
        xsave::initial(area);
        // SAFETY: the area holds the initial state.
        unsafe { xsave::load(area.as_ptr()) };
    });
}
