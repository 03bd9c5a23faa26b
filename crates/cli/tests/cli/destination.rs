//! Destinations at the prompt: a real server, a receiver that takes what it is told to, and the
//! verbs that operators have.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Said, Server};

/// A receiver of webhooks in this process.
struct Receiver {
    port: u16,
    /// What it answers to `code_set.issued`; 204 to everything else.
    answer: Arc<AtomicU16>,
    /// So many came.
    came: Arc<AtomicUsize>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answer, came) = (Arc::new(AtomicU16::new(422)), Arc::new(AtomicUsize::new(0)));
        let (status, count) = (Arc::clone(&answer), Arc::clone(&came));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut reader = BufReader::new(stream);
                let (mut length, mut line) = (0, String::new());
                while reader.read_line(&mut line).unwrap_or(0) > 2 {
                    if let Some(value) = line.strip_prefix("content-length: ") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                if reader.read_exact(&mut body).is_err() {
                    continue;
                }
                count.fetch_add(1, Ordering::SeqCst);
                let body = String::from_utf8(body).unwrap();
                let is_issue = body.contains("\"code_set.issued\"");
                let status = if is_issue { status.load(Ordering::SeqCst) } else { 204 };
                let answer = format!(
                    "HTTP/1.1 {status} so\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                drop(reader.get_mut().write_all(answer.as_bytes()));
            }
        });
        Self { port, answer, came }
    }
}

/// Asks until the one destination stands so.
#[track_caller]
fn until(server: &Server, stands: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let listed = server.run(&["destination", "list", "--json"]).ok().json();
        let found = listed["items"][0].clone();
        if stands(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "waited in vain: {found}");
    }
}

#[test]
fn what_a_destination_would_not_take_is_listed_sent_again_and_discarded_g3() {
    let receiver = Receiver::start();
    let port = receiver.port;
    let server = Server::configured(|dir| {
        let secret = dir.join("secret");
        fs::write(&secret, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        format!(
            "[destinations.siem]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/in\"\n\
             secret_file = {secret:?}\ninsecure = true\nnetworks = [\"127.0.0.0/8\"]\n\
             ports = [{port}]\nbegin = \"first\"\nretry_max = 1\n"
        )
    });
    server.run(&["subject", "put", "anna", "--assurance", "aal2"]).ok();
    for _ in 0..2 {
        let issue =
            ["codes", "issue", "anna", "--reason", "replacement", "--session-assurance", "aal2"];
        server.run(&issue).ok();
    }
    let found = until(&server, |it| it["dead_letters"] == 2 && it["behind"] == 0);
    assert_eq!(
        (found["state"].as_str(), found["kind"].as_str()),
        (Some("delivering"), Some("webhook"))
    );
    assert_eq!(found["to"], format!("127.0.0.1:{port}"));
    assert_eq!(found["last_failure"]["cause"], "refused");
    let listed = server.run(&["destination", "dead-letters", "siem", "--json"]).ok().json();
    let letters: Vec<String> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|letter| {
            assert_eq!(
                (letter["event"].as_str(), letter["status"].as_u64()),
                (Some("code_set.issued"), Some(422))
            );
            letter["index"].to_string()
        })
        .collect();
    let shown = server.run(&["destination", "dead-letters", "siem", "--limit", "1"]).ok();
    assert!(shown.out.contains("code_set.issued"), "{}", shown.out);
    receiver.answer.store(204, Ordering::SeqCst);
    server.run(&["destination", "replay", "siem", "--dead-letter", &letters[0]]).ok();
    until(&server, |it| it["dead_letters"] == 1);
    server.run(&["destination", "discard", "siem", &letters[1]]).ok();
    until(&server, |it| it["dead_letters"] == 0);
    let gone = server.run(&["destination", "discard", "siem", &letters[1], "--json"]);
    refused(&gone, "dead_letter_unknown");
    refused(&server.run(&["destination", "resume", "other", "--json"]), "destination_unknown");
    let before = receiver.came.load(Ordering::SeqCst);
    server.run(&["destination", "replay", "siem", "--from", "0"]).ok();
    let end = until(&server, |_| receiver.came.load(Ordering::SeqCst) > before)["position"].clone();
    let all = usize::try_from(end.as_u64().unwrap()).unwrap();
    until(&server, |it| {
        it["behind"] == 0 && receiver.came.load(Ordering::SeqCst) >= before + all.min(3)
    });
    server.run(&["destination", "resume", "siem"]).ok();
    let shown = server.run(&["destination", "list"]).ok();
    assert!(shown.out.contains("siem") && shown.out.contains("delivering"), "{}", shown.out);
}

#[track_caller]
fn refused(said: &Said, code: &str) {
    assert_ne!(said.code, 0);
    assert!(said.err.contains(code), "{}", said.err);
}
