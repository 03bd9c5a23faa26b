//! What is around every page: its language, where it can be gone from it, and who looks at it.

use std::borrow::{Borrow, Cow};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use glassbreak_engine::Reach;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::time::Timestamp;
use std::convert::Infallible;
use zeroize::Zeroizing;

use super::site::Site;
use super::text::{Language, Phrase};
use super::{asset, language};

/// A place in the navigation.
struct Place {
    href: &'static str,
    /// The key of its name.
    name: &'static str,
    /// Who may go there: with any of these scopes.
    any_of: &'static [Scope],
    /// Whether it concerns everybody, and is not for those who reach some groups alone.
    everybody: bool,
}

/// The places, by the key of their heading.
const PLACES: &[(&str, &[Place])] = &[
    (
        "nav-console",
        &[
            Place::of_everybody("/console", "nav-overview", &[Scope::Audit]),
            Place::new("/console/inventory", "nav-inventory", &[Scope::Audit]),
            Place::new("/console/subjects", "nav-subjects", &[Scope::Audit]),
            Place::new(
                "/console/recoveries",
                "nav-recoveries",
                &[Scope::Audit, Scope::Recover, Scope::Support, Scope::Approve],
            ),
            Place::of_everybody("/console/alerts", "nav-alerts", &[Scope::Audit]),
            Place::of_everybody(
                "/console/containment",
                "nav-containment",
                &[Scope::Contain, Scope::Audit, Scope::Approve],
            ),
            Place::of_everybody("/console/policy", "nav-policy", &[Scope::Audit]),
            Place::of_everybody("/console/log", "nav-log", &[Scope::Audit]),
            Place::of_everybody("/console/reviews", "nav-reviews", &[Scope::Audit]),
            Place::of_everybody("/console/operators", "nav-operators", &[Scope::Admin]),
            Place::of_everybody("/console/settings", "nav-settings", &[Scope::Audit, Scope::Admin]),
        ],
    ),
    (
        "nav-desk",
        &[
            Place::new("/desk", "nav-queue", &[Scope::Support, Scope::Approve, Scope::Audit]),
            Place::new("/desk/new", "nav-new-case", &[Scope::Support]),
            Place::new("/desk/passkeys", "nav-passkeys", &[Scope::Support, Scope::Approve]),
            Place::of_everybody("/desk/burden", "nav-burden", &[Scope::Audit]),
        ],
    ),
];

impl Place {
    const fn new(href: &'static str, name: &'static str, any_of: &'static [Scope]) -> Self {
        Self { href, name, any_of, everybody: false }
    }

    const fn of_everybody(
        href: &'static str,
        name: &'static str,
        any_of: &'static [Scope],
    ) -> Self {
        Self { href, name, any_of, everybody: true }
    }
}

/// The navigation of somebody.
#[derive(Debug, Clone)]
pub(crate) struct Navigation {
    /// The key of the heading.
    pub(crate) heading: &'static str,
    /// Where to go, and the key of its name.
    pub(crate) places: Vec<(&'static str, &'static str)>,
}

/// The frame of a page. Templates call it `f`.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The language.
    pub(crate) language: Language,
    /// The installation.
    pub(crate) site: Arc<Site>,
    /// The path of the page, with its query.
    pub(crate) here: String,
    /// What forms on the page have in them.
    pub(crate) csrf: Zeroizing<String>,
    /// Who looks at it; nobody that is known unless said.
    pub(crate) who: Option<String>,
    /// Where they may go.
    pub(crate) navigation: Vec<Navigation>,
}

impl Frame {
    /// For a request of nobody in particular.
    pub(crate) fn new(parts: &Parts) -> Self {
        let site = parts.extensions.get::<Arc<Site>>().cloned();
        let site = site.unwrap_or_else(|| Arc::new(Site::new(&crate::config::Config::default())));
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Self {
            language: language::of(&parts.headers),
            site,
            here,
            csrf: Zeroizing::default(),
            who: None,
            navigation: Vec::new(),
        }
    }

