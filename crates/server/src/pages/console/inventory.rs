//! `GET /console/inventory`: every set there is, by filters that are in the address (G4).

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::code_set::{Custody, SetKind};
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::subject::Tier;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::store::InventoryQuery;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::common::{SetRow, date, title, with_query};
use crate::access::Audit;
use crate::body::{Parameters, subject};
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::patience::Patience;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::shape::moment;

/// Sets on one page.
const ROWS: usize = 50;
/// The most sets that one read looks at. A page of a filter that few sets pass reads on for as long
/// as [`Patience`] lets it.
pub(super) const LOOK_AT: usize = 2_000;
/// The states, in the order of a set's life.
const STATES: [&str; 8] =
    ["offered", "active", "exhausted", "expired", "revoked", "superseded", "disabled", "lapsed"];
const KINDS: [&str; 3] = ["saved", "break_glass", "canary"];
const CUSTODIES: [&str; 4] =
    ["password_manager", "sealed_offline_copy", "secrets_manager", "hardware"];
/// What is in a field that asks for nothing else.
const YES: &str = "true";

/// The filters, as the form has them: what is empty asks for nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    subject: String,
    tier: String,
    state: String,
    kind: String,
    custody: String,
    overdue: String,
    never_confirmed: String,
    used: String,
    expires_before: String,
    issued_before: String,
    issued_after: String,
    cursor: String,
}

/// A filter that is set, with the address without it.
struct Chip {
    text: String,
    href: String,
}

/// A filter that is often wanted.
struct Preset {
    text: String,
    href: String,
}

/// One of the values of a field.
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "console/inventory.html")]
struct Inventory {
    f: Frame,
    title: String,
    asked: Asked,
    /// The filters, as a query.
    filter: String,
    tiers: Vec<Choice>,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    custodies: Vec<Choice>,
    chips: Vec<Chip>,
    presets: Vec<Preset>,
    rows: Vec<SetRow>,
    /// How many match, as far as is known.
    count: String,
    next: Option<String>,
    first: Option<String>,
    csv: String,
    jsonl: String,
    may_revoke: bool,
    is_everybody: bool,
}

