//! x86-64.
pub(crate) mod pageops;
pub(crate) mod pte;
pub(crate) mod usercopy;
