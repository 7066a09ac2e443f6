//! The vDSO in a new address space.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::Result;
use hal::mem::{Frame, PAGE_SIZE, Page, Perm};
use kernel::mm::{AddressSpace, SpecialPages};
use kernel::sync::{Once, SpinLock};

static PAGES: Once<Arc<SpecialPages>> = Once::new();
static MAKING: SpinLock<()> = SpinLock::new(());

/// The clock page and the pages of the image, made once and shared by all programs.
fn pages() -> Option<Arc<SpecialPages>> {
    if let Some(pages) = PAGES.get() {
        return Some(pages.clone());
    }
    let _making = MAKING.lock();
    let mut pages = Vec::new();
    pages.push(Page::Owned(kernel::time::vdso_frame()?));
    for chunk in vdso::IMAGE.chunks(PAGE_SIZE) {
        let frame = Frame::zeroed()?;
        frame.write(0, chunk);
        pages.push(Page::Owned(frame));
    }
    let _ = PAGES.set(Arc::new(SpecialPages { name: "[vdso]", pages }));
    PAGES.get().cloned()
}

/// Maps it; the address of its ELF header, `None` when there is no memory for it (programs then make system calls).
pub fn map(mm: &AddressSpace) -> Result<Option<usize>> {
    let Some(pages) = pages() else { return Ok(None) };
    let start = mm.map_special(pages, Perm::READ | Perm::EXEC)?;
    Ok(Some(start + PAGE_SIZE))
}
