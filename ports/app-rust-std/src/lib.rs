//! An application in Rust with std: the ordinary std of the toolchain, on musl. The same code on Linux prints the same.

use std::collections::HashMap;
use std::io::{BufRead, Read, Write};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// What the boot sequence calls. The arguments reach std by its constructor, as on Linux.
#[cfg(feature = "image")]
#[unsafe(no_mangle)]
extern "C" fn main(_: i32, _: *const *const u8) -> i32 {
    std::panic::catch_unwind(run).unwrap_or(101)
}

/// The application; gives its exit status.
pub fn run() -> i32 {
    let args: Vec<String> = std::env::args().collect();
    println!("Hello from Rust with std, {} word(s)", args.len().saturating_sub(1));
    for arg in args.iter().skip(1) {
        println!("{arg}");
    }
    if args.iter().any(|a| a == "panic") {
        panic!("asked to panic");
    }
    let caught = std::panic::catch_unwind(|| {
        let v: Vec<u32> = Vec::new();
        v[std::hint::black_box(3)]
    });
    println!("caught: {}", caught.is_err());
    std::fs::create_dir_all("/tmp/rust-std").unwrap();
    std::fs::write("/tmp/rust-std/file", "one\ntwo\nthree\n").unwrap();
    let file = std::fs::File::open("/tmp/rust-std/file").unwrap();
    println!("{} bytes", file.metadata().unwrap().len());
    for line in std::io::BufReader::new(file).lines() {
        println!("line {}", line.unwrap());
    }
    let mut names: Vec<_> = std::fs::read_dir("/tmp/rust-std").unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    println!("{names:?}");
    println!("{}", std::fs::read("/nonexistent").unwrap_err());
    println!("{:?}", std::fs::canonicalize("/tmp/../tmp/rust-std/file").unwrap());
    std::fs::remove_dir_all("/tmp/rust-std").unwrap();
    let total = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..4)
        .map(|n| {
            let total = Arc::clone(&total);
            std::thread::Builder::new().name(format!("worker {n}")).spawn(move || {
                for _ in 0..1000 {
                    *total.lock().unwrap() += 1;
                }
                std::thread::current().name().unwrap().len()
            }).unwrap()
        })
        .collect();
    let lengths: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
    println!("{} {}", total.lock().unwrap(), lengths);
    println!("{}", std::thread::spawn(|| panic!("in a thread")).join().is_err());
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || (0..5).for_each(|n| send.send(n * n).unwrap()));
    println!("{:?}", receive.iter().collect::<Vec<i32>>());
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(5));
    println!("{}", start.elapsed() >= Duration::from_millis(5));
    let map: HashMap<_, _> = (0..100).map(|n| (n, n * n)).collect();
    println!("{}", map[&99]);
    let (mut a, mut b) = std::os::unix::net::UnixStream::pair().unwrap();
    a.write_all(b"through a socket").unwrap();
    drop(a);
    let mut text = String::new();
    b.read_to_string(&mut text).unwrap();
    println!("{text}");
    println!("{:.3} {}", 2f64.sqrt(), 2f64.powf(0.5) == 2f64.sqrt());
    eprintln!("to standard error");
    if args.len() > 1 { 7 } else { 0 }
}
