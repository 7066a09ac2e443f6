//! Ports of C programs, from their origins: built, booted, and held against what they print on Linux. The exercises of the tutorial are the first tests.

use libtest_mimic::Trial;
use ports::{Image, Outcome, build, run};
use std::path::{Path, PathBuf};
use std::process::Command;

type Test = fn() -> Result;
type Result<T = ()> = std::result::Result<T, String>;

const FORTUNE: &[&str] = &["CONFIG_LIBMUSL=y", "CONFIG_LIBFORTUNE=y", "CONFIG_LIBUKBOOT_BANNER_POWEREDBY=y"];

fn fortune(name: &str, more: &[&str]) -> Result<(PathBuf, String)> {
    let config: Vec<&str> = FORTUNE.iter().chain(more).copied().collect();
    let libs = &["ports/musl", "ports/fortune"];
    let image = build(&Image { app: "ports/app-fortune", libs, config: &config, name })?;
    let ended = good(run(&image, &[])?)?;
    Ok((image, ended))
}

fn good(ended: Outcome) -> Result<String> {
    if ended.status == Some(0) { Ok(ended.stdout) } else { Err(format!("{ended:?}")) }
}

fn expect(what: bool, text: &str) -> Result {
    if what { Ok(()) } else { Err(format!("unexpected: {text}")) }
}

/// Exercise 1: libfortune is ported, app-fortune shows a quote under the banner.
fn the_application_shows_a_fortune() -> Result {
    let (_, text) = fortune("fortune", &[])?;
    let (banner, rest) = text.split_once("unox").ok_or(format!("no banner: {text}"))?;
    expect(banner.starts_with("Powered by") && rest.contains("\"\n  -- "), &text)
}

/// Exercise 2: a fortune while booting, before the banner or right before main.
fn a_fortune_while_booting() -> Result {
    for (name, option) in [("fortune-initcall", "INITCALL"), ("fortune-ctor", "CTOR"), ("fortune-main", "MAIN")] {
        let choice = format!("CONFIG_LIBFORTUNE_BOOT_{option}=y");
        let (_, text) = fortune(name, &["CONFIG_LIBFORTUNE_BOOT=y", &choice])?;
        let place = |what: &str| text.find(what).ok_or(format!("{option}: no {what:?} in {text}"));
        let (boot, banner, main) = (place("\"\n-- ")?, place("Powered by")?, place("\"\n  -- ")?);
        expect(if option == "MAIN" { banner < boot && boot < main } else { boot < banner && banner < main }, &text)?;
    }
    Ok(())
}

/// Exercise 3: the patch's fortune is in the unikernel and not in the Linux library from the same origin, which passes its own tests.
fn the_patch_is_the_unikernels_alone() -> Result {
    let name = b"Anil Madhavapeddy";
    let has =
        |path: &Path| std::fs::read(path).map(|b| b.windows(name.len()).any(|w| w == name)).map_err(|e| format!("{}: {e}", path.display()));
    let (image, _) = fortune("fortune", &[])?;
    expect(has(&image)?, "the image lacks the fortune of the patch")?;
    let tree = oracle::target().join("ports/libfortune-linux");
    let _ = std::fs::remove_dir_all(&tree);
    command(Command::new("cp").arg("-r").arg(oracle::repo().join("ports/fortune/origin-src")).arg(&tree))?;
    command(Command::new("make").args(["-s", "check", "-C"]).arg(&tree))?;
    expect(!has(&tree.join("build/libfortune.so"))?, "the Linux library has the fortune of the patch")
}

fn command(command: &mut Command) -> Result<String> {
    let out = command.env_remove("MAKEFLAGS").output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    if out.status.success() { Ok(text) } else { Err(format!("{command:?}: {text}{}", String::from_utf8_lossy(&out.stderr))) }
}

fn helloworld() -> Result {
    let config = &["CONFIG_LIBMUSL=y", "CONFIG_LIBVFSCORE=n", "CONFIG_LIBPOSIX_TTY=n"];
    let image = build(&Image { app: "ports/app-helloworld", libs: &["ports/musl"], config, name: "helloworld" })?;
    let text = good(run(&image, &["one", "two words"])?)?;
    expect(text == "Hello, world!\nargument 1: one\nargument 2: two words\n", &text)
}

