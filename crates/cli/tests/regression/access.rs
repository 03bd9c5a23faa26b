//! The deny side (REG-17 as far as it exists): every endpoint called as nobody, as a stranger, with
//! a key that was revoked, and with every key that has each scope but the one it needs.

use glassbreak_testkit::http::Method;

use crate::calls::{Place, Tested, fresh};
use crate::endpoints::{ENDPOINTS, Endpoint, SCOPES, Target, api_key, described};

#[tokio::test]
async fn every_endpoint_of_the_description_is_in_the_table_and_says_what_it_needs() -> Tested {
    let place = Place::new("access-table")?;
    let server = place.start("", "warn")?;
    let description = server.client()?.presenting(None).get("/openapi.json").await?.json();
    let mut described: Vec<_> =
        described(&description).into_iter().map(|(method, path, _)| (method, path)).collect();
    let mut table: Vec<_> =
        ENDPOINTS.iter().map(|endpoint| (endpoint.method.to_owned(), endpoint.path)).collect();
    described.sort();
    table.sort();
    assert_eq!(described, table, "an endpoint has no test on its deny side, or is gone");
    Ok(())
}

#[tokio::test]
async fn reg_17_nobody_gets_in_without_a_key_that_is_good_now() -> Tested {
    let place = Place::new("access-nobody")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let target = Target::make(&mut admin, "ada").await?;
    let (id, revoked) = api_key(&mut admin, &SCOPES).await?;
    let mut gone = admin.presenting(Some(&revoked));
    assert_eq!(gone.get("/v1/keys").await?.status, 200);
    let path = format!("/v1/api-keys/{id}");
    let revoking = admin.send(Method::DELETE, &path, &[], "").await?;
    assert_eq!(revoking.status, 204);
    let key = server.admin_key()?;
    let before = admin.get("/v1/log/entries?limit=1000").await?.text();

    // One symbol off, in the public part and in the secret one; cut; with another's tail.
    let flipped = |at: usize| {
        let mut bytes = key.clone().into_bytes();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let garbage = [
        String::new(),
        "garbage".to_owned(),
        revoked.clone(),
        flipped(key.len() - 1),
        flipped(key.len() / 2),
        key[..key.len() - 1].to_owned(),
        format!("{key}{key}"),
        format!("{id}{key}"),
        target.shown.codes[0].clone(),
    ];
    for endpoint in ENDPOINTS {
        let mut answers = vec![target.call(&mut admin.presenting(None), *endpoint, &[]).await?];
        for key in &garbage {
            answers.push(target.call(&mut admin.presenting(Some(key)), *endpoint, &[]).await?);
        }
        // Not in the form that is asked for, or where keys do not go.
        let basic = format!("Basic {key}");
        for header in
            [("authorization", key.as_str()), ("authorization", &basic), ("x-api-key", &key)]
        {
            let mut nobody = admin.presenting(None);
            answers.push(target.call(&mut nobody, *endpoint, &[header]).await?);
        }
        for answer in answers {
            if endpoint.opens.is_empty() {
                assert_ne!(answer.status, 401, "{endpoint:?}");
            } else {
                assert_eq!(answer.code(), "unauthenticated", "{endpoint:?}");
                assert_eq!(answer.status, 401, "{endpoint:?}");
            }
        }
    }
    let after = admin.get("/v1/log/entries?limit=1000").await?.text();
    assert_eq!(after, before, "nobody has changed nothing");
    Ok(())
}

#[tokio::test]
async fn reg_17_a_key_with_every_scope_but_the_one_needed_is_refused() -> Tested {
    let place = Place::new("access-scopes")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let target = Target::make(&mut admin, "ada").await?;
    let mut single = Vec::new();
    for scope in SCOPES {
        single.push((scope, api_key(&mut admin, &[scope]).await?.1));
    }
    let before = admin.get("/v1/log/entries?limit=1000").await?.text();
    let made = before.matches("api_key.created").count();
    let mut keys = 0;
    let takes_any = |endpoint: &&Endpoint| endpoint.needs.len() == SCOPES.len();
    let scoped = ENDPOINTS.iter().filter(|endpoint| !endpoint.opens.is_empty());
    for endpoint in scoped.filter(|endpoint| !takes_any(endpoint)) {
        let is_wrong = |scope: &&str| !endpoint.needs.contains(scope);
        let others: Vec<_> = SCOPES.into_iter().filter(is_wrong).collect();
        let wrong = single.iter().filter(|(scope, _)| is_wrong(scope));
        let mut wrong: Vec<_> = wrong.cloned().collect();
        wrong.push(("all others", api_key(&mut admin, &others).await?.1));
        keys += 1;
        for (scope, key) in &wrong {
            let mut client = admin.presenting(Some(key));
            let answer = target.call(&mut client, *endpoint, &[]).await?;
            // Whether a channel is set up is told to all who may send codes at all.
            let path = endpoint.path.ends_with("/issued-codes");
            let opens = endpoint.opens.contains(scope) || *scope == "all others";
            if path && opens && answer.code() == "channel_not_configured" {
                continue;
            }
            assert_eq!(answer.code(), "scope_missing", "{endpoint:?} with `{scope}`");
            assert_eq!(answer.status, 403, "{endpoint:?} with `{scope}`");
            if endpoint.opens != endpoint.needs {
                continue;
            }
            // A body that cannot be read is not read before the key is.
            let method = endpoint.method.parse()?;
            let (path, _) = target.request(*endpoint);
            let answer = client.send(method, &path, &[], "{").await?;
            assert_eq!(answer.code(), "scope_missing", "{endpoint:?} with `{scope}`");
        }
    }
    let after = admin.get("/v1/log/entries?limit=1000").await?.text();
    assert_eq!(after.matches("api_key.created").count(), made + keys);
    let changes = |log: &str| log.matches("\"type\"").count();
    assert_eq!(
        changes(&after),
        changes(&before) + keys,
        "a key without the scope changed something"
    );
    // And one scope is enough: what is refused now is refused for another reason.
    for (number, endpoint) in ENDPOINTS.iter().enumerate() {
        for (scope, key) in single.iter().filter(|(scope, _)| endpoint.needs.contains(scope)) {
            let target = Target::make(&mut admin, &format!("grace-{number}-{scope}")).await?;
            let answer = target.call(&mut admin.presenting(Some(key)), *endpoint, &[]).await?;
            let refused = answer.code() == "scope_missing" || answer.code() == "unauthenticated";
            assert!(!refused, "{endpoint:?}: {}", answer.text());
        }
    }
    Ok(())
}

/// The log's entries say why an attempt was refused, so they are not for everyone (C9): the tiles
/// of hashes are, and the entries where the configuration opens them.
#[tokio::test]
async fn the_logs_entries_need_the_scope_audit_unless_the_configuration_opens_them() -> Tested {
    for (config, open) in [("", false), ("open_log_entries = true", true)] {
        let place = Place::new("access-log")?;
        let server = place.start(config, "warn")?;
        let mut admin = server.client()?;
        let target = Target::make(&mut admin, "ada").await?;
        // A receipt waits until the log's tree has come so far.
        let receipt = format!("/v1/log/receipts/{}", target.event);
        assert_eq!(admin.get(&receipt).await?.status, 200);
        for scope in SCOPES.map(Some).into_iter().chain([None]) {
            let key = match scope {
                Some(scope) => Some(api_key(&mut admin, &[scope]).await?.1),
                None => None,
            };
            let mut client = admin.presenting(key.as_deref());
            let entries = client.get("/tlog/tile/entries/000.p/1").await?;
            let expected = match scope {
                _ if open => 200,
                Some("audit") => 200,
                Some(_) => 403,
                None => 401,
            };
            assert_eq!(entries.status, expected, "{scope:?}: {}", entries.text());
            assert_eq!(client.get("/tlog/tile/0/000.p/1").await?.status, 200, "{scope:?}");
            assert_eq!(client.get("/tlog/checkpoint").await?.status, 200, "{scope:?}");
        }
    }
    Ok(())
}

/// What does not exist is not told from what may not be seen.
#[tokio::test]
async fn existence_is_not_told_to_a_key_without_the_scope() -> Tested {
    let place = Place::new("access-existence")?;
    let server = place.start("", "warn")?;
    let mut admin = server.client()?;
    let mut target = Target::make(&mut admin, "ada").await?;
    let (_, redeem_only) = api_key(&mut admin, &["redeem"]).await?;
    let mut client = admin.presenting(Some(&redeem_only));
    let mut known = Vec::new();
    for endpoint in ENDPOINTS {
        known.push(target.call(&mut client, *endpoint, &[]).await?);
    }
    target.subject = "nobody".to_owned();
    target.shown.set = fresh().to_string();
    target.event = target.shown.set.clone();
    target.recovery = fresh().to_string();
    target.exception = fresh().to_string();
    target.containment = fresh().to_string();
    target.key = "nokey".to_owned();
    for (endpoint, known) in ENDPOINTS.iter().zip(known) {
        if endpoint.opens.is_empty() || endpoint.opens.contains(&"redeem") {
            continue;
        }
        let unknown = target.call(&mut client, *endpoint, &[]).await?;
        assert_eq!((unknown.status, unknown.bytes), (known.status, known.bytes), "{endpoint:?}");
    }
    Ok(())
}
