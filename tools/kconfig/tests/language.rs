//! The language, construct by construct; and what is said about mistakes.

mod common;

use common::Scratch;
use kconfig::{Config, Item, Kconfig, Tri};
use std::collections::BTreeMap;

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
}

/// Loads a tree of one file with `UK=/base` and `EMPTY=` in the environment.
fn load(name: &str, text: &str) -> Result<Kconfig, kconfig::Error> {
    let scratch = Scratch::new(name);
    let path = scratch.file("Kconfig", text);
    Kconfig::load(&path, &env(&[("UK", "/base"), ("EMPTY", "")]))
}

/// The `.config` of a tree with this input.
fn result(name: &str, text: &str, input: &str) -> String {
    let k = load(name, text).unwrap();
    let mut config = Config::new(&k);
    config.merge_text(input, ".config");
    config.olddefconfig();
    config.to_dotconfig().lines().skip(4).map(|l| format!("{l}\n")).collect()
}

fn error(name: &str, text: &str) -> String {
    let e = load(name, text).map(|_| ()).unwrap_err();
    let e = e.to_string();
    e.split_once("/Kconfig").map_or(e.clone(), |(_, rest)| rest.to_string())
}

#[test]
fn types_defaults_and_strings() {
    let text = r#"
config A
	bool "a"
	default y
config B
	tristate "b"
config S
	string 'single "quotes"'
	default "a\"b\\c # no comment"   # comment
config I
	int "i" \
		if A
	default 12
config H
	hex "h"
	default 0x1F
config E
	def_bool A && \
		!B
---help---
"#;
    let text = text.replace("---help---\n", "\t---help---\n\t  old style\n");
    let want = "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_S=\"a\\\"b\\\\c # no comment\"\nCONFIG_I=12\nCONFIG_H=0x1F\nCONFIG_E=y\n";
    assert_eq!(result("types", &text, ""), want);
    let k = load("types2", &text).unwrap();
    assert_eq!(k.node(k.sym(k.find("S").unwrap()).nodes[0]).prompt.as_ref().unwrap().text, "single \"quotes\"");
    assert_eq!(k.node(k.sym(k.find("E").unwrap()).nodes[0]).help.as_deref(), Some("old style"));
}

#[test]
fn help_ends_where_the_indentation_does() {
    let text = "config A\n\tbool \"a\"\n\thelp\n\n\t  First.\n\t    Indented.\n\n\t  config B is text.\n\n\tdefault y\nconfig B\n\tbool\n";
    let k = load("help", text).unwrap();
    let node = k.node(k.sym(k.find("A").unwrap()).nodes[0]);
    assert_eq!(node.help.as_deref(), Some("First.\n  Indented.\n\nconfig B is text."));
    assert!(k.find("B").is_some());
    assert_eq!(Config::new(&k).get("A"), Some("y"));
}

#[test]
fn macros() {
    let text = r#"
comma := ,
EARLY := $(LATE)
LAZY = $(LATE)
LATE := late
LIST = a
LIST += b
LIST += $(comma)
greet = hello $(1) and $(2)$(3)
rec = $(if-y,$(1))
if-y = got $(1)
config A
	string
	default "$(EARLY)|$(LAZY)|$(LIST)"
config B
	string
	default "$(greet,x,y z)"
config C
	string
	default "$(shell,echo one; echo two)"
config D
	string
	default "$(UK) $UK ${UK}/x $NOPE $(NOPE) 5$ \$(UK)"
config E
	def_bool $(shell,test -n "$(UK)" && echo y || echo n)
config F
	string
	default "$(lineno)"
config G
	int
	default $(shell,echo 42)
config H
	string
	default "$(rec,z)"
$(info,said $(UK))
$(warning-if,n,not this)
$(warning-if,y,this)
PREFIX := CONF
config $(PREFIX)_NAME
	def_bool y
"#;
    let got = result("macros", text, "");
    let want = "CONFIG_A=\"|late|a b ,\"\nCONFIG_B=\"hello x and y z\"\nCONFIG_C=\"one two\"\n\
        CONFIG_D=\"/base /base /base/x $NOPE  5$ $(UK)\"\nCONFIG_E=y\nCONFIG_F=\"28\"\nCONFIG_G=42\nCONFIG_H=\"got z\"\nCONFIG_CONF_NAME=y\n";
    assert_eq!(got, want);
    let k = load("macros2", text).unwrap();
    assert_eq!(k.messages(), ["said /base"]);
    assert_eq!(k.warnings().iter().filter(|w| w.message == "this").count(), 1);
    assert!(!k.warnings().iter().any(|w| w.message == "not this"));
}

