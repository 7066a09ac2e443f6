//! libcrypto's own tests in a unikernel: every file of vectors for evp_test, and those of OpenSSL's test programs that are one file.

use libtest_mimic::Trial;
use ports::programs::Programs;
use ports::{Image, build, run_with};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

type Result<T = ()> = std::result::Result<T, String>;

const LIBS: &[&str] = &["ports/musl", "ports/openssl"];
const PROGRAMS: Programs =
    Programs { name: "openssl-programs", libs: LIBS, config: &["CONFIG_LIBMUSL=y", "CONFIG_LIBOPENSSL=y", "CONFIG_LIBOPENSSL_TESTUTIL=y"] };

/// OpenSSL's test programs and their arguments; `/` is the origin's test directory.
const TESTS: &[(&str, &[&str])] = &[
    ("sanitytest", &[]),
    ("lhash_test", &[]),
    ("params_test", &[]),
    ("bntest", &["/recipes/10-test_bn_data/bnmod.txt"]),
    ("bntest", &["/recipes/10-test_bn_data/bnmul.txt"]),
    ("exptest", &[]),
    ("sha_test", &[]),
    ("hmactest", &[]),
    ("cmactest", &[]),
    ("destest", &[]),
    ("sm4_internal_test", &[]),
    ("modes_internal_test", &[]),
    ("rand_test", &[]),
    ("ectest", &[]),
    ("ecdsatest", &[]),
    ("dsatest", &[]),
    ("dhtest", &[]),
    ("rsa_test", &[]),
    ("evp_kdf_test", &[]),
    ("asn1_encode_test", &[]),
    ("x509_time_test", &[]),
    ("constant_time_test", &[]),
    ("threadstest", &["-config", "/default.cnf", "/recipes/90-test_threads_data"]),
];

/// The evp_test image, and the origin's test directory.
fn selftest() -> Result<(PathBuf, PathBuf)> {
    static BUILT: OnceLock<Result<(PathBuf, PathBuf)>> = OnceLock::new();
    BUILT.get_or_init(build_selftest).clone()
}

fn build_selftest() -> Result<(PathBuf, PathBuf)> {
    let config = &["CONFIG_LIBMUSL=y", "CONFIG_LIBOPENSSL=y", "CONFIG_LIBOPENSSL_MAIN_SELFTEST=y"];
    let app = build(&Image { app: "ports/app-openssl", libs: LIBS, config, name: "openssl" })?;
    let origin = app.parent().ok_or("no directory")?.join("libopenssl/origin");
    let entries = std::fs::read_dir(&origin).map_err(|e| format!("{}: {e}", origin.display()))?;
    let tree = entries.flatten().map(|e| e.path()).find(|p| p.is_dir()).ok_or("no origin")?;
    Ok((app, tree.join("test")))
}

/// Runs evp_test over `files`, one machine for all; how many vectors held and how many this configuration leaves out.
fn vectors(app: &Path, tests: &Path, files: &[String]) -> Result<(u32, u32)> {
    let args = [&["-config".to_owned(), "/default-and-legacy.cnf".to_owned()], files].concat();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let out = run_with(app, &["-m", "256", "-e", &tests.display().to_string()], &args)?;
    let passed = out.stdout.matches("\n    ok ").count();
    if out.status != Some(0) || passed != files.len() && files.len() > 1 {
        return Err(format!("{passed} of {} files: {out:?}", files.len()));
    }
    let mut sum = (0, 0);
    // "# Completed 2865 tests with 0 errors and 0 skipped"
    for line in out.stdout.lines().chain(out.stderr.lines()).filter_map(|l| l.split_once("# Completed ")) {
        let words: Vec<u32> = line.1.split(' ').filter_map(|w| w.parse().ok()).collect();
        let [done, errors, skipped] = words[..] else { return Err(format!("not understood: {line:?}")) };
        sum = (sum.0 + done - errors, sum.1 + skipped);
    }
    Ok(sum)
}

fn evp_vectors() -> Result {
    let (app, tests) = selftest()?;
    let dir = tests.join("recipes/30-test_evp_data");
    let entries = std::fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files: Vec<String> = entries
        .flatten()
        .map(|e| format!("/recipes/30-test_evp_data/{}", e.file_name().to_string_lossy()))
        .filter(|n| n.ends_with(".txt"))
        .collect();
    files.sort();
    // Two machines; the long ones (agreement on keys) are neighbours in the alphabet.
    let (one, other): (Vec<_>, Vec<_>) = files.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let names = |list: Vec<(usize, String)>| list.into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    let (one, other) = (names(one), names(other));
    let (a, b) = std::thread::scope(|s| {
        let other = s.spawn(|| vectors(&app, &tests, &other));
        (vectors(&app, &tests, &one), other.join().unwrap_or_else(|_| Err("panicked".to_owned())))
    });
    let ((held, skipped), (held2, skipped2)) = (a?, b?);
    // What is skipped: ciphers that need assembly or that OpenSSL leaves out by default (RC5, MD2).
    let (held, skipped) = (held + held2, skipped + skipped2);
    if held < 8392 || skipped > 58 { Err(format!("only {held} vectors held, {skipped} were skipped")) } else { Ok(()) }
}

fn program(name: &str, args: &[&str]) -> Result {
    let (_, tests) = selftest()?;
    let tree = tests.parent().ok_or("no directory")?.display().to_string();
    let flags = ["", "/include", "/apps/include", "/test", "/providers/common/include", "/providers/implementations/include", "/crypto"];
    let flags: Vec<String> = flags.iter().map(|dir| format!("-I{tree}{dir}")).collect();
    let image = PROGRAMS.image(&tests.join(format!("{name}.c")), &flags.join(" "))?;
    let out = run_with(&image, &["-m", "256", "-e", &tests.display().to_string()], args)?;
    let tail = |text: &str| text.chars().skip(text.chars().count().saturating_sub(3000)).collect::<String>();
    if out.status == Some(0) { Ok(()) } else { Err(format!("status {:?}\n{}\n{}", out.status, tail(&out.stdout), tail(&out.stderr))) }
}

fn main() {
    ports::main(2, || {
        // The first uses two machines itself.
        let mut trials = vec![Trial::test("evp_vectors", || Ok(evp_vectors()?))];
        trials.extend(TESTS.iter().map(|(name, args)| {
            let title = args.last().map_or((*name).to_owned(), |arg| format!("{name} {}", arg.rsplit('/').next().unwrap_or(arg)));
            Trial::test(title, || Ok(program(name, args)?))
        }));
        Ok(trials)
    });
}
