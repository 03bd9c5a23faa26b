//! An object in an S3-compatible store. A put is conditional on the entity tag that was read, so
//! that of two servers one loses and looks again.

use std::time::Duration;

use glassbreak_tlog::anchor::{Anchor, AnchorFailure, Answer, Kept, Offer};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use ureq::Agent;

use crate::config::{ConfigError, ObjectConfig};
use crate::http::ANSWER_LEN_MAX;
use crate::{AnchorError, Judged, folder_of, judge, read_kept};

/// How long a signed request is good for: clocks differ, and nobody else has it.
const SIGNED_FOR: Duration = Duration::from_mins(5);

/// How often a put is tried anew that another server was faster with.
const ATTEMPTS_MAX: usize = 4;

/// An object for each log: `<prefix><SHA-256 of the origin, hex>/checkpoint`.
pub struct ObjectAnchor {
    name: String,
    bucket: Bucket,
    credentials: Credentials,
    prefix: String,
    agent: Agent,
}

/// What was read, with the tag to write it by.
struct Found {
    bytes: Vec<u8>,
    tag: String,
}

impl ObjectAnchor {
    /// An anchor in a bucket.
    pub(crate) fn new(
        config: &ObjectConfig,
        secret: &str,
        agent: Agent,
    ) -> Result<Self, ConfigError> {
        let endpoint = config.endpoint.parse().map_err(|_| ConfigError::Url { key: "endpoint" })?;
        let (bucket, region) = (config.bucket.clone(), config.region.clone());
        let bucket = Bucket::new(endpoint, UrlStyle::Path, bucket, region);
        let bucket = bucket.map_err(|_| ConfigError::Bucket)?;
        Ok(Self {
            name: format!("object store {}/{}", config.endpoint, config.bucket),
            bucket,
            credentials: Credentials::new(config.access_key.clone(), secret),
            prefix: config.prefix.clone(),
            agent,
        })
    }

    fn read(&self, object: &str) -> Result<Option<Found>, AnchorError> {
        let get = self.bucket.get_object(Some(&self.credentials), object);
        let answer = self.agent.get(get.sign(SIGNED_FOR).as_str()).call();
        let mut answer = answer.map_err(|error| AnchorError::Unreachable(Box::new(error)))?;
        match answer.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            status => return Err(refused(status)),
        }
        let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok());
        let tag = tag.ok_or(AnchorError::NotUnderstood("it has no entity tag"))?.to_owned();
        let bytes = answer.body_mut().with_config().limit(ANSWER_LEN_MAX).read_to_vec();
        let bytes = bytes.map_err(|error| AnchorError::Unreachable(Box::new(error)))?;
        Ok(Some(Found { bytes, tag }))
    }

    /// Writes where there is still what was found; `false` if there is not.
    fn write(
        &self,
        object: &str,
        found: Option<&Found>,
        bytes: &[u8],
    ) -> Result<bool, AnchorError> {
        let (condition, tag) = match found {
            Some(found) => ("if-match", found.tag.as_str()),
            None => ("if-none-match", "*"),
        };
        let mut put = self.bucket.put_object(Some(&self.credentials), object);
        put.headers_mut().insert(condition, tag);
        let url = put.sign(SIGNED_FOR);
        let answer = self.agent.put(url.as_str()).header(condition, tag).send(bytes);
        let answer = answer.map_err(|error| AnchorError::Unreachable(Box::new(error)))?;
        match answer.status().as_u16() {
            200 | 201 | 204 => Ok(true),
            409 | 412 => Ok(false),
            status => Err(refused(status)),
        }
    }
}

fn refused(status: u16) -> AnchorError {
    let what = match status {
        401 | 403 => "the access key is wrong, or may not read and write the object",
        404 => "there is no such bucket",
        501 => "it does not know conditional puts",
        _ => "it did not do what was asked",
    };
    AnchorError::Refused { status, what }
}

impl Anchor for ObjectAnchor {
    fn name(&self) -> &str {
        &self.name
    }

    fn offer(&self, offer: &Offer) -> Result<Answer, AnchorFailure> {
        Ok(self.answer(offer)?)
    }
}

impl ObjectAnchor {
    fn answer(&self, offer: &Offer) -> Result<Answer, AnchorError> {
        let origin = offer.head.checkpoint().origin();
        let object = format!("{}{}/checkpoint", self.prefix, folder_of(origin));
        let mut kept = None;
        for _ in 0..ATTEMPTS_MAX {
            let found = self.read(&object)?;
            kept = match &found {
                Some(found) => Some(read_kept(&found.bytes, offer)?),
                None => None,
            };
            match judge(kept.as_ref(), offer) {
                Judged::Same => {
                    return Ok(Answer::Keeps { first: false, cosignatures: Vec::new() });
                }
                Judged::Another(kept) => return Ok(Answer::KeepsAnother(kept)),
                Judged::Take { first } => {
                    let note = offer.head.note().to_string();
                    if self.write(&object, found.as_ref(), note.as_bytes())? {
                        return Ok(Answer::Keeps { first, cosignatures: Vec::new() });
                    }
                }
            }
        }
        Ok(kept.map_or(Answer::Says { size: 0 }, |kept| {
            Answer::KeepsAnother(Kept { size: kept.size(), root: kept.root() })
        }))
    }
}

impl std::fmt::Debug for ObjectAnchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectAnchor").field("name", &self.name).finish_non_exhaustive()
    }
}