#[test]
fn macro_mistakes() {
    assert_eq!(error("m1", "$(error-if,y,stop here)\n"), ":1:1: stop here");
    assert!(error("m2", "config A\n\tdef_bool $(shell,echo a,b)\n").starts_with(":2:11: too many arguments for `shell`"));
    assert!(error("m3", "A = $(B)\nB = $(A)\nconfig $(A)\n").contains("references itself"));
    assert!(error("m4", "config A\n\tstring \"$(UK\"\n").contains("unterminated reference"));
    // Doubling thirty times would be a gigabyte.
    let mut bomb = String::from("V0 := xxxxxxxxxxxxxxxx\n");
    (1..40).for_each(|i| bomb.push_str(&format!("V{i} := $(V{})$(V{})\n", i - 1, i - 1)));
    assert!(error("m5", &bomb).contains("longer than"));
}

#[test]
fn sources() {
    let scratch = Scratch::new("sources");
    let root = "source \"lib/*.uk\"\nosource \"none.uk\"\norsource \"no/*.uk\"\nsource \"$(UKDIR)/sub/Config.uk\"\n";
    let path = scratch.file("Kconfig", root);
    scratch.file("lib/a.uk", "config A\n\tdef_bool y\n");
    scratch.file("lib/b.uk", "config B\n\tdef_bool y\n");
    scratch.file("sub/Config.uk", "rsource \"deeper/Config.uk\"\n");
    scratch.file("sub/deeper/Config.uk", "config DEEP\n\tstring\n\tdefault \"$(filename)\"\n");
    let dir = scratch.0.to_string_lossy().into_owned();
    let k = Kconfig::load(&path, &env(&[("UKDIR", &dir)])).unwrap();
    let config = Config::new(&k);
    assert_eq!((config.get("A"), config.get("B")), (Some("y"), Some("y")));
    assert_eq!(config.get("DEEP"), Some(format!("{dir}/sub/deeper/Config.uk").as_str()));
    assert_eq!(k.files().len(), 5);
    scratch.file("lib/a.uk", "source \"lib/b.uk\"\n");
    scratch.file("lib/b.uk", "source \"lib/a.uk\"\n");
    let e = Kconfig::load(&path, &env(&[("UKDIR", &dir)])).unwrap_err().to_string();
    assert!(e.contains("recursive inclusion") && e.contains("a.uk sources"), "{e}");
    scratch.file("Kconfig", "\nsource \"missing.uk\"\n");
    let e = Kconfig::load(&path, &BTreeMap::new()).unwrap_err().to_string();
    assert!(e.contains("Kconfig:2:1: cannot read") && e.contains("missing.uk"), "{e}");
}

#[test]
fn mistakes_have_a_place_and_a_cure() {
    assert!(error("e1", "config A\n\tbool \"a\" fi B\n").starts_with(":2:11: expected the end of the line, found `fi`"));
    assert!(error("e2", "config A\n\tdepends on A &&\n").starts_with(":2:17: expected a symbol or a value, the line ends"));
    assert!(error("e3", "menu \"x\"\nconfig A\n\tbool\n").starts_with(":1:1: `menu` without `endmenu`"));
    assert!(error("e4", "if A\nendmenu\n").starts_with(":2:1: `endmenu`, but the innermost open block is the `if` at"));
    assert!(error("e5", "endif\n").starts_with(":1:1: `endif` without `if`"));
    assert!(error("e6", "\tbool \"x\"\n").starts_with(":1:2: `bool` belongs to no entry"));
    assert!(error("e7", "confg A\n").starts_with(":1:1: unknown keyword `confg`"));
    assert!(error("e8", "menu \"x\"\n\tbool \"y\"\nendmenu\n").contains("no option of a `menu`"));
    assert!(error("e9", "config A\n\tstring \"x\n").starts_with(":2:9: the string does not end"));
    assert!(error("e10", "config A\n\tbool \\\n  \"x\" if (B\n").starts_with(":3:12: expected `)`"));
    assert!(error("e11", "config A\n\tselect\n").contains("the name of a symbol"));
    assert!(error("e12", &format!("config A\n\tdepends on {}A{}\n", "(".repeat(5000), ")".repeat(5000))).contains("nest too deep"));
    assert!(error("e13", &"if A\n".repeat(1000)).contains("blocks inside one another"));
}

