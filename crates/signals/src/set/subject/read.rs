//! Subjects from JSON, as strict as RFC 9493 section 3 wants it, and into JSON.

use std::collections::BTreeMap;
use std::net::AddrParseError;

use serde_json::{Map, Value, json};

use super::{Complex, Email, Identifier, Member, Phone, Subject};
use crate::set::json::{Misfit, needed, text, texts};

impl Subject {
    /// The subject that a JSON object spells.
    ///
    /// # Errors
    /// [`Misfit`]: a format that is not known, a member that is missing, empty or not described by
    /// the format. A format that transmitter and receiver have between themselves (SSF 3.4) is
    /// refused: nobody here has agreed to one.
    pub fn from_json(members: &Map<String, Value>) -> Result<Self, Misfit> {
        match needed(members, "format")? {
            "aliases" => aliases(members).map(Self::Aliases),
            "complex" => complex(members).map(Self::Complex),
            format => identifier(format, members).map(Self::One),
        }
    }

    /// The object that spells it.
    pub fn to_json(&self) -> Map<String, Value> {
        match self {
            Self::One(identifier) => write(identifier),
            Self::Aliases(identifiers) => write_aliases(identifiers),
            Self::Complex(complex) => {
                let mut members = object(json!({ "format": "complex" }));
                for (name, member) in complex.members() {
                    let value = match member {
                        Member::One(identifier) => write(identifier),
                        Member::Aliases(identifiers) => write_aliases(identifiers),
                        Member::Unread(members) => members.clone(),
                    };
                    members.insert(name.clone(), value.into());
                }
                members
            }
        }
    }
}

const UNKNOWN: &str = "must be a format that is known here";

fn identifier(format: &str, members: &Map<String, Value>) -> Result<Identifier, Misfit> {
    let needed = |name: &str| needed(members, name);
    let owned = |name: &str| needed(name).map(str::to_owned);
    let as_ = |name: &'static str, found: Option<Identifier>, wants| {
        found.ok_or_else(|| Misfit::of(name, wants))
    };
    let (identifier, names): (_, &[&str]) = match format {
        "account" => {
            (as_("uri", Identifier::account(needed("uri")?), "must be an acct URI")?, &["uri"])
        }
        "email" => {
            let email = Email::parse(needed("email")?).map(Identifier::Email);
            (as_("email", email, "must be an address")?, &["email"])
        }
        "iss_sub" => {
            (Identifier::IssSub { iss: owned("iss")?, sub: owned("sub")? }, &["iss", "sub"])
        }
        "opaque" => (Identifier::Opaque { id: owned("id")? }, &["id"]),
        "phone_number" => {
            let phone = Phone::parse(needed("phone_number")?).map(Identifier::Phone);
            (as_("phone_number", phone, "must be a number in E.164")?, &["phone_number"])
        }
        "did" => (as_("url", Identifier::did(needed("url")?), "must be a DID URL")?, &["url"]),
        "uri" => (as_("uri", Identifier::uri(needed("uri")?), "must be a URI")?, &["uri"]),
        "jwt_id" => (Identifier::JwtId { iss: owned("iss")?, jti: owned("jti")? }, &["iss", "jti"]),
        "saml_assertion_id" => {
            let (issuer, assertion_id) = (owned("issuer")?, owned("assertion_id")?);
            (Identifier::SamlAssertion { issuer, assertion_id }, &["issuer", "assertion_id"])
        }
        "ip-addresses" => (ip_addresses(members)?, &["ip-addresses"]),
        "scim" => (scim(members)?, &["uri", "externalId", "id"]),
        _ => return Err(Misfit::of("format", UNKNOWN)),
    };
    nothing_else(members, names)?;
    Ok(identifier)
}

fn ip_addresses(members: &Map<String, Value>) -> Result<Identifier, Misfit> {
    let misfit = || Misfit::of("ip-addresses", "must be an array of at least one IP address");
    let found = texts(members, "ip-addresses")?.filter(|found| !found.is_empty());
    let parse = |text: &String| text.parse().map_err(|_: AddrParseError| misfit());
    let parsed = found.ok_or_else(misfit)?.iter().map(parse).collect::<Result<_, _>>();
    parsed.map(Identifier::IpAddresses)
}

