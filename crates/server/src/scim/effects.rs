//! What follows from a change, done in the engine.

use std::collections::BTreeSet;

use glassbreak_channels::check_address;
use glassbreak_engine::core::id::{SubjectId, SubjectRef};
use glassbreak_engine::core::lifecycle::{Effect, LifecycleKind};
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::operation::amend::Least;
use glassbreak_engine::core::subject::{
    NotificationAddress, Profile, Proofing, Standing, SubjectKind,
};
use glassbreak_engine::operation::{Amended, Amendment};
use glassbreak_engine::{Error, Reach};
use glassbreak_signals::scim::effect::{Consequence, Inactive, Membership, Registration};
use glassbreak_signals::scim::{OwnExtension, ResourceType, ScimError, ScimType, User};

use super::Scim;
use super::answer::Refusal;
use super::asker::Asker;
use super::shelves::{LIFTS, Members};

/// A User whose subject is changed.
pub(super) struct Doing<'a> {
    /// Who asks.
    pub(super) asker: &'a Asker,
    /// The User's id.
    pub(super) id: &'a str,
    /// The version that is changed; 0 for one that is new.
    pub(super) version: u64,
    /// What was, unless it is new.
    pub(super) before: Option<&'a User>,
    /// Its subject, as soon as there is one.
    pub(super) subject: Option<SubjectId>,
}

impl Scim {
    /// Whether a User is of somebody who left.
    pub(super) fn has_left(&self, user: &User) -> bool {
        !user.active && self.rules().inactive == Inactive::Left
    }

    /// Does what follows for a User, in its order, but for what gives something back.
    pub(super) async fn follow(
        &self,
        doing: &mut Doing<'_>,
        consequences: Vec<Consequence>,
    ) -> Result<(), Refusal> {
        for consequence in consequences {
            match consequence {
                Consequence::Register(registration) => self.register(doing, registration).await?,
                // An account is enabled once it is stored that it is in use, and not before. The
                // engine writes down that a confirmed address is gone, and who reads that tells it.
                // What is erased, `delete_user` erases.
                Consequence::Report(LifecycleKind::AccountEnabled)
                | Consequence::TellFormer(_)
                | Consequence::Erase => {}
                Consequence::Report(kind) => {
                    let step = format!("scim:{}:{}:{}", doing.id, doing.version, kind.name());
                    self.report(doing.asker, doing.subject, kind, step).await?;
                }
            }
        }
        Ok(())
    }

    async fn register(
        &self,
        doing: &mut Doing<'_>,
        registration: Registration,
    ) -> Result<(), Refusal> {
        if doing.subject.is_none() {
            self.must_be_nobodys(doing, &registration.reference).await?;
        }
        let returns = doing.before.is_some_and(|before| self.has_left(before));
        let before = doing.before.filter(|_| !returns);
        let was = before.map(|before| before.own.clone()).unwrap_or_default();
        let own = changed(&was, registration.own);
        let none = BTreeSet::new();
        let known = before.map_or(&none, |before| &before.addresses);
        let asked: BTreeSet<NotificationAddress> = registration.addresses.into_iter().collect();
        let usable = |to: &&NotificationAddress| check_address(to.channel, &to.address).is_ok();
        let owner = registration.owner.filter(|owner| {
            before.and_then(User::owner) != Some(owner.as_str()) || own.kind.is_some()
        });
        let mut joins: BTreeSet<String> = BTreeSet::new();
        if doing.before.is_none() {
            joins.extend(doing.asker.own_group());
        }
        let mut at_least = Vec::new();
        if returns {
            for group in self.group_names(doing.id).await? {
                at_least.extend(self.least(&group));
                joins.insert(group);
            }
        }
        let amendment = Amendment {
            whom: doing.subject.map_or(Amended::Named, Amended::Subject),
            reference: registration.reference,
            first: self.first(),
            kind: own.kind,
            tier: own.tier,
            assurance: own.assurance,
            ial: own.ial,
            owner: match owner {
                Some(owner) => Some(self.owner(&owner).await?),
                None => None,
            },
            at_least,
            joins,
            leaves: BTreeSet::new(),
            adds: asked.difference(known).filter(usable).cloned().collect(),
            drops: known.difference(&asked).cloned().collect(),
            revives: doing.before.is_none() || returns,
            may_lower: doing.asker.may_lower,
        };
        let registered = self.engine().amend(&doing.asker.unnamed(), amendment).await?;
        doing.subject = Some(registered.reply().id);
        Ok(())
    }

