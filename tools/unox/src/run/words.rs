//! What the kernel says in numbers, in words: system calls, and addresses by the symbols of the files they lie in.

use crate::cli::Run;
use strace::Decoder;
use vmm::control::Level;

/// The translator of one run.
pub struct Words {
    calls: Decoder,
}

impl Words {
    /// For this run.
    pub fn new(run: &Run) -> Words {
        Words { calls: Decoder::new(run.guest.verbose > 0) }
    }
}

impl vmm::Words for Words {
    fn strace(&mut self, record: &[u8]) -> String {
        self.calls.line(record)
    }

    fn map(&mut self, _text: &[u8]) {}

    fn log(&mut self, _level: Level, text: String) -> String {
        text
    }
}
