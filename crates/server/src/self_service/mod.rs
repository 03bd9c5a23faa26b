//! Who comes to the pages of self-service: by a link, by a sign-in at the identity provider, or
//! with a code (docs/decisions/0045). The pages themselves are in [`crate::pages`].

mod links;
mod sessions;
mod sign_in;
mod stranger;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use glassbreak_engine::core::event::SelfServiceEntered;
use glassbreak_engine::core::id::{RecoveryId, SubjectId, SubjectRef};
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::recovery::{Obligation, RecoveryState, Window};
use glassbreak_engine::core::redemption::Method;
use glassbreak_engine::core::self_service::{Entrance, Purpose};
use glassbreak_engine::core::subject::{Assurance, DirectoryEntry, Standing, Subject};
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::operation::MadeLink;
use glassbreak_engine::{Caller, Engine, Error, Keep, Reach, Shelf, SystemEntropy};

pub(crate) use sessions::Session;
pub(crate) use sign_in::{begin, callback};
pub(crate) use stranger::Stranger;

use crate::background::{Background, Stopped};
use crate::config::{Config, SelfServiceConfig};
use crate::operators::{Cookie, OidcClient, Token};
use crate::problem::Problem;
use links::{Link, Links};
use sessions::Sessions;

/// Where a link opens.
pub(crate) const OPEN: &str = "/self/open";
/// Where the identity provider sends people back to.
pub(crate) const CALLBACK: &str = "/self/callback";
/// How often what has ended is taken away.
const FORGOTTEN_EVERY: Duration = Duration::from_mins(10);
/// How many are looked at at a time.
const PAGE: usize = 500;

/// How people come in. Cheap to share.
pub(crate) struct SelfService {
    /// As configured.
    pub(crate) config: SelfServiceConfig,
    /// The origin that browsers see, without a slash at the end.
    pub(crate) public_url: String,
    engine: Engine,
    /// Our client at the identity provider, if people sign in there.
    provider: Option<OidcClient>,
    links: Links,
    sessions: Sessions,
    entropy: SystemEntropy,
}

/// Self-service, for handlers of its pages.
pub(crate) struct Own(pub(crate) Arc<SelfService>);

impl<S: Send + Sync> FromRequestParts<S> for Own {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let own = parts.extensions.get::<Option<Arc<SelfService>>>().cloned().flatten();
        let detail = "say where browsers find this server: `pages.public_url`";
        own.map(Self).ok_or_else(|| Problem::new("not_configured", detail))
    }
}

/// Somebody who is in: who they are now, and the session.
pub(crate) struct Present {
    /// The subject, as it stands now.
    pub(crate) subject: Subject,
    /// What the directory has of it.
    pub(crate) entry: DirectoryEntry,
    /// The session.
    pub(crate) session: Session,
    /// Its value, for the forms on its pages.
    pub(crate) token: Token,
    /// The window that a code opened in this browser, while it is open.
    pub(crate) window: Option<Window>,
    /// Whether that recovery is completed.
    pub(crate) is_back: bool,
}

impl Present {
    /// Who acts: the subject itself.
    pub(crate) fn caller(&self) -> Caller {
        Caller::subject(self.subject.id, self.entry.reference.clone())
    }

    /// Refuses unless they came for that.
    ///
    /// # Errors
    /// `not_allowed`.
    pub(crate) fn must(&self, purpose: Purpose) -> Result<(), Problem> {
        if self.session.purposes.contains(&purpose) {
            return Ok(());
        }
        let detail = "what you came in with is not for this; sign in, or ask for another link";
        Err(Problem::new("not_allowed", detail))
    }
}

/// A session that has begun.
pub(crate) struct LetIn {
    token: Token,
    /// How long it lasts at the most.
    seconds: u32,
}

/// A way in that was shown to be right, and is not used yet.
struct Way {
    subject: SubjectId,
    assurance: Assurance,
    authenticated_at: Timestamp,
    purposes: Vec<Purpose>,
    entrance: Entrance,
    recovery: Option<RecoveryId>,
    is_vouched_for: bool,
    ends_at: Option<Timestamp>,
    using_up: Option<Keep>,
}

