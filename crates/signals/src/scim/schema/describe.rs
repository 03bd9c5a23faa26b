//! Schemas as clients read them (RFC 7643 section 7).

use serde_json::{Value, json};

use super::{Attribute, Kind, Mutability, Returned, Schema, Words};

/// The document of a schema, with the members that depend on where the service is left out.
pub(in crate::scim) fn describe(schema: &Schema) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(attribute).collect::<Vec<_>>(),
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let mut described = json!({
        "name": attribute.name,
        "type": kind_name(attribute.kind),
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "caseExact": attribute.case_exact,
        "mutability": match attribute.mutability {
            Mutability::ReadWrite => "readWrite",
            Mutability::ReadOnly => "readOnly",
            Mutability::Immutable => "immutable",
        },
        "returned": match attribute.returned {
            Returned::Always => "always",
            Returned::Default => "default",
        },
        "uniqueness": if attribute.unique { "server" } else { "none" },
    });
    let Some(members) = described.as_object_mut() else { return described };
    match attribute.kind {
        Kind::Complex(subs) => {
            let subs = subs.iter().map(|sub| within(attribute, sub)).collect::<Vec<_>>();
            members.insert("subAttributes".to_owned(), subs.into());
        }
        Kind::Reference(types) => {
            members.insert("referenceTypes".to_owned(), types.into());
        }
        Kind::Text | Kind::Boolean | Kind::Moment => {}
    }
    if let Words::Open(words) | Words::Closed(words) = attribute.words {
        members.insert("canonicalValues".to_owned(), words.into());
    }
    described
}

/// An attribute within another. A `$ref` may be sent beside the `value` that it goes with, as RFC
/// 7643 section 4 has it, and clients send both; what is answered comes of the `value` alone.
fn within(outer: &Attribute, sub: &Attribute) -> Value {
    let may_be_sent = sub.name == "$ref" && outer.mutability != Mutability::ReadOnly;
    let value = outer.sub("value").filter(|_| may_be_sent);
    attribute(&Attribute { mutability: value.unwrap_or(sub).mutability, ..*sub })
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "string",
        Kind::Boolean => "boolean",
        Kind::Moment => "dateTime",
        Kind::Reference(_) => "reference",
        Kind::Complex(_) => "complex",
    }
}