    /// Refuses the name of a subject that is another User: one subject is one User. Of one out of
    /// reach the engine's refusal says no more than that.
    async fn must_be_nobodys(&self, doing: &Doing<'_>, name: &SubjectRef) -> Result<(), Refusal> {
        let found = self.engine().subject(&doing.asker.caller.reach, name).await?;
        let Some((subject, _)) = found else { return Ok(()) };
        match self.by_subject(subject.id).await? {
            Some(user) if user != doing.id => Err(Refusal::taken("the name that is the reference")),
            _ => Ok(()),
        }
    }

    /// What somebody new is of whom nothing is said.
    fn first(&self) -> Profile {
        Profile {
            kind: SubjectKind::Person,
            tier: self.config().tier.clone(),
            assurance: self.config().assurance,
            ial: Proofing::None,
            owner: None,
        }
    }

    /// The reference of the subject that a User is, by its id or its place.
    async fn owner(&self, id: &str) -> Result<SubjectRef, Refusal> {
        let id = id.rsplit('/').next().unwrap_or(id);
        let held = self.get(ResourceType::User, id, Members::Left).await?;
        let reference = match held.and_then(|held| held.stored.subject) {
            Some(subject) => self.engine().reference(subject).await?,
            None => None,
        };
        let unknown = || ScimError::new(ScimType::InvalidValue, "`owner` or `manager` is no User");
        reference.ok_or_else(|| unknown().into())
    }

    /// Reports something of a subject's life, under a name for the step. What takes something away
    /// has to hold afterwards: if the step was done before and somebody took it back since, it is
    /// done again.
    pub(super) async fn report(
        &self,
        asker: &Asker,
        subject: Option<SubjectId>,
        kind: LifecycleKind,
        step: String,
    ) -> Result<(), Refusal> {
        let Some(subject) = subject else { return Ok(()) };
        let Some(reference) = self.engine().reference(subject).await? else { return Ok(()) };
        let caller = asker.naming(step);
        let applied = self.engine().report(&caller, &reference, kind, None).await?;
        let closes = [LifecycleKind::AccountDisabled, LifecycleKind::SubjectLeft].contains(&kind);
        let open = is_open(applied.reply().standing);
        let opens = kind == LifecycleKind::AccountEnabled && is_disabled(applied.reply().standing);
        if applied.events().is_empty() && ((closes && open) || opens) {
            self.engine().report(&asker.unnamed(), &reference, kind, None).await?;
        }
        Ok(())
    }

    /// Brings the engine and what is stored of `active` together, after a User was stored: enables
    /// what is to be enabled, and disables what another server enabled meanwhile. Each of two
    /// servers first acts and then looks, so one of them sees what the other did.
    pub(super) async fn settle(&self, asker: &Asker, id: &str) -> Result<(), Refusal> {
        // Nobody toggles an account for longer than this at once.
        for _ in 0..4 {
            let Some(held) = self.get(ResourceType::User, id, Members::Left).await? else { break };
            let user = User::read(&held.resource).map_err(|_| Refusal::corrupt())?;
            let Some(subject) = held.stored.subject else { break };
            let version = held.version.0;
            if !user.active {
                let rests = self.rules().inactive == Inactive::Disabled
                    && self.engine().settings().effect(LifecycleKind::AccountDisabled)
                        == Effect::Suspend;
                if rests && self.standing(subject).await?.is_some_and(is_open) {
                    let kind = LifecycleKind::AccountDisabled;
                    let step = format!("scim:{id}:{version}:settled");
                    self.report(asker, Some(subject), kind, step).await?;
                }
                break;
            }
            if !self.is_noted(LIFTS, id).await? {
                break;
            }
            let kind = LifecycleKind::AccountEnabled;
            let step = format!("scim:{id}:{version}:{}", kind.name());
            self.report(asker, Some(subject), kind, step).await?;
            self.engine().keep(vec![self.dropping(LIFTS, id)]).await?;
        }
        Ok(())
    }

