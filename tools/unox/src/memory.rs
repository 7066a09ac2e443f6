//! Sizes: `-m`, and how much a machine gets when nobody says.

/// What a machine gets at most by default, in MiB.
const PLENTY: u64 = 2048;
/// What it gets at least.
const LEAST: u64 = 64;
/// More than any guest of this kernel can have.
const LIMIT: u64 = 1 << 20;

/// Reads `64`, `64M`, `64MiB`, `2G` as MiB.
pub fn parse(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..].to_ascii_lowercase()[..] {
        "" | "m" | "mb" | "mib" => 1,
        "g" | "gb" | "gib" => 1024,
        _ => return Err(format!("{text} is no size: 64, 64M or 2G")),
    };
    let number: u64 = digits.parse().map_err(|_| format!("{text} is no size: 64, 64M or 2G"))?;
    match number.checked_mul(factor) {
        Some(mib) if (1..=LIMIT).contains(&mib) => Ok(mib),
        _ => Err(format!("{text} is out of range: 1M to 1048576M")),
    }
}

/// The default: plenty, since guest memory costs nothing before it is touched, but not more than half of what the host has free.
pub fn default_mib() -> u64 {
    let free = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| available_mib(&text)).unwrap_or(PLENTY);
    (free / 2).clamp(LEAST, PLENTY)
}

fn available_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kib| kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse("64"), Ok(64));
        assert_eq!(parse("64M"), Ok(64));
        assert_eq!(parse("2G"), Ok(2048));
        assert_eq!(parse("2GiB"), Ok(2048));
        for bad in ["", "M", "0", "-1", "64K", "99999999999999999999", "18446744073709551615G", "1.5G", "2T"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_default_is_bounded_by_the_host() {
        assert_eq!(available_mib("MemTotal: 9 kB\nMemAvailable:    1048576 kB\n"), Some(1024));
        assert_eq!(available_mib("nothing"), None);
        assert!((LEAST..=PLENTY).contains(&default_mib()));
    }
}
