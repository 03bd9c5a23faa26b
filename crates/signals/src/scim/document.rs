//! What the service is, for clients that ask (RFC 7643 sections 5 to 7, SCIM-06).

use serde_json::{Value, json};

use super::list::Page;
use super::schema::{ResourceType, describe};

/// The schemas: those of the types and their extensions. `base` is where the service is, without a
/// slash at the end. One of them is found by its `id`.
pub fn schemas(base: &str) -> Vec<Value> {
    let of = |kind: &ResourceType| std::iter::once(kind.schema()).chain(kind.extensions());
    let schemas = ResourceType::ALL.iter().flat_map(of);
    schemas
        .map(|schema| {
            let at = format!("{base}/Schemas/{}", schema.id);
            with_meta(describe(schema), "Schema", &at)
        })
        .collect()
}

/// The types of resources. One of them is found by its `id`.
pub fn resource_types(base: &str) -> Vec<Value> {
    let types = ResourceType::ALL.iter().map(|kind| {
        let schema = kind.schema();
        let extensions = kind.extensions().iter();
        let extensions =
            extensions.map(|extension| json!({"schema": extension.id, "required": false}));
        let document = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": kind.name(),
            "name": kind.name(),
            "description": schema.description,
            "endpoint": kind.endpoint(),
            "schema": schema.id,
            "schemaExtensions": extensions.collect::<Vec<_>>(),
        });
        with_meta(document, "ResourceType", &format!("{base}/ResourceTypes/{}", kind.name()))
    });
    types.collect()
}

/// What the service can do: patches, filters and entity tags. Bulk requests, sorting and passwords
/// it has none of.
pub fn service_provider_config(base: &str) -> Value {
    let document = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": Page::COUNT_MAX},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "API key",
            "description": "An API key of Glassbreak as a bearer token (RFC 6750).",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
    });
    with_meta(document, "ServiceProviderConfig", &format!("{base}/ServiceProviderConfig"))
}

fn with_meta(mut document: Value, kind: &str, location: &str) -> Value {
    if let Some(members) = document.as_object_mut() {
        let meta = json!({"resourceType": kind, "location": location});
        members.insert("meta".to_owned(), meta);
    }
    document
}
