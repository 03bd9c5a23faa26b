//! A syslog collector in this process that every server under test is told to send its log to:
//! whatever is killed, all of it gets there, in order (issue 5, part 5).

use std::collections::HashMap;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use glassbreak_testkit::http::Client;

/// How long it may take that is waited for: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

struct Sink {
    port: u16,
    /// The indices that came, by the name of the server's folder.
    came: Mutex<HashMap<String, Vec<u64>>>,
}

static SINK: OnceLock<Sink> = OnceLock::new();

/// What the configuration of the server below `dir` says of it.
pub(crate) fn destination(dir: &Path) -> String {
    let (port, name) = (sink().port, name(dir));
    format!(
        "[destinations.sink]\nkind = \"syslog\"\nhost = \"127.0.0.1\"\nport = {port}\n\
         insecure = true\nbegin = \"first\"\nretry_max = 1\nhostname = \"{name}\"\n"
    )
}

/// Waits until the server below `dir` has nothing more to tell, and looks at what it told: each
/// entry is one that was told before, or the next one.
pub(crate) async fn told(dir: &Path, client: &mut Client) {
    let until = Instant::now() + PATIENCE;
    let mut again = tokio::time::interval(Duration::from_millis(20));
    loop {
        again.tick().await;
        let answer = client.get("/v1/destinations").await.unwrap().json();
        let [position, behind] =
            ["position", "behind"].map(|name| answer["items"][0][name].as_u64().unwrap());
        let came = sink().came.lock().unwrap().get(&name(dir)).cloned().unwrap_or_default();
        let first = came.first().copied().unwrap_or(position);
        let reached = came.iter().fold(first, |reached, index| {
            assert!(*index <= reached, "{index} came before {reached}");
            reached.max(index + 1)
        });
        if behind == 0 && reached == position {
            return;
        }
        assert!(Instant::now() < until, "{reached} of {position}, {behind} behind: {answer}");
    }
}

fn name(dir: &Path) -> String {
    dir.file_name().unwrap().to_str().unwrap().to_owned()
}

fn sink() -> &'static Sink {
    SINK.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                std::thread::spawn(move || read(stream));
            }
        });
        Sink { port, came: Mutex::new(HashMap::new()) }
    })
}

/// Reads to the end, and keeps what came before it closes: closing is what acknowledges it.
fn read(mut stream: TcpStream) {
    let mut bytes = Vec::new();
    // A server that was killed breaks off; what came is what came.
    drop(stream.read_to_end(&mut bytes));
    let mut came = sink().came.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rest = &bytes[..];
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&rest[..space]).unwrap().parse().unwrap();
        let Some(message) = rest.get(space + 1..space + 1 + length) else { break };
        let message = std::str::from_utf8(message).unwrap();
        let name = message.split(' ').nth(2).unwrap().to_owned();
        let (_, index) = message.split_once(" index=\"").unwrap();
        let index = index.split_once('"').unwrap().0.parse().unwrap();
        came.entry(name).or_default().push(index);
        rest = &rest[space + 1 + length..];
    }
}
