//! The programs. `{in}` stands for the directory of the inputs.

/// What goes to standard input.
pub enum Input {
    /// Nothing: at the end at once.
    None,
    /// This text.
    Text(&'static str),
    /// An input file, through a pipe.
    File(&'static str),
    /// So many bytes that look random.
    Noise(u64),
}

/// One test.
pub struct App {
    /// The test's name.
    pub name: &'static str,
    /// The program, an absolute path: a name in PATH may be somebody's wrapper script.
    pub program: &'static str,
    /// Arguments.
    pub args: &'static [&'static str],
    /// Standard input.
    pub stdin: Input,
    /// Time limit in seconds, under TCG on a busy machine.
    pub seconds: u64,
    /// The output holds times: only the exit status is compared, and that something was printed.
    pub measures: bool,
}

const fn app(name: &'static str, program: &'static str, args: &'static [&'static str]) -> App {
    App { name, program, args, stdin: Input::None, seconds: 60, measures: false }
}

const fn fed(name: &'static str, program: &'static str, args: &'static [&'static str], stdin: Input) -> App {
    App { name, program, args, stdin, seconds: 60, measures: false }
}

const fn slow(name: &'static str, program: &'static str, args: &'static [&'static str], seconds: u64) -> App {
    App { name, program, args, stdin: Input::None, seconds, measures: false }
}

const fn timed(name: &'static str, program: &'static str, args: &'static [&'static str]) -> App {
    App { name, program, args, stdin: Input::None, seconds: 90, measures: true }
}