impl Asked {
    /// The fields by their names.
    fn pairs(&self) -> [(&'static str, &str); 11] {
        [
            ("subject", &self.subject),
            ("tier", &self.tier),
            ("state", &self.state),
            ("kind", &self.kind),
            ("custody", &self.custody),
            ("overdue", &self.overdue),
            ("never_confirmed", &self.never_confirmed),
            ("used", &self.used),
            ("expires_before", &self.expires_before),
            ("issued_before", &self.issued_before),
            ("issued_after", &self.issued_after),
        ]
    }

    /// The filters without the cursor, as a query without `?`.
    pub(super) fn filter(&self) -> String {
        let text = with_query("", &self.pairs());
        text.strip_prefix('?').unwrap_or(&text).to_owned()
    }

    /// The filters that a query has.
    ///
    /// # Errors
    /// `invalid_request`.
    pub(super) fn read(filter: &str) -> Result<Self, Problem> {
        crate::pages::form::fields(filter.as_bytes())
    }

    /// What to ask the engine.
    ///
    /// # Errors
    /// `invalid_request` for what is no value of its field.
    pub(super) fn query(&self, now: Timestamp) -> Result<InventoryQuery, Problem> {
        let some = |text: &str| (!text.is_empty()).then(|| text.trim().to_owned());
        let is_set = |text: &str| text == YES;
        let state = some(&self.state);
        if state.as_ref().is_some_and(|state| !STATES.contains(&state.as_str())) {
            return Err(refused("state"));
        }
        let tier = some(&self.tier).map(Tier::try_from).transpose();
        let cursor = some(&self.cursor).map(|text| Uuid::parse_str(&text)).transpose();
        Ok(InventoryQuery {
            subject: some(&self.subject).map(subject).transpose()?,
            tier: tier.map_err(|_| refused("tier"))?,
            state,
            kind: one::<SetKind>(&self.kind, "kind")?,
            custody: one::<Custody>(&self.custody, "custody")?,
            overdue_at: is_set(&self.overdue).then_some(now),
            expires_before: day(&self.expires_before, "expires_before")?,
            issued_before: day(&self.issued_before, "issued_before")?,
            issued_after: day(&self.issued_after, "issued_after")?,
            never_confirmed: is_set(&self.never_confirmed),
            used: is_set(&self.used),
            after: cursor.map_err(|_| refused("cursor"))?.map(SetId),
            limit: ROWS,
            look_at: Some(LOOK_AT),
        })
    }

    /// The address of the export of the same sets.
    fn export(&self, format: &str) -> String {
        let at = |text: &str| if text.is_empty() { String::new() } else { midnight(text) };
        let times =
            [&self.expires_before, &self.issued_before, &self.issued_after].map(|it| at(it));
        let mut pairs = vec![("format", format)];
        pairs.extend(
            self.pairs()
                .into_iter()
                .filter(|(name, _)| !name.contains("_before") && !name.contains("_after")),
        );
        let names = ["expires_before", "issued_before", "issued_after"];
        pairs.extend(names.into_iter().zip(times.iter().map(String::as_str)));
        with_query("/v1/inventory/export", &pairs)
    }

    /// Each filter that is set, in words, with the address without it.
    fn chips(&self, f: &Frame) -> Vec<Chip> {
        let pairs = self.pairs();
        let chips = pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
            let word = match *name {
                "state" => f.word("set-state", value).to_string(),
                "kind" => f.word("set-kind", value).to_string(),
                "custody" => f.word("custody", value).to_string(),
                _ => (*value).to_owned(),
            };
            let key = format!("chip-{}", name.replace('_', "-"));
            let rest: Vec<_> = pairs.iter().copied().filter(|(other, _)| other != name).collect();
            Chip {
                text: f.language.phrase(key).with("value", word).to_string(),
                href: with_query("/console/inventory", &rest),
            }
        });
        chips.collect()
    }
}

fn refused(field: &str) -> Problem {
    Problem::new("invalid_request", format!("`{field}` has none of the values that it takes"))
}

/// The value of a word, if there is one.
fn one<T: DeserializeOwned>(text: &str, field: &str) -> Result<Option<T>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_value(text.into()).map(Some).map_err(|_| refused(field))
}

/// The beginning of a day in UTC, as a program writes it. What is a moment already stays one.
fn midnight(text: &str) -> String {
    if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") }
}

fn day(text: &str, field: &'static str) -> Result<Option<Timestamp>, Problem> {
    (!text.is_empty()).then(|| moment(&midnight(text), field)).transpose()
}

/// The values of a field, with that of every set first.
fn choices<'a>(
    values: impl IntoIterator<Item = &'a str>,
    chosen: &str,
    word: impl Fn(&str) -> String,
) -> Vec<Choice> {
    let values = values.into_iter().map(|value| Choice {
        value: value.to_owned(),
        text: word(value),
        is_chosen: value == chosen,
    });
    values.collect()
}

fn presets(f: &Frame, now: Timestamp) -> Vec<Preset> {
    let year = date(now.minus(Seconds::days(365)));
    let month = date(now.plus(Seconds::days(30)));
    let make = |key: &str, pairs: &[(&str, &str)]| Preset {
        text: f.language.phrase(format!("preset-{key}")).to_string(),
        href: with_query("/console/inventory", pairs),
    };
    vec![
        make("year", &[("state", "active"), ("issued_before", &year)]),
        make("overdue", &[("overdue", YES)]),
        make("expiring", &[("expires_before", &month)]),
        make("unconfirmed", &[("never_confirmed", YES)]),
        make("used", &[("state", "active"), ("used", YES)]),
        make("break-glass", &[("state", "active"), ("kind", "break_glass")]),
    ]
}

