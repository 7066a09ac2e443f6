//! The initial process.

use alloc::sync::{Arc, Weak};

use abi::{Errno, Result};
use hal::trap::UserContext;

use super::process::Process;
use super::table;
use super::user::{Shared, UserThread, name_bytes};
use crate::limits::Limits;
use crate::sched::Thread;
use crate::signal::Actions;

/// What boot gives the initial process.
pub struct Initial<'a> {
    /// Descriptors, file system, memory, identity.
    pub shared: Shared,
    /// Resource limits.
    pub limits: Arc<Limits>,
    /// The program's name.
    pub name: &'a [u8],
    /// First registers.
    pub context: &'a UserContext,
}

/// Makes the initial process and its thread, for `sched::start`. ENOMEM without memory for its stack.
pub fn create_initial(mut initial: Initial<'_>) -> Result<Arc<Thread>> {
    let pid = table::next_id();
    let process = Process::new(pid, Weak::new(), (pid, pid), initial.limits, Arc::new(Actions::new()), 0);
    initial.shared.name = name_bytes(initial.name);
    let user = UserThread::new(process.clone(), pid, initial.shared);
    let thread = Thread::new_user(initial.context, 0, 0, false, Arc::new(user)).ok_or(Errno::ENOMEM)?;
    thread.set_space(super::trap::space_id(&thread));
    process.signals.lock().threads.push(thread.clone());
    table::insert_process(process);
    table::insert_thread(pid, thread.clone());
    super::trap::install_hooks();
    Ok(thread)
}