/// All of them.
pub const APPS: &[App] = &[
    // Text.
    app("grep", "/usr/bin/grep", &["-c", "root", "/etc/passwd"]),
    app("grep_none", "/usr/bin/grep", &["nothing like it", "{in}/words.txt"]),
    app("grep_missing_file", "/usr/bin/grep", &["x", "/no/such/file"]),
    app("grep_recursive", "/usr/bin/grep", &["-rn", "t", "{in}/tree/a"]),
    app("grep_regex", "/usr/bin/grep", &["-E", "-m", "5", "^(river|stone) .*root [0-9]*[13579]$", "{in}/words.txt"]),
    fed("grep_stdin", "/usr/bin/grep", &["-n", "garden root"], Input::File("words.txt")),
    app("sed", "/usr/bin/sed", &["-n", "-e", "s/river/sea/gp;100q", "{in}/words.txt"]),
    app("gawk", "/usr/bin/gawk", &["-F,", "{ n[$2] += $3 } END { for (k in n) s += n[k]; print s, length(n), NR }", "{in}/table.csv"]),
    app("sort", "/usr/bin/sort", &["-k2,2", "-k7n", "{in}/words.txt"]),
    fed("sort_stdin", "/usr/bin/sort", &["-u", "-r"], Input::File("words.txt")),
    fed("uniq", "/usr/bin/uniq", &["-c"], Input::Text("a\na\nb\nb\nb\na\n")),
    app("wc", "/usr/bin/wc", &["{in}/words.txt", "{in}/data.bin"]),
    fed("wc_stdin", "/usr/bin/wc", &["-c"], Input::Noise(3_000_001)),
    app("cut", "/usr/bin/cut", &["-d,", "-f2,3", "{in}/table.csv"]),
    fed("tr", "/usr/bin/tr", &["a-z", "A-Z"], Input::File("words.txt")),
    app("diff", "/usr/bin/diff", &["-u", "--label", "a", "--label", "b", "{in}/words.txt", "{in}/changed.txt"]),
    app("diff_same", "/usr/bin/diff", &["{in}/words.txt", "{in}/words.txt"]),
    app("od", "/usr/bin/od", &["-A", "x", "-t", "x1z", "-N", "2000", "{in}/data.bin"]),
    app("head", "/usr/bin/head", &["-n", "3", "{in}/words.txt"]),
    app("tail", "/usr/bin/tail", &["-n", "3", "{in}/words.txt"]),
    fed("cat_binary", "/usr/bin/cat", &[], Input::File("data.bin")),
    fed("cat_8m", "/usr/bin/cat", &[], Input::Noise(8 << 20)),
    app("cat_file_8m", "/usr/bin/cat", &["{in}/big.bin"]),
    fed("tac", "/usr/bin/tac", &[], Input::File("words.txt")),
    app("echo", "/usr/bin/echo", &["one", "two  three", ""]),
    app("printf", "/usr/bin/printf", &["%05d %s\\n", "42", "x"]),
    app("true", "/usr/bin/true", &[]),
    app("false", "/usr/bin/false", &[]),
    app("expr", "/usr/bin/expr", &["6", "*", "7"]),
    app("seq", "/usr/bin/seq", &["1", "20000"]),
    app("factor", "/usr/bin/factor", &["1234567890123456789"]),
    app("base64", "/usr/bin/base64", &["{in}/data.bin"]),
    app("basename", "/usr/bin/basename", &["/a/b.c", ".c"]),
    app("unknown_option", "/usr/bin/wc", &["--no-such-option"]),
    // Files.
    app("find", "/usr/bin/find", &["{in}/tree", "-type", "f", "-name", "t*.txt", "-printf", "%P %s %m\\n"]),
    app("ls", "/usr/bin/ls", &["-l", "--time-style=+%s", "{in}/tree/a/two.c", "{in}/words.txt"]),
    app("ls_recursive", "/usr/bin/ls", &["-R", "{in}/tree"]),
    app("stat", "/usr/bin/stat", &["-c", "%n %s %f %Y %F", "{in}/words.txt"]),
    app("date", "/usr/bin/date", &["-u", "-d", "@1000000000", "+%F %T %Z"]),
    app("date_zone", "/usr/bin/date", &["-d", "2020-02-29 12:00 UTC", "+%s"]),
    app("sha256sum", "/usr/bin/sha256sum", &["{in}/big.bin"]),
    fed("sha256sum_8m_stdin", "/usr/bin/sha256sum", &[], Input::Noise(8 << 20)),
    app("md5sum", "/usr/bin/md5sum", &["{in}/words.txt", "{in}/data.bin"]),
    app("tar_list", "/usr/bin/tar", &["-tvf", "{in}/tree.tar", "--utc", "--full-time"]),
    app("tar_create", "/usr/bin/tar", &["-cf", "-", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "-C", "{in}", "tree"]),
    app("tar_extract", "/usr/bin/tar", &["-xOf", "{in}/tree.tar", "tree/a/b/three.txt"]),
    app("file", "/usr/bin/file", &["-b", "{in}/words.txt", "{in}/picture.ppm", "{in}/tree.tar", "{in}/data.json"]),
    app("cp", "/usr/bin/cp", &["-v", "{in}/words.txt", "/tmp/unox-app-copy"]),
    app("mkdir", "/usr/bin/mkdir", &["-p", "/tmp/unox-app-dir"]),
    app("du", "/usr/bin/du", &["--apparent-size", "-ab", "{in}/tree/a/two.c"]),
    app("cmp", "/usr/bin/cmp", &["{in}/words.txt", "{in}/changed.txt"]),
    app("dd", "/usr/bin/dd", &["if={in}/data.bin", "bs=1000", "count=10", "skip=3", "status=none"]),
    app("realpath", "/usr/bin/realpath", &["/usr/../etc/./passwd"]),
    app("id", "/usr/bin/id", &["-u"]),
    app("uname", "/usr/bin/uname", &["-sm"]),
    app("env", "/usr/bin/env", &["-i", "A=1"]),
    app("readelf", "/usr/bin/readelf", &["-h", "/usr/bin/true"]),
    // Packers.
    app("gzip", "/usr/bin/gzip", &["-nc", "{in}/words.txt"]),
    fed("gunzip", "/usr/bin/gzip", &["-dc"], Input::File("words.txt.gz")),
    app("xz", "/usr/bin/xz", &["-1", "-c", "{in}/data.bin"]),
    fed("unxz", "/usr/bin/xz", &["-dc"], Input::File("words.txt.xz")),
    app("bzip2", "/usr/bin/bzip2", &["-c", "{in}/words.txt"]),
    fed("bunzip2", "/usr/bin/bzip2", &["-dc"], Input::File("words.txt.bz2")),
    app("zstd", "/usr/bin/zstd", &["-q", "-c", "--single-thread", "{in}/words.txt"]),
    fed("unzstd", "/usr/bin/zstd", &["-dc"], Input::File("words.txt.zst")),
    // Small languages.
    fed("bc", "/usr/bin/bc", &["-lq"], Input::Text("scale=40\n4*a(1)\n2^200\n")),
    app("jq", "/usr/bin/jq", &["-c", "[.items[] | select(.id % 7 == 0) | .nested.value] | add, length", "{in}/data.json"]),
    app("jq_error", "/usr/bin/jq", &[".items | foo", "{in}/data.json"]),
    fed(
        "sqlite3_memory",
        "/usr/bin/sqlite3",
        &[":memory:"],
        Input::Text("create table t(a,b); insert into t values(1,'x'),(2,'y'); select sum(a), group_concat(b) from t;\n"),
    ),
    fed("sqlite3_file_wal", "/usr/bin/sqlite3", &["/tmp/unox-app.db"], Input::Text(WAL)),
    app(
        "lua",
        "/usr/bin/lua5.4",
        &["-e", "local t={} for i=1,1000 do t[i]=i*i end print(#t, t[1000], string.rep('ab',3), os.getenv('NOPE')) os.exit(4)"],
    ),
    app(
        "perl",
        "/usr/bin/perl",
        &["-e", "my %h; $h{$_ % 7} += $_ for 1..1000; print join(',', map { \"$_=$h{$_}\" } sort keys %h), \"\\n\"; exit 5"],
    ),
    app(
        "perl_modules",
        "/usr/bin/perl",
        &[
            "-MList::Util=sum",
            "-MPOSIX=floor",
            "-MData::Dumper",
            "-e",
            "$Data::Dumper::Sortkeys=1; print sum(1..10), floor(3.7), Dumper({a=>[1,2]})",
        ],
    ),
    app("dash", "/bin/dash", &["-c", "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; echo $i; exit 6"]),
    app(
        "bash",
        "/bin/bash",
        &[
            "-c",
            "a=(1 2 3); declare -A m=([x]=1); for i in {1..50}; do s=$((s+i)); done; printf '%s\\n' \"${a[@]}\" $s \"${m[x]}\"; exit 7",
        ],
    ),
    // Python.
    app("python", "/usr/bin/python3", &["-c", "print(1)"]),
    app("python_exit", "/usr/bin/python3", &["-c", "import sys; sys.stderr.write('err\\n'); sys.exit(42)"]),
    app("python_traceback", "/usr/bin/python3", &["-c", "def f(): return 1/0\nf()"]),
    app("python_json_ssl_sqlite", "/usr/bin/python3", &["-c", PY_MODULES]),
    app("python_threads", "/usr/bin/python3", &["-c", PY_THREADS]),
    app("python_asyncio", "/usr/bin/python3", &["-c", PY_ASYNCIO]),
    app("python_files", "/usr/bin/python3", &["-c", PY_FILES]),
    app(
        "python_decimal_zlib",
        "/usr/bin/python3",
        &[
            "-c",
            "import zlib, decimal, struct, hashlib; d=zlib.compress(b'x'*100000); print(len(zlib.decompress(d)), decimal.Decimal(2).sqrt(), struct.pack('>I', 7).hex(), hashlib.sha512(b'a').hexdigest()[:16])",
        ],
    ),
    fed("python_stdin", "/usr/bin/python3", &["-"], Input::Text("import sys\nprint(sum(range(100)), len(sys.argv))\n")),
    // Larger languages.
    app(
        "ruby",
        "/usr/bin/ruby",
        &[
            "-rjson",
            "-rdigest",
            "-e",
            "puts JSON.generate((1..5).map { |i| {i => i*i} }); puts Digest::SHA256.hexdigest('x')[0,8]; t = 4.times.map { |i| Thread.new { i * 2 } }; puts t.map(&:value).sum; exit 3",
        ],
    ),
    app(
        "php",
        "/usr/bin/php",
        &[
            "-r",
            "echo array_sum(range(1, 100)), PHP_EOL, json_encode(['a' => [1, 2]]), PHP_EOL, strlen(str_repeat('x', 100000)), PHP_EOL; exit(9);",
        ],
    ),
    slow("node", "/usr/bin/node", &["-e", "console.log([1,2,3].map(x => x * 2).join(), process.argv.length); process.exitCode = 3"], 120),
    slow("node_async", "/usr/bin/node", &["-e", NODE], 120),
    slow("java_version", "/usr/bin/java", &["-version"], 180),
    slow("java_class", "/usr/bin/java", &["-cp", "{in}", "Hello", "a", "b"], 240),
    // Tools.
    app("ripgrep", "/usr/bin/rg", &["--sort", "path", "-n", "three|int", "{in}/tree"]),
    app("ripgrep_count", "/usr/bin/rg", &["-c", "garden", "{in}/words.txt"]),
    app("openssl_dgst", "/usr/bin/openssl", &["dgst", "-sha512", "{in}/big.bin"]),
    app(
        "openssl_enc",
        "/usr/bin/openssl",
        &[
            "enc",
            "-aes-256-cbc",
            "-K",
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "-iv",
            "000102030405060708090a0b0c0d0e0f",
            "-in",
            "{in}/data.bin",
            "-base64",
        ],
    ),
    timed("openssl_speed", "/usr/bin/openssl", &["speed", "-seconds", "1", "-bytes", "1024", "sha256"]),
    timed("date_now", "/usr/bin/date", &[]),
    timed("python_time", "/usr/bin/python3", &["-X", "importtime", "-c", "import time; print(time.time())"]),
    slow("python_suite", "/usr/bin/python3", &["-c", PY_SUITE, "/usr/lib/python3.11/test"], 240),
    fed("graphviz", "/usr/bin/dot", &["-Tsvg"], Input::Text("digraph { a -> b -> c; a -> c [label=x]; }\n")),
    slow(
        "sbcl",
        "/usr/bin/sbcl",
        &[
            "--noinform",
            "--no-userinit",
            "--eval",
            "(progn (gc :full t) (print (length (loop for i below 300000 collect (expt i 3)))) (terpri) (quit))",
        ],
        120,
    ),
    app("openssl_version", "/usr/bin/openssl", &["version"]),
    slow("openssl_genrsa_check", "/usr/bin/openssl", &["prime", "1000000007"], 60),
    // ffmpeg was tried by hand (resampling a wav, png, mpeg4, x264: the same bytes as on one CPU of Linux); its packages are too large to install for each CI run.
    app("convert", "/usr/bin/convert", &["{in}/picture.ppm", "-resize", "32x24", "-rotate", "90", "ppm:-"]),
    slow("cc1", CC1, &["-quiet", "-O2", "-fpreprocessed", "{in}/program.i", "-o", "-"], 120),
    app("as_version", "/usr/bin/as", &["--version"]),
    app("busybox_list", "/usr/bin/busybox", &["--list"]),
    fed("busybox_md5sum", "/usr/bin/busybox", &["md5sum"], Input::File("words.txt")),
    app("busybox_find", "/usr/bin/busybox", &["find", "{in}/tree/a/b", "-type", "f", "-name", "t*"]),
    fed("busybox_awk", "/usr/bin/busybox", &["awk", "{ n += NF } END { print n }"], Input::File("words.txt")),
    fed("busybox_sh", "/usr/bin/busybox", &["sh", "-c", "read a; echo \"got $a\"; exit 11"], Input::Text("line\n")),
];

