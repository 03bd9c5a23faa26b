//! `/console/settings`: how this server is set up, who may use it, and where it tells what.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use glassbreak_engine::Engine;
use glassbreak_engine::core::access::{ApiKey, KeyPurpose, Scope};

use crate::access::Needs;
use crate::config::{Explained, Setting};
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;
use crate::read::destinations::{AtDesk, DestinationDetail};

/// Settings whose names begin alike.
struct Group<'a> {
    name: &'a str,
    settings: Vec<&'a Setting>,
}

#[derive(Template)]
#[template(path = "console/settings.html")]
struct Settings<'a> {
    f: Frame,
    groups: Vec<Group<'a>>,
    /// Those that are not as they come.
    changed: usize,
    destinations: Vec<DestinationDetail>,
    /// None for who may not see them.
    keys: Option<Vec<ApiKey>>,
    generations: Vec<(KeyPurpose, u32)>,
    verifier_keys: Vec<String>,
}

/// `GET /console/settings`.
pub(crate) async fn show(
    State(engine): State<Engine>,
    visit: Visit<SeeSettings>,
    Extension(explained): Extension<Arc<Explained>>,
    desk: AtDesk,
) -> Result<Html<String>, Problem> {
    visit.reach().must_be_everybody()?;
    let destinations = match desk {
        Some(Extension(desk)) => desk.list().await.map_err(Problem::from)?,
        None => Vec::new(),
    };
    let keys = if visit.has(Scope::Admin) { Some(engine.api_keys().await?) } else { None };
    let verifier_keys = engine.verifier_keys().await?;
    shown(&Settings {
        f: visit.frame,
        groups: grouped(&explained.settings),
        changed: explained.settings.iter().filter(|it| it.from != "default").count(),
        destinations: destinations.into_iter().map(DestinationDetail::from).collect(),
        keys,
        generations: engine.key_generations().await?.into_iter().collect(),
        verifier_keys: verifier_keys.iter().map(ToString::to_string).collect(),
    })
}

fn grouped(settings: &[Setting]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for setting in settings {
        let name = setting.name.split_once('.').map_or("", |(name, _)| name);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.settings.push(setting),
            None => groups.push(Group { name, settings: vec![setting] }),
        }
    }
    groups
}

/// Whoever audits, and whoever administers.
pub(crate) struct SeeSettings;

impl Needs for SeeSettings {
    const ANY_OF: &'static [Scope] = &[Scope::Audit, Scope::Admin];
}
