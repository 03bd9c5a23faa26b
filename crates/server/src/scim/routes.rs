//! The routes below `/scim/v2`. They are not in the `OpenAPI` description: the protocol describes
//! itself, in documents of its own (decision 0039).

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use glassbreak_signals::scim::{
    GLASSBREAK_USER, ListQuery, Patch, Projection, RawQuery, Resource, ResourceType, ScimError,
    ScimType, Verdict, resource_types, schemas, service_provider_config,
};
use serde_json::Value;

use super::Scim;
use super::answer::{self, Refusal};
use super::asker::{Asker, Document};
use super::groups::show_group;
use super::lists::{related, shows};
use super::shelves::{Held, Members};
use crate::app::in_time;

/// The largest request body, in bytes: a group of as many members as there may be.
const BODY_MAX: usize = 2 << 20;

type Answered = Result<Response, Refusal>;

/// The routes, below [`super::BASE`].
pub(crate) fn router(scim: Scim) -> Router {
    Router::new()
        .route("/Users", get(list_users).post(create_user))
        .route("/Users/.search", post(search_users))
        .route("/Users/{id}", get(get_user).put(put_user).patch(patch_user).delete(delete_user))
        .route("/Groups", get(list_groups).post(create_group))
        .route("/Groups/.search", post(search_groups))
        .route(
            "/Groups/{id}",
            get(get_group).put(put_group).patch(patch_group).delete(delete_group),
        )
        .route("/ServiceProviderConfig", get(provider))
        .route("/ResourceTypes", get(types))
        .route("/ResourceTypes/{id}", get(one_type))
        .route("/Schemas", get(all_schemas))
        .route("/Schemas/{id}", get(one_schema))
        .route("/Me", any(not_offered))
        .route("/Bulk", any(not_offered))
        .route("/.search", any(not_offered))
        .fallback(async |_: Asker| Refusal::not_found())
        .method_not_allowed_fallback(async |_: Asker| {
            Refusal::from(ScimError::status_only(405, "the page does not take this method"))
        })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn(in_time))
        .with_state(scim)
}

/// A query string.
struct Asked(RawQuery);

impl axum::extract::FromRequestParts<Scim> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        scim: &Scim,
    ) -> Result<Self, Refusal> {
        let read = Query::<RawQuery>::from_request_parts(parts, scim).await;
        let Query(raw) = read.map_err(|_| {
            let detail = "a parameter is there twice, or cannot be read";
            ScimError::new(ScimType::InvalidValue, detail)
        })?;
        Ok(Self(raw))
    }
}

/// What of a resource the client wants to see.
fn projection(raw: &RawQuery) -> Result<Projection, Refusal> {
    Ok(Projection::read(raw.attributes.as_deref(), raw.excluded_attributes.as_deref())?)
}

async fn user_answer(
    scim: &Scim,
    asker: &Asker,
    status: StatusCode,
    held: &Held,
    projection: &Projection,
) -> Answered {
    let kind = ResourceType::User;
    let body = if shows(projection, related(kind)) {
        scim.show_user(asker, held).await?
    } else {
        show_group(asker, held)
    };
    Ok(answer::resource(status, &projection.apply(kind, body), held.version))
}

fn group_answer(
    asker: &Asker,
    status: StatusCode,
    held: &Held,
    projection: &Projection,
) -> Response {
    let body = projection.apply(ResourceType::Group, show_group(asker, held));
    answer::resource(status, &body, held.version)
}

async fn list_users(State(scim): State<Scim>, asker: Asker, Asked(raw): Asked) -> Answered {
    let list = scim.list(&asker, ResourceType::User, &raw).await?;
    Ok(answer::json(StatusCode::OK, &list))
}

async fn search_users(
    State(scim): State<Scim>,
    asker: Asker,
    Document(body): Document,
) -> Answered {
    let list = scim.list(&asker, ResourceType::User, &RawQuery::search(&body)?).await?;
    Ok(answer::json(StatusCode::OK, &list))
}

async fn create_user(
    State(scim): State<Scim>,
    asker: Asker,
    Asked(raw): Asked,
    Document(body): Document,
) -> Answered {
    let projection = projection(&raw)?;
    let held = scim.create_user(&asker, &body).await?;
    user_answer(&scim, &asker, StatusCode::CREATED, &held, &projection).await
}

async fn get_user(
    State(scim): State<Scim>,
    asker: Asker,
    Path(id): Path<String>,
    Asked(raw): Asked,
) -> Answered {
    let projection = projection(&raw)?;
    let held = scim.user(&asker, &id).await?;
    if asker.preconditions.on_read(held.version)? == Verdict::NotModified {
        return Ok(answer::not_modified(held.version));
    }
    user_answer(&scim, &asker, StatusCode::OK, &held, &projection).await
}

async fn put_user(
    State(scim): State<Scim>,
    asker: Asker,
    Path(id): Path<String>,
    Asked(raw): Asked,
    Document(body): Document,
) -> Answered {
    let projection = projection(&raw)?;
    let change = |before: &Resource| before.replace(&body);
    let held = scim.update_user(&asker, &id, change).await?;
    user_answer(&scim, &asker, StatusCode::OK, &held, &projection).await
}

