//! mremap(2).

use abi::mm::MremapFlags;
use abi::{Errno, Result};
use hal::mem::{MIN_USER, PAGE_SIZE, TlbBatch, USER_END};

use super::space::{AddressSpace, Map, Removed, is_aligned, page_up};
use super::vma::{Source, VmFlags};

impl AddressSpace {
    /// mremap(2): gives the (new) address. EFAULT when the old range is not one mapping; ENOMEM, EAGAIN (locked memory), EINVAL as there.
    pub fn mremap(&self, old: usize, old_len: usize, new_len: usize, flags: MremapFlags, new: usize, may_lock: bool) -> Result<usize> {
        let fixed = flags.contains(MremapFlags::FIXED);
        let keep = flags.contains(MremapFlags::DONTUNMAP);
        let may_move = flags.contains(MremapFlags::MAYMOVE);
        if !MremapFlags::all().contains(flags) || (fixed || keep) && !may_move || keep && old_len != new_len || !is_aligned(old) {
            return Err(Errno::EINVAL);
        }
        let old_len = page_up(old_len).ok_or(Errno::EINVAL)?;
        let new_len = page_up(new_len).filter(|&len| len > 0 && len <= USER_END).ok_or(Errno::EINVAL)?;
        let mut removed = Removed::default();
        let mut map = self.map.write();
        if map.vmas.find(old).is_none() {
            return Err(Errno::EFAULT);
        }
        let result = if fixed {
            self.remap_fixed(&mut map, (old, old_len), (new, new_len), keep, may_lock, &mut removed)
        } else if keep {
            self.check_resize(&map, old, old_len, new_len, may_lock, true)
                .and_then(|()| map.find_gap(new_len, self.layout()).ok_or(Errno::ENOMEM))
                .and_then(|to| self.move_to(&mut map, (old, old_len), (to, new_len), true, &mut removed))
        } else if new_len <= old_len {
            old.checked_add(old_len).filter(|&end| end <= USER_END).ok_or(Errno::EINVAL).map(|end| {
                self.unmap_locked(&mut map, old + new_len, end, &mut removed);
                old
            })
        } else {
            self.grow(&mut map, (old, old_len), new_len, may_move, may_lock, &mut removed)
        };
        let populate = result.ok().filter(|&at| {
            new_len > old_len
                && map
                    .vmas
                    .find(at)
                    .is_some_and(|e| e.value.flags.contains(VmFlags::LOCKED) && !e.value.flags.contains(VmFlags::LOCK_ON_FAULT))
        });
        drop(map);
        drop(removed);
        if let Some(at) = populate {
            self.populate(at + old_len, at + new_len);
        }
        result
    }

    fn remap_fixed(
        &self,
        map: &mut Map,
        (old, old_len): (usize, usize),
        (new, new_len): (usize, usize),
        keep: bool,
        may_lock: bool,
        removed: &mut Removed,
    ) -> Result<usize> {
        let old_end = old.checked_add(old_len).ok_or(Errno::EINVAL)?;
        if !is_aligned(new) || new_len > USER_END || new > USER_END - new_len || new < old_end && old < new + new_len {
            return Err(Errno::EINVAL);
        }
        if new < MIN_USER {
            return Err(Errno::EPERM);
        }
        if !map.has_room(4) {
            return Err(Errno::ENOMEM);
        }
        // The target goes even when the move then fails, as on Linux.
        self.unmap_locked(map, new, new + new_len, removed);
        let mut len = old_len;
        if new_len < old_len {
            self.unmap_locked(map, old + new_len, old_end, removed);
            len = new_len;
        }
        self.check_resize(map, old, len, new_len, may_lock, keep)?;
        self.move_to(map, (old, len), (new, new_len), keep, removed)
    }

    fn grow(
        &self,
        map: &mut Map,
        (old, old_len): (usize, usize),
        new_len: usize,
        may_move: bool,
        may_lock: bool,
        removed: &mut Removed,
    ) -> Result<usize> {
        self.check_resize(map, old, old_len, new_len, may_lock, false)?;
        let entry = map.vmas.find(old).ok_or(Errno::EFAULT)?;
        let (start, end) = (entry.start, entry.end);
        let in_place = old_len > 0
            && old + old_len == end
            && old.checked_add(new_len).is_some_and(|new_end| new_end <= USER_END && map.fits(end, new_end));
        if in_place {
            let new_end = old + new_len;
            if let Some(Source::File(mapped)) = map.vmas.find(old).map(|e| &e.value.source) {
                mapped.set_len(((new_end - start) / PAGE_SIZE) as u64);
            }
            map.vmas.set_end(old, new_end);
            map.grown(old, (new_len - old_len) / PAGE_SIZE);
            map.vmas.merge(start, new_end);
            return Ok(old);
        }
        if !may_move {
            return Err(Errno::ENOMEM);
        }
        let to = map.find_gap(new_len, self.layout()).ok_or(Errno::ENOMEM)?;
        self.move_to(map, (old, old_len), (to, new_len), false, removed)
    }

    /// Whether the mapping at `old` may become `new_len` long (Linux's vma_to_resize).
    fn check_resize(&self, map: &Map, old: usize, old_len: usize, new_len: usize, may_lock: bool, keep: bool) -> Result<()> {
        let entry = map.vmas.find(old).ok_or(Errno::EFAULT)?;
        let vma = &entry.value;
        if old_len == 0 && !vma.is_shared() || keep && matches!(vma.source, Source::Special(..)) {
            return Err(Errno::EINVAL);
        }
        if old_len > entry.end - old {
            return Err(Errno::EFAULT);
        }
        if new_len > old_len && matches!(vma.source, Source::Special(..)) {
            return Err(Errno::EFAULT);
        }
        let more = new_len.saturating_sub(if keep { 0 } else { old_len }) / PAGE_SIZE;
        if vma.flags.contains(VmFlags::LOCKED) && !may_lock && more > 0 {
            self.check_lock(map, more)?;
        }
        if new_len > USER_END || !self.may_expand(map, more, vma.is_data()) || !map.has_room(3) {
            return Err(Errno::ENOMEM);
        }
        Ok(())
    }

    /// Moves a part of one mapping to a free range; `old_len` 0 makes a second mapping of shared pages.
    fn move_to(
        &self,
        map: &mut Map,
        (old, old_len): (usize, usize),
        (new, new_len): (usize, usize),
        keep: bool,
        removed: &mut Removed,
    ) -> Result<usize> {
        let entry = map.vmas.find(old).ok_or(Errno::EFAULT)?;
        let moved = entry.value.duplicate(old - entry.start, new_len, new, &self.resident);
        let table = &self.resident.table;
        self.resident.keep(old, old + old_len);
        let mut batch = TlbBatch::new(table);
        if table.move_range(old, new, old_len.min(new_len), &mut batch).is_err() {
            // Back with what has moved: its tables are still there.
            let _ = table.move_range(new, old, old_len.min(new_len), &mut batch);
            return Err(Errno::ENOMEM);
        }
        drop(batch);
        map.add(new, new + new_len, moved);
        if !keep {
            self.unmap_locked(map, old, old + old_len, removed);
        }
        Ok(new)
    }
}
