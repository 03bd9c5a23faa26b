//! `GET /desk/burden`: what recovery costs people (F6).

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;
use serde::Deserialize;

use super::burdens::Burdens;
use super::plot::Plot;
use super::queue::age;
use crate::access::Audit;
use crate::body::Parameters;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::read::burden::{Burden, Spread};

/// The periods to choose from, in days.
const PERIODS: [u32; 3] = [7, 30, 90];

/// The page.
#[derive(Template)]
#[template(path = "desk/burden.html")]
struct BurdenPage {
    f: Frame,
    /// Each with whether it is the one that is shown.
    periods: Vec<(u32, bool)>,
    /// Nothing while they are measured for the first time.
    figures: Option<Figures>,
}

/// What was measured.
struct Figures {
    opened: u64,
    cases: u64,
    waiting: usize,
    /// Half of those who got back in took no longer.
    median: Option<String>,
    plots: Vec<Plot>,
    /// The moment they are of.
    as_of: String,
}

/// Over how many days.
#[derive(Deserialize)]
pub(crate) struct Asked {
    days: Option<u32>,
}

pub(crate) async fn show(
    State(engine): State<Engine>,
    Extension(burdens): Extension<Burdens>,
    visit: Visit<Audit>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    visit.reach().must_be_everybody()?;
    let f = visit.frame.clone();
    let days = asked.days.filter(|days| PERIODS.contains(days)).unwrap_or(30);
    let measured = burdens.of(&engine, days).await?;
    let figures = measured.map(|it| figures(&f, &it.burden, f.moment(it.as_of)));
    let periods = PERIODS.into_iter().map(|period| (period, period == days)).collect();
    shown(&BurdenPage { f, periods, figures })
}

fn figures(f: &Frame, burden: &Burden, as_of: String) -> Figures {
    let t = |key: &str| f.t(key).to_string();
    let counted =
        |id, caption: &str, kind: &str, counts: &std::collections::BTreeMap<&'static str, u64>| {
            let mut numbers: Vec<_> = counts
                .iter()
                .map(|(name, n)| (f.word(kind, name).to_string(), *n, n.to_string()))
                .collect();
            numbers.sort_by_key(|(_, n, _)| std::cmp::Reverse(*n));
            Plot::of(id, t(caption), (t("desk-figure-what"), t("desk-figure-cases")), numbers)
        };
    let spread = |id, caption: &str, spread: &Spread| {
        let of = [
            ("desk-figure-median", spread.median_seconds),
            ("desk-figure-p90", spread.p90_seconds),
            ("desk-figure-longest", spread.longest_seconds),
        ];
        let numbers = of.into_iter().filter_map(|(name, seconds)| {
            let seconds = seconds?;
            Some((t(name), seconds, age(f, seconds)))
        });
        let heads = (t("desk-figure-what"), t("desk-figure-time"));
        Plot::of(id, t(caption), heads, numbers.collect())
    };
    let plots = vec![
        spread("restore", "desk-figure-restore", &burden.time_to_restore),
        spread("waiting", "desk-figure-waiting", &burden.waiting),
        counted("causes", "desk-figure-causes", "desk-cause", &burden.by_cause),
        counted("outcomes", "desk-figure-outcomes", "desk-state", &burden.by_outcome),
    ];
    Figures {
        opened: burden.opened,
        cases: burden.cases,
        waiting: burden.waiting.count,
        median: burden.time_to_restore.median_seconds.map(|seconds| age(f, seconds)),
        plots,
        as_of,
    }
}
