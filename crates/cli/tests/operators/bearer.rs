//! People with a token of the identity provider (NHI4, NHI6, ASVS-8.3.2).

use glassbreak_testkit::http::{Client, Failure, Method};
use serde_json::{Value, json};

use crate::provider::Provider;
use crate::world::{AUDIENCE, Tested, World, config, start};

async fn me(client: &mut Client) -> Result<Value, Failure> {
    let answer = client.get("/v1/me").await?;
    if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text().into()) }
}

/// Seconds since the epoch.
#[expect(clippy::disallowed_methods, reason = "the server under test goes by the machine's clock")]
fn now() -> Result<u64, Failure> {
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs())
}

/// The claims of an access token of sam's.
fn sams(issuer: &str) -> Result<Value, Failure> {
    let now = now()?;
    Ok(json!({
        "iss": issuer, "aud": AUDIENCE, "sub": "sam", "client_id": "desk-app", "iat": now - 5,
        "exp": now + 300, "jti": "j1", "groups": ["idp-desk", "idp-all"],
    }))
}

#[tokio::test]
async fn f1_b4_a_person_may_do_what_role_and_duty_together_allow_and_acts_in_no_other_name()
-> Tested {
    let world = World::new().await?;
    for (who, scopes) in [
        ("sam", json!(["support"])),
        ("vera", json!(["approve"])),
        ("rae", json!(["revoke", "contain"])),
        ("otto", json!(["audit"])),
        ("amy", json!(["admin"])),
    ] {
        let seen = me(&mut world.with_token(&world.token(who).await?)).await?;
        assert_eq!(
            (&seen["kind"], &seen["operator"], &seen["scopes"], &seen["everybody"]),
            (&json!("operator"), &json!(who), &scopes, &json!(true)),
            "{seen}"
        );
    }
    let mut sam = world.with_token(&world.token("sam").await?);
    let case = |agent: &str| json!({ "subject": "ada", "agent": agent });
    let refused = sam.post("/v1/recoveries", &case("pat")).await?;
    assert_eq!((refused.status, refused.code()), (403, "not_your_name".to_owned()));
    let opened = sam.post("/v1/recoveries", &case("sam")).await?;
    assert_eq!(opened.status, 201, "{}", opened.text());
    for path in ["/v1/inventory", "/v1/api-keys", "/v1/log/entries"] {
        assert_eq!(sam.get(path).await?.code(), "scope_missing", "{path}");
    }
    // The log names the person by the opaque id, and the program nowhere.
    let entries = world.admin()?.get("/v1/log/entries?limit=1000").await?.json();
    let entries = entries["items"].as_array().ok_or("no entries")?.clone();
    let path = format!("/v1/recoveries/{}", opened.json()["recovery_id"].as_str().ok_or("no id")?);
    let case = world.admin()?.get(&path).await?.json();
    assert_eq!(case["agent"], "sam", "{case}");
    let mut entries = entries.iter().map(|item| &item["entry"]);
    let opened = entries.find(|entry| entry["type"] == "recovery.opened").ok_or("none")?;
    assert_eq!(opened["actor"]["kind"], "operator", "{opened}");
    assert!(!opened.to_string().contains("sam"), "{opened}");
    // Roles without the duty, and who is appointed to something else than the role.
    assert_eq!(
        world.with_token(&world.token("eve").await?).get("/v1/me").await?.code(),
        "not_appointed"
    );
    world.appoint("eve", &["audit"]).await?;
    let eve = me(&mut world.with_token(&world.token("eve").await?)).await?;
    assert_eq!(eve["scopes"], json!(["audit"]), "{eve}");
    let replayed = world.admin()?.get("/v1/log/replay").await?.json();
    assert_eq!(replayed["differences"], json!([]), "{replayed}");
    Ok(())
}

#[tokio::test]
async fn asvs_8_3_2_who_is_dismissed_or_has_left_is_out_at_once_while_the_token_is_still_good()
-> Tested {
    let world = World::new().await?;
    let mut sam = world.with_token(&world.token("sam").await?);
    assert_eq!(me(&mut sam).await?["scopes"], json!(["support"]));
    world.appoint("sam", &[]).await?;
    let out = sam.get("/v1/me").await?;
    assert_eq!((out.status, out.code()), (403, "not_appointed".to_owned()));
    world.appoint("sam", &["approve"]).await?;
    assert_eq!(me(&mut sam).await?["scopes"], json!([]), "a duty without its role");
    world.appoint("sam", &["support"]).await?;
    assert_eq!(me(&mut sam).await?["scopes"], json!(["support"]));
    let left = json!({ "type": "subject_left" });
    let reported = world.admin()?.post("/v1/subjects/sam/lifecycle-events", &left).await?;
    assert_eq!(reported.status, 200, "{}", reported.text());
    assert_eq!(sam.get("/v1/me").await?.code(), "not_appointed");
    let case = json!({ "subject": "ada", "agent": "sam" });
    assert_eq!(sam.post("/v1/recoveries", &case).await?.code(), "not_appointed");
    Ok(())
}

