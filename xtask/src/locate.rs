//! `cargo xtask where NAME`: where a system call lives, from the table to its tests.

use crate::shell::root;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One line of the system-call table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Linux's name.
    pub name: String,
    /// Its number on x86-64.
    pub number: u32,
    /// The handler's path, from the crate's root.
    pub handler: Vec<String>,
    /// The whole line, trimmed.
    pub text: String,
    /// Where in the table it stands, from 1.
    pub at: usize,
}

/// The table's lines: `name = NR => path::to::handler(args...);`.
pub fn table(source: &str) -> Vec<Line> {
    source.lines().enumerate().filter_map(|(i, text)| line(text, i + 1)).collect()
}

fn line(text: &str, at: usize) -> Option<Line> {
    let text = text.trim();
    let (left, right) = text.split_once("=>")?;
    let (name, number) = left.split_once('=')?;
    let (name, number) = (name.trim(), number.trim().parse().ok()?);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let (path, _) = right.trim().split_once('(')?;
    let handler: Vec<String> = path.trim().trim_start_matches("crate::").split("::").map(str::to_string).collect();
    (!name.is_empty() && name.chars().all(plain)).then(|| Line { name: name.to_string(), number, handler, text: text.to_string(), at })
}

/// Prints where `words[0]` lives.
///
/// # Errors
/// That the table has no such call, with those whose names are near.
pub fn run(words: &[String]) -> Result<(), String> {
    let name = words.first().ok_or("which system call? cargo xtask where epoll_ctl")?;
    let file = root().join("syscall/src/table.rs");
    let source = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let lines = table(&source);
    let Some(line) = lines.iter().find(|l| l.name == *name || name.parse() == Ok(l.number)) else {
        let near: Vec<&str> = lines.iter().map(|l| l.name.as_str()).filter(|n| n.contains(name.as_str()) || name.contains(n)).collect();
        let near = if near.is_empty() { String::new() } else { format!("; there are {}", near.join(", ")) };
        return Err(format!("{name} is not in syscall/src/table.rs: the kernel answers ENOSYS{near}"));
    };
    print!("{}", describe(&root(), line));
    Ok(())
}

/// Everything known about a call, one thing a line.
pub fn describe(root: &Path, line: &Line) -> String {
    let mut out = format!("{} is system call {}\n", line.name, line.number);
    let mut say = |what: &str, value: String| out.push_str(&format!("  {what:<10} {value}\n"));
    say("table", format!("syscall/src/table.rs:{}  {}", line.at, line.text));
    match handler(root, line) {
        Some((file, at, body, whole)) => {
            say("handler", format!("{}:{at}", shown(root, &file)));
            for mechanism in mechanisms(root, &body, &whole) {
                say("mechanism", mechanism);
            }
        }
        None => say("handler", format!("{} (not found by name under syscall/src)", line.handler.join("::"))),
    }
    let called = [format!("{}(", line.name), format!("SYS_{}", line.name)];
    for file in mentions(&root.join("tests/guest"), &called, &["c", "cc", "h", "rs", "go", "sh"]) {
        say("test", shown(root, &file));
    }
    for file in mentions(&root.join("docs"), &[format!("`{}`", line.name), format!("| {} |", line.name)], &["md"]) {
        say("docs", shown(root, &file));
    }
    out
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// The handler's file, line, the text of the function, and the text of the file.
pub(crate) fn handler(root: &Path, line: &Line) -> Option<(PathBuf, usize, String, String)> {
    let (function, modules) = line.handler.split_last()?;
    let mut base = root.join("syscall/src");
    base.extend(modules);
    let candidates = [base.with_extension("rs"), base.join("mod.rs"), root.join("syscall/src/lib.rs")];
    for file in candidates {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let names = [format!("fn {function}("), format!("fn {function}<")];
        let Some(at) = text.lines().position(|l| names.iter().any(|n| l.contains(n))) else { continue };
        let body: Vec<&str> = text.lines().skip(at).take_while(|l| *l != "}").collect();
        return Some((file.clone(), at + 1, body.join("\n"), text.clone()));
    }
    None
}

/// The kernel's files that the handler works on: by what the function names of what its file imports, and by full paths.
fn mechanisms(root: &Path, body: &str, file: &str) -> Vec<String> {
    let mut paths = BTreeSet::new();
    for text in file.lines().map(str::trim).filter(|l| l.starts_with("use kernel::")) {
        let path = text.trim_start_matches("use kernel::").trim_end_matches(';');
        let (module, names) = path.split_once('{').unwrap_or_else(|| path.rsplit_once("::").unwrap_or(("", path)));
        let used = names.split(|c: char| !c.is_alphanumeric() && c != '_').any(|n| !n.is_empty() && word_in(body, n));
        if used {
            paths.insert(module.trim_end_matches("::").to_string());
            paths.insert(path.split('{').next().unwrap_or("").trim_end_matches("::").to_string());
        }
    }
    for piece in body.split("kernel::").skip(1) {
        let path: String = piece.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
        paths.insert(path);
    }
    let files: BTreeSet<String> = paths.iter().filter_map(|p| module_file(root, p)).collect();
    files.into_iter().collect()
}

/// The file of the deepest module that a path names.
fn module_file(root: &Path, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").filter(|p| !p.is_empty()).collect();
    while !parts.is_empty() {
        let base = parts.iter().fold(root.join("kernel/src"), |dir, part| dir.join(part));
        if let Some(file) = [base.with_extension("rs"), base.join("mod.rs")].into_iter().find(|f| f.is_file()) {
            return Some(shown(root, &file));
        }
        parts.pop();
    }
    None
}

/// Files that hold one of the words.
fn mentions(dir: &Path, words: &[String], extensions: &[&str]) -> Vec<PathBuf> {
    let files = crate::layers::files(dir, extensions);
    files.into_iter().filter(|f| std::fs::read_to_string(f).is_ok_and(|text| words.iter().any(|w| word_in(&text, w)))).collect()
}

/// Whether `name` stands in `text` as a whole word.
fn word_in(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let closed = !name.ends_with(part);
    text.match_indices(name).any(|(at, _)| !text[..at].ends_with(part) && (closed || !text[at + name.len()..].starts_with(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_table_lines_only() {
        let source = "    // read = 0 => not::a_line\n    read = 0 => io::read(fd: Fd, buf: UserPtr<u8>, len: usize);\nlet x = y => z(1);\n epoll_ctl = 233 => event::epoll::ctl(epfd: Fd);";
        let lines = table(source);
        assert_eq!(lines.iter().map(|l| (l.name.as_str(), l.number, l.at)).collect::<Vec<_>>(), [("read", 0, 2), ("epoll_ctl", 233, 4)]);
        assert_eq!(lines[1].handler, ["event", "epoll", "ctl"]);
    }

    #[test]
    fn whole_words_only() {
        assert!(word_in("a read(b)", "read"));
        assert!(!word_in("pread(b) readv", "read"));
    }

    #[test]
    fn the_table_of_this_repository_has_unique_numbers() {
        let source = std::fs::read_to_string(root().join("syscall/src/table.rs")).unwrap_or_default();
        let mut numbers: Vec<u32> = table(&source).iter().map(|l| l.number).collect();
        let all = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), all);
    }
}
