//! The shape of an export, read user by user.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::io::{BufReader, Read};

use anyhow::anyhow;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::exit::Failure;

/// A role of the realm, or of a client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName {
    /// The client, if it is one's.
    pub client: Option<String>,
    /// The role.
    pub name: String,
}

/// What users are understood by.
#[derive(Debug, Default)]
pub struct Realm {
    /// The roles that a role is made of.
    pub composites: BTreeMap<RoleName, Vec<RoleName>>,
    /// The roles of a group by its path, without those of the groups above.
    pub groups: BTreeMap<String, Vec<RoleName>>,
    /// The clients, in the order of the file.
    pub clients: Vec<Client>,
    /// Ids by username, where they are asked for.
    pub ids: HashMap<String, String>,
}

/// A client.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// Its id in the database.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name.
    pub client_id: String,
    /// Whether it is in use.
    #[serde(default, deserialize_with = "nullable")]
    pub enabled: Option<bool>,
    /// Whether it can act for itself.
    #[serde(default)]
    pub service_accounts_enabled: bool,
    /// What else is said of it.
    #[serde(default, deserialize_with = "nullable")]
    pub attributes: BTreeMap<String, String>,
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Its id, which tokens have as `sub`.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name.
    pub username: String,
    /// Its mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether it was shown to have that address.
    #[serde(default, deserialize_with = "nullable")]
    pub email_verified: bool,
    /// Whether it may sign in.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// The client it stands for.
    #[serde(default)]
    pub service_account_client_id: Option<String>,
    /// Paths of groups.
    #[serde(default, deserialize_with = "nullable")]
    pub groups: Vec<String>,
    /// Roles of the realm.
    #[serde(default, deserialize_with = "nullable")]
    pub realm_roles: Vec<String>,
    /// Roles of clients.
    #[serde(default, deserialize_with = "nullable")]
    pub client_roles: BTreeMap<String, Vec<String>>,
    /// What it signs in with.
    #[serde(default, deserialize_with = "nullable")]
    pub credentials: Vec<Credential>,
    /// What else is said of it.
    #[serde(default, deserialize_with = "nullable")]
    pub attributes: BTreeMap<String, Vec<String>>,
}

/// What a user signs in with. Its secret is not read.
#[derive(Debug, Clone, Deserialize)]
pub struct Credential {
    /// `password`, `otp`, `webauthn`, `webauthn-passwordless`, `recovery-authn-codes`, ...
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    name: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    realm_roles: Vec<String>,
    #[serde(default, deserialize_with = "nullable")]
    client_roles: BTreeMap<String, Vec<String>>,
    #[serde(default, deserialize_with = "nullable")]
    sub_groups: Vec<Group>,
}

#[derive(Default, Deserialize)]
struct Roles {
    #[serde(default)]
    realm: Vec<Role>,
    #[serde(default)]
    client: BTreeMap<String, Vec<Role>>,
}

#[derive(Deserialize)]
struct Role {
    name: String,
    #[serde(default, deserialize_with = "nullable")]
    composites: Composites,
}

#[derive(Default, Deserialize)]
struct Composites {
    #[serde(default)]
    realm: Vec<String>,
    #[serde(default)]
    client: BTreeMap<String, Vec<String>>,
}

/// `null` is what is not there.
fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The names of roles of the realm and of clients.
pub(super) fn role_names(
    realm: &[String],
    clients: &BTreeMap<String, Vec<String>>,
) -> impl Iterator<Item = RoleName> {
    let realm = realm.iter().map(|name| RoleName { client: None, name: name.clone() });
    let clients = clients.iter().flat_map(|(client, names)| {
        let named = |name: &String| RoleName { client: Some(client.clone()), name: name.clone() };
        names.iter().map(named)
    });
    realm.chain(clients)
}

impl Realm {
    fn add_roles(&mut self, roles: Roles) {
        let realm = roles.realm.into_iter().map(|role| (None, role));
        let clients = roles.client.into_iter().flat_map(|(client, roles)| {
            roles.into_iter().map(move |role| (Some(client.clone()), role))
        });
        for (client, role) in realm.chain(clients) {
            let parts: Vec<_> =
                role_names(&role.composites.realm, &role.composites.client).collect();
            if !parts.is_empty() {
                self.composites.insert(RoleName { client, name: role.name }, parts);
            }
        }
    }