impl SelfService {
    /// What the configuration says, for pages at `public_url`; none where browsers are not told
    /// where this server is, or where there are no pages.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn open(
        config: &Config,
        public_url: Option<String>,
        engine: &Engine,
        background: &mut Background,
    ) -> anyhow::Result<Option<Arc<Self>>> {
        let Some(public_url) = public_url.filter(|_| config.pages.enabled) else {
            return Ok(None);
        };
        let ours = config.self_service.clone();
        let redirect = format!("{public_url}{CALLBACK}");
        let provider = ours.oidc.as_ref();
        let provider = provider
            .map(|oidc| OidcClient::open(oidc, redirect, "self_service.oidc"))
            .transpose()?;
        let own = Arc::new(Self {
            links: Links::new(engine),
            sessions: Sessions::new(ours.session, engine),
            engine: engine.clone(),
            entropy: SystemEntropy::default(),
            provider,
            public_url,
            config: ours,
        });
        let forgetting = Arc::clone(&own);
        background.spawn(|stopped| forgetting.forget_the_ended(stopped));
        Ok(Some(own))
    }

    fn draw(&self) -> Result<Token, Problem> {
        Token::draw(&self.entropy).map_err(|_| Problem::plain("entropy_unavailable"))
    }

    /// Whether people sign in at an identity provider.
    pub(crate) const fn has_provider(&self) -> bool {
        self.provider.is_some()
    }

    /// Keeps a link that was made, and gives its URL. What opens it is behind the `#`, which no
    /// browser sends and no proxy writes down.
    ///
    /// # Errors
    /// `subject_unknown` if it was erased meanwhile; `entropy_unavailable`.
    pub(crate) async fn url_of(
        &self,
        name: &SubjectRef,
        made: MadeLink,
        assurance: Assurance,
        purposes: Vec<Purpose>,
    ) -> Result<String, Problem> {
        let found = self.engine.subject(&Reach::Everybody, name).await?;
        let (subject, _) = found.ok_or(Error::Denied(Denial::SubjectUnknown))?;
        let token = self.draw()?;
        let MadeLink { link, until } = made;
        let made_at = self.engine.now();
        let link = Link { link, subject: subject.id, assurance, purposes, made_at, until };
        self.links.keep(&token, &link).await?;
        Ok(format!("{}{OPEN}#{}", self.public_url, *token.text()))
    }

    /// Lets somebody in who has what is behind the `#` of a link: once, however many try at once.
    ///
    /// # Errors
    /// `link_refused`, whatever the reason; `contained`, and then the link is not used up.
    pub(crate) async fn by_link(&self, headers: &HeaderMap, text: &str) -> Result<LetIn, Problem> {
        let refused = || Problem::plain("link_refused");
        let token = Token::parse(text).ok_or_else(refused)?;
        let found = self.links.find(&token, self.engine.now()).await?.ok_or_else(refused)?;
        let links::Found { link, using_up } = found;
        let recovery = self.under_way(headers, link.subject).await?;
        let way = Way {
            subject: link.subject,
            assurance: link.assurance,
            authenticated_at: link.made_at,
            purposes: link.purposes,
            entrance: Entrance::Link { link: link.link },
            recovery,
            is_vouched_for: false,
            ends_at: None,
            using_up: Some(using_up),
        };
        self.let_in(way).await?.ok_or_else(refused)
    }

    /// Lets somebody in whose code is right: for as long as the window is open that it opened, or,
    /// where it was not enough, for what one factor is enough for. That somebody signed in before,
    /// and showed a factor there, is not forgotten: the same form sent again says the same.
    ///
    /// # Errors
    /// If the database gave no answer, and `contained`.
    pub(crate) async fn by_code(
        &self,
        headers: &HeaderMap,
        subject: SubjectId,
        (recovery, ends_at): (RecoveryId, Timestamp),
        purposes: Vec<Purpose>,
    ) -> Result<LetIn, Problem> {
        let before = self.present(headers).await.ok().map(|present| present.session);
        let before = before.filter(|it| it.subject == subject && !it.only_reports());
        let way = Way {
            subject,
            assurance: Assurance::Aal1,
            authenticated_at: self.engine.now(),
            purposes,
            entrance: Entrance::Code { recovery },
            recovery: Some(recovery),
            is_vouched_for: before.is_some_and(|it| it.is_vouched_for),
            ends_at: Some(ends_at),
            using_up: None,
        };
        self.let_in(way).await?.ok_or_else(|| Problem::plain("not_accepted"))
    }

    /// Uses the way up, writes down who came in, and only then tells the session's value. None if
    /// somebody else was faster, or the subject has left.
    async fn let_in(&self, way: Way) -> Result<Option<LetIn>, Problem> {
        let Some((subject, entry)) = self.stands(way.subject).await? else { return Ok(None) };
        if self.engine.is_contained(&subject).await? {
            return Err(Problem::plain("contained"));
        }
        let now = self.engine.now();
        let latest = now.plus(self.sessions.config().lifetime);
        let session = Session {
            subject: subject.id,
            assurance: way.assurance,
            authenticated_at: way.authenticated_at,
            purposes: way.purposes.clone(),
            entrance: way.entrance.clone(),
            recovery: way.recovery,
            is_vouched_for: way.is_vouched_for,
            ends_at: way.ends_at.unwrap_or(latest),
            seen_at: now,
        };
        let token = self.draw()?;
        let mut changes = vec![self.sessions.beginning(&token, &session)];
        changes.extend(way.using_up);
        if !self.engine.keep(changes).await? {
            return Ok(None);
        }
        let entered = SelfServiceEntered {
            entrance: way.entrance,
            assurance: way.assurance,
            purposes: way.purposes,
        };
        // Without the entry nobody learns the session's value (G1).
        if let Err(error) = self.engine.enter(&subject, &entry.reference, &entered).await {
            self.sessions.end(&token).await?;
            return Err(error.into());
        }
        let seconds = session.ends_at.seconds_from(now);
        Ok(Some(LetIn { token, seconds: u32::try_from(seconds).unwrap_or(u32::MAX) }))
    }

    /// A subject that has not left, with its directory entry.
    async fn stands(&self, id: SubjectId) -> Result<Option<(Subject, DirectoryEntry)>, Error> {
        let Some(name) = self.engine.reference(id).await? else { return Ok(None) };
        let found = self.engine.subject(&Reach::Everybody, &name).await?;
        Ok(found.filter(|(subject, _)| {
            subject.id == id && !matches!(subject.standing, Standing::Departed { .. })
        }))
    }

    /// Who is in with the browser that sent `headers`. The subject is looked at anew: who has left
    /// is out at once, and so is everybody whom a containment covers.
    ///
    /// # Errors
    /// `unauthenticated`, `contained`.
    pub(crate) async fn present(&self, headers: &HeaderMap) -> Result<Present, Problem> {
        let nobody = || Problem::plain("unauthenticated");
        let value = Cookie::Own.read(headers, &self.public_url).ok_or_else(nobody)?;
        let token = Token::parse(&value).ok_or_else(nobody)?;
        let session = self.sessions.seen(&token, self.engine.now()).await?.ok_or_else(nobody)?;
        let Some((subject, entry)) = self.stands(session.subject).await? else {
            self.sessions.end(&token).await?;
            return Err(nobody());
        };
        if self.engine.is_contained(&subject).await? {
            self.sessions.end(&token).await?;
            return Err(Problem::plain("contained"));
        }
        let (session, window, is_back) =
            self.in_recovery(session, &subject, &entry.reference).await?;
        Ok(Present { subject, entry, session, token, window, is_back })
    }

    /// What a session is worth beside the recovery that a code opened in its browser, the window
    /// while it is open, and whether it is completed. Who came in with a code does things for as
    /// long as that is so, looks on once it was met, and sees of any other end that it has ended.
    ///
    /// Once the new authenticator is bound, the session counts as `aal2` where the account is and
    /// what was shown recovers such an account (SP 800-63B-4 section 4.2.2.2): it has just bound an
    /// authenticator, of which the new codes are one (section 4.1.2.1). An account that was of
    /// `aal1` when it was recovered, or is of `aal3`, is signed in to with the new authenticator.
    async fn in_recovery(
        &self,
        mut session: Session,
        subject: &Subject,
        name: &SubjectRef,
    ) -> Result<(Session, Option<Window>, bool), Error> {
        let Some(id) = session.recovery.filter(|_| !session.only_reports()) else {
            return Ok((session, None, false));
        };
        let found = self.engine.recovery(&Reach::Everybody, id).await?;
        if let Some(recovery) = &found
            && let RecoveryState::Window(window) = &recovery.state
            && window.ends_at > self.engine.now()
            && self.engine.window_stands(name, window).await?
        {
            let is_bound = !window.obligations.contains(&Obligation::BindAuthenticator);
            // They signed in at the provider beside it.
            let beside: &[Method] = if session.is_vouched_for { &[Method::Password] } else { &[] };
            let is_enough = subject.profile.assurance == Assurance::Aal2
                && recovery.is_enough_at_aal2(subject.profile.ial, beside);
            if is_bound && is_enough {
                session.assurance = session.assurance.max(Assurance::Aal2);
            }
            return Ok((session, Some(window.clone()), false));
        }
        let state = found.map(|recovery| recovery.state);
        let is_back = matches!(state, Some(RecoveryState::Completed { .. }));
        if session.came_by_code() {
            session.purposes.retain(|purpose| is_back && *purpose == Purpose::View);
        }
        Ok((session, None, is_back))
    }

    /// The recovery that somebody is in the middle of in the browser that sent `headers`. It goes
    /// with them when they come in another way, with the authenticator they have just enrolled.
    ///
    /// # Errors
    /// If the database gave no answer: who lost it would not get it back.
    async fn under_way(
        &self,
        headers: &HeaderMap,
        subject: SubjectId,
    ) -> Result<Option<RecoveryId>, Problem> {
        let before = match self.present(headers).await {
            Ok(before) => before,
            // Nobody was there, or recovery is switched off for them.
            Err(problem) if problem.is_of_visitor() => return Ok(None),
            Err(problem) => return Err(problem),
        };
        let window = before.window.filter(|_| before.subject.id == subject);
        Ok(window.map(|window| window.recovery))
    }

    /// Ends the session of the browser that sent `headers`, if it has one.
    ///
    /// # Errors
    /// If the database gave no answer.
    pub(crate) async fn leave(&self, headers: &HeaderMap) -> Result<(), Error> {
        let value = Cookie::Own.read(headers, &self.public_url);
        match value.and_then(|value| Token::parse(&value)) {
            Some(token) => self.sessions.end(&token).await,
            None => Ok(()),
        }
    }

    /// The cookie of a session that begins; with `None`, of none.
    pub(crate) fn cookie(&self, begun: Option<&LetIn>) -> String {
        match begun {
            Some(LetIn { token, seconds }) => {
                Cookie::Own.set(&token.text(), *seconds, &self.public_url)
            }
            None => Cookie::Own.set("", 0, &self.public_url),
        }
    }

    async fn forget_the_ended(self: Arc<Self>, mut stopped: Stopped) {
        while stopped.sleep(FORGOTTEN_EVERY).await {
            let now = self.engine.now();
            let forgotten = match self.links.forget(now).await {
                Ok(()) => self.sessions.forget(now).await,
                failed => failed,
            };
            if let Err(error) = forgotten {
                tracing::warn!(%error, "links and sessions that have ended are still kept");
            }
        }
    }
}

