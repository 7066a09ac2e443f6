//! The working directory's contents, for programs that read it when no argument names another: `ls`, `find`, `rg`, `grep -r`.
//!
//! For other programs the working directory is there but empty: what a program does not need it does not get, and an image does not change with every file
//! beside it. `--add .` brings it along.

use crate::collect::{Budget, Collector};
use crate::paths;
use crate::plan::Reason;
use crate::request::Request;

/// Programs that show what is in the directory.
const FLAT: [&[u8]; 3] = [b"ls", b"dir", b"vdir"];
/// Programs that go through all that is below it.
const DEEP: [&[u8]; 7] = [b"find", b"du", b"tree", b"rg", b"fd", b"fdfind", b"ncdu"];

/// What of the working directory a command reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    Nothing,
    /// The files and directories in it, not what is below these.
    Flat,
    Deep,
}

fn reads(program: &[u8], args: &[&[u8]]) -> Reads {
    // `-lR`, `-rn`, `--recursive`; what follows `--` is no option.
    let options = || args.iter().take_while(|a| **a != b"--");
    let has = |letter: u8| options().any(|a| a.len() > 1 && a[0] == b'-' && a[1] != b'-' && a[1..].contains(&letter));
    let recursive = options().any(|a| a.starts_with(b"--recursive") || a.starts_with(b"--dereference-recursive"));
    match paths::name(program) {
        name if FLAT.contains(&name) => {
            if has(b'R') || recursive {
                Reads::Deep
            } else {
                Reads::Flat
            }
        }
        name if DEEP.contains(&name) => Reads::Deep,
        b"grep" | b"egrep" | b"fgrep" if has(b'r') || has(b'R') || recursive => Reads::Deep,
        _ => Reads::Nothing,
    }
}

/// Takes what the program reads. No argument has named a file.
pub fn take(c: &mut Collector<'_>, request: &Request, skip: &dyn Fn(&[u8]) -> bool) {
    let args: Vec<&[u8]> = request.args.iter().map(paths::bytes).collect();
    let kind = reads(paths::bytes(&request.program), &args);
    // Elsewhere than here the guest has no files of ours.
    if kind == Reads::Nothing || request.cwd != request.host_cwd {
        return;
    }
    let Some((here, _)) = c.host.canonical(paths::bytes(&request.host_cwd)) else { return };
    let limits = &request.limits;
    let mut budget = Budget { files: limits.argument_files, bytes: limits.argument_bytes, follow: false };
    let below = |path: &[u8]| kind == Reads::Flat && paths::parent(path) != here;
    if !c.add_tree(&here, &Reason::Argument, &mut budget, &|path| below(path) || skip(path)) {
        let (files, bytes) = (limits.argument_files, limits.argument_bytes >> 20);
        c.notes.push(format!("{}: more than {files} files or {bytes} MiB, so only a part of it is in the image", paths::text(&here)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_that_list_get_the_directory() {
        let of = |words: &[&'static str]| reads(words[0].as_bytes(), &words[1..].iter().map(|w| w.as_bytes()).collect::<Vec<_>>());
        assert_eq!(of(&["ls"]), Reads::Flat);
        assert_eq!(of(&["/bin/ls", "-la"]), Reads::Flat);
        assert_eq!(of(&["ls", "-lR"]), Reads::Deep);
        assert_eq!(of(&["find", "-name", "x"]), Reads::Deep);
        assert_eq!(of(&["grep", "-rn", "x"]), Reads::Deep);
        assert_eq!(of(&["grep", "--recursive", "x"]), Reads::Deep);
        assert_eq!(of(&["grep", "--", "-r"]), Reads::Nothing);
        assert_eq!(of(&["grep", "x"]), Reads::Nothing);
        assert_eq!(of(&["python3"]), Reads::Nothing);
    }
}
