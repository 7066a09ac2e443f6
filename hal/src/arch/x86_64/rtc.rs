//! The CMOS clock (MC146818): read once, for CLOCK_REALTIME.

use super::regs::{inb, outb};

const INDEX: u16 = 0x70;
const DATA: u16 = 0x71;
const STATUS_A: u8 = 10;
const STATUS_B: u8 = 11;
const UPDATING: u8 = 0x80;
const BINARY: u8 = 4;
const HOURS_24: u8 = 2;
const PM: u8 = 0x80;

fn register(index: u8) -> u8 {
    outb(INDEX, index);
    inb(DATA)
}

/// Seconds, minutes, hours, day, month, year as the chip has them.
fn fields() -> [u8; 6] {
    [0, 2, 4, 7, 8, 9].map(register)
}

/// Seconds since the epoch; `None` when no clock answers sensibly.
pub(crate) fn read() -> Option<u64> {
    if register(STATUS_A) == 0xff {
        return None; // nothing there
    }
    // An update takes 2 ms at most; two equal readings outside of one are a true one.
    let mut last = None;
    for _ in 0..20 {
        if register(STATUS_A) & UPDATING != 0 {
            continue;
        }
        let now = fields();
        if last == Some(now) {
            return decode(now, register(STATUS_B));
        }
        last = Some(now);
    }
    last.and_then(|fields| decode(fields, register(STATUS_B)))
}

fn decode(fields: [u8; 6], status_b: u8) -> Option<u64> {
    let number = |raw: u8| u64::from(if status_b & BINARY != 0 { raw } else { (raw >> 4) * 10 + (raw & 15) });
    let [second, minute, hour, day, month, year] = fields;
    let mut hours = number(hour & !PM);
    if status_b & HOURS_24 == 0 {
        hours = hours % 12 + if hour & PM != 0 { 12 } else { 0 };
    }
    let (second, minute, day, month, year) = (number(second), number(minute), number(day), number(month), 2000 + number(year));
    if second > 60 || minute > 59 || hours > 23 || !(1..=31).contains(&day) || !(1..=12).contains(&month) {
        return None;
    }
    Some(((days_since_epoch(year, month, day) * 24 + hours) * 60 + minute) * 60 + second)
}

/// Days from 1970-01-01 in the Gregorian calendar, for years from 2000.
fn days_since_epoch(year: u64, month: u64, day: u64) -> u64 {
    // Years that begin in March put the leap day at the end.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(days_since_epoch(2000, 1, 1), 10_957);
        assert_eq!(days_since_epoch(2024, 2, 29), 19_782);
        assert_eq!(decode([0x59, 0x30, 0x92, 0x22, 0x11, 0x26], 0), Some(1_795_350_659)); // 2026-11-22, 12:30:59 pm in BCD
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(decode([0xff; 6], 2), None);
        assert_eq!(decode([0, 0, 0, 0, 1, 20], BINARY | HOURS_24), None);
    }
}
