//! Far returns in the application (`iretq`, `lretq`). A CPU reads their operands with the application's rights; QEMU's emulator (7.2) reads them with the
//! kernel's, which SMAP forbids: a page fault that says "supervisor" for an access of ring 3. No CPU reports that for the application's half, so
//! the instruction is carried out here instead.

use zerocopy::IntoBytes;

use crate::trap::UserContext;
use crate::user;

const REX_W: u8 = 0x48;
const IRET: u8 = 0xcf;
const LRET: u8 = 0xcb;
const CODE: u64 = 0x33;
const STACK: u64 = 0x2b;
/// What ring 3 can change by iretq: CF PF AF ZF SF TF DF OF NT RF AC ID.
const FLAGS: u64 = 0x25_4dd5;

/// Carries out the far return that `ctx` stands at. False when it stands at something else, or the return is not allowed: a general protection
/// fault then.
#[cold]
pub(crate) fn emulate(ctx: &mut UserContext) -> bool {
    let mut code = [0; 2];
    if user::read_bytes(ctx.rip as usize, &mut code).is_err() || code[0] != REX_W {
        return false;
    }
    let mut words = [0u64; 5];
    let count = if code[1] == IRET { 5 } else { 2 };
    if !matches!(code[1], IRET | LRET) || user::read_bytes(ctx.rsp as usize, words[..count].as_mut_bytes()).is_err() {
        return false;
    }
    let [rip, cs, rflags, rsp, ss] = words;
    if cs != CODE || code[1] == IRET && ss != STACK {
        return false;
    }
    ctx.rip = rip;
    if code[1] == IRET {
        ctx.rflags = ctx.rflags & !FLAGS | rflags & FLAGS;
        ctx.rsp = rsp;
    } else {
        ctx.rsp = ctx.rsp.wrapping_add(16);
    }
    true
}
