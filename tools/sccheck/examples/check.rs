//! Prints what sccheck finds: `cargo run -p sccheck --example check -- PROGRAM LIBRARY...`.
fn main() {
    let inputs: Vec<_> = std::env::args_os()
        .skip(1)
        .enumerate()
        .map(|(i, p)| sccheck::Input {
            role: if i == 0 || p.to_string_lossy().contains("ld-linux") { sccheck::Role::Whole } else { sccheck::Role::Library },
            path: p.into(),
        })
        .collect();
    let start = std::time::Instant::now();
    match sccheck::check(&inputs, sccheck::supported()) {
        Ok(r) => {
            for c in &r.calls {
                let places: Vec<_> = c.places.iter().take(3).map(|p| format!("{}:{}", p.object, p.function)).collect();
                println!("{:4} {:20} {} {}", c.number, c.name, if c.supported { "ok     " } else { "MISSING" }, places.join(" "));
            }
            println!(
                "{} calls, {} sites, {} unknown: {:?}; {:?}",
                r.calls.len(),
                r.sites,
                r.unknown.len(),
                &r.unknown[..r.unknown.len().min(6)],
                start.elapsed()
            );
        }
        Err(e) => eprintln!("{e}"),
    }
}
