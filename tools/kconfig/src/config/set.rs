//! Setting values: from a command line (`KEY=value`) and as a menu does.

use super::{Config, Wish};
use crate::error::Error;
use crate::expr::Tri;
use crate::model::{ChoiceId, Kind, SymId};

impl Config<'_> {
    /// Sets a symbol as a line of a `.config` does: the value holds as far as dependencies allow ([`Config::unheeded`] says where they do not).
    /// The name may have the prefix, a string may be quoted.
    ///
    /// # Errors
    /// No such symbol; no value of its type; a number out of range.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let name = name.strip_prefix(&self.prefix).unwrap_or(name);
        let Some(s) = self.k.find(name) else {
            let error = Error::new(None, format!("there is no option {}{name}", self.prefix));
            return Err(match self.similar(name) {
                Some(near) => error.hint(format!("did you mean {}{near}?", self.prefix)),
                None => error,
            });
        };
        let kind = self.k.sym(s).kind;
        let quoted = value.len() >= 2 && value.starts_with('"') && value.ends_with('"');
        let value = if quoted { &value[1..value.len() - 1] } else { value };
        let wanted = match kind {
            Kind::Bool => "y or n",
            Kind::Tristate => "y, m or n",
            Kind::Int => "a number",
            Kind::Hex => "a hexadecimal number",
            _ => "a text",
        };
        if !kind.accepts(value) {
            return Err(Error::new(None, format!("{}{name}: `{value}` is no value of type {}", self.prefix, kind.as_str()))
                .hint(format!("it takes {wanted}")));
        }
        if let Some((low, high)) = self.range(s).filter(|_| !self.values().accepts(self.k, s, value)) {
            let range = self.show_range(s, low, high);
            return Err(Error::new(None, format!("{}{name}: `{value}` is out of range{range}", self.prefix)));
        }
        self.put(s, value);
        Ok(())
    }

    fn put(&mut self, s: SymId, value: &str) {
        let wish = match self.k.sym(s).kind {
            Kind::Bool | Kind::Tristate => Wish::Tri(Tri::parse(value).unwrap_or_default()),
            _ => Wish::Text(value.into()),
        };
        self.origin[s.index()] = None;
        if let (Some(c), Wish::Tri(t)) = (self.k.sym(s).choice, &wish) {
            let choice = &mut self.user.choices[c.index()];
            match t {
                Tri::Yes => *choice = super::ChoiceWish { set: true, mode: Tri::Yes, chosen: Some(s) },
                Tri::Mod => *choice = super::ChoiceWish { set: true, mode: Tri::Mod, chosen: None },
                Tri::No if choice.chosen == Some(s) => *choice = super::ChoiceWish::default(),
                Tri::No => (),
            }
        }
        self.user.symbols[s.index()] = Some(wish);
        self.touch();
    }

    /// A defined symbol whose name is close.
    fn similar(&self, name: &str) -> Option<&str> {
        let names = self.k.symbols().map(|s| self.k.sym(s).name.as_str());
        let best = names.map(|n| (distance(&n.to_ascii_uppercase(), &name.to_ascii_uppercase()), n)).min()?;
        (best.0 <= 1 + name.len() / 5).then_some(best.1)
    }

    /// Symbols whose value is not the one that was set, because dependencies, selects or a choice are against it.
    pub fn unheeded(&self) -> Vec<SymId> {
        let v = self.values();
        let differs = |s: &SymId| match &self.user.symbols[s.index()] {
            Some(Wish::Tri(t)) => *t != v.tri[s.index()],
            Some(Wish::Text(t)) => **t != *v.string(self.k, *s),
            None => false,
        };
        self.k.symbols().filter(differs).collect()
    }

    /// What was set for a symbol, whether or not it holds.
    pub fn user_value(&self, s: SymId) -> Option<String> {
        self.user.symbols[s.index()].as_ref().map(|w| match w {
            Wish::Tri(t) => t.to_string(),
            Wish::Text(t) => t.to_string(),
        })
    }

    /// Whether the user may give a bool or tristate symbol this value now.
    pub fn can_be(&self, s: SymId, value: Tri) -> bool {
        let (v, i) = (self.values(), s.index());
        let kind = v.kind(self.k, s);
        if !kind.is_logic() || v.vis[i] == Tri::No || (kind == Kind::Bool && value == Tri::Mod) || v.vis[i] <= v.rev[i] {
            return false;
        }
        if self.k.sym(s).choice.is_some() && v.vis[i] == Tri::Yes {
            return value == Tri::Yes;
        }
        value >= v.rev[i] && value <= v.vis[i]
    }

    /// Sets a bool or tristate symbol as a user does in a menu. False if the value is not allowed now.
    pub fn set_tri(&mut self, s: SymId, value: Tri) -> bool {
        if self.tri(s) != value && !self.can_be(s, value) {
            return false;
        }
        if let (Some(c), Tri::Yes) = (self.k.sym(s).choice, value) {
            // The other values are answered too: they are not NEW any more.
            let visible: Vec<SymId> = self.k.choice(c).values.iter().copied().filter(|o| self.visibility(*o) != Tri::No).collect();
            for other in visible {
                self.user.symbols[other.index()] = Some(Wish::Tri(Tri::of(other == s)));
            }
            let wish = &mut self.user.choices[c.index()];
            wish.set = true;
            wish.chosen = Some(s);
        }
        self.user.symbols[s.index()] = Some(Wish::Tri(value));
        self.touch();
        true
    }

    /// Sets any symbol as a user does in a menu. False if the value is malformed, out of range, or not allowed now.
    pub fn set_value(&mut self, s: SymId, value: &str) -> bool {
        let kind = self.k.sym(s).kind;
        if kind.is_logic() {
            return kind.accepts(value) && Tri::parse(value).is_some_and(|t| self.set_tri(s, t));
        }
        let prefixed = format!("0x{value}");
        let value = if kind == Kind::Hex && !value.starts_with("0x") && !value.starts_with("0X") { &prefixed } else { value };
        if self.visibility(s) == Tri::No || !self.values().accepts(self.k, s, value) {
            return false;
        }
        self.user.symbols[s.index()] = Some(Wish::Text(value.into()));
        self.touch();
        true
    }

    /// Whether a choice may have this mode.
    pub fn choice_can_be(&self, c: ChoiceId, value: Tri) -> bool {
        let (v, i) = (self.values(), c.index());
        let boolean = self.k.choice(c).kind != Kind::Tristate || v.modules == Tri::No;
        v.mode_vis[i] != Tri::No
            && !(boolean && value == Tri::Mod)
            && v.mode_vis[i] > v.mode_rev[i]
            && value >= v.mode_rev[i]
            && value <= v.mode_vis[i]
    }

    /// Sets the mode of a choice. False if it is not allowed now.
    pub fn set_mode(&mut self, c: ChoiceId, value: Tri) -> bool {
        if self.mode(c) != value && !self.choice_can_be(c, value) {
            return false;
        }
        let wish = &mut self.user.choices[c.index()];
        wish.set = true;
        wish.mode = value;
        self.touch();
        true
    }

    /// The next value in the order n, m, y that is allowed; sets it and returns it.
    pub fn toggle(&mut self, s: SymId) -> Tri {
        let (old, mut next) = (self.tri(s), self.tri(s));
        for _ in 0..2 {
            next = after(next);
            if self.can_be(s, next) {
                break;
            }
        }
        if next != old && self.can_be(s, next) {
            self.set_tri(s, next);
        }
        self.tri(s)
    }

    /// The same for the mode of a choice.
    pub fn toggle_mode(&mut self, c: ChoiceId) -> Tri {
        let mut next = self.mode(c);
        for _ in 0..2 {
            next = after(next);
            if self.choice_can_be(c, next) {
                self.set_mode(c, next);
                break;
            }
        }
        self.mode(c)
    }
}

fn after(t: Tri) -> Tri {
    match t {
        Tri::No => Tri::Mod,
        Tri::Mod => Tri::Yes,
        Tri::Yes => Tri::No,
    }
}

/// Edits between two names (Levenshtein), bounded by their length.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<u8> = b.bytes().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let best = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}
