//! Approvals as an operator's browser makes them (REG-29, F3): headless Chromium with its virtual
//! authenticator, against a server process.

use glassbreak_testkit::browser::{Browser, VirtualAuthenticator, empty_page};
use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, register};
use crate::common::{count, replays, timeline};

/// What a page does with the options of an enrolment, and with those of an approval.
const CREATE: &str = "(async (options) => (await navigator.credentials.create({ publicKey: \
    PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON())";
const GET: &str = "(async (options) => (await navigator.credentials.get({ publicKey: \
    PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON())";

/// An operator at a browser, on the page of the relying party.
struct Operator {
    name: &'static str,
    browser: Browser,
    key: VirtualAuthenticator,
}

impl Operator {
    async fn enrolled(
        client: &mut Client,
        name: &'static str,
        page: &str,
    ) -> Result<Self, Failure> {
        let browser = Browser::start()?;
        browser.open(page)?;
        let key = browser.add_authenticator()?;
        let operator = Self { name, browser, key };
        register(client, name, "standard").await?;
        let path = format!("/v1/operators/{name}");
        ok(&client.put(&path, &json!({ "duties": ["approve"] })).await?)?;
        let options = client.post(&format!("{path}/passkeys/options"), &json!({})).await?;
        let credential = operator.answer(CREATE, &ok(&options)?["options"])?;
        let body = json!({ "credential": credential });
        ok(&client.post(&format!("{path}/passkeys"), &body).await?)?;
        Ok(operator)
    }

    /// What the page makes of the options.
    fn answer(&self, ceremony: &str, options: &Value) -> Result<Value, Failure> {
        self.browser.evaluate(&format!("{ceremony}({options})"))
    }

    /// A signature over the case as it stands.
    async fn sign(&self, client: &mut Client, case: &str) -> Result<Value, Failure> {
        self.sign_word(client, case, "approve").await
    }

    /// The same, or one over a no to it.
    async fn sign_word(
        &self,
        client: &mut Client,
        case: &str,
        word: &str,
    ) -> Result<Value, Failure> {
        let whom = format!("approver={}&word={word}", self.name);
        let path = format!("/v1/recoveries/{case}/approvals/options?{whom}");
        let options = ok(&client.get(&path).await?)?["options"].clone();
        self.answer(GET, &options)
    }

    async fn approve(
        &self,
        client: &mut Client,
        case: &str,
        assertion: &Value,
    ) -> Result<Answer, Failure> {
        self.say(client, case, "approve", assertion).await
    }

    async fn say(
        &self,
        client: &mut Client,
        case: &str,
        word: &str,
        assertion: &Value,
    ) -> Result<Answer, Failure> {
        let body = json!({ "word": word, "approver": self.name, "assertion": assertion });
        client.post(&format!("/v1/recoveries/{case}/approvals"), &body).await
    }
}

fn ok(answer: &Answer) -> Result<Value, Failure> {
    if matches!(answer.status, 200 | 201) { Ok(answer.json()) } else { Err(answer.text().into()) }
}

async fn case(client: &mut Client, subject: &str) -> Result<String, Failure> {
    let body = json!({ "subject": subject, "agent": "sam", "cause": "phone_lost" });
    let opened = ok(&client.post("/v1/recoveries", &body).await?)?;
    let id = opened["recovery_id"].as_str().ok_or("no recovery")?.to_owned();
    let proofing = json!({ "type": "proofing", "agent": "sam", "level": "ial2",
        "checks": ["document"], "reference": "DOC-88" });
    ok(&client.post(&format!("/v1/recoveries/{id}/evidence"), &proofing).await?)?;
    Ok(id)
}

#[tokio::test]
async fn reg_29_chromium_approves_the_exact_case_on_our_page_by_a_verified_person_and_nothing_else()
-> Tested {
    let (page, foreign) = (empty_page()?, empty_page()?);
    let [page, foreign] = [page, foreign].map(|addr| format!("http://localhost:{}", addr.port()));
    let place = Place::new("passkeys")?;
    let config = format!(
        "[relying_party]\nid = \"localhost\"\norigins = [\"{page}\"]\n\
         [tiers.privileged.support]\nrisk_analysis = \"RA-2026-1\"\n"
    );
    let server = place.start(&config, "warn")?;
    let mut client = server.client()?;
    let root =
        json!({ "kind": "person", "tier": "privileged", "assurance": "aal2", "ial": "ial2" });
    ok(&client.put("/v1/subjects/root", &root).await?)?;
    register(&mut client, "sam", "standard").await?;
    ok(&client.put("/v1/operators/sam", &json!({ "duties": ["support"] })).await?)?;
    let lena = Operator::enrolled(&mut client, "lena", &page).await?;
    let (first, other) = (case(&mut client, "root").await?, case(&mut client, "root").await?);

    // Signed for another case, and for a state that this one has left since.
    let elsewhere = lena.sign(&mut client, &other).await?;
    let refused = lena.approve(&mut client, &first, &elsewhere).await?;
    assert!(refused.status >= 400, "wrong case: {}", refused.text());
    let early = lena.sign(&mut client, &first).await?;
    let again = json!({ "type": "second_verification", "agent": "sam", "check": "call_back",
        "reference": "CALL-12" });
    ok(&client.post(&format!("/v1/recoveries/{first}/evidence"), &again).await?)?;
    let refused = lena.approve(&mut client, &first, &early).await?;
    assert!(refused.status >= 400, "old challenge: {}", refused.text());

    // On a page of another origin the browser signs, with that origin in it.
    lena.browser.open(&foreign)?;
    let lured = lena.sign(&mut client, &first).await?;
    let refused = lena.approve(&mut client, &first, &lured).await?;
    assert!(refused.status >= 400, "foreign origin: {}", refused.text());
    lena.browser.open(&page)?;

    // Somebody else at the keyboard: the browser itself does not sign.
    lena.key.user_is_verified(false)?;
    let unverified = lena.sign(&mut client, &first).await;
    assert!(unverified.is_err_and(|error| error.to_string().contains("NotAllowedError")));
    lena.key.user_is_verified(true)?;

    let signed = lena.sign(&mut client, &first).await?;
    let approved = ok(&lena.approve(&mut client, &first, &signed).await?)?;
    let outstanding = approved["alternatives"].to_string();
    assert!(outstanding.contains("second_approval"), "one approval is not two: {approved}");
    let replayed = lena.approve(&mut client, &first, &signed).await?;
    assert!(replayed.status >= 400, "a replay: {}", replayed.text());

    // A no is a signature of its own: the approval does not pass for it.
    let as_no = lena.say(&mut client, &first, "decline", &signed).await?;
    assert_eq!(as_no.code(), "passkey_refused", "{}", as_no.text());
    let no = lena.sign_word(&mut client, &other, "decline").await?;
    let declined = ok(&lena.say(&mut client, &other, "decline", &no).await?)?;
    assert_eq!(declined["state"], "refused", "{declined}");

    let entries = timeline(&mut client, "root").await?;
    let given = ["recovery.approved", "recovery.declined"].map(|kind| count(&entries, kind));
    assert_eq!(given, [1, 1], "of all of these, one counted each");
    replays(&mut client).await?;
    Ok(())
}
