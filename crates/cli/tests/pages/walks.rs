//! The five things that a stranger to the project does without docs, each as one run from the first
//! page to the last, sign-in included. What they press and fill is counted, and has to be what
//! `docs/WALKTHROUGHS.md` says; the seconds are printed for it, and nothing depends on them.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::code_set::{IssueReason, SetKind};
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::operation::issue::IssueRequest;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::operation::Registration;
use glassbreak_engine::{Caller, Clock as _, Engine, KeyFile, SystemClock, write_private};
use glassbreak_server::parse_config;
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::browser::{By, Options, Tab};
use glassbreak_testkit::http::Failure;
use glassbreak_testkit::{FakeClock, SeededEntropy};
use serde_json::json;

use crate::provider::Provider;
use crate::world::{ADA, ADMIN, BOB, NORA, RAE, ROOT, SAM, Tested, VERA, World, ok, register};

/// One run, and what it takes.
struct Walk {
    name: &'static str,
    presses: Cell<usize>,
    fields: Cell<usize>,
    began: Instant,
}

impl Walk {
    fn begin(name: &'static str) -> Self {
        Self { name, presses: Cell::new(0), fields: Cell::new(0), began: Instant::now() }
    }

    /// Presses a button, follows a link, ticks or picks.
    fn press(&self, tab: &Tab, by: impl Into<By>) -> Tested {
        self.presses.set(self.presses.get() + 1);
        tab.click(by)
    }

    fn choose(&self, tab: &Tab, by: impl Into<By>, option: &str) -> Tested {
        self.presses.set(self.presses.get() + 1);
        tab.choose(by, option)
    }

    fn fill(&self, tab: &Tab, by: impl Into<By>, text: &str) -> Tested {
        self.fields.set(self.fields.get() + 1);
        tab.fill(by, text)
    }

    /// Signs an operator in, from the page that everybody finds first.
    fn sign_in(&self, world: &World, tab: &Tab, who: &str) -> Tested {
        tab.open(&world.at("/"))?;
        self.press(tab, "a.card[href='/console']")?;
        self.fill(tab, By::label("API key"), world.key(who))?;
        self.press(tab, By::button("Sign in"))
    }

    /// What it took is what the page says.
    fn end(&self) -> Tested {
        let (name, presses, fields) = (self.name, self.presses.get(), self.fields.get());
        println!("{name}: {presses} presses, {fields} fields, {:.1?}", self.began.elapsed());
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/WALKTHROUGHS.md");
        let row = format!("| {name} | {presses} | {fields} | ");
        if fs::read_to_string(page)?.contains(&row) {
            return Ok(());
        }
        Err(format!("docs/WALKTHROUGHS.md has no row that begins with `{row}`").into())
    }
}

/// A server with mail, and an identity provider where people sign in and enrol anew.
async fn with_provider() -> Result<(World, Provider), Failure> {
    let provider = Provider::start()?;
    let issuer = &provider.issuer;
    let more = format!(
        "reenrol_url = '{issuer}/enrol'\nacr_assurance = {{ mfa = 'aal2', pwd = 'aal1' }}\n\
         [self_service.oidc]\nissuer = '{issuer}'\nclient_id = 'glassbreak-self'\n"
    );
    let world = World::with_mail_under(&more).await?;
    let base = world.at("");
    let how = json!({ "acr": "pwd", "key": world.key(ADMIN) });
    provider.configure_more(&base, &json!({}), &how).await?;
    Ok((world, provider))
}

#[tokio::test]
async fn make_a_set_and_print_it() -> Tested {
    let world = World::new().await?;
    let made = json!({ "session_assurance": "aal2" });
    let made = world.api()?.post(&format!("/v1/subjects/{BOB}/self-service-links"), &made).await?;
    let link = ok(&made)?["url"].as_str().ok_or("no url")?.to_owned();
    let bob = world.browser()?;
    let walk = Walk::begin("Make a set and print it");
    bob.open(&link)?;
    walk.press(&bob, By::button("Go on"))?;
    walk.press(&bob, By::link("Make recovery codes"))?;
    walk.press(&bob, By::text("On paper, put away"))?;
    walk.press(&bob, By::button("Show me my 10 codes"))?;
    assert_eq!(bob.count("ol.codes code")?, 10);
    walk.press(&bob, By::button("Sheet as PDF, A4"))?;
    walk.press(&bob, By::link("I have saved them"))?;
    assert!(bob.text("main")?.contains("Works"), "{}", bob.text("main")?);
    walk.end()
}

