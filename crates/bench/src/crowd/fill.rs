//! Filling a crowd: who there is, their sets, their recoveries, and the alerts about them, each at
//! its time.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use glassbreak_core::access::{Rights, Scope};
use glassbreak_core::code_set::{IssueReason, Profile, RevokeReason, SetKind};
use glassbreak_core::event::{AlertLevel, RuleAlert};
use glassbreak_core::id::{EventId, RecoveryId, SubjectId, SubjectRef};
use glassbreak_core::operation::issue::{IssueRequest, Reply};
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::{Cause, EndReason, Reference};
use glassbreak_core::settings::{Settings, Support};
use glassbreak_core::subject::{Assurance, Proofing, Tier};
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_engine::operation::{Opening, Registration};
use glassbreak_engine::{
    Caller, Clock, Engine, Error, KeyFile, Options, SystemClock, SystemEntropy, write_private,
};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::FakeClock;
use serde_json::Value;

use super::{Size, known};

/// How many subjects are filled in at once.
const PEOPLE_AT_ONCE: usize = 256;
/// How many recoveries.
const CASES_AT_ONCE: usize = 32;
/// How many codes are remembered, each of another subject.
const CODES: usize = 20_000;
/// Who opens the cases; the first of them opens every fourth.
const AGENTS: [&str; 6] =
    ["agent-sam", "agent-ida", "agent-kim", "agent-leo", "agent-mia", "agent-tom"];
/// What the alerts are called.
const RULES: [&str; 5] =
    ["many_refusals", "case_after_refusals", "agent_opens_many", "old_code_used", "canary_used"];
const LEVELS: [AlertLevel; 4] =
    [AlertLevel::Low, AlertLevel::Medium, AlertLevel::High, AlertLevel::Critical];

/// The name of a subject.
pub(super) fn name(number: usize) -> String {
    format!("person-{number:07}")
}

/// What fills.
struct Filler {
    engine: Engine,
    clock: FakeClock,
    now: Timestamp,
    size: Size,
}

/// Fills the directory; what is known then.
pub(super) async fn run(directory: &Path, size: Size) -> Result<Value> {
    let now = SystemClock.now();
    let clock = FakeClock::at(now.minus(Seconds::days(430)));
    let root = KeyFile(directory.join("root.key")).root_key_or_new(&SystemEntropy::default())?;
    let store = SqliteStore::open(
        &directory.join("glassbreak.db"),
        &glassbreak_store_sqlite::Options::default(),
    )?;
    let options = Options { clock: Box::new(clock.clone()), ..Options::new(settings()?) };
    let engine = Engine::open(Arc::new(store), root, options).await?;
    let filler = Arc::new(Filler { engine, clock, now, size });
    let sam = filler.operators(directory).await?;
    // One after the other: the clock only goes forward.
    people(&filler, 0..size.old).await?;
    let codes = people(&filler, size.old..size.subjects).await?;
    eprintln!("   their recoveries");
    let opened = recoveries(&filler).await?;
    // An event of now, which the readers of the log have to reach.
    filler.clock.set(filler.now);
    filler.register(size.subjects, "standard").await?;
    filler.engine.close().await;
    let of = |place: usize| opened.get(place).context("too few recoveries");
    let (case, own) = (of(size.ended)?, of(size.ended + 3)?);
    let pairs = vec![
        ("sam", sam),
        ("case", case.id.to_string()),
        ("case_subject", name(filler.whose(size.ended))),
        ("recovery", own.id.to_string()),
    ];
    Ok(known(pairs, &codes))
}

/// As the configuration of the servers has them.
fn settings() -> Result<Settings> {
    let mut settings = Settings::defaults();
    let reference = Reference::try_from("RA-2026-1".to_owned())?;
    for (tier, of) in &mut settings.tiers {
        if tier.as_str() == "standard" {
            of.lifetime = Seconds::days(730);
        }
        if tier.as_str() != "service" {
            of.support = Some(Support { risk_analysis: reference.clone() });
        }
    }
    Ok(settings)
}

/// An opened recovery.
#[derive(Clone)]
struct Opened {
    id: RecoveryId,
    subject: SubjectId,
    events: Vec<EventId>,
}

