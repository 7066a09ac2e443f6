//! The table: one line per system call, from which dispatch, `--strace` (tools/strace reads this file too), `unox check` and
//! the support page are generated.
//!
//! `name = number => path::to::handler(argument: Type, ...);` The handler returns `Result<T>` with `T: IntoReg`. Its doc comment is its support statement.
//!
//! Longer than other files, for it is one table: a line for each call there is.

use abi::Result;
use abi::fs::{OpenHow, Stat, Statfs, Statx};
use hal::trap::UserContext;

use abi::event::{EpollEvent, PollFd};
use abi::futex::FutexWaitv;
use abi::io::Iovec;
use abi::mm::{MapFlags, MlockallFlags, MremapFlags, MsyncFlags, Prot};
use abi::process::{CapData, CapHeader, Rlimit, Rusage, Sysinfo, Utsname};
use abi::sched::{CloneArgs, Rseq, SchedAttr};
use abi::signal::{SigAction, SigEvent, SigInfoRaw, StackT};
use abi::socket::{Mmsghdr, Msghdr};
use abi::time::{Itimerspec, Itimerval, Timespec, Timeval, Timex, Timezone, Tms};
use hal::user::UserPtr;

use crate::args::{Fd, FromReg, IntoReg, Peek, UserPath};
use crate::event::select::MaskArgument;

/// Runs a call.
pub type Handler = fn(&mut UserContext) -> Result<usize>;

/// One line of the table.
pub struct Call {
    /// Its number on x86-64.
    pub number: u32,
    /// Runs it.
    pub handler: Handler,
    /// What `--strace` tells of the memory behind each argument.
    pub peeks: &'static [Peek],
}

/// One past the highest number of x86-64 today.
pub const MAX_CALLS: usize = 512;

/// Keeps the table as a macro that hands its lines to another one: `for_each_call!(macro_name)`.
macro_rules! calls {
    (($d:tt) $($body:tt)*) => {
        /// Calls the named macro with every line of the table.
        #[macro_export]
        macro_rules! for_each_call {
            ($d then:ident) => {
                $d then! { $($body)* }
            };
        }
    };
}

