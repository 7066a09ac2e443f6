//! Random operations on an address space, against a plain array of pages.

use super::*;

/// Random operations against a model of pages.
#[test]
fn random_operations() {
    let mut space = space();
    const BASE: usize = 0x2000_0000;
    const N: usize = 96;
    let va = |page: usize| BASE + page * PAGE_SIZE;
    let mut model: Vec<Option<(Perm, u8)>> = vec![None; N];
    let mut random = 88172645463325252u64;
    let mut families = Vec::new();
    for round in 0..30_000u64 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let page = usize::try_from(random >> 8 & 0xffff).unwrap() % N;
        let n = (1 + usize::try_from(random >> 24 & 0xff).unwrap() % 6).min(N - page);
        let perm = [RW, RW, Perm::READ, Perm::empty()][usize::try_from(random >> 32 & 3).unwrap()];
        match random >> 40 & 15 {
            0 | 1 => {
                space.mmap(MapRequest::anonymous(va(page), n * PAGE_SIZE, perm, FIXED)).unwrap();
                model[page..page + n].fill(Some((perm, 0)));
            }
            2 => {
                space.munmap(va(page), n * PAGE_SIZE).unwrap();
                model[page..page + n].fill(None);
            }
            3 | 4 => {
                let until = (page..page + n).find(|&p| model[p].is_none()).unwrap_or(page + n);
                let expected = if until < page + n { Err(Errno::ENOMEM) } else { Ok(()) };
                assert_eq!(space.mprotect(va(page), n * PAGE_SIZE, perm, false), expected);
                model[page..until].iter_mut().flatten().for_each(|m| m.0 = perm);
            }
            5 => {
                let all = model[page..page + n].iter().all(Option::is_some);
                assert_eq!(space.madvise(va(page), n * PAGE_SIZE, advice::DONTNEED).is_ok(), all);
                model[page..page + n].iter_mut().flatten().for_each(|m| m.1 = 0);
            }
            6 if round % 4 == 0 => {
                let child = space.fork(Arc::new(Limits::new())).unwrap();
                // Go on in the child or in the parent; the other keeps its pages as they are for a while.
                let other = if random & 1 == 0 { core::mem::replace(&mut space, child) } else { child };
                families.push((other, model.clone()));
                if families.len() > 4 {
                    let (old, was) = families.remove(usize::try_from(random >> 50 & 3).unwrap());
                    check(&old, &was, va);
                }
            }
            7 | 8 => {
                let to = (page + 7 + usize::try_from(random >> 50 & 31).unwrap()) % (N - n);
                let one = model[page..page + n].iter().all(Option::is_some);
                if to + n <= page || page + n <= to {
                    let moved =
                        space.mremap(va(page), n * PAGE_SIZE, n * PAGE_SIZE, MremapFlags::MAYMOVE | MremapFlags::FIXED, va(to), false);
                    match moved {
                        Ok(at) => {
                            assert!(one && at == va(to));
                            let pages: Vec<_> = model[page..page + n].to_vec();
                            model[page..page + n].fill(None);
                            model[to..to + n].copy_from_slice(&pages);
                        }
                        // The range is not one mapping. The target is gone by then, but for ranges that begin nowhere.
                        Err(error) => {
                            assert_eq!(error, Errno::EFAULT);
                            if model[page].is_some() {
                                model[to..to + n].fill(None);
                            }
                        }
                    }
                }
            }
            9..13 => {
                let value = u8::try_from(round & 0xff).unwrap();
                let outcome = write(&space, va(page), value);
                match &mut model[page] {
                    None => assert_eq!(outcome, Err(FaultOutcome::Segv(SegvCode::MapErr))),
                    Some((perm, content)) if perm.contains(Perm::WRITE) => {
                        assert_eq!(outcome, Ok(()));
                        *content = value;
                    }
                    Some(_) => assert_eq!(outcome, Err(FaultOutcome::Segv(SegvCode::AccErr))),
                }
            }
            _ => match model[page] {
                None => assert_eq!(read(&space, va(page)), Err(FaultOutcome::Segv(SegvCode::MapErr))),
                Some((perm, _)) if perm.is_empty() => assert_eq!(read(&space, va(page)), Err(FaultOutcome::Segv(SegvCode::AccErr))),
                Some((_, content)) => assert_eq!(read(&space, va(page)), Ok(content), "round {round} page {page}"),
            },
        }
        let mut total = 0;
        if round % 64 == 0 {
            space.for_each_mapping(0, |info| {
                total += (info.end - info.start) / PAGE_SIZE;
                true
            });
            assert_eq!(total, model.iter().flatten().count());
            let map = space.map.read();
            assert_eq!(map.counts.total, total);
            assert_eq!(map.counts.data, model.iter().flatten().filter(|m| m.0.contains(Perm::WRITE)).count());
            assert_eq!(space.present_pages(MIN_USER, USER_END).0, space.resident().pages());
        }
    }
    check(&space, &model, va);
    families.iter().for_each(|(old, was)| check(old, was, va));
}

fn check(space: &AddressSpace, model: &[Option<(Perm, u8)>], va: impl Fn(usize) -> usize) {
    for (page, expected) in model.iter().enumerate() {
        if let Some((perm, content)) = expected
            && !perm.is_empty()
        {
            assert_eq!(read(space, va(page)), Ok(*content));
        }
    }
}
