//! What is going on at the bank when the pictures are taken: over HTTP, at the real server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_testkit::http::{Client, Failure};
use glassbreak_testkit::passkey::Manner;
use glassbreak_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::past::{Past, ok, word};
use crate::people;

/// The bank as it is now.
pub(crate) struct Today {
    /// Where its pages are.
    pub(crate) base: String,
    /// The key that may do everything.
    pub(crate) admin: String,
    /// What was before.
    pub(crate) past: Past,
    /// A privileged person's case, in which one of two approvals is given.
    pub(crate) case: String,
    /// The person whose case it is.
    pub(crate) in_need: &'static str,
    /// Somebody who has a sheet and a code left to use.
    pub(crate) holder: (&'static str, String),
    /// What lets a person in to make a new sheet; none if there is no such thing.
    pub(crate) link: Option<String>,
}

/// Has it happen.
pub(crate) async fn happen(server: &TestServer, mut past: Past) -> Result<Today, Failure> {
    let base = format!("http://localhost:{}", server.addr().port());
    let mut api = server.client()?;
    let privileged = people::of("privileged");
    let in_need = privileged.last().ok_or("nobody is privileged")?.name;
    let case = open_case(&mut api, in_need).await?;
    approve(&mut api, &mut past, &case, &base).await?;
    let staff = people::of("standard");
    let mut free = staff.iter().rev().filter(|person| past.sheets.contains_key(person.name));
    let [guessed, phoned, renewing] =
        [(); 3].map(|()| free.next().map_or("", |person| person.name));
    // One code alone lets in whom a password alone lets in.
    let mut holder = free.filter(|person| person.assurance == "aal1");
    let holder = holder.next().map_or("", |person| person.name);
    let waiting = json!({ "subject": phoned, "agent": "sam.lee", "cause": "phone_lost" });
    ok(&api.post("/v1/recoveries", &waiting).await?)?;
    guess(&mut api, &past, guessed).await?;
    let code = past.sheets.get(holder).and_then(|(_, codes)| codes.last()).cloned();
    let link = json!({ "session_assurance": "aal2" });
    let path = format!("/v1/subjects/{renewing}/self-service-links");
    let link = api.post(&path, &link).await?;
    let link = (link.status < 300).then(|| word(&link.json(), "/url"));
    let admin = server.admin_key()?;
    let holder = (holder, code.ok_or("no code is left")?);
    Ok(Today { base, admin, past, case, in_need, holder, link })
}

async fn open_case(api: &mut Client, subject: &str) -> Result<String, Failure> {
    let case = json!({ "subject": subject, "agent": "sam.lee", "cause": "phone_lost" });
    let case = word(&ok(&api.post("/v1/recoveries", &case).await?)?, "/recovery_id");
    for evidence in [
        json!({ "type": "proofing", "agent": "sam.lee", "level": "ial2", "checks": ["document"],
            "reference": "DOC-4711" }),
        json!({ "type": "second_verification", "agent": "sam.lee", "check": "call_back",
            "reference": "CALL-0815" }),
    ] {
        ok(&api.post(&format!("/v1/recoveries/{case}/evidence"), &evidence).await?)?;
    }
    Ok(case)
}

async fn approve(
    api: &mut Client,
    past: &mut Past,
    case: &str,
    origin: &str,
) -> Result<(), Failure> {
    const WHO: &str = "vera.brandt";
    let path = format!("/v1/recoveries/{case}/approvals");
    let asked = format!("{path}/options?approver={WHO}&word=approve");
    let asked = ok(&api.get(&asked).await?)?;
    let challenge = URL_SAFE_NO_PAD.decode(word(&asked, "/options/challenge"))?;
    let passkey = past.passkeys.get_mut(WHO).ok_or("no passkey")?;
    let assertion = passkey.get(&challenge, &Manner::honest("localhost", origin))?;
    let body = json!({ "word": "approve", "approver": WHO, "assertion": assertion });
    ok(&api.post(&path, &body).await?).map(drop)
}

/// Codes of somebody else, until the server has enough of it.
async fn guess(api: &mut Client, past: &Past, subject: &str) -> Result<(), Failure> {
    let others = past.sheets.iter().filter(|(name, _)| **name != subject);
    let codes: Vec<&String> = others.filter_map(|(_, (_, codes))| codes.first()).take(8).collect();
    for (number, code) in codes.into_iter().enumerate() {
        let body: Value = json!({
            "redemption_id": format!("5eed0000-0000-4000-8001-{number:012}"),
            "subject": subject, "code": code, "role": "account_recovery",
            "presented": ["password"],
        });
        api.post("/v1/redemptions", &body).await?;
    }
    Ok(())
}
