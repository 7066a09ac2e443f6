//! What is kept of a siginfo_t: the header and the 32 bytes of the union that any kind of signal uses (linux/asm-generic/siginfo.h).

use abi::signal::{SigInfoRaw, code, sig};

/// A signal with its information.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// Signal number.
    pub signal: u32,
    /// si_errno.
    pub errno: i32,
    /// si_code.
    pub code: i32,
    /// The union: for kill pid and uid in the first word, for faults the address, for timers id and overrun, then the value.
    pub fields: [u64; 4],
}

fn pair(low: i32, high: u32) -> u64 {
    u64::from(low.cast_unsigned()) | u64::from(high) << 32
}

impl Info {
    /// Without information (SI_USER of nobody).
    pub fn bare(signal: u32) -> Info {
        Info { signal, errno: 0, code: code::USER, fields: [0; 4] }
    }

    /// From the kernel itself.
    pub fn kernel(signal: u32) -> Info {
        Info { code: code::KERNEL, ..Info::bare(signal) }
    }

    /// From kill, tkill and the like.
    pub fn from_user(signal: u32, code: i32, pid: i32, uid: u32) -> Info {
        Info { signal, errno: 0, code, fields: [pair(pid, uid), 0, 0, 0] }
    }

    /// With a value, from sigqueue.
    pub fn queued(signal: u32, code: i32, pid: i32, uid: u32, value: u64) -> Info {
        Info { signal, errno: 0, code, fields: [pair(pid, uid), value, 0, 0] }
    }

    /// A fault at `address`.
    pub fn fault(signal: u32, code: i32, address: u64) -> Info {
        Info { signal, errno: 0, code, fields: [address, 0, 0, 0] }
    }

    /// A POSIX timer's expiry.
    pub fn timer(signal: u32, id: i32, overrun: i32, value: u64) -> Info {
        Info { signal, errno: 0, code: code::TIMER, fields: [pair(id, overrun.cast_unsigned()), value, 0, 0] }
    }

    /// A child's change of state.
    pub fn child(code: i32, pid: i32, uid: u32, status: i32, utime: i64, stime: i64) -> Info {
        let fields = [pair(pid, uid), pair(status, 0), utime.cast_unsigned(), stime.cast_unsigned()];
        Info { signal: sig::CHLD, errno: 0, code, fields }
    }

    /// Readiness of a descriptor (SIGIO).
    pub fn poll(signal: u32, code: i32, band: u32, fd: i32) -> Info {
        Info { signal, errno: 0, code, fields: [u64::from(band), pair(fd, 0), 0, 0] }
    }

    /// The process id in the first word.
    pub fn pid(&self) -> i32 {
        (self.fields[0] & 0xffff_ffff).try_into().unwrap_or(0)
    }

    /// As the application sees it.
    pub fn raw(&self) -> SigInfoRaw {
        let mut raw = SigInfoRaw { signo: self.signal.cast_signed(), errno: self.errno, code: self.code, ..SigInfoRaw::default() };
        raw.fields[..4].copy_from_slice(&self.fields);
        raw
    }

    /// From what the application gave (rt_sigqueueinfo).
    pub fn from_raw(signal: u32, raw: &SigInfoRaw) -> Info {
        let mut fields = [0; 4];
        fields.copy_from_slice(&raw.fields[..4]);
        Info { signal, errno: raw.errno, code: raw.code, fields }
    }

    /// struct signalfd_siginfo of signalfd(2), by the layout that the code implies.
    pub fn signalfd(&self) -> [u8; 128] {
        let mut out = [0u8; 128];
        let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
        let low = |word: u64| (word as u32).to_le_bytes(); // the low half of the word is meant
        let high = |word: u64| ((word >> 32) as u32).to_le_bytes(); // and the high one
        put(0, &self.signal.to_le_bytes());
        put(4, &self.errno.to_le_bytes());
        put(8, &self.code.to_le_bytes());
        let [a, b, c, d] = self.fields;
        match (self.code, self.signal) {
            (code::TIMER, _) => {
                put(24, &low(a));
                put(32, &high(a));
                put(44, &low(b));
                put(48, &b.to_le_bytes());
            }
            (code::SIGIO, _) => {
                put(28, &low(a));
                put(20, &low(b));
            }
            (1.., sig::ILL | sig::FPE | sig::SEGV | sig::BUS | sig::TRAP) if self.code != code::KERNEL => put(72, &a.to_le_bytes()),
            (1.., sig::IO) if self.code != code::KERNEL => {
                put(28, &low(a));
                put(20, &low(b));
            }
            (1.., sig::CHLD) if self.code != code::KERNEL => {
                put(12, &low(a));
                put(16, &high(a));
                put(40, &low(b));
                put(56, &c.to_le_bytes());
                put(64, &d.to_le_bytes());
            }
            _ => {
                put(12, &low(a));
                put(16, &high(a));
                if self.code < 0 && self.code != code::TKILL {
                    put(44, &low(b));
                    put(48, &b.to_le_bytes());
                }
            }
        }
        out
    }
}
