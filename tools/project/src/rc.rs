//! `.kraftrc`: the user's configuration, in TOML. Written back with the user's comments and order.

use crate::error::{Diagnostic, Error, Result, read, write};
use std::path::{Path, PathBuf};
use toml_edit::{Array, Document, DocumentMut, Item, Table, Value, value};

/// Where components are looked for until the user says otherwise.
pub const DEFAULT_ORIGINS: [&str; 4] = [
    "https://github.com/unikraft/unikraft.git",
    "https://github.com/unikraft/plat-*",
    "https://github.com/unikraft/app-*",
    "https://github.com/unikraft/lib-*",
];

/// GitHub's own API.
const GITHUB_API: &str = "https://api.github.com";

/// The file, read.
#[derive(Debug)]
pub struct Rc {
    path: PathBuf,
    document: DocumentMut,
    /// Addresses asked before an archive's own: `file:///DIR`, `http(s)://HOST/DIR`.
    pub mirrors: Vec<String>,
    /// An archive's own address first.
    pub prioritize_origin: bool,
    /// Nothing is taken from the network.
    pub offline: bool,
    /// Platform of new projects.
    pub platform: String,
    /// Architecture of new projects.
    pub architecture: String,
    /// Where components are looked for.
    pub origins: Vec<String>,
    /// Where lists of GitHub's repositories are asked for: GitHub's API, or one with the same answers.
    pub github_api: String,
}

impl Rc {
    /// Reads the file; one that is not there says nothing.
    ///
    /// # Errors
    /// [`Error::File`] with line and column: not TOML, or a wrong type.
    pub fn load(path: &Path) -> Result<Rc> {
        let text = if path.exists() { read(path)? } else { String::new() };
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Rc> {
        let at = |offset: usize, message: String| {
            let before = text.get(..offset).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            Error::File(Diagnostic { path: path.to_path_buf(), line, column, message })
        };
        let document: Document<String> = text
            .to_owned()
            .parse()
            .map_err(|e: toml_edit::TomlError| at(e.span().map_or(0, |s| s.start), format!("this is not TOML: {}", e.message().trim())))?;
        let get = |table: &str, key: &str| document.get(table).and_then(|t| t.get(key));
        let wrong = |item: &Item, table: &str, key: &str, what: &str| {
            at(item.span().map_or(0, |s| s.start), format!("`{key}` of [{table}]: expected {what}, found {}", item.type_name()))
        };
        let flag = |table: &str, key: &str| match get(table, key) {
            None => Ok(false),
            Some(item) => item.as_bool().ok_or_else(|| wrong(item, table, key, "true or false")),
        };
        let word = |table: &str, key: &str, default: &str| match get(table, key) {
            None => Ok(default.to_owned()),
            Some(item) => item.as_str().map(str::to_owned).ok_or_else(|| wrong(item, table, key, "a text in quotes")),
        };
        let words = |table: &str, key: &str| -> Result<Option<Vec<String>>> {
            let Some(item) = get(table, key) else { return Ok(None) };
            let list = || wrong(item, table, key, "a list of texts, as [\"a\", \"b\"]");
            let array = item.as_array().ok_or_else(list)?;
            array.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(list)).collect::<Result<_>>().map(Some)
        };
        let origins = words("list", "origins")?.unwrap_or_else(|| DEFAULT_ORIGINS.map(str::to_owned).to_vec());
        Ok(Rc {
            path: path.to_path_buf(),
            mirrors: words("fetch", "mirrors")?.unwrap_or_default(),
            prioritize_origin: flag("fetch", "prioritize_origin")?,
            offline: flag("fetch", "offline")?,
            platform: word("configure", "platform", "kvm")?,
            architecture: word("configure", "architecture", "x86_64")?,
            origins,
            github_api: word("list", "github_api", GITHUB_API)?.trim_end_matches('/').to_owned(),
            document: document.into_mut(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Saves an origin. False: it was there already.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_origin(&mut self, origin: &str) -> Result<bool> {
        if self.origins.iter().any(|o| o == origin) {
            return Ok(false);
        }
        self.origins.push(origin.to_owned());
        self.write_origins(|array| push(array, origin))?;
        Ok(true)
    }

    /// Forgets an origin. False: it was not there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remove_origin(&mut self, origin: &str) -> Result<bool> {
        let Some(index) = self.origins.iter().position(|o| o == origin) else { return Ok(false) };
        self.origins.remove(index);
        self.write_origins(|array| array.retain(|v| v.as_str() != Some(origin)))?;
        Ok(true)
    }

    fn write_origins(&mut self, change: impl FnOnce(&mut Array)) -> Result<()> {
        let list = self.document.entry("list").or_insert_with(|| Item::Table(Table::new()));
        if list.get("origins").and_then(Item::as_array).is_none() {
            // The first change writes the defaults down, so that the file shows all there is.
            let mut array = Array::new();
            DEFAULT_ORIGINS.iter().for_each(|o| push(&mut array, o));
            list["origins"] = value(array);
        }
        if let Some(array) = list["origins"].as_array_mut() {
            change(array);
            array.set_trailing_comma(!array.is_empty());
        }
        if let Some(dir) = self.path.parent() {
            crate::error::make_dir(dir)?;
        }
        write(&self.path, &self.document.to_string())
    }
}

/// One item a line. A comment behind the last item stays where it is.
fn push(array: &mut Array, item: &str) {
    let comment = array.trailing().as_str().unwrap_or_default().trim_end().to_owned();
    array.push_formatted(Value::from(item).decorated(format!("{comment}\n    "), ""));
    array.set_trailing("\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("kraftrc-{name}-{}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn nothing_said_is_the_defaults() {
        let rc = Rc::load(Path::new("/no/such/kraftrc")).unwrap();
        assert_eq!((rc.platform.as_str(), rc.architecture.as_str(), rc.offline, rc.origins.len()), ("kvm", "x86_64", false, 4));
    }

    #[test]
    fn comments_stay() {
        let path =
            file("c", "# mine\n[fetch] # how\noffline = true\nmirrors = [\"file:///m\"]\n\n[list]\norigins = [\n    \"/a\", # first\n]\n");
        let mut rc = Rc::load(&path).unwrap();
        assert!(rc.offline && rc.mirrors == ["file:///m"]);
        assert!(rc.add_origin("/b").unwrap() && !rc.add_origin("/b").unwrap());
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# mine\n[fetch] # how\noffline = true\n") && text.contains("# first"), "{text}");
        let mut again = Rc::load(&path).unwrap();
        assert_eq!(again.origins, ["/a", "/b"]);
        assert!(again.remove_origin("/a").unwrap() && !again.remove_origin("/a").unwrap());
        assert_eq!(Rc::load(&path).unwrap().origins, ["/b"]);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn errors_have_places() {
        let said = |text: &str| Rc::parse(Path::new("rc"), text).unwrap_err().to_string();
        assert_eq!(said("[fetch]\noffline = 1\n"), "rc:2:11: `offline` of [fetch]: expected true or false, found integer");
        assert!(said("[list]\norigins = \"x\"\n").starts_with("rc:2:11: `origins` of [list]: expected a list"));
        assert!(said("[list\n").starts_with("rc:1:6: this is not TOML"), "{}", said("[list\n"));
    }
}
