//! Redemptions of strong codes over HTTP, in turns with axum alone, with axum in front of the bare
//! writer, and with the bare writer by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::bare::{Bare, BareWriter, Statements};
use crate::bench::Bench;
use crate::child::{Kind, spawn};
use crate::load::{Ask, Load, Next, Target, Turns, drive, median};
use crate::machine::processor_micros;
use crate::report::{Row, millis, per_second, percent};

/// How many clients ask at once.
const CLIENTS: [usize; 4] = [1, 8, 64, 256];
/// How many units of work share a commit of the bare writer.
const GROUPS: [usize; 3] = [1, 64, 256];
/// The least share of axum alone, by clients.
const SHARES: [(usize, f64); 2] = [(64, 0.15), (256, 0.20)];
/// The least share of the bare writer's rows.
const ROWS_SHARE: f64 = 0.25;
/// How many times the bare commit's p99 a redemption's may be.
const P99_TIMES: f64 = 1.5;

/// The figures by number of clients, or by size of group.
#[derive(Default)]
struct Figures {
    hello: [Turns; 4],
    redeemed: [Turns; 4],
    behind_axum: [Turns; 4],
    bare: [Vec<f64>; 3],
    plain: [Vec<f64>; 3],
    submitted: Turns,
    hello_cost: Cost,
    redeemed_cost: Cost,
    behind_axum_cost: Cost,
}

/// What a server's answers cost it in processor time: the figure that a busy machine spoils least.
#[derive(Default)]
struct Cost {
    micros: f64,
    answers: usize,
}

impl Cost {
    /// Loads a server, and adds up what that took.
    async fn drive(
        &mut self,
        (target, process): (&Target, u32),
        clients: usize,
        time: Duration,
        next: &Next,
    ) -> Result<Load> {
        let before = processor_micros(process)?;
        let load = drive(target, clients, time, next).await?;
        // One client alone shares nothing with anybody: what it costs is told by its rate.
        if clients > 1 {
            self.micros += processor_micros(process)? - before;
            self.answers += load.count;
        }
        Ok(load)
    }

    fn each(&self) -> f64 {
        self.micros / (self.answers as f64).max(1.0)
    }
}

/// Measures.
pub(crate) async fn run(bench: &mut Bench) -> Result<()> {
    let loops = bench.bare_directory("loop").join("bare.db");
    let mut bare = Bare::open(&loops, Statements::Redemption)?;
    let mut plain = Bare::open(&loops, Statements::Plain)?;
    let submit = bench.bare_directory("submit").join("bare.db");
    let writer = Arc::new(BareWriter::open(&submit, Statements::Redemption)?);
    let axum = spawn(Kind::Bare, &bench.bare_directory("http"))?;
    let behind = Target { addr: axum.addr(), key: None, status: 200 };
    let (server, hello) = (bench.target(200)?, bench.hello_target());
    let server = (&server, bench.server()?.pid());
    let (hello, behind) = ((&hello, bench.hello.pid()), (&behind, axum.pid()));
    let (greeting, redemptions) = (greeting(), bench.strong.redemptions());
    let (slice, short) = (bench.plan.slice, bench.plan.slice / 3);
    let mut figures = Figures::default();
    for _ in 0..bench.plan.rounds {
        for (place, clients) in CLIENTS.into_iter().enumerate() {
            let load = figures.hello_cost.drive(hello, clients, slice, &greeting).await?;
            at(&mut figures.hello, place)?.add(load);
            let load = figures.redeemed_cost.drive(server, clients, slice, &redemptions).await?;
            at(&mut figures.redeemed, place)?.add(load);
            let load = figures.behind_axum_cost.drive(behind, clients, slice, &greeting).await?;
            at(&mut figures.behind_axum, place)?.add(load);
        }
        for (place, group) in GROUPS.into_iter().enumerate() {
            at(&mut figures.bare, place)?.push(bare.rate(group, short)?);
            at(&mut figures.plain, place)?.push(plain.rate(group, short)?);
        }
        figures.submitted.add(submitted(&writer, 64, short).await?);
    }
    tell(bench, &figures)
}

/// What axum alone is asked.
pub(crate) fn greeting() -> Next {
    Arc::new(|| Some(Ask::post("/", "{\"name\":\"glassbreak\"}".to_owned())))
}

fn at<T>(of: &mut [T], place: usize) -> Result<&mut T> {
    of.get_mut(place).context("more clients than places")
}

