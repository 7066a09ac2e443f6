//! What a Kconfig tree says, after reading: symbols, choices, and the menu nodes that define them.

use crate::error::{Pos, Warning};
use crate::expr::{Cond, Expr, Tri};
use std::collections::HashMap;
use std::sync::Arc;

/// A symbol of a [`Kconfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SymId(pub(crate) u32);

/// A choice of a [`Kconfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChoiceId(pub(crate) u32);

/// A menu node of a [`Kconfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl SymId {
    pub(crate) const N: SymId = SymId(0);
    pub(crate) const M: SymId = SymId(1);
    pub(crate) const Y: SymId = SymId(2);

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl ChoiceId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The type of a symbol or choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Named in an expression, never defined; or defined without a type.
    #[default]
    Unknown,
    /// `bool`
    Bool,
    /// `tristate`
    Tristate,
    /// `string`
    Str,
    /// `int`
    Int,
    /// `hex`
    Hex,
}

impl Kind {
    /// The keyword.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Unknown => "unknown",
            Kind::Bool => "bool",
            Kind::Tristate => "tristate",
            Kind::Str => "string",
            Kind::Int => "int",
            Kind::Hex => "hex",
        }
    }

    /// bool or tristate.
    pub const fn is_logic(self) -> bool {
        matches!(self, Kind::Bool | Kind::Tristate)
    }

    /// Whether `text` is a value of this type, as Linux judges it.
    pub fn accepts(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Kind::Unknown => false,
            Kind::Bool => matches!(text, "y" | "n"),
            Kind::Tristate => matches!(text, "y" | "m" | "n"),
            Kind::Str => true,
            Kind::Int => {
                let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
                !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && (digits[0] != b'0' || digits.len() == 1)
            }
            Kind::Hex => {
                let digits = bytes.strip_prefix(b"0x").or(bytes.strip_prefix(b"0X")).unwrap_or(bytes);
                !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit)
            }
        }
    }
}

/// A `default`: the value and when it applies.
#[derive(Clone, Debug)]
pub struct Default {
    /// The value.
    pub value: Arc<Expr>,
    /// The condition, the node's dependencies included.
    pub cond: Cond,
    /// The node it stands in.
    pub node: NodeId,
    /// Where.
    pub pos: Pos,
}

/// A `range`.
#[derive(Clone, Debug)]
pub struct Range {
    /// Lowest value.
    pub low: SymId,
    /// Highest value.
    pub high: SymId,
    /// The condition, the node's dependencies included.
    pub cond: Cond,
    /// The node it stands in.
    pub node: NodeId,
    /// Where.
    pub pos: Pos,
}

/// A `select` or `imply`.
#[derive(Clone, Debug)]
pub struct Select {
    /// The symbol it acts on.
    pub target: SymId,
    /// `imply`.
    pub weak: bool,
    /// The condition, the node's dependencies included.
    pub cond: Cond,
    /// The node it stands in.
    pub node: NodeId,
    /// Where.
    pub pos: Pos,
}

/// A configuration symbol, a constant, or a name that nothing defines.
#[derive(Clone, Debug, std::default::Default)]
pub struct Symbol {
    /// Without prefix.
    pub name: String,
    /// The type.
    pub kind: Kind,
    /// A quoted string or `y`, `m`, `n`.
    pub is_const: bool,
    /// Where it is defined; empty for constants and undefined names.
    pub nodes: Vec<NodeId>,
    /// Defaults in the order of the files.
    pub defaults: Vec<Default>,
    /// Ranges in the order of the files.
    pub ranges: Vec<Range>,
    /// What it selects and implies.
    pub selects: Vec<Select>,
    /// The direct dependencies of all definitions, or'ed.
    pub dir_dep: Cond,
    /// `selector && condition` of every select of this symbol.
    pub rev_dep: Vec<Arc<Expr>>,
    /// The same for imply.
    pub implied: Vec<Arc<Expr>>,
    /// The choice that it is a value of.
    pub choice: Option<ChoiceId>,
    /// Kept out of `.config`: its value comes from the environment (`option env=`).
    pub no_write: bool,
    /// `transitional`: never written, but what an older `.config` says is used.
    pub transitional: bool,
}

/// A choice: at most one of its values is `y`.
#[derive(Clone, Debug, std::default::Default)]
pub struct Choice {
    /// A named choice can be continued in another place.
    pub name: Option<String>,
    /// bool or tristate.
    pub kind: Kind,
    /// All values may be off.
    pub optional: bool,
    /// Where it is defined.
    pub nodes: Vec<NodeId>,
    /// Default values: each value an [`Expr::Sym`].
    pub defaults: Vec<Default>,
    /// The values, in order.
    pub values: Vec<SymId>,
    /// The lower bound of its mode.
    pub rev_dep: Vec<Arc<Expr>>,
}

/// What a menu node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// `menu`, or the root
    Menu,
    /// `comment`
    Comment,
    /// `if`: gone after reading
    If,
    /// `config` or `menuconfig`
    Symbol(SymId),
    /// `choice`
    Choice(ChoiceId),
}

