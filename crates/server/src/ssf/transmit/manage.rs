//! The stream management API (SSF section 8.1), our description (section 7) and our keys. A
//! receiver is known by its token, and sees its own stream alone.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_signals::export::webhook::destination::Destination;
use glassbreak_signals::set::discovery::{self, Transmitter as Description};
use glassbreak_signals::set::event::StreamStatus;
use glassbreak_signals::set::stream::{
    self, Delivery, StatusRequest, Stream, StreamFault, SubjectRequest, VerificationRequest,
    Waiting, verification_event,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::outbox::{Outgoing, jti_of_stream};
use super::streams::Held;
use super::{Peer, Transmitter};
use crate::ssf::Ssf;
use crate::ssf::error::Refused;

type Shared = Option<Extension<Arc<Ssf>>>;

/// Which stream.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    stream_id: Option<String>,
}

/// The transmitter, if this server is one.
pub(super) fn transmitter(ssf: Option<&Extension<Arc<Ssf>>>) -> Result<&Transmitter, Refused> {
    let transmitter = ssf.and_then(|Extension(ssf)| ssf.transmitter.as_deref());
    transmitter.ok_or_else(|| Refused::unknown("this server transmits nothing"))
}

impl Transmitter {
    /// The receiver's stream; of this id, if one is named.
    pub(super) async fn held(&self, peer: &Peer, id: Option<&str>) -> Result<Held, Refused> {
        let held = self.streams.get(&peer.name, |id| self.poll_endpoint(id)).await?;
        let held = held.filter(|held| id.is_none_or(|id| id == held.stream.stream_id));
        held.ok_or_else(|| StreamFault::Unknown.into())
    }

    /// Stores a changed stream, and tells whoever waits for it.
    async fn store(&self, peer: &Peer, held: &Held) -> Result<(), Refused> {
        if !self.streams.change(&peer.name, held).await? {
            return Err(Refused::later("the stream was changed just now; ask again", 1));
        }
        self.changed.send_replace(());
        Ok(())
    }

    fn shown(&self, stream: &Stream) -> Map<String, Value> {
        stream.to_json(&self.offer(&self.poll_endpoint(&stream.stream_id)))
    }
}

impl Peer {
    /// Whether events may be pushed there: where the configuration says, and nowhere else.
    fn may_be_pushed(&self, delivery: &Delivery) -> Result<(), Refused> {
        let Delivery::Push { endpoint_url, .. } = delivery else { return Ok(()) };
        let fits = Destination::parse(endpoint_url, &self.allowed).is_ok();
        if fits && self.push_urls.contains(endpoint_url) {
            return Ok(());
        }
        Err(Refused::request("`endpoint_url` is not one that was agreed on"))
    }
}

/// `GET /.well-known/ssf-configuration`, with our issuer's path behind it if it has one (SSF 7.2).
pub(super) async fn describe(ssf: Shared, path: Option<Path<String>>) -> Result<Response, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let asked = path.map_or_else(String::new, |Path(path)| format!("/{path}"));
    let ours = discovery::location(&transmitter.issuer);
    let place = format!("/.well-known/ssf-configuration{asked}");
    let ours = ours.and_then(|ours| {
        let (_, rest) = ours.strip_prefix("https://")?.split_once('/')?;
        Some(format!("/{rest}") == place)
    });
    if ours != Some(true) {
        return Err(Refused::unknown("another issuer's description is not here"));
    }
    let base = &transmitter.base;
    let jwks_uri = format!("{base}/jwks.json");
    Ok(Json(Description::own(&transmitter.issuer, base, &jwks_uri)).into_response())
}

/// `GET /ssf/jwks.json`.
pub(super) async fn jwks(ssf: Shared) -> Result<Response, Refused> {
    let keys = transmitter(ssf.as_ref())?.signers.jwks().await;
    let cached = [(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))];
    Ok((cached, Json(keys)).into_response())
}

/// `GET /ssf/streams`: the stream of an id, or a list of all the receiver has (SSF 8.1.1.2).
pub(super) async fn show(
    ssf: Shared,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    if let Some(id) = which.stream_id {
        let held = transmitter.held(peer, Some(&id)).await?;
        return Ok(Json(transmitter.shown(&held.stream).into()));
    }
    let poll_endpoint = |id: &str| transmitter.poll_endpoint(id);
    let held = transmitter.streams.get(&peer.name, poll_endpoint).await?;
    let all: Vec<_> = held.iter().map(|held| transmitter.shown(&held.stream)).collect();
    Ok(Json(json!(all)))
}

/// `POST /ssf/streams` (SSF 8.1.1.1).
pub(super) async fn create(
    ssf: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    let poll_endpoint = |id: &str| transmitter.poll_endpoint(id);
    let has_stream = transmitter.streams.get(&peer.name, poll_endpoint).await?.is_some();
    // Another one after each deletion: what was on the old one does not come up on the new one.
    let now = transmitter.engine.now().millis().to_be_bytes();
    let parts: &[&[u8]] = &[peer.name.as_bytes(), &now];
    let id = transmitter.engine.pseudonym("ssf/stream", parts)?.to_string();
    let id = id.get(..32).unwrap_or(&id);
    let poll_endpoint = transmitter.poll_endpoint(id);
    let offer = transmitter.offer(&poll_endpoint);
    let stream = stream::create(&body, id, &peer.audience, has_stream, &offer)?;
    peer.may_be_pushed(&stream.delivery)?;
    if !transmitter.streams.add(&peer.name, stream.clone()).await? {
        return Err(StreamFault::Exists.into());
    }
    tracing::info!(receiver = peer.name, stream = id, "a receiver made its stream");
    Ok((StatusCode::CREATED, Json(stream.to_json(&offer))).into_response())
}

