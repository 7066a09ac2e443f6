//! `#!` lines, and what `env` makes of one.

/// The interpreter and its one argument, as Linux splits the line (fs/binfmt_script.c): everything behind the path is one argument.
pub fn split(line: &[u8]) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let line = line.trim_ascii();
    let end = line.iter().position(|b| b" \t".contains(b)).unwrap_or(line.len());
    let (interp, rest) = line.split_at(end);
    let rest = rest.trim_ascii();
    if interp.is_empty() { None } else { Some((interp.to_vec(), (!rest.is_empty()).then(|| rest.to_vec()))) }
}

/// The command that `env ARG` runs: program and arguments. `-S` splits at blanks (its quotes and escapes are not understood: nothing);
/// without it the whole argument is the program's name. Assignments and other options are not understood either.
pub fn env_command(arg: &[u8]) -> Option<Vec<Vec<u8>>> {
    let words: Vec<Vec<u8>> = match arg.strip_prefix(b"-S").or_else(|| arg.strip_prefix(b"--split-string=")) {
        Some(rest) if rest.iter().any(|b| b"'\"\\$#".contains(b)) => return None,
        Some(rest) => rest.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).map(<[u8]>::to_vec).collect(),
        None => vec![arg.to_vec()],
    };
    let first = words.first()?;
    if first.starts_with(b"-") || first.contains(&b'=') { None } else { Some(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(split(b" /bin/sh -e  -x "), Some((b"/bin/sh".to_vec(), Some(b"-e  -x".to_vec()))));
        assert_eq!(split(b"/usr/bin/env\tpython3"), Some((b"/usr/bin/env".to_vec(), Some(b"python3".to_vec()))));
        assert_eq!(split(b"/bin/sh\r"), Some((b"/bin/sh".to_vec(), None)));
        assert_eq!(split(b"  "), None);
    }

    #[test]
    fn env() {
        assert_eq!(env_command(b"python3"), Some(vec![b"python3".to_vec()]));
        assert_eq!(env_command(b"-S perl -w -T"), Some(vec![b"perl".to_vec(), b"-w".to_vec(), b"-T".to_vec()]));
        assert_eq!(env_command(b"-i perl"), None);
        assert_eq!(env_command(b"A=b perl"), None);
        assert_eq!(env_command(b"-S perl 'x y'"), None);
    }
}
