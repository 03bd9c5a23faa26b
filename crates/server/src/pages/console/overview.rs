//! `GET /console`: what needs somebody now, and how things stand (G4, G5).

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::event::AlertLevel;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::store::{InventorySummary, RecoveryRow, TierCount};
use glassbreak_engine::{Engine, Overview};
use std::collections::BTreeMap;

use super::common::{date, distance, stamp, subject_page, with_query};
use crate::access::{Whatever, missing};
use crate::pages::dress::{go, shown};
use crate::pages::frame::Frame;
use crate::pages::plot::{self, Bar, Line, Plot, Told, amount, percent};
use crate::pages::visit::Visit;
use crate::problem::Problem;

/// A case that waits for longer is counted among what needs somebody now.
const LONG: Seconds = Seconds::hours(4);
/// How many windows are listed.
const WINDOWS: usize = 5;

/// Something to look at, with how many there are.
struct Figure {
    href: String,
    label: String,
    count: String,
    /// What more there is to say.
    more: String,
    /// `harm` or `care`, if somebody has to act; nothing if there is nothing to do.
    class: &'static str,
}

/// A window that is about to close.
struct Closing {
    href: String,
    subject: String,
    subject_page: String,
    ends: String,
    stamp: String,
}

/// The page of whoever reaches everybody.
#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage {
    f: Frame,
    urgent: Vec<Figure>,
    calm: Vec<Figure>,
    windows: Vec<Closing>,
    plots: Vec<Plot>,
    as_of: Option<String>,
    now: String,
}

/// The page of whoever reaches some groups.
#[derive(Template)]
#[template(path = "console/overview_bound.html")]
struct Bound {
    f: Frame,
}

/// `GET /console`.
pub(super) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Whatever>,
) -> Result<Response, Problem> {
    if !visit.has(Scope::Audit) {
        // It is where people come to after a sign-in; they work elsewhere, most at the desk.
        let places = visit.frame.navigation.iter().flat_map(|part| &part.places);
        let mut places = places.map(|(href, _)| *href);
        let first = places.clone().next();
        let place = places.find(|href| *href == "/desk").or(first);
        return place.map_or_else(|| Err(missing(&[Scope::Audit])), go);
    }
    if visit.reach().must_be_everybody().is_err() {
        return Ok(shown(&Bound { f: visit.frame })?.into_response());
    }
    let overview = engine.overview(visit.reach()).await?;
    let f = visit.frame;
    let (mut urgent, mut calm) = (Vec::new(), Vec::new());
    for figure in figures(&f, &overview) {
        let part = if figure.class.is_empty() { &mut calm } else { &mut urgent };
        part.push(figure);
    }
    let mut plots = Vec::new();
    let mut as_of = None;
    if let Some(counted) = &overview.inventory {
        plots = of_the_inventory(&f, &counted.summary);
        as_of = Some(distance(&f, counted.as_of, overview.now));
    }
    plots.push(of_the_days(&f, &overview));
    let windows = overview.standings.windows.iter().take(WINDOWS);
    let windows = windows.map(|row| closing(&f, row, overview.now)).collect();
    let now = f.moment(overview.now);
    Ok(shown(&OverviewPage { f, urgent, calm, windows, plots, as_of, now })?.into_response())
}

fn closing(f: &Frame, row: &RecoveryRow, now: Timestamp) -> Closing {
    let recovery = &row.recovery;
    let ends_at = recovery.window().map_or(now, |window| window.ends_at);
    Closing {
        href: format!("/console/recoveries/{}", recovery.id),
        subject: row
            .reference
            .as_ref()
            .map_or_else(|| f.t("erased").to_string(), |name| name.as_str().to_owned()),
        subject_page: row.reference.as_ref().map(subject_page).unwrap_or_default(),
        ends: distance(f, ends_at, now),
        stamp: stamp(ends_at),
    }
}

/// A figure; `class` if there is any.
fn figure(f: &Frame, key: &str, count: u64, class: &'static str, href: &str) -> Figure {
    Figure {
        href: href.to_owned(),
        label: f.language.phrase(format!("figure-{key}")).to_string(),
        count: amount(f, count),
        more: String::new(),
        class: if count > 0 { class } else { "" },
    }
}

/// Each figure, what needs somebody first.
fn figures(f: &Frame, overview: &Overview) -> Vec<Figure> {
    let standings = &overview.standings;
    let mut all = of_alerts(f, overview);
    let windows = standings.own.window.saturating_add(standings.cases.window);
    let soon = overview.now.plus(Seconds::hours(1));
    let is_closing =
        |row: &&RecoveryRow| row.recovery.window().is_some_and(|window| window.ends_at <= soon);
    let closing = standings.windows.iter().filter(is_closing).count();
    all.extend([
        figure(f, "containments", overview.containments, "harm", "/console/containment"),
        Figure {
            more: f.t("figure-closing").count("n", closing).to_string(),
            ..figure(f, "windows", windows, "care", "/console/recoveries?state=window")
        },
        figure(
            f,
            "cases",
            standings.cases.open,
            "care",
            "/console/recoveries?state=open&kind=case",
        ),
        figure(f, "reviews", standings.reviews_due, "care", "/console/recoveries?review_due=true"),
        figure(f, "throttled", standings.throttled, "care", "/console/subjects?throttled=true"),
    ]);
    if let Some(counted) = &overview.inventory {
        all.extend(of_sets(f, &counted.summary, overview.now));
    }
    let own = standings.own.open;
    all.push(figure(f, "own", own, "", "/console/recoveries?state=open&kind=own"));
    all
}

