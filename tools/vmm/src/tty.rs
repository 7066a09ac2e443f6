//! The host's terminal while a guest owns it: raw, because the guest's own line discipline does the editing, and always given back.

use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, tcgetpgrp};
use std::io::IsTerminal;
use std::sync::Mutex;

/// The attributes to give back; `Some` while the terminal is raw. A static, because the panic hook needs it too: `panic = "abort"` runs no destructor.
static SAVED: Mutex<Option<Termios>> = Mutex::new(None);

/// Makes the terminal on stdin raw until dropped. Does nothing when stdin is no terminal, or when this is a background job (changing the
/// terminal would stop it).
pub struct Raw(());

impl Raw {
    /// Starts owning the terminal and arranges for a panic to give it back.
    pub fn enter() -> Raw {
        static HOOK: std::sync::Once = std::sync::Once::new();
        HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                restore();
                previous(info);
            }));
        });
        resume();
        Raw(())
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        restore();
    }
}

/// Makes the terminal raw (again, after a stop).
pub fn resume() {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || tcgetpgrp(&stdin).ok() != Some(getpgrp()) {
        return;
    }
    let Ok(mut saved) = SAVED.lock() else { return };
    let Ok(now) = tcgetattr(&stdin) else { return };
    let mut raw = now.clone();
    cfmakeraw(&mut raw);
    if tcsetattr(&stdin, SetArg::TCSADRAIN, &raw).is_ok() && saved.is_none() {
        *saved = Some(now);
    }
}

/// Gives the terminal back as it was. Safe to call at any time.
pub fn restore() {
    let mut saved = match SAVED.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    };
    if let Some(before) = saved.take() {
        let _ = tcsetattr(std::io::stdin(), SetArg::TCSADRAIN, &before);
    }
}

/// Whether the terminal is raw now: lines for it then need a carriage return.
pub fn is_raw() -> bool {
    SAVED.lock().is_ok_and(|saved| saved.is_some())
}

/// Writes a message of the tool to stderr, whatever state the terminal is in.
pub fn say(message: &str) {
    use std::io::Write;
    let text =
        if is_raw() && std::io::stderr().is_terminal() { format!("{}\r\n", message.replace('\n', "\r\n")) } else { format!("{message}\n") };
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
