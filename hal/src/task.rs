//! What the machine knows of a thread: its kernel stack, saved registers, extended state, and the work word.

use alloc::sync::Arc;
use core::ops::Deref;
use core::sync::atomic::AtomicU32;

use crate::trap::UserContext;

/// The machine's part of a thread.
pub struct Task {
    _private: (),
}

/// Who owns tasks: the scheduler's thread type. One type in the whole system.
pub trait Owner: Send + Sync + 'static {
    /// The machine's part.
    fn task(&self) -> &Task;
}

impl Task {
    /// A task that enters the application with `ctx` when first switched to. `fs_base` and `gs_base` as given; extended state is the CPU's initial one, or a copy of the
    /// current thread's (`clone` keeps it).
    pub fn new_user(_ctx: &UserContext, _fs_base: u64, _gs_base: u64, _copy_xstate: bool) -> Option<Task> {
        todo!()
    }

    /// A kernel thread that runs `entry(arg)`, which must not return.
    pub fn new_kernel(_entry: fn(usize) -> !, _arg: usize) -> Option<Task> {
        todo!()
    }

    /// The work word: any bit set makes the return to the application call `Handlers::work`. The bits are the kernel's.
    pub fn work(&self) -> &AtomicU32 {
        todo!()
    }

    /// fs base of the application (the live register if this is the current task).
    pub fn fs_base(&self) -> u64 {
        todo!()
    }
    /// Sets it; must be canonical (checked: false if not).
    pub fn set_fs_base(&self, _base: u64) -> bool {
        todo!()
    }
    /// gs base of the application.
    pub fn gs_base(&self) -> u64 {
        todo!()
    }
    /// Sets it.
    pub fn set_gs_base(&self, _base: u64) -> bool {
        todo!()
    }
    /// The saved application context of the current task (the frame of the trap or call it is in); for ptrace and signals of the current thread.
    pub fn with_context<R>(&self, _f: impl FnOnce(&mut UserContext) -> R) -> R {
        todo!()
    }
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
        todo!()
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
    todo!()
}

/// True once threads run.
pub fn started() -> bool {
    todo!()
}

/// Leaves the boot stack for the first thread; never returns.
pub fn start<T: Owner>(_first: Arc<T>) -> ! {
    todo!()
}

/// Switches to `next`; returns when the caller is switched to again. The caller's own reference to itself is kept by whoever will switch back to it; the previous thread's
/// `Arc` held by the CPU is dropped after the switch. Saves and restores extended state and segment bases. Interrupts must be off and stay off.
/// Address spaces are the caller's business (`PageTable::activate`).
pub fn switch_to<T: Owner>(_next: Arc<T>) {
    todo!()
}
