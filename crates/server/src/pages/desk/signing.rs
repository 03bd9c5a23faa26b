//! What an approver signs, as the page of a case shows it.

use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::policy::Stake;
use glassbreak_engine::core::recovery::Item;
use glassbreak_engine::core::redemption::Method;
use glassbreak_engine::{Engine, Error, Outlook};

use super::case::facts;
use super::steps::{Missing, Told};
use crate::pages::visit::Visit;
use crate::problem::Problem;

/// What an approver would sign, and how.
pub(super) struct Signing {
    /// What the passkey is asked for a yes, as JSON.
    pub(super) approve: Option<String>,
    /// The same for a no.
    pub(super) decline: String,
    /// The case in words.
    pub(super) case: Vec<(String, String)>,
    /// The digest of the case, in groups.
    pub(super) digest: String,
    /// Whether something is still missing that agents bring.
    pub(super) is_early: bool,
}

/// Why the visitor's word would not count: the key of a phrase.
pub(super) fn why_not_sign<S>(visit: &Visit<S>, outlook: &Outlook) -> Option<&'static str> {
    if !visit.has(Scope::Approve) {
        return None;
    }
    let Some(visitor) = &outlook.visitor else { return Some("desk-nobody") };
    match visitor.stake {
        Stake::Subject => Some("desk-stake-subject"),
        Stake::Owner => Some("desk-stake-owner"),
        Stake::Requester => Some("desk-stake-requester"),
        Stake::Opener => Some("desk-stake-opener"),
        Stake::Approver => Some("desk-stake-approver"),
        Stake::None if !visitor.may_approve() => Some("desk-not-approver"),
        Stake::None if !visitor.has_passkey() => Some("desk-no-passkey"),
        Stake::None => None,
    }
}

/// What the visitor would sign. It is of the case that the page shows: one that has changed since
/// is another case, and the signature of this one does not count (F3).
pub(super) async fn signing<S>(
    engine: &Engine,
    visit: &Visit<S>,
    outlook: &Outlook,
    told: &Told<'_>,
    name: &SubjectRef,
) -> Result<Option<Signing>, Problem> {
    let Some(visitor) = &outlook.visitor else { return Ok(None) };
    if !visitor.may_decline() || !visitor.has_passkey() {
        return Ok(None);
    }
    let (id, caller) = (outlook.recovery.id, &visit.caller);
    let decline = match engine.decline_options(caller, id, name).await {
        // Where no passkeys are, nobody signs; the rest of the page is there all the same.
        Err(Error::NotConfigured(_)) => return Ok(None),
        other => other?,
    };
    let approve = if visitor.may_approve() && outlook.rests.is_none() {
        Some(engine.approve_options(caller, id, name).await?)
    } else {
        None
    };
    let corrupt = |_| Problem::plain("corrupt");
    let digest = outlook.recovery.case().map_err(corrupt)?.to_string();
    // Between the two looks it may have changed; then it is not what the page shows.
    let shown = outlook.recovery.case_bytes().map_err(corrupt)?;
    if decline.case != shown || approve.as_ref().is_some_and(|approve| approve.case != shown) {
        return Err(Problem::plain("busy"));
    }
    let groups: Vec<&str> = [(0, 8), (8, 16), (16, 24), (24, 32)]
        .into_iter()
        .filter_map(|(from, to)| digest.get(from..to))
        .collect();
    let f = told.f;
    let mut case = facts(f, outlook, told.names);
    case.insert(0, (f.t("desk-fact-subject").to_string(), told.names.name(outlook.subject.id)));
    let opening = &outlook.recovery.opening;
    let places = f.t("desk-signed-places").count("addresses", opening.addresses.len());
    let places = places.count("contacts", opening.contacts.len()).to_string();
    case.push((f.t("desk-fact-places").to_string(), places));
    for item in &outlook.recovery.items {
        let key = match item {
            Item::Proofed { .. } => "proofing",
            Item::VerifiedAgain { .. } => "second",
            Item::Vouched { .. } | Item::Presented { .. } => continue,
        };
        case.push((f.word("desk-step", key).to_string(), told.item(item)));
    }
    let missing = Missing(outlook);
    let is_early = missing.asks(Method::SecondVerification) || missing.asks(Method::Proofing);
    let digest = groups.join(" ");
    let approve = approve.map(|approve| approve.options.to_string());
    Ok(Some(Signing { approve, decline: decline.options.to_string(), case, digest, is_early }))
}
