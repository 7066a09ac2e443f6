//! The terminal menu, with the habits of Linux's menuconfig, and one key more: `w` says why an entry is off or cannot be changed.

mod dialog;
mod draw;
mod keys;
mod rows;
mod search;
mod term;

use crate::config::Config;
use crate::model::{Item, NodeId};
use rows::Row;
use std::io;
use std::path::{Path, PathBuf};
use term::Term;

/// How the menu was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The file holds the configuration.
    Saved,
    /// Nothing was changed.
    Unchanged,
    /// There were changes, and the user did not want them.
    Discarded,
}

/// The buttons below the list.
const BUTTONS: [&str; 5] = ["Select", " Exit ", " Help ", " Save ", " Load "];

/// A menu that is open, and where its cursor is.
struct Level {
    node: NodeId,
    cursor: usize,
    top: usize,
}

struct App<'a, 'k> {
    config: &'a mut Config<'k>,
    term: Term,
    path: PathBuf,
    levels: Vec<Level>,
    rows: Vec<Row>,
    button: usize,
    /// Entries whose dependencies are not met are shown.
    all: bool,
    saved: bool,
}

/// Lets the user change the configuration on the terminal; `path` is where Save writes it.
///
/// SIGTERM, SIGHUP and SIGINT give the terminal back before they end the process; so does a panic.
///
/// # Errors
/// There is no terminal; reading or writing it fails. The terminal is restored in every case.
pub fn run(config: &mut Config<'_>, path: &Path) -> io::Result<Outcome> {
    let term = Term::open()?;
    let root = config.kconfig().root();
    let levels = vec![Level { node: root, cursor: 0, top: 0 }];
    let mut app = App { config, term, path: path.into(), levels, rows: Vec::new(), button: 0, all: false, saved: false };
    let outcome = app.run();
    let signal = app.term.signal();
    drop(app);
    if let Ok(number @ 1..) = i32::try_from(signal) {
        // The default action: the process ends by the signal, and its parent sees that.
        signal_hook::low_level::emulate_default_handler(number)?;
    }
    outcome
}

impl App<'_, '_> {
    fn run(&mut self) -> io::Result<Outcome> {
        loop {
            self.refresh();
            self.draw()?;
            let key = self.term.key()?;
            if self.press(key)?
                && let Some(outcome) = self.leave()?
            {
                return Ok(outcome);
            }
        }
    }

    fn level(&mut self) -> &mut Level {
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Makes the lines anew, and keeps the cursor in them and on text that can be selected.
    fn refresh(&mut self) {
        let node = self.level().node;
        self.rows = rows::rows(self.config, node, self.all);
        let last = self.rows.len().saturating_sub(1);
        let level = self.level();
        level.cursor = level.cursor.min(last);
    }

    fn row(&self) -> Option<&Row> {
        self.rows.get(self.levels.last()?.cursor)
    }

    fn enter(&mut self, node: NodeId) {
        let mut cursor = 0;
        if let Item::Choice(c) = self.config.kconfig().node(node).item {
            let chosen = self.config.chosen(c);
            let rows = rows::rows(self.config, node, self.all);
            cursor = rows.iter().position(|r| chosen.is_some_and(|s| r.action == rows::Action::Pick(s))).unwrap_or(0);
        }
        self.levels.push(Level { node, cursor, top: 0 });
        self.button = 0;
    }

    /// Leaves the menu: asks when there are changes. `None` if the user stays.
    fn leave(&mut self) -> io::Result<Option<Outcome>> {
        let end = if self.saved { Outcome::Saved } else { Outcome::Unchanged };
        if !self.config.changed() && self.path.exists() {
            return Ok(Some(end));
        }
        let question = "Do you wish to save your new configuration?\n(Press Esc Esc to continue configuration.)";
        match dialog::confirm(&mut self.term, question)? {
            None => Ok(None),
            Some(false) => Ok(Some(if self.saved { Outcome::Saved } else { Outcome::Discarded })),
            Some(true) => {
                let path = self.path.clone();
                Ok(if self.save(&path)? { Some(Outcome::Saved) } else { None })
            }
        }
    }

    fn save(&mut self, path: &Path) -> io::Result<bool> {
        match self.config.write(path) {
            Ok(()) => {
                self.saved = true;
                Ok(true)
            }
            Err(e) => {
                dialog::view(&mut self.term, "Not saved", &e.to_string())?;
                Ok(false)
            }
        }
    }

    fn save_as(&mut self) -> io::Result<()> {
        let old = self.path.to_string_lossy().into_owned();
        let text = "Enter a filename to which this configuration should be saved.";
        if let Some(name) = dialog::input(&mut self.term, "Save", text, &old, &|n| n.is_empty().then(|| "a name is needed".into()))?
            && self.save(Path::new(&name))?
        {
            dialog::view(&mut self.term, "Saved", &format!("The configuration is in {name}."))?;
        }
        Ok(())
    }

    fn load(&mut self) -> io::Result<()> {
        let old = self.path.to_string_lossy().into_owned();
        let text = "Enter the name of the configuration file you wish to load.";
        if let Some(name) = dialog::input(&mut self.term, "Load", text, &old, &|n| n.is_empty().then(|| "a name is needed".into()))? {
            let message = match self.config.read(Path::new(&name)) {
                Ok(()) => {
                    self.config.mark_changed();
                    let warnings: Vec<String> = self.config.warnings().iter().map(ToString::to_string).collect();
                    format!("{name} is loaded.\n\n{}", warnings.join("\n"))
                }
                Err(e) => e.to_string(),
            };
            dialog::view(&mut self.term, "Load", &message)?;
        }
        Ok(())
    }
}