    /// For somebody, with where they may go.
    pub(crate) fn signed_in(&mut self, who: String, scopes: &[Scope], reach: &Reach) {
        let may_go = |place: &&Place| {
            place.any_of.iter().any(|scope| scopes.contains(scope))
                && (!place.everybody || *reach == Reach::Everybody)
        };
        let navigation = PLACES.iter().map(|(heading, places)| {
            let places = places.iter().filter(may_go).map(|place| (place.href, place.name));
            Navigation { heading, places: places.collect() }
        });
        self.navigation = navigation.filter(|heading| !heading.places.is_empty()).collect();
        self.who = Some(who);
    }

    /// Whom to ask, as the installation says, or in the page's language where it does not say.
    pub(crate) fn contact(&self) -> String {
        let named = self.site.contact.clone();
        named.unwrap_or_else(|| self.t("contact-unnamed").to_string())
    }

    /// The phrase under a key, in the page's language.
    pub(crate) fn t<'a>(&self, key: &'a str) -> Phrase<'a> {
        self.language.phrase(key)
    }

    /// A word of the domain in the page's language: the phrase `word-KIND-WORD`, with `_` as `-`.
    pub(crate) fn word(&self, kind: &str, word: impl AsRef<str>) -> Phrase<'static> {
        self.language.phrase(format!("word-{kind}-{}", word.as_ref().replace('_', "-")))
    }

    /// The same for names that others may add to: where there is no phrase, the name itself.
    pub(crate) fn word_or_own<'a>(&self, kind: &str, word: &'a str) -> Cow<'a, str> {
        let phrase = self.word(kind, word);
        if phrase.is_there() { phrase.to_string().into() } else { word.into() }
    }

    /// What a script says: the phrase `script-PART-NAME`.
    pub(crate) fn said(&self, part: &str, name: &str) -> Phrase<'static> {
        self.language.phrase(format!("script-{part}-{name}"))
    }

    /// A moment that travels as RFC 3339, as people write it.
    pub(crate) fn written(&self, moment: &str) -> String {
        let at = moment.parse::<jiff::Timestamp>();
        at.map_or_else(
            |_| moment.to_owned(),
            |at| self.moment(Timestamp::from_millis(at.as_millisecond())),
        )
    }

    /// Whether the page is at a place, or below it. The roots of areas are themselves alone.
    pub(crate) fn is_at(&self, place: &str) -> bool {
        let path = self.here.split('?').next().unwrap_or_default();
        path == place
            || (!["/console", "/desk"].contains(&place)
                && path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/')))
    }

    /// Where an asset is.
    #[expect(clippy::unused_self, reason = "templates reach functions through the frame")]
    pub(crate) fn asset(&self, name: &str) -> String {
        asset::place(name)
    }

    /// The languages to choose from, each with whether it is the page's.
    pub(crate) fn languages(&self) -> [(Language, bool); 2] {
        Language::ALL.map(|language| (language, language == self.language))
    }

    /// A day as people write it.
    pub(crate) fn day(&self, at: impl Borrow<Timestamp>) -> String {
        let at = at.borrow();
        let Ok(at) = jiff::Timestamp::from_millisecond(at.millis()) else {
            return String::new();
        };
        let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let month = self.language.phrase(format!("month-{}", date.month())).to_string();
        let phrase = self.t("date").with("day", date.day()).with("month", month);
        phrase.with("year", date.year()).to_string()
    }

    /// A moment as people write it, in UTC.
    pub(crate) fn moment(&self, at: impl Borrow<Timestamp>) -> String {
        let at = *at.borrow();
        let Ok(time) = jiff::Timestamp::from_millisecond(at.millis()) else {
            return String::new();
        };
        let time = time.to_zoned(jiff::tz::TimeZone::UTC).time();
        format!("{}, {:02}:{:02} UTC", self.day(at), time.hour(), time.minute())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::new(parts))
    }
}
