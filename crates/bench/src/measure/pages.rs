//! What each page takes of a server with very many subjects, in turns with one of a thousand, and
//! what a revocation of many sets does to the others who ask ([`bulk`](super::bulk)).
//!
//! Times on a machine that does other things as well say little. The processor time that the server
//! takes for an answer, and how much more it is than with a thousand subjects, say more.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use glassbreak_testkit::server::{TempDir, TestServer};

use super::bulk;
use crate::args::Plan;
use crate::crowd::{Crowd, Size};
use crate::load::Load;
use crate::machine::processor_micros;
use crate::report::{Report, Row, millis};
use crate::visitor::Visitor;

/// The smaller crowd.
const FEW: usize = 1000;
/// What an answer may take.
const MS_MAX: f64 = 100.0;
/// What the first page may weigh.
const PACKED_MAX: usize = 60 * 1024;
/// So many turns for each page, each of at most so many answers and about so long.
const TURNS: usize = 3;
const ANSWERS: usize = 40;
const TURN: Duration = Duration::from_millis(1500);
/// How often it is looked whether the figures of the overview are there.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Who opens a page.
#[derive(Debug, Clone, Copy)]
enum Who {
    Anybody,
    /// With every scope.
    Admin,
    /// The one of five thousand cases.
    Agent,
    /// A person with a set.
    Subject,
}

/// A server on a crowd, and who visits it.
pub(super) struct Side {
    pub(super) crowd: Crowd,
    pub(super) server: TestServer,
    anybody: Visitor,
    pub(super) admin: Visitor,
    agent: Visitor,
    subject: Visitor,
    paths: Vec<(Who, &'static str, String)>,
}

/// What one page took.
#[derive(Default, Clone)]
struct Took {
    /// The very first answer, with nothing in the kernel's memory.
    first: f64,
    micros: Vec<u32>,
    /// Of the processor, for all of them.
    processor: f64,
    packed: usize,
}

impl Took {
    fn each(&self) -> f64 {
        self.processor / 1000.0 / (self.micros.len() as f64).max(1.0)
    }

    fn load(&self) -> Load {
        Load::new(1.0, self.micros.clone())
    }
}

impl Side {
    async fn begin(kept: &std::path::Path, to: PathBuf, size: Size) -> Result<Self> {
        let crowd = Crowd::copied(kept, &to, size).await?;
        let paths = paths(&crowd)?;
        crowd.cool()?;
        let server = crowd.serve()?;
        let (addr, key) = (server.addr(), server.admin_key()?);
        let admin = Visitor::operator(addr, &key).await?;
        let agent = Visitor::operator(addr, crowd.text("sam")?).await?;
        let subject = Visitor::subject(addr, &key, crowd.text("case_subject")?).await?;
        let anybody = Visitor::anybody(addr);
        Ok(Self { crowd, server, anybody, admin, agent, subject, paths })
    }

    fn visitor(&mut self, place: usize) -> Result<(&mut Visitor, String)> {
        let (who, _, path) = self.paths.get(place).context("no such page")?;
        let path = path.clone();
        let visitor = match who {
            Who::Anybody => &mut self.anybody,
            Who::Admin => &mut self.admin,
            Who::Agent => &mut self.agent,
            Who::Subject => &mut self.subject,
        };
        Ok((visitor, path))
    }

    /// Every page once, in the order of the list.
    async fn first(&mut self) -> Result<Vec<Took>> {
        let mut all = Vec::new();
        for place in 0..self.paths.len() {
            let (visitor, path) = self.visitor(place)?;
            let begun = Instant::now();
            let page = visitor.open(&path).await?;
            let first = begun.elapsed().as_secs_f64() * 1000.0;
            let packed = visitor.weight(&page).await?;
            all.push(Took { first, packed, ..Took::default() });
        }
        Ok(all)
    }

    /// One page for a while.
    async fn turn(&mut self, place: usize, took: &mut Took) -> Result<()> {
        let pid = self.server.pid();
        let (visitor, path) = self.visitor(place)?;
        visitor.open(&path).await?;
        let (before, begun) = (processor_micros(pid)?, Instant::now());
        for _ in 0..ANSWERS {
            let asked = Instant::now();
            visitor.open(&path).await?;
            took.micros.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
            if begun.elapsed() > TURN {
                break;
            }
        }
        took.processor += processor_micros(pid)? - before;
        Ok(())
    }

