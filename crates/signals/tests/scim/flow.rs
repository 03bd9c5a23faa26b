//! One User from the first look-up to the deletion, by a server that does nothing of its own: what
//! a handler needs is all here.

use std::collections::BTreeMap;

use crate::{GROUP, PATCH, USER, served};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_signals::scim::effect::{Change, Consequence, Membership, Rules, of_group, of_user};
use glassbreak_signals::scim::{
    Group, ListQuery, Lookup, Patch, Preconditions, RawQuery, Resource, ResourceType, ScimError,
    ScimType, Served, User, Version, index_key, list_response,
};
use serde_json::{Value, json};

/// Users by their ids, and what follows from what was done.
#[derive(Default)]
struct Server {
    users: BTreeMap<String, (Resource, Version)>,
    followed: Vec<Consequence>,
}

impl Server {
    fn answer(&self, id: &str) -> Result<Value, ScimError> {
        let (resource, version) = self.users.get(id).ok_or_else(ScimError::not_found)?;
        let about = Served { id: id.to_owned(), version: *version, groups: vec![], ..served() };
        Ok(resource.render(&about))
    }

    fn post(&mut self, body: &Value) -> Result<Value, ScimError> {
        let resource = Resource::create(ResourceType::User, body)?;
        let user = User::read(&resource)?;
        let name = index_key(user.user_name.as_str());
        if self.find(&Lookup::UserName(name)).next().is_some() {
            return Err(ScimError::new(ScimType::Uniqueness, "`userName` is taken"));
        }
        let id = format!("u-{}", self.users.len());
        self.followed = of_user(Change::Created(&user), &Rules::default());
        self.users.insert(id.clone(), (resource, Version(1)));
        self.answer(&id)
    }

    fn patch(&mut self, id: &str, if_match: &str, body: &Value) -> Result<Value, ScimError> {
        let (before, version) = self.users.get(id).cloned().ok_or_else(ScimError::not_found)?;
        Preconditions::read(Some(if_match), None)?.may_write(Some(version))?;
        let after = before.patch(&Patch::parse(body)?)?;
        if after != before {
            let (was, is) = (User::read(&before)?, User::read(&after)?);
            let change = Change::Updated { before: &was, after: &is };
            self.followed = of_user(change, &Rules::default());
            self.users.insert(id.to_owned(), (after, Version(version.0 + 1)));
        }
        self.answer(id)
    }

    fn delete(&mut self, id: &str) -> Result<(), ScimError> {
        let (resource, _) = self.users.remove(id).ok_or_else(ScimError::not_found)?;
        self.followed = of_user(Change::Deleted(&User::read(&resource)?), &Rules::default());
        Ok(())
    }

    fn list(&self, filter: &str) -> Result<Value, ScimError> {
        let raw = RawQuery { filter: Some(filter.to_owned()), ..RawQuery::default() };
        let query = ListQuery::read(ResourceType::User, &raw)?;
        let found = self.find(&query.lookup).filter_map(|id| self.answer(id).ok());
        let meant = |user: &Value| query.matcher.as_ref().is_none_or(|by| by.matches(user));
        let all: Vec<Value> = found.filter(meant).collect();
        let total = all.len() as u64;
        let shown = all.into_iter().map(|user| query.projection.apply(ResourceType::User, user));
        Ok(list_response(shown.collect(), total, query.page))
    }

    /// As an index would.
    fn find<'a>(&'a self, lookup: &'a Lookup) -> impl Iterator<Item = &'a str> {
        let meant = |(id, (resource, _)): &(&'a String, &'a (Resource, Version))| {
            let Ok(user) = User::read(resource) else { return false };
            match lookup {
                Lookup::Id(wanted) => *id == wanted,
                Lookup::UserName(key) => index_key(user.user_name.as_str()) == *key,
                Lookup::ExternalId(wanted) => {
                    user.external_id.is_some_and(|id| id.as_str() == wanted)
                }
                Lookup::GroupName(_) => false,
                Lookup::Scan => true,
            }
        };
        self.users.iter().filter(meant).map(|(id, _)| id.as_str())
    }
}

#[test]
fn a_user_comes_changes_and_goes() {
    let mut server = Server::default();
    let filter = r#"userName eq "ADA@example.org""#;
    assert_eq!(server.list(filter).expect("a list")["totalResults"], 0);
    let body = json!({"schemas": [USER], "userName": "ada@example.org", "externalId": "7"});
    let made = server.post(&body).expect("a user");
    assert!(matches!(server.followed.as_slice(), [Consequence::Register(_)]));
    let again = json!({"schemas": [USER], "userName": "Ada@Example.org"});
    assert_eq!(server.post(&again).expect_err("it is there").status(), 409);
    let found = server.list(filter).expect("a list");
    assert_eq!((&found["totalResults"], &found["Resources"][0]), (&json!(1), &made));
    let (id, version) = (made["id"].as_str().expect("an id"), made["meta"]["version"].as_str());
    let off = json!({"schemas": [PATCH], "Operations":
        [{"op": "Replace", "path": "active", "value": "False"}]});
    let version = version.expect("a version");
    let patched = server.patch(id, version, &off).expect("a patch");
    assert_eq!(server.followed, [Consequence::Report(LifecycleKind::AccountDisabled)]);
    assert_eq!(
        (&patched["active"], &patched["meta"]["version"]),
        (&json!(false), &json!("W/\"2\""))
    );
    let stale = server.patch(id, version, &off).expect_err("the version is another");
    assert_eq!(stale.status(), 412);
    assert_eq!(server.list("active eq false").expect("a list")["totalResults"], 1);
    server.delete(id).expect("it was there");
    let gone = [Consequence::Report(LifecycleKind::SubjectLeft), Consequence::Erase];
    assert_eq!(server.followed, gone);
    assert_eq!(server.delete(id).expect_err("SCIM-04").status(), 404);
    assert_eq!(server.patch(id, "*", &off).expect_err("SCIM-04").status(), 404);
    assert_eq!(server.list("userName pr").expect("a list")["totalResults"], 0);
}

#[test]
fn a_group_tells_its_members_what_they_are() {
    let body = json!({"schemas": [GROUP], "displayName": "Engineers", "externalId": "G7"});
    let before = Resource::create(ResourceType::Group, &body).expect("a group");
    let joins = json!({"schemas": [PATCH], "Operations":
        [{"op": "Add", "path": "members", "value": [{"value": "u-0"}]}]});
    let after = before.patch(&Patch::parse(&joins).expect("a patch")).expect("it is done");
    let (was, is) = (Group::read(&before).expect("a group"), Group::read(&after).expect("a group"));
    assert_eq!(is.external_id.as_deref(), Some("G7"));
    let all = of_group(Change::Updated { before: &was, after: &is }, &Rules::default());
    let [Membership { member, joins, leaves: None, report }] = all.as_slice() else {
        panic!("one member joins")
    };
    assert_eq!((member.as_str(), joins.as_deref()), ("u-0", Some("Engineers")));
    assert_eq!(*report, Some(LifecycleKind::RoleChanged));
}
