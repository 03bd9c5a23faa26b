//! SCIM end to end: what an identity provider sends, in the words in which Entra, Okta and Google
//! publish that they send it, and what becomes of codes.

use glassbreak_testkit::http::{Answer, Client, Failure, Method};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, issue, redeem, register};
use crate::endpoints::{SCOPES, api_key, bound_key};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const OWN: &str = "urn:ietf:params:scim:schemas:extension:glassbreak:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Makes a User: its id.
pub(crate) async fn provision(
    client: &mut Client,
    name: &str,
    more: &Value,
) -> Result<String, Failure> {
    let mut body = json!({ "schemas": [USER], "userName": name, "active": true });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    made(&client.post("/scim/v2/Users", &body).await?)
}

/// Makes a Group of these members: its id.
pub(crate) async fn group(
    client: &mut Client,
    name: &str,
    members: &[&str],
) -> Result<String, Failure> {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    let body = json!({ "schemas": [GROUP], "displayName": name, "members": members });
    made(&client.post("/scim/v2/Groups", &body).await?)
}

fn made(answer: &Answer) -> Result<String, Failure> {
    let id = answer.json()["id"].as_str().map(str::to_owned);
    match id {
        Some(id) if answer.status == 201 => Ok(id),
        _ => Err(format!("it was not made: {} {}", answer.status, answer.text()).into()),
    }
}

/// Sends a patch of these operations.
pub(crate) async fn patch(
    client: &mut Client,
    path: &str,
    headers: &[(&str, &str)],
    operations: Value,
) -> Result<Answer, Failure> {
    let body = json!({ "schemas": [PATCH], "Operations": operations }).to_string();
    client.send(Method::PATCH, path, headers, body).await
}

pub(crate) async fn patched(client: &mut Client, id: &str, operations: Value) -> Tested {
    let answer = patch(client, &format!("/scim/v2/Users/{id}"), &[], operations).await?;
    if answer.status == 200 { Ok(()) } else { Err(answer.text().into()) }
}

pub(crate) async fn delete(client: &mut Client, path: &str) -> Result<u16, Failure> {
    Ok(client.send(Method::DELETE, path, &[], "").await?.status)
}

/// The states of a subject's sets.
pub(crate) async fn states(client: &mut Client, subject: &str) -> Result<Vec<String>, Failure> {
    let page = client.get(&format!("/v1/inventory?subject={subject}")).await?.json();
    let sets = page["items"].as_array().ok_or_else(|| format!("no sets in {page}"))?;
    Ok(sets.iter().filter_map(|set| set["state"].as_str()).map(str::to_owned).collect())
}

#[tokio::test]
async fn scim_01_d7_a_disabled_account_rests_and_an_enabled_one_has_what_it_had() -> Tested {
    let place = Place::new("scim-active")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let id = provision(&mut client, "ada", &json!({})).await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    // As Entra sends it: a capital, and a Boolean as a text.
    let entra = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    patched(&mut client, &id, entra.clone()).await?;
    let user = client.get(&format!("/scim/v2/Users/{id}")).await?.json();
    assert_eq!(user["active"], false);
    let subject = client.get("/v1/subjects/ada").await?.json();
    assert_eq!(subject["standing"], "suspended");
    assert_ne!(redeem(&mut client, "ada", &shown.codes[0]).await?.status, 200);
    // A retry is the same change.
    patched(&mut client, &id, entra).await?;
    // As Okta sends it: no path.
    patched(&mut client, &id, json!([{ "op": "replace", "value": { "active": true } }])).await?;
    let accepted = redeem(&mut client, "ada", &shown.codes[0]).await?;
    assert_eq!(accepted.status, 200, "{}", accepted.text());
    Ok(())
}