/// gcc's compiler proper, Debian 12.
const CC1: &str = "/usr/lib/gcc/x86_64-linux-gnu/12/cc1";

const WAL: &str = "pragma journal_mode=wal;\ndrop table if exists t;\ncreate table t(id integer primary key, v text);\n\
with recursive n(i) as (select 1 union all select i+1 from n where i<500) insert into t select i, 'row '||i from n;\n\
begin; delete from t where id%3=0; commit;\nselect count(*), max(id), min(v) from t;\npragma integrity_check;\npragma wal_checkpoint(truncate);\ndrop table t;\n";

const PY_MODULES: &str = "import json, ssl, sqlite3, ctypes, uuid, re, datetime, random\n\
print(json.dumps({'a': [1, 2.5, None]}), ssl.OPENSSL_VERSION.split()[0])\nc = ssl.create_default_context(); print(c.verify_mode)\n\
d = sqlite3.connect(':memory:'); d.execute('create table t(x)'); d.executemany('insert into t values(?)', [(i,) for i in range(100)])\n\
print(d.execute('select sum(x) from t').fetchone(), ctypes.sizeof(ctypes.c_long), len(str(uuid.uuid4())))\n\
print(re.sub(r'(\\w+)@', r'<\\1>', 'me@x you@y'), datetime.date(2020, 2, 29).isoformat()); random.seed(1); print(random.random())";

