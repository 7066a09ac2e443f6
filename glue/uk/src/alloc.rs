//! Memory from the image's default allocator (glue/include/uk/alloc.h).

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_int, c_void};

/// struct uk_alloc, as far as it is called here.
#[repr(C)]
struct Functions {
    malloc: unsafe extern "C" fn(*mut Functions, usize) -> *mut c_void,
    calloc: unsafe extern "C" fn(*mut Functions, usize, usize) -> *mut c_void,
    realloc: unsafe extern "C" fn(*mut Functions, *mut c_void, usize) -> *mut c_void,
    posix_memalign: unsafe extern "C" fn(*mut Functions, *mut *mut c_void, usize, usize) -> c_int,
    memalign: unsafe extern "C" fn(*mut Functions, usize, usize) -> *mut c_void,
    free: unsafe extern "C" fn(*mut Functions, *mut c_void),
}

unsafe extern "C" {
    fn uk_alloc_get_default() -> *mut Functions;
}

/// What every allocator aligns to without being asked.
const ALIGN: usize = 16;

/// The image's default allocator; with the feature `allocator` it is the program's global one.
#[derive(Clone, Copy, Debug)]
pub struct DefaultAllocator;

// SAFETY: the functions have the contract of malloc(3) and its family: blocks of the size asked for, aligned as asked for, that nobody else has until
// they are freed; NULL without memory. They may be called by any thread, and never unwind.
unsafe impl GlobalAlloc for DefaultAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: there always is a default allocator; the alignment is a power of two by Layout's invariant.
        unsafe {
            let a = uk_alloc_get_default();
            let p =
                if layout.align() <= ALIGN { ((*a).malloc)(a, layout.size()) } else { ((*a).memalign)(a, layout.align(), layout.size()) };
            p.cast()
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as `alloc`; what is zeroed by hand has the size asked for.
        unsafe {
            let a = uk_alloc_get_default();
            if layout.align() <= ALIGN {
                return ((*a).calloc)(a, 1, layout.size()).cast();
            }
            let p: *mut u8 = self.alloc(layout);
            if !p.is_null() {
                p.write_bytes(0, layout.size());
            }
            p
        }
    }

    unsafe fn dealloc(&self, p: *mut u8, _: Layout) {
        // SAFETY: the block is of this allocator, by the caller's contract.
        unsafe {
            let a = uk_alloc_get_default();
            ((*a).free)(a, p.cast());
        }
    }

    unsafe fn realloc(&self, p: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the block is of this allocator; a stricter alignment than every block has is kept by moving by hand, within the smaller of both sizes.
        unsafe {
            let a = uk_alloc_get_default();
            if layout.align() <= ALIGN {
                return ((*a).realloc)(a, p.cast(), size).cast();
            }
            let moved: *mut u8 = ((*a).memalign)(a, layout.align(), size).cast();
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(p, layout.size().min(size));
                ((*a).free)(a, p.cast());
            }
            moved
        }
    }
}

#[cfg(feature = "allocator")]
#[global_allocator]
static GLOBAL: DefaultAllocator = DefaultAllocator;
