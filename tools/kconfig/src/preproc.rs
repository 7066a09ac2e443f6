//! The macro language (Linux's kconfig-macro-language): variables, user functions, the built-in functions, the environment.

use crate::error::{Error, Pos, Warning};
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::process::{Command, Stdio};

/// Nested references; a variable that names itself ends here.
const MAX_DEPTH: u32 = 100;
/// References in one file tree, and bytes of one expansion: bounds on what a hostile file can cost.
const MAX_STEPS: u32 = 1_000_000;
const MAX_BYTES: usize = 1 << 20;
/// Arguments of a function, its name included (as in Linux).
const MAX_ARGS: usize = 16;

struct Variable {
    value: String,
    /// `:=`: expanded when it was assigned.
    simple: bool,
}

/// The state of the preprocessor.
pub(crate) struct Preproc {
    variables: HashMap<String, Variable>,
    env: BTreeMap<String, String>,
    depth: u32,
    steps: u32,
    pub warnings: Vec<Warning>,
    pub messages: Vec<String>,
}

impl Preproc {
    pub fn new(env: &BTreeMap<String, String>) -> Preproc {
        Preproc { variables: HashMap::new(), env: env.clone(), depth: 0, steps: 0, warnings: Vec::new(), messages: Vec::new() }
    }

    pub fn env(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str)
    }

    /// `name = value`, `name := value`, `name += value`.
    pub fn assign(&mut self, name: &str, op: &str, value: &str, pos: &Pos) -> Result<(), Error> {
        let appended = self.variables.get(name).filter(|_| op == "+=").map(|old| (old.simple, old.value.clone()));
        let simple = match &appended {
            Some((simple, _)) => *simple,
            None => op == ":=",
        };
        let fresh = if simple { self.expand(value, &[], pos)? } else { value.to_string() };
        let value = match appended {
            Some((_, old)) => format!("{old} {fresh}"),
            None => fresh,
        };
        if value.len() > MAX_BYTES {
            return Err(Error::at(pos, format!("the value of `{name}` is longer than {MAX_BYTES} bytes")));
        }
        self.variables.insert(name.to_string(), Variable { value, simple });
        Ok(())
    }

    /// Replaces every reference in `text`; `args` are `$(1)`, `$(2)`...
    pub fn expand(&mut self, text: &str, args: &[String], pos: &Pos) -> Result<String, Error> {
        let mut out = String::new();
        let mut at = 0;
        while let Some(next) = text[at..].find('$') {
            out.push_str(&text[at..at + next]);
            at += next;
            out.push_str(&self.dollar(text, &mut at, args, pos)?);
            if out.len() > MAX_BYTES {
                return Err(Error::at(pos, format!("the expansion is longer than {MAX_BYTES} bytes")));
            }
        }
        out.push_str(&text[at..]);
        Ok(out)
    }

    /// What the `$` at `at` stands for; `at` moves behind the reference.
    pub fn dollar(&mut self, text: &str, at: &mut usize, args: &[String], pos: &Pos) -> Result<String, Error> {
        let rest = &text[*at + 1..];
        if !rest.starts_with('(') {
            return Ok(self.legacy(rest, at));
        }
        let Some(end) = closing(rest) else {
            return Err(Error::at(pos, format!("unterminated reference to `{}`", &rest[1..])).hint("add the missing `)`"));
        };
        *at += 1 + end + 1;
        self.steps += 1;
        if self.depth >= MAX_DEPTH || self.steps > MAX_STEPS {
            return Err(Error::at(pos, format!("the macro `$({})` references itself (eventually)", &rest[1..end]))
                .hint("break the circle, or assign with `:=`"));
        }
        self.depth += 1;
        let value = self.clause(&rest[1..end], args, pos);
        self.depth -= 1;
        value
    }

    /// `$NAME` and `${NAME}`: replaced when the environment or a variable has that name, else kept as it stands.
    fn legacy(&mut self, rest: &str, at: &mut usize) -> String {
        let (name, length) = match rest.strip_prefix('{') {
            Some(inner) => match inner.find('}') {
                Some(end) => (&inner[..end], end + 2),
                None => ("", 0),
            },
            None => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        let simple = self.variables.get(name).filter(|v| v.simple).map(|v| v.value.clone());
        match simple.or_else(|| self.env.get(name).cloned()) {
            Some(value) if !name.is_empty() => {
                *at += 1 + length;
                value
            }
            _ => {
                *at += 1;
                "$".into()
            }
        }
    }

    /// The inside of `$(...)`.
    fn clause(&mut self, text: &str, args: &[String], pos: &Pos) -> Result<String, Error> {
        if let Ok(n) = text.parse::<usize>() {
            return Ok(n.checked_sub(1).and_then(|i| args.get(i)).cloned().unwrap_or_default());
        }
        let parts = split(text);
        if parts.len() > MAX_ARGS {
            return Err(Error::at(pos, "too many function arguments"));
        }
        let mut words = Vec::with_capacity(parts.len());
        for part in parts {
            words.push(self.expand(part, args, pos)?);
        }
        let name = words.remove(0);
        if let Some(v) = self.variables.get(&name) {
            let value = v.value.clone();
            return if v.simple { Ok(value) } else { self.expand(&value, &words, pos) };
        }
        if let Some(value) = self.builtin(&name, &words, pos)? {
            return Ok(value);
        }
        Ok(if words.is_empty() { self.env.get(&name).cloned().unwrap_or_default() } else { String::new() })
    }

    fn builtin(&mut self, name: &str, args: &[String], pos: &Pos) -> Result<Option<String>, Error> {
        let wanted = match name {
            "filename" | "lineno" => 0,
            "shell" | "info" => 1,
            "warning-if" | "error-if" => 2,
            _ => return Ok(None),
        };
        if args.len() != wanted {
            let which = if args.len() < wanted { "few" } else { "many" };
            return Err(Error::at(pos, format!("too {which} arguments for `{name}`: it takes {wanted}, not {}", args.len()))
                .hint("a comma in an argument separates: put it into a variable first (`comma := ,` and `$(comma)`)"));
        }
        Ok(Some(match name {
            "filename" => pos.file.to_string(),
            "lineno" => pos.line.to_string(),
            "shell" => self.shell(&args[0], pos)?,
            "info" => {
                self.messages.push(args[0].clone());
                String::new()
            }
            _ if args[0] != "y" => String::new(),
            "error-if" => return Err(Error::at(pos, args[1].clone())),
            _ => {
                self.warnings.push(Warning::at(pos, args[1].clone()));
                String::new()
            }
        }))
    }

    /// The output of a command: newlines at the end go, others become blanks.
    fn shell(&self, command: &str, pos: &Pos) -> Result<String, Error> {
        let failed = |e: std::io::Error| Error::at(pos, format!("cannot run `{command}`: {e}"));
        let mut child =
            Command::new("sh").args(["-c", command]).envs(&self.env).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut bytes = Vec::new();
        if let Some(out) = child.stdout.take() {
            out.take(MAX_BYTES as u64).read_to_end(&mut bytes).map_err(failed)?;
        }
        child.wait().map_err(failed)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\n').replace('\n', " "))
    }
}

/// Where the `)` is that closes the `(` at the start.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0u32;
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(i),
            b')' => depth -= 1,
            _ => (),
        }
    }
    None
}

/// Splits at the commas outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0u32, 0, Vec::new());
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => (),
        }
    }
    parts.push(&text[start..]);
    parts
}
