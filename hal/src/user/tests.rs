//! Copies and atomics of user memory, on the host.

use super::*;

/// On the host any address below USER_END serves as user memory; faults cannot be tested here.
#[test]
fn all_lengths() {
    let source: std::vec::Vec<u8> = (0..300u32).map(|i| (i * 7 + 1) as u8).collect();
    for len in 0..=300 {
        let mut target = std::vec![0u8; 301];
        assert_eq!(write_some(target.as_mut_ptr() as usize, &source[..len]), len);
        assert_eq!(target[..len], source[..len]);
        assert!(target[len..].iter().all(|&b| b == 0));
        assert_eq!(clear_some(target.as_mut_ptr() as usize, len), len);
        assert!(target.iter().all(|&b| b == 0));
    }
}

#[test]
fn ranges_and_strings() {
    let mut buffer = [0u8; 16];
    assert_eq!(read_bytes(USER_END - 8, &mut buffer), Err(Errno::EFAULT));
    assert_eq!(read_bytes(usize::MAX - 3, &mut buffer), Err(Errno::EFAULT));
    assert_eq!(read_some(usize::MAX - 3, &mut buffer), 0);
    let text = std::vec![b'x'; 200];
    let mut long = [0u8; 100];
    assert_eq!(read_cstr(text.as_ptr() as usize, &mut long, Errno::ENAMETOOLONG), Err(Errno::ENAMETOOLONG));
    let path = b"/etc/passwd\0rest of the memory behind the string is here to be read but not to be looked at.....";
    assert_eq!(read_cstr(path.as_ptr() as usize, &mut long[..96], Errno::ENAMETOOLONG), Ok(11));
    assert_eq!(&long[..11], b"/etc/passwd");
    // Every length at every place in a word and at the end of a page, into rooms that are just long enough and just too short.
    let page = std::vec![b'y'; 3 * PAGE_SIZE];
    for start in (0..16).chain(PAGE_SIZE - 40..PAGE_SIZE) {
        for len in 0..40 {
            let mut text = page.clone();
            let base = text.as_ptr() as usize;
            let at = PAGE_SIZE - base % PAGE_SIZE + start; // `start` bytes into a page
            text[at + len] = 0;
            let mut room = std::vec![0u8; len + 1];
            assert_eq!(read_cstr(base + at, &mut room, Errno::ERANGE), Ok(len), "{start} {len}");
            assert!(room[..len].iter().all(|&b| b == b'y'));
            assert_eq!(read_cstr(base + at, &mut room[..len], Errno::ERANGE), Err(Errno::ERANGE), "{start} {len}");
        }
    }
}

#[test]
fn atomics() {
    let word = core::sync::atomic::AtomicU32::new(5);
    let addr = word.as_ptr() as usize;
    assert_eq!(atomic::compare_exchange_u32(addr, 5, u32::MAX), Ok(5));
    assert_eq!(atomic::load_u32(addr), Ok(u32::MAX));
    assert_eq!(atomic::compare_exchange_u32(addr, 5, 6), Ok(u32::MAX));
    assert_eq!(atomic::exchange_u32(addr, 9), Ok(u32::MAX));
    assert_eq!(atomic::store_u32(addr, 1), Ok(()));
    assert_eq!(atomic::load_u32(addr), Ok(1));
    assert_eq!(atomic::load_u32(addr + 1), Err(Errno::EINVAL));
    assert_eq!(atomic::load_u32(USER_END), Err(Errno::EFAULT));
}
