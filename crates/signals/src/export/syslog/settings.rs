//! What a message says of its sender, within what RFC 5424 section 6 allows.

/// How long a message may be where nothing else is set: what receivers should take (RFC 5425
/// section 4.3.1).
pub const MESSAGE_BYTES_DEFAULT: usize = 8192;
/// The least limit: what every receiver must take.
pub const MESSAGE_BYTES_MIN: usize = 2048;
/// The greatest.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// What kind of program a message is from: 0 to 23.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facility(u8);

impl Facility {
    /// Security and authorisation, kept apart (`authpriv`).
    pub const AUTHPRIV: Self = Self(10);
    /// Log audit.
    pub const AUDIT: Self = Self(13);

    /// The number.
    pub const fn code(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Facility {
    type Error = InvalidSetting;
    fn try_from(code: u8) -> Result<Self, Self::Error> {
        if code <= 23 { Ok(Self(code)) } else { Err(InvalidSetting::Facility) }
    }
}

/// What a message says of its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What kind of program it is.
    pub facility: Facility,
    /// The host's name, best the whole of it; empty if it is not told. At most 255 bytes.
    pub hostname: String,
    /// The program's name; empty if it is not told. At most 48 bytes.
    pub app_name: String,
    /// The process, or a name for what lives as long; empty if it is not told. At most 128 bytes.
    pub procid: String,
    /// The private enterprise number that our structured data is named under. The default is the
    /// one for documentation, 32473 (RFC 5612): set your own where it matters.
    pub enterprise: u32,
    /// The longest message, in bytes, without framing.
    pub message_bytes_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            facility: Facility::AUTHPRIV,
            hostname: String::new(),
            app_name: "glassbreak".to_owned(),
            procid: String::new(),
            enterprise: 32473,
            message_bytes_max: MESSAGE_BYTES_DEFAULT,
        }
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), InvalidSetting> {
        let plain = |field: &str, bytes_max: usize| {
            field.len() <= bytes_max && field.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let limits = MESSAGE_BYTES_MIN..=MESSAGE_BYTES_MAX;
        if !plain(&self.hostname, 255) {
            Err(InvalidSetting::Hostname)
        } else if !plain(&self.app_name, 48) {
            Err(InvalidSetting::AppName)
        } else if !plain(&self.procid, 128) {
            Err(InvalidSetting::Procid)
        } else if self.enterprise == 0 {
            Err(InvalidSetting::Enterprise)
        } else if !limits.contains(&self.message_bytes_max) {
            Err(InvalidSetting::MessageBytes)
        } else {
            Ok(())
        }
    }
}

/// A setting that RFC 5424 does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSetting {
    /// Not a facility.
    #[error("a facility is a number from 0 to 23")]
    Facility,
    /// Not a host's name.
    #[error("a hostname is at most 255 visible ASCII characters, without spaces")]
    Hostname,
    /// Not a program's name.
    #[error("an app name is at most 48 visible ASCII characters, without spaces")]
    AppName,
    /// Not a process.
    #[error("a procid is at most 128 visible ASCII characters, without spaces")]
    Procid,
    /// Not an enterprise number.
    #[error("a private enterprise number is 1 or more")]
    Enterprise,
    /// A limit that receivers do not have.
    #[error("the limit of a message is from 2048 to 262144 bytes")]
    MessageBytes,
}
