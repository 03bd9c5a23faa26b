//! `/console/alerts`: what was raised, why, and on which entries it rests (G3).

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;
use glassbreak_engine::core::event::AlertLevel;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::access::Audit;
use crate::body::Parameters;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::read::alerts::{AlertItem, Alerts, Filter};

/// So many on a page.
const SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "console/alerts.html")]
struct AlertsPage {
    f: Frame,
    items: Vec<AlertItem>,
    levels: [AlertLevel; 5],
    level: Option<AlertLevel>,
    rule: String,
    subject: String,
    /// The address of the next page.
    next: Option<String>,
}

impl AlertsPage {
    /// How much an alert matters, as styles have it.
    fn weight(level: &str) -> &'static str {
        match level {
            "critical" | "high" => "harm",
            "medium" => "care",
            _ => "",
        }
    }
}

/// The form of filters; what is empty is not set.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    level: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    subject: String,
    cursor: Option<u64>,
}

/// `GET /console/alerts`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    let level = AlertLevel::ALL.into_iter().find(|level| level.name() == asked.level);
    let set = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let filter = Filter {
        level,
        rule: set(&asked.rule),
        subject: set(&asked.subject),
        cursor: asked.cursor,
        limit: Some(SHOWN),
        ..Filter::default()
    };
    let Alerts { items, next_cursor } = Alerts::of(&engine, visit.reach(), filter).await?;
    let next = next_cursor.map(|cursor| {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (rule, subject) = (encoded(&asked.rule), encoded(&asked.subject));
        let level = encoded(&asked.level);
        format!("/console/alerts?level={level}&rule={rule}&subject={subject}&cursor={cursor}")
    });
    let (rule, subject) = (asked.rule, asked.subject);
    let levels = AlertLevel::ALL;
    shown(&AlertsPage { f: visit.frame, items, levels, level, rule, subject, next })
}