/// The text that the user sees, and when.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The text.
    pub text: String,
    /// The condition, dependencies and `visible if` of the menus around included.
    pub cond: Cond,
    /// Where.
    pub pos: Pos,
}

/// An entry of the menu tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub item: Item,
    /// Its text.
    pub prompt: Option<Prompt>,
    /// Its dependencies, those of the blocks around included.
    pub dep: Cond,
    /// `visible if` of a menu.
    pub visible_if: Cond,
    /// Help text, lines without the common indentation.
    pub help: Option<String>,
    /// What is below, in order.
    pub children: Vec<NodeId>,
    /// The node above; none for the root.
    pub parent: Option<NodeId>,
    /// `menuconfig`: the children are a menu of their own.
    pub is_menuconfig: bool,
    /// Where.
    pub pos: Pos,
}

/// A Kconfig tree, read and checked. It does not change any more; a [`crate::Config`] holds values for it.
#[derive(Clone, Debug)]
pub struct Kconfig {
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) choices: Vec<Choice>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) names: HashMap<String, SymId>,
    pub(crate) constants: HashMap<String, SymId>,
    pub(crate) modules: Option<SymId>,
    /// `option defconfig_list`: its defaults name files with defaults.
    pub(crate) defconfig_list: Option<SymId>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) messages: Vec<String>,
    pub(crate) files: Vec<String>,
    pub(crate) order: Vec<crate::graph::Unit>,
}

impl Kconfig {
    pub(crate) fn empty(root: Pos) -> Kconfig {
        let node = Node {
            item: Item::Menu,
            prompt: Some(Prompt { text: "Main menu".into(), cond: None, pos: root.clone() }),
            dep: None,
            visible_if: None,
            help: None,
            children: Vec::new(),
            parent: None,
            is_menuconfig: false,
            pos: root,
        };
        let mut k = Kconfig {
            symbols: Vec::new(),
            choices: Vec::new(),
            nodes: vec![node],
            names: HashMap::new(),
            constants: HashMap::new(),
            modules: None,
            defconfig_list: None,
            warnings: Vec::new(),
            messages: Vec::new(),
            files: Vec::new(),
            order: Vec::new(),
        };
        for tri in [Tri::No, Tri::Mod, Tri::Yes] {
            k.constant(tri.as_str());
        }
        k
    }

    /// The symbol of that name in expressions, made when it is new.
    pub(crate) fn name(&mut self, name: &str) -> SymId {
        if matches!(name, "y" | "m" | "n") {
            return self.constant(name);
        }
        if let Some(id) = self.names.get(name) {
            return *id;
        }
        let id = self.push(Symbol { name: name.into(), ..Symbol::default() });
        self.names.insert(name.into(), id);
        id
    }

    /// The constant with that text, made when it is new.
    pub(crate) fn constant(&mut self, text: &str) -> SymId {
        if let Some(id) = self.constants.get(text) {
            return *id;
        }
        let id = self.push(Symbol { name: text.into(), is_const: true, ..Symbol::default() });
        self.constants.insert(text.into(), id);
        id
    }

    fn push(&mut self, symbol: Symbol) -> SymId {
        let id = SymId(u32::try_from(self.symbols.len()).expect("fewer symbols than bytes read"));
        self.symbols.push(symbol);
        id
    }

    /// The title of the whole (`mainmenu`).
    pub fn title(&self) -> &str {
        self.node(self.root()).prompt.as_ref().map_or("", |p| &p.text)
    }

    /// The root of the menu tree.
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// A menu node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// A symbol.
    pub fn sym(&self, id: SymId) -> &Symbol {
        &self.symbols[id.index()]
    }

    /// A choice.
    pub fn choice(&self, id: ChoiceId) -> &Choice {
        &self.choices[id.index()]
    }

    /// The symbol of that name (without prefix), if the files define it.
    pub fn find(&self, name: &str) -> Option<SymId> {
        self.names.get(name).copied().filter(|id| !self.sym(*id).nodes.is_empty())
    }

    /// All defined symbols, in the order in which the files first name them.
    pub fn symbols(&self) -> impl Iterator<Item = SymId> + '_ {
        (0u32..).zip(&self.symbols).filter(|(_, s)| !s.nodes.is_empty()).map(|(i, _)| SymId(i))
    }

    /// All choices.
    pub fn choices(&self) -> impl Iterator<Item = ChoiceId> + '_ {
        (0u32..).zip(&self.choices).map(|(i, _)| ChoiceId(i))
    }

    /// All menu nodes in depth-first order, the root first.
    pub fn preorder(&self) -> Vec<NodeId> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut stack = vec![self.root()];
        while let Some(id) = stack.pop() {
            order.push(id);
            stack.extend(self.node(id).children.iter().rev());
        }
        order
    }

    /// What was doubtful in the files.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// What `$(info,...)` said, for the caller to print.
    pub fn messages(&self) -> &[String] {
        &self.messages
    }

    /// The files read, in order.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// An expression as text.
    pub fn show(&self, e: &Expr) -> String {
        let mut out = String::new();
        e.print(self, &|_| None, &mut out);
        out
    }
}
