//! Whole configurations: everything on, everything off, at random.

use super::{Config, Wish};
use crate::expr::Tri;
use crate::model::Kind;

/// What [`Config::fill`] gives to the symbols that have no value yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `y` where it can be (allyesconfig).
    AllYes,
    /// `m` where it can be, else `y` (allmodconfig).
    AllMod,
    /// `n` where it can be (allnoconfig).
    AllNo,
    /// Any value, from this seed: the same seed gives the same configuration.
    Random(u64),
}

impl Config<'_> {
    /// Gives all bool and tristate symbols without a value one; choices keep their default, or get any value at random.
    pub fn fill(&mut self, mode: Mode) {
        let mut state = if let Mode::Random(seed) = mode { seed | 1 } else { 1 };
        let mut random = |n: u64| {
            // xorshift64*: good enough to vary configurations, and the same everywhere.
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
        };
        for s in self.k.symbols() {
            let sym = self.k.sym(s);
            if !sym.kind.is_logic() || self.user.symbols[s.index()].is_some() || (sym.choice.is_some() && matches!(mode, Mode::Random(_))) {
                continue;
            }
            let value = match (mode, sym.kind) {
                (Mode::AllYes, _) => Tri::Yes,
                (Mode::AllMod, Kind::Tristate) => Tri::Mod,
                (Mode::AllMod, _) if sym.choice.is_some() => continue,
                (Mode::AllMod, _) => Tri::Yes,
                (Mode::AllNo, _) => Tri::No,
                (Mode::Random(_), Kind::Bool) => [Tri::No, Tri::Yes][usize::from(random(2) == 1)],
                (Mode::Random(_), _) => [Tri::No, Tri::Mod, Tri::Yes][usize::try_from(random(3)).unwrap_or(0)],
            };
            self.user.symbols[s.index()] = Some(Wish::Tri(value));
        }
        for c in self.k.choices() {
            let choice = self.k.choice(c);
            let wish = &mut self.user.choices[c.index()];
            if wish.set {
                continue;
            }
            wish.set = true;
            wish.mode = match mode {
                Mode::AllYes => Tri::Yes,
                Mode::AllMod => Tri::Mod,
                Mode::AllNo => Tri::No,
                Mode::Random(_) => {
                    let pick = random(choice.values.len().max(1) as u64);
                    wish.chosen = usize::try_from(pick).ok().and_then(|i| choice.values.get(i)).copied();
                    Tri::Yes
                }
            };
        }
        self.touch();
    }
}
