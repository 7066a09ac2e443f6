//! The machine code of one object: its functions, what they call, and their `syscall` instructions.

use std::collections::{BTreeMap, HashMap};

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register};
use object::read::elf::ElfFile64;
use object::{
    Endianness, Object as _, ObjectSection, ObjectSegment, ObjectSymbol, ObjectSymbolTable, RelocationFlags, RelocationTarget, SectionKind,
    SegmentFlags, elf,
};

use crate::track::{Tracker, Value};
use crate::{Place, Role};

/// Whom an edge leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A function of the same object, by index.
    Local(u32),
    /// A symbol of another object, by index into `imports`.
    Import(u32),
}

/// A call, jump, or address taken.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub to: Target,
    /// Constants in rdi and rax at a call: what a `syscall(2)`-like function is asked for.
    pub rdi: Option<u32>,
    pub rax: Option<u32>,
}

/// A `syscall` instruction's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    Known(u32),
    /// The caller passes it in this register.
    Passed(Register),
    Unknown,
    /// `int 0x80`.
    Int80,
}

/// A function: code from its start to the next one's.
#[derive(Debug, Default)]
pub struct Function {
    pub edges: Vec<Edge>,
    pub sites: Vec<Site>,
}

/// A program or library.
#[derive(Debug)]
pub struct Object {
    pub name: String,
    pub role: Role,
    pub functions: Vec<Function>,
    pub imports: Vec<String>,
    pub exports: HashMap<String, u32>,
    /// Functions that data points to, initialisers, the entry point.
    pub roots: Vec<u32>,
    /// Imports that data points to.
    pub data_imports: Vec<u32>,
    pub site_count: usize,
    starts: Vec<u64>,
    names: HashMap<u64, String>,
}

/// What the sweep over the code notes, by address.
#[derive(Default)]
struct Sweep {
    direct: Vec<Direct>,
    /// (from, slot, rdi, rax): calls, jumps and loads through a pointer in memory.
    slots: Vec<(u64, u64, Option<u32>, Option<u32>)>,
    /// (from, address): code addresses taken.
    taken: Vec<(u64, u64)>,
    /// PLT stub to slot.
    stubs: HashMap<u64, u64>,
    sites: Vec<(u64, Value)>,
    int80: Vec<u64>,
}

/// A call or jump to an address.
struct Direct {
    from: u64,
    to: u64,
    call: bool,
    rdi: Option<u32>,
    rax: Option<u32>,
}

/// Executable bytes at an address.
type Range<'d> = (u64, &'d [u8]);

impl Object {
    /// Reads an ELF file.
    pub fn read(name: String, role: Role, bytes: &[u8]) -> Result<Object, String> {
        let file = ElfFile64::<Endianness>::parse(bytes).map_err(|e| format!("not a 64-bit ELF file: {e}"))?;
        if file.architecture() != object::Architecture::X86_64 {
            return Err("not for x86-64".into());
        }
        let ranges = code_ranges(&file);
        let within = |a: u64| ranges.iter().any(|(start, data)| a >= *start && a - *start < data.len() as u64);
        let mut names = HashMap::new();
        let mut starts: Vec<u64> = Vec::new();
        let mut exported = Vec::new();
        for (symbol, dynamic) in file.symbols().map(|s| (s, false)).chain(file.dynamic_symbols().map(|s| (s, true))) {
            let (Ok(text), true) = (symbol.name(), !symbol.is_undefined() && within(symbol.address())) else { continue };
            starts.push(symbol.address());
            names.entry(symbol.address()).or_insert_with(|| text.to_owned());
            if dynamic {
                exported.push((text.to_owned(), symbol.address()));
            }
        }
        let data = Pointers::read(&file, &within);
        let mut sweep = Sweep::default();
        for range in &ranges {
            sweep.run(range, &within);
        }
        starts.extend(sweep.direct.iter().filter(|d| d.call && within(d.to)).map(|d| d.to));
        starts.extend(sweep.taken.iter().map(|t| t.1).chain(data.code.iter().copied()));
        starts.extend(ranges.iter().map(|r| r.0).chain([file.entry()].into_iter().filter(|&e| within(e))));
        starts.sort_unstable();
        starts.dedup();
        let mut object = Object {
            name,
            role,
            functions: starts.iter().map(|_| Function::default()).collect(),
            imports: data.imports,
            exports: HashMap::new(),
            roots: Vec::new(),
            data_imports: data.data_imports,
            site_count: sweep.sites.len(),
            starts,
            names,
        };
        object.roots = data.code.iter().chain([&file.entry()]).filter_map(|&a| object.function_at(a)).collect();
        object.exports = exported.into_iter().filter_map(|(n, a)| Some((n, object.function_at(a)?))).collect();
        object.connect(&sweep, &data.slots);
        Ok(object)
    }