fn zlib_passes_its_own_test() -> Result {
    let config = &["CONFIG_LIBMUSL=y", "CONFIG_LIBZLIB=y", "CONFIG_LIBZLIB_MAIN_EXAMPLE=y"];
    let image = build(&Image { app: "ports/app-zlib", libs: &["ports/musl", "ports/zlib"], config, name: "zlib" })?;
    let text = good(run(&image, &[])?)?;
    expect(text.contains("large_inflate(): OK") && text.ends_with("inflate with dictionary: hello, hello!\n"), &text)
}

const LUA: &str = "local t = {} for i = 1, 1000 do t[i] = (i * 7919) % 1009 end table.sort(t) \
    print(_VERSION, t[1], t[1000], ('%5.2f'):format(math.pi), ('x'):rep(5), #arg) \
    print(select(2, pcall(error, {code = 5})).code, string.format('%q', 'a\\nb'), 7 // 2, 2 ^ 53, 1e300 * 1e10) \
    local c = coroutine.wrap(function(a) while true do a = coroutine.yield(a * 2) end end) print(c(4), c(5)) \
    local f = assert(io.open('/tmp.txt', 'w')) f:write('line 1\\nline 2\\n') f:close() for l in io.lines('/tmp.txt') do print(l) end \
    print(os.rename('/tmp.txt', '/b.txt'), os.remove('/b.txt'), io.open('/b.txt')) os.exit(#t == 1000 and 42 or 1)";

fn lua_runs_a_script() -> Result {
    let config = &["CONFIG_LIBMUSL=y", "CONFIG_LIBLUA=y", "CONFIG_LIBLUA_MAIN_FUNCTION=y"];
    let image = build(&Image { app: "ports/app-lua", libs: &["ports/musl", "ports/lua"], config, name: "lua" })?;
    let ended = run(&image, &["-e", LUA])?;
    let expected = "Lua 5.4\t1\t1008\t 3.14\txxxxx\t2\n5\t\"a\\\nb\"\t3\t9.007199254741e+15\tinf\n8\t10\nline 1\nline 2\ntrue\ttrue\tnil\t/b.txt: No such file or directory\t2\n";
    expect(ended.stdout == expected && ended.status == Some(42), &format!("{ended:?}, not {expected:?}"))
}

const SQL: &str = "create table t(a integer primary key, b text); \
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into t select i, printf('row %d', i * i) from n; \
    create index x on t(b); select count(*), sum(a), max(b) from t; select b from t where b like 'row 99%' order by a limit 2; \
    create virtual table f using fts5(x); insert into f values('a quick brown fox'), ('a lazy dog'); select x from f where f match 'quick'; \
    begin; delete from t; rollback; select count(*) from t; pragma integrity_check; vacuum; select sqrt(2.0);";

fn sqlite_keeps_a_database() -> Result {
    let config = &["CONFIG_LIBMUSL=y", "CONFIG_LIBSQLITE=y", "CONFIG_LIBSQLITE_MAIN_FUNCTION=y"];
    let image = build(&Image { app: "ports/app-sqlite", libs: &["ports/musl", "ports/sqlite"], config, name: "sqlite" })?;
    let text = good(run(&image, &["/data.db", SQL])?)?;
    expect(text == "1000|500500|row 99856\nrow 99225\nrow 99856\na quick brown fox\n1000\nok\n1.4142135623731\n", &text)
}

fn main() {
    let tests: &[(&str, Test)] = &[
        ("the_application_shows_a_fortune", the_application_shows_a_fortune),
        ("a_fortune_while_booting", a_fortune_while_booting),
        ("the_patch_is_the_unikernels_alone", the_patch_is_the_unikernels_alone),
        ("helloworld", helloworld),
        ("zlib_passes_its_own_test", zlib_passes_its_own_test),
        ("lua_runs_a_script", lua_runs_a_script),
        ("sqlite_keeps_a_database", sqlite_keeps_a_database),
    ];
    ports::main(1, || Ok(tests.iter().map(|(name, test)| Trial::test(*name, move || test().map_err(Into::into))).collect()));
}
