//! Self-service: a person looks after their own recovery, on pages of ours. How they came in, and
//! what they came for.

use serde::{Deserialize, Serialize};

use crate::id::{LinkId, RecoveryId};

/// What a session of self-service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Seeing what recovery there is; never a code.
    View,
    /// Making, replacing and confirming sets of codes. What the policy asks is asked all the same.
    Codes,
    /// Reporting a loss, a theft, or what one did not do.
    Report,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::View, Self::Codes, Self::Report];

    /// Its name, as requests and entries spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Codes => "codes",
            Self::Report => "report",
        }
    }
}

/// How a person came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Entrance {
    /// By a link that somebody made for them. It is used up.
    Link {
        /// Which.
        link: LinkId,
    },
    /// Signed in at the identity provider.
    Provider {},
    /// With a code, in a recovery whose window it opened.
    Code {
        /// Which.
        recovery: RecoveryId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_spelled_by_its_name() {
        for purpose in Purpose::ALL {
            let spelled = serde_json::to_value(purpose).map_err(|error| error.to_string());
            assert_eq!(spelled, Ok(serde_json::Value::from(purpose.name())));
        }
    }
}