    /// Turns addresses into functions and edges.
    fn connect(&mut self, sweep: &Sweep, slots: &HashMap<u64, Slot>) {
        let slot = |this: &Object, at: &u64| match slots.get(at)? {
            Slot::Import(i) => Some(Target::Import(*i)),
            Slot::Code(a) => this.function_at(*a).map(Target::Local),
        };
        let mut edges = Vec::new();
        for &Direct { from, to, rdi, rax, .. } in &sweep.direct {
            let target = match sweep.stubs.get(&to) {
                Some(at) => slot(self, at),
                None => self.function_at(to).map(Target::Local),
            };
            edges.extend(self.function_at(from).zip(target).map(|(f, to)| (f, Edge { to, rdi, rax })));
        }
        for (from, at, rdi, rax) in &sweep.slots {
            edges.extend(self.function_at(*from).zip(slot(self, at)).map(|(f, to)| (f, Edge { to, rdi: *rdi, rax: *rax })));
        }
        for &(from, to) in &sweep.taken {
            let to = self.function_at(to).map(Target::Local);
            edges.extend(self.function_at(from).zip(to).map(|(f, to)| (f, Edge { to, rdi: None, rax: None })));
        }
        for (from, edge) in edges {
            // Loops and branches within a function say nothing.
            if edge.to != Target::Local(from) {
                self.functions[from as usize].edges.push(edge);
            }
        }
        for &(at, value) in &sweep.sites {
            let Some(f) = self.function_at(at) else { continue };
            let site = match value {
                Value::Known(n) => Site::Known(n),
                Value::Likely(n, set, _, _) if self.starts[f as usize] <= set => Site::Known(n),
                Value::Likely(_, _, register, reached) if self.starts[f as usize] >= reached => Site::Passed(register),
                // The walk went back to the function's beginning and found no write.
                Value::From(register, reached) if self.starts[f as usize] >= reached => Site::Passed(register),
                _ => Site::Unknown,
            };
            self.functions[f as usize].sites.push(site);
        }
        for &at in &sweep.int80 {
            if let Some(f) = self.function_at(at) {
                self.functions[f as usize].sites.push(Site::Int80);
            }
        }
    }

    fn function_at(&self, address: u64) -> Option<u32> {
        self.starts.partition_point(|&s| s <= address).checked_sub(1).map(|i| i as u32)
    }

    /// A function for people.
    pub fn place(&self, function: u32) -> Place {
        let start = self.starts[function as usize];
        let function = self.names.get(&start).filter(|n| !n.is_empty()).cloned().unwrap_or_else(|| format!("{start:#x}"));
        Place { object: self.name.clone(), function }
    }
}

/// Executable sections; of a file without sections, executable segments.
fn code_ranges<'d>(file: &ElfFile64<'d, Endianness>) -> Vec<Range<'d>> {
    let sections = file.sections().filter(|s| s.kind() == SectionKind::Text && s.address() != 0);
    let mut ranges: Vec<Range<'d>> = sections.filter_map(|s| Some((s.address(), s.data().ok()?))).collect();
    if ranges.is_empty() {
        let executable = |flags| matches!(flags, SegmentFlags::Elf { p_flags, .. } if p_flags & elf::PF_X == elf::PF_X);
        ranges = file.segments().filter(|s| executable(s.flags())).filter_map(|s| Some((s.address(), s.data().ok()?))).collect();
    }
    ranges.retain(|r| !r.1.is_empty());
    ranges
}

enum Slot {
    Import(u32),
    Code(u64),
}

/// Pointers in data, by relocations and, for packed ones (RELR), by looking.
struct Pointers {
    slots: HashMap<u64, Slot>,
    imports: Vec<String>,
    data_imports: Vec<u32>,
    code: Vec<u64>,
}

