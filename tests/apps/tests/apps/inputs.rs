//! The files that the programs read: made here, always the same, in `target/app-tests`.

use std::fmt::Write;
use std::fs::{create_dir_all, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Makes the input files, once, and returns their directory.
///
/// # Errors
/// What could not be written.
pub fn prepare() -> Result<PathBuf, String> {
    let dir = oracle::target().join("app-tests");
    let done = dir.join(".made-2");
    if done.exists() {
        return Ok(dir);
    }
    make(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    write(done, "").map_err(|e| e.to_string())?;
    Ok(dir)
}

fn make(dir: &Path) -> std::io::Result<()> {
    create_dir_all(dir.join("tree/a/b/c"))?;
    create_dir_all(dir.join("tree/empty"))?;
    for (name, text) in
        [("tree/one.txt", "1\n"), ("tree/a/two.c", "int x;\n"), ("tree/a/b/three.txt", "three\n"), ("tree/a/b/c/.hidden", "h")]
    {
        write(dir.join(name), text)?;
    }
    write(dir.join("words.txt"), words(4000))?;
    write(dir.join("changed.txt"), words(4000).replace("river", "RIVER"))?;
    write(dir.join("table.csv"), table(500))?;
    write(dir.join("data.json"), json(200))?;
    write(dir.join("data.bin"), oracle::run::noise(300_000))?;
    write(dir.join("big.bin"), oracle::run::noise(8 << 20))?;
    write(dir.join("program.i"), C)?;
    write(dir.join("Hello.java"), JAVA)?;
    write(dir.join("picture.ppm"), picture(64, 48))?;
    for (program, name) in [("gzip", "words.txt.gz"), ("xz", "words.txt.xz"), ("bzip2", "words.txt.bz2"), ("zstd", "words.txt.zst")] {
        packed(dir, program, name)?;
    }
    let tar = ["--sort=name", "--mtime=@1000000000", "--owner=0", "--group=0", "-cf", "tree.tar", "-C"];
    quietly(Command::new("tar").current_dir(dir).args(tar).args([".", "tree"]));
    quietly(Command::new("javac").current_dir(dir).args(["-d", ".", "Hello.java"]));
    quietly(Command::new("touch").current_dir(dir).args([
        "-d",
        "@1000000000",
        "words.txt",
        "tree/one.txt",
        "tree/a/two.c",
        "tree/a",
        "tree",
    ]));
    Ok(())
}

/// A packer that is missing shows in the test that needs its output.
fn packed(dir: &Path, program: &str, name: &str) -> std::io::Result<()> {
    let input = std::fs::File::open(dir.join("words.txt"))?;
    let output = std::fs::File::create(dir.join(name))?;
    quietly(Command::new(program).arg("-c").stdin(input).stdout(output));
    Ok(())
}

fn quietly(command: &mut Command) {
    let _ = command.stderr(Stdio::null()).status();
}

fn words(lines: u32) -> String {
    const WORDS: &[&str] = &["river", "stone", "apple", "cloud", "garden", "lantern", "mirror", "Ozean", "paper", "quill", "root", "salt"];
    let mut text = String::new();
    let mut state: u32 = 12345;
    for line in 0..lines {
        for _ in 0..6 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let word = WORDS.get((state >> 16) as usize % WORDS.len()).unwrap_or(&"x");
            let _ = write!(text, "{word} ");
        }
        let _ = writeln!(text, "{line}");
    }
    text
}

fn table(rows: u32) -> String {
    let mut text = String::from("id,name,amount\n");
    for row in 0..rows {
        let _ = writeln!(text, "{row},name{},{}", row % 17, (row * 7919) % 1000);
    }
    text
}

fn json(items: u32) -> String {
    let all: Vec<String> =
        (0..items).map(|n| format!("{{\"id\": {n}, \"tags\": [\"t{}\", \"u\"], \"nested\": {{\"value\": {}}}}}", n % 5, n * n)).collect();
    format!("{{\"items\": [{}]}}\n", all.join(", "))
}

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = format!("P6\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            bytes.extend([x * 4, y * 5, x ^ y].map(|v| u8::try_from(v % 256).unwrap_or(0)));
        }
    }
    bytes
}

const C: &str = "extern int printf(const char *, ...);\nstatic int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\n\
int table[64];\nint main(int argc, char **argv) {\n  for (int i = 0; i < 64; i++) table[i] = fib(i % 20) * argc;\n\
  switch (argc) { case 1: return table[9]; case 2: return (int)argv[1][0]; default: break; }\n  return printf(\"%d\\n\", table[5]);\n}\n";

const JAVA: &str = "import java.util.*;\nimport java.util.concurrent.*;\npublic class Hello {\n  static int depth(int n) { return depth(n + 1) + 1; }\n\
  public static void main(String[] args) throws Exception {\n    System.out.println(\"Hello \" + String.join(\",\", args));\n\
    ExecutorService pool = Executors.newFixedThreadPool(4);\n    List<Future<Integer>> all = new ArrayList<>();\n\
    for (int i = 0; i < 20; i++) { final int n = i; all.add(pool.submit(() -> n * n)); }\n    int sum = 0;\n\
    for (Future<Integer> f : all) sum += f.get();\n    pool.shutdown();\n    System.out.println(\"sum \" + sum);\n\
    try { String s = args.length > 99 ? \"x\" : null; System.out.println(s.length()); } catch (NullPointerException e) { System.out.println(\"caught null\"); }\n\
    try { depth(0); } catch (StackOverflowError e) { System.out.println(\"caught overflow\"); }\n\
    StringBuilder b = new StringBuilder();\n    for (int i = 0; i < 200000; i++) { b.append(i % 10); if (b.length() > 1000) b.setLength(0); }\n\
    System.gc();\n    System.out.println(b.length());\n    System.exit(3);\n  }\n}\n";
