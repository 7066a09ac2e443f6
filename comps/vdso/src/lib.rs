//! The vDSO image (vdso(7)). The kernel maps it, with the clock page of [`abi::vdso::VdsoData`] one page below, and tells programs by AT_SYSINFO_EHDR.
#![no_std]
#![forbid(unsafe_code)]

/// The shared object.
pub static IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/vdso.so"));