/// From the window to the end: the new phone at the provider, then the new codes.
fn finish(walk: &Walk, tab: &Tab, confirms: bool) -> Tested {
    walk.press(tab, By::button("Set it up now"))?;
    walk.press(tab, By::link("Make new codes"))?;
    walk.press(tab, By::text("On paper, put away"))?;
    walk.press(tab, By::button("Show me my 10 codes"))?;
    walk.press(tab, By::button("Sheet as PDF, A4"))?;
    if confirms {
        let number: usize = tab.value("input[name=number]")?.parse()?;
        let code = tab.texts("ol.codes code")?.into_iter().nth(number - 1).ok_or("no code")?;
        walk.fill(tab, "#last", code.rsplit('-').next().unwrap_or_default())?;
        walk.press(tab, By::button("Confirm"))?;
        return tab.wait_for(By::text("Works"));
    }
    walk.press(tab, By::link("I have saved them"))?;
    assert!(tab.text("main")?.contains("Works"), "{}", tab.text("main")?);
    Ok(())
}

#[tokio::test]
async fn lose_the_phone_and_get_back_in() -> Tested {
    let (world, _provider) = with_provider().await?;
    let ada = world.browser()?;
    let walk = Walk::begin("Lose the phone and get back in");
    ada.open(&world.at("/"))?;
    walk.press(&ada, By::text("Use a recovery code"))?;
    walk.press(&ada, By::link("Sign in with your organisation"))?;
    // The provider's own pages: who, and that this server may know.
    walk.fill(&ada, "input[name=login]", ADA)?;
    walk.fill(&ada, "input[name=password]", "of the tests")?;
    walk.press(&ada, "button[type=submit]")?;
    walk.press(&ada, "button[type=submit]")?;
    ada.wait_for(By::text("You are signed in as ada."))?;
    walk.fill(&ada, "#code", &world.sets[ADA].codes[0])?;
    walk.press(&ada, By::button("Get back in"))?;
    finish(&walk, &ada, false)?;
    ada.open(&world.at("/self/recovery"))?;
    assert_eq!(ada.text("h1")?, "You are back in");
    walk.end()
}

#[tokio::test]
async fn help_a_privileged_person_with_a_second_approver() -> Tested {
    let (world, _provider) = with_provider().await?;
    let mail = json!([{ "channel": "email", "address": "ruth@bank.example", "verified": true }]);
    let more = json!({ "tier": "privileged", "ial": "ial2", "notification_addresses": mail });
    register(&mut world.api()?, ROOT, &more).await?;
    let sam = world.browser()?;
    let (vera, nora, ruth) = (
        sam.new_profile(&Options::default())?,
        sam.new_profile(&Options::default())?,
        sam.new_profile(&Options::default())?,
    );
    let _keys = (world.enrol(&vera, VERA).await?, world.enrol(&nora, NORA).await?);
    let walk = Walk::begin("Help a privileged person with a second approver");
    walk.sign_in(&world, &sam, SAM)?;
    walk.press(&sam, "main a[href='/desk/new']")?;
    walk.fill(&sam, "#subject", ROOT)?;
    walk.press(&sam, By::text("My phone is lost, stolen or broken"))?;
    walk.press(&sam, By::button("Open the case"))?;
    walk.press(&sam, By::text("Identity document"))?;
    walk.fill(&sam, "#proofing-reference", "DOC-88")?;
    walk.press(&sam, By::button("Record the proof"))?;
    walk.press(&sam, By::text("Call back"))?;
    walk.fill(&sam, "#second-reference", "CALL-12")?;
    walk.press(&sam, By::button("Record the second verification"))?;
    for (tab, who) in [(&vera, VERA), (&nora, NORA)] {
        walk.sign_in(&world, tab, who)?;
        walk.press(tab, By::link(ROOT))?;
        walk.press(tab, By::button("Approve with passkey"))?;
        tab.wait_for(By::text("Your approval counts."))?;
    }
    // The page says what has changed once it is loaded again.
    sam.reload()?;
    walk.press(&sam, By::button("Send the code"))?;
    sam.wait_for("#step-release.done")?;
    let postbox = world.postbox.as_ref().ok_or("no postbox")?;
    let code = loop {
        let mail = postbox.next()?;
        let code = mail.text.lines().find_map(|line| line.strip_prefix("    "));
        if let Some(code) = code.filter(|_| mail.text.contains("recovery code is")) {
            break code.to_owned();
        }
    };
    ruth.open(&world.at("/"))?;
    walk.press(&ruth, By::text("Use a recovery code"))?;
    walk.fill(&ruth, By::label("Your account name"), ROOT)?;
    walk.fill(&ruth, "#code", &code)?;
    walk.press(&ruth, By::button("Get back in"))?;
    finish(&walk, &ruth, true)?;
    sam.reload()?;
    sam.wait_for("#step-closed.done")?;
    walk.end()
}

