//! The vsyscall page: not mapped; a call into one of its three entries faults and is done here (as Linux with vsyscall=xonly).

use abi::signal::sig;
use abi::time::{NSEC_PER_SEC, Timeval, Timezone};
use hal::trap::UserContext;
use hal::user::UserPtr;

use super::deliver::force;
use super::user::current;
use crate::signal::Info;
use crate::time;

const PAGE: usize = 0xffff_ffff_ff60_0000;

/// Does the call that jumped to `address`; false if that is no entry.
pub(super) fn emulate(address: usize, ctx: &mut UserContext) -> bool {
    if ctx.rip != address as u64 || !(PAGE..PAGE + 0xc00).contains(&address) || address & 0x3ff != 0 {
        return false;
    }
    let pointer = |register: u64| register as usize; // x86-64: the same width
    let Ok(back) = UserPtr::<u64>::new(pointer(ctx.rsp)).read() else { return fail() };
    let (first, second) = (pointer(ctx.rdi), pointer(ctx.rsi));
    let now = time::realtime();
    let done = match (address - PAGE) >> 10 {
        0 => put(first, &Timeval::from_ns(now)).and_then(|()| put(second, &Timezone::default())).map(|()| 0),
        1 => {
            let seconds = now / NSEC_PER_SEC;
            put(first, &seconds).map(|()| seconds)
        }
        _ => {
            let cpu = u32::try_from(hal::cpu::id()).unwrap_or(0);
            put(first, &cpu).and_then(|()| put(second, &0u32)).map(|()| 0)
        }
    };
    let Ok(value) = done else { return fail() };
    ctx.rax = value;
    ctx.rip = back;
    ctx.rsp = ctx.rsp.wrapping_add(8);
    true
}

fn put<T: zerocopy::IntoBytes + zerocopy::Immutable>(address: usize, value: &T) -> abi::Result<()> {
    if address == 0 { Ok(()) } else { UserPtr::<T>::new(address).write(value) }
}

/// A bad pointer is the application's fault, as it would be in code of its own.
fn fail() -> bool {
    force(&current(), Info::kernel(sig::SEGV));
    true
}
