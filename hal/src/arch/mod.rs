//! The architecture: the only place where `cfg(target_arch)` may stand.

#[cfg(target_arch = "x86_64")]
#[path = "x86_64/mod.rs"]
pub(crate) mod imp;
