//! Prints the plan of a program and how long plan and image take: `cargo run -p rootfs --example plan -- PROGRAM [ARGS...]`.

use std::time::Instant;

fn main() -> Result<(), rootfs::Error> {
    let mut args = std::env::args_os().skip(1);
    let program = args.next().unwrap_or_else(|| "grep".into());
    let request = rootfs::Request::new(program, args);
    let start = Instant::now();
    let plan = rootfs::plan(&request)?;
    let planned = start.elapsed();
    let start = Instant::now();
    let image = rootfs::image(&plan, &rootfs::Cache::open_default()?)?;
    let built = start.elapsed();
    if std::env::var_os("QUIET").is_none() {
        for e in &plan.entries {
            println!("{:>10}  {}  ({})", e.size(), e.guest_path().display(), e.reason);
        }
    }
    plan.notes.iter().for_each(|n| println!("note: {n}"));
    println!("{} files, {} KiB; exec {} argv {:?}", plan.entries.len(), plan.size() >> 10, plan.exec.display(), plan.argv);
    println!("plan {planned:?} (cached: {}), image {built:?} (cached: {})", plan.cached, image.cached);
    println!("{} {}", image.path.display(), image.len);
    Ok(())
}
