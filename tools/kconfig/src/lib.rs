//! The Kconfig language, as Linux has it: [`Kconfig::load`] reads a tree of files, [`Config`] holds values for it, reads and writes `.config` files,
//! and says why a symbol has the value it has ([`Config::explain`]). [`menu::run`] is the menu on a terminal, [`ask`] the questions line by line.
//!
//! The reference is Linux's `kconfig-language.rst` and `kconfig-macro-language.rst`; where they are silent, what Linux's `conf` does. Symbols are named
//! without the `CONFIG_` prefix everywhere in this interface.
//!
//! ```no_run
//! use kconfig::{Config, Kconfig};
//! use std::{collections::BTreeMap, path::Path};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tree = Kconfig::load(Path::new("Config.uk"), &BTreeMap::new())?;
//! let mut config = Config::new(&tree);
//! config.read(Path::new(".config"))?;
//! config.set("LIBFOO", "y")?;
//! config.olddefconfig();
//! config.write(Path::new(".config"))?;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod ask;
mod check;
mod config;
mod error;
mod explain;
mod expr;
mod finalize;
mod graph;
mod lexer;
mod lines;
pub mod menu;
mod model;
mod parser;
mod preproc;

pub use ask::{Ask, ask};
pub use config::{Config, Mode};
pub use error::{Error, Pos, Warning};
pub use expr::{Cond, Expr, Rel, Tri};
pub use model::{Choice, ChoiceId, Default, Item, Kconfig, Kind, Node, NodeId, Prompt, Range, Select, SymId, Symbol};

use std::collections::BTreeMap;
use std::path::Path;

impl Kconfig {
    /// Reads the tree of files that begins at `root`.
    ///
    /// `env` is what `$(NAME)` sees, nothing else; the commands of `$(shell,...)` run with it on top of the process's environment. Relative paths of
    /// `source` start at `srctree` of that environment, or where `root` lies.
    ///
    /// # Errors
    /// The first thing that is wrong: a file that cannot be read, a line that cannot be understood, `$(error-if,...)`, a circle of dependencies.
    pub fn load(root: &Path, env: &BTreeMap<String, String>) -> Result<Kconfig, Error> {
        let mut k = parser::parse(root, env)?;
        finalize::finalize(&mut k);
        check::check(&mut k);
        graph::sort(&mut k)?;
        Ok(k)
    }
}
