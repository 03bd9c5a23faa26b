//! Queries: by an index where a filter names one, by asking each resource where it does not.

use glassbreak_signals::scim::{
    AttrPath, ListQuery, Lookup, Projection, RawQuery, ResourceType, list_response,
};
use serde_json::Value;

use super::Scim;
use super::answer::Refusal;
use super::asker::Asker;
use super::groups::{reaches, show_group};
use super::shelves::{Held, Members};

/// A list that is being made.
struct Listing<'a> {
    asker: &'a Asker,
    query: ListQuery,
    kind: ResourceType,
    /// Whether the filter asks for what comes of other resources: members, groups.
    asks_related: bool,
    total: u64,
    shown: Vec<Value>,
}

impl Scim {
    /// The resources of one type that a query asks for.
    pub(super) async fn list(
        &self,
        asker: &Asker,
        kind: ResourceType,
        raw: &RawQuery,
    ) -> Result<Value, Refusal> {
        let query = ListQuery::read(kind, raw)?;
        let filter = raw.filter.as_deref().unwrap_or_default().to_ascii_lowercase();
        let asks_related = filter.contains(related(kind));
        let lookup = query.lookup.clone();
        let mut listing = Listing { asker, query, kind, asks_related, total: 0, shown: Vec::new() };
        let ids = match lookup {
            Lookup::Id(id) => vec![id],
            Lookup::UserName(key) | Lookup::GroupName(key) => {
                self.by_name(kind, &key).await?.into_iter().collect()
            }
            Lookup::ExternalId(external) => self.by_external_id(kind, &external).await?,
            Lookup::Scan => {
                self.scan(&mut listing).await?;
                Vec::new()
            }
        };
        for id in ids {
            if let Some(held) = self.get(kind, &id, Members::Left).await? {
                self.consider(&mut listing, held).await?;
            }
        }
        Ok(list_response(listing.shown, listing.total, listing.query.page))
    }

    async fn scan(&self, listing: &mut Listing<'_>) -> Result<(), Refusal> {
        let mut after: Option<String> = None;
        loop {
            let batch = self.batch(listing.kind, after.as_deref()).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = Some(last.id.clone());
            for held in batch {
                self.consider(listing, held).await?;
            }
        }
    }

    /// Counts a resource that the query means, and shows it if it is of the page.
    async fn consider(&self, listing: &mut Listing<'_>, held: Held) -> Result<(), Refusal> {
        let asker = listing.asker;
        let reached = match listing.kind {
            ResourceType::User => self.reaches_user(asker, &held).await?,
            ResourceType::Group => reaches(asker, &held)?,
        };
        if !reached {
            return Ok(());
        }
        let mut whole = None;
        if let Some(matcher) = &listing.query.matcher {
            let rendered = self.show(asker, &held, listing.asks_related).await?;
            if !matcher.matches(&rendered) {
                return Ok(());
            }
            whole = listing.asks_related.then_some(rendered);
        }
        listing.total = listing.total.saturating_add(1);
        let page = listing.query.page;
        let is_full = listing.shown.len() as u64 >= page.count;
        if listing.total <= page.skipped() || is_full {
            return Ok(());
        }
        let projection = &listing.query.projection;
        let rendered = match whole {
            Some(rendered) => rendered,
            None => self.show(asker, &held, shows(projection, related(listing.kind))).await?,
        };
        listing.shown.push(projection.apply(listing.kind, rendered));
        Ok(())
    }

    /// A resource as its client sees it, with or without what comes of others.
    async fn show(&self, asker: &Asker, held: &Held, whole: bool) -> Result<Value, Refusal> {
        match held.resource.kind() {
            ResourceType::User if whole => self.show_user(asker, held).await,
            ResourceType::Group if whole => {
                let whole = self.get(ResourceType::Group, &held.id, Members::Shown).await?;
                Ok(show_group(asker, whole.as_ref().unwrap_or(held)))
            }
            _ => Ok(show_group(asker, held)),
        }
    }
}

/// The attribute of a type that comes of other resources.
pub(super) const fn related(kind: ResourceType) -> &'static str {
    match kind {
        ResourceType::User => "groups",
        ResourceType::Group => "members",
    }
}

/// Whether a client sees an attribute.
pub(super) fn shows(projection: &Projection, name: &str) -> bool {
    let names = |paths: &[AttrPath], whole: bool| {
        let is_it = |path: &AttrPath| path.name.eq_ignore_ascii_case(name);
        paths.iter().any(|path| is_it(path) && (!whole || path.sub.is_none()))
    };
    match projection {
        Projection::All => true,
        Projection::Only(paths) => names(paths, false),
        Projection::Except(paths) => !names(paths, true),
    }
}
