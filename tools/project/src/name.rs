//! Names of components: `lib-lwip`, `liblwip` and `lwip` are one library; CONFIG_LIBLWIP selects it.

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The core: unikraft, which is unox.
    Core,
    /// An architecture.
    Arch,
    /// A platform.
    Plat,
    /// A library.
    Lib,
    /// An application.
    App,
}

impl Kind {
    /// All, in the order in which lists show them.
    pub const ALL: [Kind; 5] = [Kind::Core, Kind::Arch, Kind::Plat, Kind::Lib, Kind::App];

    /// `lib`, `app`, ...
    pub fn word(self) -> &'static str {
        match self {
            Kind::Core => "core",
            Kind::Arch => "arch",
            Kind::Plat => "plat",
            Kind::Lib => "lib",
            Kind::App => "app",
        }
    }

    /// The heading of lists.
    pub fn heading(self) -> &'static str {
        match self {
            Kind::Core => "CORE",
            Kind::Arch => "ARCHITECTURES",
            Kind::Plat => "PLATFORMS",
            Kind::Lib => "LIBRARIES",
            Kind::App => "APPLICATIONS",
        }
    }

    fn of_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.word() == word)
    }
}

/// `[type/|type-]name[==VER|@VER|>=VER|^VER]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The type, if the name says one.
    pub kind: Option<Kind>,
    /// The name without type.
    pub name: String,
    /// The version.
    pub version: Option<String>,
    /// The name exactly as typed, without version.
    pub typed: String,
}

impl Wanted {
    /// Reads what a user typed.
    ///
    /// # Errors
    /// [`crate::Error::Usage`] for what cannot be a name.
    pub fn parse(text: &str) -> crate::Result<Wanted> {
        let split = ["==", ">=", "@", "^", "="]
            .iter()
            .filter_map(|op| text.find(op).map(|at| (at, op.len())))
            .min_by_key(|&(at, len)| (at, usize::MAX - len));
        let (typed, version) = match split {
            Some((at, len)) => (&text[..at], Some(text[at + len..].trim().to_owned())),
            None => (text, None),
        };
        let typed = typed.trim();
        let (kind, name) = split_kind(typed);
        if !valid(name) || version.as_deref() == Some("") {
            return Err(crate::Error::Usage(format!("`{text}` is no component's name; write NAME, lib/NAME, or NAME@VERSION")));
        }
        Ok(Wanted { kind, name: name.to_owned(), version, typed: typed.to_owned() })
    }
}

/// Type and name of `lib/x`, `lib-x`, `libx`-less names stay.
pub fn split_kind(typed: &str) -> (Option<Kind>, &str) {
    if typed == "unikraft" || typed == "unox" {
        return (Some(Kind::Core), "unikraft");
    }
    for separator in ['/', '-'] {
        if let Some((word, name)) = typed.split_once(separator)
            && let Some(kind) = Kind::of_word(word)
            && !name.is_empty()
        {
            return (Some(kind), name);
        }
    }
    (None, typed)
}

/// May name a component.
pub fn valid(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && !name.starts_with(['-', '.'])
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+".contains(c))
}

/// A library's name without `lib-` or `lib`: `libfortune` is `fortune`.
pub fn bare(name: &str) -> &str {
    let rest = name.strip_prefix("lib-").or_else(|| name.strip_prefix("lib")).unwrap_or(name);
    if rest.is_empty() { name } else { rest }
}

/// Do two names mean the same library?
pub fn same(a: &str, b: &str) -> bool {
    a == b || bare(a) == bare(b)
}

/// The library's own name: `libfortune`.
pub fn full(name: &str) -> String {
    format!("lib{}", bare(name))
}

/// The option that selects a library, without `CONFIG_`: letters in upper case, anything else but digits an underscore.
pub fn symbol(name: &str) -> String {
    full(name).chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// The known name that was probably meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known.map(|k| (distance(name, k), k)).filter(|&(d, k)| d <= 2 && d < k.len().min(name.len())).min().map(|(_, k)| k)
}

/// Edit distance with swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = usize::from(a[i - 1] != b[j - 1]);
                let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + same);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str) -> (Option<Kind>, String, Option<String>) {
        let w = Wanted::parse(text).unwrap();
        (w.kind, w.name, w.version)
    }

    #[test]
    fn typed_names() {
        assert_eq!(wanted("iperf3@staging"), (None, "iperf3".into(), Some("staging".into())));
        assert_eq!(wanted("lib/lwip==0.5"), (Some(Kind::Lib), "lwip".into(), Some("0.5".into())));
        assert_eq!(wanted("app-helloworld>=0.4"), (Some(Kind::App), "helloworld".into(), Some("0.4".into())));
        assert_eq!(wanted("unikraft@staging"), (Some(Kind::Core), "unikraft".into(), Some("staging".into())));
        assert_eq!(wanted("libuv"), (None, "libuv".into(), None));
        for bad in ["", "@1", "x@", "a b", "../x", "-x"] {
            assert!(Wanted::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn libraries_by_any_name() {
        assert!(same("libfortune", "fortune") && same("lib-fortune", "libfortune") && !same("lib", "fortune"));
        assert_eq!((symbol("iperf3"), symbol("liblib-x.y")), ("LIBIPERF3".into(), "LIBLIB_X_Y".into()));
        assert_eq!((full("something"), full("libsomething")), ("libsomething".into(), "libsomething".into()));
    }

    #[test]
    fn near_names() {
        assert_eq!(nearest("librareis", ["libraries", "name"].into_iter()), Some("libraries"));
        assert_eq!(nearest("x86_84", ["x86_64", "arm64"].into_iter()), Some("x86_64"));
        assert_eq!(nearest("zzz", ["name"].into_iter()), None);
    }
}
