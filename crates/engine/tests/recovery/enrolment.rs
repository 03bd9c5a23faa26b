//! Links with which operators enrol their passkeys themselves (F3): good once, for minutes, and for
//! the one they were made for.

use super::*;

/// What a browser gives for the operator's options.
async fn made(desk: &Desk, who: &str, device: &str) -> String {
    let options = desk.engine.passkey_options(&name(who)).await.unwrap();
    let challenge = URL_SAFE_NO_PAD.decode(options["challenge"].as_str().unwrap()).unwrap();
    let mut passkey = Passkey::new(Kind::Es256, device).unwrap();
    passkey.create(&challenge, &Manner::honest(RP, ORIGIN)).unwrap().to_string()
}

async fn offered(desk: &Desk, who: &str) -> String {
    let applied = desk.engine.offer_enrolment(&caller(), &name(who)).await.unwrap();
    assert_eq!(applied.events().len(), 1, "an entry tells of it");
    applied.into_reply().token.to_string()
}

async fn enrol(desk: &Desk, token: &str, response: &str) -> Result<usize, &'static str> {
    let applied =
        desk.engine.enrol_as_offered(&Caller::visitor(), token, response.as_bytes()).await;
    applied.map(|applied| applied.reply().passkeys.len()).map_err(|error| error.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn f3_a_link_enrols_one_passkey_of_its_operator_within_minutes_and_no_other() {
    let desk = Desk::open().await;
    let (refused, anybody) = (Err("enrolment_refused"), Caller::visitor());
    let before = desk.engine.operator(&Reach::Everybody, &name("ann")).await.unwrap().unwrap();
    let before = before.appointment.passkeys.len();
    let link = offered(&desk, "ann").await;
    assert_eq!(desk.engine.offered_enrolment(&anybody, &link).await.unwrap(), Some(name("ann")));
    assert_eq!(desk.engine.offered_enrolment(&anybody, "another").await.unwrap(), None);
    // A passkey that was made for somebody else's name does not use the link up.
    let another = made(&desk, "bob", "another").await;
    assert_eq!(enrol(&desk, &link, &another).await, Err("passkey_refused"));
    let own = made(&desk, "ann", "own").await;
    assert_eq!(enrol(&desk, &link, &own).await, Ok(before + 1));
    let second = made(&desk, "ann", "second").await;
    assert_eq!(enrol(&desk, &link, &second).await, refused, "it is good once");

    let late = offered(&desk, "ann").await;
    desk.clock.advance(Seconds::minutes(15));
    assert_eq!(desk.engine.offered_enrolment(&anybody, &late).await.unwrap(), None);
    let second = made(&desk, "ann", "second").await;
    assert_eq!(enrol(&desk, &late, &second).await, refused, "its time is up");

    let gone = offered(&desk, "ann").await;
    desk.engine.appoint(&caller(), &name("ann"), Vec::new()).await.unwrap();
    assert_eq!(enrol(&desk, &gone, &second).await, refused, "who was dismissed enrols nothing");
    let none = desk.engine.offer_enrolment(&caller(), &name("ann")).await.err().unwrap();
    assert_eq!(none.code(), "operator_unknown");
    desk.engine.appoint(&caller(), &name("ann"), vec![Duty::Approve]).await.unwrap();
    desk.replays().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tries_links_from_one_place_is_heard_so_often() {
    let desk = Desk::open().await;
    let one = std::num::NonZeroU32::MIN;
    desk.engine.limit_sources(SourceLimit { per_second: one, burst: one });
    let from = |place: &str| Caller::visitor().from(Some(place.to_owned()));
    let here = from("192.0.2.7");
    assert_eq!(desk.engine.offered_enrolment(&here, "guess").await.unwrap(), None);
    let again = desk.engine.offered_enrolment(&here, "guess").await.err().unwrap();
    assert_eq!(again.code(), "busy");
    // Both calls are one budget, and it is this place's alone.
    let enrolled = desk.engine.enrol_as_offered(&here, "guess", b"{}").await.err().unwrap();
    assert_eq!(enrolled.code(), "busy");
    let there = from("192.0.2.8");
    assert_eq!(desk.engine.offered_enrolment(&there, "guess").await.unwrap(), None);
}
