//! Keyed marks: pseudonyms of what must not be kept, and fingerprints of requests.

use aws_lc_rs::hmac;
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::event::RequestMark;
use glassbreak_core::id::{SubjectId, SubjectRef};

use crate::caller::Caller;

/// Makes marks under one derived key.
pub(crate) struct Marks(hmac::Key);

impl Marks {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The aggregate under which attempts on a name that nobody has are counted. A UUID of version
    /// 8, so that it can never be a registered subject's id.
    pub(crate) fn stranger(&self, reference: &SubjectRef) -> SubjectId {
        let mac = self.mac("stranger", &[reference.as_str().as_bytes()]);
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(mac.as_ref()).for_each(|(byte, of)| *byte = *of);
        SubjectId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The pseudonym of a place an attempt came from.
    pub(crate) fn source(&self, source: &str) -> Fingerprint {
        self.short("source", &[source.as_bytes()])
    }

    /// The fingerprint of what a request holds.
    pub(crate) fn fingerprint(&self, parts: &[&[u8]]) -> Fingerprint {
        self.short("request", parts)
    }

    /// The mark of a named request.
    pub(crate) fn request(&self, caller: &Caller, parts: &[&[u8]]) -> Option<RequestMark> {
        let name = caller.request.as_deref()?;
        // Keyed: callers put names of people into names of requests.
        let mac = self.mac("request-name", &[caller.id().as_bytes(), name.as_bytes()]);
        let mut key = [0; 32];
        key.iter_mut().zip(mac.as_ref()).for_each(|(byte, of)| *byte = *of);
        Some(RequestMark { key: Digest(key), fingerprint: self.fingerprint(parts) })
    }

    fn short(&self, label: &str, parts: &[&[u8]]) -> Fingerprint {
        let mac = self.mac(label, parts);
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(mac.as_ref()).for_each(|(byte, of)| *byte = *of);
        Fingerprint(bytes)
    }

    /// As [`Digest::of`], keyed: lengths keep the parts apart.
    fn mac(&self, label: &str, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign()
    }
}