#[tokio::test]
async fn scim_01_d7_where_inactive_means_left_codes_are_revoked_at_once_and_stay_so() -> Tested {
    let place = Place::new("scim-left")?;
    let server = place.start("[scim]\ninactive = \"subject_left\"\n", "warn")?;
    let mut client = server.client()?;
    let id = provision(&mut client, "ada", &json!({})).await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    patched(&mut client, &id, json!([{ "op": "replace", "path": "active", "value": false }]))
        .await?;
    assert_eq!(states(&mut client, "ada").await?, ["revoked"]);
    // Whatever changes meanwhile, nobody comes back by it.
    patched(&mut client, &id, json!([{ "op": "add", "path": "displayName", "value": "A" }]))
        .await?;
    let set = client.post("/v1/subjects/ada/code-sets", &crate::calls::issuing(&json!({}))).await?;
    assert_eq!(set.code(), "subject_departed");
    patched(&mut client, &id, json!([{ "op": "replace", "path": "active", "value": true }]))
        .await?;
    assert_ne!(redeem(&mut client, "ada", &shown.codes[0]).await?.status, 200);
    issue(&mut client, "ada", &json!({})).await?;
    // One that never was active is of nobody yet.
    let gone = provision(&mut client, "bob", &json!({ "active": false })).await?;
    assert_eq!(client.get("/v1/subjects/bob").await?.status, 404);
    patched(&mut client, &gone, json!([{ "op": "replace", "path": "active", "value": true }]))
        .await?;
    assert_eq!(client.get("/v1/subjects/bob").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn scim_04_d7_who_is_deleted_has_no_codes_and_is_gone() -> Tested {
    let place = Place::new("scim-delete")?;
    let server = place.start("[scim]\nerase_after = 0\n", "warn")?;
    let mut client = server.client()?;
    let mail = json!({ "emails": [{ "value": "ada@example.org", "type": "work" }] });
    let id = provision(&mut client, "ada", &mail).await?;
    let staff = group(&mut client, "staff", &[&id]).await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let path = format!("/scim/v2/Users/{id}");
    assert_eq!(delete(&mut client, &path).await?, 204);
    assert_ne!(redeem(&mut client, "ada", &shown.codes[0]).await?.status, 200);
    assert_eq!(client.get(&path).await?.status, 404);
    assert_eq!(delete(&mut client, &path).await?, 404);
    let operations = json!([{ "op": "add", "path": "displayName", "value": "A" }]);
    assert_eq!(patch(&mut client, &path, &[], operations).await?.status, 404);
    let list = client.get("/scim/v2/Users?filter=userName%20eq%20%22ada%22").await?.json();
    assert_eq!(list["totalResults"], 0);
    let staff = client.get(&format!("/scim/v2/Groups/{staff}")).await?.json();
    assert!(staff.get("members").is_none(), "{staff}");
    // Erased: name and address are nowhere any more, and the log still holds together.
    assert_eq!(client.get("/v1/subjects/ada").await?.status, 404);
    let whole = client.get("/v1/inventory").await?.text();
    assert!(!whole.contains("\"ada\"") && whole.contains("revoked"), "{whole}");
    let replayed = client.get("/v1/log/replay").await?;
    assert_eq!(replayed.status, 200, "{}", replayed.text());
    // The name is free, and whoever has it next is somebody else.
    let next = provision(&mut client, "Ada", &json!({})).await?;
    assert_ne!(next, id);
    Ok(())
}

#[tokio::test]
async fn d4_codes_die_with_a_role_a_group_and_a_tier() -> Tested {
    let place = Place::new("scim-roles")?;
    let config = "[scim]\nrole_groups = [\"Operators\"]\n\
                  [scim.groups.Vault]\ntier = \"privileged\"\n";
    let server = place.start(config, "warn")?;
    let mut client = server.client()?;
    let id = provision(&mut client, "ada", &json!({})).await?;
    let other = provision(&mut client, "bob", &json!({})).await?;
    issue(&mut client, "ada", &json!({})).await?;
    let role = json!([{ "op": "Add", "path": "roles", "value": [{ "value": "admin" }] }]);
    patched(&mut client, &id, role).await?;
    assert_eq!(states(&mut client, "ada").await?, ["revoked"]);
    // A group that is no role changes who is in it, and nothing else.
    issue(&mut client, "ada", &json!({})).await?;
    let staff = group(&mut client, "Staff", &[&id, &other]).await?;
    assert!(states(&mut client, "ada").await?.iter().any(|state| state != "revoked"));
    let groups = |subject: &Value| subject["groups"].clone();
    assert_eq!(groups(&client.get("/v1/subjects/ada").await?.json()), json!(["Staff"]));
    // One that is a role does. As Entra removes a member: by a value, without a filter.
    let ops = group(&mut client, "Operators", &[&id]).await?;
    assert!(states(&mut client, "ada").await?.iter().all(|state| state == "revoked"));
    issue(&mut client, "ada", &json!({})).await?;
    let gone = json!([{ "op": "Remove", "path": "members", "value": [{ "value": id }] }]);
    let answer = patch(&mut client, &format!("/scim/v2/Groups/{ops}"), &[], gone).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(states(&mut client, "ada").await?.iter().all(|state| state == "revoked"));
    assert_eq!(groups(&client.get("/v1/subjects/ada").await?.json()), json!(["Staff"]));
    let user = client.get(&format!("/scim/v2/Users/{id}")).await?.json();
    assert_eq!(user["groups"][0]["value"].as_str(), Some(staff.as_str()));
    assert_eq!(user["groups"].as_array().map(Vec::len), Some(1));
    // A group may ask for more protection, and never for less.
    group(&mut client, "Vault", &[&id]).await?;
    assert_eq!(client.get("/v1/subjects/ada").await?.json()["tier"], "privileged");
    let lower = json!([{ "op": "add", "path": format!("{OWN}:tier"), "value": "standard" }]);
    let (_, key) = api_key(&mut client, &["provision"]).await?;
    let mut bare = client.presenting(Some(&key));
    let path = format!("/scim/v2/Users/{id}");
    let refused = patch(&mut bare, &path, &[], lower.clone()).await?;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(client.get("/v1/subjects/ada").await?.json()["tier"], "privileged");
    assert_eq!(patch(&mut client, &path, &[], lower).await?.status, 200);
    assert_eq!(client.get("/v1/subjects/ada").await?.json()["tier"], "standard");
    Ok(())
}

#[tokio::test]
async fn d8_codes_of_a_service_die_with_its_owner() -> Tested {
    let place = Place::new("scim-owner")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let ada = provision(&mut client, "ada", &json!({})).await?;
    let bob = provision(&mut client, "bob", &json!({})).await?;
    let service = json!({ OWN: { "kind": "service" } });
    let none = json!({ "schemas": [USER], "userName": "ci", OWN: { "kind": "service" } });
    let refused = client.post("/scim/v2/Users", &none).await?;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidValue")));
    let mut owned = service.clone();
    owned[ENTERPRISE] = json!({ "manager": { "value": ada } });
    let id = provision(&mut client, "ci", &owned).await?;
    issue(&mut client, "ci", &json!({})).await?;
    // As Okta and Entra set a manager: by its id as a text.
    let path = format!("{ENTERPRISE}:manager");
    patched(&mut client, &id, json!([{ "op": "Add", "path": path, "value": bob }])).await?;
    assert_eq!(states(&mut client, "ci").await?, ["revoked"]);
    assert_eq!(client.get("/v1/subjects/ci").await?.json()["owner"], "bob");
    Ok(())
}

#[tokio::test]
async fn scim_02_03_a_patch_is_done_whole_or_not_at_all() -> Tested {
    let place = Place::new("scim-atomic")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let id = provision(&mut client, "ada", &json!({})).await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let path = format!("/scim/v2/Users/{id}");
    let before = client.get(&path).await?;
    let wrong = [
        json!({ "op": "replace", "path": "nothing.of.this", "value": 1 }),
        json!({ "op": "remove", "path": "userName" }),
        json!({ "op": "replace", "path": "id", "value": "another" }),
    ];
    for wrong in wrong {
        let first = json!({ "op": "replace", "path": "active", "value": false });
        let answer = patch(&mut client, &path, &[], json!([first, wrong])).await?;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert_eq!(answer.json()["status"], "400");
        assert_eq!(client.get(&path).await?.text(), before.text());
    }
    assert_eq!(redeem(&mut client, "ada", &shown.codes[0]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn reg_13_a_subject_that_is_renamed_keeps_its_id_and_loses_its_codes() -> Tested {
    let place = Place::new("scim-rename")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let id = provision(&mut client, "ada", &json!({})).await?;
    provision(&mut client, "bob", &json!({})).await?;
    register(&mut client, "eve", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let before = client.get("/v1/subjects/ada").await?.json();
    for taken in ["BOB", "eve"] {
        let rename = json!([{ "op": "replace", "path": "userName", "value": taken }]);
        let answer = patch(&mut client, &format!("/scim/v2/Users/{id}"), &[], rename).await?;
        assert_eq!(answer.status, 409, "{taken}: {}", answer.text());
        assert_eq!(answer.json()["scimType"], "uniqueness");
    }
    let rename = json!([{ "op": "replace", "path": "userName", "value": "grace" }]);
    patched(&mut client, &id, rename).await?;
    assert_eq!(client.get("/v1/subjects/ada").await?.status, 404);
    assert_eq!(client.get("/v1/subjects/grace").await?.json()["id"], before["id"]);
    assert_eq!(states(&mut client, "grace").await?, ["revoked"]);
    assert_ne!(redeem(&mut client, "grace", &shown.codes[0]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_bound_key_provisions_its_own_group_and_sees_nobody_else() -> Tested {
    let place = Place::new("scim-bound")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let hidden = provision(&mut admin, "ada", &json!({})).await?;
    group(&mut admin, "others", &[&hidden]).await?;
    let (_, key) = bound_key(&mut admin, &["provision"], &["tenant"]).await?;
    let mut client = admin.presenting(Some(&key));
    let own = provision(&mut client, "bob", &json!({})).await?;
    assert_eq!(admin.get("/v1/subjects/bob").await?.json()["groups"], json!(["tenant"]));
    for path in [format!("/scim/v2/Users/{hidden}"), "/scim/v2/Users/nobody".to_owned()] {
        assert_eq!(client.get(&path).await?.status, 404);
        assert_eq!(delete(&mut client, &path).await?, 404);
    }
    assert_eq!(client.get("/scim/v2/Users").await?.json()["totalResults"], 1);
    assert_eq!(client.get("/scim/v2/Groups").await?.json()["totalResults"], 0);
    let taken = json!({ "schemas": [USER], "userName": "ada" });
    assert_eq!(client.post("/scim/v2/Users", &taken).await?.status, 403);
    let foreign = json!({ "schemas": [GROUP], "displayName": "others2" });
    assert_eq!(client.post("/scim/v2/Groups", &foreign).await?.status, 403);
    let stolen = json!({ "schemas": [GROUP], "displayName": "tenant",
                         "members": [{ "value": hidden }] });
    assert_eq!(client.post("/scim/v2/Groups", &stolen).await?.status, 400);
    group(&mut client, "tenant", &[&own]).await?;
    assert_eq!(delete(&mut client, &format!("/scim/v2/Users/{own}")).await?, 204);
    Ok(())
}

#[tokio::test]
async fn lists_are_filtered_paged_and_projected_and_versions_are_held_to() -> Tested {
    let place = Place::new("scim-lists")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let mut ids = Vec::new();
    for name in ["ada", "bob", "eve"] {
        let more = json!({ "externalId": format!("x/{name}"), "displayName": name });
        ids.push(provision(&mut client, name, &more).await?);
    }
    let staff = group(&mut client, "staff", &[&ids[0], &ids[1]]).await?;
    let found = async |client: &mut Client, query: &str| {
        let query = query.replace(' ', "%20").replace('"', "%22").replace('/', "%2F");
        Ok::<_, Failure>(client.get(&format!("/scim/v2/Users?{query}")).await?.json())
    };
    for (query, total) in [
        ("filter=userName eq \"ADA\"", 1),
        ("filter=externalId eq \"x/bob\"", 1),
        ("filter=externalId eq \"x/BOB\"", 0),
        ("filter=displayName sw \"e\" or displayName ew \"b\"", 2),
        (&format!("filter=groups.value eq \"{staff}\""), 2),
        (&format!("filter=id eq \"{}\" and active eq true", ids[2]), 1),
        ("startIndex=2&count=1", 3),
        ("count=0", 3),
    ] {
        assert_eq!(found(&mut client, query).await?["totalResults"], total, "{query}");
    }
    let page = found(&mut client, "startIndex=2&count=1&attributes=userName").await?;
    assert_eq!(page["itemsPerPage"], 1);
    let shown: Vec<_> = page["Resources"][0].as_object().into_iter().flatten().collect();
    assert_eq!(shown.len(), 3, "{page}");
    assert_eq!(client.get("/scim/v2/Users?filter=userName%20eq").await?.status, 400);
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                         "filter": "userName eq \"eve\"" });
    let answer = client.post("/scim/v2/Users/.search", &search).await?;
    assert_eq!(answer.json()["totalResults"], 1);

    let path = format!("/scim/v2/Users/{}", ids[0]);
    let answer = client.get(&path).await?;
    let tag = answer.headers.get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
    let tag = tag.to_owned();
    assert_eq!(answer.json()["meta"]["version"].as_str(), Some(tag.as_str()));
    let unchanged = client.send(Method::GET, &path, &[("if-none-match", &tag)], "").await?;
    assert_eq!(unchanged.status, 304);
    let change = json!([{ "op": "replace", "path": "displayName", "value": "Ada" }]);
    let first = patch(&mut client, &path, &[("if-match", &tag)], change.clone()).await?;
    let second = patch(&mut client, &path, &[("if-match", &tag)], change).await?;
    assert_eq!((first.status, second.status), (200, 412));
    assert_eq!(client.get("/scim/v2/Me").await?.status, 501);
    Ok(())
}

/// The deny side, as `access` has it for the endpoints of the description.
#[tokio::test]
async fn scim_is_opened_by_the_scope_provision_alone_and_refuses_in_its_own_words() -> Tested {
    let place = Place::new("scim-access")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let id = provision(&mut admin, "ada-of-the-log", &json!({})).await?;
    let others: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != "provision").collect();
    let (_, wrong) = api_key(&mut admin, &others).await?;
    let (_, right) = api_key(&mut admin, &["provision"]).await?;
    let mut pages = Vec::new();
    for kind in ["Users", "Groups"] {
        pages.extend([("GET", format!("/{kind}")), ("POST", format!("/{kind}"))]);
        pages.push(("POST", format!("/{kind}/.search")));
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            pages.push((method, format!("/{kind}/{id}")));
        }
    }
    for page in ["ServiceProviderConfig", "Schemas", "ResourceTypes", "Me", "Bulk", "nothing"] {
        pages.push(("GET", format!("/{page}")));
    }
    pages.push(("GET", format!("/Schemas/{USER}")));
    pages.push(("GET", "/ResourceTypes/Group".to_owned()));
    for (method, page) in pages {
        let path = format!("/scim/v2{page}");
        for (key, expected) in [(None, 401), (Some(&wrong), 403)] {
            let mut client = admin.presenting(key.map(String::as_str));
            let answer = client.send(method.parse()?, &path, &[], "{").await?;
            assert_eq!(answer.status, expected, "{method} {page}: {}", answer.text());
            assert_eq!(answer.json()["status"], expected.to_string(), "{method} {page}");
            let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok());
            assert_eq!(kind, Some("application/scim+json"), "{method} {page}");
        }
        let mut client = admin.presenting(Some(&right));
        let answer = client.send(method.parse()?, &path, &[], "{").await?;
        assert!(![401, 403, 500].contains(&answer.status), "{method} {page}: {}", answer.text());
    }
    // And the scope opens nothing else.
    let mut client = admin.presenting(Some(&right));
    assert_eq!(client.get("/v1/subjects/ada").await?.code(), "scope_missing");
    let log = admin.get("/v1/log/entries?limit=1000").await?.text();
    assert!(!log.contains("ada-of-the-log"), "names are not in the log");
    Ok(())
}
