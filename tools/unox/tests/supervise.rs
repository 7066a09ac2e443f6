//! The life of a machine as the tool sees it, with a script in QEMU's place: streams, signals, exit statuses, and nothing left behind.

mod common;

use common::{Fake, appears, gone, outcome, send, with_input};
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn status_of(body: &str) -> (i32, String, String) {
    outcome(&Fake::new(body).command(&[]).output().unwrap())
}

#[test]
fn the_exit_status_is_the_program_s() {
    for (line, status) in [("exit code 0", 0), ("exit code 255", 255), ("exit signal 11 core", 139), ("exit signal 15", 143)] {
        assert_eq!(status_of(&format!("echo {line} >&$ctl; exit 33")).0, status, "{line}");
    }
}

#[test]
fn failures_of_the_machine_are_125_and_explained() {
    let (status, _, said) = status_of("echo exit panic no frames left >&$ctl");
    assert_eq!(status, 125);
    assert!(said.contains("unox: the kernel failed: no frames left"), "{said}");
    let (status, _, said) = status_of("echo 'qemu: -bogus: invalid option' >&2; exit 1");
    assert_eq!(status, 125);
    assert!(said.contains("QEMU ended with status 1") && said.contains("-bogus: invalid option"), "{said}");
    let (status, _, said) = status_of(r#"echo '{"event":"SHUTDOWN","data":{"guest":true,"reason":"guest-reset"}}' >&$qmp"#);
    assert_eq!(status, 125);
    assert!(said.contains("triple fault") && said.contains("-m "), "{said}");
    let (status, _, said) = status_of("kill -9 $$");
    assert_eq!(status, 125);
    assert!(said.contains("SIGKILL"), "{said}");
}

#[test]
fn a_program_the_kernel_cannot_start_is_127_or_126() {
    let (status, _, said) = status_of("echo exit fail notfound /bin/x >&$ctl");
    assert_eq!(status, 127);
    assert!(said.contains("/bin/x: not in the image") && said.contains("--add /bin/x"), "{said}");
    let (status, _, said) = status_of("echo exit fail noexec /etc/passwd >&$ctl");
    assert_eq!(status, 126);
    assert!(said.contains("/etc/passwd"), "{said}");
}

#[test]
fn output_goes_where_it_belongs() {
    let (status, out, err) =
        status_of("printf 'to out' >&$stdout; printf 'to err' >&$stderr; echo log warn careful >&$ctl; echo exit code 4 >&$ctl");
    assert_eq!((status, out.as_str()), (4, "to out"));
    assert!(err.contains("to err") && err.contains("unox: warn: careful"), "{err}");
}

#[test]
fn what_was_written_just_before_the_end_arrives() {
    let fake = Fake::new("head -c 150000 /dev/zero >&$stdout; echo exit code 0 >&$ctl; exit 33");
    for _ in 0..20 {
        assert_eq!(fake.command(&[]).output().unwrap().stdout.len(), 150_000);
    }
}

#[test]
fn streams_are_binary_clean_and_of_any_size() {
    let fake = Fake::new("open_stdin; cat <&$stdin >&$stdout; echo exit code 0 >&$ctl");
    let mut state = 1_u32;
    let input: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(20 << 20)
    .collect();
    let output = with_input(fake.command(&[]), input.clone());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout == input, "{} of {} bytes, or other ones", output.stdout.len(), input.len());
}

#[test]
fn input_that_no_one_reads_stays() {
    let fake = Fake::new("sleep 0.3; echo exit code 0 >&$ctl");
    let file = fake.dir.join("input");
    std::fs::write(&file, "untouched").unwrap();
    let mut input = std::fs::File::open(&file).unwrap();
    let mut command = fake.command(&[]);
    assert_eq!(command.stdin(input.try_clone().unwrap()).output().unwrap().status.code(), Some(0));
    let mut rest = String::new();
    input.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "untouched");
}

