//! Terminals: termios(3), ioctl_tty(2). Layouts and values of Linux x86-64 (asm-generic/termbits.h, asm-generic/ioctls.h).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Number of control characters in the kernel's structure.
pub const NCCS: usize = 19;

/// The kernel's `struct termios` (TCGETS, TCSETS); C libraries have a longer one.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Termios {
    /// Input modes, [`iflag`].
    pub c_iflag: u32,
    /// Output modes, [`oflag`].
    pub c_oflag: u32,
    /// Control modes.
    pub c_cflag: u32,
    /// Local modes, [`lflag`].
    pub c_lflag: u32,
    /// Line discipline, 0.
    pub c_line: u8,
    /// Control characters, [`cc`].
    pub c_cc: [u8; NCCS],
}

/// `struct termios2`: with speeds (TCGETS2, TCSETS2).
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Termios2 {
    /// The common part.
    pub termios: Termios,
    /// Input speed, baud.
    pub c_ispeed: u32,
    /// Output speed, baud.
    pub c_ospeed: u32,
}

impl Termios {
    /// A fresh terminal's settings, as Linux's `tty_std_termios`.
    pub const fn sane() -> Termios {
        let mut c_cc = [0u8; NCCS];
        c_cc[cc::VINTR] = 3;
        c_cc[cc::VQUIT] = 28;
        c_cc[cc::VERASE] = 127;
        c_cc[cc::VKILL] = 21;
        c_cc[cc::VEOF] = 4;
        c_cc[cc::VMIN] = 1;
        c_cc[cc::VSTART] = 17;
        c_cc[cc::VSTOP] = 19;
        c_cc[cc::VSUSP] = 26;
        c_cc[cc::VREPRINT] = 18;
        c_cc[cc::VDISCARD] = 15;
        c_cc[cc::VWERASE] = 23;
        c_cc[cc::VLNEXT] = 22;
        Termios {
            c_iflag: iflag::ICRNL | iflag::IXON,
            c_oflag: oflag::OPOST | oflag::ONLCR,
            c_cflag: 0o17 | 0o60 | 0o200 | 0o4000 | 0o2000, // B38400 CS8 CREAD CLOCAL HUPCL
            c_lflag: lflag::ISIG
                | lflag::ICANON
                | lflag::ECHO
                | lflag::ECHOE
                | lflag::ECHOK
                | lflag::ECHOCTL
                | lflag::ECHOKE
                | lflag::IEXTEN,
            c_line: 0,
            c_cc,
        }
    }
}

/// Input modes.
#[allow(missing_docs)] // termios(3) has each
pub mod iflag {
    pub const ISTRIP: u32 = 0o40;
    pub const INLCR: u32 = 0o100;
    pub const IGNCR: u32 = 0o200;
    pub const ICRNL: u32 = 0o400;
    pub const IXON: u32 = 0o2000;
    pub const IXANY: u32 = 0o4000;
    pub const IMAXBEL: u32 = 0o20000;
    pub const IUTF8: u32 = 0o40000;
}

/// Output modes.
#[allow(missing_docs)] // termios(3) has each
pub mod oflag {
    pub const OPOST: u32 = 0o1;
    pub const ONLCR: u32 = 0o4;
    pub const OCRNL: u32 = 0o10;
    pub const ONOCR: u32 = 0o20;
    pub const ONLRET: u32 = 0o40;
    pub const TABDLY: u32 = 0o14000;
    pub const XTABS: u32 = 0o14000;
}

/// Local modes.
#[allow(missing_docs)] // termios(3) has each
pub mod lflag {
    pub const ISIG: u32 = 0o1;
    pub const ICANON: u32 = 0o2;
    pub const ECHO: u32 = 0o10;
    pub const ECHOE: u32 = 0o20;
    pub const ECHOK: u32 = 0o40;
    pub const ECHONL: u32 = 0o100;
    pub const NOFLSH: u32 = 0o200;
    pub const TOSTOP: u32 = 0o400;
    pub const ECHOCTL: u32 = 0o1000;
    pub const ECHOKE: u32 = 0o4000;
    pub const IEXTEN: u32 = 0o100000;
}

/// Indexes of control characters.
#[allow(missing_docs)] // termios(3) has each
pub mod cc {
    pub const VINTR: usize = 0;
    pub const VQUIT: usize = 1;
    pub const VERASE: usize = 2;
    pub const VKILL: usize = 3;
    pub const VEOF: usize = 4;
    pub const VTIME: usize = 5;
    pub const VMIN: usize = 6;
    pub const VSTART: usize = 8;
    pub const VSTOP: usize = 9;
    pub const VSUSP: usize = 10;
    pub const VEOL: usize = 11;
    pub const VREPRINT: usize = 12;
    pub const VDISCARD: usize = 13;
    pub const VWERASE: usize = 14;
    pub const VLNEXT: usize = 15;
    pub const VEOL2: usize = 16;
}

/// `struct winsize`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Winsize {
    /// Rows of characters.
    pub ws_row: u16,
    /// Columns of characters.
    pub ws_col: u16,
    /// Width in pixels, 0 if unknown.
    pub ws_xpixel: u16,
    /// Height in pixels, 0 if unknown.
    pub ws_ypixel: u16,
}

/// ioctl numbers of terminals.
#[allow(missing_docs)] // ioctl_tty(2) has each
pub mod ioctl {
    pub const TCGETS: u32 = 0x5401;
    pub const TCSETS: u32 = 0x5402;
    pub const TCSETSW: u32 = 0x5403;
    pub const TCSETSF: u32 = 0x5404;
    pub const TCSBRK: u32 = 0x5409;
    pub const TCXONC: u32 = 0x540a;
    pub const TCFLSH: u32 = 0x540b;
    pub const TIOCEXCL: u32 = 0x540c;
    pub const TIOCNXCL: u32 = 0x540d;
    pub const TIOCSCTTY: u32 = 0x540e;
    pub const TIOCGPGRP: u32 = 0x540f;
    pub const TIOCSPGRP: u32 = 0x5410;
    pub const TIOCOUTQ: u32 = 0x5411;
    pub const TIOCSTI: u32 = 0x5412;
    pub const TIOCGWINSZ: u32 = 0x5413;
    pub const TIOCSWINSZ: u32 = 0x5414;
    pub const FIONREAD: u32 = 0x541b;
    pub const TIOCNOTTY: u32 = 0x5422;
    pub const TCSBRKP: u32 = 0x5425;
    pub const TIOCGSID: u32 = 0x5429;
    pub const TCGETS2: u32 = 0x802c_542a;
    pub const TCSETS2: u32 = 0x402c_542b;
    pub const TCSETSW2: u32 = 0x402c_542c;
    pub const TCSETSF2: u32 = 0x402c_542d;
    pub const TIOCGPTN: u32 = 0x8004_5430;
    pub const TIOCSPTLCK: u32 = 0x4004_5431;
    pub const TIOCGPTLCK: u32 = 0x8004_5439;
    pub const TIOCGPTPEER: u32 = 0x5441;
}
