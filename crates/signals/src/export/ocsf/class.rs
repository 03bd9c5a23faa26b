//! Classes of OCSF 1.8.0 and their activities, as far as our events need them.

/// A class of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// 3001: a factor of an account.
    AccountChange,
    /// 3002.
    Authentication,
    /// 3004.
    EntityManagement,
    /// 2004.
    DetectionFinding,
}

impl Class {
    /// `class_uid`.
    pub const fn uid(self) -> u32 {
        match self {
            Self::AccountChange => 3001,
            Self::Authentication => 3002,
            Self::EntityManagement => 3004,
            Self::DetectionFinding => 2004,
        }
    }

    /// `class_name`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountChange => "Account Change",
            Self::Authentication => "Authentication",
            Self::EntityManagement => "Entity Management",
            Self::DetectionFinding => "Detection Finding",
        }
    }

    /// `category_uid` and `category_name`.
    pub const fn category(self) -> (u32, &'static str) {
        match self {
            Self::AccountChange | Self::Authentication | Self::EntityManagement => {
                (3, "Identity & Access Management")
            }
            Self::DetectionFinding => (2, "Findings"),
        }
    }
}

/// What an event is: a class, one of its activities, and what the class wants to know besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// A factor of an account.
    Account(Account, Factor),
    /// Somebody came with a factor.
    Authentication(Authentication, Factor),
    /// Something that we manage.
    Entity(EntityActivity, Entity),
    /// A finding.
    Finding(Finding),
}

impl What {
    /// The class.
    pub const fn class(self) -> Class {
        match self {
            Self::Account(..) => Class::AccountChange,
            Self::Authentication(..) => Class::Authentication,
            Self::Entity(..) => Class::EntityManagement,
            Self::Finding(..) => Class::DetectionFinding,
        }
    }

    /// `activity_id` and `activity_name`.
    pub const fn activity(self) -> (u32, &'static str) {
        match self {
            Self::Account(activity, _) => activity.pair(),
            Self::Authentication(activity, _) => activity.pair(),
            Self::Entity(activity, _) => activity.pair(),
            Self::Finding(activity) => activity.pair(),
        }
    }

    /// `type_uid`: class and activity in one number.
    pub const fn type_uid(self) -> u32 {
        self.class().uid() * 100 + self.activity().0
    }
}

/// Activities of Account Change (3001).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Account {
    /// 10.
    MfaFactorEnable,
    /// 11.
    MfaFactorDisable,
}

impl Account {
    const fn pair(self) -> (u32, &'static str) {
        match self {
            Self::MfaFactorEnable => (10, "MFA Factor Enable"),
            Self::MfaFactorDisable => (11, "MFA Factor Disable"),
        }
    }
}

/// Activities of Authentication (3002).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// 1: what was presented suffices, or would have.
    Logon,
    /// 6: one piece of evidence of several.
    Preauth,
}

impl Authentication {
    const fn pair(self) -> (u32, &'static str) {
        match self {
            Self::Logon => (1, "Logon"),
            Self::Preauth => (6, "Preauth"),
        }
    }
}

/// Activities of Entity Management (3004).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntityActivity {
    /// 1.
    Create,
    /// 2.
    Read,
    /// 3.
    Update,
    /// 4.
    Delete,
    /// 6.
    Enroll,
    /// 7.
    Unenroll,
    /// 9.
    Disable,
    /// 10.
    Activate,
    /// 11.
    Deactivate,
    /// 12.
    Suspend,
    /// 13.
    Resume,
    /// 99: it is due for something.
    Due,
}

impl EntityActivity {
    const fn pair(self) -> (u32, &'static str) {
        match self {
            Self::Create => (1, "Create"),
            Self::Read => (2, "Read"),
            Self::Update => (3, "Update"),
            Self::Delete => (4, "Delete"),
            Self::Enroll => (6, "Enroll"),
            Self::Unenroll => (7, "Unenroll"),
            Self::Disable => (9, "Disable"),
            Self::Activate => (10, "Activate"),
            Self::Deactivate => (11, "Deactivate"),
            Self::Suspend => (12, "Suspend"),
            Self::Resume => (13, "Resume"),
            Self::Due => (99, "Due"),
        }
    }
}

/// Activities of Detection Finding (2004).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// 1.
    Create,
}

impl Finding {
    const fn pair(self) -> (u32, &'static str) {
        match self {
            Self::Create => (1, "Create"),
        }
    }
}

/// What is managed (`entity.type_id` and `entity.type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entity {
    /// Whose access is recovered.
    Subject,
    /// An operator.
    Operator,
    /// An address that codes may be sent to.
    Address,
    /// A recovery contact.
    Contact,
    /// A set of codes.
    CodeSet,
    /// A recovery.
    Recovery,
    /// A recovery bundle.
    Bundle,
    /// An exception from a rule.
    Exception,
    /// A containment.
    Containment,
    /// A set of policies.
    Policy,
    /// An API key.
    ApiKey,
    /// A key of the server.
    Key,
}

impl Entity {
    /// `type_id` and `type`. The schema has a number for users and policies, none for the rest.
    pub const fn kind(self) -> (u8, &'static str) {
        match self {
            Self::Subject | Self::Operator => (2, "User"),
            Self::Policy => (5, "Policy"),
            Self::Address => (99, "Recovery Address"),
            Self::Contact => (99, "Recovery Contact"),
            Self::CodeSet => (99, "Recovery Code Set"),
            Self::Recovery => (99, "Recovery"),
            Self::Bundle => (99, "Recovery Bundle"),
            Self::Exception => (99, "Policy Exception"),
            Self::Containment => (99, "Recovery Containment"),
            Self::ApiKey => (99, "API Key"),
            Self::Key => (99, "Server Key"),
        }
    }
}

/// A factor (`auth_factors`). The schema has none for recovery codes (STANDARDS section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Factor {
    /// A saved or break-glass code.
    RecoveryCode,
    /// A code that was sent.
    SentCode,
    /// Whatever the recovery gathered.
    Evidence,
    /// A passkey.
    Passkey,
}

impl Factor {
    /// `factor_type_id` and `factor_type`.
    pub const fn kind(self) -> (u8, &'static str) {
        match self {
            Self::RecoveryCode => (99, "Recovery Code"),
            Self::SentCode => (99, "Sent Recovery Code"),
            Self::Evidence => (99, "Recovery Evidence"),
            Self::Passkey => (10, "WebAuthn"),
        }
    }
}
