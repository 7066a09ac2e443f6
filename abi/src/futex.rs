//! futex(2): operations and structures (linux/futex.h).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Operation numbers (the low seven bits of `op`).
#[allow(missing_docs)] // names of the man page
pub mod op {
    pub const WAIT: i32 = 0;
    pub const WAKE: i32 = 1;
    pub const FD: i32 = 2;
    pub const REQUEUE: i32 = 3;
    pub const CMP_REQUEUE: i32 = 4;
    pub const WAKE_OP: i32 = 5;
    pub const LOCK_PI: i32 = 6;
    pub const UNLOCK_PI: i32 = 7;
    pub const TRYLOCK_PI: i32 = 8;
    pub const WAIT_BITSET: i32 = 9;
    pub const WAKE_BITSET: i32 = 10;
    pub const WAIT_REQUEUE_PI: i32 = 11;
    pub const CMP_REQUEUE_PI: i32 = 12;
    pub const LOCK_PI2: i32 = 13;
}

/// The futex is private to the process.
pub const PRIVATE_FLAG: i32 = 128;
/// The timeout is on CLOCK_REALTIME.
pub const CLOCK_REALTIME: i32 = 256;
/// Matches every waiter.
pub const BITSET_MATCH_ANY: u32 = u32::MAX;

/// PI futex word: there are waiters.
pub const WAITERS: u32 = 0x8000_0000;
/// PI or robust futex word: the owner died.
pub const OWNER_DIED: u32 = 0x4000_0000;
/// PI or robust futex word: the owner's thread id.
pub const TID_MASK: u32 = 0x3fff_ffff;

/// struct robust_list_head.
#[repr(C)]
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct RobustListHead {
    /// First entry; the head's own address ends the list.
    pub next: usize,
    /// Offset from an entry to its futex word.
    pub futex_offset: i64,
    /// The entry being locked or unlocked.
    pub pending: usize,
}

/// struct futex_waitv.
#[repr(C)]
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct FutexWaitv {
    /// Expected value.
    pub val: u64,
    /// Address of the word.
    pub uaddr: u64,
    /// FUTEX2_* flags.
    pub flags: u32,
    /// Must be 0.
    pub reserved: u32,
}

/// futex2: 32-bit word.
pub const FUTEX2_SIZE_U32: u32 = 2;
/// futex2: private.
pub const FUTEX2_PRIVATE: u32 = 128;
/// Most entries futex_waitv takes.
pub const WAITV_MAX: usize = 128;
