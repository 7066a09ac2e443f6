//! Epoll instances inside each other: no cycles, and no chain longer than five (ELOOP), since readiness travels up a chain by recursion.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::{Errno, Result};

use super::{Epoll, of};
use crate::sync::{Mutex, MutexGuard};

/// The most links of a chain.
const MAX_NESTS: usize = 5;

/// One change of the graph at a time.
static GRAPH: Mutex<()> = Mutex::new(());

/// Whether `outer` may watch `inner`; the guard keeps the answer true.
pub fn check(outer: &Epoll, inner: &Epoll) -> Result<MutexGuard<'static, ()>> {
    let guard = GRAPH.lock();
    let mut visited = Vec::new();
    let below = depth_below(outer, inner, 0, &mut visited)?;
    let above = depth_above(outer, 0);
    if below + 1 + above > MAX_NESTS { Err(Errno::ELOOP) } else { Ok(guard) }
}

/// Links below `at`; ELOOP when `start` is among them.
fn depth_below(start: &Epoll, at: &Epoll, level: usize, visited: &mut Vec<*const Epoll>) -> Result<usize> {
    if core::ptr::eq(start, at) || level > MAX_NESTS {
        return Err(Errno::ELOOP);
    }
    visited.push(at);
    let files: Vec<_> = at.items.lock().values().filter_map(|item| item.file.upgrade()).filter(|file| of(file).is_some()).collect();
    let mut depth = 0;
    for file in &files {
        let Some(child) = of(file) else { continue };
        if core::ptr::eq(start, child) {
            return Err(Errno::ELOOP);
        }
        if !visited.contains(&core::ptr::from_ref(child)) {
            depth = depth.max(1 + depth_below(start, child, level + 1, visited)?);
        }
    }
    Ok(depth)
}

/// Links above `at`, counted as far as the limit.
fn depth_above(at: &Epoll, level: usize) -> usize {
    if level > MAX_NESTS {
        return 0;
    }
    let parents: Vec<Arc<Epoll>> = at.parents.lock().iter().filter_map(|parent| parent.upgrade()).collect();
    parents.iter().map(|parent| 1 + depth_above(parent, level + 1)).max().unwrap_or(0)
}

/// Notes that `outer` watches `inner`.
pub fn adopt(outer: &Epoll, inner: &Epoll) {
    let mut parents = inner.parents.lock();
    parents.retain(|parent| parent.strong_count() > 0);
    parents.push(outer.me.clone());
}

/// Notes that it does no more.
pub fn disown(outer: &Epoll, inner: &Epoll) {
    let mut parents = inner.parents.lock();
    if let Some(at) = parents.iter().position(|parent| parent.ptr_eq(&outer.me)) {
        parents.swap_remove(at);
    }
}
