//! SCIM with many clients at once, and with a server that dies half-way.

use glassbreak_testkit::http::{Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested};
use crate::scim::{group, patch, provision};

/// How many clients there are.
const CLIENTS: usize = 32;

#[tokio::test]
async fn of_32_clients_who_make_one_name_at_once_one_does() -> Tested {
    let place = Place::new("scim-one-name")?;
    let server = place.start("", "warn")?;
    let client = server.client()?;
    let makes = (0..CLIENTS).map(|number| {
        let mut client = client.another();
        // One name in two cases is one name.
        let name = if number % 2 == 0 { "ada" } else { "Ada" };
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                           "userName": name, "displayName": number.to_string() });
        tokio::spawn(async move { client.post("/scim/v2/Users", &body).await })
    });
    let makes: Vec<_> = makes.collect();
    let mut statuses = Vec::new();
    for make in makes {
        statuses.push(make.await??.status);
    }
    statuses.sort_unstable();
    let mut expected = vec![409; CLIENTS];
    expected[0] = 201;
    assert_eq!(statuses, expected);
    let list = client.another().get("/scim/v2/Users").await?.json();
    assert_eq!(list["totalResults"], 1);
    Ok(())
}

#[tokio::test]
async fn two_who_patch_at_once_are_both_done_or_one_is_refused_and_never_mixed() -> Tested {
    let place = Place::new("scim-patches")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let id = provision(&mut client, "ada", &json!({})).await?;
    let path = format!("/scim/v2/Users/{id}");
    // Without a precondition each is done on what the others left.
    let all = patches(&client, &path, None).await?;
    assert!(all.iter().all(|(_, status)| *status == 200), "{all:?}");
    let user = client.get(&path).await?.json();
    assert_eq!(user["roles"].as_array().map(Vec::len), Some(CLIENTS), "{user}");
    // With one, the first one is.
    let tag = user["meta"]["version"].as_str().unwrap_or_default().to_owned();
    let held = patches(&client, &path, Some(&tag)).await?;
    let done: Vec<_> = held.iter().filter(|(_, status)| *status == 200).collect();
    assert_eq!(done.len(), 1, "{held:?}");
    assert!(held.iter().all(|(_, status)| [200, 412].contains(status)), "{held:?}");
    let user = client.get(&path).await?.json();
    let both =
        [&user["roles"], &user["entitlements"]].map(|values| values.as_array().map(Vec::len));
    assert_eq!(both, [Some(CLIENTS + 1), Some(CLIENTS + 1)], "both parts of a patch or none");
    Ok(())
}

/// Each client adds a role and an entitlement of its own, in one patch.
async fn patches(
    client: &Client,
    path: &str,
    tag: Option<&str>,
) -> Result<Vec<(usize, u16)>, Failure> {
    let round = if tag.is_some() { "held" } else { "free" };
    let all = (0..CLIENTS).map(|number| {
        let (mut client, path) = (client.another(), path.to_owned());
        let tag = tag.map(str::to_owned);
        tokio::spawn(async move {
            let value = json!([{ "value": format!("{round}-{number}") }]);
            let operations = json!([
                { "op": "add", "path": "roles", "value": value },
                { "op": "add", "path": "entitlements", "value": value },
            ]);
            let headers: Vec<_> = tag.iter().map(|tag| ("if-match", tag.as_str())).collect();
            let answer = patch(&mut client, &path, &headers, operations).await?;
            Ok::<_, Failure>((number, answer.status))
        })
    });
    let all: Vec<_> = all.collect();
    let mut statuses = Vec::new();
    for one in all {
        statuses.push(one.await??);
    }
    Ok(statuses)
}

/// A server dies while it tells the members of a group. What it stored is the group as it was; the
/// retry finds what was told, and tells nobody twice.
#[tokio::test]
async fn scim_02_a_change_that_a_crash_cut_off_is_done_by_its_retry() -> Tested {
    const MEMBERS: usize = 60;
    let place = Place::new("scim-crash")?;
    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let mut ids = Vec::new();
    for number in 0..MEMBERS {
        ids.push(provision(&mut client, &format!("person-{number}"), &json!({})).await?);
    }
    let staff = group(&mut client, "staff", &[]).await?;
    let path = format!("/scim/v2/Groups/{staff}");
    let before = client.get(&path).await?.json();
    let values: Vec<_> = ids.iter().map(|id| json!({ "value": id })).collect();
    let operations = json!([{ "op": "add", "path": "members", "value": values }]);
    let (mut writer, at, body) = (client.another(), path.clone(), operations.clone());
    let writing = tokio::spawn(async move { patch(&mut writer, &at, &[], body).await.is_ok() });
    // Half-way: some were told, and not all.
    while told(&mut client).await? < MEMBERS / 4 {}
    server.kill()?;
    assert!(!writing.await?, "it was cut off");

    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let told_before = told(&mut client).await?;
    assert!(told_before < MEMBERS, "the crash came too late to say anything");
    // The base is another: the server listens elsewhere.
    let after = client.get(&path).await?.json();
    assert_eq!(after["members"], Value::Null);
    assert_eq!(after["meta"]["version"], before["meta"]["version"]);
    let answer = patch(&mut client, &path, &[], operations).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["members"].as_array().map(Vec::len), Some(MEMBERS));
    assert_eq!(told(&mut client).await?, MEMBERS, "each was told once");
    for number in 0..MEMBERS {
        let subject = client.get(&format!("/v1/subjects/person-{number}")).await?.json();
        assert_eq!(subject["groups"], json!(["staff"]));
    }
    Ok(())
}

/// How many changes of role the log holds.
async fn told(client: &mut Client) -> Result<usize, Failure> {
    let log = client.get("/v1/log/entries?limit=1000").await?.text();
    Ok(log.matches("role_changed").count())
}
