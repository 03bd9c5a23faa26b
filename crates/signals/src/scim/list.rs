//! Queries, and the lists that answer them (RFC 7644 sections 3.4.2 and 3.4.3).

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{ScimError, ScimType};
use super::filter::{Filter, Lookup, Malformed, Matcher};
use super::patch::member;
use super::projection::Projection;
use super::schema::ResourceType;
use super::value::invalid;

/// The schema of a list.
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The schema of a query in a body.
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// A query's parameters as they came. Sorting is not offered, and what asks for it passed over
/// (RFC 7644 section 3.4.2.3).
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RawQuery {
    /// The filter.
    pub filter: Option<String>,
    /// The attributes to show.
    pub attributes: Option<String>,
    /// The attributes not to show.
    pub excluded_attributes: Option<String>,
    /// The place of the first resource, from 1.
    pub start_index: Option<String>,
    /// The most resources to show.
    pub count: Option<String>,
}

impl std::fmt::Debug for RawQuery {
    /// Never prints the filter: it names a person, and `Debug` output ends in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawQuery(..)")
    }
}

impl RawQuery {
    /// A query out of the body of `POST .search`, which keeps names out of addresses.
    ///
    /// # Errors
    /// `invalidSyntax` for a body that is no search.
    pub fn search(body: &Value) -> Result<Self, ScimError> {
        let syntax = || ScimError::new(ScimType::InvalidSyntax, "the body is no SearchRequest");
        let members = body.as_object().ok_or_else(syntax)?;
        let mut schemas = super::value::each(member(members, "schemas"));
        let is_search = |urn: &str| urn.eq_ignore_ascii_case(SEARCH);
        if !schemas.any(|urn| urn.as_str().is_some_and(is_search)) {
            return Err(syntax());
        }
        let text = |name: &str| match member(members, name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Array(names)) => {
                let names = names.iter().map(|name| name.as_str().ok_or_else(syntax));
                Ok(Some(names.collect::<Result<Vec<_>, _>>()?.join(",")))
            }
            Some(_) => Err(syntax()),
        };
        Ok(Self {
            filter: text("filter")?,
            attributes: text("attributes")?,
            excluded_attributes: text("excludedAttributes")?,
            start_index: text("startIndex")?,
            count: text("count")?,
        })
    }
}

/// A query that was read: which resources, which of them, and what of each.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// What an index can tell of it; [`Lookup::Scan`] without a filter.
    pub lookup: Lookup,
    /// The filter; every resource is asked for where there is none.
    pub matcher: Option<Matcher>,
    /// What is shown of each.
    pub projection: Projection,
    /// Which part of the list.
    pub page: Page,
}

impl ListQuery {
    /// Reads a query for resources of one type.
    ///
    /// # Errors
    /// `invalidFilter` with the place, `invalidPath` or `invalidValue` for the other parameters.
    pub fn read(kind: ResourceType, raw: &RawQuery) -> Result<Self, ScimError> {
        let filter = raw.filter.as_deref().map(Filter::parse).transpose();
        let filter = filter.map_err(Malformed::as_filter)?;
        let lookup = filter.as_ref().map_or(Lookup::Scan, |filter| filter.lookup(kind));
        let matcher = filter.map(|filter| Matcher::new(filter, kind)).transpose()?;
        let (attributes, excluded) =
            (raw.attributes.as_deref(), raw.excluded_attributes.as_deref());
        let projection = Projection::read(attributes, excluded)?;
        let page = Page::read(raw.start_index.as_deref(), raw.count.as_deref())?;
        Ok(Self { lookup, matcher, projection, page })
    }
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The place of the first resource, from 1.
    pub start_index: u64,
    /// The most resources in it; 0 asks for their number alone.
    pub count: u64,
}

impl Page {
    /// The most resources in one answer, and how many there are unless a client asks for fewer.
    pub const COUNT_MAX: u64 = 200;

    /// Reads `startIndex` and `count`. Less than the least is the least (RFC 7644 table 6).
    ///
    /// # Errors
    /// `invalidValue` for what is no whole number.
    pub fn read(start_index: Option<&str>, count: Option<&str>) -> Result<Self, ScimError> {
        let number = |name, text: Option<&str>| -> Result<Option<u64>, ScimError> {
            let Some(text) = text else { return Ok(None) };
            let number: i64 =
                text.trim().parse().map_err(|_| invalid(name, "is a whole number"))?;
            Ok(Some(u64::try_from(number).unwrap_or(0)))
        };
        Ok(Self {
            start_index: number("startIndex", start_index)?.unwrap_or(1).max(1),
            count: number("count", count)?.unwrap_or(Self::COUNT_MAX).min(Self::COUNT_MAX),
        })
    }

    /// How many resources come before it.
    pub const fn skipped(self) -> u64 {
        self.start_index.saturating_sub(1)
    }
}

/// The answer to a query: a page of `resources`, of `total` that there are.
pub fn list_response(resources: Vec<Value>, total: u64, page: Page) -> Value {
    let mut list = json!({
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": page.start_index,
        "itemsPerPage": resources.len(),
    });
    if let Some(members) = list.as_object_mut() {
        members.insert("Resources".to_owned(), resources.into());
    }
    list
}
