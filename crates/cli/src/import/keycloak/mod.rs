//! A Keycloak realm export (`kc.sh export`), mapped to subjects.
//!
//! * Users become people; users that belong to a client become services, and so do clients with
//!   service accounts whose users were not exported.
//! * Roles count wherever they come from: given to the user, to a group it is in or above that, or
//!   as part of another role. Administrative ones make a person `privileged`.
//! * Credentials tell the assurance: a password alone is `aal1`, a second factor `aal2`. An export
//!   cannot tell a key that stays on its device from one that is copied, so `aal3` is for the
//!   operator to say.
//! * Addresses that nobody verified are left out: notices are no use where they may be read by
//!   somebody else.

mod map;
mod realm;

pub use map::{Rules, SubjectBy, parse_keycloak_client, parse_keycloak_user};
pub use realm::{Client, Realm, RoleName, User};

use std::collections::HashSet;
use std::io::Read;

use super::record::{Place, Row};
use crate::exit::Failure;

/// Reads what users are understood by: roles, groups, clients. With `usernames`, also which id each
/// username has.
pub(super) fn context(source: impl Read, usernames: bool) -> Result<Realm, Failure> {
    let mut realm = Realm::default();
    let mut ids = Vec::new();
    realm::stream(source, Some(&mut realm), &mut |_, user| {
        if usernames && let Some((name, id)) = map::name_and_id(&user) {
            ids.push((name, id));
        }
        Ok(())
    })?;
    realm.ids.extend(ids);
    Ok(realm)
}

/// Reads a file user by user, and then the clients whose users it does not have.
pub(super) fn read(
    source: impl Read,
    realm: &Realm,
    rules: &Rules,
    visit: &mut dyn FnMut(Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut clients_seen = HashSet::new();
    realm::stream(source, None, &mut |at, user| {
        if let Some(client) = map::client_of(&user) {
            clients_seen.insert(client);
        }
        let record = parse_keycloak_user(&user, realm, rules);
        visit(Row { place: Place::Item("users", at), record })
    })?;
    for (at, client) in realm.clients.iter().enumerate() {
        if client.service_accounts_enabled && !clients_seen.contains(&client.client_id) {
            let record = parse_keycloak_client(client, realm, rules);
            visit(Row { place: Place::Item("clients", at as u64), record })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
