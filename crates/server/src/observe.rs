//! What is seen of each request from outside of its handler: it is counted, named in the log, and,
//! where a collector is configured, told as a span.
//!
//! Nothing that a caller wrote is seen here but the method, the route that matched and a trace id
//! in its strict form: paths, headers and bodies may hold codes and names.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{Extension, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::meter::Stopwatch;
use glassbreak_engine::stages::{Stages, traced};
use glassbreak_engine::{Engine, EntropySource as _, SystemEntropy};
use tracing::Instrument as _;

use crate::app::route_names;
use crate::metrics::{HttpMeter, Own, RefusedAs};
use crate::problem::codes;
use crate::read;
use crate::telemetry::{Answered, Telemetry, TraceContext};

/// The header under which an answer names its request, as the log does.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// W3C Trace Context.
const TRACE_PARENT: &str = "traceparent";

/// What one server process sees of its requests.
pub(crate) struct Observed {
    http: HttpMeter,
    /// Tells the requests of this process from those of others.
    process: u32,
    requests: AtomicU64,
    entropy: SystemEntropy,
    telemetry: Option<Telemetry>,
    started: OnceLock<Timestamp>,
}

impl Observed {
    /// Nothing seen yet.
    ///
    /// # Errors
    /// If the operating system gives no randomness.
    pub(crate) fn new(telemetry: Option<Telemetry>) -> anyhow::Result<Self> {
        let entropy = SystemEntropy::default();
        let mut process = [0; 4];
        entropy.fill(&mut process)?;
        Ok(Self {
            http: HttpMeter::new(route_names().into_iter(), codes()),
            process: u32::from_be_bytes(process),
            requests: AtomicU64::new(0),
            entropy,
            telemetry,
            started: OnceLock::new(),
        })
    }

    /// What was counted of requests.
    pub(crate) const fn http(&self) -> &HttpMeter {
        &self.http
    }

    /// It serves from now on.
    pub(crate) fn began(&self, now: Timestamp) {
        self.started.get_or_init(|| now);
    }

    /// What the server knows of itself.
    pub(crate) fn own(&self) -> Own {
        let dropped = self.telemetry.as_ref().map_or(0, Telemetry::dropped);
        Own { dropped, started: self.started.get().copied() }
    }

    /// The exporter, if there is one.
    pub(crate) const fn telemetry(&self) -> Option<&Telemetry> {
        self.telemetry.as_ref()
    }

    /// A name for the next request: unique, and no secret.
    fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:08x}-{number:x}", self.process)
    }

    /// The trace that a request belongs to: the caller's if it names one, else one of its own.
    /// None where there is no randomness, for a span is not worth a request.
    fn trace(&self, request: &Request) -> Option<TraceContext> {
        let parent = request.headers().get(TRACE_PARENT).and_then(|value| value.to_str().ok());
        let mut random = [0; 24];
        self.entropy.fill(&mut random).ok()?;
        Some(TraceContext::begin(parent, &random))
    }
}

/// The router, with every request that it answers seen.
pub(crate) fn around(router: Router, engine: Engine, observed: Arc<Observed>) -> Router {
    let seeing = middleware::from_fn_with_state((engine, Arc::clone(&observed)), see);
    router.layer(Extension(observed)).layer(seeing)
}

/// The metrics alone, without a key: for a listener of their own.
pub(crate) fn metrics_alone(engine: Engine, observed: Arc<Observed>) -> Router {
    Router::new().route("/metrics", get(read::metrics::open)).with_state((engine, observed))
}

async fn see(
    State((engine, observed)): State<(Engine, Arc<Observed>)>,
    request: Request,
    next: Next,
) -> Response {
    let _in_flight = observed.http.in_flight().hold();
    let began = Stopwatch::start();
    let method = request.method().clone();
    // The route and not the path: paths hold names.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map(MatchedPath::as_str);
    let name = observed.request_id();
    let trace = observed.telemetry.as_ref().and_then(|_| observed.trace(&request));
    let trace_id = trace.as_ref().map(TraceContext::trace_id);
    let span = tracing::info_span!("request", request_id = name, trace_id);
    let recorded = trace.filter(|trace| {
        observed.telemetry.as_ref().is_some_and(|telemetry| telemetry.wants(trace))
    });
    let mut response = match (&observed.telemetry, recorded) {
        (Some(telemetry), Some(trace)) => {
            let (stages, at) = (Arc::new(Stages::default()), engine.now());
            let answering = traced(Arc::clone(&stages), next.run(request));
            let response = answering.instrument(span).await;
            telemetry.answered(&Answered {
                trace,
                at,
                micros: began.micros(),
                route: route.map(ToOwned::to_owned),
                method: crate::metrics::method_name(&method),
                status: response.status().as_u16(),
                refused: response.extensions().get::<RefusedAs>().map(|RefusedAs(code)| *code),
                request: name.clone(),
                stages,
            });
            response
        }
        _ => next.run(request).instrument(span).await,
    };
    let refused = response.extensions().get::<RefusedAs>().copied();
    observed.http.answered(route, &method, response.status(), refused, began.micros());
    if let Ok(name) = HeaderValue::try_from(name) {
        response.headers_mut().insert(REQUEST_ID, name);
    }
    response
}
