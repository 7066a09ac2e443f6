//! `--gdb`: where QEMU waits, and the one command that attaches with all symbols.

use crate::kernel::Kernel;
use crate::program::Program;
use std::path::{Path, PathBuf};

/// Where a program's images lie when `nokaslr` is on. The kernel's own constants: docs/boot-protocol.md, section 2.
pub const PIE_BASE: u64 = 0x5555_5555_4000;

/// The socket QEMU listens on: short, since the path of a Unix socket may have 107 bytes, and the user's own.
pub fn socket() -> PathBuf {
    let base = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|d| d.is_dir() && d.as_os_str().len() < 80);
    base.unwrap_or_else(|| "/tmp".into()).join(format!("unox-{}.gdb", std::process::id()))
}

/// What to type in another terminal.
pub fn command(socket: &Path, program: &Program, kernel: &Kernel) -> String {
    let mut words = vec!["gdb".to_string()];
    let mut run = |command: String| words.push(format!("-ex {}", quote(&command)));
    run("set architecture i386:x86-64".to_string());
    if let Some(symbols) = &kernel.symbols {
        run(format!("add-symbol-file {}", symbols.display()));
    }
    match is_pie(&program.host) {
        Some(true) => run(format!("add-symbol-file {} -o {PIE_BASE:#x}", program.host.display())),
        Some(false) => run(format!("add-symbol-file {}", program.host.display())),
        None => {}
    }
    run("set confirm off".to_string());
    run(format!("target remote {}", socket.display()));
    words.join(" ")
}

fn is_pie(path: &Path) -> Option<bool> {
    use std::io::Read;
    let mut start = [0; 18];
    std::fs::File::open(path).and_then(|mut f| f.read_exact(&mut start)).ok()?;
    start.starts_with(b"\x7fELF").then_some(start[16] == 3)
}

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Kind;

    #[test]
    fn the_command_names_program_kernel_and_socket() {
        let program = Program { host: "/bin/sh".into(), guest: "/bin/sh".into(), argv: vec!["sh".into()], kind: Kind::Elf };
        let kernel = Kernel { path: "/dev/fd/9".into(), file: None, symbols: Some("/k/unox-kernel".into()) };
        let text = command(Path::new("/tmp/x.gdb"), &program, &kernel);
        assert!(text.starts_with("gdb -ex ") && text.contains("target remote /tmp/x.gdb"), "{text}");
        assert!(text.contains("/k/unox-kernel") && text.contains("/bin/sh"), "{text}");
        assert!(socket().as_os_str().len() < 108);
    }
}