    /// Waits until the figures that are counted beside the requests are there: the walk for them
    /// is not what is measured.
    async fn counted(&self) -> Result<()> {
        let mut client = self.server.client()?;
        loop {
            let answer = client.get("/v1/overview").await.map_err(crate::seed::failed)?;
            if answer.json().get("inventory").is_some() {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// The pages, each with who opens it, what it is called and where it is.
fn paths(crowd: &Crowd) -> Result<Vec<(Who, &'static str, String)>> {
    let middle = "SELECT id FROM code_sets ORDER BY id LIMIT 1 OFFSET \
                  (SELECT count(*) FROM code_sets) / 2";
    let middle: [u8; 16] = crowd.look()?.query_row(middle, [], |row| row.get(0))?;
    let middle = uuid::Uuid::from_bytes(middle);
    let year = bulk::a_year_ago()?;
    let (case, subject) = (crowd.text("case")?, crowd.text("case_subject")?);
    let recovery = crowd.text("recovery")?;
    let admin = |name, path: String| (Who::Admin, name, path);
    let sets = "/console/inventory";
    let people = "/console/subjects";
    let tries = "/console/recoveries";
    Ok(vec![
        (Who::Anybody, "`/`", "/".to_owned()),
        (Who::Anybody, "`/recover`", "/recover".to_owned()),
        (Who::Subject, "`/self`", "/self".to_owned()),
        (Who::Subject, "`/self/codes`", "/self/codes".to_owned()),
        admin("`/console`", "/console".to_owned()),
        admin("`/console/inventory`", sets.to_owned()),
        admin("the same, from the middle on", format!("{sets}?cursor={middle}")),
        admin(
            "the same, active and older than a year",
            format!("{sets}?state=active&issued_before={year}"),
        ),
        admin("the same, overdue", format!("{sets}?overdue=true")),
        admin("the same, never confirmed", format!("{sets}?never_confirmed=true")),
        admin("the same, privileged and used (none)", format!("{sets}?tier=privileged&used=true")),
        admin("the same, of one person", format!("{sets}?subject={subject}")),
        admin("`/console/subjects`", people.to_owned()),
        admin("the same, by a prefix", format!("{people}?prefix=person-00007")),
        admin(
            "the same, privileged without a set",
            format!("{people}?tier=privileged&uncovered=true"),
        ),
        admin("the same, who has to wait", format!("{people}?throttled=true")),
        admin("one person", format!("{people}/{subject}")),
        admin("`/console/recoveries`", tries.to_owned()),
        admin("the same, open", format!("{tries}?state=open")),
        admin("the same, with an open window (none)", format!("{tries}?state=window")),
        admin("the same, open cases", format!("{tries}?state=open&kind=case")),
        admin("the same, of the agent of a quarter of all", format!("{tries}?agent=agent-sam")),
        admin("the same, that wait for evidence", format!("{tries}?needs=evidence")),
        admin("the same, that wait for a release (few or none)", format!("{tries}?needs=release")),
        admin("the same, whose review is due", format!("{tries}?review_due=true")),
        admin("one recovery", format!("{tries}/{recovery}")),
        admin("`/console/alerts`", "/console/alerts".to_owned()),
        admin("the same, high", "/console/alerts?level=high".to_owned()),
        admin("`/console/policy`", "/console/policy".to_owned()),
        admin("`/console/containment`", "/console/containment".to_owned()),
        admin("`/console/log`", "/console/log".to_owned()),
        admin("`/console/reviews`", "/console/reviews".to_owned()),
        admin("`/console/settings`", "/console/settings".to_owned()),
        admin("`/console/operators`", "/console/operators".to_owned()),
        admin("`/console/inventory/revocations`", "/console/inventory/revocations".to_owned()),
        (Who::Agent, "`/desk`", "/desk".to_owned()),
        (Who::Agent, "the same, closed", "/desk?show=closed".to_owned()),
        (Who::Agent, "`/desk/new`", "/desk/new".to_owned()),
        (Who::Agent, "one case", format!("/desk/cases/{case}")),
        admin("`/desk/burden`", "/desk/burden".to_owned()),
        admin("the same, 90 days", "/desk/burden?days=90".to_owned()),
    ])
}

/// Measures.
pub(crate) async fn run(plan: &Plan, scratch: &TempDir, report: &mut Report) -> Result<()> {
    let begin = |name: &str, subjects| {
        Side::begin(&plan.kept, scratch.path().join(name), Size::of(subjects))
    };
    let mut few = begin("few", FEW).await?;
    let mut many = begin("many", plan.many).await?;
    let mut of_few = few.first().await?;
    let mut of_many = many.first().await?;
    few.counted().await?;
    many.counted().await?;
    for place in 0..many.paths.len() {
        let (Some(small), Some(large)) = (of_few.get_mut(place), of_many.get_mut(place)) else {
            break;
        };
        for _ in 0..TURNS {
            few.turn(place, small).await?;
            many.turn(place, large).await?;
        }
        let name = many.paths.get(place).map_or("", |(_, name, _)| *name);
        report.add(row(name, plan.many, small, large));
    }
    report.note(
        "Pages: first is the first answer after a start with the database out of the kernel's \
         memory, the pages in the order of the table. Times are of one visitor who asks again as \
         soon as there is an answer. Packed is the page with all that it names, by gzip.",
    );
    few.server.stop()?;
    bulk::run(&mut many, report).await
}

fn row(name: &str, subjects: usize, few: &Took, many: &Took) -> Row {
    let (small, large) = (few.load(), many.load());
    let (p50, p99) = (large.percentile(50), large.percentile(99));
    let figure = format!(
        "p50 {}, p99 {}, first {}; processor {}; {:.1} KiB packed",
        millis(p50),
        millis(p99),
        millis(many.first),
        millis(many.each()),
        many.packed as f64 / 1024.0
    );
    let baseline = format!(
        "{FEW} subjects: p50 {}, p99 {}; processor {}",
        millis(small.percentile(50)),
        millis(small.percentile(99)),
        millis(few.each())
    );
    let ratio = format!("{:.1} times", p50 / small.percentile(50).max(1e-3));
    let met = p99 < MS_MAX && many.packed < PACKED_MAX;
    let name = format!("{name}, {subjects} subjects");
    Row::plain(name, figure).against(baseline, ratio).hold("under 100 ms and 60 KiB", met)
}
