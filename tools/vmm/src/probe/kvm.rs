//! A machine of four pages that counts down in 64-bit mode: long enough to time, short enough to be cheap where KVM works.

use kvm_bindings::{kvm_segment, kvm_userspace_memory_region};
use kvm_ioctls::{Kvm, VcpuExit, VcpuFd};
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous};
use std::num::NonZeroUsize;
use std::time::Instant;

/// The device file.
pub const DEVICE: &str = "/dev/kvm";

/// Iterations of the timed loop, two instructions each.
const ITERATIONS: u64 = 10_000;
/// Iterations that fault the pages in before the clock starts.
const WARM_UP: u64 = 10;

/// `1: dec rcx; jnz 1b; hlt`
const CODE: [u8; 6] = [0x48, 0xff, 0xc9, 0x75, 0xfb, 0xf4];

const PAGE: usize = 4096;
/// Guest-physical places of the code and of the three levels of page tables (one 2 MiB page, identity).
const CODE_AT: usize = 0;
const PML4: usize = PAGE;
const PDPT: usize = 2 * PAGE;
const PD: usize = 3 * PAGE;
const SIZE: usize = 4 * PAGE;

const PRESENT_WRITE: u64 = 3;
const HUGE: u64 = 1 << 7;
const CR0_PE_PG_ET: u64 = 1 | 1 << 4 | 1 << 31;
const CR4_PAE: u64 = 1 << 5;
const EFER_LME_LMA: u64 = 1 << 8 | 1 << 10;

/// Nanoseconds per instruction, or why no machine could be made.
pub fn time_loop() -> Result<f64, String> {
    let kvm = Kvm::new().map_err(|e| format!("{DEVICE}: {e}"))?;
    let vm = kvm.create_vm().map_err(|e| format!("KVM_CREATE_VM: {e}"))?;
    let size = NonZeroUsize::new(SIZE).ok_or("no pages")?;
    // SAFETY: a fresh anonymous mapping at an address the kernel chooses aliases nothing.
    let memory = unsafe { mmap_anonymous(None, size, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_PRIVATE) };
    let memory = memory.map_err(|e| format!("mmap: {e}"))?;
    // SAFETY: the mapping is SIZE bytes, writable, page-aligned, and nothing else refers to it until the machine runs.
    let bytes = unsafe { std::slice::from_raw_parts_mut(memory.cast::<u8>().as_ptr(), SIZE) };
    bytes[CODE_AT..CODE_AT + CODE.len()].copy_from_slice(&CODE);
    for (at, entry) in [(PML4, PDPT as u64 | PRESENT_WRITE), (PDPT, PD as u64 | PRESENT_WRITE), (PD, PRESENT_WRITE | HUGE)] {
        bytes[at..at + 8].copy_from_slice(&entry.to_le_bytes());
    }
    let region = kvm_userspace_memory_region {
        slot: 0,
        flags: 0,
        guest_phys_addr: 0,
        memory_size: SIZE as u64,
        userspace_addr: memory.addr().get() as u64,
    };
    // SAFETY: the region is the mapping above, which is never unmapped: the child process ends with the probe.
    unsafe { vm.set_user_memory_region(region) }.map_err(|e| format!("KVM_SET_USER_MEMORY_REGION: {e}"))?;
    let mut vcpu = vm.create_vcpu(0).map_err(|e| format!("KVM_CREATE_VCPU: {e}"))?;
    long_mode(&vcpu)?;
    count_down(&mut vcpu, WARM_UP)?;
    let start = Instant::now();
    count_down(&mut vcpu, ITERATIONS)?;
    Ok(start.elapsed().as_nanos() as f64 / (2 * ITERATIONS) as f64)
}

fn long_mode(vcpu: &VcpuFd) -> Result<(), String> {
    let mut sregs = vcpu.get_sregs().map_err(|e| format!("KVM_GET_SREGS: {e}"))?;
    let data = kvm_segment { base: 0, limit: u32::MAX, selector: 16, type_: 3, present: 1, s: 1, g: 1, db: 1, ..Default::default() };
    sregs.cs = kvm_segment { selector: 8, type_: 11, l: 1, db: 0, ..data };
    (sregs.ds, sregs.es, sregs.fs, sregs.gs, sregs.ss) = (data, data, data, data, data);
    sregs.cr3 = PML4 as u64;
    sregs.cr4 = CR4_PAE;
    sregs.cr0 = CR0_PE_PG_ET;
    sregs.efer = EFER_LME_LMA;
    vcpu.set_sregs(&sregs).map_err(|e| format!("KVM_SET_SREGS: {e}"))
}

fn count_down(vcpu: &mut VcpuFd, from: u64) -> Result<(), String> {
    let mut regs = vcpu.get_regs().map_err(|e| format!("KVM_GET_REGS: {e}"))?;
    (regs.rip, regs.rcx, regs.rflags) = (CODE_AT as u64, from, 2);
    vcpu.set_regs(&regs).map_err(|e| format!("KVM_SET_REGS: {e}"))?;
    loop {
        match vcpu.run() {
            Ok(VcpuExit::Hlt) => return Ok(()),
            Ok(exit) => return Err(format!("the loop left with {exit:?}")),
            Err(error) if error.errno() == libc::EINTR => {}
            Err(error) => return Err(format!("KVM_RUN: {error}")),
        }
    }
}