fn scim(members: &Map<String, Value>) -> Result<Identifier, Misfit> {
    let optional = |name: &str| {
        let found = text(members, name)?.map(|_| needed(members, name)).transpose()?;
        Ok::<_, Misfit>(found.map(str::to_owned))
    };
    let (external_id, id) = (optional("externalId")?, optional("id")?);
    Ok(Identifier::Scim { uri: needed(members, "uri")?.to_owned(), external_id, id })
}

fn aliases(members: &Map<String, Value>) -> Result<Vec<Identifier>, Misfit> {
    nothing_else(members, &["identifiers"])?;
    let misfit = || Misfit::of("identifiers", "must be an array of at least one simple subject");
    let values = members.get("identifiers").and_then(Value::as_array);
    let mut found = Vec::new();
    for value in values.filter(|values| !values.is_empty()).ok_or_else(misfit)? {
        let members = value.as_object().ok_or_else(misfit)?;
        // A simple one: aliases are not nested (RFC 9493 section 3.2.8).
        let identifier = identifier(needed(members, "format")?, members)?;
        // That none is there twice is a SHOULD: once is enough for us.
        if !found.contains(&identifier) {
            found.push(identifier);
        }
    }
    Ok(found)
}

fn complex(members: &Map<String, Value>) -> Result<Complex, Misfit> {
    let mut found = BTreeMap::new();
    for (name, value) in members.iter().filter(|(name, _)| *name != "format") {
        let misfit = || Misfit::of(name, "must be a simple subject");
        let members = value.as_object().ok_or_else(misfit)?;
        let member = match needed(members, "format")? {
            "complex" => return Err(misfit()),
            "aliases" => Member::Aliases(aliases(members)?),
            format => match identifier(format, members) {
                Ok(identifier) => Member::One(identifier),
                Err(Misfit { wants: UNKNOWN, .. }) => Member::Unread(members.clone()),
                Err(misfit) => return Err(misfit),
            },
        };
        found.insert(name.clone(), member);
    }
    Complex::new(found).ok_or_else(|| Misfit::of("complex", "must have at least one member"))
}

/// Members that a format does not describe must not be there (RFC 9493 section 3).
fn nothing_else(members: &Map<String, Value>, names: &[&str]) -> Result<(), Misfit> {
    let described = |name: &&String| *name == "format" || names.contains(&name.as_str());
    match members.keys().find(|name| !described(name)) {
        Some(name) => Err(Misfit::of(name, "is not described by the subject's format")),
        None => Ok(()),
    }
}

fn write(identifier: &Identifier) -> Map<String, Value> {
    let mut members = object(match identifier {
        Identifier::Account { uri } | Identifier::Uri { uri } => json!({ "uri": uri }),
        Identifier::Email(email) => json!({ "email": email.as_str() }),
        Identifier::IssSub { iss, sub } => json!({ "iss": iss, "sub": sub }),
        Identifier::Opaque { id } => json!({ "id": id }),
        Identifier::Phone(phone) => json!({ "phone_number": phone.as_str() }),
        Identifier::Did { url } => json!({ "url": url }),
        Identifier::JwtId { iss, jti } => json!({ "iss": iss, "jti": jti }),
        Identifier::SamlAssertion { issuer, assertion_id } => {
            json!({ "issuer": issuer, "assertion_id": assertion_id })
        }
        Identifier::IpAddresses(addresses) => json!({ "ip-addresses": addresses }),
        Identifier::Scim { uri, external_id, id } => {
            let mut members = object(json!({ "uri": uri }));
            let optional = [("externalId", external_id), ("id", id)];
            for (name, value) in optional {
                members.extend(value.clone().map(|value| (name.to_owned(), value.into())));
            }
            members.into()
        }
    });
    members.insert("format".to_owned(), identifier.format().into());
    members
}

fn write_aliases(identifiers: &[Identifier]) -> Map<String, Value> {
    let identifiers: Vec<Value> = identifiers.iter().map(|one| write(one).into()).collect();
    object(json!({ "format": "aliases", "identifiers": identifiers }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
