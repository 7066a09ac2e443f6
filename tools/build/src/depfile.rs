//! The dependency files that gcc and rustc write: `target: file file \` in make's syntax.

/// The files behind the first colon, each once, in order.
pub(crate) fn parse(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let Some(start) = text.find(": ").map(|i| i + 2).or_else(|| text.find(":\n").map(|i| i + 1)) else { return out };
    let mut word = String::new();
    let mut chars = text[start..].chars().peekable();
    let mut finish = |word: &mut String| {
        if !word.is_empty() && seen.insert(word.clone()) {
            out.push(word.clone());
        }
        word.clear();
    };
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('\n')) => {
                chars.next();
                finish(&mut word);
            }
            ('\\', Some(&next @ (' ' | '#' | '\\' | ':'))) => {
                chars.next();
                word.push(next);
            }
            ('$', Some('$')) => {
                chars.next();
                word.push('$');
            }
            // Rules for the headers themselves (-MP, rustc) name nothing new.
            ('\n', _) => break,
            (c, _) if c.is_whitespace() => finish(&mut word),
            (c, _) => word.push(c),
        }
    }
    finish(&mut word);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gccs_syntax() {
        assert_eq!(parse("a.o: a.c b\\ c.h \\\n d\\#.h $$x.h a.c\nb.h:\n"), ["a.c", "b c.h", "d#.h", "$x.h"]);
        assert_eq!(parse("a.o: a.c \\\n b.h"), ["a.c", "b.h"]);
        assert!(parse("").is_empty() && parse("nothing").is_empty());
    }
}
