//! brk(2): the heap behind the program.

use abi::process::rlimit;
use hal::mem::{PAGE_SIZE, Perm, USER_END};

use super::space::{AddressSpace, Removed, page_up};
use super::vma::{VmFlags, Vma};

impl AddressSpace {
    /// Sets where the heap begins (page aligned). For the loader.
    pub fn set_brk_start(&self, start: usize) {
        let mut map = self.map.write();
        map.brk_start = start;
        map.brk = start;
    }

    /// brk(2): moves the end of the heap; gives the new end, or the old one when it cannot be moved there.
    pub fn brk(&self, end: usize) -> usize {
        let mut removed = Removed::default();
        let mut map = self.map.write();
        let old = map.brk;
        let limit = self.limits.soft(rlimit::DATA);
        if end < map.brk_start || map.brk_start == 0 || end > USER_END || (end - map.brk_start) as u64 > limit {
            return old;
        }
        let (Some(old_page), Some(new_page)) = (page_up(old), page_up(end)) else { return old };
        if new_page < old_page {
            self.unmap_locked(&mut map, new_page, old_page, &mut removed);
        } else if new_page > old_page {
            let pages = (new_page - old_page) / PAGE_SIZE;
            if super::map::exceeds_memory(new_page - old_page) {
                return old;
            }
            if !map.fits(old_page, new_page + PAGE_SIZE) || !map.has_room(1) || !self.may_expand(&map, pages, true) {
                return old;
            }
            let flags = VmFlags::MAY_READ | VmFlags::MAY_WRITE | VmFlags::MAY_EXEC | VmFlags::HEAP | map.lock_future;
            map.add(old_page, new_page, Vma::anonymous(Perm::READ | Perm::WRITE, flags));
        }
        map.brk = end;
        let locked = map.lock_future.contains(VmFlags::LOCKED) && !map.lock_future.contains(VmFlags::LOCK_ON_FAULT);
        drop(map);
        drop(removed);
        if locked && new_page > old_page {
            self.populate(old_page, new_page);
        }
        end
    }
}
