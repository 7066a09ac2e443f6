//! A record as the kernel sends it: registers, and bytes of memory from before and after the call.

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The thread.
    pub tid: u64,
    /// The call's number.
    pub number: u64,
    /// When it began, in nanoseconds of the machine's clock.
    pub began: u64,
    /// How long it took, in nanoseconds.
    pub took: u64,
    /// What it left in rax; `None` when it does not return.
    pub result: Option<i64>,
    /// Its arguments.
    pub args: [u64; 6],
    /// The program's memory, as far as it was sent.
    pub memory: Memory,
}

/// Pieces of the program's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    before: Vec<(u64, Vec<u8>)>,
    after: Vec<(u64, Vec<u8>)>,
}

impl Record {
    /// Reads `TID NUMBER BEGAN TOOK RESULT A B C D E F [bADDRESS:HEX | aADDRESS:HEX]...`; `None` when it is malformed.
    pub fn parse(line: &[u8]) -> Option<Record> {
        let mut words = line.split(|&b| b == b' ');
        let mut number = || hex(words.next()?);
        let [tid, call, began, took] = [number()?, number()?, number()?, number()?];
        let result = match words.next()? {
            b"?" => None,
            word => Some(hex(word)?.cast_signed()),
        };
        let mut args = [0; 6];
        for arg in &mut args {
            *arg = hex(words.next()?)?;
        }
        let mut memory = Memory::default();
        for word in words.filter(|w| !w.is_empty()) {
            let (mark, rest) = word.split_first()?;
            let colon = rest.iter().position(|&b| b == b':')?;
            let piece = (hex(&rest[..colon])?, bytes(&rest[colon + 1..])?);
            match mark {
                b'b' => memory.before.push(piece),
                b'a' => memory.after.push(piece),
                _ => return None,
            }
        }
        Some(Record { tid, number: call, began, took, result, args, memory })
    }

    /// The error number, when the call failed.
    pub fn errno(&self) -> Option<u16> {
        let result = self.result?;
        (-4095..0).contains(&result).then(|| u16::try_from(-result).unwrap_or(0))
    }

    /// Whether the call returned and did not fail.
    pub fn succeeded(&self) -> bool {
        self.result.is_some() && self.errno().is_none()
    }
}

/// A signal that was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The thread.
    pub tid: u64,
    /// The signal's number.
    pub number: u64,
    /// si_code.
    pub code: i32,
    /// The first word behind: the sender's pid and uid, or the address of a fault.
    pub field: u64,
}

impl Signal {
    /// Reads `TID NUMBER CODE FIELD`.
    pub fn parse(line: &[u8]) -> Option<Signal> {
        let mut words = line.split(|&b| b == b' ').map(hex);
        let mut number = || words.next().flatten();
        let (tid, signal, code, field) = (number()?, number()?, u32::try_from(number()?).ok()?, number()?);
        Some(Signal { tid, number: signal, code: code.cast_signed(), field })
    }
}

fn hex(word: &[u8]) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()
}

fn bytes(word: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    word.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

fn find(pieces: &[(u64, Vec<u8>)], addr: u64) -> Option<&[u8]> {
    // The longest, for windows overlap.
    let inside = pieces.iter().filter_map(|(at, bytes)| bytes.get(usize::try_from(addr.checked_sub(*at)?).ok()?..));
    inside.filter(|b| !b.is_empty()).max_by_key(|b| b.len())
}

impl Memory {
    /// What was at `addr` before the call, as far as it is known.
    pub fn before(&self, addr: u64) -> Option<&[u8]> {
        find(&self.before, addr)
    }

    /// What was at `addr` after the call.
    pub fn after(&self, addr: u64) -> Option<&[u8]> {
        find(&self.after, addr).or_else(|| self.before(addr))
    }
}

/// The little-endian number of `size` bytes at `at`.
pub fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let mut all = [0; 8];
    all.get_mut(..size)?.copy_from_slice(bytes.get(at..at.checked_add(size)?)?);
    Some(u64::from_le_bytes(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read() {
        let record = Record::parse(b"2 0 10 5 3 1 7000 40 0 0 0 b7000:0000ff a7000:616263").unwrap();
        assert_eq!((record.tid, record.result, record.args[2]), (2, Some(3), 0x40));
        assert_eq!(record.memory.before(0x7000), Some(&[0, 0, 255][..]));
        assert_eq!(record.memory.after(0x7001), Some(&b"bc"[..]));
        assert_eq!(record.memory.after(0x7003), None);
        assert_eq!(Record::parse(b"1 e7 0 0 ? 0 0 0 0 0 0").unwrap().result, None);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for bad in [
            &b""[..],
            b"1 2 3",
            b"x 0 0 0 0 0 0 0 0 0 0",
            b"1 0 0 0 0 0 0 0 0 0 0 b1:0",
            b"1 0 0 0 0 0 0 0 0 0 0 q1:00",
            b"1 0 0 0 0 0 0 0 0 0 0 b1",
        ] {
            assert_eq!(Record::parse(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }
}
