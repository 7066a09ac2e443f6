//! The table: one line per system call, from which dispatch, `--strace` decoding, `unox check` and the support page are generated.
//!
//! `name = number => path::to::handler(argument: Type, ...);` The handler returns `Result<T>` with `T: IntoReg`. Its doc comment is its support statement.

use abi::Result;
use core::fmt::Write;
use hal::trap::UserContext;

use crate::args::{FromReg, IntoReg};

/// Runs a call.
pub type Handler = fn(&mut UserContext) -> Result<usize>;

/// One line of the table.
pub struct Call {
    /// Its number on x86-64.
    pub number: u32,
    /// Its Linux name.
    pub name: &'static str,
    /// Runs it.
    pub handler: Handler,
    /// Prints its arguments.
    pub trace: fn(&[u64; 6], &mut dyn Write) -> core::fmt::Result,
}

/// One past the highest number of x86-64 today.
pub const MAX_CALLS: usize = 512;

macro_rules! calls {
    ($($name:ident = $number:literal => $($path:ident)::+ ($($arg:ident : $ty:ty),*);)*) => {
        /// Every call the kernel has, in table order.
        pub static CALLS: &[Call] = &[$(
            Call {
                number: $number,
                name: stringify!($name),
                handler: {
                    fn $name(ctx: &mut UserContext) -> Result<usize> {
                        #[allow(unused_variables)]
                        let regs = ctx.args();
                        let mut regs = regs.iter();
                        $(let $arg = <$ty as FromReg>::from_reg(*regs.next().unwrap_or(&0))?;)*
                        let _ = regs;
                        crate::$($path)::+($($arg),*).map(IntoReg::into_reg)
                    }
                    $name
                },
                trace: {
                    fn $name(regs: &[u64; 6], out: &mut dyn Write) -> core::fmt::Result {
                        #[allow(unused_mut, unused_variables)]
                        let mut separator = "";
                        let mut regs = regs.iter();
                        $(
                            write!(out, "{}{}=", separator, stringify!($arg))?;
                            <$ty as FromReg>::trace(*regs.next().unwrap_or(&0), out)?;
                            separator = ", ";
                        )*
                        let _ = (regs.next(), separator);
                        Ok(())
                    }
                    $name
                },
            },
        )*];
    };
}

calls! {
    // --- sys: identity of the machine ---
}

/// The handlers by number; what dispatch looks into.
pub static HANDLERS: [Option<Handler>; MAX_CALLS] = {
    let mut table: [Option<Handler>; MAX_CALLS] = [None; MAX_CALLS];
    let mut i = 0;
    while i < CALLS.len() {
        let number = CALLS[i].number as usize; // widening; const context has no From
        assert!(table[number].is_none(), "two lines with one number");
        table[number] = Some(CALLS[i].handler);
        i += 1;
    }
    table
};

/// The table line of a number.
pub fn find(number: u64) -> Option<&'static Call> {
    CALLS.iter().find(|call| u64::from(call.number) == number)
}

/// The name of a supported call.
pub fn name_of(number: u64) -> Option<&'static str> {
    find(number).map(|call| call.name)
}