/// Bare commits from `tasks` submitters at once, each waiting for its own.
async fn submitted(writer: &Arc<BareWriter>, tasks: usize, time: Duration) -> Result<Load> {
    let begun = Instant::now();
    let submitter = |writer: Arc<BareWriter>| async move {
        let mut micros = Vec::new();
        while begun.elapsed() < time {
            let sent = Instant::now();
            writer.submit().await?;
            micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
        Ok::<_, anyhow::Error>(micros)
    };
    let tasks: Vec<_> = (0..tasks).map(|_| tokio::spawn(submitter(Arc::clone(writer)))).collect();
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await??);
    }
    Ok(Load::new(begun.elapsed().as_secs_f64(), micros))
}

fn told(turns: &Turns) -> String {
    let (rate, p50, p99) = (turns.rate(), turns.percentile(50), turns.percentile(99));
    format!("{}, p50 {}, p99 {}", per_second(rate), millis(p50), millis(p99))
}

fn tell(bench: &mut Bench, figures: &Figures) -> Result<()> {
    for (place, clients) in CLIENTS.into_iter().enumerate() {
        tell_clients(bench, figures, place, clients)?;
    }
    for (place, group) in GROUPS.into_iter().enumerate() {
        tell_rows(bench, figures, place, group)?;
    }
    tell_p99(bench, figures)?;
    let (hello, behind) = (figures.hello_cost.each(), figures.behind_axum_cost.each());
    let redeemed = figures.redeemed_cost.each();
    let row = Row::plain("processor time per redemption", format!("{redeemed:.1} µs"));
    let baseline = format!("axum alone {hello:.1} µs, in front of the bare writer {behind:.1} µs");
    let ratio = format!("{:.1} and {:.1} times", redeemed / hello, redeemed / behind);
    bench.report.add(row.against(baseline, ratio));
    Ok(())
}

fn of<T>(all: &[T], place: usize) -> Result<&T> {
    all.get(place).context("more clients than places")
}

fn tell_clients(bench: &mut Bench, figures: &Figures, place: usize, clients: usize) -> Result<()> {
    let (hello, redeemed) = (of(&figures.hello, place)?, of(&figures.redeemed, place)?);
    let behind = of(&figures.behind_axum, place)?;
    let what = format!("redemptions accepted, `strong`, {clients} clients");
    let row = Row::plain(what, told(redeemed))
        .against(format!("axum alone {}", told(hello)), percent(redeemed.rate(), hello.rate()));
    let share = SHARES.iter().find(|(at, _)| *at == clients);
    bench.report.add(match share {
        None => row,
        Some((_, least)) => {
            let hold = format!("at least {:.0}%", least * 100.0);
            row.hold(hold, redeemed.rate() >= least * hello.rate())
        }
    });
    bench.report.add(Row::plain(format!("the same, {clients} clients"), told(redeemed)).against(
        format!("axum in front of the bare writer {}", told(behind)),
        percent(redeemed.rate(), behind.rate()),
    ));
    Ok(())
}

fn tell_rows(bench: &mut Bench, figures: &Figures, place: usize, group: usize) -> Result<()> {
    let clients = CLIENTS.iter().position(|clients| *clients == group);
    let redeemed = of(&figures.redeemed, clients.context("a group without clients")?)?.rate()
        * Statements::Redemption.rows() as f64;
    let bare = median(of(&figures.bare, place)?.clone()) * Statements::Redemption.rows() as f64;
    let plain = median(of(&figures.plain, place)?.clone()) * Statements::Plain.rows() as f64;
    let what = format!("rows written, {group} clients");
    let baseline = format!("bare writer, groups of {group}: {}", per_second(bare));
    let row = Row::plain(what.clone(), per_second(redeemed));
    let row = row.against(baseline, percent(redeemed, bare));
    bench.report.add(row.hold("at least 25%", redeemed >= ROWS_SHARE * bare));
    let baseline = format!("bare UPDATE and INSERT, groups of {group}: {}", per_second(plain));
    let row = Row::plain(what, per_second(redeemed));
    bench.report.add(row.against(baseline, percent(redeemed, plain)));
    Ok(())
}

fn tell_p99(bench: &mut Bench, figures: &Figures) -> Result<()> {
    let redeemed = of(&figures.redeemed, 2)?.percentile(99);
    let behind = of(&figures.behind_axum, 2)?.percentile(99);
    let bare = figures.submitted.percentile(99);
    let times = |of: f64| format!("{:.2} times", redeemed / of.max(1e-9));
    let rate = per_second(figures.submitted.rate());
    let baseline = format!("bare commit, 64 submitters: {} at {rate}", millis(bare));
    let what = "p99 of a redemption, 64 clients";
    let row = Row::plain(what, millis(redeemed)).against(baseline, times(bare));
    bench.report.add(row.hold("under 1.5 times", redeemed < P99_TIMES * bare));
    let baseline = format!("bare commit behind axum, 64 clients: {}", millis(behind));
    bench.report.add(Row::plain(what, millis(redeemed)).against(baseline, times(behind)));
    Ok(())
}