/// People whose sheets are older than a year.
const OLD: usize = 13;
/// Sheets live long enough to be that old.
const TWO_YEARS: &str = "[tiers.standard]\nlifetime = 63072000\n";

/// Fills a data directory with sheets that were made 400 days ago.
async fn long_ago(data: &Path) -> Tested {
    fs::create_dir_all(data)?;
    let entropy = SeededEntropy::new(13);
    let root = KeyFile(data.join("root.key")).root_key_or_new(&entropy)?;
    let options = glassbreak_store_sqlite::Options::default();
    let store = SqliteStore::open(&data.join("glassbreak.db"), &options)?;
    let then = Timestamp::from_millis(SystemClock.now().millis() - 400 * 24 * 3_600_000);
    let options = glassbreak_engine::Options {
        clock: Box::new(FakeClock::at(then)),
        entropy: Box::new(entropy),
        ..glassbreak_engine::Options::new(parse_config(TWO_YEARS)?.settings)
    };
    let engine = Engine::open(Arc::new(store), root, options).await?;
    let (key, by) = (engine.draw_api_key()?, Caller::embedder());
    write_private(&data.join("admin-key"), key.key.as_bytes())?;
    engine.create_api_key(&by, &key, "first admin key".to_owned(), Scope::ALL.to_vec()).await?;
    for number in 0..OLD {
        let name = SubjectRef::try_from(format!("old-{number}"))?;
        engine.register(&by, &name, Registration::person(Assurance::Aal2)).await?;
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: None,
            lifetime: Some(Seconds::days(700)),
            custody: None,
        };
        engine.issue(&by, &name, &request).await?;
    }
    engine.close().await;
    Ok(())
}

#[tokio::test]
async fn revoke_every_set_older_than_a_year() -> Tested {
    let world = World::after(TWO_YEARS, long_ago).await?;
    let rae = world.browser()?;
    let walk = Walk::begin("Revoke every set older than a year");
    walk.sign_in(&world, &rae, ADMIN)?;
    walk.press(&rae, By::link("Inventory"))?;
    walk.press(&rae, By::link("Older than a year"))?;
    walk.press(&rae, By::button("Revoke all that match…"))?;
    walk.press(&rae, "input[value=requested]")?;
    walk.fill(&rae, By::label(&format!("Type {OLD} to confirm")), &OLD.to_string())?;
    walk.press(&rae, By::button(&format!("Revoke {OLD} sets")))?;
    rae.wait_for(By::heading("Sets were revoked"))?;
    walk.end()?;
    let summary = ok(&world.api()?.get("/v1/inventory/summary").await?)?;
    assert_eq!(summary["by_state"]["revoked"], OLD, "the new ones are left: {summary}");
    Ok(())
}

#[tokio::test]
async fn contain_everything_and_lift_it() -> Tested {
    let world = World::new().await?;
    let rae = world.browser()?;
    let (vera, nora) =
        (rae.new_profile(&Options::default())?, rae.new_profile(&Options::default())?);
    let _keys = (world.enrol(&vera, VERA).await?, world.enrol(&nora, NORA).await?);
    let walk = Walk::begin("Contain everything and lift it");
    walk.sign_in(&world, &rae, RAE)?;
    walk.press(&rae, By::link("Containment"))?;
    walk.press(&rae, "input[name=scope][value=all]")?;
    walk.choose(&rae, By::label("Why"), "Codes were seen where they must not be")?;
    walk.press(&rae, "input[name=understood]")?;
    walk.press(&rae, By::button("Contain now"))?;
    let issue = json!({ "reason": "replacement", "session_assurance": "aal2" });
    let path = format!("/v1/subjects/{ADA}/code-sets");
    assert_eq!(world.api()?.post(&path, &issue).await?.status, 409, "nothing is issued");
    for (tab, who) in [(&vera, VERA), (&nora, NORA)] {
        walk.sign_in(&world, tab, who)?;
        walk.press(tab, By::link("Containment"))?;
        walk.press(tab, By::link("Everyone"))?;
        walk.press(tab, By::button("Approve that it is lifted"))?;
        tab.wait_for(By::text(&format!("{who} has approved")))?;
    }
    rae.reload()?;
    walk.press(&rae, By::button("Lift now"))?;
    assert!(rae.text("main")?.contains("It was lifted"), "{}", rae.text("main")?);
    walk.end()?;
    ok(&world.api()?.post(&path, &issue).await?).map(drop)
}
