//! Processes: resource limits and usage, utsname, sysinfo, capabilities, prctl numbers (sys/resource.h, linux/prctl.h).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::time::Timeval;

/// struct rlimit64.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Rlimit {
    /// The limit in force.
    pub cur: u64,
    /// Its ceiling.
    pub max: u64,
}

/// No limit.
pub const RLIM_INFINITY: u64 = u64::MAX;

/// Numbers of resource limits.
#[allow(missing_docs)]
pub mod rlimit {
    pub const CPU: usize = 0;
    pub const FSIZE: usize = 1;
    pub const DATA: usize = 2;
    pub const STACK: usize = 3;
    pub const CORE: usize = 4;
    pub const RSS: usize = 5;
    pub const NPROC: usize = 6;
    pub const NOFILE: usize = 7;
    pub const MEMLOCK: usize = 8;
    pub const AS: usize = 9;
    pub const LOCKS: usize = 10;
    pub const SIGPENDING: usize = 11;
    pub const MSGQUEUE: usize = 12;
    pub const NICE: usize = 13;
    pub const RTPRIO: usize = 14;
    pub const RTTIME: usize = 15;
    pub const COUNT: usize = 16;
}

/// struct rusage.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[allow(missing_docs)] // names of the man page without ru_
pub struct Rusage {
    pub utime: Timeval,
    pub stime: Timeval,
    pub maxrss: i64,
    pub ixrss: i64,
    pub idrss: i64,
    pub isrss: i64,
    pub minflt: i64,
    pub majflt: i64,
    pub nswap: i64,
    pub inblock: i64,
    pub oublock: i64,
    pub msgsnd: i64,
    pub msgrcv: i64,
    pub nsignals: i64,
    pub nvcsw: i64,
    pub nivcsw: i64,
}

/// struct new_utsname.
#[repr(C)]
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[allow(missing_docs)]
pub struct Utsname {
    pub sysname: [u8; 65],
    pub nodename: [u8; 65],
    pub release: [u8; 65],
    pub version: [u8; 65],
    pub machine: [u8; 65],
    pub domainname: [u8; 65],
}

/// struct sysinfo.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[allow(missing_docs)]
pub struct Sysinfo {
    pub uptime: i64,
    pub loads: [u64; 3],
    pub totalram: u64,
    pub freeram: u64,
    pub sharedram: u64,
    pub bufferram: u64,
    pub totalswap: u64,
    pub freeswap: u64,
    pub procs: u16,
    pub pad: u16,
    pub pad2: u32,
    pub totalhigh: u64,
    pub freehigh: u64,
    pub mem_unit: u32,
    pub pad3: u32,
}

/// struct __user_cap_header_struct.
#[repr(C)]
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CapHeader {
    /// _LINUX_CAPABILITY_VERSION_*.
    pub version: u32,
    /// The thread, 0 for the caller.
    pub pid: i32,
}

/// struct __user_cap_data_struct.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct CapData {
    /// Effective set, 32 bits of it.
    pub effective: u32,
    /// Permitted set.
    pub permitted: u32,
    /// Inheritable set.
    pub inheritable: u32,
}

/// _LINUX_CAPABILITY_VERSION_1.
pub const CAP_VERSION_1: u32 = 0x1998_0330;
/// _LINUX_CAPABILITY_VERSION_2.
pub const CAP_VERSION_2: u32 = 0x2007_1026;
/// _LINUX_CAPABILITY_VERSION_3.
pub const CAP_VERSION_3: u32 = 0x2008_0522;

/// Options of prctl(2).
#[allow(missing_docs)]
pub mod prctl {
    pub const SET_PDEATHSIG: i32 = 1;
    pub const GET_PDEATHSIG: i32 = 2;
    pub const GET_DUMPABLE: i32 = 3;
    pub const SET_DUMPABLE: i32 = 4;
    pub const GET_UNALIGN: i32 = 5;
    pub const SET_UNALIGN: i32 = 6;
    pub const GET_KEEPCAPS: i32 = 7;
    pub const SET_KEEPCAPS: i32 = 8;
    pub const GET_TIMING: i32 = 13;
    pub const SET_TIMING: i32 = 14;
    pub const SET_NAME: i32 = 15;
    pub const GET_NAME: i32 = 16;
    pub const GET_SECCOMP: i32 = 21;
    pub const SET_SECCOMP: i32 = 22;
    pub const CAPBSET_READ: i32 = 23;
    pub const CAPBSET_DROP: i32 = 24;
    pub const GET_TSC: i32 = 25;
    pub const SET_TSC: i32 = 26;
    pub const GET_SECUREBITS: i32 = 27;
    pub const SET_SECUREBITS: i32 = 28;
    pub const SET_TIMERSLACK: i32 = 29;
    pub const GET_TIMERSLACK: i32 = 30;
    pub const SET_MM: i32 = 35;
    pub const SET_CHILD_SUBREAPER: i32 = 36;
    pub const GET_CHILD_SUBREAPER: i32 = 37;
    pub const SET_NO_NEW_PRIVS: i32 = 38;
    pub const GET_NO_NEW_PRIVS: i32 = 39;
    pub const GET_TID_ADDRESS: i32 = 40;
    pub const SET_THP_DISABLE: i32 = 41;
    pub const GET_THP_DISABLE: i32 = 42;
    pub const CAP_AMBIENT: i32 = 47;
    pub const GET_SPECULATION_CTRL: i32 = 52;
    pub const SET_SPECULATION_CTRL: i32 = 53;
    pub const SET_IO_FLUSHER: i32 = 57;
    pub const GET_IO_FLUSHER: i32 = 58;
    pub const SET_VMA: i32 = 0x5356_4d41;
    pub const SET_PTRACER: i32 = 0x5961_6d61;
}

/// arch_prctl(2): set gs base.
pub const ARCH_SET_GS: i32 = 0x1001;
/// Set fs base.
pub const ARCH_SET_FS: i32 = 0x1002;
/// Get fs base.
pub const ARCH_GET_FS: i32 = 0x1003;
/// Get gs base.
pub const ARCH_GET_GS: i32 = 0x1004;
/// Whether cpuid works in the application.
pub const ARCH_GET_CPUID: i32 = 0x1011;
/// Enable or disable cpuid.
pub const ARCH_SET_CPUID: i32 = 0x1012;

/// waitid(2) id types and wait options.
#[allow(missing_docs)]
pub mod wait {
    pub const P_ALL: i32 = 0;
    pub const P_PID: i32 = 1;
    pub const P_PGID: i32 = 2;
    pub const P_PIDFD: i32 = 3;
    pub const NOHANG: u32 = 1;
    pub const UNTRACED: u32 = 2;
    pub const EXITED: u32 = 4;
    pub const CONTINUED: u32 = 8;
    pub const NOWAIT: u32 = 0x0100_0000;
    pub const NOTHREAD: u32 = 0x2000_0000;
    pub const ALL: u32 = 0x4000_0000;
    pub const CLONE: u32 = 0x8000_0000;
}