    async fn standing(&self, subject: SubjectId) -> Result<Option<Standing>, Refusal> {
        let Some(reference) = self.engine().reference(subject).await? else { return Ok(None) };
        let found = self.engine().subject(&Reach::Everybody, &reference).await?;
        Ok(found.map(|(subject, _)| subject.standing))
    }

    /// The names of the groups that a User is in.
    pub(super) async fn group_names(&self, user: &str) -> Result<Vec<String>, Refusal> {
        let groups = self.group_refs(user).await?;
        Ok(groups.into_iter().map(|group| group.name).collect())
    }

    fn least(&self, group: &str) -> Option<Least> {
        let least = self.config().groups.get(group)?;
        Some(Least { tier: least.tier.clone(), assurance: least.assurance })
    }

    /// Refuses what would take a member out of the key's reach, before anything is done: a report
    /// that came first would have revoked codes for a change that is then refused.
    pub(super) async fn must_stay_reached(
        &self,
        asker: &Asker,
        membership: &Membership,
    ) -> Result<(), Refusal> {
        let reach = &asker.caller.reach;
        if *reach == Reach::Everybody {
            return Ok(());
        }
        let held = self.get(ResourceType::User, &membership.member, Members::Left).await?;
        let Some(subject) = held.and_then(|held| held.stored.subject) else { return Ok(()) };
        let Some(reference) = self.engine().reference(subject).await? else { return Ok(()) };
        let missing = || Refusal::from(Error::from(Denial::GroupMissing));
        let (_, entry) = self.engine().subject(reach, &reference).await?.ok_or_else(missing)?;
        let leaves = membership.leaves.as_ref();
        let stays = entry.groups.into_iter().filter(|group| Some(group) != leaves);
        let after: Vec<String> = stays.chain(membership.joins.clone()).collect();
        if reach.covers(&after) { Ok(()) } else { Err(missing()) }
    }

    /// Does what follows for a member of a group. Who left is in no group until it comes back.
    pub(super) async fn follow_membership(
        &self,
        asker: &Asker,
        step: &str,
        membership: Membership,
    ) -> Result<(), Refusal> {
        let Membership { member, joins, leaves, report } = membership;
        let held = self.get(ResourceType::User, &member, Members::Left).await?;
        let Some(subject) = held.and_then(|held| held.stored.subject) else { return Ok(()) };
        let Some(reference) = self.engine().reference(subject).await? else { return Ok(()) };
        let whom = Amended::Subject(subject);
        let mut amendment = Amendment::none(whom, reference, self.config().assurance);
        amendment.at_least =
            joins.as_deref().and_then(|group| self.least(group)).into_iter().collect();
        amendment.joins = joins.into_iter().collect();
        amendment.leaves = leaves.into_iter().collect();
        // Reported first: afterwards a bound key may not reach who left its group.
        if let Some(kind) = report {
            let step = format!("{step}:{member}:{}", kind.name());
            self.report(asker, Some(subject), kind, step).await?;
        }
        self.engine().amend(&asker.unnamed(), amendment).await?;
        Ok(())
    }
}

/// Whether an account is neither disabled nor of somebody who left.
const fn is_open(standing: Standing) -> bool {
    !is_disabled(standing) && !matches!(standing, Standing::Departed { .. })
}

/// Whether an account rests because it is disabled.
const fn is_disabled(standing: Standing) -> bool {
    matches!(standing, Standing::Suspended { account: true, .. })
}

/// What is said now and was not before. What was said before is not said again: somebody may have
/// raised it since, by another way.
fn changed(was: &OwnExtension, is: OwnExtension) -> OwnExtension {
    fn new<T: PartialEq>(was: Option<&T>, is: Option<T>) -> Option<T> {
        is.filter(|is| was != Some(is))
    }
    OwnExtension {
        kind: new(was.kind.as_ref(), is.kind),
        tier: new(was.tier.as_ref(), is.tier),
        assurance: new(was.assurance.as_ref(), is.assurance),
        ial: new(was.ial.as_ref(), is.ial),
        owner: new(was.owner.as_ref(), is.owner),
    }
}
