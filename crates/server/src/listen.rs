//! Connections: how many, how slow a client may be, and how they end.

mod patient;
mod source;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::middleware::map_response;
use axum::response::Response;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::tls::Tls;
use patient::Patient;
pub(crate) use source::{Peers, Source};

/// The most connections at once. Beyond, new ones wait to be accepted.
const CONNECTIONS_MAX: usize = 4096;
/// How long a client may take to send a request's headers, or to think of a next request.
const HEADERS_TIME_MAX: Duration = Duration::from_secs(30);
/// How long a client may take nothing of an answer that waits for it.
const TAKING_TIME_MAX: Duration = Duration::from_secs(30);
/// How long a connection with a machine's certificate lasts.
const CERTIFICATE_TIME_MAX: Duration = Duration::from_hours(1);
/// How long requests under way may take to end once the server is told to.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Serves `router` on `listener` until `stop`, then lets requests under way end.
/// Over TLS if there is `tls`. Where a connection comes from, handlers find beside each request
/// ([`Source`]), if `peers` tell it.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<Tls>>,
    peers: Peers,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            // The semaphore is never closed; without a place nobody is accepted.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let (stream, addr) = match accepted {
            Ok((stream, addr)) => (stream, addr),
            // Out of file descriptors, most likely: others have to end first.
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Answers are small, and each is waited for. Without it they are only later.
        let _ = stream.set_nodelay(true);
        let (router, watcher) = (peers.telling(&router, addr), graceful.watcher());
        let tls = tls.as_ref().map(|tls| tls.now());
        tokio::spawn(async move {
            match tls {
                None => answer(stream, router, watcher).await,
                Some(tls) => answer_privately(stream, tls, router, watcher).await,
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await.is_err() {
        tracing::info!("connections that did not end in time are closed");
    }
}

/// Answers on a connection until it ends.
async fn answer(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    router: Router,
    watcher: Watcher,
) {
    let stream = Patient::new(stream, TAKING_TIME_MAX);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS_TIME_MAX);
    let service = TowerToHyperService::new(router);
    let connection = watcher.watch(http.serve_connection(TokioIo::new(stream), service));
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// The same over TLS. Whose certificate the other side has, handlers find beside each request.
async fn answer_privately(
    stream: TcpStream,
    tls: Arc<ServerConfig>,
    router: Router,
    watcher: Watcher,
) {
    let handshake = TlsAcceptor::from(tls).accept(stream);
    let stream = match tokio::time::timeout(HEADERS_TIME_MAX, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::info!(%error, "a TLS connection was not made");
            return;
        }
        Err(_) => return,
    };
    let router = match crate::tls::peer(stream.get_ref().1) {
        Some(peer) => {
            let began = Instant::now();
            let router = router.layer(Extension(Arc::new(peer)));
            router.layer(map_response(move |response| std::future::ready(closing(response, began))))
        }
        None => router,
    };
    answer(stream, router, watcher).await;
}

/// Ends a connection with a certificate after a while: it is verified when a connection is made.
fn closing(mut response: Response, began: Instant) -> Response {
    if began.elapsed() >= CERTIFICATE_TIME_MAX {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