/// `PATCH /ssf/streams` (SSF 8.1.1.3).
pub(super) async fn update(
    ssf: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    changed(ssf, &headers, |held, offer| stream::update(&body, held, offer)).await
}

/// `PUT /ssf/streams` (SSF 8.1.1.4).
pub(super) async fn replace(
    ssf: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    changed(ssf, &headers, |held, offer| stream::replace(&body, held, offer)).await
}

async fn changed(
    ssf: Shared,
    headers: &HeaderMap,
    change: impl Fn(&Stream, &stream::Offer<'_>) -> Result<Stream, StreamFault> + Send,
) -> Result<Json<Value>, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(headers)?;
    let held = transmitter.held(peer, None).await?;
    let poll_endpoint = transmitter.poll_endpoint(&held.stream.stream_id);
    let stream = change(&held.stream, &transmitter.offer(&poll_endpoint))?;
    peer.may_be_pushed(&stream.delivery)?;
    transmitter.store(peer, &held.with(stream.clone())).await?;
    Ok(Json(transmitter.shown(&stream).into()))
}

/// `DELETE /ssf/streams?stream_id=...` (SSF 8.1.1.5). What waits on it is gone, and its subjects.
pub(super) async fn delete(
    ssf: Shared,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<StatusCode, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    let id = which.stream_id.ok_or_else(|| Refused::request("`stream_id` must be there"))?;
    let held = transmitter.held(peer, Some(&id)).await?;
    // The stream last: a crash before it leaves one that can be deleted again.
    transmitter.subjects.clear(&id).await?;
    transmitter.outbox.clear(&id, true).await?;
    if !transmitter.streams.remove(&peer.name, &held).await? {
        return Err(Refused::later("the stream was changed just now; ask again", 1));
    }
    tracing::info!(receiver = peer.name, stream = id, "a receiver deleted its stream");
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /ssf/status` (SSF 8.1.2.1).
pub(super) async fn status(
    ssf: Shared,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    let id = which.stream_id.ok_or_else(|| Refused::request("`stream_id` must be there"))?;
    let held = transmitter.held(peer, Some(&id)).await?;
    Ok(Json(held.stream.status_json().into()))
}

/// `POST /ssf/status` (SSF 8.1.2.2).
pub(super) async fn change_status(
    ssf: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    let held = transmitter.held(peer, None).await?;
    let change = stream::change_status(&StatusRequest::parse(&body)?, &held.stream)?;
    transmitter.store(peer, &held.with(change.stream.clone())).await?;
    if change.waiting == Waiting::Drop {
        transmitter.outbox.clear(&change.stream.stream_id, false).await?;
    }
    let is_on = change.stream.status == StreamStatus::Enabled;
    tracing::info!(receiver = peer.name, is_on, "a receiver changed its stream's status");
    Ok(Json(change.stream.status_json().into()))
}

/// `POST /ssf/subjects/add` (SSF 8.1.3.2). Whether somebody of that name is registered here is not
/// told.
pub(super) async fn add_subject(
    ssf: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    let asked = SubjectRequest::parse(&body)?;
    let held = transmitter.held(peer, Some(&asked.stream_id)).await?;
    let references = peer.mapping.references(&asked.subject);
    if references.is_empty() {
        return Err(Refused::unknown("no subject here is named in this format"));
    }
    transmitter.subjects.add(&held.stream.stream_id, &references, &asked.subject).await?;
    Ok(StatusCode::OK)
}

/// `POST /ssf/subjects/remove` (SSF 8.1.3.3).
pub(super) async fn remove_subject(
    ssf: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    let asked = SubjectRequest::parse(&body)?;
    let held = transmitter.held(peer, Some(&asked.stream_id)).await?;
    let references = peer.mapping.references(&asked.subject);
    transmitter.subjects.remove(&held.stream.stream_id, &references).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /ssf/verification` (SSF 8.1.4.2).
pub(super) async fn verify(
    ssf: Shared,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let transmitter = transmitter(ssf.as_ref())?;
    let peer = transmitter.peer(&headers)?;
    let held = transmitter.held(peer, None).await?;
    let poll_endpoint = transmitter.poll_endpoint(&held.stream.stream_id);
    let (offer, now) = (transmitter.offer(&poll_endpoint), transmitter.engine.now());
    let asked = VerificationRequest::parse(&body, &offer, held.verified_at, now)?;
    let stream = &held.stream;
    if asked.stream_id != stream.stream_id {
        return Err(StreamFault::Unknown.into());
    }
    let (subject, event) = verification_event(stream, asked.state.as_deref());
    let jti = jti_of_stream(&stream.stream_id, "verification", now);
    let outgoing = Outgoing::new(jti, None, now, &subject, &event);
    transmitter.outbox.put(&stream.stream_id, &outgoing).await?;
    transmitter.store(peer, &held.verified(now)).await?;
    Ok(StatusCode::NO_CONTENT)
}
