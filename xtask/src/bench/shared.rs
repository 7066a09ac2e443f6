//! Several machines of one program must hold its image's pages once: QEMU maps the file shared and read-only, and the host's page cache is what all of them see.

use crate::build;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Machines at one time.
const MACHINES: usize = 3;
/// Says that it runs, and stays.
const WORDS: [&str; 4] = ["run", "/usr/bin/python3", "-c", "import json, re, time; print(1, flush=True); time.sleep(60)"];

/// What a machine holds of its image, in KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pages {
    /// In its memory.
    pub resident: u64,
    /// Its part when what several hold is divided among them.
    pub proportional: u64,
    /// That no other process maps.
    pub private: u64,
}

/// KiB of the image that the machines after the first hold for themselves alone, and words about it.
pub fn measure() -> (Result<f64, String>, String) {
    let mut machines = Vec::new();
    let found =
        start(&mut machines).and_then(|()| machines.iter().map(|machine| pages(machine.id())).collect::<Result<Vec<Pages>, String>>());
    for machine in &mut machines {
        // QEMU goes with the tool.
        let _ = machine.kill();
        let _ = machine.wait();
    }
    match found {
        Err(why) => (Err(why), String::new()),
        Ok(all) => {
            let private: u64 = all.iter().skip(1).map(|p| p.private).sum();
            let (resident, held): (u64, u64) = (all.iter().map(|p| p.resident).sum(), all.iter().map(|p| p.proportional).sum());
            (Ok(private as f64), format!("{MACHINES} machines of python3 see {resident} KiB of image pages and hold {held} KiB"))
        }
    }
}

fn start(machines: &mut Vec<Child>) -> Result<(), String> {
    for _ in 0..MACHINES {
        let mut command = Command::new(build::unox());
        command.args(WORDS).env_remove("UNOX_KERNEL").env_remove("UNOX_QEMU");
        let machine = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|e| e.to_string())?;
        machines.push(machine);
    }
    for machine in machines {
        let mut first = [0];
        let got = machine.stdout.as_mut().map_or(0, |out| out.read(&mut first).unwrap_or(0));
        if got != 1 {
            return Err("a machine printed nothing".to_string());
        }
    }
    Ok(())
}

/// The image's pages of the QEMU that the tool with this process id has started.
fn pages(tool: u32) -> Result<Pages, String> {
    let qemu = child_of(tool).ok_or("the tool has no QEMU")?;
    let text = std::fs::read_to_string(format!("/proc/{qemu}/smaps")).map_err(|e| format!("/proc/{qemu}/smaps: {e}"))?;
    let pages = of_image(&text);
    if pages.resident == 0 { Err("QEMU maps no image".to_string()) } else { Ok(pages) }
}

fn child_of(parent: u32) -> Option<u32> {
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(Path::new("/proc").join(entry.file_name()).join("stat")).ok()?;
        // PID (NAME) STATE PPID …; the name may hold anything.
        let ppid = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()?;
        (ppid == parent).then_some(pid)
    })
}

/// Adds up the mappings of root images in the text of a smaps file (proc(5)).
fn of_image(smaps: &str) -> Pages {
    let mut pages = Pages::default();
    let mut inside = false;
    for line in smaps.lines() {
        let Some((key, value)) = line.split_once(':').filter(|(key, _)| key.chars().all(|c| c.is_ascii_alphabetic() || c == '_')) else {
            inside = line.ends_with(".erofs");
            continue;
        };
        let kib = || value.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0);
        match key {
            "Rss" if inside => pages.resident += kib(),
            "Pss" if inside => pages.proportional += kib(),
            "Private_Clean" | "Private_Dirty" if inside => pages.private += kib(),
            _ => {}
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_image_s_mappings_count() {
        let smaps = "7f0000000000-7f0001000000 r--s 00000000 fe:00 12 /cache/images/ab.erofs\nRss: 100 kB\nPss: 40 kB\nPrivate_Clean: 8 kB\n\
                     Private_Dirty: 0 kB\nVmFlags: rd\n7f0002000000-7f0003000000 rw-p 00000000 00:00 0\nRss: 900 kB\nPrivate_Dirty: 900 kB\n";
        assert_eq!(of_image(smaps), Pages { resident: 100, proportional: 40, private: 8 });
        assert_eq!(of_image(""), Pages::default());
    }
}