const PY_THREADS: &str = "import threading, queue, concurrent.futures as cf\nq = queue.Queue(); out = []\n\
def work():\n  while (n := q.get()) is not None: out.append(n * n); q.task_done()\n\
ts = [threading.Thread(target=work) for _ in range(4)]\n[t.start() for t in ts]\n[q.put(i) for i in range(200)]\nq.join()\n[q.put(None) for _ in ts]\n[t.join() for t in ts]\n\
print(sum(out), len(out))\nwith cf.ThreadPoolExecutor(3) as p: print(list(p.map(lambda x: x + 1, range(5))))\n\
e = threading.Event(); print(e.wait(0.02)); l = threading.Lock(); l.acquire(); print(l.acquire(timeout=0.01))";

const PY_ASYNCIO: &str = "import asyncio, signal, os, time\n\
async def worker(n):\n  await asyncio.sleep(0.01 * n); return n\n\
async def main():\n  print(await asyncio.gather(*(worker(i) for i in range(5))))\n  loop = asyncio.get_running_loop(); got = loop.create_future()\n\
  loop.add_signal_handler(signal.SIGUSR1, lambda: got.set_result('signal')); os.kill(os.getpid(), signal.SIGUSR1); print(await got)\n\
  r, w = os.pipe(); ev = asyncio.Event(); loop.add_reader(r, lambda: (os.read(r, 9), ev.set())); await loop.run_in_executor(None, os.write, w, b'x'); await ev.wait(); print('pipe')\n\
  try: await asyncio.wait_for(asyncio.sleep(5), 0.02)\n  except asyncio.TimeoutError: print('timeout')\n\
  q = asyncio.Queue(); await q.put(3); print(await q.get())\nt = time.monotonic(); asyncio.run(main()); print(time.monotonic() - t < 30)";