async fn patch_user(
    State(scim): State<Scim>,
    asker: Asker,
    Path(id): Path<String>,
    Asked(raw): Asked,
    Document(body): Document,
) -> Answered {
    let projection = projection(&raw)?;
    let patch = Patch::parse(&body)?;
    let change = |before: &Resource| before.patch(&patch);
    let held = scim.update_user(&asker, &id, change).await?;
    user_answer(&scim, &asker, StatusCode::OK, &held, &projection).await
}

async fn delete_user(State(scim): State<Scim>, asker: Asker, Path(id): Path<String>) -> Answered {
    scim.delete_user(&asker, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn list_groups(State(scim): State<Scim>, asker: Asker, Asked(raw): Asked) -> Answered {
    let list = scim.list(&asker, ResourceType::Group, &raw).await?;
    Ok(answer::json(StatusCode::OK, &list))
}

async fn search_groups(
    State(scim): State<Scim>,
    asker: Asker,
    Document(body): Document,
) -> Answered {
    let list = scim.list(&asker, ResourceType::Group, &RawQuery::search(&body)?).await?;
    Ok(answer::json(StatusCode::OK, &list))
}

async fn create_group(
    State(scim): State<Scim>,
    asker: Asker,
    Asked(raw): Asked,
    Document(body): Document,
) -> Answered {
    let projection = projection(&raw)?;
    let held = scim.create_group(&asker, &body).await?;
    Ok(group_answer(&asker, StatusCode::CREATED, &held, &projection))
}

async fn get_group(
    State(scim): State<Scim>,
    asker: Asker,
    Path(id): Path<String>,
    Asked(raw): Asked,
) -> Answered {
    let projection = projection(&raw)?;
    let whole = shows(&projection, related(ResourceType::Group));
    let members = if whole { Members::Shown } else { Members::Left };
    let held = scim.group(&asker, &id, members).await?;
    if asker.preconditions.on_read(held.version)? == Verdict::NotModified {
        return Ok(answer::not_modified(held.version));
    }
    Ok(group_answer(&asker, StatusCode::OK, &held, &projection))
}

async fn put_group(
    State(scim): State<Scim>,
    asker: Asker,
    Path(id): Path<String>,
    Asked(raw): Asked,
    Document(body): Document,
) -> Answered {
    let projection = projection(&raw)?;
    let change = |before: &Resource| before.replace(&body);
    let held = scim.update_group(&asker, &id, change).await?;
    Ok(group_answer(&asker, StatusCode::OK, &held, &projection))
}

async fn patch_group(
    State(scim): State<Scim>,
    asker: Asker,
    Path(id): Path<String>,
    Asked(raw): Asked,
    Document(body): Document,
) -> Answered {
    let projection = projection(&raw)?;
    let patch = Patch::parse(&body)?;
    let change = |before: &Resource| before.patch(&patch);
    let held = scim.update_group(&asker, &id, change).await?;
    Ok(group_answer(&asker, StatusCode::OK, &held, &projection))
}

async fn delete_group(State(scim): State<Scim>, asker: Asker, Path(id): Path<String>) -> Answered {
    scim.delete_group(&asker, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn provider(asker: Asker) -> Response {
    answer::json(StatusCode::OK, &service_provider_config(&asker.base))
}

async fn types(asker: Asker) -> Answered {
    documents(resource_types(&asker.base))
}

async fn one_type(asker: Asker, Path(id): Path<String>) -> Answered {
    document(&resource_types(&asker.base), &id)
}

async fn all_schemas(State(scim): State<Scim>, asker: Asker) -> Answered {
    documents(schemas_here(&scim, &asker))
}

async fn one_schema(State(scim): State<Scim>, asker: Asker, Path(id): Path<String>) -> Answered {
    document(&schemas_here(&scim, &asker), &id)
}

/// The schemas, with the tiers that there are by configuration.
fn schemas_here(scim: &Scim, asker: &Asker) -> Vec<Value> {
    let mut all = schemas(&asker.base);
    let tiers = scim.engine().settings().tiers.keys().map(|tier| tier.as_str().into());
    let tiers: Value = tiers.collect::<Vec<Value>>().into();
    let own = |schema: &&mut Value| schema.get("id").is_some_and(|id| *id == GLASSBREAK_USER);
    let attributes = all.iter_mut().find(own).and_then(|schema| schema.get_mut("attributes"));
    let attributes = attributes.and_then(Value::as_array_mut).into_iter().flatten();
    for attribute in attributes.filter_map(Value::as_object_mut) {
        if attribute.get("name").is_some_and(|name| name == "tier") {
            attribute.insert("canonicalValues".to_owned(), tiers.clone());
        }
    }
    all
}

async fn not_offered(_: Asker) -> Refusal {
    ScimError::status_only(501, "this is not offered; see ServiceProviderConfig").into()
}

/// A list of documents: all of them, for there are few.
fn documents(all: Vec<Value>) -> Answered {
    let page = ListQuery::read(ResourceType::User, &RawQuery::default())?.page;
    let total = all.len() as u64;
    let list = glassbreak_signals::scim::list_response(all, total, page);
    Ok(answer::json(StatusCode::OK, &list))
}

fn document(all: &[Value], id: &str) -> Answered {
    let found = all.iter().find(|one| one.get("id").and_then(Value::as_str) == Some(id));
    let found = found.ok_or_else(Refusal::not_found)?;
    Ok(answer::json(StatusCode::OK, found))
}
