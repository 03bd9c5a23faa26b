//! Address books: confirmed addresses and recovery contacts.

use std::sync::Arc;

use glassbreak_core::address_book::{AddressBook, ContactLabel};
use glassbreak_core::code::ARGON2ID_DEFAULT;
use glassbreak_core::fold::State;
use glassbreak_core::id::{ContactId, SentId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::add_contact::{self, AddContact};
use glassbreak_core::operation::confirm_address::{self, ConfirmAddress};
use glassbreak_core::operation::give_back::{self, GiveBack};
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::send_confirmation::{self, SendConfirmation, Unconfirmed};
use glassbreak_core::operation::{lapse, register, remove_contact, review_contacts, send};
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_core::subject::{Channel, NotificationAddress};
use glassbreak_core::time::Seconds;

use super::desk::Letter;
use super::driver::{World, by_name, person};
use crate::{Due, Store};

fn query() -> SnapshotQuery {
    SnapshotQuery { of: by_name("ada"), ..SnapshotQuery::default() }
}

fn label(text: &str) -> ContactLabel {
    ContactLabel::try_from(text.to_owned()).expect("a label")
}

/// Registers Ada at one address of her own that nobody verified.
async fn at(world: &mut World, address: &str) {
    let mut register = world.registration("ada", person("standard"));
    let (channel, address) = (Channel::Email, address.to_owned());
    register.directory.notification_addresses =
        vec![NotificationAddress { channel, address, verified: false }];
    let done = world.run(query(), None, |snapshot, call, rules| {
        register::decide(snapshot, register.clone(), call, rules)
    });
    done.await.expect("registered");
}

async fn add(world: &mut World, name: &str, address: &str) -> ContactId {
    let new_id = ContactId::new(world.now, world.entropy.bytes());
    let (channel, address) = (Channel::Sms, address.to_owned());
    let command = AddContact { new_id, label: label(name), channel, address };
    let done = world.run(query(), None, |snapshot, call, rules| {
        add_contact::decide(snapshot, command.clone(), call, rules)
    });
    done.await.expect("added").into_reply().id
}

async fn send_to(world: &mut World, letter: &Letter, to: Unconfirmed) -> SentId {
    let id = SentId::new(world.now, world.entropy.bytes());
    let done = world.run(query(), None, |snapshot, call, rules| {
        let command = SendConfirmation {
            id,
            to: to.clone(),
            verifier: letter.verifier.clone(),
            scheme: ARGON2ID_DEFAULT,
            key_generation: 1,
            lifetime: None,
        };
        send_confirmation::decide(snapshot, command, call, rules)
    });
    let reply = done.await.expect("sent").into_reply();
    assert!(matches!(reply, send::Reply::Send { .. }), "{reply:?}");
    id
}

async fn bring(world: &mut World, letter: &Letter, id: SentId, right: bool) -> bool {
    let done = world.run(query(), None, |snapshot, call, rules| {
        let candidates = if right { vec![letter.candidate()] } else { Vec::new() };
        let command = ConfirmAddress { confirmation: id, candidates };
        confirm_address::decide(snapshot, &command, call, rules)
    });
    done.await.expect("looked at").into_reply() == confirm_address::Reply::Confirmed
}

/// The tables are the fold of the entries, and the book that is read is the one in them.
async fn folds(world: &World) -> AddressBook {
    let mut folded = State::default();
    for logged in world.store.entries(0, 1000).await.expect("entries") {
        folded.apply(&logged.entry().expect("readable")).expect("it follows");
    }
    assert_eq!(world.store.dump().await.expect("dump"), folded);
    let snapshot = world.load(by_name("ada")).await;
    let book = world.store.addresses(snapshot.aggregate).await.expect("addresses");
    assert_eq!(snapshot.addresses.book, book);
    assert_eq!(folded.address_books.get(&snapshot.aggregate).cloned().unwrap_or_default(), book);
    let directory = snapshot.directory.map_or(0, |entry| entry.contacts.len());
    assert_eq!(directory, book.contacts.len(), "the directory has the contacts of the book");
    book
}

pub(super) async fn an_address_book_is_the_fold_of_its_entries(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let letter = Letter::new(&mut world);
    at(&mut world, "ada@example.org").await;
    assert_eq!(folds(&world).await, AddressBook::default());
    let (channel, address) = (Channel::Email, "ada@example.org".to_owned());
    let own = Unconfirmed::Own(NotificationAddress { channel, address, verified: false });
    let lost = send_to(&mut world, &letter, own.clone()).await;
    world.wait(1);
    for first in [true, false] {
        let given_back = world.run(query(), None, |snapshot, call, _| {
            give_back::decide(snapshot, GiveBack::Confirmation(lost), call)
        });
        assert_eq!(given_back.await.expect("known").into_reply(), first, "once");
    }
    let book = folds(&world).await;
    assert_eq!((book.pending[0].undelivered, book.sent_at.len()), (true, 0));
    assert!(!bring(&mut world, &letter, lost, true).await, "dead");
    let earlier = send_to(&mut world, &letter, own.clone()).await;
    world.wait(1);
    let id = send_to(&mut world, &letter, own.clone()).await;
    let held = world.load(by_name("ada")).await.addresses;
    assert_eq!(held.verifiers, [(id, letter.verifier.clone())], "of the newest alone");
    assert!(!bring(&mut world, &letter, earlier, true).await, "dead");
    assert!(!bring(&mut world, &letter, id, false).await, "wrong");
    let book = folds(&world).await;
    assert_eq!((book.pending.len(), book.pending[0].failures), (1, 1));
    assert_eq!(world.load(by_name("ada")).await.budget.failures, 3, "one budget");
    assert!(bring(&mut world, &letter, id, true).await);
    let book = folds(&world).await;
    assert_eq!((book.pending.len(), book.confirmed.len()), (0, 1));

    add(&mut world, "sister", "+4930001").await;
    add(&mut world, "neighbour", "+4930002").await;
    let id = send_to(&mut world, &letter, Unconfirmed::Contact(label("sister"))).await;
    assert!(bring(&mut world, &letter, id, true).await);
    let book = folds(&world).await;
    assert!(book.contacts[0].confirmed_at.is_some() && book.contacts[1].confirmed_at.is_none());
    let moved = add(&mut world, "sister", "+4930003").await;
    let book = folds(&world).await;
    assert_eq!(book.contacts[1].id, moved);
    assert_eq!(book.contacts[1].confirmed_at, None, "another address, another contact");
    let gone = label("neighbour");
    let removed =
        world.run(query(), None, |snapshot, call, _| remove_contact::decide(snapshot, &gone, call));
    removed.await.expect("removed");
    world
        .run(query(), None, |snapshot, call, _| review_contacts::decide(snapshot, call))
        .await
        .expect("reviewed");
    assert_eq!(folds(&world).await.contacts.len(), 1);
    at(&mut world, "ada@elsewhere.example").await;
    let book = folds(&world).await;
    assert!(book.confirmed.is_empty(), "the address went, and its confirmation with it");
    assert_eq!(book.contacts.len(), 1, "a registration leaves contacts alone");

    let left = Report { kind: LifecycleKind::SubjectLeft, occurred_at: world.now };
    world.report("ada", left).await;
    assert_eq!(folds(&world).await, AddressBook::default(), "who left has nobody");
    at(&mut world, "ada@example.org").await;
    assert_eq!(folds(&world).await, AddressBook::default(), "nor has who comes back");
}

pub(super) async fn due_names_who_is_to_review_contacts(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    at(&mut world, "ada@example.org").await;
    let subject = world.load(by_name("ada")).await.aggregate;
    add(&mut world, "sister", "+4930001").await;
    for _ in 0..2 {
        let since = world.now.plus(AddressBook::REVIEW_EVERY);
        let before = since.minus(Seconds(1));
        assert_eq!(world.store.due(before, 10).await.expect("due"), []);
        assert_eq!(world.store.due(since, 10).await.expect("due"), [Due { subject, since }]);
        world.now = since;
        let lapsed = world.run(query(), None, |snapshot, call, _| lapse::decide(snapshot, call));
        assert_eq!(lapsed.await.expect("lapsed").into_reply(), 1);
        assert_eq!(world.store.due(world.now, 10).await.expect("due"), []);
        folds(&world).await;
    }
    let sister = label("sister");
    let removed = world
        .run(query(), None, |snapshot, call, _| remove_contact::decide(snapshot, &sister, call));
    removed.await.expect("removed");
    world.now = world.now.plus(AddressBook::REVIEW_EVERY);
    assert_eq!(world.store.due(world.now, 10).await.expect("due"), [], "there is none to review");
}
