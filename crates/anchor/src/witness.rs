//! A C2SP witness: it keeps the size and root that it last saw, checks the proof itself, and signs
//! what it has seen (STANDARDS 6.3).
//!
//! What it refuses with is a status and a number, which nobody signed: it, or whoever answers in
//! its place, could say that a log was rolled back which was not. So it is asked for the checkpoint
//! that it keeps, as its monitors ask it, and believed if the log itself has signed that one.

use glassbreak_tlog::anchor::{Anchor, AnchorFailure, Answer, Kept, Offer};
use glassbreak_tlog::{AddCheckpoint, KeyKind, Signature, VerifierKey};
use ureq::Agent;

use crate::config::ConfigError;
use crate::http::ANSWER_LEN_MAX;
use crate::{AnchorError, folder_of, read_kept};

/// A witness.
#[derive(Debug)]
pub struct WitnessAnchor {
    name: String,
    url: String,
    monitoring: String,
    key: VerifierKey,
    agent: Agent,
}

impl WitnessAnchor {
    /// The witness at a submission and a monitoring prefix, with the key that it signs with.
    ///
    /// # Errors
    /// [`ConfigError::Vkey`] if the key is not a witness's.
    pub(crate) fn new(
        prefix: &str,
        monitoring: &str,
        key: VerifierKey,
        agent: Agent,
    ) -> Result<Self, ConfigError> {
        if key.kind() != KeyKind::CosignatureV1 {
            return Err(ConfigError::Vkey);
        }
        let name = format!("witness {}", key.name());
        let url = format!("{}/add-checkpoint", prefix.trim_end_matches('/'));
        let monitoring = monitoring.trim_end_matches('/').to_owned();
        Ok(Self { name, url, monitoring, key, agent })
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
                if size <= offer.head.checkpoint().size() {
                    return Ok(Answer::Says { size });
                }
                self.proven(offer, "this log was longer", |kept| kept.size >= size)
            }
            // It has seen another tree of this size, or the proof leads elsewhere.
            409 | 422 => {
                let from = offer.from.as_ref().map(|from| (from.size, from.root));
                let fits = |kept: &Kept| from != Some((kept.size, kept.root));
                self.proven(offer, "this log went another way", fits)
            }
            403 => refused("it does not know the key that signed the checkpoint"),
            404 => refused("it does not know this log: add the log's verifier key to the witness"),
            _ => refused("it did not take the checkpoint"),
        }
    }

    /// The checkpoint that it keeps, in proof of what it claims: one that this log signed, and that
    /// `fits` the claim.
    fn proven(
        &self,
        offer: &Offer,
        claim: &'static str,
        fits: impl Fn(&Kept) -> bool,
    ) -> Result<Answer, AnchorError> {
        let unproven = |shown| AnchorError::Unproven { claim, shown: Box::new(shown) };
        let kept = self.kept(offer).map_err(unproven)?;
        if fits(&kept) {
            Ok(Answer::KeepsAnother(kept))
        } else {
            Err(unproven(AnchorError::NotUnderstood("what it keeps does not bear that out")))
        }
    }

    /// What it shows to monitors: C2SP calls it `<monitoring prefix>/<origin hash>/checkpoint`.
    fn kept(&self, offer: &Offer) -> Result<Kept, AnchorError> {
        let unreachable = |error| AnchorError::Unreachable(Box::new(error));
        let folder = folder_of(offer.head.checkpoint().origin());
        let asked = self.agent.get(format!("{}/{folder}/checkpoint", self.monitoring));
        let mut answer = asked.call().map_err(unreachable)?;
        match answer.status().as_u16() {
            200 => {}
            status => {
                let what = "it does not show what it keeps of this log: see `monitoring_url`";
                return Err(AnchorError::Refused { status, what });
            }
        }
        let note = answer.body_mut().with_config().limit(ANSWER_LEN_MAX).read_to_vec();
        let kept = read_kept(&note.map_err(unreachable)?, offer)?;
        Ok(Kept { size: kept.size(), root: kept.root() })
    }
}
