//! `/v1/inventory`: who has which recovery credentials, how old, where kept, what is overdue (G4).

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use glassbreak_engine::Engine;
use glassbreak_engine::core::code_set::{Custody, SetKind};
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::subject::Tier;
use glassbreak_engine::store::{InventoryQuery, InventorySummary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, AllowedEverywhere, Audit};
use crate::body::{Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::read::export::{self, Format};
use crate::shape::{Set, moment};

/// The states a set can be in.
const STATES: [&str; 8] =
    ["offered", "active", "exhausted", "expired", "revoked", "superseded", "disabled", "lapsed"];

/// The most sets that one page looks at: a page of a filter that few sets pass is short, and goes
/// on where it ended. On a million sets none takes much longer than another.
const LOOK_AT: usize = 20_000;

/// The parameters of a call over the inventory: the filters, of which all that are given must hold,
/// and what else it takes. One list of filters for all of them; parameters cannot be nested.
macro_rules! parameters {
    ($(#[$about:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            /// Only this subject's.
            subject: Option<String>,
            /// Only of subjects of this tier.
            tier: Option<String>,
            /// Only in this state.
            state: Option<String>,
            /// Only of this kind.
            #[param(value_type = Option<String>)]
            kind: Option<SetKind>,
            /// Only those that the holder declared to keep so.
            #[param(value_type = Option<String>)]
            custody: Option<Custody>,
            /// With `true`: only live ones whose replacement is due, or that have expired.
            overdue: Option<bool>,
            /// With `true`: only those whose holder never proved that the codes were saved.
            never_confirmed: Option<bool>,
            /// With `true`: only those of which a code was used.
            used: Option<bool>,
            /// Only live ones that expire before then (RFC 3339).
            expires_before: Option<String>,
            /// Only those issued before then (RFC 3339).
            issued_before: Option<String>,
            /// Only those issued then or later (RFC 3339).
            issued_after: Option<String>,
            $($(#[$of])* $field: $kind,)*
        }

        impl $name {
            /// The filters. `limit` and `after` are left as they are by default.
            fn filters(self, engine: &Engine) -> Result<InventoryQuery, Problem> {
                let time = |text: Option<String>, field| {
                    text.map(|text| moment(&text, field)).transpose()
                };
                Ok(InventoryQuery {
                    subject: self.subject.map(subject).transpose()?,
                    tier: self.tier.map(tier).transpose()?,
                    state: self.state.map(state).transpose()?,
                    kind: self.kind,
                    custody: self.custody,
                    overdue_at: self.overdue.unwrap_or(false).then(|| engine.now()),
                    never_confirmed: self.never_confirmed.unwrap_or(false),
                    used: self.used.unwrap_or(false),
                    expires_before: time(self.expires_before, "expires_before")?,
                    issued_before: time(self.issued_before, "issued_before")?,
                    issued_after: time(self.issued_after, "issued_after")?,
                    look_at: Some(LOOK_AT),
                    ..InventoryQuery::default()
                })
            }
        }
    };
}

parameters! {
    /// Which sets to list.
    Filter {
        /// `next_cursor` of the page before.
        cursor: Option<Uuid>,
        /// At most so many, 1 to 1000; 100 unless told.
        limit: Option<usize>,
    }
}

parameters! {
    /// Which sets to export, and how.
    Exporting {
        /// The form of the answer.
        #[param(inline)]
        format: Format,
    }
}

fn state(state: String) -> Result<String, Problem> {
    if STATES.contains(&state.as_str()) {
        return Ok(state);
    }
    Err(Problem::new("invalid_request", format!("`state` is one of {}", STATES.join(", "))))
}

fn tier(tier: String) -> Result<Tier, Problem> {
    Tier::try_from(tier).map_err(|error| Problem::new("invalid_request", error.to_string()))
}

/// A page of the inventory.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page {
    /// The sets, in the order in which they were issued.
    items: Vec<Set>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Uuid>,
}

/// The sets that pass the filter.
#[utoipa::path(get, path = "/v1/inventory", tag = "inventory", params(Filter),
    responses((status = 200, body = Page),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Page>, Problem> {
    let after = filter.cursor.map(SetId);
    let limit = filter.limit.unwrap_or(100).clamp(1, 1000);
    let query = InventoryQuery { after, limit, ..filter.filters(&engine)? };
    let page = engine.inventory(&allowed.caller.reach, &query).await?;
    let items = page.rows.iter().map(Set::from).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(|SetId(id)| id) }))
}

