//! Numbers to processes and threads.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::process::Process;
use super::user::UserThread;
use ordmap::OrdMap;

use crate::sched::Thread;
use crate::sync::{Once, SpinLock};

/// Greatest number given (kernel.pid_max).
pub const PID_MAX: i32 = 4_194_304;
/// Numbers below are not given again after the first round.
const RESERVED: i32 = 300;

struct Table {
    last: i32,
    threads: OrdMap<i32, Arc<Thread>>,
    processes: OrdMap<i32, Arc<Process>>,
}

static TABLE: SpinLock<Table> = SpinLock::new(Table { last: 0, threads: OrdMap::new(), processes: OrdMap::new() });
static INITIAL: Once<Arc<Process>> = Once::new();

/// A free number. It stays free until something is inserted with it; callers insert before anybody else can ask.
pub(super) fn next_id() -> i32 {
    let mut table = TABLE.lock();
    loop {
        table.last = if table.last >= PID_MAX { RESERVED } else { table.last + 1 };
        let id = table.last;
        if !table.threads.contains_key(&id) && !table.processes.contains_key(&id) {
            return id;
        }
    }
}

pub(super) fn insert_process(process: Arc<Process>) {
    let _ = INITIAL.get_or_init(|| process.clone());
    TABLE.lock().processes.insert(process.pid, process);
}

pub(super) fn insert_thread(tid: i32, thread: Arc<Thread>) {
    TABLE.lock().threads.insert(tid, thread);
}

pub(super) fn remove_thread(tid: i32) {
    let gone = TABLE.lock().threads.remove(&tid);
    drop(gone);
}

pub(super) fn remove_process(pid: i32) {
    let gone = TABLE.lock().processes.remove(&pid);
    drop(gone);
}

/// The process with this id, living or zombie.
pub fn find(pid: i32) -> Option<Arc<Process>> {
    TABLE.lock().processes.get(&pid).cloned()
}

/// The thread with this id.
pub fn find_thread(tid: i32) -> Option<Arc<Thread>> {
    TABLE.lock().threads.get(&tid).cloned()
}

/// A living thread of `process`, without the table's lock.
pub(super) fn find_thread_from_interrupt(process: &Process, tid: i32) -> Option<Arc<Thread>> {
    let state = process.signals.lock();
    state.threads.iter().find(|thread| thread.user::<UserThread>().is_some_and(|user| user.tid() == tid)).cloned()
}

/// All processes, by id.
pub fn all() -> Vec<Arc<Process>> {
    TABLE.lock().processes.values().cloned().collect()
}

/// The last number given, for /proc/loadavg.
pub fn last_id() -> i32 {
    TABLE.lock().last
}

/// The first process, once it was made.
pub fn initial() -> Option<&'static Arc<Process>> {
    INITIAL.get()
}
