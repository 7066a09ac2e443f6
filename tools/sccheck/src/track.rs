//! Where a register's value comes from: a walk back over the instructions before.

use iced_x86::{Code, FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register};

/// How many instructions are kept for walks. Between `mov eax, N` and `syscall` there are rarely more than ten.
const KEPT: usize = 48;
/// Registers that survive a call (System V ABI).
const PRESERVED: [Register; 6] = [Register::RBX, Register::RBP, Register::R12, Register::R13, Register::R14, Register::R15];

/// A register's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// This constant.
    Known(u32),
    /// What this register held at the address; if a function starts there, its caller decides.
    From(Register, u64),
    /// This constant if the code at the second number belongs to the same function, though a jump lies between (a loop's way back);
    /// else what the register held at the address, as `From`.
    Likely(u32, u64, Register, u64),
    /// Cannot be told.
    Unknown,
}

/// The last instructions.
pub struct Tracker {
    ring: Vec<Instruction>,
    /// Index of the next one; the ring is full after the first turn.
    next: usize,
    info: InstructionInfoFactory,
}

impl Tracker {
    pub fn new() -> Tracker {
        Tracker { ring: Vec::with_capacity(KEPT), next: 0, info: InstructionInfoFactory::new() }
    }

    /// Forgets everything: a new stretch of code begins.
    pub fn clear(&mut self) {
        self.ring.clear();
        self.next = 0;
    }

    pub fn push(&mut self, instruction: &Instruction) {
        if self.ring.len() < KEPT {
            self.ring.push(*instruction);
        } else {
            self.ring[self.next] = *instruction;
        }
        self.next = (self.next + 1) % KEPT;
    }

    /// The instruction `back` before the next one (1 is the last pushed).
    pub fn last(&self, back: usize) -> Option<&Instruction> {
        if back > self.ring.len() {
            return None;
        }
        self.ring.get((self.next + KEPT - back) % KEPT)
    }

    /// The value of `register` now.
    pub fn value(&mut self, register: Register) -> Value {
        let mut wanted = register;
        let mut reached = 0;
        let mut jumped: Option<(Register, u64)> = None;
        let without_jump = |jumped: Option<(Register, u64)>, register, at| {
            let (register, at) = jumped.unwrap_or((register, at));
            Value::From(register, at)
        };
        for back in 1..=self.ring.len() {
            let Some(&i) = self.last(back) else { break };
            match i.flow_control() {
                FlowControl::Return | FlowControl::IndirectBranch | FlowControl::Exception => {
                    return without_jump(jumped, wanted, i.next_ip());
                }
                FlowControl::UnconditionalBranch => _ = jumped.get_or_insert((wanted, i.next_ip())),
                FlowControl::Interrupt if i.mnemonic() == Mnemonic::Int3 => return without_jump(jumped, wanted, i.next_ip()),
                FlowControl::Call | FlowControl::IndirectCall if i.mnemonic() != Mnemonic::Syscall && !PRESERVED.contains(&wanted) => {
                    return jumped.map_or(Value::Unknown, |(r, at)| Value::From(r, at));
                }
                _ => {}
            }
            reached = i.ip();
            if i.mnemonic() == Mnemonic::Syscall && [Register::RAX, Register::RCX, Register::R11].contains(&wanted) {
                return jumped.map_or(Value::Unknown, |(r, at)| Value::From(r, at));
            }
            let info = self.info.info(&i);
            let writes = info.used_registers().iter().any(|u| {
                u.register().full_register() == wanted && !matches!(u.access(), OpAccess::None | OpAccess::Read | OpAccess::CondRead)
            });
            if writes {
                match written(&i, self.last(back + 1)) {
                    Written::Constant(v) => {
                        return jumped.map_or(Value::Known(v), |(r, at)| Value::Likely(v, i.ip(), r, at));
                    }
                    Written::Copy(from) => wanted = from,
                    Written::Other => return jumped.map_or(Value::Unknown, |(r, at)| Value::From(r, at)),
                }
            }
        }
        without_jump(jumped, wanted, reached)
    }

