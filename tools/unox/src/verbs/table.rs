//! Tables and times as `kraft list` shows them.

/// Rows below a heading, columns as wide as their widest cell. The first cell of a row has its colour (an SGR number), if colours are used.
pub fn render(heading: &str, columns: &[&str], rows: &[(u8, Vec<String>)], colors: bool) -> String {
    let mut widths: Vec<usize> = columns.iter().map(|c| c.chars().count()).collect();
    for (_, row) in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let head: Vec<String> = std::iter::once(heading).chain(columns.iter().copied().skip(1)).map(str::to_owned).collect();
    if let (Some(first), Some(name)) = (widths.first_mut(), head.first()) {
        *first = (*first).max(name.chars().count());
    }
    let line = |cells: &[String], color: Option<u8>| {
        let mut out = String::new();
        for (i, cell) in cells.iter().enumerate() {
            let pad = " ".repeat(widths[i].saturating_sub(cell.chars().count()));
            match color.filter(|_| i == 0 && colors) {
                Some(c) => out.push_str(&format!("\x1b[{c}m{cell}\x1b[0m{pad}  ")),
                None => out.push_str(&format!("{cell}{pad}  ")),
            }
        }
        format!("{}\n", out.trim_end())
    };
    let mut out = line(&head, None);
    for (color, row) in rows {
        out.push_str(&line(row, Some(*color)));
    }
    out
}

/// `22 Nov 2026`.
pub fn date(seconds: u64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = project::libinit::date(seconds);
    let name = usize::try_from(month).ok().and_then(|m| MONTHS.get(m.checked_sub(1)?)).unwrap_or(&"?");
    format!("{day:02} {name} {year}")
}

/// How long ago something was.
pub fn ago(then: u64, now: u64) -> String {
    if then == 0 {
        return "-".into();
    }
    let gone = now.saturating_sub(then);
    let (number, unit) = match gone {
        0..60 => return "just now".into(),
        60..3600 => (gone / 60, "minute"),
        3600..86_400 => (gone / 3600, "hour"),
        _ => (gone / 86_400, "day"),
    };
    format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [(32, vec!["a".to_owned(), "1".into()]), (31, vec!["longer-name".to_owned(), "22".into()])];
        assert_eq!(render("LIBS", &["NAME", "VERSION"], &rows, false), "LIBS         VERSION\na            1\nlonger-name  22\n");
        assert!(render("LIBS", &["NAME", "VERSION"], &rows, true).contains("\x1b[32ma\x1b[0m"));
    }

    #[test]
    fn times_in_words() {
        assert_eq!(
            (ago(0, 9).as_str(), ago(100, 110).as_str(), ago(100, 160).as_str(), ago(0x1, 90_000).as_str()),
            ("-", "just now", "1 minute ago", "1 day ago")
        );
        assert_eq!(date(1_795_305_600), "22 Nov 2026");
    }
}