#[tokio::test]
async fn b4_a_person_reaches_whom_the_claims_reach_and_nobody_without_one() -> Tested {
    let world = World::new().await?;
    let mut pat = world.with_token(&world.token("pat").await?);
    let seen = me(&mut pat).await?;
    assert_eq!((&seen["everybody"], &seen["groups"]), (&json!(false), &json!(["emea"])));
    let case = |who: &str, agent: &str| json!({ "subject": who, "agent": agent });
    assert_eq!(pat.post("/v1/recoveries", &case("ada", "pat")).await?.status, 201);
    assert_eq!(pat.post("/v1/recoveries", &case("bob", "pat")).await?.code(), "subject_unknown");
    let mut nora = world.with_token(&world.token("nora").await?);
    assert_eq!(me(&mut nora).await?["groups"], json!([]));
    for who in ["ada", "bob"] {
        let refused = nora.post("/v1/recoveries", &case(who, "nora")).await?;
        assert_eq!(refused.code(), "subject_unknown", "{who}");
    }
    Ok(())
}

#[tokio::test]
async fn nhi6_a_token_that_is_not_ours_in_every_respect_is_refused() -> Tested {
    let world = World::new().await?;
    let provider = &world.provider;
    let good = sams(&provider.issuer)?;
    let at = json!({ "typ": "at+jwt" });
    for alg in ["RS256", "ES256", "EdDSA"] {
        let token = provider.sign(alg, &at, &good).await?;
        assert_eq!(me(&mut world.with_token(&token)).await?["operator"], "sam", "{alg}");
    }
    let upper = json!({ "typ": "application/AT+JWT" });
    let token = provider.sign("RS256", &upper, &good).await?;
    assert_eq!(me(&mut world.with_token(&token)).await?["operator"], "sam");
    let now = now()?;
    let with = |more: Value| {
        let mut claims = good.clone();
        if let (Some(claims), Some(more)) = (claims.as_object_mut(), more.as_object()) {
            claims.extend(more.clone());
            claims.retain(|_, value| !value.is_null());
        }
        claims
    };
    let mut wrong = Vec::new();
    for claims in [
        with(json!({ "aud": "https://elsewhere.example" })),
        with(json!({ "aud": "glassbreak" })),
        with(json!({ "aud": [] })),
        with(json!({ "aud": null })),
        with(json!({ "aud": { "a": AUDIENCE } })),
        with(json!({ "iss": format!("{}/", provider.issuer) })),
        with(json!({ "iss": "https://evil.example" })),
        with(json!({ "iss": null })),
        with(json!({ "exp": now - 31 })),
        with(json!({ "exp": null })),
        with(json!({ "exp": "never" })),
        with(json!({ "iat": null })),
        with(json!({ "iat": now + 120 })),
        with(json!({ "nbf": now + 120 })),
        with(json!({ "client_id": "other-app" })),
        with(json!({ "client_id": null })),
        with(json!({ "azp": "other-app" })),
        with(json!({ "sub": null })),
        with(json!({ "sub": "" })),
    ] {
        wrong.push((format!("{claims}"), provider.sign("RS256", &at, &claims).await?));
    }
    for (alg, header) in [
        ("none", at.clone()),
        ("HS256", at.clone()),
        ("RS256", json!({ "typ": "JWT" })),
        ("RS256", json!({})),
        ("RS256", json!({ "typ": "secevent+jwt" })),
        ("RS256", json!({ "typ": "at+jwt", "kid": "RS256-9" })),
        ("ES256", json!({ "typ": "at+jwt", "kid": "RS256-1" })),
        ("RS256", json!({ "typ": "at+jwt", "kid": "ES256-1" })),
        ("RS256", json!({ "typ": "at+jwt", "jku": "https://evil.example/keys" })),
        ("RS256", json!({ "typ": "at+jwt", "jwk": { "kty": "oct", "k": "AA" } })),
    ] {
        wrong.push((format!("{alg} {header}"), provider.sign(alg, &header, &good).await?));
    }
    let token = provider.sign("RS256", &at, &good).await?;
    let (signed, signature) = token.rsplit_once('.').ok_or("no signature")?;
    wrong.push(("no signature".to_owned(), format!("{signed}.")));
    wrong.push(("cut".to_owned(), format!("{signed}.{}", &signature[4..])));
    // Of the provider, and of its own flow: an ID token, another client's, and another API's.
    let own = world.tokens("desk-app", "sam", AUDIENCE).await?;
    wrong.push(("ID token".to_owned(), own["id_token"].as_str().ok_or("none")?.to_owned()));
    for (client, audience) in
        [("other-app", AUDIENCE), ("desk-app", "https://elsewhere.example/api")]
    {
        let tokens = world.tokens(client, "sam", audience).await?;
        wrong.push((client.to_owned(), tokens["access_token"].as_str().ok_or("none")?.to_owned()));
    }
    for (what, token) in wrong {
        let answer = world.with_token(&token).get("/v1/me").await?;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated".to_owned()), "{what}");
    }
    let said = world.server.said();
    assert!(!said.contains(&token[..60]), "a token is in the log");
    Ok(())
}

