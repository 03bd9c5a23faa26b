//! CAEP 1.0: what changed about a session, a credential, a device or a risk.

use serde_json::{Map, Value};

use super::credential::CredentialChange;
use crate::set::json::{Misfit, inner, needed, text, texts};

/// An event of CAEP.
#[derive(Debug, Clone, PartialEq)]
pub enum Caep {
    /// A session was ended.
    SessionRevoked,
    /// Claims of a token are others now.
    TokenClaimsChange {
        /// Those that changed, with their new values.
        claims: Map<String, Value>,
    },
    /// A credential was made, changed or taken away.
    CredentialChange(CredentialChange),
    /// A person or session has another assurance level.
    AssuranceLevelChange(Assurance),
    /// A device keeps to its rules again, or does no more.
    DeviceComplianceChange {
        /// How it was.
        previous: Compliance,
        /// How it is.
        current: Compliance,
    },
    /// A session began.
    SessionEstablished(Session),
    /// A session was used.
    SessionPresented(Session),
    /// A risk is another now.
    RiskLevelChange(RiskChange),
}

/// An enumeration of the wire: its values, and how each is spelt.
macro_rules! spelt {
    ($(#[$doc:meta])* $name:ident, $wants:literal:
        $($(#[$about:meta])* $value:ident = $spelling:literal,)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$about])* $value,)+
        }

        impl $name {
            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $spelling,)+
                }
            }

            fn read(payload: &Map<String, Value>, member: &str) -> Result<Option<Self>, Misfit> {
                let parse = |name: &str| match name {
                    $($spelling => Ok(Self::$value),)+
                    _ => Err(Misfit::of(member, $wants)),
                };
                text(payload, member)?.map(parse).transpose()
            }
        }
    };
}

spelt! {
    /// Whether a device keeps to its rules.
    Compliance, "must be `compliant` or `not-compliant`":
    /// It does.
    Compliant = "compliant",
    /// It does not.
    NotCompliant = "not-compliant",
}

spelt! {
    /// Which way a level went.
    Direction, "must be `increase` or `decrease`":
    /// Up.
    Increase = "increase",
    /// Down.
    Decrease = "decrease",
}

spelt! {
    /// How high a risk is.
    RiskLevel, "must be `LOW`, `MEDIUM` or `HIGH`":
    /// Low.
    Low = "LOW",
    /// Between.
    Medium = "MEDIUM",
    /// High.
    High = "HIGH",
}

/// `assurance-level-change` (CAEP 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assurance {
    /// Whose levels they are: `NIST-AAL`, `RFC8176`, or a name of the two sides' own.
    pub namespace: String,
    /// The level now.
    pub current_level: String,
    /// The level before.
    pub previous_level: Option<String>,
    /// Which way it went.
    pub change_direction: Option<Direction>,
}

/// `session-established` and `session-presented` (CAEP 3.6, 3.7).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {
    /// A fingerprint of the user agent.
    pub fp_ua: Option<String>,
    /// The authentication context; of a session that begins.
    pub acr: Option<String>,
    /// The authentication methods; of a session that begins.
    pub amr: Vec<String>,
    /// The name under which others know the session.
    pub ext_id: Option<String>,
}

/// `risk-level-change` (CAEP 3.8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskChange {
    /// Whose risk it is.
    pub principal: Principal,
    /// How high it is.
    pub current_level: RiskLevel,
    /// How high it was.
    pub previous_level: Option<RiskLevel>,
    /// Why.
    pub risk_reason: Option<String>,
}

/// Whose risk changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person's.
    User,
    /// A device's.
    Device,
    /// A session's.
    Session,
    /// Anything else's: `TENANT`, `ORG_UNIT`, `GROUP` and others.
    Other(String),
}

impl Principal {
    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::User => "USER",
            Self::Device => "DEVICE",
            Self::Session => "SESSION",
            Self::Other(other) => other,
        }
    }
}

/// The ends of the types.
pub(super) const NAMES: &[&str] = &[
    "session-revoked",
    "token-claims-change",
    "credential-change",
    "assurance-level-change",
    "device-compliance-change",
    "session-established",
    "session-presented",
    "risk-level-change",
];

