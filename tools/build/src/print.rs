//! Questions about the evaluated make files: what Unikraft's print-libs, print-srcs, print-vars and print-syscalls answer.

use crate::Build;
use crate::error::Result;

/// What [`Build::print`] can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Selected libraries, one a line.
    Libs,
    /// Sources by library.
    Srcs,
    /// Objects by library.
    Objs,
    /// Make variables of the build and their values.
    Vars,
    /// System calls that libraries provide (UK_PROVIDED_SYSCALLS): `name-N`.
    Syscalls,
}

impl Build {
    /// Answers a question about the evaluated make files.
    ///
    /// # Errors
    /// When they cannot be evaluated.
    pub fn print(&self, query: Query) -> Result<String> {
        self.write_places()?;
        let (plan, evaluated) = self.evaluate()?;
        let mut out = String::new();
        match query {
            Query::Libs => plan.libraries.iter().for_each(|l| out.push_str(&format!("{}\n", l.name))),
            Query::Srcs | Query::Objs => {
                for library in &plan.libraries {
                    out.push_str(&format!("{}:\n", library.name));
                    for object in &library.objects {
                        let variant = if object.variant.is_empty() { String::new() } else { format!("|{}", object.variant) };
                        let line = if query == Query::Objs { object.out.clone() } else { format!("{}{variant}", object.source) };
                        out.push_str(&format!("   {line}\n"));
                    }
                }
            }
            Query::Vars => {
                for (name, value) in evaluated.vars.sorted().into_iter().filter(|(n, v)| !n.starts_with("uk_") && !v.is_empty()) {
                    out.push_str(&format!("{name}={value}\n"));
                }
            }
            Query::Syscalls => {
                let mut all = evaluated.vars.list("UK_PROVIDED_SYSCALLS");
                all.sort();
                all.dedup();
                all.iter().for_each(|s| out.push_str(&format!("{s}\n")));
            }
        }
        Ok(out)
    }
}
