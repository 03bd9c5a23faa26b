//! A C2SP witness: it keeps the size and root that it last saw, checks the proof itself, and signs
//! what it has seen (STANDARDS 6.3).

use glassbreak_tlog::anchor::{Anchor, AnchorFailure, Answer, Kept, Offer};
use glassbreak_tlog::{AddCheckpoint, KeyKind, Signature, VerifierKey};
use ureq::Agent;

use crate::AnchorError;
use crate::config::ConfigError;
use crate::http::ANSWER_LEN_MAX;

/// A witness.
#[derive(Debug)]
pub struct WitnessAnchor {
    name: String,
    url: String,
    key: VerifierKey,
    agent: Agent,
}

impl WitnessAnchor {
    /// The witness at a submission prefix, with the key that it signs with.
    ///
    /// # Errors
    /// [`ConfigError::Vkey`] if the key is not a witness's.
    pub(crate) fn new(prefix: &str, key: VerifierKey, agent: Agent) -> Result<Self, ConfigError> {
        if key.kind() != KeyKind::CosignatureV1 {
            return Err(ConfigError::Vkey);
        }
        let name = format!("witness {}", key.name());
        let url = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
        Ok(Self { name, url, key, agent })
    }

    /// The witness's signature in its answer, checked over the checkpoint that was offered.
    fn signature(&self, offer: &Offer, lines: &str) -> Result<Signature, AnchorError> {
        let mut theirs = lines.lines().filter_map(Signature::parse);
        let theirs = theirs.find(|line| line.is_by(&self.key));
        let theirs = theirs.ok_or(AnchorError::NotUnderstood("its signature is missing"))?;
        let wrong = |_| AnchorError::NotUnderstood("its signature is wrong");
        let note = offer.head.note().clone().with_newest(theirs.clone()).map_err(wrong)?;
        note.verify(std::slice::from_ref(&self.key)).map_err(wrong)?;
        Ok(theirs)
    }
}

impl Anchor for WitnessAnchor {
    fn name(&self) -> &str {
        &self.name
    }

    fn offer(&self, offer: &Offer) -> Result<Answer, AnchorFailure> {
        Ok(self.answer(offer)?)
    }
}

impl WitnessAnchor {
    fn answer(&self, offer: &Offer) -> Result<Answer, AnchorError> {
        let (old, proof) =
            offer.from.as_ref().map_or((0, Vec::new()), |from| (from.size, from.proof.clone()));
        let request = AddCheckpoint { old, proof, checkpoint: offer.head.note().clone() };
        let answer = self.agent.post(&self.url).send(request.to_string());
        let mut answer = answer.map_err(|error| AnchorError::Unreachable(Box::new(error)))?;
        let status = answer.status().as_u16();
        let is_size = answer
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("text/x.tlog.size"));
        let body = answer.body_mut().with_config().limit(ANSWER_LEN_MAX).read_to_string();
        let body = body.map_err(|error| AnchorError::Unreachable(Box::new(error)))?;
        let refused = |what| Err(AnchorError::Refused { status, what });
        match status {
            200 => {
                let cosignatures = vec![self.signature(offer, &body)?];
                Ok(Answer::Keeps { first: old == 0, cosignatures })
            }
            409 if is_size => {
                let size = body.strip_suffix('\n').and_then(|size| size.parse().ok());
                let size = size.ok_or(AnchorError::NotUnderstood("its size is no number"))?;
                Ok(Answer::KeepsAnother(Kept { size, root: None }))
            }
            // It has seen another tree of this size, or the proof leads elsewhere.
            409 | 422 => Ok(Answer::Contradicts),
            403 => refused("it does not know the key that signed the checkpoint"),
            404 => refused("it does not know this log: add the log's verifier key to the witness"),
            _ => refused("it did not take the checkpoint"),
        }
    }
}
