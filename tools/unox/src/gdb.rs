//! `--gdb`: where QEMU waits, and the commands that attach with the symbols of kernel, program, interpreter and libraries.
//!
//! Which libraries lie where is only known when the program has mapped them. The kernel then calls a function of its own that does nothing, `unox_mapped`, with
//! the file's path and what its addresses are moved by; a breakpoint there loads the symbols and goes on. So breakpoints in libraries can be set from the start.

use crate::failure::{Failure, Result};
use crate::kernel::Kernel;
use object::{Object, ObjectSymbol};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use vmm::machine::Listen;

/// The function the kernel calls; it stays in the kernel's symbol table when the others are stripped.
const STOP: &str = "unox_mapped";

/// The socket QEMU listens on: short, since the path of a Unix socket may have 107 bytes, and the user's own.
pub fn socket() -> PathBuf {
    let base = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|d| d.is_dir() && d.as_os_str().len() < 80);
    base.unwrap_or_else(|| "/tmp".into()).join(format!("unox-{}.gdb", std::process::id()))
}

/// The file of commands, beside the socket or where that would be.
fn script_of(listen: &Listen) -> PathBuf {
    let socket = if let Listen::Unix(socket) = listen { socket.clone() } else { socket() };
    socket.with_extension("gdbinit")
}

/// Writes the commands; gives what to type in another terminal.
pub fn prepare(listen: &Listen, kernel: &Kernel, rootfs: Option<&Path>) -> Result<String> {
    let script = script_of(listen);
    let text = script_text(listen, kernel.symbols.as_deref(), stop_of(kernel), rootfs);
    std::fs::write(&script, text).map_err(|e| Failure::new(format!("--gdb: cannot write {}: {e}", script.display())))?;
    Ok(format!("gdb -x {}", script.display()))
}

/// The same for an image that is one file, whose symbols are in `symbols`.
pub fn attach(listen: &Listen, symbols: &Path) -> String {
    format!("gdb -ex 'set architecture i386:x86-64' -ex 'target remote {listen}' '{}'", symbols.display())
}

/// Removes socket and commands.
pub fn clean(listen: &Listen) {
    if let Listen::Unix(socket) = listen {
        let _ = std::fs::remove_file(socket);
    }
    let _ = std::fs::remove_file(script_of(listen));
}

/// The address of the function; `None` for a kernel without symbols.
fn stop_of(kernel: &Kernel) -> Option<u64> {
    let bytes = kernel.read().ok()?;
    let file = object::File::parse(&*bytes).ok()?;
    file.symbols().find(|s| s.name() == Ok(STOP)).map(|s| s.address())
}

fn script_text(listen: &Listen, symbols: Option<&Path>, stop: Option<u64>, rootfs: Option<&Path>) -> String {
    let mut text = String::from("set architecture i386:x86-64\nset confirm off\nset pagination off\nset breakpoint pending on\n");
    if let Some(symbols) = symbols {
        // Functions only: by its line tables the kernel has a `write` in dozens of places, which `break write` would all take.
        let _ = writeln!(text, "add-symbol-file -readnever {0}\necho lines of the kernel: add-symbol-file {0}\\n", symbols.display());
    }
    let _ = writeln!(text, "target remote {listen}");
    let Some(stop) = stop else {
        text.push_str("echo this kernel has no symbols: those of program and libraries cannot be placed\\n\n");
        return text;
    };
    // A file of the guest is the host's of the same path, or the one under the root directory. One that is not there is passed over.
    let root = rootfs.map(|r| std::path::absolute(r).unwrap_or_else(|_| r.to_path_buf()).display().to_string()).unwrap_or_default();
    let root = root.replace('%', "%%");
    let _ = write!(
        text,
        "break *{stop:#x}\ncommands\nsilent\n\
         eval \"shell test -f '{root}%s'\", (char *) $rdi\n\
         if $_shell_exitcode == 0\neval \"add-symbol-file '{root}%s' -o %#lx\", (char *) $rdi, $rsi\nend\n\
         continue\nend\n\
         echo \\nbreakpoints may be set in the program and its libraries before they are mapped (break -q NAME: not in the kernel); then: continue\\n\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_attach_and_follow_what_is_mapped() {
        let text = script_text(
            &Listen::Unix("/tmp/x.gdb".into()),
            Some(Path::new("/k/unox-kernel")),
            Some(0xffff_ffff_8010_0000),
            Some(Path::new("/r%")),
        );
        assert!(text.contains("target remote /tmp/x.gdb\n") && text.contains("add-symbol-file -readnever /k/unox-kernel\n"), "{text}");
        assert!(text.contains("break *0xffffffff80100000\n") && text.contains("add-symbol-file '/r%%%s' -o %#lx"), "{text}");
        assert!(!script_text(&Listen::Tcp(5), None, None, None).contains("commands"));
        assert!(socket().as_os_str().len() < 108);
    }
}
