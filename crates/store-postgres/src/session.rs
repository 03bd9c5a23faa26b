//! One connection, with every statement prepared, and how several statements go down it at once.
//!
//! Statements that belong together are sent in one go, before anything is waited for: they cost one
//! round trip, and nobody else's statement comes between them although readers share connections.
//! Whoever stops waiting half way leaves nothing open, because the end of the transaction was sent
//! with its beginning.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::error::Severity;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, Row, RowStream, Statement};

use crate::sql::{self, Sql};
use crate::tls::Tls;

/// A parameter of a statement.
type Param = Arc<dyn ToSql + Sync + Send>;

/// A statement with its parameters.
#[derive(Clone)]
pub(crate) struct Call {
    sql: Sql,
    params: Vec<Param>,
}

/// A statement without parameters.
pub(crate) fn call(sql: Sql) -> Call {
    Call { sql, params: Vec::new() }
}

impl Call {
    /// The same with one parameter more.
    pub(crate) fn with(mut self, param: impl ToSql + Sync + Send + 'static) -> Self {
        self.params.push(Arc::new(param));
        self
    }
}

/// What is set in each session. The planner must not scan a table because it was empty when a
/// statement was planned; and a node that stands still in the middle of a transaction, or is cut
/// off, must not keep the others from writing for long. A statement is not cut short: of a commit
/// that waits for a standby, that would leave it on one disk for all to see ([`crate::settle`]).
/// And what `check` accepted stays so: `synchronous_commit` is the session's own, at least `on`.
pub(crate) const SETTINGS: &str = "SET default_transaction_read_only = on; SET jit = off; \
    SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '10s'; \
    SET statement_timeout = 0; \
    SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') <> 'remote_apply'";
/// What else is set where only a row or two is asked for at a time: one plan for each statement,
/// over indexes. Planning anew for each set of values takes longer than running it.
pub(crate) const POINTED: &str = "SET enable_seqscan = off; SET enable_hashjoin = off; \
    SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan";

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Statements that concern a row or two.
    Point,
    /// Statements that walk tables.
    Scan,
}

/// A connection on which every statement is prepared.
pub(crate) struct Session {
    client: Client,
    statements: Vec<Statement>,
    /// Whether the server has warned of something since it was last asked.
    warned: Arc<AtomicBool>,
    /// Held while statements that belong together are sent.
    sending: Mutex<()>,
    driver: tokio::task::AbortHandle,
    /// How many servers there were before the one it was opened on.
    pub(crate) succession: u64,
}

impl Drop for Session {
    fn drop(&mut self) {
        // A connection that does not answer would be waited for otherwise.
        self.driver.abort();
    }
}

/// A connection on which nothing is prepared.
pub(crate) struct Bare {
    pub(crate) client: Client,
    warned: Arc<AtomicBool>,
    driver: tokio::task::AbortHandle,
}

/// Connects, with TLS if the configuration asks for it.
pub(crate) async fn connect(config: &Config, tls: Tls) -> Result<Bare, Error> {
    let (client, connection) = config.connect(tls).await?;
    let warned = Arc::new(AtomicBool::new(false));
    let driver = tokio::spawn(drive(connection, Arc::clone(&warned))).abort_handle();
    Ok(Bare { client, warned, driver })
}

impl Bare {
    /// Prepares every statement.
    pub(crate) async fn prepared(self, purpose: Purpose) -> Result<Session, Error> {
        let Self { client, warned, driver } = self;
        client.batch_execute(SETTINGS).await?;
        if purpose == Purpose::Point {
            client.batch_execute(POINTED).await?;
        }
        let prepared = send(sql::ALL.iter().map(|text| client.prepare(text)), None).await;
        let mut statements = Vec::with_capacity(sql::ALL.len());
        for statement in prepared {
            statements.push(statement.done().await?);
        }
        let sending = Mutex::new(());
        Ok(Session { client, statements, warned, sending, driver, succession: 0 })
    }
}

/// Reads from the connection until it ends, and keeps in mind whether the server warned.
async fn drive<S, T>(mut connection: Connection<S, T>, warned: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notice(notice))) => {
                if notice.parsed_severity() == Some(Severity::Warning) {
                    tracing::warn!(code = notice.code().code(), "PostgreSQL: {}", notice.message());
                    warned.store(true, Ordering::SeqCst);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(error = %error, "a connection to PostgreSQL ended");
                return;
            }
            None => return,
        }
    }
}

impl Session {
    /// Whether it is of no more use.
    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Whether the server has warned of something since this was last asked.
    pub(crate) fn take_warned(&self) -> bool {
        self.warned.swap(false, Ordering::SeqCst)
    }

    /// Sends all of `calls` in one go and gives what came of each. Once one of a transaction has
    /// failed, so do those behind it, up to the `COMMIT`, which then commits nothing.
    pub(crate) async fn all(&self, calls: Vec<Call>) -> Vec<Result<Vec<Row>, Error>> {
        let rows = |call| async { self.query(call).await?.try_collect::<Vec<Row>>().await };
        let sent = send(calls.into_iter().map(rows), Some(&self.sending)).await;
        let mut answers = Vec::with_capacity(sent.len());
        for answer in sent {
            answers.push(answer.done().await);
        }
        answers
    }

    /// Sends all of `calls` in one go, and gives their rows, or the first failure.
    pub(crate) async fn rows(&self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>, Error> {
        self.all(calls).await.into_iter().collect()
    }

    /// The rows of one statement, as they come.
    pub(crate) async fn query(&self, call: Call) -> Result<RowStream, Error> {
        let Call { sql, params } = call;
        let params = params.iter().map(|param| -> &(dyn ToSql + Sync) { &**param });
        match self.statements.get(sql as usize) {
            Some(statement) => self.client.query_raw(statement, params).await,
            // There are as many as the enumeration has; this only spares a panic.
            None => self.client.query_raw("", params).await,
        }
    }
}

/// An answer that was asked for.
enum Asked<F: Future> {
    Waiting(Pin<Box<F>>),
    Done(F::Output),
}

impl<F: Future> Asked<F> {
    async fn done(self) -> F::Output {
        match self {
            Self::Waiting(future) => future.await,
            Self::Done(output) => output,
        }
    }
}

/// Polls each once, in order, which is when `tokio_postgres` sends what it was made for.
async fn send<F: Future>(
    futures: impl Iterator<Item = F>,
    alone: Option<&Mutex<()>>,
) -> Vec<Asked<F>> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    poll_fn(move |context| {
        let _held = alone.map(|alone| alone.lock().unwrap_or_else(PoisonError::into_inner));
        let poll = |mut future: Pin<Box<F>>| match future.as_mut().poll(context) {
            Poll::Ready(output) => Asked::Done(output),
            Poll::Pending => Asked::Waiting(future),
        };
        Poll::Ready(std::mem::take(&mut futures).into_iter().map(poll).collect())
    })
    .await
}

/// A deadline for what the database is asked.
pub(crate) async fn within<T>(patience: Duration, answer: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(patience, answer).await.ok()
}
