//! The table: one line per system call, from which dispatch, `--strace` decoding, `unox check` and the support page are generated.
//!
//! `name = number => path::to::handler(argument: Type, ...);` The handler returns `Result<T>` with `T: IntoReg`. Its doc comment is its support statement.

use abi::Result;
use core::fmt::Write;
use hal::trap::UserContext;

use abi::event::{EpollEvent, PollFd};
use abi::io::Iovec;
use abi::mm::{MapFlags, MlockallFlags, MremapFlags, MsyncFlags, Prot};
use abi::socket::{Mmsghdr, Msghdr};
use abi::time::{Timespec, Timeval};
use hal::user::UserPtr;

use crate::args::{Fd, FromReg, IntoReg};
use crate::event::select::MaskArgument;

/// Runs a call.
pub type Handler = fn(&mut UserContext) -> Result<usize>;

/// One line of the table.
pub struct Call {
    /// Its number on x86-64.
    pub number: u32,
    /// Its Linux name.
    pub name: &'static str,
    /// Runs it.
    pub handler: Handler,
    /// Prints its arguments.
    pub trace: fn(&[u64; 6], &mut dyn Write) -> core::fmt::Result,
}

/// One past the highest number of x86-64 today.
pub const MAX_CALLS: usize = 512;

macro_rules! calls {
    ($($name:ident = $number:literal => $($path:ident)::+ ($($arg:ident : $ty:ty),*);)*) => {
        /// Every call the kernel has, in table order.
        pub static CALLS: &[Call] = &[$(
            Call {
                number: $number,
                name: stringify!($name),
                handler: {
                    fn $name(ctx: &mut UserContext) -> Result<usize> {
                        let regs = ctx.args();
                        #[allow(unused_mut)] // calls without arguments
                        let mut regs = regs.iter();
                        $(let $arg = <$ty as FromReg>::from_reg(*regs.next().unwrap_or(&0))?;)*
                        let _ = regs;
                        crate::$($path)::+($($arg),*).map(IntoReg::into_reg)
                    }
                    $name
                },
                trace: {
                    #[allow(unused_variables)] // calls without arguments
                    fn $name(regs: &[u64; 6], out: &mut dyn Write) -> core::fmt::Result {
                        #[allow(unused_mut, unused_variables)]
                        let mut separator = "";
                        let mut regs = regs.iter();
                        $(
                            write!(out, "{}{}=", separator, stringify!($arg))?;
                            <$ty as FromReg>::trace(*regs.next().unwrap_or(&0), out)?;
                            separator = ", ";
                        )*
                        let _ = (regs.next(), separator);
                        Ok(())
                    }
                    $name
                },
            },
        )*];
    };
}

calls! {
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
    // --- io: reading, writing, descriptors ---
    read = 0 => io::rw::read(fd: Fd, buf: UserPtr<u8>, count: usize);
    write = 1 => io::rw::write(fd: Fd, buf: UserPtr<u8>, count: usize);
    close = 3 => io::fds::close(fd: Fd);
    ioctl = 16 => io::control::ioctl(fd: Fd, cmd: u32, arg: usize);
    pread64 = 17 => io::rw::pread64(fd: Fd, buf: UserPtr<u8>, count: usize, pos: i64);
    pwrite64 = 18 => io::rw::pwrite64(fd: Fd, buf: UserPtr<u8>, count: usize, pos: i64);
    readv = 19 => io::rw::readv(fd: Fd, vec: UserPtr<Iovec>, count: usize);
    writev = 20 => io::rw::writev(fd: Fd, vec: UserPtr<Iovec>, count: usize);
    pipe = 22 => io::fds::pipe(fds: UserPtr<[i32; 2]>);
    dup = 32 => io::fds::dup(fd: Fd);
    dup2 = 33 => io::fds::dup2(old: Fd, new: Fd);
    fcntl = 72 => io::flags::fcntl(fd: Fd, cmd: u32, arg: usize);
    eventfd = 284 => io::event::eventfd(initial: u32);
    eventfd2 = 290 => io::event::eventfd2(initial: u32, flags: u32);
    dup3 = 292 => io::fds::dup3(old: Fd, new: Fd, flags: u32);
    pipe2 = 293 => io::fds::pipe2(fds: UserPtr<[i32; 2]>, flags: u32);
    preadv = 295 => io::rw::preadv(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64);
    pwritev = 296 => io::rw::pwritev(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64);
    preadv2 = 327 => io::rw::preadv2(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64, high: u64, flags: u32);
    pwritev2 = 328 => io::rw::pwritev2(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64, high: u64, flags: u32);
    close_range = 436 => io::fds::close_range(first: u32, last: u32, flags: u32);
    // --- sys: identity of the machine ---
}

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

/// The table line of a number.
pub fn find(number: u64) -> Option<&'static Call> {
    CALLS.iter().find(|call| u64::from(call.number) == number)
}

/// The name of a supported call.
pub fn name_of(number: u64) -> Option<&'static str> {
    find(number).map(|call| call.name)
}
