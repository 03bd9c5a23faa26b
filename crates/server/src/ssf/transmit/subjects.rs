//! Whom each stream is about, as its receiver named them: by our name for the subject, so that an
//! event finds them in one look.

use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::{Engine, Error, Expected, Shelf};
use glassbreak_signals::set::Subject;

const SHELF: &str = "ssf.subjects";
/// How many are taken away in one step.
const STEP: usize = 256;

/// The subjects, as `STREAM/DIGEST OF THE NAME`.
#[derive(Clone)]
pub(super) struct Subjects {
    engine: Engine,
    shelf: Shelf,
}

impl Subjects {
    pub(super) fn of(engine: &Engine) -> Self {
        Self { engine: engine.clone(), shelf: engine.shelf(SHELF) }
    }

    /// The subject as the receiver names it, if it was added.
    pub(super) async fn get(
        &self,
        stream_id: &str,
        reference: &SubjectRef,
    ) -> Result<Option<Subject>, Error> {
        let kept = self.shelf.get(&key(stream_id, reference)).await?;
        Ok(kept.and_then(|kept| {
            let members = serde_json::from_slice(&kept.value).ok()?;
            Subject::from_json(&members).ok()
        }))
    }

    /// Adds a subject under each of its names here.
    pub(super) async fn add(
        &self,
        stream_id: &str,
        references: &[SubjectRef],
        subject: &Subject,
    ) -> Result<(), Error> {
        let value = serde_json::to_vec(&subject.to_json());
        let value = value.map_err(|error| Error::Log(error.to_string()))?;
        let put = |reference: &SubjectRef| {
            self.shelf.putting(key(stream_id, reference), Expected::Anything, value.clone())
        };
        self.engine.keep(references.iter().map(put).collect()).await?;
        Ok(())
    }

    /// Removes what was added under these names.
    pub(super) async fn remove(
        &self,
        stream_id: &str,
        references: &[SubjectRef],
    ) -> Result<(), Error> {
        let take = |reference: &SubjectRef| {
            self.shelf.taking(key(stream_id, reference), Expected::Anything)
        };
        self.engine.keep(references.iter().map(take).collect()).await?;
        Ok(())
    }

    /// Removes all of a stream.
    pub(super) async fn clear(&self, stream_id: &str) -> Result<(), Error> {
        loop {
            let kept = self.shelf.list(&format!("{stream_id}/"), None, STEP).await?;
            let is_last = kept.len() < STEP;
            let take = |key: String| self.shelf.taking(key, Expected::Anything);
            self.engine.keep(kept.into_iter().map(|kept| take(kept.key)).collect()).await?;
            if is_last {
                return Ok(());
            }
        }
    }
}

/// By a digest: names may be longer than keys.
fn key(stream_id: &str, reference: &SubjectRef) -> String {
    let name = Digest::of("glassbreak/ssf-subject/v1", &[reference.as_str().as_bytes()]);
    format!("{stream_id}/{name}")
}