/// Alerts that matter, then the others.
fn of_alerts(f: &Frame, overview: &Overview) -> Vec<Figure> {
    let (mut grave, mut minor) = ((0_u64, 0_u64), (0_u64, 0_u64));
    for (level, raised) in &overview.standings.alerts {
        let sum = if *level >= AlertLevel::High { &mut grave } else { &mut minor };
        *sum = (sum.0.saturating_add(raised.day), sum.1.saturating_add(raised.week));
    }
    let of_week = |week| f.t("figure-week").count("n", week).to_string();
    vec![
        Figure {
            more: of_week(grave.1),
            ..figure(f, "alerts", grave.0, "harm", "/console/alerts?level=high")
        },
        Figure { more: of_week(minor.1), ..figure(f, "minor", minor.0, "", "/console/alerts") },
    ]
}

fn of_sets(f: &Frame, summary: &InventorySummary, now: Timestamp) -> [Figure; 4] {
    let lacking = summary.subjects.saturating_sub(summary.covered);
    let in_a_month = date(now.plus(InventorySummary::SOON));
    let soon = with_query("/console/inventory", &[("expires_before", &in_a_month)]);
    let unconfirmed = summary.never_confirmed;
    [
        figure(f, "overdue", summary.overdue, "care", "/console/inventory?overdue=true"),
        figure(f, "uncovered", lacking, "", "/console/subjects?uncovered=true"),
        figure(f, "expiring", summary.expiring, "", &soon),
        figure(f, "unconfirmed", unconfirmed, "", "/console/inventory?never_confirmed=true"),
    ]
}

fn of_the_inventory(f: &Frame, summary: &InventorySummary) -> Vec<Plot> {
    let whole = percent(summary.covered, summary.subjects);
    let said = |key: &str| {
        let said = f.language.phrase(key.to_owned()).with("percent", whole);
        let said = said.with("part", amount(f, summary.covered));
        said.with("whole", amount(f, summary.subjects)).to_string()
    };
    let heads = |first: &str| {
        ["head-covered", "head-uncovered", "head-subjects"].iter().fold(
            vec![f.language.phrase(first.to_owned()).to_string()],
            |mut heads, key| {
                heads.push(f.t(key).to_string());
                heads
            },
        )
    };
    let bars = |counts: &BTreeMap<String, TierCount>, upper: bool| -> Vec<Bar> {
        let bars = counts.iter().map(|(name, count)| Bar {
            label: if upper { name.to_uppercase() } else { name.clone() },
            part: count.covered,
            whole: count.subjects,
        });
        bars.collect()
    };
    let tiers = Told {
        id: "tiers",
        title: "plot-tiers",
        said: said("plot-covered"),
        heads: heads("head-tier"),
    };
    let levels = Told {
        id: "levels",
        title: "plot-levels",
        said: said("plot-covered"),
        heads: heads("head-assurance"),
    };
    let ages = [
        ("band-30", summary.ages.under_30_days),
        ("band-90", summary.ages.under_90_days),
        ("band-180", summary.ages.under_180_days),
        ("band-365", summary.ages.under_365_days),
        ("band-older", summary.ages.older),
    ];
    let bands: Vec<(String, u64)> =
        ages.iter().map(|(key, sets)| (f.t(key).to_string(), *sets)).collect();
    let live = bands.iter().map(|band| band.1).sum();
    let older = f.t("plot-ages-said").with("older", amount(f, summary.ages.older));
    let told = Told {
        id: "ages",
        title: "plot-ages",
        said: older.with("live", amount(f, live)).to_string(),
        heads: vec![f.t("head-age").to_string(), f.t("head-sets").to_string()],
    };
    vec![
        plot::shares(f, tiers, &bars(&summary.by_tier, false)),
        plot::shares(f, levels, &bars(&summary.by_assurance, true)),
        plot::columns(f, told, &bands, 1),
    ]
}

/// What happened day by day.
fn of_the_days(f: &Frame, overview: &Overview) -> Plot {
    let days = &overview.days.days;
    let line = |key: &'static str, figures: Vec<u64>| Line { label: f.t(key).to_string(), figures };
    let lines = [
        line("line-issued", days.iter().map(|day| day.count(&["code_set.issued"])).collect()),
        line("line-accepted", days.iter().map(glassbreak_engine::Day::accepted).collect()),
        line(
            "line-refused",
            days.iter().map(|day| day.refused().saturating_add(day.throttled())).collect(),
        ),
    ];
    let sum = |at: usize| lines.get(at).map_or(0, |line| line.figures.iter().sum());
    let said = f.t("plot-days-said").with("issued", amount(f, sum(0)));
    let said = said.with("accepted", amount(f, sum(1))).with("refused", amount(f, sum(2)));
    let heads = std::iter::once(f.t("head-day").to_string());
    let told = Told {
        id: "days",
        title: "plot-days",
        said: said.to_string(),
        heads: heads.chain(lines.iter().map(|line| line.label.clone())).collect(),
    };
    let names: Vec<String> = days.iter().map(|day| day.day.clone()).collect();
    plot::lines(f, told, &names, &lines)
}

/// Whether a case waits for long.
pub(super) fn waits_long(opened_at: Timestamp, now: Timestamp) -> bool {
    opened_at.plus(LONG) <= now
}
