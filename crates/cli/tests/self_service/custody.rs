//! `/self` asks again where codes are kept (B1), and takes the answer of their holder alone.

use glassbreak_testkit::http::{Answer, Failure};
use serde_json::{Value, json};

use crate::calls::{Place, Tested, issue, register};
use crate::person::{Person, hidden, led_to, link, logged};

/// Due a second after it was said.
const CONFIG: &str = "\
[tiers.standard]
custody_review = 1
";

const QUESTION: &str = "Are your codes still where you said you keep them: In a password manager?";

impl Person {
    async fn enter(&mut self, token: &str) -> Tested {
        let opened = self.send("/self/open", &[("token", token)]).await?;
        assert_eq!(led_to(&opened), "/self", "{}", opened.text());
        Ok(())
    }

    /// The first page, once `question` is on it.
    async fn asked(&mut self, question: &str) -> Result<Answer, Failure> {
        loop {
            let home = self.open("/self").await?;
            if home.status != 200 || home.text().contains(question) {
                assert_eq!(home.status, 200, "{}", home.text());
                return Ok(home);
            }
        }
    }
}

fn kept(custody: &str) -> Value {
    json!({ "custody": custody })
}

#[tokio::test]
async fn b1_a_holder_is_asked_where_the_codes_are_and_nobody_answers_for_them() -> Tested {
    let place = Place::new("custody")?;
    let server = place.start(CONFIG, "warn")?;
    let mut api = server.client()?;
    for name in ["ada", "eve"] {
        register(&mut api, name, "standard").await?;
    }
    issue(&mut api, "ada", &kept("password_manager")).await?;
    issue(&mut api, "eve", &json!({})).await?;
    let (mut ada, mut eve) = (Person::at(&server), Person::at(&server));
    ada.enter(&link(&mut api, "ada", &json!({})).await?).await?;
    eve.enter(&link(&mut api, "eve", &json!({})).await?).await?;
    let home = ada.asked(QUESTION).await?;
    let (csrf, set) = (hidden(&home, "csrf")?, hidden(&home, "set")?);

    // Eve, who never said where hers are, is asked too, and cannot answer for Ada.
    let hers = eve.asked("Where do you keep these codes?").await?;
    let fields = [("csrf", hidden(&hers, "csrf")?), ("set", set.clone())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let fields = [&fields[..], &[("place", "hardware")]].concat();
    let foreign = eve.send("/self/codes/custody", &fields).await?;
    assert_eq!(foreign.status, 404, "{}", foreign.text());
    assert_eq!(logged(&mut api, "ada", "code_set.declared").await?.len(), 0);

    // Nor may a page elsewhere, or a place be named that is none.
    let answer = |place| [("csrf", csrf.as_str()), ("set", set.as_str()), ("place", place)];
    let drawer = ada.send("/self/codes/custody", &answer("drawer")).await?;
    assert_ne!(drawer.status, 303, "{}", drawer.text());
    let url = format!("{}/self/codes/custody", ada.base);
    let elsewhere = [("origin", "https://evil.example")];
    assert_eq!(ada.send_from(&url, &elsewhere, &answer("hardware")).await?.status, 403);

    for place in ["password_manager", "sealed_offline_copy"] {
        let said = ada.send("/self/codes/custody", &answer(place)).await?;
        assert_eq!((said.status, led_to(&said).as_str()), (303, "/self?noted=1"));
    }
    let noted = ada.open("/self?noted=1").await?.text();
    assert!(noted.contains("It is noted where you keep your codes."), "{noted}");
    assert!(noted.contains("On paper, sealed, in a safe place"), "{noted}");
    let entries = logged(&mut api, "ada", "code_set.declared").await?;
    let places: Vec<_> = entries.iter().map(|entry| &entry["data"]["custody"]).collect();
    assert_eq!(places, ["password_manager", "sealed_offline_copy"]);
    assert_eq!(entries[0]["actor"]["kind"], "subject");
    let replayed = api.get("/v1/log/replay").await?;
    assert_eq!(replayed.status, 200, "{}", replayed.text());

    // Who may only look is not asked.
    let mut looking = Person::at(&server);
    let only = json!({ "purposes": ["view"] });
    looking.enter(&link(&mut api, "ada", &only).await?).await?;
    let seen = looking.open("/self").await?.text();
    assert!(!seen.contains("I cannot find them"), "{seen}");
    Ok(())
}
