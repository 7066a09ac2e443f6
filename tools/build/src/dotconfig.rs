//! The `.config` file as make and C see it: `kconfig/auto.conf` and `include/uk/bits/config.h` in the build directory.

use crate::error::{Result, io};
use std::collections::BTreeMap;
use std::path::Path;

/// Symbols with their values as written (`y`, `42`, `"text"`), names with `CONFIG_`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DotConfig {
    values: BTreeMap<String, String>,
}

impl DotConfig {
    /// Lines `CONFIG_X=value`; comments (also `# CONFIG_X is not set`) and what has no name are passed over.
    pub(crate) fn parse(text: &str) -> DotConfig {
        let lines = text.lines().filter_map(|line| line.trim().split_once('='));
        let named = lines.filter(|(name, value)| {
            name.strip_prefix("CONFIG_").is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
                && *value != "n"
        });
        DotConfig { values: named.map(|(name, value)| (name.to_string(), value.trim().to_string())).collect() }
    }

    /// The value as written; `None` when not set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A string's text, without quotes and backslashes.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let inner = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        let mut out = String::new();
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            out.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
        }
        Some(out)
    }

    /// For make: what would be its syntax is quoted.
    pub(crate) fn make(&self) -> String {
        let mut out = String::from("# Made from .config; changes are lost.\n");
        for (name, value) in &self.values {
            out.push_str(&format!("{name}={}\n", value.replace('$', "$$").replace('#', "\\#")));
        }
        out
    }

    /// For C: `y` is 1.
    pub(crate) fn header(&self) -> String {
        let mut out = String::from("/* Made from .config; changes are lost. */\n#ifndef UK_BITS_CONFIG_H\n#define UK_BITS_CONFIG_H\n");
        for (name, value) in &self.values {
            match value.as_str() {
                "y" => out.push_str(&format!("#define {name} 1\n")),
                "m" => out.push_str(&format!("#define {name}_MODULE 1\n")),
                value => out.push_str(&format!("#define {name} {value}\n")),
            }
        }
        out.push_str("#endif\n");
        out
    }
}

/// Writes a file only when its contents change, so that its time says something. Whether it was written.
pub(crate) fn write_if_changed(path: &Path, text: &str) -> Result<bool> {
    if std::fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(io(dir))?;
    }
    std::fs::write(path, text).map_err(io(path))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_make_and_c() {
        let config = DotConfig::parse(
            "# head\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=0x10\nCONFIG_S=\"a$b #\\\"q\\\"\"\nCONFIG_N=n\nX=1\nCONFIG_M=m\n",
        );
        assert_eq!(
            config.make().lines().skip(1).collect::<Vec<_>>(),
            ["CONFIG_A=y", "CONFIG_C=0x10", "CONFIG_M=m", "CONFIG_S=\"a$$b \\#\\\"q\\\"\""]
        );
        let header = config.header();
        assert!(
            header.contains("#define CONFIG_A 1\n#define CONFIG_C 0x10\n#define CONFIG_M_MODULE 1\n#define CONFIG_S \"a$b #\\\"q\\\"\"\n")
        );
        assert!(!header.contains("CONFIG_B") && !header.contains("CONFIG_N"));
        assert_eq!(config.text("CONFIG_S").as_deref(), Some("a$b #\"q\""));
    }
}
