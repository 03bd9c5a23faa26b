//! Small pages on an origin of their own, for tests of what a browser does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// What a small server answers.
#[derive(Debug, Clone)]
pub struct Reply {
    status: &'static str,
    headers: String,
    body: String,
}

impl Reply {
    /// A page.
    pub fn page(html: impl Into<String>) -> Self {
        Self { status: "200 OK", headers: String::new(), body: html.into() }
            .with("Content-Type", "text/html; charset=utf-8")
    }

    /// The way to another page, after a form.
    pub fn see_other(to: &str) -> Self {
        Self { status: "303 See Other", headers: String::new(), body: String::new() }
            .with("Location", to)
    }

    /// There is nothing.
    pub fn not_found() -> Self {
        Self { status: "404 Not Found", headers: String::new(), body: "Not found".to_owned() }
            .with("Content-Type", "text/plain")
    }

    /// The same with one header more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }
}

/// Answers requests by method, path (with its query) and body, on `http://localhost:PORT`, until
/// the process ends.
///
/// # Errors
/// If nothing can listen.
pub fn serve(
    answer: impl Fn(&str, &str, &str) -> Reply + Send + Sync + 'static,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // A browser opens connections ahead of need; none may keep the others waiting. One
            // that hangs up early is no failure of the test.
            thread::spawn(move || drop(serve_one(&connection, &*answer)));
        }
    });
    Ok(addr)
}

/// An empty page on an origin of its own: where a relying party's page would be.
///
/// # Errors
/// If nothing can listen.
pub fn empty_page() -> std::io::Result<SocketAddr> {
    serve(|_, _, _| Reply::page("<!doctype html><title>Empty</title>"))
}

fn serve_one(
    mut connection: &TcpStream,
    answer: &dyn Fn(&str, &str, &str) -> Reply,
) -> std::io::Result<()> {
    let mut from = BufReader::new(connection);
    let mut first = String::new();
    from.read_line(&mut first)?;
    let mut words = first.split_whitespace();
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(()) };
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    let Reply { status, headers, body } = answer(method, path, &String::from_utf8_lossy(&body));
    let length = body.len();
    write!(
        connection,
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
