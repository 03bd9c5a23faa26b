//! `[scim]`: what an identity provider's words mean here (`docs/SCIM.md`).

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_engine::core::subject::{Assurance, Tier};
use glassbreak_engine::core::time::Seconds;
use glassbreak_signals::scim::effect::{Inactive, ReferenceBy, RoleGroups, Rules};
use serde::{Deserialize, Serialize};

/// What an identity provider's words mean here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScimConfig {
    /// Where clients find the service, without a slash at the end: `https://HOST/scim/v2`. Made
    /// from each request unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Which attribute is the subject's reference.
    pub reference: ReferenceWord,
    /// What `active: false` means (SCIM-01).
    pub inactive: InactiveWord,
    /// Which groups are roles (D4): those of these names. All of them unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_groups: Option<BTreeSet<String>>,
    /// The tier of a new subject of whom nothing else is said.
    pub tier: Tier,
    /// The assurance level of a new subject of whom nothing else is said.
    pub assurance: Assurance,
    /// How long after a User was deleted its name and addresses are erased, in seconds, at most 30
    /// days. Until then it is told of what was revoked (N63B-NO-01).
    pub erase_after: Seconds,
    /// What members of a group have at least, by its name. A group lowers nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, GroupConfig>,
}

/// What members of a group have at least.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupConfig {
    /// The tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// The assurance level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
}

/// Which attribute is the subject's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceWord {
    /// `userName`.
    UserName,
    /// `externalId`; `userName` where there is none.
    ExternalId,
}

/// What `active: false` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InactiveWord {
    /// The account is disabled; recovery rests.
    AccountDisabled,
    /// The subject left; its codes are revoked.
    SubjectLeft,
}

/// The longest that an erasure may wait.
const ERASE_AFTER_MAX: Seconds = Seconds::days(30);

impl Default for ScimConfig {
    fn default() -> Self {
        Self {
            base: None,
            reference: ReferenceWord::UserName,
            inactive: InactiveWord::AccountDisabled,
            role_groups: None,
            tier: Tier::standard(),
            assurance: Assurance::Aal2,
            erase_after: Seconds::days(1),
            groups: BTreeMap::new(),
        }
    }
}

impl ScimConfig {
    /// Checks what a type cannot say; `tiers` are the names that there are.
    pub(crate) fn validate(&self, is_tier: impl Fn(&Tier) -> bool) -> anyhow::Result<()> {
        let named = self.groups.values().filter_map(|group| group.tier.as_ref());
        if let Some(unknown) = named.chain([&self.tier]).find(|tier| !is_tier(tier)) {
            anyhow::bail!("`scim`: `{}` is no tier of the configuration", unknown.as_str());
        }
        if self.erase_after > ERASE_AFTER_MAX {
            anyhow::bail!("`scim.erase_after` is at most 30 days");
        }
        let is_place = |base: &String| {
            let rest = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
            rest.is_some_and(|rest| !rest.is_empty() && !rest.ends_with('/'))
        };
        if self.base.as_ref().is_some_and(|base| !is_place(base)) {
            anyhow::bail!("`scim.base` is an http(s) URL without a slash at the end");
        }
        Ok(())
    }

    /// The rules by which a change has its consequences.
    pub(crate) fn rules(&self) -> Rules {
        Rules {
            reference: match self.reference {
                ReferenceWord::UserName => ReferenceBy::UserName,
                ReferenceWord::ExternalId => ReferenceBy::ExternalId,
            },
            inactive: match self.inactive {
                InactiveWord::AccountDisabled => Inactive::Disabled,
                InactiveWord::SubjectLeft => Inactive::Left,
            },
            role_groups: self.role_groups.clone().map_or(RoleGroups::All, RoleGroups::Only),
        }
    }
}
