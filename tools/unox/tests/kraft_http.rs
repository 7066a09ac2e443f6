//! Index files, archives and GitHub's lists over http, from a server of our own on the loopback interface; and every way in which that fails.

mod common;

use common::kraft::Workspace;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is answered to a path.
#[derive(Clone)]
enum Answer {
    Whole(Vec<u8>),
    /// The length is told, half is sent.
    Truncated(Vec<u8>),
    Status(&'static str, &'static str),
}

/// Answers until the test ends; other paths are 404.
struct Server {
    port: u16,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    /// Paths and authorizations asked.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answers, asked) = (Arc::new(Mutex::new(HashMap::new())), Arc::new(Mutex::new(Vec::new())));
        let server = Server { port, answers: Arc::clone(&answers), asked: Arc::clone(&asked) };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // curl may hang up; that is not the server's end.
                let _ = answer(stream, &answers, &asked);
            }
        });
        server
    }

    fn serve(&self, path: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

fn answer(mut stream: TcpStream, answers: &Mutex<HashMap<String, Answer>>, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut token = String::new();
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some(given) = line.to_ascii_lowercase().strip_prefix("authorization: ") {
            token = format!(" {given}");
        }
    }
    asked.lock().unwrap().push(format!("{path}{token}"));
    let found = answers.lock().unwrap().get(&path).cloned().unwrap_or(Answer::Status("404 Not Found", ""));
    let (status, body, sent) = match &found {
        Answer::Whole(body) => ("200 OK", body.as_slice(), body.len()),
        Answer::Truncated(body) => ("200 OK", body.as_slice(), body.len() / 2),
        Answer::Status(status, text) => (*status, text.as_bytes(), text.len()),
    };
    stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes())?;
    stream.write_all(&body[..sent])
}

/// A workspace that may use the network, and asks this server for GitHub's lists.
fn online(server: &Server) -> Workspace {
    let w = Workspace::new();
    // The core's own origins would go to the network.
    w.write("home/.kraftrc", &format!("[list]\norigins = []\ngithub_api = \"{}\"\n", server.url("/api/")));
    w
}

/// `lib-NAME` as an archive with its checksum.
fn archive(w: &Workspace, name: &str) -> (Vec<u8>, String) {
    w.add_library(&format!("things/{name}-1.0"), name);
    w.shell("things", &format!("tar czf {name}-1.0.tar.gz {name}-1.0 && sha256sum {name}-1.0.tar.gz > sum"));
    (std::fs::read(w.path(&format!("things/{name}-1.0.tar.gz"))).unwrap(), w.read("things/sum")[..64].to_owned())
}

#[test]
fn an_index_with_manifests_and_archives() {
    let server = Server::start();
    let w = online(&server);
    let (bytes, sum) = archive(&w, "five");
    let index = b"manifests:\n- name: five\n  type: lib\n  manifest: libs/five.yaml\n".to_vec();
    let manifest = |resource: &str, sum: &str| {
        Answer::Whole(format!("name: five\ntype: lib\nversions:\n- version: '1.0'\n  resource: {resource}\n  sha256: {sum}\n").into_bytes())
    };
    server.serve("/index.yaml", Answer::Whole(index));
    server.serve("/libs/five.yaml", manifest("../five-1.0.tar.gz", &sum));
    server.serve("/five-1.0.tar.gz", Answer::Whole(bytes.clone()));
    let url = server.url("/index.yaml");
    assert_eq!(w.works("", &["list", "add", &url]), format!("Saved: {url}\n"));
    assert!(
        w.works("", &["list", "update"]).contains(&format!("Found lib/five via {}", server.url(""))),
        "{}",
        w.works("", &["list", "update"])
    );
    assert!(w.works("", &["list", "show", "five"]).contains("distributions: stable@1.0"), "{}", w.works("", &["list", "show", "five"]));
    assert_eq!(w.works("", &["list", "pull", "five"]), "Unpacked lib/five@1.0: /T/workspace/libs/five\n");
    assert!(w.exists("workspace/libs/five/lib.c"));

    // The archive is another, broken off, or none.
    let refused = |said: &str| {
        let (status, text) = w.fails("", &["list", "pull", "-w", "other", "five"]);
        assert!(status == 1 && text.contains(said), "{said}: {text}");
        assert!(!w.exists("other/libs/five"), "nothing half is left");
    };
    server.serve("/libs/five.yaml", manifest("../five-1.0.tar.gz", &"0".repeat(64)));
    w.works("", &["list", "update"]);
    refused("the archive has not the checksum");
    server.serve("/libs/five.yaml", manifest("../five-1.0.tar.gz", &sum));
    server.serve("/five-1.0.tar.gz", Answer::Truncated(bytes));
    w.works("", &["list", "update"]);
    refused("five-1.0.tar.gz: curl: (18)");
    server.serve("/five-1.0.tar.gz", Answer::Status("404 Not Found", ""));
    refused("five-1.0.tar.gz: curl: (22)");
    let no_archive = b"<html>not here</html>".to_vec();
    server.serve("/five-1.0.tar.gz", Answer::Whole(no_archive));
    refused("the archive has not the checksum");
    let (_, text) = w.fails("", &["list", "pull", "-k", "-w", "other", "five"]);
    assert!(text.contains("cannot be unpacked"), "{text}");
}

