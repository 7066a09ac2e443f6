//! One word of LIBX_SRCS: `path`, `path|variant`, `path|one|two`, `path>.suffix`; and what kind of source it is.

use serde::{Deserialize, Serialize};

/// A word of LIBX_SRCS, one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub path: String,
    /// Empty without one.
    pub variant: String,
    /// Suffix of the file that is generated first.
    pub suffix: Option<String>,
    /// The name that the file's flags and object go by, when the path is that of a generated file.
    pub stem: Option<String>,
}

impl Entry {
    /// All variants of a word.
    pub(crate) fn parse(word: &str) -> Result<Vec<Entry>, String> {
        let (front, mut suffix) = match word.split_once('>') {
            Some((front, suffix)) => (front, Some(suffix.to_string())),
            None => (word, None),
        };
        let mut parts = front.split('|');
        let path = parts.next().unwrap_or_default().to_string();
        let mut variants: Vec<String> = parts.map(str::to_string).collect();
        // `x.m4>.c|v` is understood as `x.m4|v>.c`.
        if let Some((real, late)) = suffix.clone().as_deref().and_then(|s| s.split_once('|')) {
            variants.extend(late.split('|').map(str::to_string));
            suffix = Some(real.to_string());
        }
        let bad = |v: &String| v.is_empty() || v.contains(['/', '>']);
        if path.is_empty() || variants.iter().any(bad) {
            return Err(format!("`{word}`: expected path, path|variant or path>.suffix"));
        }
        if let Some(s) = &suffix
            && (!s.starts_with('.') || s.len() < 2 || s.contains('/'))
        {
            return Err(format!("`{word}`: `>` wants a suffix like .c"));
        }
        if variants.is_empty() {
            variants.push(String::new());
        }
        Ok(variants.into_iter().map(|variant| Entry { path: path.clone(), variant, suffix: suffix.clone(), stem: None }).collect())
    }
}

/// What is made of a source, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Lang {
    C,
    Cxx,
    /// Preprocessed assembly.
    Asm,
    /// Assembly as it is.
    PlainAsm,
    Rust,
    /// Linker script through the preprocessor.
    Script,
    /// Linker script as it is.
    PlainScript,
    M4,
    Awk,
    /// A device tree, compiled by dtc.
    DeviceTree,
    /// `x.c.in>.c` and the like: copied under the new name.
    Copy,
    /// Headers and lists: only there so that make makes them.
    Nothing,
}

