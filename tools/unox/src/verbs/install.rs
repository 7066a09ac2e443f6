//! `install-kraft`: the name by which the tutorials call the tool.

use super::session::Session;
use crate::failure::{Failure, Result};
use clap::Args;
use std::path::{Path, PathBuf};

/// `install-kraft`.
#[derive(Debug, Args)]
pub struct Install {
    /// Directory of the link [default: that of this program]
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Replaces another `kraft` that is there
    #[arg(short = 'F', long)]
    force: bool,
}

pub fn run(session: &Session, install: Install) -> Result<u8> {
    let failed = |what: String| Failure::with_status(1, what);
    let program = std::env::current_exe().and_then(std::fs::canonicalize).map_err(|e| failed(format!("where am I? {e}")))?;
    let dir = install.dir.or_else(|| program.parent().map(Path::to_path_buf)).unwrap_or_else(|| ".".into());
    if !dir.is_dir() {
        return Err(failed(format!("{}: there is no such directory", dir.display())));
    }
    let link = dir.join("kraft");
    match std::fs::canonicalize(&link) {
        Ok(found) if found == program => {
            session.say(&format!("There already: {}", link.display()));
            return Ok(0);
        }
        _ if link.symlink_metadata().is_ok() && !install.force => {
            return Err(failed(format!("{}: another kraft is there; --force replaces it", link.display())));
        }
        _ => {}
    }
    let cannot = |e: std::io::Error| failed(format!("{}: cannot make the link: {e}", link.display()));
    if link.symlink_metadata().is_ok() {
        std::fs::remove_file(&link).map_err(cannot)?;
    }
    std::os::unix::fs::symlink(&program, &link).map_err(cannot)?;
    session.say(&format!("Linked: {} -> {}", link.display(), program.display()));
    let in_path = std::env::var_os("PATH")
        .is_some_and(|p| std::env::split_paths(&p).any(|d| std::fs::canonicalize(d).ok() == std::fs::canonicalize(&dir).ok()));
    if !in_path {
        session.say(&format!("{} is not in PATH: export PATH=\"{}:$PATH\"", dir.display(), dir.display()));
    }
    Ok(0)
}
