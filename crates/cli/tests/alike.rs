//! C9: nobody can tell from a refusal why it was one. Unknown subject, wrong code, spent, expired,
//! revoked, superseded, disabled, unconfirmed, suspended and departed have one status, one body,
//! one set of headers and one onset of the throttle; and the time they take is measured.
//!
//! Time is not asserted here: it depends on the machine. The table is printed by
//!
//! ```text
//! GLASSBREAK_SAMPLES=2000 cargo test -p glassbreak --test alike -- --nocapture
//! ```
//!
//! with Welch's t of each reason against the wrong code (dudect's bound is 4.5).

#![cfg(test)]

#[path = "regression/calls.rs"]
mod calls;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use calls::{Place, Shown, Tested, attempt, issue, redeem, register};
use glassbreak_testkit::http::{Answer, Client, Failure};
use glassbreak_testkit::seed;
use serde_json::{Value, json};

/// How many refusals a subject gives before it has to wait, and before its live set is disabled.
/// Eight of them are measured.
const CONFIG: &str = "\
[throttle]
free = 10
disable_at = 9
wait_first = 86400
wait_max = 86400
[source_limit]
per_second = 100000
burst = 100000
[tiers.standard]
issue_limit = { sets = 100, period = 3600 }
[tiers.privileged]
kinds = [\"saved\"]
profiles = [\"strong\", \"compact\"]
issue_limit = { sets = 100, period = 3600 }
";

/// Refusals measured on each subject.
const EACH: usize = 8;

/// Why an attempt is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Wrong,
    Unknown,
    Spent,
    Expired,
    Revoked,
    Superseded,
    Disabled,
    Unconfirmed,
    Suspended,
    Departed,
    /// A code that is wrong in the same way, once more: how far apart two alike things are.
    WrongAgain,
}

const REASONS: [Reason; 11] = [
    Reason::Wrong,
    Reason::Unknown,
    Reason::Spent,
    Reason::Expired,
    Reason::Revoked,
    Reason::Superseded,
    Reason::Disabled,
    Reason::Unconfirmed,
    Reason::Suspended,
    Reason::Departed,
    Reason::WrongAgain,
];

/// A subject, and a code of which it is refused.
struct Refused {
    subject: String,
    code: String,
    /// The second the code expires in, if time has to pass first.
    ripe_at: Option<Instant>,
}

/// Makes a subject on which a code is refused for `reason`. `other` is a code of somebody else's.
async fn prepare(
    client: &mut Client,
    reason: Reason,
    subject: String,
    profile: &str,
    other: &str,
) -> Result<Refused, Failure> {
    let tier = if reason == Reason::Unconfirmed { "privileged" } else { "standard" };
    let mut how = json!({ "profile": profile, "count": 2 });
    if reason == Reason::Expired {
        how["lifetime_seconds"] = json!(1);
    }
    if reason == Reason::Unknown {
        return Ok(Refused { subject, code: other.to_owned(), ripe_at: None });
    }
    register(client, &subject, tier).await?;
    let Shown { set, codes } = issue(client, &subject, &how).await?;
    let mut refused = Refused { subject, code: codes[0].clone(), ripe_at: None };
    let subject = &refused.subject;
    let lifecycle = format!("/v1/subjects/{subject}/lifecycle-events");
    match reason {
        Reason::Wrong | Reason::WrongAgain => refused.code = other.to_owned(),
        Reason::Unknown | Reason::Unconfirmed => {}
        Reason::Spent => accepted(&redeem(client, subject, &codes[0]).await?)?,
        Reason::Expired => refused.ripe_at = Some(Instant::now() + Duration::from_secs(1)),
        Reason::Revoked => {
            let path = format!("/v1/code-sets/{set}/revoke");
            client.post(&path, &json!({ "reason": "requested" })).await?;
        }
        Reason::Superseded => drop(issue(client, subject, &how).await?),
        Reason::Disabled => {
            // Nine failures disable the set; a code of a new one clears the count.
            for _ in 0..9 {
                redeem(client, subject, other).await?;
            }
            let new = issue(client, subject, &how).await?;
            accepted(&redeem(client, subject, &new.codes[0]).await?)?;
        }
        Reason::Suspended => {
            drop(client.post(&lifecycle, &json!({ "type": "risk_raised" })).await?);
        }
        Reason::Departed => {
            drop(client.post(&lifecycle, &json!({ "type": "subject_left" })).await?);
        }
    }
    Ok(refused)
}

fn accepted(answer: &Answer) -> Tested {
    if answer.json()["outcome"] == "accepted" { Ok(()) } else { Err(answer.text().into()) }
}

/// Why the log says that attempts on a subject were refused. The caller is not told.
async fn logged(client: &mut Client, subject: &str) -> Result<Vec<String>, Failure> {
    let path = format!("/v1/subjects/{subject}/timeline?limit=1000");
    let timeline = client.get(&path).await?.json();
    let entries = timeline["items"].as_array().into_iter().flatten();
    let data = entries.map(|entry| &entry["entry"]["data"]["why"]);
    Ok(data.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// A server, and a code that is nobody's whom the tests ask about.
async fn begin(
    label: &str,
    profile: &str,
) -> Result<(Place, glassbreak_testkit::server::TestServer, String), Failure> {
    let place = Place::new(label)?;
    let server = place.start(CONFIG, "warn")?;
    let mut client = server.client()?;
    register(&mut client, "somebody", "standard").await?;
    let shown = issue(&mut client, "somebody", &json!({ "profile": profile, "count": 1 })).await?;
    let other = shown.codes.first().cloned().ok_or("no code")?;
    Ok((place, server, other))
}

/// Everything of an answer but its moment.
fn face(answer: &Answer) -> (u16, BTreeMap<String, Vec<u8>>, Vec<u8>) {
    // Of every answer another: the moment, and which answer it is.
    let own = |name: &str| matches!(name, "date" | "x-request-id");
    let headers = answer.headers.iter().filter(|(name, _)| !own(name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
    (answer.status, headers.collect(), answer.bytes.clone())
}

#[tokio::test]
async fn every_refusal_has_one_status_one_body_and_one_set_of_headers() -> Tested {
    for profile in ["strong", "compact"] {
        let (_place, server, other) = begin("alike", profile).await?;
        let mut client = server.client()?;
        let mut prepared = Vec::new();
        for reason in REASONS {
            let subject = format!("ada-{reason:?}");
            prepared.push((reason, prepare(&mut client, reason, subject, profile, &other).await?));
        }
        let mut faces = Vec::new();
        for (reason, refused) in &prepared {
            ripen(refused).await;
            for role in ["second_factor", "account_recovery"] {
                for presented in [json!(["password"]), json!([])] {
                    let mut body = attempt(&refused.subject, &refused.code);
                    (body["role"], body["presented"]) = (role.into(), presented);
                    let answer = client.post("/v1/redemptions", &body).await?;
                    assert_eq!(answer.code(), "not_accepted", "{reason:?}: {}", answer.text());
                    faces.push((*reason, face(&answer)));
                }
            }
        }
        for (reason, face) in &faces {
            assert_eq!(*face, faces[0].1, "{reason:?}");
        }
        // They were refused for what they were meant to be refused for. Stretched codes are not
        // tried on sets that are dead: there they match nothing, once that is written down.
        for (reason, refused) in &prepared {
            let why = logged(&mut client, &refused.subject).await?;
            let expected = match reason {
                Reason::Wrong | Reason::WrongAgain => "no_match",
                // A stranger has no timeline to look at.
                Reason::Unknown => continue,
                Reason::Spent => "code_spent",
                Reason::Expired => "set_expired",
                Reason::Revoked => "set_revoked",
                Reason::Superseded => "set_superseded",
                Reason::Disabled => "set_disabled",
                Reason::Unconfirmed => "set_unconfirmed",
                Reason::Suspended => "subject_suspended",
                Reason::Departed => "subject_departed",
            };
            let stretched = |why: &str| profile == "compact" && why == "no_match";
            let fits = |why: &String| why == expected || stretched(why);
            assert!(why.iter().rev().take(4).all(fits), "{reason:?}: {why:?}");
        }
    }
    Ok(())
}

/// Waits until a code that is to be expired is.
async fn ripen(refused: &Refused) {
    if let Some(at) = refused.ripe_at {
        tokio::time::sleep_until(at.into()).await;
    }
}

#[tokio::test]
async fn the_throttle_sets_in_at_the_same_attempt_and_looks_the_same_for_everyone() -> Tested {
    for profile in ["strong", "compact"] {
        let (_place, server, other) = begin("alike-throttle", profile).await?;
        let mut client = server.client()?;
        let mut expected = None;
        // Stretching takes its time: of the compact ones, those that differ most.
        let apart = [Reason::Wrong, Reason::Unknown, Reason::Suspended, Reason::Departed];
        let reasons = if profile == "compact" { &apart[..] } else { &REASONS };
        for reason in reasons.iter().copied() {
            let subject = format!("ada-{reason:?}");
            let refused = prepare(&mut client, reason, subject, profile, &other).await?;
            ripen(&refused).await;
            let mut course = Vec::new();
            for _ in 0..15 {
                let answer = redeem(&mut client, &refused.subject, &refused.code).await?;
                let (status, mut headers, bytes) = face(&answer);
                // The seconds that are left are the one thing that goes on.
                let left = headers.remove("retry-after");
                let mut body: Value = serde_json::from_slice(&bytes)?;
                if let Some(body) = body.as_object_mut() {
                    let told = body.remove("retry_after_seconds");
                    let told = told.map(|told| told.to_string().into_bytes());
                    assert_eq!(told, left, "{reason:?}");
                }
                headers.remove("content-length");
                course.push((status, headers, body, left.map(|left| left.len())));
            }
            let statuses: Vec<u16> = course.iter().map(|(status, ..)| *status).collect();
            assert_eq!(statuses, [[401; 11].as_slice(), &[429; 4]].concat(), "{reason:?}");
            let expected = expected.get_or_insert_with(|| course.clone());
            assert_eq!(course, *expected, "{reason:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_times_that_refusals_take_are_measured() -> Tested {
    let seed = seed();
    println!("{seed}");
    let asked = std::env::var("GLASSBREAK_SAMPLES").ok().and_then(|text| text.parse().ok());
    let samples: usize = asked.unwrap_or(EACH * 2);
    // A stretched code takes as long as ten keyed ones.
    for (profile, samples) in [("strong", samples), ("compact", (samples / 10).max(EACH))] {
        let (_place, server, other) = begin("alike-time", profile).await?;
        let mut client = server.client()?;
        let entropy = seed.entropy();
        let mut times: BTreeMap<(Reason, bool), Vec<f64>> = BTreeMap::new();
        // A block is a subject of each reason. All are prepared before the first is measured.
        let mut blocks = Vec::new();
        for block in 0..samples.div_ceil(EACH) {
            let mut prepared = Vec::new();
            for reason in REASONS {
                let subject = format!("ada-{reason:?}-{block}");
                let refused = prepare(&mut client, reason, subject, profile, &other).await?;
                prepared.push((reason, refused));
            }
            blocks.push(prepared);
        }
        // Eight attempts on each, then three that are not measured, then eight that come too early.
        // Within a block all reasons take turns, in a new order each time.
        for mut block in blocks {
            for (_, refused) in &block {
                ripen(refused).await;
            }
            for number in 0..EACH + 3 + EACH {
                for last in (1..block.len()).rev() {
                    block.swap(last, entropy.below(last + 1));
                }
                for (reason, refused) in &block {
                    let body = attempt(&refused.subject, &refused.code);
                    let begun = Instant::now();
                    let answer = client.post("/v1/redemptions", &body).await?;
                    let took = begun.elapsed().as_secs_f64() * 1e6;
                    let throttled = answer.status == 429;
                    assert_eq!(throttled, number >= EACH + 3, "{reason:?}: {}", answer.text());
                    if number < EACH || throttled {
                        times.entry((*reason, throttled)).or_default().push(took);
                    }
                }
            }
        }
        report(profile, &times);
    }
    Ok(())
}

/// Mean, standard deviation, and number.
#[derive(Clone, Copy)]
struct Moments {
    mean: f64,
    variance: f64,
    count: f64,
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 samples")]
fn moments(times: &[f64]) -> Moments {
    let count = times.len() as f64;
    let mean = times.iter().sum::<f64>() / count;
    let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Moments { mean, variance, count }
}

/// Welch's t: how far apart two means are, in standard errors.
fn welch(one: Moments, other: Moments) -> f64 {
    let error = one.variance / one.count + other.variance / other.count;
    (one.mean - other.mean) / error.sqrt()
}

/// The times below the given share of all, so that a pause of the machine is not the result.
fn cropped(times: &[f64], percent: usize) -> Vec<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.truncate((sorted.len() * percent / 100).max(2));
    sorted
}

fn report(profile: &str, times: &BTreeMap<(Reason, bool), Vec<f64>>) {
    for (throttled, title) in [(false, "refused (401)"), (true, "throttled (429)")] {
        let all = |reason| times.get(&(reason, throttled)).map_or(&[][..], Vec::as_slice);
        let wrong = all(Reason::Wrong);
        println!("\n{profile}, {title}, {} samples each; times in microseconds", wrong.len());
        println!(
            "{:<12} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8}",
            "reason", "mean", "median", "p95", "s.d.", "t", "t < p90"
        );
        for reason in REASONS {
            let own = all(reason);
            let sorted = cropped(own, 100);
            let at = |percent: usize| sorted.get(sorted.len() * percent / 100).copied();
            let here = moments(own);
            let whole = welch(here, moments(wrong));
            let crop = welch(moments(&cropped(own, 90)), moments(&cropped(wrong, 90)));
            println!(
                "{:<12} {:>9.0} {:>9.0} {:>9.0} {:>9.0} {whole:>8.2} {crop:>8.2}",
                format!("{reason:?}"),
                here.mean,
                at(50).unwrap_or(0.0),
                at(95).unwrap_or(0.0),
                here.variance.sqrt(),
            );
        }
    }
}
