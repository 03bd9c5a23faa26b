//! Goal 3: nobody knows what became of a redemption whose connection broke. The retry tells: the
//! same answer under the same name, one code used up, whichever byte was the last to get through.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Instant;

use glassbreak_testkit::http::{Answer, Client};
use glassbreak_testkit::{SeededEntropy, seed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::audit::{audit, placed};
use super::random::{fork, uuid};
use super::run::soak;
use super::server::{Served, enrol, redemption};

const TRIALS: usize = 4000;
/// Subjects, each with a client of its own.
const LANES: usize = 16;
/// Codes in a set.
const COUNT: usize = 32;

/// Where the connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    /// After so many bytes of the request, not all of it.
    Incomplete(usize),
    /// As soon as the request is sent.
    Sent,
    /// The request is sent and no more will come, but the answer is not waited for.
    HalfClosed,
    /// After so many bytes of the answer.
    Answered(usize),
}

/// What a run of trials came to.
#[derive(Debug, Default)]
struct Tally {
    trials: u64,
    /// The request that was cut had been carried out when the retry came, or was ahead of it.
    done_before_retry: u64,
    /// The retry was the first to be carried out.
    done_by_retry: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_3_a_retry_after_a_cut_connection_tells_the_one_answer() {
    let seed = seed();
    let random = seed.entropy();
    let end = soak().map(|time| Instant::now() + time);
    let served = Served::start("unknown");
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let client = served.server.client().unwrap();
        let cutter = Cutter::new(&served, fork(&random));
        lanes.spawn(run_lane(lane, client, cutter, end));
    }
    let mut total = Tally::default();
    for tally in lanes.join_all().await {
        total.trials += tally.trials;
        total.done_before_retry += tally.done_before_retry;
        total.done_by_retry += tally.done_by_retry;
    }
    println!("{total:?}");
    assert!(total.done_before_retry > total.trials / 20, "no cut was late enough: {total:?}");
    assert!(total.done_by_retry > total.trials / 20, "no cut was early enough: {total:?}");
    let audit = audit(&mut served.server.client().unwrap(), &served.vkey(), None).await;
    assert_eq!(audit.count("code.accepted"), total.trials);
    assert_eq!(placed(&audit, "used"), total.trials);
}

async fn run_lane(lane: usize, mut client: Client, cutter: Cutter, end: Option<Instant>) -> Tally {
    let mut tally = Tally::default();
    for round in 0.. {
        let over = round * COUNT * LANES >= TRIALS;
        if over && end.is_none_or(|end| Instant::now() >= end) {
            break;
        }
        let subject = format!("lane-{lane}-{round}");
        for code in enrol(&mut client, &subject, u8::try_from(COUNT).unwrap()).await {
            trial(&mut client, &cutter, &subject, &code, &mut tally).await;
        }
    }
    tally
}

async fn trial(client: &mut Client, cutter: &Cutter, subject: &str, code: &str, tally: &mut Tally) {
    let id = uuid(&cutter.random);
    let body = redemption(id, subject, code);
    let cut = cutter.redeem(&body.to_string()).await;
    let told = format!("{cut:?}, {id}");
    let first = client.post("/v1/redemptions", &body).await.unwrap();
    let again = client.post("/v1/redemptions", &body).await.unwrap();
    assert_eq!((first.status, again.status), (200, 200), "{told}: {}", first.text());
    assert_eq!(content(&first), content(&again), "{told}: the answer changed");
    assert!(!is_new(&again), "{told}: done twice");
    tally.trials += 1;
    if is_new(&first) {
        tally.done_by_retry += 1;
    } else {
        tally.done_before_retry += 1;
        assert!(!matches!(cut, Cut::Incomplete(_)), "{told}: done on half a request");
    }
    // Under another name it is another attempt, and the code is spent.
    if cutter.random.once_in(4) {
        let other = redemption(uuid(&cutter.random), subject, code);
        assert_eq!(client.post("/v1/redemptions", &other).await.unwrap().status, 401, "{told}");
    }
}

/// The answer but for the events that were written for it, which a retry has not got.
fn content(answer: &Answer) -> serde_json::Value {
    let mut content = answer.json();
    content["evidence"] = serde_json::Value::Null;
    content
}

/// Whether this answer is the first under its name.
fn is_new(answer: &Answer) -> bool {
    answer.json()["evidence"].as_array().is_some_and(|events| !events.is_empty())
}

/// Sends requests and cuts the connection.
struct Cutter {
    addr: SocketAddr,
    key: String,
    random: SeededEntropy,
}

impl Cutter {
    fn new(served: &Served, random: SeededEntropy) -> Self {
        Self { addr: served.server.addr(), key: served.server.admin_key().unwrap(), random }
    }

    /// Redeems, and cuts the connection somewhere.
    async fn redeem(&self, body: &str) -> Cut {
        let head = self.head(body).len();
        let cut = match self.random.below(8) {
            // Anywhere before the end of the head.
            0 => Cut::Incomplete(self.random.below(head)),
            // Between head and body.
            1 => Cut::Incomplete(head),
            // Anywhere in the body.
            2 => Cut::Incomplete(head + self.random.below(body.len())),
            // Before the last byte.
            3 => Cut::Incomplete(head + body.len() - 1),
            4 | 5 => Cut::Sent,
            6 => Cut::HalfClosed,
            _ => Cut::Answered(1 + self.random.below(200)),
        };
        self.cut(body, cut).await;
        cut
    }

    fn head(&self, body: &str) -> String {
        let Self { addr, key, .. } = self;
        let length = body.len();
        format!(
            "POST /v1/redemptions HTTP/1.1\r\nHost: {addr}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
    }

    async fn cut(&self, body: &str, cut: Cut) {
        let request = format!("{}{body}", self.head(body)).into_bytes();
        let sent = match cut {
            Cut::Incomplete(bytes) => &request[..bytes],
            Cut::Sent | Cut::HalfClosed | Cut::Answered(_) => &request[..],
        };
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(sent).await.unwrap();
        match cut {
            Cut::HalfClosed => stream.shutdown().await.unwrap(),
            Cut::Answered(bytes) => {
                let mut answer = vec![0; bytes];
                match stream.read_exact(&mut answer).await {
                    Ok(_) => {
                        assert!(b"HTTP/1.1 200".starts_with(&answer[..bytes.min(12)]));
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::UnexpectedEof),
                }
            }
            Cut::Incomplete(_) | Cut::Sent => {}
        }
        // In order, or as if the machine had gone: what is under way is then thrown away.
        if self.random.once_in(2) {
            stream.set_zero_linger().unwrap();
        }
    }
}
