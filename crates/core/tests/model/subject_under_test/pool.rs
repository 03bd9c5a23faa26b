//! Codes that are drawn once for all histories, and what the policy has answered before.

use std::collections::HashMap;
use std::sync::Mutex;

use glassbreak_core::code::{
    CandidateMac, Code, Ordinal, PepperKey, Prefix, Profile, Scheme, StoredVerifier, candidate_mac,
    derive, draw,
};
use glassbreak_core::digest::Digest;
use glassbreak_core::policy::{BuiltinPolicy, Policy, Question, Verdict};

use crate::random::Random;
use crate::vocabulary::CodeNumber;

/// Codes drawn and hashed once: hashing is not what is tested here.
pub(crate) struct Pool {
    pepper: PepperKey,
    codes: Vec<Code>,
    pub(super) verifiers: Vec<StoredVerifier>,
    pub(super) known: Known,
}

/// What the policy has answered before. It is pure, and finding alternatives is dear.
pub(super) type Known = Mutex<HashMap<Question, Verdict>>;

#[derive(Clone)]
pub(super) struct Memo<'p> {
    pub(super) known: &'p Known,
    pub(super) policy: BuiltinPolicy,
}

impl Policy for Memo<'_> {
    fn ask(&self, question: &Question) -> Verdict {
        let mut known = self.known.lock().expect("no panic");
        if let Some(verdict) = known.get(question) {
            return verdict.clone();
        }
        let verdict = self.policy.ask(question);
        known.insert(question.clone(), verdict.clone());
        verdict
    }

    fn digest(&self) -> Digest {
        self.policy.digest()
    }
}

impl Pool {
    pub(crate) fn new(size: usize) -> Self {
        let (pepper, prefix) = (PepperKey::new(&[3; 32]), Prefix::default());
        let mut random = Random::new(1);
        let code = |_| draw(Profile::Strong, &prefix, Ordinal::FIRST, &mut random).expect("random");
        let codes: Vec<Code> = (0..size).map(code).collect();
        let verifier = |code| derive(Scheme::Keyed, 1, &pepper, None, code).expect("strong");
        let verifiers = codes.iter().map(verifier).collect();
        Self { pepper, codes, verifiers, known: Known::default() }
    }

    pub(super) fn candidate(&self, code: CodeNumber) -> Vec<CandidateMac> {
        let mac = candidate_mac(Scheme::Keyed, 1, &self.pepper, None, &self.codes[code]);
        vec![mac.expect("strong")]
    }
}