#[test]
fn circles_are_named() {
    let text = "config A\n\tbool \"a\"\n\tdepends on B\nconfig B\n\tbool \"b\"\n\tdepends on C\nconfig C\n\tbool\nconfig D\n\tbool \"d\"\n\tselect C if A\n";
    let e = error("circle", text);
    for part in ["recursive dependency detected!", "A depends on B", "B depends on C", "C is selected by A", "take one of these"] {
        assert!(e.contains(part), "{e}");
    }
    // As deep as the file is long, and no circle.
    let mut chain = String::from("config S0\n\tdef_bool y\n");
    (1..20_000).for_each(|i| chain.push_str(&format!("config S{i}\n\tbool \"s\"\n\tdefault y\n\tdepends on S{}\n", i - 1)));
    let k = load("chain", &chain).unwrap();
    let config = Config::new(&k);
    assert_eq!(config.get("S19999"), Some("y"));
    assert_eq!(config.to_dotconfig().lines().count(), 20_004);
}

#[test]
fn doubtful_lines_of_a_config_are_named() {
    let text = "config A\n\tbool \"a\"\nconfig N\n\tint \"n\"\n\trange 1 9\n\tdefault 3\nconfig S\n\tstring \"s\"\nconfig T\n\tbool \"t\"\n\tdepends on A\n";
    let k = load("doubt", text).unwrap();
    let mut config = Config::new(&k);
    let input =
        "nonsense\nCONFIG_NOPE=y\nCONFIG_A=x\nCONFIG_A=n\nCONFIG_A=y\nCONFIG_N=77\nCONFIG_S=bare\nCONFIG_A=m\n# CONFIG_T is not set\n";
    config.merge_text(input, "my.config");
    config.olddefconfig();
    let warnings: Vec<String> = config.warnings().iter().map(ToString::to_string).collect();
    let want = [
        "my.config:1: warning: unexpected data: nonsense",
        "my.config:2: warning: unknown symbol: CONFIG_NOPE",
        "my.config:3: warning: symbol value 'x' invalid for A",
        "my.config:5: warning: override: reassigning to symbol A",
        "my.config:7: warning: invalid string found",
        "my.config:8: warning: override: reassigning to symbol A",
        "my.config:8: warning: symbol value 'm' invalid for A",
        "my.config:6: warning: symbol value '77' out of range [1 9] for N",
    ];
    assert_eq!(warnings, want);
    assert_eq!((config.get("N"), config.get("A")), (Some("3"), Some("y")));
}

#[test]
fn unmet_selects_are_worded_as_linux_does() {
    let text = "config A\n\tbool \"a\"\n\tdefault y\n\tselect C\nconfig B\n\tbool \"b\"\nconfig C\n\tbool \"c\"\n\tdepends on B && A\n";
    let k = load("unmet", text).unwrap();
    let config = Config::new(&k);
    let message = config.warnings()[0].to_string();
    let want = "WARNING: unmet direct dependencies detected for C\n  Depends on [n]: B [=n] && A [=y]\n  Selected by [y]:\n  - A [=y]";
    assert_eq!(message, want);
    let why = config.explain(k.find("C").unwrap()).join("\n");
    assert!(why.contains("selected by\n  A [=y]") && why.contains("B [=n]"), "{why}");
}