/// Takes away from a shelf what does not go on.
async fn forget(shelf: &Shelf, goes_on: impl Fn(&[u8]) -> bool + Send) -> Result<(), Error> {
    let mut after: Option<String> = None;
    loop {
        let page = shelf.list("", after.as_deref(), PAGE).await?;
        for kept in page.iter().filter(|kept| !goes_on(&kept.value)) {
            let here = glassbreak_engine::Expected::Version(kept.version);
            shelf.take(&kept.key, here).await?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.key.clone()),
            _ => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::COOKIE;
    use glassbreak_engine::core::settings::Settings;
    use glassbreak_engine::core::time::Seconds;
    use glassbreak_engine::operation::Registration;
    use glassbreak_engine::store::memory::MemoryStore;
    use glassbreak_engine::{Options, RootKey};
    use glassbreak_testkit::FakeClock;

    use super::*;

    struct World {
        clock: FakeClock,
        engine: Engine,
        own: Arc<SelfService>,
        ada: SubjectRef,
    }

    impl World {
        async fn new() -> Self {
            let clock = FakeClock::default();
            let options = Options::new(Settings::defaults());
            let options = Options { clock: Box::new(clock.clone()), ..options };
            let (store, root) = (Arc::new(MemoryStore::new()), RootKey::from_bytes([7; 32]));
            let engine = Engine::open(store, root, options).await.unwrap();
            let ada = SubjectRef::try_from("ada".to_owned()).unwrap();
            let person = Registration::person(Assurance::Aal2);
            engine.register(&Caller::embedder(), &ada, person).await.unwrap();
            let url = Some("http://localhost:1".to_owned());
            let mut background = Background::new();
            let own = SelfService::open(&Config::default(), url, &engine, &mut background);
            Self { clock, engine, own: own.unwrap().unwrap(), ada }
        }

        async fn link(&self, lifetime: Seconds) -> String {
            let purposes = Purpose::ALL.to_vec();
            let asked = (Assurance::Aal2, purposes.clone(), lifetime);
            let by = Caller::embedder();
            let made = self.engine.make_link(&by, &self.ada, asked.0, asked.1, asked.2).await;
            let made = made.unwrap().into_reply();
            let url = self.own.url_of(&self.ada, made, Assurance::Aal2, purposes).await.unwrap();
            url.split_once('#').unwrap().1.to_owned()
        }

        async fn is_in(&self, begun: &LetIn) -> bool {
            let cookie = self.own.cookie(Some(begun));
            let cookie = HeaderValue::from_str(cookie.split(';').next().unwrap()).unwrap();
            self.own.present(&HeaderMap::from_iter([(COOKIE, cookie)])).await.is_ok()
        }
    }

    #[tokio::test]
    async fn a_link_opens_until_its_time_is_up_and_a_session_ends_when_it_is_idle() {
        let world = World::new().await;
        let (good, late) = (world.link(Seconds(60)).await, world.link(Seconds(60)).await);
        world.clock.advance(Seconds(59));
        let begun = world.own.by_link(&HeaderMap::new(), &good).await.unwrap();
        world.clock.advance(Seconds(1));
        assert!(world.own.by_link(&HeaderMap::new(), &late).await.is_err(), "its time is up");
        assert!(world.own.by_link(&HeaderMap::new(), &good).await.is_err(), "it was used");
        assert!(world.is_in(&begun).await);
        world.clock.advance(Seconds(500));
        assert!(world.is_in(&begun).await);
        world.clock.advance(Seconds(399));
        assert!(!world.is_in(&begun).await, "fifteen minutes are up, whatever was looked at");
        let begun =
            world.own.by_link(&HeaderMap::new(), &world.link(Seconds(60)).await).await.unwrap();
        world.clock.advance(Seconds(600));
        assert!(!world.is_in(&begun).await, "nothing was looked at for ten minutes");
        world.engine.close().await;
    }

    #[tokio::test]
    async fn what_has_ended_is_taken_away() {
        let world = World::new().await;
        let unused = world.link(Seconds(60)).await;
        let begun =
            world.own.by_link(&HeaderMap::new(), &world.link(Seconds(60)).await).await.unwrap();
        let now = world.engine.now();
        for (after, kept) in [(0, (true, true)), (60, (false, true)), (600, (false, false))] {
            let then = now.plus(Seconds(after));
            world.own.links.forget(then).await.unwrap();
            world.own.sessions.forget(then).await.unwrap();
            let link = Token::parse(&unused).unwrap();
            let found = world.own.links.find(&link, now).await.unwrap().is_some();
            assert_eq!((found, world.is_in(&begun).await), kept, "{after}");
        }
        world.engine.close().await;
    }
}