#[test]
fn a_reader_that_leaves_ends_the_program_as_sigpipe_does() {
    let fake = Fake::new(
        "trap '' PIPE; while echo y >&$stdout; do :; done 2>/dev/null
         read -u $control line; [ \"$line\" = 'signal 13' ] && echo exit signal 13 >&$ctl",
    );
    let mut child = fake.command(&[]).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut some = [0; 10];
    out.read_exact(&mut some).unwrap();
    drop(out);
    assert_eq!(child.wait().unwrap().code(), Some(141));
}

#[test]
fn signals_reach_the_program() {
    let fake = Fake::new(
        "echo ready > ready; while read -u $control line; do echo \"$line\" >> got; [ \"$line\" = 'signal 15' ] && break; done; echo exit signal 15 >&$ctl",
    );
    let mut child = fake.command(&[]).current_dir(&fake.dir).spawn().unwrap();
    appears(&fake.dir.join("ready"));
    for signal in [libc::SIGUSR1, libc::SIGHUP, libc::SIGTERM] {
        send(&child, signal);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let got = std::fs::read_to_string(fake.dir.join("got")).unwrap();
    assert_eq!(got, "signal 10\nsignal 1\nsignal 15\n");
}

#[test]
fn a_machine_that_hangs_is_stopped_by_the_second_interrupt() {
    let fake = Fake::new("echo $$ > ready; exec sleep 1000");
    let mut child = fake.command(&[]).current_dir(&fake.dir).stderr(Stdio::null()).spawn().unwrap();
    let pid = appears(&fake.dir.join("ready"));
    send(&child, libc::SIGINT);
    std::thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "one interrupt is the program's business");
    send(&child, libc::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(gone(&pid));
}

#[test]
fn a_request_that_comes_twice_at_once_is_one() {
    let fake = Fake::new("echo ready > ready; sleep 1; echo exit signal 15 >&$ctl");
    let mut child = fake.command(&[]).current_dir(&fake.dir).stderr(Stdio::null()).spawn().unwrap();
    appears(&fake.dir.join("ready"));
    send(&child, libc::SIGTERM);
    std::thread::sleep(Duration::from_millis(10));
    send(&child, libc::SIGTERM);
    let began = Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(began.elapsed() > Duration::from_millis(500), "stopped by force");
}

#[test]
fn a_machine_that_does_not_even_acknowledge_is_stopped_in_time() {
    let fake = Fake::new("echo ready > ready; exec sleep 1000");
    let mut child = fake.command(&[]).current_dir(&fake.dir).stderr(Stdio::null()).spawn().unwrap();
    appears(&fake.dir.join("ready"));
    send(&child, libc::SIGTERM);
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn a_program_that_reacts_survives_two_interrupts() {
    let fake = Fake::new(
        "echo ready > ready; n=0; while read -u $control line; do echo ack >&$ctl; n=$((n+1)); [ $n = 3 ] && break; done; echo exit code 7 >&$ctl",
    );
    let mut child = fake.command(&[]).current_dir(&fake.dir).spawn().unwrap();
    appears(&fake.dir.join("ready"));
    for _ in 0..3 {
        send(&child, libc::SIGINT);
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

#[test]
fn killing_the_tool_leaves_no_machine() {
    let fake = Fake::new("echo $$ > ready; exec sleep 1000");
    let mut child = fake.command(&[]).current_dir(&fake.dir).spawn().unwrap();
    let pid = appears(&fake.dir.join("ready"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(gone(&pid), "QEMU ({}) outlived the tool", pid.trim());
}

#[test]
fn a_machine_that_ended_but_does_not_go_is_stopped() {
    let fake = Fake::new("echo exit code 5 >&$ctl; exec sleep 1000");
    let began = Instant::now();
    assert_eq!(outcome(&fake.command(&[]).output().unwrap()).0, 5);
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn the_same_file_for_stdout_and_stderr_keeps_the_order() {
    let fake = Fake::new("tr '\\0' '\\n' < $module > config; for i in 1 2 3; do echo $i >&$stdout; done; echo exit code 0 >&$ctl");
    let both = std::fs::File::create(fake.dir.join("both")).unwrap();
    let mut command = fake.command(&[]);
    command.current_dir(&fake.dir).stdout(both.try_clone().unwrap()).stderr(both);
    assert_eq!(command.status().unwrap().code(), Some(0));
    let config = std::fs::read_to_string(fake.dir.join("config")).unwrap();
    assert!(config.contains("fd0=null\nfd1=port\nfd2=stdout\n"), "{config}");
    assert_eq!(std::fs::read_to_string(fake.dir.join("both")).unwrap(), "1\n2\n3\n");
}

#[test]
fn missing_files_the_host_has_are_named() {
    let body = "echo missing /usr >&$ctl; echo missing /etc/passwd >&$ctl; echo missing /no/such/file >&$ctl; echo missing /etc/passwd >&$ctl; echo exit code";
    let (_, _, said) = status_of(&format!("{body} 1 >&$ctl"));
    assert_eq!(said.matches("--add /etc/passwd").count(), 1, "{said}");
    assert!(said.contains("--add /usr\n") && !said.contains("/no/such/file"), "{said}");
    let (_, _, said) = status_of(&format!("{body} 0 >&$ctl"));
    assert!(said.contains("--add /etc/passwd") && !said.contains("--add /usr\n"), "{said}");
}
