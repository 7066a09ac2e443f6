//! The figures as a table for people and as JSON.

use serde_json::json;

/// One measured figure.
#[derive(Debug)]
pub struct Row {
    /// What.
    pub name: String,
    /// Of what: `instructions`, `MiB`, `bytes`, `KiB`, `ms`, `µs`.
    pub unit: &'static str,
    /// Ours, or why there is none.
    pub unox: Result<f64, String>,
    /// The Linux guest's.
    pub linux: Option<Result<f64, String>>,
    /// At most this.
    pub must: Option<f64>,
    /// Better this.
    pub should: Option<f64>,
    /// More to say.
    pub note: String,
}

impl Row {
    fn verdict(&self) -> &'static str {
        match (&self.unox, self.must, self.should) {
            (Err(_), ..) => "failed",
            (Ok(v), _, Some(should)) if *v <= should => "good",
            (Ok(v), Some(must), _) if *v <= must => "met",
            (Ok(_), Some(_), _) => "MISSED",
            _ => "",
        }
    }
}

/// The table.
pub fn text(rows: &[Row]) -> String {
    let heads = ["figure", "unit", "unox", "must", "should", "", "Linux guest", "ratio", ""].map(str::to_string);
    let mut lines = vec![heads.to_vec()];
    for row in rows {
        let optional = |v: Option<f64>| v.map(number).unwrap_or_default();
        let linux = row.linux.as_ref().and_then(|l| l.as_ref().ok()).copied();
        let ratio = match (&row.unox, linux) {
            (Ok(ours), Some(theirs)) if *ours > 0.0 => format!("{:.1}x", theirs / ours),
            _ => String::new(),
        };
        let ours = row.unox.as_ref().map_or_else(|_| "-".to_string(), |v| number(*v));
        let note = match (&row.unox, &row.linux) {
            (Err(why), _) => first_line(why),
            (_, Some(Err(why))) => format!("Linux: {}", first_line(why)),
            _ => row.note.clone(),
        };
        let cells = [
            row.name.clone(),
            row.unit.into(),
            ours,
            optional(row.must),
            optional(row.should),
            row.verdict().into(),
            optional(linux),
            ratio,
            note,
        ];
        lines.push(cells.to_vec());
    }
    align(&lines)
}

/// A row by itself, for the time until the table is complete.
pub fn line(row: &Row) -> String {
    match &row.unox {
        Ok(value) => format!("{}: {} {} {} {}", row.name, number(*value), row.unit, row.verdict(), row.note),
        Err(why) => format!("{}: {}", row.name, first_line(why)),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("").chars().take(100).collect()
}

fn align(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |c: usize| lines.iter().map(|l| l[c].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for line in lines {
        let mut text = String::new();
        for (c, cell) in line.iter().enumerate() {
            let pad = " ".repeat(widths[c] - cell.chars().count());
            // Names, units, verdicts and notes to the left; numbers to the right.
            if [0, 1, 5, 8].contains(&c) { text.push_str(&format!("{cell}{pad}  ")) } else { text.push_str(&format!("{pad}{cell}  ")) }
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// 1439000000 as `1439.0 M`, 12345 as `12.3 k`, 321 as `321`.
pub fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 1e6 => format!("{:.2} M", value / 1e6),
        v if v >= 1e4 => format!("{:.1} k", value / 1e3),
        v if v >= 100.0 || v.fract() == 0.0 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}

/// One object a row.
pub fn json(rows: &[Row]) -> serde_json::Value {
    let row = |row: &Row| {
        json!({
            "name": row.name, "unit": row.unit, "unox": row.unox.as_ref().ok(), "error": row.unox.as_ref().err(),
            "linux": row.linux.as_ref().and_then(|l| l.as_ref().ok()), "must": row.must, "should": row.should, "verdict": row.verdict(), "note": row.note,
        })
    };
    json!({ "figures": rows.iter().map(row).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(unox: Result<f64, String>) -> Row {
        Row {
            name: "x".into(),
            unit: "instructions",
            unox,
            linux: Some(Ok(300.0)),
            must: Some(150.0),
            should: Some(100.0),
            note: String::new(),
        }
    }

    #[test]
    fn verdicts() {
        assert_eq!(row(Ok(99.0)).verdict(), "good");
        assert_eq!(row(Ok(150.0)).verdict(), "met");
        assert_eq!(row(Ok(151.0)).verdict(), "MISSED");
        assert_eq!(row(Err("no".into())).verdict(), "failed");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(1_439_000_000.0), "1439.00 M");
        assert_eq!(number(12_345.0), "12.3 k");
        assert_eq!(number(321.4), "321");
        assert_eq!(number(1.25), "1.2");
    }

    #[test]
    fn the_table_has_a_line_for_each_row_and_the_ratio() {
        let text = text(&[row(Ok(100.0)), row(Err("boom\nmore".into()))]);
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains("3.0x") && text.contains("boom") && !text.contains("more"), "{text}");
    }
}
