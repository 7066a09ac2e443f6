//! What can be reached: from the program through calls, imports and pointers to system calls.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use iced_x86::Register;

use crate::Role;
use crate::code::{Edge, Object, Site, Target};

/// A function of an object. Ordered: the program's come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    pub object: usize,
    pub function: u32,
}

/// What was found.
#[derive(Default)]
pub struct Found {
    pub calls: BTreeMap<u32, BTreeSet<At>>,
    pub unknown: BTreeSet<At>,
    pub int80: BTreeSet<At>,
}

/// Follows everything from the objects that run as a whole.
pub fn reach(objects: &[Object]) -> Found {
    let mut exports: HashMap<&str, At> = HashMap::new();
    for (object, o) in objects.iter().enumerate() {
        for (name, &function) in &o.exports {
            exports.entry(name).or_insert(At { object, function });
        }
    }
    let resolve = |object: usize, target: Target| match target {
        Target::Local(function) => Some(At { object, function }),
        Target::Import(i) => exports.get(objects[object].imports[i as usize].as_str()).copied(),
    };
    let mut queue = roots(objects, &resolve);
    let mut seen: Vec<Vec<bool>> = objects.iter().map(|o| vec![false; o.functions.len()]).collect();
    let mut found = Found::default();
    // Functions whose number their callers choose, and the constants that callers were seen to pass.
    let mut passed: BTreeMap<At, Register> = BTreeMap::new();
    let mut callers: HashMap<At, Vec<(At, Edge)>> = HashMap::new();
    while let Some(at) = queue.pop() {
        if std::mem::replace(&mut seen[at.object][at.function as usize], true) {
            continue;
        }
        let function = &objects[at.object].functions[at.function as usize];
        for site in &function.sites {
            match *site {
                Site::Known(n) => _ = found.calls.entry(n).or_default().insert(at),
                Site::Passed(register) => _ = passed.insert(at, register),
                Site::Unknown => _ = found.unknown.insert(at),
                Site::Int80 => _ = found.int80.insert(at),
            }
        }
        for edge in &function.edges {
            if let Some(to) = resolve(at.object, edge.to) {
                queue.push(to);
                if edge.rdi.is_some() || edge.rax.is_some() || !objects[to.object].functions[to.function as usize].sites.is_empty() {
                    callers.entry(to).or_default().push((at, *edge));
                }
            }
        }
    }
    for (at, register) in passed {
        // A site that nobody seen here calls is reached by pointer, or by code that was not reached.
        for (caller, edge) in callers.get(&at).into_iter().flatten() {
            let number = match register {
                Register::RDI => edge.rdi,
                Register::RAX => edge.rax,
                _ => None,
            };
            match number {
                Some(n) => _ = found.calls.entry(n).or_default().insert(*caller),
                None => _ = found.unknown.insert(*caller),
            }
        }
    }
    found
}

/// Everything of whole objects and of what they import; of libraries what their data points to.
fn roots(objects: &[Object], resolve: &impl Fn(usize, Target) -> Option<At>) -> Vec<At> {
    let mut roots = Vec::new();
    for (object, o) in objects.iter().enumerate() {
        match o.role {
            Role::Whole => {
                roots.extend((0..o.functions.len() as u32).map(|function| At { object, function }));
                roots.extend((0..o.imports.len() as u32).filter_map(|i| resolve(object, Target::Import(i))));
            }
            Role::Library => {
                roots.extend(o.roots.iter().map(|&function| At { object, function }));
                roots.extend(o.data_imports.iter().filter_map(|&i| resolve(object, Target::Import(i))));
            }
        }
    }
    roots
}
