//! The routes, and what holds for all of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, MatchedPath, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use glassbreak_engine::Engine;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::body::BODY_MAX;
use crate::courier::Courier;
use crate::problem::Problem;
use crate::{leak, log, operation, operators, read, sheet};

/// The longest a request may take.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// Replaying reads the whole log, and may take as long as that takes.
const REPLAY: &str = "/v1/log/replay";
const REPLAY_TIME_MAX: Duration = Duration::from_mins(30);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Glassbreak",
        description = "The authority over recovery credentials: issue, show once, redeem exactly once, \
                       revoke, prove. Codes travel in bodies only. Refusals are RFC 9457 problems with a \
                       stable `code`; docs/ERRORS.md lists them.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    security(("api_key" = [])),
    modifiers(&ApiKeys)
)]
struct Description;

struct ApiKeys;

impl utoipa::Modify for ApiKeys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key with the scope that the call needs"))
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
    }
}

fn described() -> OpenApiRouter<Engine> {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(of_neighbours())
        .merge(of_the_console())
        .merge(of_operators())
        .routes(routes!(operation::register::register, read::subject::get))
        .routes(routes!(read::subject::timeline))
        .routes(routes!(operation::send_confirmation::send_confirmation))
        .routes(routes!(operation::confirm_address::confirm_address))
        .routes(routes!(operation::contacts::list))
        .routes(routes!(operation::contacts::add_contact, operation::contacts::remove_contact))
        .routes(routes!(operation::contacts::review_contacts))
        .routes(routes!(operation::issue::issue))
        .routes(routes!(operation::confirm::confirm))
        .routes(routes!(operation::declare::declare))
        .routes(routes!(operation::revoke::revoke))
        .routes(routes!(sheet::draw))
        .routes(routes!(operation::redeem::redeem))
        .routes(routes!(operation::report::report))
        .routes(routes!(operation::make_link::make_link))
        .routes(routes!(operation::open::open, read::recovery::list))
        .routes(routes!(read::burden::burden))
        .routes(routes!(read::recovery::get))
        .routes(routes!(operation::gather::gather))
        .routes(routes!(operation::send::send))
        .routes(routes!(read::recovery::grant))
        .routes(routes!(operation::complete::complete))
        .routes(routes!(operation::cancel::cancel))
        .routes(routes!(operation::review::review))
        .routes(routes!(operation::review::options))
        .routes(routes!(operation::create_bundle::create_bundle))
        .routes(routes!(operation::prove_share::prove_share))
        .routes(routes!(operation::allow_opening::allow_opening))
        .routes(routes!(operation::open_bundle::open_bundle))
        .routes(routes!(operation::revoke_bundle::revoke_bundle))
        .routes(routes!(read::bundle::list))
        .routes(routes!(read::bundle::get))
        .routes(routes!(operation::approve::approve))
        .routes(routes!(operation::approve::options))
        .routes(routes!(operation::request_exception::request_exception))
        .routes(routes!(operation::withdraw_exception::withdraw_exception))
        .routes(routes!(operation::approve_exception::approve_exception))
        .routes(routes!(operation::approve_exception::options))
        .routes(routes!(read::exceptions::list))
        .routes(routes!(operation::begin_containment::begin_containment, read::containments::list))
        .routes(routes!(operation::lift_containment::lift_containment, read::containments::get))
        .routes(routes!(operation::approve_containment::approve_containment))
        .routes(routes!(operation::approve_containment::options))
        .routes(routes!(operation::load_policy::load_policy, operation::load_policy::get))
        .routes(routes!(read::notices::list))
        .routes(routes!(read::inventory::list))
        .routes(routes!(read::inventory::summary))
        .routes(routes!(read::inventory::export))
        .routes(routes!(read::log_entries::entries))
        .routes(routes!(read::log_entries::receipt))
        .routes(routes!(read::log_entries::replay))
        .routes(routes!(operation::api_keys::create, operation::api_keys::list))
        .routes(routes!(operation::api_keys::revoke))
        .routes(routes!(operation::rotate_key::list))
        .routes(routes!(operation::rotate_key::rotate_key))
        .routes(routes!(log::checkpoint))
        .routes(routes!(read::jwks::jwks))
        .routes(routes!(read::health::alive))
        .routes(routes!(read::health::ready))
        .routes(routes!(read::metrics::metrics))
}