#[test]
fn an_index_that_is_none() {
    let server = Server::start();
    let w = online(&server);
    let url = server.url("/x/index.json");
    w.works("", &["list", "add", &url]);
    let update = |answer: Answer, said: &str| {
        server.serve("/x/index.json", answer);
        let (status, text) = w.fails("", &["list", "update"]);
        assert!(status == 1 && text.contains(&format!("{url}:")) && text.contains(said), "{said}: {text}");
    };
    update(Answer::Status("404 Not Found", "no"), "404");
    update(Answer::Status("500 Internal Server Error", "no"), "500");
    update(Answer::Truncated(b"[{\"name\": \"lib-a\", \"source\": \"/nowhere\"}]".to_vec()), "curl: (18)");
    update(Answer::Whole(b"[{\"name\": \"lib-a\",\n".to_vec()), "index.json:");
    update(Answer::Whole(b"<html>\n<body>Log in</body>".to_vec()), "index.json:");
    update(Answer::Whole(vec![0xff, 0xfe, 0, 1]), "the answer is not text");
    update(Answer::Whole(b"[{\"nam\": \"lib-a\"}]".to_vec()), "index.json:1:2: a component without `name`");
    update(Answer::Whole(b"[7]".to_vec()), "index.json:1:2:");
    // What was known before stays known when an update fails.
    w.add_library("mylibs/one", "one");
    w.works("", &["list", "add", "mylibs"]);
    let (_, text) = w.fails("", &["list", "update"]);
    assert!(text.contains("Found lib/one"), "{text}");
    assert!(w.works("", &["list", "-l"]).contains("one"));
    // Nobody listens.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    w.works("", &["list", "add", &format!("http://127.0.0.1:{closed}/index.yaml")]);
    let (_, text) = w.fails("", &["list", "update"]);
    assert!(text.contains("curl: (7)"), "{text}");
    // And nobody is asked when offline.
    w.write("home/.kraftrc", &format!("[fetch]\noffline = true\n[list]\norigins = [\"{url}\"]\n"));
    let before = server.asked.lock().unwrap().len();
    let (_, text) = w.fails("", &["list", "update"]);
    assert!(text.contains("offline = true in /T/home/.kraftrc") && server.asked.lock().unwrap().len() == before, "{text}");
}

#[test]
fn github_s_list_of_an_organisation() {
    let server = Server::start();
    let w = online(&server);
    w.repository("repositories/lib-four", "four");
    let clone = format!("file://{}", w.path("repositories/lib-four").display());
    let path = "/api/users/someone/repos?per_page=100&page=1";
    let list = format!("[{{\"name\": \"lib-four\", \"clone_url\": \"{clone}\"}}, {{\"name\": \"website\"}}, {{\"id\": 7}}]");
    server.serve(path, Answer::Whole(list.into_bytes()));
    w.works("", &["list", "add", "https://github.com/someone/lib-*"]);
    let said = w.shell("", "UK_KRAFT_GITHUB_TOKEN=secret kraft list update");
    assert!(said.contains("Found lib/four via https://github.com/someone/lib-*..."), "{said}");
    assert_eq!(server.asked.lock().unwrap().last().unwrap(), &format!("{path} bearer secret"));
    assert_eq!(w.works("", &["list", "pull", "four@staging"]), "Cloned lib/four@staging: /T/workspace/libs/four\n");
    let refused = |answer: Answer, said: &str| {
        server.serve(path, answer);
        let (status, text) = w.fails("", &["list", "update"]);
        assert!(status == 1 && text.contains(said), "{said}: {text}");
    };
    refused(Answer::Status("403 rate limit exceeded", "{}"), "set UK_KRAFT_GITHUB_TOKEN");
    refused(Answer::Status("404 Not Found", ""), "github.com/someone: curl: (22)");
    refused(Answer::Whole(b"{\"message\": \"API rate limit exceeded\"}".to_vec()), "not what GitHub answers: API rate limit exceeded");
    refused(Answer::Whole(b"<html>".to_vec()), "not what GitHub answers:");
    refused(Answer::Truncated(b"[{\"name\": \"lib-four\"}]".to_vec()), "curl: (18)");
}

#[test]
fn two_pages_of_a_long_list() {
    let server = Server::start();
    let w = online(&server);
    w.repository("repositories/lib-last", "last");
    let clone = format!("file://{}", w.path("repositories/lib-last").display());
    let full: Vec<String> = (0..100).map(|n| format!("{{\"name\": \"other-{n}\"}}")).collect();
    server.serve("/api/users/many/repos?per_page=100&page=1", Answer::Whole(format!("[{}]", full.join(",")).into_bytes()));
    let rest = format!("[{{\"name\": \"lib-last\", \"clone_url\": \"{clone}\"}}]");
    server.serve("/api/users/many/repos?per_page=100&page=2", Answer::Whole(rest.into_bytes()));
    w.works("", &["list", "add", "--update", "github.com/many/lib-*"]);
    assert!(w.works("", &["list", "-l"]).contains("last"));
}
