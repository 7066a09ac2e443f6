//! A line of words as a shell would split it: quotes and backslashes, nothing else.

/// Splits.
///
/// # Errors
/// A quote that is not closed.
pub fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => loop {
                match chars.next() {
                    Some('\'') => break word.get_or_insert_default().push_str(""),
                    Some(c) => word.get_or_insert_default().push(c),
                    None => return Err("a ' is not closed".into()),
                }
            },
            '"' => double(&mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn double(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match chars.next() {
            Some('"') => return Ok(()),
            Some('\\') => match chars.next() {
                Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                Some(c) => word.extend(['\\', c]),
                None => return Err("a \" is not closed".into()),
            },
            Some(c) => word.push(c),
            None => return Err("a \" is not closed".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn as_a_shell() {
        assert_eq!(split("a 'b c' \"d \\\" e\" f\\ g ''").unwrap(), ["a", "b c", "d \" e", "f g", ""]);
        assert_eq!(split("  ").unwrap(), Vec::<String>::new());
        assert!(split("'x").is_err() && split("\"x").is_err());
    }
}