calls! {
    ($)
    // --- mm: memory ---
    mmap = 9 => mm::map::mmap(addr: usize, len: usize, prot: Prot, flags: MapFlags, fd: Fd, offset: u64);
    mprotect = 10 => mm::map::mprotect(addr: usize, len: usize, prot: Prot);
    munmap = 11 => mm::map::munmap(addr: usize, len: usize);
    brk = 12 => mm::map::brk(end: usize);
    mremap = 25 => mm::map::mremap(old: usize, old_len: usize, new_len: usize, flags: MremapFlags, new: usize);
    msync = 26 => mm::advise::msync(addr: usize, len: usize, flags: MsyncFlags);
    mincore = 27 => mm::advise::mincore(addr: usize, len: usize, vec: UserPtr<u8>);
    madvise = 28 => mm::advise::madvise(addr: usize, len: usize, advice: u32);
    mlock = 149 => mm::lock::mlock(addr: usize, len: usize);
    munlock = 150 => mm::lock::munlock(addr: usize, len: usize);
    mlockall = 151 => mm::lock::mlockall(flags: MlockallFlags);
    munlockall = 152 => mm::lock::munlockall();
    mbind = 237 => mm::numa::mbind(addr: usize, len: usize, mode: u32, mask: UserPtr<u64>, max: usize, flags: u32);
    set_mempolicy = 238 => mm::numa::set_mempolicy(mode: u32, mask: UserPtr<u64>, max: usize);
    get_mempolicy = 239 => mm::numa::get_mempolicy(mode: UserPtr<i32>, mask: UserPtr<u64>, max: usize, addr: usize, flags: u32);
    mlock2 = 325 => mm::lock::mlock2(addr: usize, len: usize, flags: u32);
    pkey_mprotect = 329 => mm::pkey::pkey_mprotect(addr: usize, len: usize, prot: Prot, key: i32);
    pkey_alloc = 330 => mm::pkey::pkey_alloc(flags: u64, rights: u64);
    pkey_free = 331 => mm::pkey::pkey_free(key: i32);
    // --- net: sockets ---
    socket = 41 => net::make::socket(domain: u32, kind: u32, protocol: i32);
    connect = 42 => net::addr::connect(fd: Fd, addr: UserPtr<u8>, len: i32);
    accept = 43 => net::addr::accept(fd: Fd, addr: UserPtr<u8>, len: UserPtr<i32>);
    sendto = 44 => net::message::sendto(fd: Fd, buf: UserPtr<u8>, len: usize, flags: u32, to: UserPtr<u8>, tolen: i32);
    recvfrom = 45 => net::message::recvfrom(fd: Fd, buf: UserPtr<u8>, len: usize, flags: u32, from: UserPtr<u8>, fromlen: UserPtr<i32>);
    sendmsg = 46 => net::message::sendmsg(fd: Fd, header: UserPtr<Msghdr>, flags: u32);
    recvmsg = 47 => net::message::recvmsg(fd: Fd, header: UserPtr<Msghdr>, flags: u32);
    shutdown = 48 => net::addr::shutdown(fd: Fd, how: u32);
    bind = 49 => net::addr::bind(fd: Fd, addr: UserPtr<u8>, len: i32);
    listen = 50 => net::addr::listen(fd: Fd, backlog: i32);
    getsockname = 51 => net::addr::getsockname(fd: Fd, addr: UserPtr<u8>, len: UserPtr<i32>);
    getpeername = 52 => net::addr::getpeername(fd: Fd, addr: UserPtr<u8>, len: UserPtr<i32>);
    socketpair = 53 => net::make::socketpair(domain: u32, kind: u32, protocol: i32, fds: UserPtr<[i32; 2]>);
    setsockopt = 54 => net::option::setsockopt(fd: Fd, level: i32, name: i32, value: UserPtr<u8>, len: i32);
    getsockopt = 55 => net::option::getsockopt(fd: Fd, level: i32, name: i32, value: UserPtr<u8>, len: UserPtr<i32>);
    accept4 = 288 => net::addr::accept4(fd: Fd, addr: UserPtr<u8>, len: UserPtr<i32>, flags: u32);
    recvmmsg = 299 => net::message::recvmmsg(fd: Fd, vec: UserPtr<Mmsghdr>, count: u32, flags: u32, timeout: UserPtr<Timespec>);
    sendmmsg = 307 => net::message::sendmmsg(fd: Fd, vec: UserPtr<Mmsghdr>, count: u32, flags: u32);
    // --- event: waiting for many files ---
    poll = 7 => event::poll::poll(fds: UserPtr<PollFd>, count: u32, timeout: i32);
    select = 23 => event::select::select(n: i32, read: UserPtr<u64>, write: UserPtr<u64>, except: UserPtr<u64>, timeout: UserPtr<Timeval>);
    epoll_create = 213 => event::epoll::create(size: i32);
    epoll_wait = 232 => event::epoll::wait(epfd: Fd, events: UserPtr<EpollEvent>, max: i32, timeout: i32);
    epoll_ctl = 233 => event::epoll::ctl(epfd: Fd, op: i32, fd: Fd, event: UserPtr<EpollEvent>);
    pselect6 = 270 => event::select::pselect6(n: i32, read: UserPtr<u64>, write: UserPtr<u64>, except: UserPtr<u64>, timeout: UserPtr<Timespec>, sigmask: UserPtr<MaskArgument>);
    ppoll = 271 => event::poll::ppoll(fds: UserPtr<PollFd>, count: u32, timeout: UserPtr<Timespec>, sigmask: UserPtr<u64>, size: usize);
    epoll_pwait = 281 => event::epoll::pwait(epfd: Fd, events: UserPtr<EpollEvent>, max: i32, timeout: i32, sigmask: UserPtr<u64>, size: usize);
    epoll_create1 = 291 => event::epoll::create1(flags: u32);
    epoll_pwait2 = 441 => event::epoll::pwait2(epfd: Fd, events: UserPtr<EpollEvent>, max: i32, timeout: UserPtr<Timespec>, sigmask: UserPtr<u64>, size: usize);
    // --- file: names, attributes, mounts ---
    open = 2 => file::open::open(path: UserPath, flags: u32, mode: u32);
    stat = 4 => file::stat::stat(path: UserPath, out: UserPtr<Stat>);
    fstat = 5 => file::stat::fstat(fd: Fd, out: UserPtr<Stat>);
    lstat = 6 => file::stat::lstat(path: UserPath, out: UserPtr<Stat>);
    access = 21 => file::stat::access(path: UserPath, want: u32);
    fsync = 74 => file::sync::fsync(fd: Fd);
    fdatasync = 75 => file::sync::fdatasync(fd: Fd);
    truncate = 76 => file::truncate::truncate(path: UserPath, len: i64);
    ftruncate = 77 => file::truncate::ftruncate(fd: Fd, len: i64);
    getdents = 78 => file::dir::getdents(fd: Fd, out: UserPtr<u8>, count: u32);
    getcwd = 79 => file::dir::getcwd(buf: UserPtr<u8>, size: usize);
    chdir = 80 => file::dir::chdir(path: UserPath);
    fchdir = 81 => file::dir::fchdir(fd: Fd);
    rename = 82 => file::link::rename(old: UserPath, new: UserPath);
    mkdir = 83 => file::dir::mkdir(path: UserPath, mode: u32);
    rmdir = 84 => file::dir::rmdir(path: UserPath);
    creat = 85 => file::open::creat(path: UserPath, mode: u32);
    link = 86 => file::link::link(old: UserPath, new: UserPath);
    unlink = 87 => file::link::unlink(path: UserPath);
    symlink = 88 => file::link::symlink(text: UserPath, path: UserPath);
    readlink = 89 => file::link::readlink(path: UserPath, out: UserPtr<u8>, size: i32);
    chmod = 90 => file::attr::chmod(path: UserPath, mode: u32);
    fchmod = 91 => file::attr::fchmod(fd: Fd, mode: u32);
    chown = 92 => file::attr::chown(path: UserPath, uid: u32, gid: u32);
    fchown = 93 => file::attr::fchown(fd: Fd, uid: u32, gid: u32);
    lchown = 94 => file::attr::lchown(path: UserPath, uid: u32, gid: u32);
    umask = 95 => file::dir::umask(mask: u32);
    utime = 132 => file::times::utime(path: UserPath, times: UserPtr<[i64; 2]>);
    mknod = 133 => file::dir::mknod(path: UserPath, mode: u32, dev: u32);
    statfs = 137 => file::stat::statfs(path: UserPath, out: UserPtr<Statfs>);
    fstatfs = 138 => file::stat::fstatfs(fd: Fd, out: UserPtr<Statfs>);
    pivot_root = 155 => file::mount::pivot_root(new_root: UserPath, put_old: UserPath);
    chroot = 161 => file::dir::chroot(path: UserPath);
    sync = 162 => file::sync::sync();
    mount = 165 => file::mount::mount(source: UserPath, path: UserPath, kind: UserPath, flags: u64, data: UserPtr<u8>);
    umount2 = 166 => file::mount::umount2(path: UserPath, flags: u32);
    setxattr = 188 => file::xattr::setxattr(path: UserPath, name: UserPath, value: UserPtr<u8>, size: usize, flags: u32);
    lsetxattr = 189 => file::xattr::lsetxattr(path: UserPath, name: UserPath, value: UserPtr<u8>, size: usize, flags: u32);
    fsetxattr = 190 => file::xattr::fsetxattr(fd: Fd, name: UserPath, value: UserPtr<u8>, size: usize, flags: u32);
    getxattr = 191 => file::xattr::getxattr(path: UserPath, name: UserPath, value: UserPtr<u8>, size: usize);
    lgetxattr = 192 => file::xattr::lgetxattr(path: UserPath, name: UserPath, value: UserPtr<u8>, size: usize);
    fgetxattr = 193 => file::xattr::fgetxattr(fd: Fd, name: UserPath, value: UserPtr<u8>, size: usize);
    listxattr = 194 => file::xattr::listxattr(path: UserPath, list: UserPtr<u8>, size: usize);
    llistxattr = 195 => file::xattr::llistxattr(path: UserPath, list: UserPtr<u8>, size: usize);
    flistxattr = 196 => file::xattr::flistxattr(fd: Fd, list: UserPtr<u8>, size: usize);
    removexattr = 197 => file::xattr::removexattr(path: UserPath, name: UserPath);
    lremovexattr = 198 => file::xattr::lremovexattr(path: UserPath, name: UserPath);
    fremovexattr = 199 => file::xattr::fremovexattr(fd: Fd, name: UserPath);
    getdents64 = 217 => file::dir::getdents64(fd: Fd, out: UserPtr<u8>, count: u32);
    utimes = 235 => file::times::utimes(path: UserPath, times: UserPtr<[[i64; 2]; 2]>);
    openat = 257 => file::open::openat(dirfd: Fd, path: UserPath, flags: u32, mode: u32);
    mkdirat = 258 => file::dir::mkdirat(dirfd: Fd, path: UserPath, mode: u32);
    mknodat = 259 => file::dir::mknodat(dirfd: Fd, path: UserPath, mode: u32, dev: u32);
    fchownat = 260 => file::attr::fchownat(dirfd: Fd, path: UserPath, uid: u32, gid: u32, flags: u32);
    futimesat = 261 => file::times::futimesat(dirfd: Fd, path: UserPath, times: UserPtr<[[i64; 2]; 2]>);
    newfstatat = 262 => file::stat::newfstatat(dirfd: Fd, path: UserPath, out: UserPtr<Stat>, flags: u32);
    unlinkat = 263 => file::link::unlinkat(dirfd: Fd, path: UserPath, flags: u32);
    renameat = 264 => file::link::renameat(olddir: Fd, old: UserPath, newdir: Fd, new: UserPath);
    linkat = 265 => file::link::linkat(olddir: Fd, old: UserPath, newdir: Fd, new: UserPath, flags: u32);
    symlinkat = 266 => file::link::symlinkat(text: UserPath, dirfd: Fd, path: UserPath);
    readlinkat = 267 => file::link::readlinkat(dirfd: Fd, path: UserPath, out: UserPtr<u8>, size: i32);
    fchmodat = 268 => file::attr::fchmodat(dirfd: Fd, path: UserPath, mode: u32);
    faccessat = 269 => file::stat::faccessat(dirfd: Fd, path: UserPath, want: u32);
    sync_file_range = 277 => file::sync::sync_file_range(fd: Fd, offset: i64, len: i64, flags: u32);
    utimensat = 280 => file::times::utimensat(dirfd: Fd, path: UserPath, times: UserPtr<[[i64; 2]; 2]>, flags: u32);
    fallocate = 285 => file::truncate::fallocate(fd: Fd, mode: u32, offset: i64, len: i64);
    name_to_handle_at = 303 => file::mount::name_to_handle_at(dirfd: Fd, path: UserPath, handle: UserPtr<u8>, mount_id: UserPtr<i32>, flags: u32);
    open_by_handle_at = 304 => file::mount::open_by_handle_at(mount: Fd, handle: UserPtr<u8>, flags: u32);
    syncfs = 306 => file::sync::syncfs(fd: Fd);
    renameat2 = 316 => file::link::renameat2(olddir: Fd, old: UserPath, newdir: Fd, new: UserPath, flags: u32);
    statx = 332 => file::stat::statx(dirfd: Fd, path: UserPath, flags: u32, mask: u32, out: UserPtr<Statx>);
    openat2 = 437 => file::open::openat2(dirfd: Fd, path: UserPath, how: UserPtr<OpenHow>, size: usize);
    faccessat2 = 439 => file::stat::faccessat2(dirfd: Fd, path: UserPath, want: u32, flags: u32);
    fchmodat2 = 452 => file::attr::fchmodat2(dirfd: Fd, path: UserPath, mode: u32, flags: u32);
    inotify_init = 253 => event::inotify::init();
    inotify_add_watch = 254 => event::inotify::add_watch(fd: Fd, path: UserPath, mask: u32);
    inotify_rm_watch = 255 => event::inotify::rm_watch(fd: Fd, wd: i32);
    signalfd = 282 => event::signal::signalfd(fd: Fd, mask: UserPtr<u64>, size: usize);
    timerfd_create = 283 => event::timer::create(clock: i32, flags: u32);
    timerfd_settime = 286 => event::timer::settime(fd: Fd, flags: u32, new: UserPtr<Itimerspec>, old: UserPtr<Itimerspec>);
    timerfd_gettime = 287 => event::timer::gettime(fd: Fd, now: UserPtr<Itimerspec>);
    signalfd4 = 289 => event::signal::signalfd4(fd: Fd, mask: UserPtr<u64>, size: usize, flags: u32);
    inotify_init1 = 294 => event::inotify::init1(flags: u32);
    // --- io: reading, writing, descriptors ---
    sendfile = 40 => io::splice::sendfile(out: Fd, input: Fd, offset: UserPtr<i64>, count: usize);
    io_setup = 206 => io::memory::no_async();
    splice = 275 => io::splice::splice(input: Fd, from: UserPtr<i64>, out: Fd, to: UserPtr<i64>, len: usize, flags: u32);
    tee = 276 => io::splice::tee(input: Fd, out: Fd, len: usize, flags: u32);
    vmsplice = 278 => io::splice::vmsplice(fd: Fd, vec: UserPtr<Iovec>, count: usize, flags: u32);
    memfd_create = 319 => io::memory::memfd_create(name: UserPath, flags: u32);
    copy_file_range = 326 => io::splice::copy_file_range(input: Fd, from: UserPtr<i64>, out: Fd, to: UserPtr<i64>, len: usize, flags: u32);
    io_uring_setup = 425 => io::memory::no_uring();
    read = 0 => io::rw::read(fd: Fd, buf: UserPtr<u8>, count: usize);
    write = 1 => io::rw::write(fd: Fd, buf: UserPtr<u8>, count: usize);
    close = 3 => io::fds::close(fd: Fd);
    lseek = 8 => io::seek::lseek(fd: Fd, offset: i64, whence: u32);
    ioctl = 16 => io::control::ioctl(fd: Fd, cmd: u32, arg: usize);
    pread64 = 17 => io::rw::pread64(fd: Fd, buf: UserPtr<u8>, count: usize, pos: i64);
    pwrite64 = 18 => io::rw::pwrite64(fd: Fd, buf: UserPtr<u8>, count: usize, pos: i64);
    readv = 19 => io::rw::readv(fd: Fd, vec: UserPtr<Iovec>, count: usize);
    writev = 20 => io::rw::writev(fd: Fd, vec: UserPtr<Iovec>, count: usize);
    pipe = 22 => io::fds::pipe(fds: UserPtr<[i32; 2]>);
    dup = 32 => io::fds::dup(fd: Fd);
    dup2 = 33 => io::fds::dup2(old: Fd, new: Fd);
    fcntl = 72 => io::flags::fcntl(fd: Fd, cmd: u32, arg: usize);
    flock = 73 => io::lock::flock(fd: Fd, operation: u32);
    readahead = 187 => io::seek::readahead(fd: Fd, offset: i64, count: usize);
    fadvise64 = 221 => io::seek::fadvise64(fd: Fd, offset: i64, len: i64, advice: i32);
    eventfd = 284 => io::event::eventfd(initial: u32);
    eventfd2 = 290 => io::event::eventfd2(initial: u32, flags: u32);
    dup3 = 292 => io::fds::dup3(old: Fd, new: Fd, flags: u32);
    pipe2 = 293 => io::fds::pipe2(fds: UserPtr<[i32; 2]>, flags: u32);
    preadv = 295 => io::rw::preadv(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64);
    pwritev = 296 => io::rw::pwritev(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64);
    preadv2 = 327 => io::rw::preadv2(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64, high: u64, flags: u32);
    pwritev2 = 328 => io::rw::pwritev2(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64, high: u64, flags: u32);
    close_range = 436 => io::fds::close_range(first: u32, last: u32, flags: u32);
    // --- signal ---
    rt_sigaction = 13 => signal::action::rt_sigaction(signal: u32, new: UserPtr<SigAction>, old: UserPtr<SigAction>, size: usize);
    rt_sigprocmask = 14 => signal::mask::rt_sigprocmask(how: i32, set: UserPtr<u64>, old: UserPtr<u64>, size: usize);
    rt_sigreturn = 15 => signal::action::rt_sigreturn();
    pause = 34 => signal::mask::pause();
    kill = 62 => signal::send::kill(pid: i32, signal: u32);
    rt_sigpending = 127 => signal::mask::rt_sigpending(set: UserPtr<u8>, size: usize);
    rt_sigtimedwait = 128 => signal::mask::rt_sigtimedwait(set: UserPtr<u64>, info: UserPtr<SigInfoRaw>, timeout: UserPtr<Timespec>, size: usize);
    rt_sigqueueinfo = 129 => signal::send::rt_sigqueueinfo(pid: i32, signal: u32, info: UserPtr<SigInfoRaw>);
    rt_sigsuspend = 130 => signal::mask::rt_sigsuspend(mask: UserPtr<u64>, size: usize);
    sigaltstack = 131 => signal::action::sigaltstack(new: UserPtr<StackT>, old: UserPtr<StackT>);
    tkill = 200 => signal::send::tkill(tid: i32, signal: u32);
    restart_syscall = 219 => signal::action::restart_syscall();
    tgkill = 234 => signal::send::tgkill(group: i32, tid: i32, signal: u32);
    rt_tgsigqueueinfo = 297 => signal::send::rt_tgsigqueueinfo(group: i32, tid: i32, signal: u32, info: UserPtr<SigInfoRaw>);
    // --- sched ---
    sched_yield = 24 => sched::affinity::sched_yield();
    getpriority = 140 => sched::nice::getpriority(which: i32, who: i32);
    setpriority = 141 => sched::nice::setpriority(which: i32, who: i32, nice: i32);
    sched_setparam = 142 => sched::policy::setparam(tid: i32, param: UserPtr<u32>);
    sched_getparam = 143 => sched::policy::getparam(tid: i32, param: UserPtr<u32>);
    sched_setscheduler = 144 => sched::policy::setscheduler(tid: i32, policy: i32, param: UserPtr<u32>);
    sched_getscheduler = 145 => sched::policy::getscheduler(tid: i32);
    sched_get_priority_max = 146 => sched::policy::priority_max(policy: i32);
    sched_get_priority_min = 147 => sched::policy::priority_min(policy: i32);
    sched_rr_get_interval = 148 => sched::policy::rr_interval(tid: i32, out: UserPtr<Timespec>);
    sched_setaffinity = 203 => sched::affinity::setaffinity(tid: i32, len: usize, mask: UserPtr<u8>);
    sched_getaffinity = 204 => sched::affinity::getaffinity(tid: i32, len: usize, mask: UserPtr<u8>);
    ioprio_set = 251 => sched::nice::ioprio_set(which: i32, who: i32, value: i32);
    ioprio_get = 252 => sched::nice::ioprio_get(which: i32, who: i32);
    getcpu = 309 => sched::affinity::getcpu(cpu: UserPtr<u32>, node: UserPtr<u32>, unused: usize);
    sched_setattr = 314 => sched::policy::setattr(tid: i32, attr: UserPtr<SchedAttr>, flags: u32);
    sched_getattr = 315 => sched::policy::getattr(tid: i32, attr: UserPtr<u8>, size: u32, flags: u32);
    // --- process: processes and threads ---
    getpid = 39 => process::ids::getpid();
    clone = 56 => process::clone::clone(flags: u64, stack: u64, parent_tid: usize, child_tid: usize, tls: u64);
    fork = 57 => process::clone::fork();
    vfork = 58 => process::clone::vfork();
    exit = 60 => process::exit::exit(status: i32);
    wait4 = 61 => process::exit::wait4(pid: i32, status: UserPtr<i32>, options: u32, usage: UserPtr<Rusage>);
    getrlimit = 97 => process::limits::getrlimit(resource: u32, limit: UserPtr<Rlimit>);
    getrusage = 98 => process::limits::getrusage(who: i32, usage: UserPtr<Rusage>);
    times = 100 => process::limits::times(out: UserPtr<Tms>);
    ptrace = 101 => process::prctl::ptrace(request: u64, pid: i32, addr: usize, data: usize);
    getuid = 102 => process::usergroups::getuid();
    getgid = 104 => process::usergroups::getgid();
    setuid = 105 => process::usergroups::setuid(uid: u32);
    setgid = 106 => process::usergroups::setgid(gid: u32);
    geteuid = 107 => process::usergroups::geteuid();
    getegid = 108 => process::usergroups::getegid();
    setpgid = 109 => process::ids::setpgid(pid: i32, group: i32);
    getppid = 110 => process::ids::getppid();
    getpgrp = 111 => process::ids::getpgrp();
    setsid = 112 => process::ids::setsid();
    setreuid = 113 => process::usergroups::setreuid(real: u32, effective: u32);
    setregid = 114 => process::usergroups::setregid(real: u32, effective: u32);
    getgroups = 115 => process::usergroups::getgroups(size: i32, list: UserPtr<u32>);
    setgroups = 116 => process::usergroups::setgroups(size: usize, list: UserPtr<u32>);
    setresuid = 117 => process::usergroups::setresuid(real: u32, effective: u32, saved: u32);
    getresuid = 118 => process::usergroups::getresuid(real: UserPtr<u32>, effective: UserPtr<u32>, saved: UserPtr<u32>);
    setresgid = 119 => process::usergroups::setresgid(real: u32, effective: u32, saved: u32);
    getresgid = 120 => process::usergroups::getresgid(real: UserPtr<u32>, effective: UserPtr<u32>, saved: UserPtr<u32>);
    getpgid = 121 => process::ids::getpgid(pid: i32);
    setfsuid = 122 => process::usergroups::setfsuid(uid: u32);
    setfsgid = 123 => process::usergroups::setfsgid(gid: u32);
    getsid = 124 => process::ids::getsid(pid: i32);
    capget = 125 => process::cred::capget(header: UserPtr<CapHeader>, data: UserPtr<CapData>);
    capset = 126 => process::cred::capset(header: UserPtr<CapHeader>, data: UserPtr<CapData>);
    personality = 135 => process::prctl::personality(persona: u32);
    prctl = 157 => process::prctl::prctl(option: i32, a: usize, b: usize, c: usize, d: usize);
    arch_prctl = 158 => process::thread::arch_prctl(code: i32, addr: usize);
    setrlimit = 160 => process::limits::setrlimit(resource: u32, limit: UserPtr<Rlimit>);
    gettid = 186 => process::ids::gettid();
    set_tid_address = 218 => process::thread::set_tid_address(addr: usize);
    exit_group = 231 => process::exit::exit_group(status: i32);
    waitid = 247 => process::exit::waitid(kind: i32, id: i32, info: UserPtr<SigInfoRaw>, options: u32, usage: UserPtr<Rusage>);
    unshare = 272 => process::thread::unshare(flags: u64);
    set_robust_list = 273 => process::thread::set_robust_list(head: usize, len: usize);
    get_robust_list = 274 => process::thread::get_robust_list(tid: i32, head: UserPtr<usize>, len: UserPtr<usize>);
    prlimit64 = 302 => process::limits::prlimit64(pid: i32, resource: u32, new: UserPtr<Rlimit>, old: UserPtr<Rlimit>);
    kcmp = 312 => process::prctl::kcmp(first: i32, second: i32, kind: i32, a: usize, b: usize);
    seccomp = 317 => process::prctl::seccomp(operation: u32, flags: u32, args: usize);
    membarrier = 324 => process::thread::membarrier(command: i32, flags: u32, cpu: i32);
    rseq = 334 => process::thread::rseq(area: UserPtr<Rseq>, len: u32, flags: i32, signature: u32);
    pidfd_send_signal = 424 => process::exit::pidfd_send_signal(pidfd: i32, signal: u32, info: UserPtr<SigInfoRaw>, flags: u32);
    pidfd_open = 434 => process::exit::pidfd_open(pid: i32, flags: u32);
    clone3 = 435 => process::clone::clone3(args: UserPtr<CloneArgs>, size: usize);
    // --- time ---
    nanosleep = 35 => time::clock::nanosleep(request: UserPtr<Timespec>, left: usize);
    getitimer = 36 => time::timer::getitimer(which: i32, out: UserPtr<Itimerval>);
    alarm = 37 => time::timer::alarm(seconds: u32);
    setitimer = 38 => time::timer::setitimer(which: i32, new: UserPtr<Itimerval>, old: UserPtr<Itimerval>);
    gettimeofday = 96 => time::clock::gettimeofday(tv: UserPtr<Timeval>, tz: UserPtr<Timezone>);
    adjtimex = 159 => time::clock::adjtimex(buf: UserPtr<Timex>);
    settimeofday = 164 => time::clock::settimeofday(tv: UserPtr<Timeval>, tz: UserPtr<Timezone>);
    time = 201 => time::clock::time_of_day(out: UserPtr<i64>);
    timer_create = 222 => time::posix::timer_create(clock: i32, event: UserPtr<SigEvent>, id: UserPtr<i32>);
    timer_settime = 223 => time::posix::timer_settime(id: i32, flags: i32, new: UserPtr<Itimerspec>, old: UserPtr<Itimerspec>);
    timer_gettime = 224 => time::posix::timer_gettime(id: i32, out: UserPtr<Itimerspec>);
    timer_getoverrun = 225 => time::posix::timer_getoverrun(id: i32);
    timer_delete = 226 => time::posix::timer_delete(id: i32);
    clock_settime = 227 => time::clock::clock_settime(clock: i32, value: UserPtr<Timespec>);
    clock_gettime = 228 => time::clock::clock_gettime(clock: i32, out: UserPtr<Timespec>);
    clock_getres = 229 => time::clock::clock_getres(clock: i32, out: UserPtr<Timespec>);
    clock_nanosleep = 230 => time::clock::clock_nanosleep(clock: i32, flags: i32, request: UserPtr<Timespec>, left: usize);
    clock_adjtime = 305 => time::clock::clock_adjtime(clock: i32, buf: UserPtr<Timex>);
    // --- futex ---
    futex = 202 => futex::futex(addr: usize, op: i32, val: u32, timeout: usize, addr2: usize, val3: u32);
    futex_waitv = 449 => futex::futex_waitv(waiters: UserPtr<FutexWaitv>, count: u32, flags: u32, timeout: usize, clock: i32);
    // --- sys: identity of the machine ---
    uname = 63 => sys::names::uname(out: UserPtr<Utsname>);
    sysinfo = 99 => sys::machine::sysinfo(out: UserPtr<Sysinfo>);
    syslog = 103 => sys::machine::syslog(action: i32, buf: usize, len: i32);
    reboot = 169 => sys::machine::reboot(magic1: u32, magic2: u32, command: u32, arg: usize);
    sethostname = 170 => sys::names::sethostname(name: usize, len: i32);
    setdomainname = 171 => sys::names::setdomainname(name: usize, len: i32);
    iopl = 172 => sys::machine::iopl(level: u32);
    ioperm = 173 => sys::machine::ioperm(from: usize, count: usize, on: i32);
    getrandom = 318 => sys::machine::getrandom(buf: usize, len: usize, flags: u32);
}