    fn add_groups(&mut self, groups: Vec<Group>, above: &str) {
        for group in groups {
            let path = group.path.unwrap_or_else(|| format!("{above}/{}", group.name));
            let roles = role_names(&group.realm_roles, &group.client_roles).collect();
            self.add_groups(group.sub_groups, &path);
            self.groups.insert(path, roles);
        }
    }

    /// Every role a user has: its own, those of its groups and of the groups above them, and what
    /// each of them is made of.
    pub fn roles_of(&self, user: &User) -> BTreeSet<RoleName> {
        let mut open: Vec<RoleName> = role_names(&user.realm_roles, &user.client_roles).collect();
        for group in &user.groups {
            for path in above(group) {
                open.extend(self.groups.get(path).into_iter().flatten().cloned());
            }
        }
        let mut all = BTreeSet::new();
        while let Some(role) = open.pop() {
            // A role that was seen is not opened again, or a circle would have no end.
            if !all.contains(&role) {
                open.extend(self.composites.get(&role).into_iter().flatten().cloned());
                all.insert(role);
            }
        }
        all
    }
}

/// A group's path and those of the groups above it: `/a/b` and `/a`.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let cuts = path.char_indices().filter(|(at, c)| *c == '/' && *at > 0).map(|(at, _)| at);
    let cuts: Vec<usize> = cuts.chain([path.len()]).collect();
    cuts.into_iter().filter_map(|cut| path.get(..cut))
}

/// Reads an export. Each user is handed to `visit` with its place as soon as it is read, the rest
/// is kept in `realm` if there is one.
pub(super) fn stream(
    source: impl Read,
    realm: Option<&mut Realm>,
    visit: &mut dyn FnMut(u64, Value) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let stopped = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_reader(BufReader::new(source));
    let top = Top { realm, visit, stopped: &stopped };
    let read = deserializer.deserialize_any(top).and_then(|()| deserializer.end());
    match (stopped.take(), read) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => Err(anyhow!("the file is not a realm export: {error}").into()),
        (None, Ok(())) => Ok(()),
    }
}

struct Top<'a> {
    realm: Option<&'a mut Realm>,
    visit: &'a mut dyn FnMut(u64, Value) -> Result<(), Failure>,
    /// What `visit` failed with; serde's errors cannot carry it.
    stopped: &'a RefCell<Option<Failure>>,
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one realm as an object (with several, export each with `--realm`)")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut known = false;
        while let Some(key) = map.next_key::<String>()? {
            match (key.as_str(), self.realm.as_mut()) {
                ("users", _) => {
                    map.next_value_seed(Users { visit: self.visit, stopped: self.stopped })?;
                }
                ("roles", Some(realm)) => realm.add_roles(map.next_value()?),
                ("groups", Some(realm)) => {
                    realm.add_groups(
                        map.next_value::<Option<Vec<Group>>>()?.unwrap_or_default(),
                        "",
                    );
                }
                ("clients", Some(realm)) => {
                    realm.clients = map.next_value::<Option<Vec<Client>>>()?.unwrap_or_default();
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
            known = known || matches!(key.as_str(), "users" | "realm" | "clients");
        }
        if known { Ok(()) } else { Err(A::Error::custom("it has no `realm` and no `users`")) }
    }
}

struct Users<'a> {
    visit: &'a mut dyn FnMut(u64, Value) -> Result<(), Failure>,
    stopped: &'a RefCell<Option<Failure>>,
}

impl<'de> DeserializeSeed<'de> for Users<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Users<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of users")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut at = 0;
        // As a value first: one user of another shape does not spoil the rest.
        while let Some(user) = list.next_element::<Value>()? {
            if let Err(failure) = (self.visit)(at, user) {
                self.stopped.replace(Some(failure));
                return Err(A::Error::custom("stopped"));
            }
            at += 1;
        }
        Ok(())
    }
}
