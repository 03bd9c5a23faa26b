//! Requests that hold a code where one belongs, and wherever one does not.

use serde_json::{Value, json};

use crate::calls::{attempt, issuing};
use crate::encodings::url_encoded;

/// A subject with a set of ten.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) name: String,
    pub(crate) set: String,
    pub(crate) codes: Vec<String>,
}

/// A request: method, path, body.
pub(crate) type Request = (&'static str, String, Vec<u8>);

fn post(path: &str, body: &Value) -> Request {
    ("POST", path.to_owned(), body.to_string().into_bytes())
}

/// What a code is for: confirmed, redeemed, redeemed again, mistyped, tried on others.
pub(crate) fn belonging(holder: &Holder, place: usize, code: &str) -> Vec<Request> {
    let confirm = format!("/v1/code-sets/{}/confirm", holder.set);
    let mut requests = Vec::new();
    // The last two stay good until the end, and one is tried before it is confirmed.
    if place < 8 {
        requests.push(post("/v1/redemptions", &attempt(&holder.name, code)));
        requests.push(post("/v1/redemptions", &attempt(&holder.name, &code.to_lowercase())));
        let mut without_password = attempt(&holder.name, code);
        without_password["presented"] = json!([]);
        requests.push(post("/v1/redemptions", &without_password));
    }
    requests.push(post(&confirm, &json!({ "code": code })));
    // Drawing takes its time: one sheet of every tenth set.
    if place == 0 && holder.name.ends_with('0') {
        let sheet = json!({ "set_id": holder.set, "codes": holder.codes });
        requests.push(post("/v1/sheets", &sheet));
    }
    requests.push(post("/v1/redemptions", &attempt("somebody else", code)));
    requests.push(post("/v1/redemptions", &attempt(&format!("nobody-{place}"), code)));
    let mistyped = [
        code.replacen('-', "-0", 2),
        code[..code.len() - 1].to_owned(),
        format!("{code}0"),
        format!("{code}{code}{code}{code}"),
        format!("!{code}"),
        format!("other-{}", &code[3..]),
        code.chars().rev().collect(),
        code.replace('-', "—"),
    ];
    for typed in mistyped {
        requests.push(post("/v1/redemptions", &attempt(&holder.name, &typed)));
        requests.push(post(&confirm, &json!({ "code": typed })));
        let sheet = json!({ "set_id": holder.set, "codes": [code, typed] });
        requests.push(post("/v1/sheets", &sheet));
    }
    requests
}

/// The code wherever it does not belong.
pub(crate) fn everywhere_else(holder: &Holder, code: &str) -> Vec<Request> {
    let mut requests = misplaced_in_bodies(holder, code);
    requests.extend(misplaced_in_paths(holder, code));
    requests.extend(broken_bodies(holder, code));
    requests
}

/// The code in every field of every body where it does not belong, and as a field of its own.
fn misplaced_in_bodies(holder: &Holder, code: &str) -> Vec<Request> {
    let subject = format!("/v1/subjects/{}", holder.name);
    let long = format!("{code} {}", "x".repeat(300));
    let bodies = [
        ("/v1/redemptions".to_owned(), attempt(&holder.name, code)),
        (format!("{subject}/code-sets"), issuing(&json!({ "count": 99 }))),
        (
            format!("{subject}/lifecycle-events"),
            json!({ "type": "device_lost", "occurred_at": "2099-01-01T00:00:00Z" }),
        ),
        (format!("/v1/code-sets/{}/confirm", holder.set), json!({ "code": "no code" })),
        (format!("/v1/code-sets/{}/revoke", holder.set), json!({ "reason": "no reason" })),
        (
            "/v1/recoveries".to_owned(),
            json!({ "subject": holder.name, "cause": "no cause", "agent": "nobody",
                "requester": "nobody", "reference": "T-1" }),
        ),
        (
            format!("/v1/recoveries/{}/evidence", holder.set),
            json!({ "type": "second_verification", "agent": "nobody", "check": "video",
                "reference": "T-1" }),
        ),
        (format!("/v1/recoveries/{}/issued-codes", holder.set), json!({ "channel": "sms" })),
        (
            format!("/v1/recoveries/{}/review", holder.set),
            json!({ "reviewer": "nobody", "assertion": {} }),
        ),
        (
            format!("/v1/recoveries/{}/approvals", holder.set),
            json!({ "word": "decline", "approver": "nobody", "assertion": {} }),
        ),
        (
            format!("{subject}/exceptions"),
            json!({ "kind": "no kind", "reason": "T-1", "requester": "nobody",
                "ends_at": "2099-01-01T00:00:00Z" }),
        ),
        (
            format!("{subject}/exceptions/{}/approvals", holder.set),
            json!({ "approver": "nobody", "assertion": {} }),
        ),
        ("/v1/api-keys".to_owned(), json!({ "label": long, "scopes": ["audit"] })),
    ];
    let mut requests = Vec::new();
    for (path, body) in &bodies {
        let fields: Vec<String> =
            body.as_object().into_iter().flat_map(|body| body.keys().cloned()).collect();
        for field in fields {
            for value in [json!(code), json!([code]), json!({ code: code })] {
                let kept_as_it_is = field == "label" && value.is_string();
                let mut body = body.clone();
                body[&field] = value;
                requests.extend((!kept_as_it_is).then(|| post(path, &body)));
            }
        }
        let mut with_more = body.clone();
        with_more[code] = json!(code);
        requests.push(post(path, &with_more));
        requests.push(post(path, &json!(code)));
        requests.push(post(path, &json!([code])));
    }
    let mut from = attempt("nobody at all", code);
    from["context"] = json!({ "source": code });
    requests.push(post("/v1/redemptions", &from));
    let person = json!({ "kind": "person", "assurance": "aal2" });
    for (field, value) in [
        ("kind", json!(code)),
        ("tier", json!(code)),
        ("assurance", json!(code)),
        ("ial", json!(code)),
        ("owner", json!(code)),
        ("groups", json!([long])),
        ("groups", json!(code)),
        ("notification_addresses", json!([{ "channel": code, "address": "a" }])),
        ("notification_addresses", json!([{ "channel": "email", "address": long }])),
        (code, json!(1)),
    ] {
        let mut body = person.clone();
        body[field] = value;
        requests.push(("PUT", subject.clone(), body.to_string().into_bytes()));
    }
    requests
}

/// The code in paths and in query strings.
fn misplaced_in_paths(holder: &Holder, code: &str) -> Vec<Request> {
    let get = |path: String| ("GET", path, Vec::new());
    let escaped = url_encoded(code);
    let mut requests = Vec::new();
    for code in [code, &escaped] {
        for path in [
            format!("/{code}"),
            format!("/v1/{code}"),
            format!("/v1/subjects/{code}"),
            format!("/v1/subjects/{code}/timeline"),
            format!("/v1/log/receipts/{code}"),
            format!("/tlog/{code}"),
            format!("/tlog/tile/{code}"),
            format!("/tlog/tile/entries/{code}"),
            format!("/v1/inventory?subject={code}"),
            format!("/v1/inventory?tier={code}"),
            format!("/v1/inventory?state={code}"),
            format!("/v1/inventory?kind={code}"),
            format!("/v1/inventory?custody={code}"),
            format!("/v1/inventory?cursor={code}"),
            format!("/v1/inventory/export?format={code}"),
            format!("/v1/inventory/export?format=csv&tier={code}"),
            format!("/v1/inventory?expires_before={code}"),
            format!("/v1/inventory?{code}=1"),
            format!("/v1/log/entries?from={code}"),
            format!("/v1/log/entries?limit={code}"),
            format!("/v1/subjects/{}?code={code}", holder.name),
            format!("/v1/subjects/{}/timeline?cursor={code}", holder.name),
            format!("/v1/recoveries/{code}"),
            format!("/v1/recoveries?subject={code}"),
            format!("/v1/recoveries?state={code}"),
            format!("/v1/recoveries/burden?since={code}"),
            format!("/v1/exceptions?subject={code}"),
            format!("/v1/exceptions?cursor={code}"),
            format!("/v1/operators/{code}"),
            format!("/healthz?code={code}"),
        ] {
            requests.push(get(path));
        }
        requests.push(post(&format!("/v1/subjects/{code}/code-sets"), &issuing(&json!({}))));
        let event = json!({ "type": "device_lost" });
        requests.push(post(&format!("/v1/subjects/{code}/lifecycle-events"), &event));
        requests.push(post(&format!("/v1/code-sets/{code}/confirm"), &json!({ "code": code })));
        requests.push(post(&format!("/v1/code-sets/{code}/revoke"), &json!({ "reason": "lost" })));
        requests.push(post(&format!("/v1/keys/{code}/rotate"), &Value::Null));
        let redemptions = format!("/v1/redemptions?code={code}");
        requests.push(post(&redemptions, &Value::Null));
        requests.push(post(&format!("/v1/recoveries/{code}/cancel"), &Value::Null));
        let passkey = format!("/v1/operators/{}/passkeys/{code}", holder.name);
        requests.push(("DELETE", passkey, Vec::new()));
        requests.push(("DELETE", format!("/v1/api-keys/{code}"), Vec::new()));
        requests.push(("PATCH", format!("/v1/subjects/{code}"), Vec::new()));
        requests.push(("PUT", format!("/v1/subjects/{code}"), b"{".to_vec()));
    }
    requests
}

/// Bodies that are not what they should be, around the code.
fn broken_bodies(holder: &Holder, code: &str) -> Vec<Request> {
    let whole = attempt(&holder.name, code).to_string().into_bytes();
    let half = whole.iter().take(whole.len() - 20).copied().collect();
    let twice = format!("{{\"code\":\"{code}\",\"code\":\"{code}\"}}").into_bytes();
    let oversize = [whole.clone(), vec![b' '; 70_000]].concat();
    let bodies = [
        half,
        twice,
        oversize,
        code.as_bytes().to_vec(),
        format!("code={code}&subject={}", holder.name).into_bytes(),
        [b"{\"code\":\"", code.as_bytes(), b"\xff\xfe\"}"].concat(),
        [b"{\"code\":\"", code.as_bytes(), b"\\ud800\"}"].concat(),
        [vec![b'['; 200], code.as_bytes().to_vec()].concat(),
        [whole, code.as_bytes().to_vec()].concat(),
        code.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    let paths = ["/v1/redemptions".to_owned(), format!("/v1/code-sets/{}/confirm", holder.set)];
    let all = paths.iter().flat_map(|path| bodies.iter().map(move |body| (path, body)));
    all.map(|(path, body)| ("POST", path.clone(), body.clone())).collect()
}

/// The code in headers.
pub(crate) fn in_headers(code: &str) -> [(&'static str, String); 12] {
    [
        ("authorization", format!("Bearer {code}")),
        ("authorization", code.to_owned()),
        ("idempotency-key", code.to_owned()),
        ("idempotency-key", code.repeat(10)),
        ("cookie", format!("code={code}")),
        ("user-agent", code.to_owned()),
        ("referer", format!("https://example.org/?code={code}")),
        ("x-forwarded-for", code.to_owned()),
        ("x-request-id", code.to_owned()),
        ("traceparent", code.to_owned()),
        ("tracestate", format!("code={code}")),
        ("content-type", format!("application/json; code={code}")),
    ]
}
