//! Memory mapping: flags of mmap(2), mremap(2), madvise(2), mlock(2), msync(2) (include/uapi/asm-generic/mman*.h).

flags::flags! {
    /// PROT_* of mmap(2) and mprotect(2).
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Prot: u64 {
        /// Load.
        const READ = 1;
        /// Store.
        const WRITE = 2;
        /// Fetch instructions.
        const EXEC = 4;
        /// May be used for atomic operations; no meaning on x86.
        const SEM = 8;
        /// mprotect: from the start of a mapping that grows down.
        const GROWSDOWN = 0x0100_0000;
        /// mprotect: to the end of a mapping that grows up (there are none on x86).
        const GROWSUP = 0x0200_0000;
    }

    /// MAP_* of mmap(2). The low four bits are the kind of mapping.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MapFlags: u32 {
        /// Changes go to the file and to everybody who maps it.
        const SHARED = 1;
        /// Changes are seen only here.
        const PRIVATE = 2;
        /// Exactly at the address.
        const FIXED = 0x10;
        /// No file.
        const ANONYMOUS = 0x20;
        /// Below 2 GiB.
        const BIT32 = 0x40;
        /// Grows down when touched below its start.
        const GROWSDOWN = 0x100;
        /// Ignored.
        const DENYWRITE = 0x800;
        /// Ignored.
        const EXECUTABLE = 0x1000;
        /// Locked in memory.
        const LOCKED = 0x2000;
        /// No reserve of memory for it.
        const NORESERVE = 0x4000;
        /// Filled at once.
        const POPULATE = 0x8000;
        /// With POPULATE: what is there only.
        const NONBLOCK = 0x1_0000;
        /// For a stack; no effect.
        const STACK = 0x2_0000;
        /// Huge pages.
        const HUGETLB = 0x4_0000;
        /// Synchronous page faults (DAX files only).
        const SYNC = 0x8_0000;
        /// Exactly at the address, but not over another mapping.
        const FIXED_NOREPLACE = 0x10_0000;
    }

    /// MREMAP_*.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MremapFlags: u32 {
        /// May move.
        const MAYMOVE = 1;
        /// To exactly the new address.
        const FIXED = 2;
        /// The old mapping stays, empty.
        const DONTUNMAP = 4;
    }

    /// MS_*.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MsyncFlags: u32 {
        /// Soon.
        const ASYNC = 1;
        /// Forget other copies.
        const INVALIDATE = 2;
        /// Now.
        const SYNC = 4;
    }

    /// MCL_*.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MlockallFlags: u32 {
        /// What is mapped now.
        const CURRENT = 1;
        /// What will be mapped.
        const FUTURE = 2;
        /// When it is touched.
        const ONFAULT = 4;
    }
}

/// MAP_TYPE: the bits of [`MapFlags`] that say which kind.
pub const MAP_TYPE: u32 = 0xf;
/// Kind: as MAP_SHARED, but unknown flags are refused.
pub const MAP_SHARED_VALIDATE: u32 = 3;
/// MLOCK_ONFAULT of mlock2(2).
pub const MLOCK_ONFAULT: u32 = 1;

/// Flags that mmap(2) always accepted, whatever they do: MAP_SHARED_VALIDATE knows these and MAP_SYNC.
pub const LEGACY_MAP_MASK: u32 = 0x17_f97f;

/// Advice of madvise(2).
#[allow(missing_docs)] // the names are those of the manual page
pub mod advice {
    pub const NORMAL: u32 = 0;
    pub const RANDOM: u32 = 1;
    pub const SEQUENTIAL: u32 = 2;
    pub const WILLNEED: u32 = 3;
    pub const DONTNEED: u32 = 4;
    pub const FREE: u32 = 8;
    pub const REMOVE: u32 = 9;
    pub const DONTFORK: u32 = 10;
    pub const DOFORK: u32 = 11;
    pub const MERGEABLE: u32 = 12;
    pub const UNMERGEABLE: u32 = 13;
    pub const HUGEPAGE: u32 = 14;
    pub const NOHUGEPAGE: u32 = 15;
    pub const DONTDUMP: u32 = 16;
    pub const DODUMP: u32 = 17;
    pub const WIPEONFORK: u32 = 18;
    pub const KEEPONFORK: u32 = 19;
    pub const COLD: u32 = 20;
    pub const PAGEOUT: u32 = 21;
    pub const POPULATE_READ: u32 = 22;
    pub const POPULATE_WRITE: u32 = 23;
    pub const DONTNEED_LOCKED: u32 = 24;
    pub const COLLAPSE: u32 = 25;
}