impl Filler {
    /// The moment so far between two, each so many seconds before now.
    fn at(&self, (from, to): (u32, u32), part: usize, whole: usize) {
        let gone = u64::from(from - to) * part as u64 / whole.max(1) as u64;
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        self.clock.set(self.now.minus(Seconds(from)).plus(Seconds(gone)));
    }

    /// Whose the recovery of this number is. Each is of another subject.
    const fn whose(&self, number: usize) -> usize {
        (number * 47 + 11) % self.size.subjects
    }

    async fn register(&self, number: usize, tier: &str) -> Result<SubjectRef> {
        let reference = SubjectRef::try_from(name(number))?;
        let registration = Registration {
            tier: Tier::try_from(tier.to_owned())?,
            ial: if number.is_multiple_of(3) { Proofing::Ial2 } else { Proofing::None },
            groups: vec![format!("unit-{:02}", number % 40)],
            ..Registration::person(Assurance::Aal2)
        };
        self.engine.register(&Caller::embedder(), &reference, registration).await?;
        Ok(reference)
    }

    /// Agents with their duty, the first key, and a key of the first agent's own.
    async fn operators(&self, directory: &Path) -> Result<String> {
        let caller = Caller::embedder();
        let new = self.engine.draw_api_key()?;
        write_private(&directory.join("admin-key"), new.key.as_bytes())?;
        let all = Scope::ALL.to_vec();
        self.engine.create_api_key(&caller, &new, "first admin key".to_owned(), all).await?;
        let mut first = None;
        for agent in AGENTS {
            let reference = SubjectRef::try_from(agent.to_owned())?;
            let person = Registration::person(Assurance::Aal2);
            self.engine.register(&caller, &reference, person).await?;
            self.engine.appoint(&caller, &reference, vec![Duty::Support, Duty::Approve]).await?;
            if first.is_none() {
                first = Some(self.engine.appointed(&caller, &reference).await?);
            }
        }
        let new = self.engine.draw_api_key()?;
        let rights = Rights {
            scopes: vec![Scope::Support, Scope::Approve],
            groups: Vec::new(),
            operator: first,
        };
        self.engine.create_api_key(&caller, &new, "sam".to_owned(), rights).await?;
        Ok(new.key.to_string())
    }

    /// One subject with what it has; a code of it that works, if it has one.
    async fn one(&self, number: usize) -> Result<Option<String>> {
        let is_old = number < self.size.old;
        if is_old {
            let long_ago = (Seconds::days(425).0, Seconds::days(370).0);
            self.at(long_ago, number, self.size.old);
        } else {
            let since = (Seconds::days(360).0, Seconds::days(61).0);
            self.at(since, number - self.size.old, self.size.subjects - self.size.old);
        }
        let privileged = !is_old && number.is_multiple_of(33);
        let tier = if privileged { "privileged" } else { "standard" };
        let reference = self.register(number, tier).await?;
        if !is_old && number % 20 >= 14 {
            return Ok(None);
        }
        let mut code = self.issue(&reference, IssueReason::Enrolment).await?;
        if is_old {
            return Ok(None);
        }
        if number % 25 == 3 {
            code = self.issue(&reference, IssueReason::Replacement).await?;
        }
        let (set, code) = code;
        if privileged && number.is_multiple_of(66) {
            let confirmed = self.engine.confirm(&Caller::embedder(), set, &code).await;
            // The clock is everybody's: in a small crowd it may have gone past the time for it.
            if !matches!(confirmed, Ok(_) | Err(Error::Denied(_))) {
                confirmed?;
            }
        } else if number % 50 == 7 {
            self.engine.revoke(&Caller::embedder(), set, RevokeReason::Requested).await?;
            return Ok(None);
        }
        Ok((!privileged).then_some(code))
    }

