//! What a Rust program needs below it: memory functions, allocator, panic handler, and the words that `unox pack` fills in.

use core::arch::global_asm;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU8, Ordering};

use hal::mem::heap::KernelHeap;

global_asm!(include_str!("mem.S"));

#[global_allocator]
static HEAP: KernelHeap = KernelHeap;

unsafe extern "C" {
    /// mem.S: whether long copies use `rep`.
    static fast_rep: AtomicU8;
}

/// Chooses how memory is copied on this CPU.
pub fn choose_copies() {
    // SAFETY: mem.S defines the byte.
    unsafe { fast_rep.store(u8::from(hal::cpu::has_fast_rep()), Ordering::Relaxed) };
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    hal::power::panic(info)
}

/// The payload's place in the image (docs/boot-protocol.md, section 3): magic, version 0 (nothing packed), addresses and lengths.
#[used]
#[unsafe(link_section = ".unox.payload")]
static PAYLOAD: [u64; 8] = [u64::from_le_bytes(*b"UNOXPAYL"), 0, 0, 0, 0, 0, 0, 0];

/// The prebuilt core names the unwinder; a kernel built with `panic = "abort"` never calls it. An optimised link drops the reference.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// As above.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() {}
