//! The client against servers made for the purpose, sound and unsound ones.

use abi::Errno;

use crate::mount::Options;

#[test]
fn options() {
    let parsed = Options::parse(b"trans=virtio,version=9p2000.L,msize=131072,aname=/srv,cache=none").unwrap();
    assert_eq!(parsed, Options { aname: b"/srv", root: false });
    assert!(Options::parse(b"unox_root").unwrap().root);
    for bad in [&b"trans=tcp"[..], b"version=9p2000.u", b"colour=red", b"trans", b"unox_root=1"] {
        assert_eq!(Options::parse(bad), Err(Errno::EINVAL));
    }
}