/// Python's own tests (libpython3.11-testsuite), of modules that need neither other processes nor the network.
const PY_SUITE: &str = "import os, sys, tempfile, unittest\n\
os.chdir(tempfile.mkdtemp())\n\
for name in 'mmap fileio file resource glob stat array memoryio bufio threading_local threadedtempfile pwd grp errno float math bz2 shelve pathlib codecs'.split():\n  \
  result = unittest.TestResult()\n  \
  unittest.defaultTestLoader.loadTestsFromName('test.test_' + name).run(result)\n  \
  print(name, result.testsRun, sorted(str(t) for t, _ in result.failures + result.errors))";

const PY_FILES: &str = "import os, tempfile, pathlib, shutil, mmap, fcntl, signal, time, stat, glob\n\
d = tempfile.mkdtemp(); p = pathlib.Path(d)\n(p / 'a').write_text('hello'); os.link(p / 'a', p / 'b'); os.symlink('a', p / 'c'); os.rename(p / 'b', p / 'd')\n\
print(sorted(os.listdir(d)), os.stat(p / 'a').st_nlink, os.readlink(p / 'c'), (p / 'c').read_text())\n\
with open(p / 'm', 'w+b') as f:\n  f.truncate(8192); m = mmap.mmap(f.fileno(), 8192); m[4096:4101] = b'bytes'; m.flush(); f.seek(4096); print(f.read(5)); fcntl.flock(f, fcntl.LOCK_EX); m.close()\n\
shutil.copytree(d, d + '2'); print(len(glob.glob(d + '2/*'))); os.chmod(p / 'a', 0o600); print(stat.filemode(os.stat(p / 'a').st_mode))\n\
hits = []; signal.signal(signal.SIGALRM, lambda *a: hits.append(1)); signal.setitimer(signal.ITIMER_REAL, 0.02); time.sleep(0.1); print(hits)\n\
shutil.rmtree(d); shutil.rmtree(d + '2'); print(os.path.exists(d))";

const NODE: &str = "const fs = require('fs'), crypto = require('crypto'), zlib = require('zlib'), { Worker } = require('worker_threads');\n\
fs.writeFileSync('/tmp/unox-node', 'text'); console.log(fs.readFileSync('/tmp/unox-node', 'utf8')); fs.unlinkSync('/tmp/unox-node');\n\
console.log(crypto.createHash('sha1').update('x').digest('hex'), zlib.gunzipSync(zlib.gzipSync('zipped')).toString());\n\
const w = new Worker(\"require('worker_threads').parentPort.postMessage(6 * 7)\", { eval: true });\n\
w.on('message', m => { console.log('worker', m); setTimeout(() => { console.log('timer'); fs.promises.stat('/nope').catch(e => { console.log(e.code); process.exit(4); }); }, 10); });";
