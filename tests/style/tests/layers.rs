//! No rule about rooms, `unsafe`, lints and file headers is broken.

#[test]
fn every_rule_holds() {
    let found = xtask::layers::check(&xtask::shell::root()).unwrap();
    assert!(found.is_empty(), "broken rules:\n{}", found.join("\n"));
}

#[test]
fn the_table_of_system_calls_is_up_to_date() {
    xtask::docs::check().unwrap();
}
