//! SCIM as a client meets it, through the public functions alone (RFC 7643, RFC 7644, SCIM-01 to
//! SCIM-07).
// It always holds here; it tells clippy that helpers, too, may panic.
#![cfg(test)]

mod answer;
mod effect;
mod filter;
mod flow;
mod patch;
mod property;
mod resource;

use glassbreak_core::time::Timestamp;
use glassbreak_signals::scim::{
    GroupRef, Patch, Resource, ResourceType, ScimError, Served, Version,
};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const OURS: &str = "urn:ietf:params:scim:schemas:extension:glassbreak:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A user with two mail addresses, the first of them primary.
fn ada_body() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE, OURS],
        "externalId": "HR-4711",
        "userName": "Ada@example.org",
        "displayName": "Ada Lovelace",
        "active": true,
        "password": "correct horse battery staple",
        "name": {"familyName": "Lovelace", "givenName": "Ada"},
        "emails": [
            {"value": "ada@example.org", "type": "work", "primary": true},
            {"value": "ada@home.example", "type": "home"},
        ],
        "phoneNumbers": [{"value": "tel:+49-30-555-0142", "type": "mobile"}],
        "roles": [{"value": "engineer"}],
        ENTERPRISE: {"manager": {"value": "u-charles"}, "department": "Engines"},
        OURS: {"tier": "privileged", "assurance": "aal2"},
    })
}

fn user(body: &Value) -> Resource {
    Resource::create(ResourceType::User, body).expect("a user")
}

fn ada() -> Resource {
    user(&ada_body())
}

fn group_of(members: &[&str]) -> Resource {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    let body = json!({"schemas": [GROUP], "displayName": "Engineers", "members": members});
    Resource::create(ResourceType::Group, &body).expect("a group")
}

fn served() -> Served {
    Served {
        id: "u-ada".to_owned(),
        base: "https://glass.example/scim/v2".to_owned(),
        created: Timestamp::from_millis(1_700_000_000_000),
        modified: Timestamp::from_millis(1_700_000_600_000),
        version: Version(17),
        groups: vec![GroupRef { id: "g-1".to_owned(), name: "Engineers".to_owned() }],
    }
}

fn patch(operations: &Value) -> Patch {
    Patch::parse(&json!({"schemas": [PATCH], "Operations": operations})).expect("a patch")
}

/// What one patch makes of a resource.
fn patched(resource: &Resource, operations: &Value) -> Result<Value, ScimError> {
    let after = resource.patch(&patch(operations))?;
    let again =
        Resource::restore(after.kind(), &after.stored()).expect("it reads as it was stored");
    assert!(again == after, "a patched resource is in the form of any other");
    Ok(after.stored())
}

/// The name of the rule that was broken.
fn broken<T>(outcome: Result<T, ScimError>) -> &'static str {
    let error = outcome.err().expect("a refusal");
    error.scim_type().expect("a rule of table 9").name()
}