    /// The constant in `register` now, if one of the last few instructions put it there; cheap, for every call instruction.
    pub fn constant(&self, register: Register) -> Option<u32> {
        for back in 1..=8 {
            let i = self.last(back)?;
            if i.op_count() > 0 && i.op0_kind() == OpKind::Register && i.op0_register().full_register() == register {
                return match written(i, None) {
                    Written::Constant(v) => Some(v),
                    _ if matches!(i.mnemonic(), Mnemonic::Cmp | Mnemonic::Test) => continue,
                    _ => None,
                };
            }
            if i.flow_control() != FlowControl::Next && i.flow_control() != FlowControl::ConditionalBranch {
                return None;
            }
        }
        None
    }
}

enum Written {
    Constant(u32),
    Copy(Register),
    Other,
}

/// What an instruction that writes its first operand puts there; `before` is the instruction before it.
fn written(i: &Instruction, before: Option<&Instruction>) -> Written {
    let constant = |v: u64| u32::try_from(v & 0xffff_ffff).map_or(Written::Other, Written::Constant);
    match i.code() {
        Code::Mov_r32_imm32 | Code::Mov_rm32_imm32 | Code::Mov_rm64_imm32 | Code::Mov_r64_imm64 => constant(i.immediate(1)),
        Code::Xor_r32_rm32 | Code::Xor_rm32_r32 | Code::Xor_r64_rm64 | Code::Xor_rm64_r64
            if i.op1_kind() == OpKind::Register && i.op0_register() == i.op1_register() =>
        {
            Written::Constant(0)
        }
        Code::Mov_r32_rm32 | Code::Mov_rm32_r32 | Code::Mov_r64_rm64 | Code::Mov_rm64_r64 | Code::Movsxd_r64_rm32
            if i.op0_kind() == OpKind::Register && i.op1_kind() == OpKind::Register =>
        {
            Written::Copy(i.op1_register().full_register())
        }
        Code::Pop_r64 => match before {
            Some(b) if matches!(b.code(), Code::Pushq_imm8 | Code::Pushq_imm32) => constant(b.immediate(0)),
            _ => Written::Other,
        },
        _ => Written::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced_x86::{Decoder, DecoderOptions};

    fn value(code: &[u8]) -> Value {
        let mut t = Tracker::new();
        Decoder::with_ip(64, code, 0x1000, DecoderOptions::NONE).iter().for_each(|i| t.push(&i));
        t.value(Register::RAX)
    }

    #[test]
    fn constants_copies_and_callers() {
        assert_eq!(value(b"\xb8\x3c\0\0\0"), Value::Known(60)); // mov eax, 60
        assert_eq!(value(b"\x31\xc0\x48\x89\xd6"), Value::Known(0)); // xor eax, eax; mov rsi, rdx
        assert_eq!(value(b"\xbf\x05\0\0\0\x89\xf8"), Value::Known(5)); // mov edi, 5; mov eax, edi
        assert_eq!(value(b"\xc3\x48\x89\xf8\x48\x89\xf7"), Value::From(Register::RDI, 0x1001)); // ret; mov rax, rdi; mov rdi, rsi
        assert_eq!(value(b"\x6a\x3b\x58"), Value::Known(59)); // push 59; pop rax
        assert_eq!(value(b"\xb8\x01\0\0\0\xe8\0\0\0\0"), Value::Unknown); // mov eax, 1; call
        assert_eq!(value(b"\x8b\x07"), Value::Unknown); // mov eax, [rdi]
        assert_eq!(value(b"\xbb\x07\0\0\0\xe8\0\0\0\0\x89\xd8"), Value::Known(7)); // mov ebx, 7; call; mov eax, ebx
        assert_eq!(value(b""), Value::From(Register::RAX, 0));
    }

    #[test]
    fn long_walks_end() {
        let code = [&b"\xb8\x01\0\0\0"[..], &[0x90; 100]].concat();
        assert!(matches!(value(&code), Value::From(Register::RAX, _)));
    }
}
