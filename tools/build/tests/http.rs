//! Downloads over http, from a server of our own on the loopback interface: whole, resumed, refused.
#![forbid(unsafe_code)]

mod common;
use common::{Project, archive, sha256};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server does besides answering.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Whole,
    /// The first answer breaks off after half of the file.
    Breaks,
    /// As before, and ranges are ignored.
    NoRanges,
}

/// Serves one file; the requests' `Range` headers are kept.
struct Server {
    port: u16,
    ranges: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(content: Vec<u8>, manner: Manner) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&ranges);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let number = kept.lock().unwrap().len();
                let range = answer(stream, &content, manner, number).unwrap_or_default();
                kept.lock().unwrap().push(range);
            }
        });
        Server { port, ranges }
    }

    fn ranges(&self) -> Vec<String> {
        self.ranges.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, content: &[u8], manner: Manner, number: usize) -> std::io::Result<String> {
    let mut range = String::new();
    let mut path = String::new();
    let mut lines = BufReader::new(stream.try_clone()?);
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if path.is_empty() {
            path = line.split(' ').nth(1).unwrap_or_default().to_string();
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
            range = value.trim().to_string();
        }
    }
    if !path.ends_with("port-1.0.tar.gz") {
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
        return Ok(range);
    }
    let start = range.trim_end_matches('-').parse::<usize>().ok().filter(|_| manner != Manner::NoRanges);
    let (status, body) = match start {
        Some(from) => (
            format!("206 Partial Content\r\nContent-Range: bytes {from}-{}/{}", content.len() - 1, content.len()),
            &content[from.min(content.len())..],
        ),
        None => ("200 OK".to_string(), content),
    };
    stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes())?;
    let part = if manner != Manner::Whole && number == 0 { &body[..body.len() / 2] } else { body };
    stream.write_all(part)?;
    Ok(range)
}

/// A port whose origin the server has.
fn port(manner: Manner) -> (Project, Server) {
    let mut p = Project::new();
    p.write("app/Makefile.uk", "");
    let filler: String = (0..4000).map(|i| format!("/* {} */\n", i * 7919 % 10007)).collect();
    fs::create_dir_all(p.path("upstream")).unwrap();
    let file = archive(
        &p.path("upstream"),
        "port-1.0",
        &[("port.c", &format!("#include <host.h>\n{filler}int main(void) {{ put(\"http\\n\"); return 0; }}\n"))],
    );
    let server = Server::start(fs::read(&file).unwrap(), manner);
    let url = format!("http://127.0.0.1:{}/files/port-1.0.tar.gz", server.port);
    p.lib(
        "port",
        &format!(
            "$(eval $(call addlib,libport))\nLIBPORT_ORIGIN_SHA256 = {}\n$(eval $(call fetch,libport,{url}))\nLIBPORT_SRCS-y += $(LIBPORT_ORIGIN)/port-1.0/port.c\n",
            sha256(&file)
        ),
    );
    (p, server)
}

#[test]
fn a_download() {
    let (p, server) = port(Manner::Whole);
    assert!(p.fails(&["--offline", "build"]).contains("not asked, since this is offline"));
    assert!(server.ranges().is_empty());
    p.works(&["build"]);
    p.works(&["build"]);
    assert_eq!(server.ranges(), [""]);
}

#[test]
fn a_broken_download_goes_on_where_it_stopped() {
    let (p, server) = port(Manner::Breaks);
    // curl tries again by itself only for what the server says; a broken transfer ends it.
    let first = p.cli(&["fetch"]);
    if !first.status.success() {
        assert!(common::said(&first).contains("cannot be fetched"), "{}", common::said(&first));
        p.works(&["fetch"]);
    }
    let ranges = server.ranges();
    assert!(ranges.len() == 2 && ranges[1].ends_with('-') && ranges[1] != "0-", "{ranges:?}");
    assert_eq!(p.run(), "http\n");
}

#[test]
fn a_server_without_ranges_is_asked_for_the_whole() {
    let (p, _server) = port(Manner::NoRanges);
    let mut tries = 0;
    while !p.cli(&["fetch"]).status.success() {
        tries += 1;
        assert!(tries < 4);
    }
    assert_eq!(p.run(), "http\n");
}

#[test]
fn mirrors_over_http_and_missing_files() {
    let (p, server) = port(Manner::Whole);
    p.write("libs/port/Makefile.uk", &p.read("libs/port/Makefile.uk").replace("/files/port-1.0.tar.gz))", "/absent.tar.gz))"));
    let said = p.fails(&["fetch"]);
    assert!(said.contains("absent.tar.gz") && said.contains("404"), "{said}");
    p.write(
        "libs/port/Makefile.uk",
        &p.read("libs/port/Makefile.uk")
            .replace("/absent.tar.gz))", "/gone/port-1.0.tar.gz))")
            .replace("http://127.0.0.1", "http://127.0.0.2"),
    );
    let mirror = format!("http://127.0.0.1:{}/mirror/", server.port);
    p.works(&["--mirror", &mirror, "fetch"]);
}