/// What a console asks besides what everybody does.
fn of_the_console() -> OpenApiRouter<Engine> {
    OpenApiRouter::new()
        .routes(routes!(read::overview::overview))
        .routes(routes!(read::alerts::list))
        .routes(routes!(read::directory::list))
        .routes(routes!(read::directory::throttled))
        .routes(routes!(read::decisions::list))
        .routes(routes!(read::decisions::trial))
}

/// Who works at the desk, who approves, and their passkeys.
fn of_operators() -> OpenApiRouter<Engine> {
    OpenApiRouter::new()
        .routes(routes!(read::operators::list))
        .routes(routes!(operation::appoint::appoint, operation::appoint::get))
        .routes(routes!(operation::appoint::remove_passkey))
        .routes(routes!(operation::passkey::enrol))
        .routes(routes!(operation::passkey::options))
        .routes(routes!(operation::offer_enrolment::offer_enrolment))
        .routes(routes!(operation::offer_enrolment::options))
        .routes(routes!(operation::offer_enrolment::enrol))
}

/// What those ask who are told of things, who tell of them, and who sign in.
fn of_neighbours() -> OpenApiRouter<Engine> {
    OpenApiRouter::new()
        .routes(routes!(operation::repudiate::repudiate))
        .routes(routes!(leak::report::report))
        .routes(routes!(leak::github::report_from_github))
        .routes(routes!(read::destinations::list))
        .routes(routes!(read::destinations::dead_letters))
        .routes(routes!(operation::destinations::replay))
        .routes(routes!(operation::destinations::resume))
        .routes(routes!(operation::destinations::replay_dead_letter))
        .routes(routes!(operation::destinations::discard_dead_letter))
        .routes(routes!(read::signals::list))
        .routes(routes!(read::signals::get))
        .routes(routes!(operation::resolve_signal::resolve_signal))
        .routes(routes!(operation::rotate_signal_key::rotate_signal_key))
        .routes(routes!(operators::sign_in::login))
        .routes(routes!(operators::sign_in::callback))
        .routes(routes!(operators::sign_in::logout))
        .routes(routes!(operators::me))
}

/// The whole server over an engine. With `open_entries`, the log's entries need no key; `courier`
/// takes codes to the people they are for.
pub fn router(engine: Engine, open_entries: bool, courier: Arc<dyn Courier>) -> Router {
    let (router, _) = described().split_for_parts();
    let description = openapi_json();
    let openapi = move || async move {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], description)
    };
    router
        .merge(crate::ssf::routes())
        .route("/tlog/tile/{*path}", get(log::tile))
        .route("/openapi.json", get(openapi))
        .fallback(async || Problem::plain("not_found"))
        .method_not_allowed_fallback(async || Problem::plain("method_not_allowed"))
        .layer(Extension(log::OpenEntries(open_entries)))
        .layer(Extension(courier))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn(in_time))
        .with_state(engine)
}

/// The routes as requests match them: what metrics are told by.
pub(crate) fn route_names() -> Vec<String> {
    let (_, openapi) = described().split_for_parts();
    let mut names: Vec<String> = openapi.paths.paths.into_keys().collect();
    names.extend(["/tlog/tile/{*path}", "/openapi.json"].map(ToOwned::to_owned));
    names
}

/// The `OpenAPI` description, as committed in `docs/openapi.json`.
pub fn openapi_json() -> String {
    let (_, mut openapi) = described().split_for_parts();
    // The path of tiles has slashes in it, which a description cannot say; it names one parameter.
    openapi.paths.add_path_operation(
        "/tlog/tile/{path}",
        vec![utoipa::openapi::HttpMethod::Get],
        <log::__path_tile as utoipa::Path>::operation(),
    );
    openapi.to_pretty_json().unwrap_or_default() + "\n"
}

/// Ends requests that take too long. What was committed stays committed: the caller asks again
/// under the same name.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    // The route and not the path: paths hold names.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("no route", MatchedPath::as_str);
    let most = if route == REPLAY { REPLAY_TIME_MAX } else { REQUEST_TIME_MAX };
    let response = match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::plain("too_slow").into_response(),
    };
    let (status, duration_us) = (response.status().as_u16(), began.elapsed().as_micros());
    tracing::debug!(%method, route, status, duration_us, "answered");
    response
}
