//! Files as users write them, good and bad.

use super::*;

fn parse(text: &str) -> Result<Kraftfile> {
    Kraftfile::parse(Path::new("kraft.yaml"), text, &|n| (n == "VERSION").then(|| "staging".to_owned()))
}

fn refused(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn the_tutorial_s_file() {
    let file = parse(
        "specification: '0.5'\nunikraft: ${VERSION}\ntargets:\n  - architecture: x86_64\n    platform: kvm\nlibraries:\n  iperf3:\n    version: staging\n  newlib: staging\n",
    )
    .unwrap();
    assert_eq!((file.format, file.unikraft.version.as_deref()), (Format::V05, Some("staging")));
    assert_eq!((file.targets.len(), file.targets[0].label().as_str()), (1, "kvm-x86_64"));
    assert_eq!(file.libraries.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["iperf3", "newlib"]);
    assert_eq!(file.find_library("libiperf3").unwrap().component.version.as_deref(), Some("staging"));
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
}

#[test]
fn a_full_file_of_0_5() {
    let file = parse(
        "specification: 0.5\nname: web\narguments: -c '/a b'\nunikraft:\n  version: '0.5'\n  kconfig:\n    - CONFIG_LIBUKDEBUG=y\n    - CONFIG_N=\"a=b\"\n\
         targets:\n  - name: one\n    architecture: {source: x, version: y, kconfig: {CONFIG_A: true}}\n    platform: kvm\n\
         libraries:\n  a: true\n  b:\n  c: {source: /x/c, version: stable, kconfig: [CONFIG_C=3]}\n  off: false\n\
         volumes:\n  rootfs: {driver: 9pfs, source: ./fs.tgz}\nnetworks:\n  net0: true\nx-mine: 3\n",
    )
    .unwrap();
    assert_eq!((file.name.as_deref(), file.arguments), (Some("web"), vec!["-c".to_owned(), "/a b".to_owned()]));
    assert_eq!(file.unikraft.kconfig, [("LIBUKDEBUG".into(), "y".into()), ("N".into(), "\"a=b\"".into())]);
    assert_eq!(file.targets[0].kconfig, [("A".into(), "y".into())]);
    assert_eq!(file.libraries.len(), 3);
    assert_eq!(file.libraries[2].component.source.as_deref(), Some("/x/c"));
    assert_eq!((file.volumes[0].driver.as_str(), file.networks.len()), ("9pfs", 1));
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
}

#[test]
fn kraftfile_0_6() {
    let file = parse(
        "spec: v0.6\nname: nginx\nrootfs: ./rootfs\ncmd: ['-c', '/nginx.conf']\nenv:\n  A: 1\nunikraft:\n  source: https://github.com/unikraft/unikraft.git\n  version: stable\n\
         targets:\n- qemu/x86_64\n- platform: fc/arm64\n- arch: x86_64\n  plat: kvm\nlibraries:\n  lwip: stable\nvolumes:\n- ./data:/data\n",
    )
    .unwrap();
    assert_eq!(file.format, Format::V06);
    assert_eq!(file.targets.iter().map(Target::label).collect::<Vec<_>>(), ["qemu-x86_64", "fc-arm64", "kvm-x86_64"]);
    assert_eq!((file.arguments.len(), file.env.len(), file.rootfs.as_deref()), (2, 1, Some("./rootfs")));
    assert_eq!((file.volumes[0].name.as_str(), file.volumes[0].source.as_deref()), ("/data", Some("./data")));
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
}

#[test]
fn specification_0_4() {
    let file = parse(
        "specification: '0.4'\nunikraft: '0.4'\narchitectures:\n  x86_64: true\n  arm64: true\nplatforms:\n  kvm:\n    kconfig: [CONFIG_K=y]\nlibraries: {}\n",
    )
    .unwrap();
    assert_eq!(file.targets.iter().map(Target::label).collect::<Vec<_>>(), ["kvm-x86_64", "kvm-arm64"]);
    assert_eq!(file.targets[1].kconfig.len(), 1);
}

#[test]
fn unknown_keys_are_named_with_their_place() {
    let file =
        parse("specification: '0.5'\nunikraft: staging\nlibraires:\n  a: true\ntargets:\n  - architecture: x86_64\n    platfrom: kvm\n")
            .unwrap();
    let said: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "kraft.yaml:3:1: unknown key `libraires` in the file; did you mean `libraries`?",
            "kraft.yaml:7:5: unknown key `platfrom` in a target; did you mean `platform`?"
        ]
    );
}