/// `GET /console/inventory`.
pub(super) async fn show(
    State(engine): State<Engine>,
    visit: Visit<Audit>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Html<String>, Problem> {
    let now = engine.now();
    let mut query = asked.query(now)?;
    let (mut found, patience) = (Vec::new(), Patience::begin());
    let next = loop {
        let page = engine.inventory(visit.reach(), &query).await?;
        found.extend(page.rows);
        if found.len() >= ROWS || page.next.is_none() || patience.is_over() {
            break page.next;
        }
        (query.after, query.limit) = (page.next, ROWS - found.len());
    };
    let (may_revoke, is_everybody) =
        (visit.has(Scope::Revoke), visit.reach().must_be_everybody().is_ok());
    let f = visit.frame;
    let rows: Vec<SetRow> = found.iter().map(|row| SetRow::of(&f, row, now)).collect();
    let filter = asked.filter();
    let beyond = |cursor: &str| {
        let mut pairs = asked.pairs().to_vec();
        pairs.push(("cursor", cursor));
        with_query("/console/inventory", &pairs)
    };
    let is_first = asked.cursor.is_empty();
    let key = match (next.is_some(), is_first) {
        (false, true) => "inventory-all",
        (true, true) => "inventory-first",
        (_, false) => "inventory-further",
    };
    let count = f.t(key).count("n", rows.len()).to_string();
    let tiers: Vec<String> =
        engine.settings().tiers.keys().map(|tier| tier.as_str().to_owned()).collect();
    let chips = asked.chips(&f);
    let further = if is_first { String::new() } else { count.clone() };
    let set = chips.iter().map(|chip| chip.text.as_str()).chain([further.as_str()]);
    let title = title(&f.t("nav-inventory").to_string(), set);
    shown(&Inventory {
        title,
        chips,
        tiers: choices(tiers.iter().map(String::as_str), &asked.tier, str::to_owned),
        states: choices(STATES, &asked.state, |it| f.word("set-state", it).to_string()),
        kinds: choices(KINDS, &asked.kind, |it| f.word("set-kind", it).to_string()),
        custodies: choices(CUSTODIES, &asked.custody, |it| f.word("custody", it).to_string()),
        presets: presets(&f, now),
        count,
        next: next.map(|SetId(id)| beyond(&id.to_string())),
        first: (!is_first).then(|| beyond("")),
        csv: asked.export("csv"),
        jsonl: asked.export("jsonl"),
        rows,
        filter,
        asked,
        f,
        may_revoke,
        is_everybody,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_goes_into_an_address_comes_back_the_same() {
        let asked = Asked {
            subject: "lena & co".to_owned(),
            state: "active".to_owned(),
            issued_before: "2025-11-22".to_owned(),
            overdue: YES.to_owned(),
            cursor: "x".to_owned(),
            ..Asked::default()
        };
        let read = Asked::read(&asked.filter()).unwrap();
        assert_eq!(read.pairs(), asked.pairs());
        assert_eq!(read.cursor, "");
        let now = Timestamp::from_millis(1_700_000_000_000);
        let query = read.query(now).unwrap();
        assert_eq!(query.overdue_at, Some(now));
        assert_eq!(query.issued_before.unwrap().to_string(), "2025-11-22T00:00:00Z");
        assert!(asked.export("csv").contains("issued_before=2025%2D11%2D22T00%3A00%3A00Z"));
    }

    #[test]
    fn what_is_no_value_of_its_field_is_refused() {
        let now = Timestamp::from_millis(0);
        for filter in ["state=x", "kind=x", "custody=x", "tier=X Y", "cursor=1", "issued_before=x"]
        {
            assert!(Asked::read(filter).unwrap().query(now).is_err(), "{filter}");
        }
        assert!(Asked::read("").unwrap().query(now).is_ok());
    }
}