/// The calls by name: what the table's lines say, arguments in registers.
pub mod calls {
    use super::*;

    macro_rules! define {
        ($($name:ident = $number:literal => $($path:ident)::+ ($($arg:ident : $ty:ty),*);)*) => {$(
            #[doc = concat!(stringify!($name), "(2): decodes its arguments and runs it.")]
            #[inline(always)] // one caller in each kind of image
            pub fn $name(regs: [u64; 6]) -> Result<usize> {
                #[allow(unused_mut)] // calls without arguments
                let mut regs = regs.iter();
                $(let $arg = <$ty as FromReg>::from_reg(*regs.next().unwrap_or(&0))?;)*
                let _ = regs;
                crate::$($path)::+($($arg),*).map(IntoReg::into_reg)
            }
        )*};
    }
    for_each_call!(define);
}

macro_rules! lines {
    ($($name:ident = $number:literal => $($path:ident)::+ ($($arg:ident : $ty:ty),*);)*) => {
        /// Every call the kernel has, in table order.
        pub const CALLS: &[Call] = &[$(
            Call {
                number: $number,
                handler: |ctx| calls::$name(ctx.args()),
                peeks: &[$(<$ty as FromReg>::PEEK),*],
            },
        )*];
    };
}
for_each_call!(lines);

/// The handlers by number; what dispatch looks into.
pub static HANDLERS: [Option<Handler>; MAX_CALLS] = {
    let mut table: [Option<Handler>; MAX_CALLS] = [None; MAX_CALLS];
    let mut i = 0;
    while i < CALLS.len() {
        let number = CALLS[i].number as usize; // widening; const context has no From
        assert!(table[number].is_none(), "two lines with one number");
        table[number] = Some(CALLS[i].handler);
        i += 1;
    }
    table
};

/// What `--strace` tells of the memory behind the arguments of each call, by number.
pub static PEEKS: [[Peek; 6]; MAX_CALLS] = {
    let mut table = [[Peek::NOTHING; 6]; MAX_CALLS];
    let mut i = 0;
    while i < CALLS.len() {
        let Call { number, peeks, .. } = &CALLS[i];
        let mut at = 0;
        while at < peeks.len() {
            table[*number as usize][at] = peeks[at]; // widening; const context has no From
            at += 1;
        }
        i += 1;
    }
    table
};