impl Pointers {
    fn read(file: &ElfFile64<'_, Endianness>, within: &impl Fn(u64) -> bool) -> Pointers {
        let mut all = Pointers { slots: HashMap::new(), imports: Vec::new(), data_imports: Vec::new(), code: Vec::new() };
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        for (at, relocation) in file.dynamic_relocations().into_iter().flatten() {
            let RelocationFlags::Elf { r_type } = relocation.flags() else { continue };
            let addend = relocation.addend() as u64;
            let symbol = match relocation.target() {
                RelocationTarget::Symbol(i) => file.dynamic_symbol_table().and_then(|t| t.symbol_by_index(i).ok()),
                _ => None,
            };
            match (r_type, symbol) {
                (elf::R_X86_64_RELATIVE | elf::R_X86_64_IRELATIVE, _) if within(addend) => {
                    all.code.push(addend);
                    all.slots.insert(at, Slot::Code(addend));
                }
                (elf::R_X86_64_JUMP_SLOT | elf::R_X86_64_GLOB_DAT | elf::R_X86_64_64, Some(symbol)) => {
                    let Ok(name) = symbol.name() else { continue };
                    // Even a symbol of this object may be another's at run time; resolution by name finds this one first if it is first.
                    let next = all.imports.len() as u32;
                    let id = *known.entry(name.to_owned()).or_insert(next);
                    if id == next {
                        all.imports.push(name.to_owned());
                    }
                    all.slots.insert(at, Slot::Import(id));
                    if r_type == elf::R_X86_64_64 {
                        all.data_imports.push(id);
                    }
                }
                _ => {}
            }
        }
        for section in file.sections() {
            let name = section.name().unwrap_or_default();
            if !name.starts_with(".data") && !name.ends_with("_array") {
                continue;
            }
            for (i, word) in section.data().unwrap_or_default().chunks_exact(8).enumerate() {
                let value = u64::from_le_bytes(word.try_into().unwrap_or_default());
                if within(value) {
                    all.code.push(value);
                    all.slots.entry(section.address() + 8 * i as u64).or_insert(Slot::Code(value));
                }
            }
        }
        all
    }
}

impl Sweep {
    /// Decodes a stretch of code from its start to its end.
    fn run(&mut self, range: &Range<'_>, within: &impl Fn(u64) -> bool) {
        let mut decoder = Decoder::with_ip(64, range.1, range.0, DecoderOptions::NONE);
        let mut tracker = Tracker::new();
        let mut i = Instruction::default();
        while decoder.can_decode() {
            decoder.decode_out(&mut i);
            if i.is_invalid() {
                tracker.clear();
                continue;
            }
            match i.flow_control() {
                FlowControl::Call if i.mnemonic() == Mnemonic::Syscall => {
                    self.sites.push((i.ip(), tracker.value(Register::RAX)));
                }
                FlowControl::Call | FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch
                    if i.op0_kind() == OpKind::NearBranch64 =>
                {
                    let call = i.flow_control() == FlowControl::Call;
                    // A tail call passes constants too.
                    let constant = |r| if i.flow_control() == FlowControl::ConditionalBranch { None } else { tracker.constant(r) };
                    let (rdi, rax) = (constant(Register::RDI), constant(Register::RAX));
                    self.direct.push(Direct { from: i.ip(), to: i.near_branch_target(), call, rdi, rax });
                }
                FlowControl::IndirectCall | FlowControl::IndirectBranch if i.is_ip_rel_memory_operand() => {
                    let slot = i.ip_rel_memory_address();
                    if i.flow_control() == FlowControl::IndirectBranch {
                        let marked = tracker.last(1).filter(|b| b.mnemonic() == Mnemonic::Endbr64 && b.next_ip() == i.ip());
                        self.stubs.insert(marked.map_or(i.ip(), |b| b.ip()), slot);
                    }
                    self.slots.push((i.ip(), slot, tracker.constant(Register::RDI), tracker.constant(Register::RAX)));
                }
                FlowControl::Interrupt if i.mnemonic() == Mnemonic::Int && i.immediate8() == 0x80 => self.int80.push(i.ip()),
                FlowControl::Next if i.is_ip_rel_memory_operand() => {
                    let at = i.ip_rel_memory_address();
                    if i.mnemonic() == Mnemonic::Lea && within(at) {
                        self.taken.push((i.ip(), at));
                    } else if i.mnemonic() == Mnemonic::Mov {
                        self.slots.push((i.ip(), at, None, None));
                    }
                }
                _ if i.mnemonic() == Mnemonic::Syscall => self.sites.push((i.ip(), tracker.value(Register::RAX))),
                _ => {}
            }
            tracker.push(&i);
        }
    }
}