impl Lang {
    /// By the end of the file's name; `None` for what nobody can compile.
    pub(crate) fn of(path: &str, suffix: Option<&str>) -> Option<Lang> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let ends = |e: &str| name.len() > e.len() && name.ends_with(e);
        if suffix.is_some() {
            return Some(if ends(".m4") {
                Lang::M4
            } else if ends(".awk") {
                Lang::Awk
            } else {
                Lang::Copy
            });
        }
        let table: &[(&str, Lang)] = &[
            (".lds.S", Lang::Script),
            (".ld.S", Lang::Script),
            (".lds", Lang::PlainScript),
            (".ld", Lang::PlainScript),
            (".S", Lang::Asm),
            (".sx", Lang::Asm),
            (".s", Lang::PlainAsm),
            (".c", Lang::C),
            (".cc", Lang::Cxx),
            (".cpp", Lang::Cxx),
            (".cxx", Lang::Cxx),
            (".cp", Lang::Cxx),
            (".c++", Lang::Cxx),
            (".C", Lang::Cxx),
            (".CPP", Lang::Cxx),
            (".rs", Lang::Rust),
            (".dts", Lang::DeviceTree),
            (".h", Lang::Nothing),
            (".hpp", Lang::Nothing),
            (".in", Lang::Nothing),
            (".uk", Lang::Nothing),
        ];
        table.iter().find(|(e, _)| ends(e)).map(|(_, lang)| *lang)
    }

    /// Made into another source rather than an object.
    pub(crate) fn generates(self) -> bool {
        matches!(self, Lang::M4 | Lang::Awk | Lang::Copy)
    }

    /// Text goes in and out, no compiler flags apply.
    pub(crate) fn is_text(self) -> bool {
        self.generates() || matches!(self, Lang::PlainScript | Lang::DeviceTree)
    }

    pub(crate) fn is_linker_script(self) -> bool {
        matches!(self, Lang::Script | Lang::PlainScript)
    }

    /// Goes into the library.
    pub(crate) fn is_object(self) -> bool {
        matches!(self, Lang::C | Lang::Cxx | Lang::Asm | Lang::PlainAsm | Lang::Rust)
    }

    /// The list of flags that belongs to it.
    pub(crate) fn flags_word(self) -> &'static str {
        match self {
            Lang::C => "CFLAGS",
            Lang::Cxx => "CXXFLAGS",
            Lang::Asm | Lang::PlainAsm | Lang::Script => "ASFLAGS",
            Lang::Rust => "RUSTCFLAGS",
            Lang::M4 => "M4FLAGS",
            Lang::Awk => "AWKFLAGS",
            Lang::DeviceTree => "DTCFLAGS",
            Lang::PlainScript | Lang::Copy | Lang::Nothing => "NOFLAGS",
        }
    }

    /// The list of include directories that belongs to it.
    pub(crate) fn includes_word(self) -> &'static str {
        match self {
            Lang::C => "CINCLUDES",
            Lang::Cxx => "CXXINCLUDES",
            Lang::Asm | Lang::PlainAsm | Lang::Script => "ASINCLUDES",
            _ => "NOINCLUDES",
        }
    }

    /// What the file made ends with.
    pub(crate) fn out_suffix(self, asked: Option<&str>) -> String {
        match self {
            Lang::Script | Lang::PlainScript => String::new(),
            Lang::DeviceTree => ".dtb".into(),
            _ => asked.unwrap_or(".o").to_string(),
        }
    }

    /// The word shown in front of the file.
    pub(crate) fn verb(self) -> &'static str {
        match self {
            Lang::C => "CC",
            Lang::Cxx => "CXX",
            Lang::Asm | Lang::PlainAsm => "AS",
            Lang::Rust => "RUSTC",
            Lang::Script | Lang::PlainScript => "LDS",
            Lang::M4 => "M4",
            Lang::Awk => "AWK",
            Lang::DeviceTree => "DTC",
            Lang::Copy | Lang::Nothing => "CP",
        }
    }
}

/// The file's name without directory and last suffix; `x.lds.S` keeps `x.lds`.
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rfind('.') {
        Some(0) | None => name,
        Some(dot) if matches!(&name[dot..], ".ld" | ".lds") => name,
        Some(dot) => &name[..dot],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let one = |w: &str| Entry::parse(w).unwrap();
        assert_eq!(one("/a/b.c").len(), 1);
        let two = one("/a/b.c|x|isr");
        assert_eq!((two[0].variant.as_str(), two[1].variant.as_str(), two[1].path.as_str()), ("x", "isr", "/a/b.c"));
        assert_eq!(one("/a/b.m4>.c")[0].suffix.as_deref(), Some(".c"));
        assert_eq!(one("/a/b.m4|v>.c"), one("/a/b.m4>.c|v"));
        for bad in ["|x", "a.c|", "a.m4>", "a.m4>c", "a.m4>./x", "a.c|b/c"] {
            assert!(Entry::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn kinds() {
        for (path, lang) in [
            ("x/a.c", Lang::C),
            ("a.C", Lang::Cxx),
            ("a.c++", Lang::Cxx),
            ("a.lds.S", Lang::Script),
            ("a.S", Lang::Asm),
            ("a.s", Lang::PlainAsm),
        ] {
            assert_eq!(Lang::of(path, None), Some(lang), "{path}");
        }
        assert_eq!(Lang::of("a.m4", Some(".c")), Some(Lang::M4));
        assert_eq!(Lang::of("a.c.in", Some(".c")), Some(Lang::Copy));
        assert_eq!((Lang::of("a.h", None), Lang::of("a.ml", None), Lang::of(".c", None)), (Some(Lang::Nothing), None, None));
        assert_eq!((stem("/a/b.c"), stem("b.tar.c"), stem(".x"), stem("l.lds.S"), stem("x/l.ld")), ("b", "b.tar", ".x", "l.lds", "l.ld"));
    }
}
