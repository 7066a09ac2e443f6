//! The list of figures, with what they must and should be.

use super::measure::{Counts, Lab, programs, succeeded};
use super::shared;
use super::table::Row;
use crate::build;
use std::time::Duration;

/// A figure to measure.
pub struct Figure {
    /// Its name in the table.
    pub name: &'static str,
    kind: Kind,
    must: Option<f64>,
    should: Option<f64>,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Instructions of a whole machine.
    Whole(App),
    /// Instructions of the kernel and the boot of a whole machine.
    KernelPart(App),
    /// Smallest memory in MiB.
    Memory(App),
    /// QEMU's memory on the host, in KiB, with the wall time as a note.
    Host(App),
    /// Pages of the image that machines beside the first hold for themselves, in KiB.
    Shared,
    /// The host's time before QEMU starts, in µs.
    Start(App),
    /// The kernel file's bytes.
    KernelFile,
    /// Instructions of one turn of a loop of tests/bench/micro.c; turns to measure with.
    Turn(&'static str, u64),
}

#[derive(Clone, Copy, PartialEq)]
enum App {
    Hello,
    Grep,
    Python,
    Node,
}

impl App {
    fn words(self) -> Result<Vec<String>, String> {
        let words: &[&str] = match self {
            App::Hello => return Ok(vec![programs()?.join("hello").display().to_string()]),
            App::Grep => &["/usr/bin/grep", "-c", "root", "/etc/passwd"],
            App::Python => &["/usr/bin/python3", "-c", "print(1)"],
            App::Node => &["/usr/bin/node", "-e", "console.log(1)"],
        };
        Ok(words.iter().map(|w| w.to_string()).collect())
    }

    fn prints(self) -> &'static str {
        if self == App::Hello { "hello\n" } else { "1\n" }
    }
}

/// Every figure, in the order of the table.
pub fn all() -> Vec<Figure> {
    let row = |name, kind, must, should| Figure { name, kind, must: Some(must), should: Some(should) };
    let bare = |name, kind| Figure { name, kind, must: None, should: None };
    vec![
        row("static hello", Kind::Whole(App::Hello), 0.6e6, 0.25e6),
        row("grep -c root /etc/passwd", Kind::Whole(App::Grep), 1.8e6, 1.0e6),
        row("python3 -c 'print(1)', kernel's part", Kind::KernelPart(App::Python), 8e6, 4e6),
        row("smallest -m, hello", Kind::Memory(App::Hello), 8.0, 4.0),
        row("smallest -m, grep", Kind::Memory(App::Grep), 10.0, 6.0),
        row("smallest -m, python3", Kind::Memory(App::Python), 48.0, 32.0),
        row("kernel file, stripped", Kind::KernelFile, 0.9e6, 0.6e6),
        row("getppid", Kind::Turn("getppid", 20_000), 150.0, 100.0),
        row("clock_gettime", Kind::Turn("clock", 50_000), 60.0, 40.0),
        row("read 1 byte of /dev/zero", Kind::Turn("read", 20_000), 400.0, 250.0),
        row("open + close", Kind::Turn("open", 5_000), 1500.0, 900.0),
        row("stat", Kind::Turn("stat", 5_000), 900.0, 600.0),
        row("pipe write + read 1 byte", Kind::Turn("pipe", 10_000), 700.0, 400.0),
        row("anonymous page, first touch", Kind::Turn("touch", 4_000), 1500.0, 800.0),
        row("mmap + touch + munmap", Kind::Turn("mmap", 3_000), 4000.0, 2000.0),
        row("pthread create + join", Kind::Turn("thread", 1_500), 12_000.0, 6000.0),
        bare("host memory, hello", Kind::Host(App::Hello)),
        bare("host memory, grep", Kind::Host(App::Grep)),
        bare("host memory, python3", Kind::Host(App::Python)),
        bare("host memory, node", Kind::Host(App::Node)),
        Figure { name: "image pages not shared by 3 machines", kind: Kind::Shared, must: Some(0.0), should: None },
        Figure { name: "host time before QEMU, grep", kind: Kind::Start(App::Grep), must: Some(50_000.0), should: None },
        Figure { name: "host time before QEMU, python3", kind: Kind::Start(App::Python), must: Some(300_000.0), should: None },
    ]
}

