//! A QEMU TCG plugin that counts the guest's instructions over the whole life of a machine.
//!
//! Wall time under emulation is noise; instructions are not. The classes go by where the program counter was: `boot` (below 2 MiB:
//! firmware and early boot), `app` (rest of the lower half), `kernel` (upper half). One line goes to stderr when QEMU exits:
//!
//! ```text
//! INSNS boot=N app=N kernel=N total=N
//! ```
//!
//! A `rep` instruction counts once per iteration. Counting is per translation block, so an instruction that faults is counted with
//! the rest of its block (±1 block). Written against version 1 of the plugin interface (QEMU 4.2 to 8.1); distributions ship no header for it.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// QEMU's `qemu_plugin_id_t`.
type PluginId = u64;

/// QEMU's opaque `struct qemu_plugin_tb`: one block of translated guest code.
#[repr(C)]
pub struct Block {
    _opaque: [u8; 0],
}

/// QEMU's `QEMU_PLUGIN_INLINE_ADD_U64`, the only inline operation of interface version 1.
const ADD_U64: c_uint = 0;

unsafe extern "C" {
    fn qemu_plugin_tb_vaddr(tb: *const Block) -> u64;
    fn qemu_plugin_tb_n_insns(tb: *const Block) -> usize;
    fn qemu_plugin_register_vcpu_tb_trans_cb(id: PluginId, cb: extern "C" fn(PluginId, *mut Block));
    fn qemu_plugin_register_vcpu_tb_exec_inline(tb: *mut Block, op: c_uint, counter: *mut c_void, add: u64);
    fn qemu_plugin_register_atexit_cb(id: PluginId, cb: extern "C" fn(PluginId, *mut c_void), userdata: *mut c_void);
}

/// The interface version this plugin was written for; QEMU refuses one it cannot serve.
#[unsafe(no_mangle)]
pub static qemu_plugin_version: c_int = 1;

static BOOT: AtomicU64 = AtomicU64::new(0);
static APP: AtomicU64 = AtomicU64::new(0);
static KERNEL: AtomicU64 = AtomicU64::new(0);

/// Start of the kernel's half of the x86-64 address space.
const UPPER_HALF: u64 = 0xffff_8000_0000_0000;
/// Firmware, option ROMs and the 32-bit entry run below this address.
const EARLY: u64 = 0x20_0000;

/// The counter that instructions at `pc` belong to.
fn counter(pc: u64) -> &'static AtomicU64 {
    match pc {
        UPPER_HALF.. => &KERNEL,
        EARLY.. => &APP,
        _ => &BOOT,
    }
}

extern "C" fn translated(_id: PluginId, tb: *mut Block) {
    // SAFETY: QEMU hands a live block to this callback. The counter is a static, so it outlives the generated code that adds to it;
    // that code runs on the vCPU thread with plain adds, which AtomicU64's layout allows, and the only reader runs after the last of them.
    unsafe {
        let target = counter(qemu_plugin_tb_vaddr(tb)).as_ptr().cast();
        qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64, target, qemu_plugin_tb_n_insns(tb) as u64);
    }
}

extern "C" fn finished(_id: PluginId, _user: *mut c_void) {
    let (boot, app, kernel) = (BOOT.load(Relaxed), APP.load(Relaxed), KERNEL.load(Relaxed));
    eprintln!("\nINSNS boot={boot} app={app} kernel={kernel} total={}", boot + app + kernel);
}

/// Called once by QEMU when it loads the plugin. Returns 0: loaded.
///
/// # Safety
/// Only QEMU calls this, with an id it has just made; the other arguments are not read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qemu_plugin_install(id: PluginId, _info: *const c_void, _argc: c_int, _argv: *mut *mut c_char) -> c_int {
    // SAFETY: `id` is QEMU's own, and both callbacks are functions of this object, which QEMU never unloads before it exits.
    unsafe {
        qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
        qemu_plugin_register_atexit_cb(id, finished, std::ptr::null_mut());
    }
    0
}