#[test]
fn setting_by_name() {
    let text = "config MODULES\n\tbool \"m\"\n\tmodules\nconfig A\n\tbool \"a\"\n\tdepends on B\nconfig B\n\tbool \"b\"\nconfig N\n\thex \"n\"\n\trange 0x10 0x20\n\
        \tdefault 0x10\nconfig LIBFOO\n\tbool \"foo\"\nchoice\n\tprompt \"c\"\nconfig X\n\tbool \"x\"\nconfig Y\n\tbool \"y\"\nendchoice\nconfig S\n\tstring \"s\"\n";
    let k = load("set", text).unwrap();
    let mut c = Config::new(&k);
    let said = |r: Result<(), kconfig::Error>| r.unwrap_err().to_string();
    assert!(said(c.set("LIBFO", "y")).contains("did you mean CONFIG_LIBFOO?"));
    assert!(said(c.set("CONFIG_A", "maybe")).contains("no value of type bool"));
    assert!(said(c.set("N", "0x99")).contains("out of range [0x10 0x20]"));
    c.set("CONFIG_A", "y").unwrap();
    c.set("S", "\"quoted\"").unwrap();
    c.set("Y", "y").unwrap();
    assert_eq!(c.get("A"), Some("n"));
    assert_eq!(c.unheeded(), [k.find("A").unwrap()]);
    assert!(c.explain(k.find("A").unwrap()).join("\n").contains("It was set to y, which does not hold now."));
    c.set("B", "y").unwrap();
    assert!(c.unheeded().is_empty());
    assert_eq!((c.get("A"), c.get("S"), c.get("X"), c.get("Y")), (Some("y"), Some("quoted"), Some("n"), Some("y")));
    assert_eq!(c.to_defconfig(), "CONFIG_A=y\nCONFIG_B=y\nCONFIG_Y=y\nCONFIG_S=\"quoted\"\n");
}

#[test]
fn header_make_file_and_prefix() {
    let text = "mainmenu \"T\"\nconfig M\n\tdef_bool y\n\tmodules\nconfig A\n\tdef_bool y\nconfig T\n\tdef_tristate m\nconfig S\n\tstring\n\
        \tdefault \"a\\\"b $(EMPTY)# c\"\nconfig H\n\thex\n\tdefault ff\nconfig OFF\n\tbool \"off\"\n";
    let k = load("header", text).unwrap();
    let c = Config::new(&k).with_prefix("UK_");
    let header = "/*\n * Automatically generated file; DO NOT EDIT.\n * T\n */\n#define UK_M 1\n#define UK_A 1\n#define UK_T_MODULE 1\n\
        #define UK_S \"a\\\"b # c\"\n#define UK_H 0xff\n";
    assert_eq!(c.to_header(), header);
    let make: String = c.to_make().lines().skip(4).map(|l| format!("{l}\n")).collect();
    assert_eq!(make, "UK_M=y\nUK_A=y\nUK_T=m\nUK_S=\"a\\\"b \\# c\"\nUK_H=ff\n");
    assert!(c.to_dotconfig().contains("# UK_OFF is not set\n"));
}

#[test]
fn older_words_are_read() {
    let text = "config MODULES\n\tbool\n\toption modules\n\tdefault y\nconfig ENV\n\tstring\n\toption env=\"UK\"\nconfig L\n\tstring\n\toption defconfig_list\n\
        \tdefault \"x\"\nconfig A\n\tboolean \"a\"\n\trequires B\nconfig B\n\tbool \"b\"\n\toption allnoconfig_y\nconfig C\n\tstring\n\tdefault ENV\n\
        config T\n\tdef_tristate m\n";
    assert_eq!(result("older", text, ""), "CONFIG_MODULES=y\nCONFIG_L=\"x\"\n# CONFIG_B is not set\nCONFIG_C=\"/base\"\nCONFIG_T=m\n");
}

#[test]
fn transitional_symbols_hand_their_value_on() {
    let text = "config OLD\n\tbool\n\ttransitional\nconfig NEW\n\tbool \"new\"\n\tdefault OLD\nconfig OLDN\n\tint\n\ttransitional\nconfig N\n\tint \"n\"\n\tdefault OLDN\n";
    assert_eq!(result("transit", text, "CONFIG_OLD=y\nCONFIG_OLDN=7\n"), "CONFIG_NEW=y\nCONFIG_N=7\n");
    assert_eq!(result("transit", text, ""), "# CONFIG_NEW is not set\nCONFIG_N=0\n");
}

#[test]
fn newer_dependencies_with_a_condition() {
    let text = "config A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nconfig C\n\tbool \"c\"\n\tdepends on A if B\n";
    assert_eq!(result("cond", text, "CONFIG_C=y\n"), "# CONFIG_A is not set\n# CONFIG_B is not set\nCONFIG_C=y\n");
    assert_eq!(result("cond", text, "CONFIG_B=y\nCONFIG_C=y\n"), "# CONFIG_A is not set\nCONFIG_B=y\n");
}

