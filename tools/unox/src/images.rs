//! `unox pack` and `unox inspect`: machines as files.

use crate::cli::{self, Inspect, Pack};
use crate::failure::{Failure, Result};
use crate::program::Kind;
use crate::run::{configuration, files, print};
use crate::{cache, kernel, program};
use rootfs::Cache;
use serde_json::json;
use std::fmt::Write;

/// Writes a packed image.
pub fn pack(options: &Pack) -> Result<u8> {
    let guest = &options.guest;
    let (words, output) = cli::pack_words(options);
    let program = program::resolve(&words, guest.rootfs.as_deref())?;
    let output = output.ok_or_else(|| Failure::new("where to? name the file to write: unox pack PROGRAM -o FILE"))?;
    if program.kind == Kind::Packed {
        return Err(Failure::new(format!("{}: is a packed image already", program.host.display())));
    }
    let kernel = kernel::find(guest.kernel.as_deref())?;
    let environment = configuration::packed_environment(guest);
    let cache = Cache::at(cache::dir()).map_err(files::failure)?;
    let plan = files::plan(guest, &program, &environment, &cache)?;
    let mut config = configuration::program_part(guest, &plan, &environment)?;
    config.add("root", "payload");
    let done = pack::pack(&plan, &kernel.read()?, &config.to_bytes(), &output).map_err(failure)?;
    let file = output.display().to_string();
    let memory = done.load_end.div_ceil(1 << 20);
    print(&if options.json {
        format!("{}\n", json!({"file": file, "bytes": done.size, "root_bytes": done.root_len, "loads_below_mib": memory}))
    } else {
        format!("{file}: {} bytes, {} files; needs more than {memory} MiB of memory\n  unox run {file}\n", done.size, plan.entries.len())
    });
    Ok(0)
}

/// Shows what is in an image.
pub fn inspect(options: &Inspect) -> Result<u8> {
    let found = pack::inspect(&options.image).map_err(failure)?;
    if options.json {
        let all = serde_json::to_string(&found).map_err(|e| Failure::new(e.to_string()))?;
        print(&format!("{all}\n"));
        return Ok(0);
    }
    let mut text = String::new();
    if found.packed {
        let version = found.kernel_version.as_deref().unwrap_or("of unknown version");
        let _ = writeln!(text, "kernel         {version}, {} bytes in memory", found.kernel_memory);
        for (key, value) in &found.config {
            let _ = writeln!(text, "configuration  {key}={value}");
        }
    }
    let _ = writeln!(text, "root image     {} bytes, {} files with {} bytes", found.root_len, found.files.len(), found.contents);
    if found.packed {
        let _ = writeln!(text, "memory         -m {} and what the program itself uses", found.memory_mib);
    }
    if options.files {
        for file in &found.files {
            let target = file.target.as_ref().map(|t| format!(" -> {t}")).unwrap_or_default();
            let _ = writeln!(
                text,
                "{:<5} {:04o} {:>5}:{:<5} {:>11}  {}{target}",
                file.kind, file.mode, file.uid, file.gid, file.size, file.path
            );
        }
    } else {
        text.push_str("               --files lists them\n");
    }
    print(&text);
    Ok(0)
}

fn failure(error: pack::Error) -> Failure {
    match error {
        pack::Error::Rootfs(error) => files::failure(error),
        other => Failure::new(other.to_string()),
    }
}