    async fn issue(
        &self,
        reference: &SubjectRef,
        reason: IssueReason,
    ) -> Result<(glassbreak_core::id::SetId, String)> {
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason,
            session_assurance: Assurance::Aal2,
            profile: Some(Profile::Strong),
            count: None,
            lifetime: None,
            custody: None,
        };
        match self.engine.issue(&Caller::embedder(), reference, &request).await?.into_reply() {
            Reply::Shown { set, codes, .. } => {
                let code = codes.first().context("a set without codes")?;
                Ok((set.id, code.expose_display().as_str().to_owned()))
            }
            Reply::ShownBefore { .. } => bail!("a set was shown before"),
            Reply::Refused(refusal) => bail!("no set for {}: {refusal:?}", reference.as_str()),
        }
    }

    /// One recovery: those before [`Size::ended`] have ended, or time has ended them by now.
    async fn recovery(&self, number: usize) -> Result<Opened> {
        let Size { ended, live, .. } = self.size;
        if number < ended {
            self.at((Seconds::days(60).0, Seconds::days(8).0), number, ended);
        } else {
            self.at((Seconds::days(6).0, Seconds::minutes(5).0), number - ended, live);
        }
        let is_own = number >= ended && (number - ended) % 4 == 3;
        let place = if number.is_multiple_of(4) { 0 } else { 1 + number % (AGENTS.len() - 1) };
        let agent = AGENTS.get(place).filter(|_| !is_own);
        let agent = agent.map(|agent| SubjectRef::try_from((*agent).to_owned())).transpose()?;
        let cause = Cause::ALL.iter().copied().filter(|cause| *cause != Cause::Emergency);
        let opening = Opening {
            agent,
            cause: cause.cycle().nth(number % 5).context("no cause")?,
            requester: None,
            reference: None,
            bundle: None,
        };
        let subject = SubjectRef::try_from(name(self.whose(number)))?;
        let caller = Caller::embedder();
        let applied = self.engine.open_recovery(&caller, &subject, &opening).await?;
        let events = applied.events().to_vec();
        let recovery = applied.into_reply().recovery;
        if number < ended && number % 5 < 3 {
            let why = Some(EndReason::NoNeed);
            self.engine.cancel(&caller, recovery.id, why).await?;
        }
        let opened = Opened { id: recovery.id, subject: recovery.subject, events };
        self.alert(number, &opened).await?;
        Ok(opened)
    }

    /// An alert about the subject of some of them.
    async fn alert(&self, number: usize, opened: &Opened) -> Result<()> {
        let Size { ended, live, alerts, .. } = self.size;
        let (before, after) =
            (number * alerts / (ended + live), (number + 1) * alerts / (ended + live));
        if before == after {
            return Ok(());
        }
        let rule = RuleAlert {
            name: (*RULES.get(after % RULES.len()).context("no rule")?).to_owned(),
            level: *LEVELS.get(after % LEVELS.len()).context("no level")?,
            reasons: vec!["Many attempts for one subject. 12 in 10 minutes.".to_owned()],
            entries: opened.events.clone(),
        };
        self.engine.raise_alert(Some(opened.subject), rule).await?;
        Ok(())
    }
}

/// The people of these numbers; codes of the youngest of all.
async fn people(filler: &Arc<Filler>, numbers: Range<usize>) -> Result<Vec<(String, String)>> {
    let (next, mut tasks) = (Arc::new(AtomicUsize::new(numbers.start)), Vec::new());
    let (end, all) = (numbers.end, filler.size.subjects);
    for _ in 0..PEOPLE_AT_ONCE {
        let (filler, next) = (Arc::clone(filler), Arc::clone(&next));
        tasks.push(tokio::spawn(async move {
            let mut codes = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return Ok::<_, anyhow::Error>(codes);
                }
                if number % 100_000 == 0 && number > 0 {
                    eprintln!("   {number}");
                }
                let code = filler.one(number).await?;
                if number + CODES * 2 >= all {
                    codes.extend(code.map(|code| (name(number), code)));
                }
            }
        }));
    }
    let mut codes = Vec::new();
    for task in tasks {
        codes.extend(task.await.context("filling ended badly")??);
    }
    codes.truncate(CODES);
    Ok(codes)
}

/// All recoveries in their order, with the alerts.
async fn recoveries(filler: &Arc<Filler>) -> Result<Vec<Opened>> {
    let count = filler.size.ended + filler.size.live;
    let mut opened = Vec::with_capacity(count);
    while opened.len() < count {
        let first = opened.len();
        let some = first..count.min(first + CASES_AT_ONCE);
        let tasks = some.map(|number| {
            let filler = Arc::clone(filler);
            tokio::spawn(async move { filler.recovery(number).await })
        });
        for task in tasks.collect::<Vec<_>>() {
            opened.push(task.await.context("filling ended badly")??);
        }
    }
    Ok(opened)
}
