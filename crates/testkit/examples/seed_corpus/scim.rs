//! The first inputs of the SCIM targets: what providers send, and each part spelled otherwise.

/// Filters, paths and lists of attributes.
pub(super) const FILTERS: &[&str] = &[
    r#"userName eq "ada""#,
    r#"externalId eq "7""#,
    r#"USERNAME Eq "ADA" and active eq true"#,
    r#"id eq "u-ada" and members eq "u-bob""#,
    r#"displayName co "gin" or displayName sw "Ada" or displayName ew "a""#,
    r#"emails[type eq "work" and value co "@example.org"]"#,
    r#"emails[not (type eq "work")].value"#,
    r#"not (title pr) and (active eq "True" or roles.value ne "x")"#,
    r#"meta.lastModified ge "1970-01-01T00:00:00Z""#,
    r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "\u0061da""#,
    r"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "nickName eq null and id gt \"\" and id lt \"z\" and id le \"z\"",
    "a eq -0.5e300 or a eq 12345678901234567890 or a ne 0",
    "((((((((((((((((a pr))))))))))))))))",
    "members[value eq \"u-ada\"]",
    "userName,emails.value,meta.version",
    "emails[type eq \"work\"",
    "userName eq \"ada",
    "not pr",
    "members.$ref",
];

/// Bodies of patches, and of resources.
pub(super) fn bodies() -> Vec<Vec<u8>> {
    let patch = |operations: &&str| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operations}]}}"#
        )
    };
    let patches = OPERATIONS.iter().map(patch);
    patches.chain(RESOURCES.iter().map(|body| (*body).to_owned())).map(String::into_bytes).collect()
}

/// What stands between the brackets of a patch.
const OPERATIONS: &[&str] = &[
    r#"{"op":"Replace","path":"active","value":"False"}"#,
    r#"{"op":"replace","value":{"active":false,"id":"u-eve"}}"#,
    r#"{"op":"Remove","path":"members","value":[{"value":"u-ada"}]}"#,
    r#"{"op":"add","path":"members","value":[{"value":"u-eve","display":"Eve"},"u-bob"]}"#,
    r#"{"op":"remove","path":"members[value eq \"u-ada\"]"}"#,
    r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"new@example.org"}"#,
    r#"{"op":"add","path":"emails[type eq \"other\"].value","value":"new@example.org"}"#,
    r#"{"op":"add","path":"emails","value":[{"value":"new@example.org","primary":true}]},{"op":"remove","path":"emails[primary eq false]"}"#,
    r#"{"op":"replace","path":"emails.primary","value":true}"#,
    r#"{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"u-mary"}"#,
    r#"{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:glassbreak:2.0:User","value":{"kind":"service","owner":"u-1"}}"#,
    r#"{"op":"replace","value":{"name.givenName":"A","emails[type eq \"work\"].value":"b@example.org","displayName":null}}"#,
    r#"{"op":"remove","path":"userName"}"#,
];

/// Resources.
const RESOURCES: &[&str] = &[
    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"eve\",\"password\":\"x\",\"emails\":{\"value\":\"eve@example.org\"},\
     \"urn:ietf:params:scim:schemas:extension:glassbreak:2.0:User\":{\"tier\":\"privileged\"}}",
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Admins","members":[{"value":"u-1"},{"value":"u-1","type":"User"}]}"#,
    r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"eve","roles":["a","A","",null],"phoneNumbers":["tel:+49-30-555-0142"]}"#,
];
