//! No rule about rooms, `unsafe`, lints and file headers is broken.

#[test]
fn every_rule_holds() {
    let found = xtask::layers::check(&xtask::shell::root()).unwrap();
    assert!(found.is_empty(), "broken rules:\n{}", found.join("\n"));
}
