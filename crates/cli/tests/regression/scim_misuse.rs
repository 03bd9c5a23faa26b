//! SCIM by a key that would do more than it may: names swapped, requests that are refused half-way,
//! the subject of another User, a deletion that outlives a return.

use glassbreak_testkit::http::Method;
use serde_json::json;

use crate::calls::{Place, Tested, issue, redeem};
use crate::endpoints::{api_key, bound_key};
use crate::scim::{delete, group, patch, patched, provision, states};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const OWN: &str = "urn:ietf:params:scim:schemas:extension:glassbreak:2.0:User";

#[tokio::test]
async fn reg_13_e3_two_names_are_not_swapped_with_provision_alone() -> Tested {
    let place = Place::new("scim-swap")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let ceo = provision(&mut client, "ceo", &json!({ OWN: { "tier": "privileged" } })).await?;
    let ann = provision(&mut client, "ann", &json!({})).await?;
    client.put("/v1/operators/ann", &json!({ "duties": ["approve"] })).await?;
    let mallory = provision(&mut client, "mallory", &json!({})).await?;
    let shown = issue(&mut client, "mallory", &json!({})).await?;
    let (_, key) = api_key(&mut client, &["provision"]).await?;
    let mut bare = client.presenting(Some(&key));
    for (who, id) in [("ceo", &ceo), ("ann", &ann)] {
        // In one request with what disables the account: what is refused has done nothing.
        let renames = json!([{ "op": "replace", "value":
            { "active": false, "userName": format!("{who}-old") } }]);
        let path = format!("/scim/v2/Users/{id}");
        let refused = patch(&mut bare, &path, &[], renames).await?;
        assert_eq!(refused.status, 403, "{who}: {}", refused.text());
        let subject = client.get(&format!("/v1/subjects/{who}")).await?.json();
        assert_eq!(subject["standing"], "active", "{subject}");
    }
    // One who is neither may be renamed, and takes no codes along.
    let renames = json!([{ "op": "replace", "path": "userName", "value": "chief" }]);
    patched(&mut bare, &mallory, renames).await?;
    assert_eq!(states(&mut client, "chief").await?, ["revoked"]);
    assert_ne!(redeem(&mut client, "chief", &shown.codes[0]).await?.status, 200);
    let body = json!({ "schemas": [USER], "userName": "erased-1" });
    let reserved = bare.post("/scim/v2/Users", &body).await?;
    assert_eq!((reserved.status, &reserved.json()["scimType"]), (400, &json!("invalidValue")));
    Ok(())
}

#[tokio::test]
async fn d4_a_removal_that_a_bound_key_may_not_do_burns_no_codes() -> Tested {
    let place = Place::new("scim-removal")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let (_, key) = bound_key(&mut client, &["provision"], &["tenant"]).await?;
    let mut bound = client.presenting(Some(&key));
    let mut ids = Vec::new();
    for name in ["ada", "bob"] {
        ids.push(provision(&mut bound, name, &json!({})).await?);
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let tenant = group(&mut bound, "tenant", &ids).await?;
    for name in ["ada", "bob"] {
        issue(&mut client, name, &json!({})).await?;
    }
    let path = format!("/scim/v2/Groups/{tenant}");
    let gone = json!([{ "op": "remove", "path": "members" }]);
    let refused = patch(&mut bound, &path, &[], gone).await?;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(bound.send(Method::DELETE, &path, &[], "").await?.status, 403);
    for name in ["ada", "bob"] {
        assert_ne!(states(&mut client, name).await?, ["revoked"], "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_user_without_a_subject_does_not_take_that_of_another() -> Tested {
    let place = Place::new("scim-external")?;
    let config = "[scim]\nreference = \"external_id\"\ninactive = \"subject_left\"\n";
    let server = place.start(config, "warn")?;
    let mut client = server.client()?;
    provision(&mut client, "bob", &json!({ "externalId": "x" })).await?;
    let before = client.get("/v1/subjects/x").await?.json();
    let eve = provision(&mut client, "eve", &json!({ "active": false })).await?;
    let takes = json!([{ "op": "replace", "value": { "active": true, "externalId": "x",
        "emails": [{ "value": "eve@example.org" }] } }]);
    let refused = patch(&mut client, &format!("/scim/v2/Users/{eve}"), &[], takes).await?;
    assert_eq!((refused.status, &refused.json()["scimType"]), (409, &json!("uniqueness")));
    assert_eq!(client.get("/v1/subjects/x").await?.json(), before);
    Ok(())
}

#[tokio::test]
async fn scim_04_a_return_ends_the_erasure_that_a_deletion_began() -> Tested {
    let place = Place::new("scim-return")?;
    let config = |after| format!("[scim]\ninactive = \"subject_left\"\nerase_after = {after}\n");
    let server = place.start(&config(1), "warn")?;
    let mut client = server.client()?;
    let first = provision(&mut client, "ada", &json!({})).await?;
    assert_eq!(delete(&mut client, &format!("/scim/v2/Users/{first}")).await?, 204);
    let ada = provision(&mut client, "ada", &json!({})).await?;
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    patched(&mut client, &ada, off).await?;
    assert!(server.stop()?.success());
    // A deletion that is due at once looks for all who are; Ada's was, before she came back.
    let server = place.start(&config(0), "warn")?;
    let mut client = server.client()?;
    let bob = provision(&mut client, "bob", &json!({})).await?;
    assert_eq!(delete(&mut client, &format!("/scim/v2/Users/{bob}")).await?, 204);
    assert_eq!(client.get("/v1/subjects/bob").await?.status, 404);
    assert_eq!(client.get("/v1/subjects/ada").await?.json()["standing"], "departed");
    Ok(())
}
