//! Shell words: a command line without anything special is run directly; all others go through `sh -c`.

/// The words of a command line, or `None` when only a shell can tell.
pub(crate) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let part = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => part.push(c),
                    }
                }
            }
            '"' => double(&mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(chars.next().filter(|c| *c != '\n')?),
            c if c == ' ' || c == '\t' => words.extend(word.take()),
            '$' | '`' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '\n' => return None,
            '#' | '~' if word.is_none() => return None,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    // A first word with `=` sets a variable for the second.
    if words.first().is_none_or(|w| w.contains('=')) { None } else { Some(words) }
}

/// The rest of a double-quoted part.
fn double(chars: &mut std::str::Chars<'_>, part: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '$' | '`' => return None,
            '\\' => match chars.next()? {
                c @ ('"' | '\\' | '$' | '`') => part.push(c),
                '\n' => return None,
                c => part.extend(['\\', c]),
            },
            c => part.push(c),
        }
    }
}

/// A word as a shell reads it back.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,+@%^".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_string() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_sh_splits_them() {
        assert_eq!(
            split(r#"gcc -DA=\"x\" -DB='"y z"' "-DC=a\b" ''  d"#).unwrap(),
            ["gcc", "-DA=\"x\"", "-DB=\"y z\"", "-DC=a\\b", "", "d"]
        );
        for special in ["a $X", "a | b", "a > f", "X=1 gcc", "a `b`", "a \"$b\"", "a *.c", "a 'open", ""] {
            assert_eq!(split(special), None, "{special}");
        }
    }

    #[test]
    fn quoting_is_undone_by_splitting() {
        for word in ["plain", "with space", "it's", "a\"b", "$x", ""] {
            assert_eq!(split(&format!("x {}", quote(word))).unwrap(), ["x", word]);
        }
    }
}