#[tokio::test]
async fn nhi6_new_keys_are_fetched_when_a_token_names_one_and_old_ones_are_forgotten() -> Tested {
    let world = World::new().await?;
    let before = world.token("sam").await?;
    assert_eq!(world.with_token(&before).get("/v1/me").await?.status, 200);
    world.provider.rotate().await?;
    let after = world.token("sam").await?;
    assert_eq!(world.with_token(&after).get("/v1/me").await?.status, 200);
    assert_eq!(world.with_token(&before).get("/v1/me").await?.code(), "unauthenticated");
    // Keys that are known do while the provider is away; those it took back stay refused.
    let World { provider, server, .. } = world;
    provider.stop()?;
    let mut client = Client::new(server.addr(), Some(&after));
    assert_eq!(client.get("/v1/me").await?.status, 200);
    assert_eq!(Client::new(server.addr(), Some(&before)).get("/v1/me").await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn asvs_16_5_3_without_the_provider_nobody_is_let_in_and_keys_work() -> Tested {
    let provider = Provider::start()?;
    let token =
        provider.sign("RS256", &json!({ "typ": "at+jwt" }), &sams(&provider.issuer)?).await?;
    let text = config(&provider.issuer, "timeout = 2");
    provider.stop()?;
    let place = glassbreak_testkit::server::TempDir::new("operators-alone")?;
    let server = start(&place, &text)?;
    let mut person = Client::new(server.addr(), Some(&token));
    let answer = person.get("/v1/me").await?;
    assert_eq!((answer.status, answer.code()), (503, "provider_unavailable".to_owned()));
    let mut nobody = Client::new(server.addr(), None);
    assert_eq!(nobody.get("/auth/login").await?.code(), "provider_unavailable");
    let own = server.client()?.get("/v1/me").await?.json();
    assert_eq!((&own["kind"], &own["everybody"]), (&json!("api_key"), &json!(true)), "{own}");
    Ok(())
}

#[tokio::test]
async fn tokens_that_a_provider_does_not_mark_are_taken_where_the_configuration_says_so() -> Tested
{
    let world = World::with("unmarked_tokens = true\nacr_values = [\"strong\"]").await?;
    let mut claims = sams(&world.provider.issuer)?;
    let jwt = json!({ "typ": "JWT" });
    let weak = world.provider.sign("ES256", &jwt, &claims).await?;
    assert_eq!(world.with_token(&weak).get("/v1/me").await?.code(), "unauthenticated", "no `acr`");
    claims["acr"] = json!("strong");
    let strong = world.provider.sign("ES256", &jwt, &claims).await?;
    assert_eq!(me(&mut world.with_token(&strong)).await?["operator"], "sam");
    claims["aud"] = json!("glassbreak");
    let id_token = world.provider.sign("ES256", &jwt, &claims).await?;
    assert_eq!(world.with_token(&id_token).get("/v1/me").await?.code(), "unauthenticated");
    Ok(())
}

#[tokio::test]
async fn a_key_in_the_header_counts_alone() -> Tested {
    let world = World::new().await?;
    let key = world.server.admin_key()?;
    for header in
        [format!("Basic {key}"), key.clone(), "Bearer".to_owned(), "Bearer x.y.z".to_owned()]
    {
        let headers = [("authorization", header.as_str())];
        let answer = world.nobody().send(Method::GET, "/v1/me", &headers, "").await?;
        assert_eq!(answer.code(), "unauthenticated", "{header}");
    }
    Ok(())
}