#[test]
fn wrong_types_say_what_was_expected() {
    let head = "specification: '0.5'\nunikraft: staging\n";
    for (text, said) in [
        ("libraries:\n  - a\n", "kraft.yaml:4:3: `libraries`: expected a mapping (`name: version`), found a list"),
        ("targets: kvm\n", "kraft.yaml:3:10: `targets`: expected a list, found a text"),
        ("name: [a]\n", "kraft.yaml:3:7: `name` of the file: expected a text, found a list"),
        ("name: a/b\n", "kraft.yaml:3:7: `a/b` cannot name an image: letters, digits and -_.+ only"),
        (
            "libraries:\n  a: {kconfig: 3}\n",
            "kraft.yaml:4:16: `kconfig`: expected a list of `CONFIG_NAME=value` or a mapping, found a number",
        ),
        ("libraries:\n  a: {kconfig: [CONFIG_X]}\n", "kraft.yaml:4:17: `CONFIG_X`: expected `CONFIG_NAME=value`"),
        ("libraries:\n  a: 1\n  liba: 2\n", "kraft.yaml:5:3: `liba` is the library `a` of line 4 again"),
        ("arguments: 'a \"b'\n", "kraft.yaml:3:12: `arguments`: a \" is not closed"),
        ("name: ${\n", "kraft.yaml:3:7: `${` without its `}` (a dollar sign itself is written `$$`)"),
        ("libraries:\n  ../x: 1\n", "kraft.yaml:4:3: `../x` is no library's name: letters, digits and -_.+ only"),
    ] {
        assert_eq!(refused(&format!("{head}{text}")), said);
    }
    assert!(refused("unikraft: x\n").contains("`specification` is missing"));
    assert!(refused("specification: '0.5'\n").contains("`unikraft` is missing"));
    assert!(refused("specification: '9'\nunikraft: x\n").starts_with("kraft.yaml:1:16: specification `9` is not known"));
    assert!(refused("").contains("empty"));
    assert!(refused("hello\n").contains("expected a mapping"));
    assert!(refused("a: b: c\n").contains("not YAML"));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let file = parse("specification: '0.5'\nunikraft: staging\nname: a${NOT_THERE}\n").unwrap();
    assert_eq!(file.name.as_deref(), Some("a"));
    assert_eq!(file.warnings[0].to_string(), "kraft.yaml:3:7: the variable NOT_THERE is not set: nothing is put in its place");
}

#[test]
fn commands_around_a_run() {
    let file = parse(
        "specification: '0.5'\nunikraft: staging\npre_up: echo a\npost_down: [echo b, echo c]\ntargets:\n  - architecture: x86_64\n    platform: {name: kvm, pre_up: echo d, cpus: 2, memory: 32}\n\
         networks:\n  net0: {pre_up: ip link, driver: brctl, bridge_name: br0}\n  net1: true\n  net2: false\n",
    )
    .unwrap();
    assert_eq!((file.hooks.pre_up, file.hooks.post_down), (vec!["echo a".to_owned()], vec!["echo b".to_owned(), "echo c".into()]));
    assert_eq!(
        (file.targets[0].hooks.pre_up.as_slice(), file.targets[0].cpus, file.targets[0].memory.as_deref()),
        (&["echo d".to_owned()][..], Some(2), Some("32"))
    );
    assert_eq!(file.networks.iter().map(|n| (n.name.as_str(), n.hooks.pre_up.len())).collect::<Vec<_>>(), [("net0", 1), ("net1", 0)]);
    assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    let head = "specification: '0.5'\nunikraft: staging\n";
    for (text, said) in [
        ("pre_up: {a: b}\n", "kraft.yaml:3:9: `pre_up` of the file: expected a text or a list of texts, found a mapping"),
        ("targets:\n  - platform: {name: kvm, cpus: many}\n", "kraft.yaml:4:33: `cpus`: expected a number from 1, found `many`"),
    ] {
        assert_eq!(refused(&format!("{head}{text}")), said);
    }
    let warned =
        |text: &str| parse(&format!("{head}{text}")).unwrap().warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(
        warned("networks:\n  n: {pre_upp: x}\n").contains("kraft.yaml:4:7: unknown key `pre_upp` in network `n`; did you mean `pre_up`?"),
        "{}",
        warned("networks:\n  n: {pre_upp: x}\n")
    );
    assert!(warned("before: x\n").contains("unknown key"));
    let file = parse("spec: v0.6\nunikraft: stable\noutdir: o\nvolumes:\n- {source: d, destination: /d, readonly: true}\n").unwrap();
    let warnings: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
    assert!(
        warnings[0].contains("kraft.yaml:5:42: volumes are writable") && warnings[1].contains("kraft.yaml:3:9: `outdir` is passed over"),
        "{warnings:?}"
    );
}
