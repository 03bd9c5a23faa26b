//! How a neighbour's names for subjects are ours (RFC 9493). Configuration says which formats name
//! anybody at all: an address that is somebody's name at one provider is anybody's at the next.

use glassbreak_engine::core::id::SubjectRef;
use glassbreak_signals::set::Subject;
use glassbreak_signals::set::subject::Identifier;

use crate::config::signals::SubjectFormat;

/// Which names are ours, and how.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    formats: Vec<SubjectFormat>,
    issuers: Vec<String>,
}

impl Mapping {
    /// These formats; in `iss_sub`, of these issuers.
    pub(super) fn new(formats: &[SubjectFormat], issuers: Vec<String>) -> Self {
        Self { formats: formats.to_vec(), issuers }
    }

    /// Whom an event is about, by our names for them, none twice. Several names of one subject are
    /// all looked for: any of them may be the one we know.
    pub(super) fn references(&self, subject: &Subject) -> Vec<SubjectRef> {
        let mut found: Vec<SubjectRef> = Vec::new();
        for identifier in subject.principals() {
            let reference = self.name(identifier).and_then(|name| SubjectRef::try_from(name).ok());
            found.extend(reference.filter(|reference| !found.contains(reference)));
        }
        found
    }

    fn name(&self, identifier: &Identifier) -> Option<String> {
        let (format, name) = match identifier {
            Identifier::IssSub { iss, sub } => {
                (SubjectFormat::IssSub, self.issuers.contains(iss).then(|| sub.clone())?)
            }
            Identifier::Opaque { id } => (SubjectFormat::Opaque, id.clone()),
            Identifier::Account { uri } => {
                (SubjectFormat::Account, uri.strip_prefix("acct:")?.to_owned())
            }
            Identifier::Email(email) => (SubjectFormat::Email, email.as_str().to_owned()),
            Identifier::Phone(phone) => (SubjectFormat::PhoneNumber, phone.as_str().to_owned()),
            Identifier::Did { url } => (SubjectFormat::Did, url.clone()),
            Identifier::Uri { uri } => (SubjectFormat::Uri, uri.clone()),
            Identifier::Scim { external_id, id, .. } => {
                (SubjectFormat::Scim, external_id.clone().or_else(|| id.clone())?)
            }
            // A token, an assertion or an address of a machine is nobody.
            Identifier::JwtId { .. }
            | Identifier::SamlAssertion { .. }
            | Identifier::IpAddresses(_) => return None,
        };
        self.formats.contains(&format).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn named(formats: &[SubjectFormat], subject: &Value) -> Vec<String> {
        let mapping = Mapping::new(formats, vec!["https://idp".to_owned()]);
        let subject = Subject::from_json(subject.as_object().unwrap()).unwrap();
        mapping.references(&subject).into_iter().map(String::from).collect()
    }

    #[test]
    fn only_what_configuration_names_is_a_name() {
        let of = |iss: &str| json!({ "format": "iss_sub", "iss": iss, "sub": "ada" });
        assert_eq!(named(&[SubjectFormat::IssSub], &of("https://idp")), ["ada"]);
        assert_eq!(named(&[SubjectFormat::IssSub], &of("https://other")), [""; 0]);
        assert_eq!(named(&[SubjectFormat::Opaque], &of("https://idp")), [""; 0]);
    }

    #[test]
    fn each_format_gives_its_name_and_each_name_counts_once() {
        let all = [
            (SubjectFormat::Opaque, json!({ "format": "opaque", "id": "7" }), "7"),
            (SubjectFormat::Account, json!({ "format": "account", "uri": "acct:a@b.c" }), "a@b.c"),
            (SubjectFormat::Email, json!({ "format": "email", "email": "Ada@b.c" }), "ada@b.c"),
            (SubjectFormat::Did, json!({ "format": "did", "url": "did:x:y" }), "did:x:y"),
            (SubjectFormat::Uri, json!({ "format": "uri", "uri": "urn:a:b" }), "urn:a:b"),
            (
                SubjectFormat::Scim,
                json!({ "format": "scim", "uri": "/Users/1", "externalId": "e", "id": "1" }),
                "e",
            ),
        ];
        for (format, subject, name) in &all {
            assert_eq!(named(&[*format], subject), [*name]);
            let user = json!({ "format": "complex", "user": subject });
            assert_eq!(named(&[*format], &user), [*name]);
            let device = json!({ "format": "complex", "device": subject });
            assert_eq!(named(&[*format], &device), [""; 0], "a device is nobody");
            let twice = json!({ "format": "aliases", "identifiers": [subject, subject] });
            assert_eq!(named(&[*format], &twice), [*name]);
        }
    }
}
