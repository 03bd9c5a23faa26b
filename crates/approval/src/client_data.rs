//! What the browser says that it asked the authenticator for.

use serde::Deserialize;

use crate::base64url::Base64Url;
use crate::refused::Refused;
use crate::relying_party::RelyingParty;

/// Browsers write some 200 bytes; and all of it goes into the log.
pub(crate) const CLIENT_DATA_BYTES_MAX: usize = 2048;

/// `CollectedClientData`. Members that are not known are left alone: browsers add some on purpose.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: Base64Url,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<String>,
}

/// The ceremony that a response is due from, and what to say when its challenge is another.
pub(crate) struct Due<'a> {
    pub(crate) kind: &'static str,
    pub(crate) challenge: &'a [u8; 32],
    pub(crate) otherwise: Refused,
}

/// Checks `clientDataJSON`: type, challenge, origin, and that no foreign page is around ours.
pub(crate) fn check(json: &[u8], due: &Due<'_>, party: &RelyingParty) -> Result<(), Refused> {
    const FORM: Refused = Refused::Malformed("client data that is not as browsers write it");
    if json.len() > CLIENT_DATA_BYTES_MAX {
        return Err(Refused::Malformed("client data that is too long"));
    }
    let said: ClientData = serde_json::from_slice(json).map_err(|_| FORM)?;
    if said.kind != due.kind {
        return Err(Refused::WrongType);
    }
    if said.challenge.as_bytes() != due.challenge {
        return Err(due.otherwise);
    }
    if !party.has_origin(&said.origin) {
        return Err(Refused::ForeignOrigin);
    }
    if said.cross_origin || said.top_origin.is_some() {
        return Err(Refused::CrossOrigin);
    }
    Ok(())
}