/// The sets that pass the filter, all of them, as a file. An answer that does not end properly is
/// not whole. Columns and members are those of a listing, in the same order; what a spreadsheet
/// would take for a formula has a `'` in front.
#[utoipa::path(get, path = "/v1/inventory/export", tag = "inventory", params(Exporting),
    responses((status = 200, content((String = "text/csv"), (String = "application/jsonl"))),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn export(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(asked): Parameters<Exporting>,
) -> Result<Response, Problem> {
    let format = asked.format;
    let query = asked.filters(&engine)?;
    export::answer(engine, allowed.caller.reach, query, format).await
}

/// The inventory in figures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Summary {
    /// Subjects registered that have not left.
    subjects: u64,
    /// Those with an active set.
    covered: u64,
    /// Sets by state.
    by_state: BTreeMap<String, u64>,
    /// Subjects and coverage by tier.
    by_tier: BTreeMap<String, Coverage>,
    /// Subjects and coverage by assurance level.
    by_assurance: BTreeMap<String, Coverage>,
    /// Live sets by kind.
    by_kind: BTreeMap<String, u64>,
    /// Live sets by declared custody; the others have none declared.
    by_custody: BTreeMap<String, u64>,
    /// Live sets by the time since they were issued.
    ages: Ages,
    /// Live sets whose replacement is due, or that have expired.
    overdue: u64,
    /// Live sets that expire within 30 days.
    expiring: u64,
    /// Sets whose holder never proved that the codes were saved.
    never_confirmed: u64,
}

/// How many sets are how old.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ages {
    /// Fewer than 30 days.
    under_30_days: u64,
    /// 30 days, and fewer than 90.
    under_90_days: u64,
    /// 90 days, and fewer than 180.
    under_180_days: u64,
    /// 180 days, and fewer than 365.
    under_365_days: u64,
    /// 365 days and more.
    older: u64,
}

/// The figures of one tier, or of one assurance level.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Coverage {
    /// Subjects that have not left.
    subjects: u64,
    /// Those with an active set.
    covered: u64,
    /// Those without one.
    uncovered: u64,
}

impl From<InventorySummary> for Summary {
    fn from(summary: InventorySummary) -> Self {
        let coverage = |tier: glassbreak_engine::store::TierCount| Coverage {
            subjects: tier.subjects,
            covered: tier.covered,
            uncovered: tier.subjects.saturating_sub(tier.covered),
        };
        let covered = |figures: BTreeMap<String, glassbreak_engine::store::TierCount>| {
            figures.into_iter().map(|(name, count)| (name, coverage(count))).collect()
        };
        let ages = summary.ages;
        Self {
            subjects: summary.subjects,
            covered: summary.covered,
            by_state: summary.by_state,
            by_tier: covered(summary.by_tier),
            by_assurance: covered(summary.by_assurance),
            by_kind: summary.by_kind,
            by_custody: summary.by_custody,
            ages: Ages {
                under_30_days: ages.under_30_days,
                under_90_days: ages.under_90_days,
                under_180_days: ages.under_180_days,
                under_365_days: ages.under_365_days,
                older: ages.older,
            },
            overdue: summary.overdue,
            expiring: summary.expiring,
            never_confirmed: summary.never_confirmed,
        }
    }
}

/// The inventory in figures.
#[utoipa::path(get, path = "/v1/inventory/summary", tag = "inventory",
    responses((status = 200, body = Summary)))]
pub(crate) async fn summary(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
) -> Result<Json<Summary>, Problem> {
    Ok(Json(engine.inventory_summary().await?.into()))
}