impl Caep {
    pub(super) fn read(name: &str, payload: &Map<String, Value>) -> Result<Option<Self>, Misfit> {
        let status = |member| there(member, Compliance::read(payload, member)?);
        Ok(Some(match name {
            "session-revoked" => Self::SessionRevoked,
            "token-claims-change" => {
                let claims = there("claims", inner(payload, "claims")?)?;
                Self::TokenClaimsChange { claims: claims.clone() }
            }
            "credential-change" => Self::CredentialChange(CredentialChange::read(payload)?),
            "assurance-level-change" => Self::AssuranceLevelChange(Assurance {
                namespace: needed(payload, "namespace")?.to_owned(),
                current_level: needed(payload, "current_level")?.to_owned(),
                previous_level: owned(payload, "previous_level")?,
                change_direction: Direction::read(payload, "change_direction")?,
            }),
            "device-compliance-change" => Self::DeviceComplianceChange {
                previous: status("previous_status")?,
                current: status("current_status")?,
            },
            "session-established" => Self::SessionEstablished(Session {
                fp_ua: owned(payload, "fp_ua")?,
                acr: owned(payload, "acr")?,
                amr: texts(payload, "amr")?.unwrap_or_default(),
                ext_id: owned(payload, "ext_id")?,
            }),
            "session-presented" => Self::SessionPresented(Session {
                fp_ua: owned(payload, "fp_ua")?,
                ext_id: owned(payload, "ext_id")?,
                ..Session::default()
            }),
            "risk-level-change" => Self::RiskLevelChange(RiskChange {
                principal: match needed(payload, "principal")? {
                    "USER" => Principal::User,
                    "DEVICE" => Principal::Device,
                    "SESSION" => Principal::Session,
                    other => Principal::Other(other.to_owned()),
                },
                current_level: there("current_level", RiskLevel::read(payload, "current_level")?)?,
                previous_level: RiskLevel::read(payload, "previous_level")?,
                risk_reason: owned(payload, "risk_reason")?,
            }),
            _ => return Ok(None),
        }))
    }

    /// The end of its type.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SessionRevoked => "session-revoked",
            Self::TokenClaimsChange { .. } => "token-claims-change",
            Self::CredentialChange(_) => "credential-change",
            Self::AssuranceLevelChange(_) => "assurance-level-change",
            Self::DeviceComplianceChange { .. } => "device-compliance-change",
            Self::SessionEstablished(_) => "session-established",
            Self::SessionPresented(_) => "session-presented",
            Self::RiskLevelChange(_) => "risk-level-change",
        }
    }

    pub(super) fn payload(&self) -> Map<String, Value> {
        let mut payload = Map::new();
        let mut put = |name: &str, value: Value| {
            payload.insert(name.to_owned(), value);
        };
        match self {
            Self::SessionRevoked => {}
            Self::TokenClaimsChange { claims } => put("claims", claims.clone().into()),
            Self::CredentialChange(change) => change.write(&mut put),
            Self::AssuranceLevelChange(level) => {
                put("namespace", level.namespace.as_str().into());
                put("current_level", level.current_level.as_str().into());
                put_text(&mut put, "previous_level", level.previous_level.as_deref());
                let direction = level.change_direction.map(Direction::name);
                put_text(&mut put, "change_direction", direction);
            }
            Self::DeviceComplianceChange { previous, current } => {
                put("previous_status", previous.name().into());
                put("current_status", current.name().into());
            }
            Self::SessionEstablished(session) | Self::SessionPresented(session) => {
                put_text(&mut put, "fp_ua", session.fp_ua.as_deref());
                put_text(&mut put, "acr", session.acr.as_deref());
                if !session.amr.is_empty() {
                    put("amr", session.amr.clone().into());
                }
                put_text(&mut put, "ext_id", session.ext_id.as_deref());
            }
            Self::RiskLevelChange(risk) => {
                put("principal", risk.principal.name().into());
                put("current_level", risk.current_level.name().into());
                let previous = risk.previous_level.map(RiskLevel::name);
                put_text(&mut put, "previous_level", previous);
                put_text(&mut put, "risk_reason", risk.risk_reason.as_deref());
            }
        }
        payload
    }
}

/// A member that has to be there.
fn there<T>(member: &str, found: Option<T>) -> Result<T, Misfit> {
    found.ok_or_else(|| Misfit::of(member, "must be there"))
}

pub(super) fn owned(payload: &Map<String, Value>, name: &str) -> Result<Option<String>, Misfit> {
    Ok(text(payload, name)?.map(str::to_owned))
}

pub(super) fn put_text(put: &mut impl FnMut(&str, Value), name: &str, text: Option<&str>) {
    if let Some(text) = text {
        put(name, text.into());
    }
}
