//! What a person at a terminal would see, compared with Linux's N_TTY by hand.

extern crate std;
use super::*;
use std::string::String;
use std::vec;

fn type_in(d: &mut Discipline, keys: &[u8]) -> (String, Vec<Signal>) {
    let mut echo = Vec::new();
    let signals = keys.iter().filter_map(|k| d.input(*k, &mut echo)).collect();
    (String::from_utf8_lossy(&echo).into_owned(), signals)
}

fn read(d: &mut Discipline, max: usize) -> Option<Vec<u8>> {
    let mut buf = vec![0; max];
    d.read(&mut buf).map(|n| buf[..n].to_vec())
}

#[test]
fn a_line_is_edited_and_read_whole() {
    let mut d = Discipline::new();
    let (echo, _) = type_in(&mut d, b"helo\x7flo\r");
    assert_eq!(echo, "helo\x08 \x08lo\r\n");
    assert_eq!(read(&mut d, 100), Some(b"hello\n".to_vec()));
    assert_eq!(read(&mut d, 100), None);
}

#[test]
fn a_short_read_leaves_the_rest_of_the_line() {
    let mut d = Discipline::new();
    type_in(&mut d, b"abc\nde\n");
    assert_eq!(read(&mut d, 2), Some(b"ab".to_vec()));
    assert_eq!(read(&mut d, 9), Some(b"c\n".to_vec()));
    assert_eq!(read(&mut d, 9), Some(b"de\n".to_vec()));
}

#[test]
fn control_d_ends_the_file_or_pushes_the_line() {
    let mut d = Discipline::new();
    type_in(&mut d, b"\x04");
    assert_eq!(read(&mut d, 9), Some(vec![]));
    type_in(&mut d, b"ab\x04");
    assert_eq!(read(&mut d, 9), Some(b"ab".to_vec()));
    assert_eq!(read(&mut d, 9), None);
}

#[test]
fn control_c_signals_and_drops_the_line() {
    let mut d = Discipline::new();
    let (echo, signals) = type_in(&mut d, b"abc\x03");
    assert_eq!((echo.as_str(), signals), ("abc^C", vec![Signal::Interrupt]));
    type_in(&mut d, b"x\n");
    assert_eq!(read(&mut d, 9), Some(b"x\n".to_vec()));
}

#[test]
fn word_and_line_erase() {
    let mut d = Discipline::new();
    type_in(&mut d, b"one two \x17\n");
    assert_eq!(read(&mut d, 99), Some(b"one \n".to_vec()));
    type_in(&mut d, b"one two\x15ok\n");
    assert_eq!(read(&mut d, 99), Some(b"ok\n".to_vec()));
}

#[test]
fn utf8_characters_are_erased_whole() {
    let mut d = Discipline::new();
    let mut t = *d.termios();
    t.c_iflag |= iflag::IUTF8;
    d.set_termios(t);
    let (echo, _) = type_in(&mut d, "aé\x7fb\n".as_bytes());
    assert_eq!(echo, "aé\x08 \x08b\r\n");
    assert_eq!(read(&mut d, 99), Some(b"ab\n".to_vec()));
}

#[test]
fn raw_mode_passes_everything() {
    let mut d = Discipline::new();
    let mut t = *d.termios();
    t.c_lflag &= !(lflag::ICANON | lflag::ECHO | lflag::ISIG);
    t.c_iflag = 0;
    d.set_termios(t);
    let (echo, signals) = type_in(&mut d, b"\x03\x04\r");
    assert!(echo.is_empty() && signals.is_empty());
    assert!(d.readable());
    assert_eq!(read(&mut d, 99), Some(b"\x03\x04\r".to_vec()));
}

#[test]
fn half_a_line_survives_the_switch_to_raw() {
    let mut d = Discipline::new();
    type_in(&mut d, b"ab");
    assert!(!d.readable());
    let mut t = *d.termios();
    t.c_lflag &= !lflag::ICANON;
    d.set_termios(t);
    assert_eq!(read(&mut d, 99), Some(b"ab".to_vec()));
}

#[test]
fn a_flood_is_bounded_and_the_line_can_still_end() {
    let mut d = Discipline::new();
    type_in(&mut d, &vec![b'x'; 3 * LIMIT]);
    type_in(&mut d, b"\n");
    assert_eq!(read(&mut d, 2 * LIMIT).map(|l| l.len()), Some(LIMIT));
}

#[test]
fn output_gets_carriage_returns_and_tabs() {
    let mut d = Discipline::new();
    let mut out = Vec::new();
    d.write(b"a\tb\n", &mut out);
    assert_eq!(out, b"a\tb\r\n");
    let mut t = *d.termios();
    t.c_oflag |= oflag_xtabs();
    d.set_termios(t);
    out.clear();
    d.write(b"a\tb", &mut out);
    assert_eq!(out, b"a       b");
}

fn oflag_xtabs() -> u32 {
    abi::tty::oflag::XTABS
}

#[test]
fn literal_next_quotes_a_control_character() {
    let mut d = Discipline::new();
    let (_, signals) = type_in(&mut d, b"a\x16\x03b\n");
    assert!(signals.is_empty());
    assert_eq!(read(&mut d, 9), Some(b"a\x03b\n".to_vec()));
}