#[test]
fn menus_comments_and_submenus() {
    let text = "mainmenu \"Title\"\nmenu \"Outer\"\nconfig A\n\tbool \"a\"\n\tdefault y\nif A\nconfig B\n\tbool \"b\"\nmenuconfig C\n\tbool \"c\"\nconfig D\n\tbool \"d\"\n\
        \tdepends on C\nendif\ncomment \"Note\"\nmenu \"Hidden\"\n\tvisible if n\nconfig E\n\tbool \"e\"\n\tdefault y\nendmenu\nendmenu\nconfig Z\n\tbool \"z\"\n";
    let want = "\n#\n# Outer\n#\nCONFIG_A=y\n# CONFIG_B is not set\n# CONFIG_C is not set\n\n#\n# Note\n#\nCONFIG_E=y\n# end of Outer\n\n# CONFIG_Z is not set\n";
    assert_eq!(result("menus", text, ""), want);
    let k = load("menus2", text).unwrap();
    let outer = k.node(k.root()).children[0];
    let a = k.node(outer).children[0];
    assert_eq!(k.node(a).item, Item::Symbol(k.find("A").unwrap()));
    assert_eq!(k.node(a).children.len(), 2, "B and C depend on A and stand below it");
    assert_eq!(k.title(), "Title");
    assert_eq!(Config::new(&k).path(k.sym(k.find("D").unwrap()).nodes[0]), ["Outer", "a", "c"]);
}

#[test]
fn new_symbols_and_filling() {
    let text = "config A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\n\tdepends on A\nconfig C\n\tint \"c\"\n\tdefault 1\n";
    let k = load("new", text).unwrap();
    let mut c = Config::new(&k);
    let names = |c: &Config<'_>| c.new_symbols().iter().map(|s| k.sym(*s).name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&c), ["A", "C"]);
    c.merge_text("CONFIG_A=y\n", "x");
    assert_eq!(names(&c), ["B", "C"]);
    c.fill(kconfig::Mode::AllYes);
    assert_eq!(c.tri(k.find("B").unwrap()), Tri::Yes);
    let mut random = Config::new(&k);
    random.fill(kconfig::Mode::Random(7));
    let mut again = Config::new(&k);
    again.fill(kconfig::Mode::Random(7));
    assert_eq!(random.to_dotconfig(), again.to_dotconfig());
}

/// Any bytes: an answer or an error, never a panic, and in bounded time.
#[test]
fn garbage_is_an_error() {
    let words = [
        "config A\n",
        "menuconfig",
        "choice\n",
        "endchoice\n",
        "menu \"x\"\n",
        "endmenu\n",
        "if A\n",
        "endif\n",
        "\tbool \"p\"\n",
        "\tdefault ",
        "\tselect B\n",
        "\tdepends on ",
        "A && ",
        "(B",
        ")",
        "!=",
        "\"",
        "'",
        "$(",
        "$(shell,",
        "$(A)",
        "\\\n",
        "\thelp\n",
        "   text\n",
        "\trange 1 2\n",
        "\u{fffd}é",
        "\0",
        "=",
        ":=",
        "+=",
        "source \"",
        "\tvisible if A\n",
        "\n",
        "\timply C if D\n",
        "\tmodules\n",
        "<",
        "#",
    ];
    let mut rng = common::Rng(99);
    for i in 0..600u64 {
        let text: String = (0..1 + rng.below(40)).map(|_| rng.pick(&words)).collect();
        // No command may run by chance.
        let text = text.replace("shell", "shel");
        if let Ok(k) = load(&format!("garbage-{}", i % 8), &text) {
            let mut c = Config::new(&k);
            let input: String = (0..rng.below(8))
                .map(|_| rng.pick(&["CONFIG_A=y\n", "# CONFIG_", "A is not set\n", "\"", "=", "CONFIG_B", "\n", "é"]))
                .collect();
            c.merge_text(&input, "x");
            c.olddefconfig();
            c.fill(kconfig::Mode::Random(i));
            let _ = (c.to_dotconfig(), c.to_defconfig(), c.to_header(), c.warnings());
            k.symbols().for_each(|s| drop(c.explain(s)));
        }
    }
}
