//! A library's table against what is there: which records hold, and the writing of new ones.

use super::{Pool, closure, words};
use crate::error::{Result, io};
use crate::exec::Executor;
use crate::hash;
use crate::members::{self, Record, Table};
use crate::steps::{Kind, Step};
use crate::symbols::{self, Symbols};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

/// The record of a member, if it was made of what is there now.
pub(super) fn valid<'t>(
    e: &Executor<'_>,
    table: &'t Table,
    step: &Step,
    sums: &mut HashMap<BTreeSet<String>, Option<u128>>,
) -> Option<&'t Record> {
    let records = table.members.get(&name(e, step)?)?;
    let flags = flags(e, step);
    let source: u128 = e.files.sum(step.inputs.iter().map(String::as_str))?;
    records.iter().filter(|r| r.flags == flags).find(|record| {
        if !sums.contains_key(&record.headers) {
            let local: Vec<String> = record.headers.iter().map(|h| e.files.names.local(h)).collect();
            sums.insert(record.headers.clone(), e.files.sum(local.iter().map(String::as_str)));
        }
        let headers = sums.get(&record.headers).copied().flatten();
        headers.is_some_and(|h| members::half(h.wrapping_add(source)) == record.sum)
    })
}

/// Source and variant: a variant is in the object's name.
fn name(e: &Executor<'_>, step: &Step) -> Option<(String, String)> {
    let source = e.files.names.shared(step.source.as_ref()?);
    let variant = step.out.rsplit('/').next()?.strip_suffix(".o")?.rsplit_once('.').map_or("", |(_, v)| v);
    Some((source, variant.to_string()))
}

/// Flags that count, and which headers there are in the project's own include directories.
fn flags(e: &Executor<'_>, step: &Step) -> u64 {
    let command = step.commands.first().map_or("", String::as_str);
    let dirs = e.include_dirs(step).into_iter().map(|d| hash::id_hex(hash::id([e.files.headers_below(d)])));
    let own = hash::id_hex(members::flags(&e.files.names.shared_command(command)));
    members::half(hash::id(std::iter::once(own).chain(dirs)))
}

/// Writes the tables of all libraries that name one, from a build in which every member was compiled. The files written.
pub(crate) fn record(e: &Executor<'_>) -> Result<Vec<(String, usize)>> {
    let steps: HashMap<&str, &Step> = e.steps.iter().map(|s| (s.out.as_str(), s)).collect();
    let mut written = Vec::new();
    for library in e.plan.libraries.iter().filter(|l| l.archive && !l.members.is_empty()) {
        let mut found: BTreeMap<(String, String), (Record, Symbols)> = BTreeMap::new();
        for step in library.objects.iter().filter_map(|o| steps.get(o.out.as_str())) {
            let one = || {
                // Generated sources are made before anything is known of them, and C++ leaves what it defines to the optimiser.
                let plain = step.kind == Kind::Commands && matches!(step.verb, "CC" | "AS");
                let symbols = symbols::of_object(&std::fs::read(&step.out).ok()?).filter(|_| plain)?;
                let deps = e.state.deps(&step.out)?;
                let sum = members::half(e.files.sum(deps.iter().map(String::as_str))?);
                let headers = deps.iter().filter(|d| !step.inputs.contains(d)).map(|d| e.files.names.shared(d)).collect();
                let record = Record { flags: flags(e, step), headers, sum, start: false, defines: symbols.defines.clone() };
                Some((name(e, step)?, (record, symbols)))
            };
            found.extend(one());
        }
        let mut pool = Pool::default();
        found.values().enumerate().for_each(|(i, (r, s))| pool.add(Some(i), Some(s.clone()), &r.defines));
        let start: BTreeSet<usize> =
            closure(&pool, words(&e.plan.link_flags).map(str::to_string).collect(), &HashSet::new()).into_iter().collect();
        let path = &library.members;
        let mut table = Table::parse(&std::fs::read_to_string(path).unwrap_or_default());
        // Other configurations have other members.
        table.members.retain(|name, _| found.contains_key(name) || Path::new(&e.files.names.local(&name.0)).is_file());
        let count = found.len();
        for (i, (name, (mut record, _))) in found.into_iter().enumerate() {
            record.start = start.contains(&i);
            table.put(name, record);
        }
        std::fs::write(path, table.text()).map_err(io(path.as_str()))?;
        written.push((path.clone(), count));
    }
    Ok(written)
}