impl Figure {
    /// Measures it on both sides.
    pub fn measure(&self, lab: &Lab) -> Row {
        let mut row = Row {
            name: self.name.to_string(),
            unit: "instructions",
            unox: Err(String::new()),
            linux: None,
            must: self.must,
            should: self.should,
            note: String::new(),
        };
        match self.kind {
            Kind::Whole(app) => {
                let counts = app.words().and_then(|words| lab.count(&words, false));
                row.note = counts.as_ref().map(split).unwrap_or_default();
                row.unox = counts.map(|c| c.total);
                if app == App::Hello {
                    // On a busy host Linux may never calibrate its clock by the wall: then by instructions, with some more of them.
                    let linux = lab
                        .count_linux("hello", &[], false)
                        .map(|counts| counts.or_else(|why| lab.count_linux("hello", &[], true).unwrap_or(Err(why))));
                    row.linux = linux.map(|counts| counts.map(|c| c.total));
                }
            }
            Kind::KernelPart(app) => {
                let counts = app.words().and_then(|words| lab.count(&words, false));
                row.note = counts.as_ref().map(split).unwrap_or_default();
                row.unox = counts.map(|c| c.boot + c.kernel);
            }
            Kind::Memory(app) => (row.unit, row.unox) = ("MiB", smallest(lab, app)),
            Kind::KernelFile => {
                let size = std::fs::metadata(build::stripped_kernel()).map(|m| m.len() as f64);
                (row.unit, row.unox) = ("bytes", size.map_err(|e| e.to_string()));
            }
            Kind::Host(app) => {
                (row.unit, (row.unox, row.note)) = ("KiB", host(lab, app));
                if app == App::Hello
                    && let Some(linux) = lab.host_linux("hello")
                {
                    let linux = linux.map(|(rss, wall)| {
                        if let Some(wall) = wall {
                            row.note.push_str(&format!("; Linux guest: {:.0} ms", wall.as_secs_f64() * 1000.0));
                        }
                        rss
                    });
                    row.linux = Some(linux);
                }
            }
            Kind::Shared => (row.unit, (row.unox, row.note)) = ("KiB", shared::measure()),
            Kind::Start(app) => (row.unit, row.unox) = ("µs", start(lab, app)),
            Kind::Turn(name, turns) => {
                row.unox = programs().and_then(|dir| {
                    let program = dir.join("micro").display().to_string();
                    turn(turns, |n| lab.count(&[program.clone(), name.to_string(), n.to_string()], true))
                });
                if lab.without_linux().is_none() {
                    let count = |n: u64| {
                        lab.count_linux("micro", &[name.to_string(), n.to_string()], true).unwrap_or_else(|| Err("none".to_string()))
                    };
                    row.linux = Some(turn(turns, count));
                }
            }
        }
        row
    }
}

fn split(counts: &Counts) -> String {
    use super::table::number;
    format!("boot {}, app {}, kernel {}", number(counts.boot), number(counts.app), number(counts.kernel))
}

/// Cost of one turn: the difference of two machines' lives.
fn turn(turns: u64, count: impl Fn(u64) -> Result<Counts, String>) -> Result<f64, String> {
    let (once, twice) = (count(turns)?, count(2 * turns)?);
    Ok((twice.total - once.total) / turns as f64)
}

/// Bisects for the least memory with which the program still prints what it should.
fn smallest(lab: &Lab, app: App) -> Result<f64, String> {
    let words = app.words()?;
    // A machine that is too small may hang: no end within the limit is a failure like any other.
    let works = |mib: u64| {
        let run = lab.run_within(SMALL_LIMIT, &["--accel", "tcg", "-m", &mib.to_string()], &words);
        run.is_ok_and(|run| run.status == 0 && run.stdout == app.prints())
    };
    let (mut fails, mut enough) = (0, 128);
    if !works(enough) {
        return Err(format!("does not work with {enough} MiB"));
    }
    while enough - fails > 1 {
        let middle = (fails + enough) / 2;
        if works(middle) { enough = middle } else { fails = middle }
    }
    Ok(enough as f64)
}

/// How long a machine with little memory may take.
const SMALL_LIMIT: Duration = Duration::from_secs(20);

/// Least of three: others use this machine too.
const REPEAT: usize = 3;

fn host(lab: &Lab, app: App) -> (Result<f64, String>, String) {
    let words = match app.words() {
        Ok(words) if std::path::Path::new(&words[0]).exists() => words,
        Ok(words) => return (Err(format!("no {}", words[0])), String::new()),
        Err(why) => return (Err(why), String::new()),
    };
    let (mut least, mut wall) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..REPEAT {
        let run = match lab.run(&[], &words).and_then(|run| succeeded(&run).map(|()| run)) {
            Ok(run) => run,
            Err(why) => return (Err(why), String::new()),
        };
        least = least.min(run.report["host"]["qemu_rss_kib"].as_f64().unwrap_or(f64::INFINITY));
        wall = wall.min(run.wall.as_secs_f64() * 1000.0);
    }
    (Ok(least), format!("wall time of the whole unox run: {wall:.0} ms"))
}

fn start(lab: &Lab, app: App) -> Result<f64, String> {
    let words = app.words()?;
    let mut least = f64::INFINITY;
    for _ in 0..REPEAT {
        let run = lab.run(&[], &words)?;
        least = least.min(run.report["host"]["before_qemu_us"].as_f64().ok_or_else(|| format!("no report: {}", run.said))?);
    }
    Ok(least)
}
