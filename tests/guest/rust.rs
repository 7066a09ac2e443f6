//! Rust's std: threads, channels, panics caught, files, env, time, process exit. Static glibc.
// unox-case: static args="one 'two three'"
// unox-case: dynamic link=dynamic args="x"
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, RwLock, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, io, panic, process, thread};

thread_local!(static LOCAL: std::cell::Cell<u32> = const { std::cell::Cell::new(7) });

fn files() -> io::Result<()> {
    let dir = env::temp_dir().join("unox-rust-test");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("sub"))?;
    let mut f = fs::OpenOptions::new().read(true).write(true).create_new(true).open(dir.join("f"))?;
    writeln!(f, "hello")?;
    f.seek(SeekFrom::Start(1))?;
    let mut text = String::new();
    f.read_to_string(&mut text)?;
    print!("read {text}");
    fs::copy(dir.join("f"), dir.join("sub/copy"))?;
    fs::rename(dir.join("sub/copy"), dir.join("g"))?;
    println!("len {} same {}", fs::metadata(dir.join("g"))?.len(), fs::read(dir.join("f"))? == fs::read(dir.join("g"))?);
    println!("missing: {}", fs::read(dir.join("nope")).unwrap_err().kind());
    println!("exists: {}", fs::create_dir(dir.join("sub")).unwrap_err());
    let mut names: Vec<_> = fs::read_dir(&dir)?.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    println!("{names:?}");
    fs::remove_dir_all(&dir)
}

fn main() {
    println!("args {:?}", env::args().skip(1).collect::<Vec<_>>());
    println!("{:?}", env::var("NO_SUCH_VARIABLE"));
    let counter = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..8)
        .map(|i| {
            let counter = Arc::clone(&counter);
            thread::Builder::new().name(format!("worker-{i}")).spawn(move || {
                LOCAL.set(LOCAL.get() + i);
                for _ in 0..500 {
                    *counter.lock().unwrap() += 1;
                }
                LOCAL.get()
            }).unwrap()
        })
        .collect();
    let locals: u32 = threads.into_iter().map(|t| t.join().unwrap()).sum();
    println!("counter {} locals {locals} mine {}", counter.lock().unwrap(), LOCAL.get());
    let (tx, rx) = mpsc::channel();
    for id in 0..4 {
        let tx = tx.clone();
        thread::spawn(move || (0..100).for_each(|n| tx.send(id * 1000 + n).unwrap()));
    }
    drop(tx);
    println!("channel sum {}", rx.iter().sum::<i32>());
    println!("timeout {:?}", mpsc::channel::<i32>().1.recv_timeout(Duration::from_millis(5)).is_err());
    let start = Instant::now();
    thread::sleep(Duration::from_millis(20));
    println!("slept {}", start.elapsed() >= Duration::from_millis(20));
    panic::set_hook(Box::new(|_| {}));
    println!("panic caught {}", panic::catch_unwind(|| { let v: Vec<i32> = Vec::new(); v[env::args().count()] }).is_err());
    println!("thread panicked {}", thread::spawn(|| panic!("boom")).join().is_err());
    let lock = RwLock::new(5);
    thread::scope(|s| { for _ in 0..3 { s.spawn(|| println!("shared {}", *lock.read().unwrap())); } });
    let map: HashMap<u32, u32> = (0..1000).map(|n| (n, n * n)).collect();
    let sorted: BTreeMap<_, _> = map.iter().filter(|(k, _)| *k % 333 == 0).collect();
    println!("{sorted:?}");
    files().unwrap();
    let lines = io::stdin().lock().lines().count();
    println!("stdin lines {lines}");
    println!("parallelism known {}", thread::available_parallelism().is_ok());
    let big: Vec<u64> = (0..1_000_000).collect();
    println!("big {}", big.iter().sum::<u64>());
    eprintln!("done");
    process::exit(23);
}
