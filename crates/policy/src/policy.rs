//! The policy that the engine asks.

use glassbreak_core::digest::Digest;
use glassbreak_core::policy::{Policy, Question, Verdict};
use glassbreak_core::subject::Tier;

use crate::facts::Facts;
use crate::finding::Findings;
use crate::set::{Loaded, PolicySet};

/// Recovery decided by a set of Cedar rules.
#[derive(Debug)]
pub struct CedarPolicy {
    loaded: Loaded,
    digest: Digest,
}

impl CedarPolicy {
    /// The built-in set. It is not linted each time a server starts; a test does that.
    ///
    /// # Errors
    /// None that a build with green tests has.
    pub fn default_set() -> Result<Self, Findings> {
        PolicySet::built_in().load_unlinted().map(Self::from_set)
    }

    /// A set that was loaded, and so linted.
    pub fn from_set(loaded: Loaded) -> Self {
        let digest = loaded.set().digest();
        Self { loaded, digest }
    }

    /// The answer without a search for what further evidence would do.
    pub fn decide(&self, question: &Question) -> Verdict {
        let tables = self.loaded.engine.tier(&question.about().tier);
        self.loaded.engine.decide(&tables, Facts::of(question))
    }

    /// Whether a question with these facts about a subject of `tier` is permitted.
    pub fn permits(&self, facts: Facts, tier: &Tier) -> bool {
        self.loaded.permits(facts, tier)
    }

    /// The set in force.
    pub const fn set(&self) -> &Loaded {
        &self.loaded
    }
}

impl Policy for CedarPolicy {
    fn ask(&self, question: &Question) -> Verdict {
        self.loaded.engine.verdict(&question.about().tier, Facts::of(question))
    }

    fn digest(&self) -> Digest {
        self.digest
    }
}
