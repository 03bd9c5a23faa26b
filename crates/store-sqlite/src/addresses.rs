//! Address books: confirmed addresses and recovery contacts. What becomes of a row is the fold's to
//! say: the row is read, the entry is taken in by `glassbreak_core`, and the row is written again.

use glassbreak_core::address_book::{AddressBook, HeldAddresses};
use glassbreak_core::code::{Salt, StoredVerifier};
use glassbreak_core::event::{Aside, Event, Happened};
use glassbreak_core::id::{SentId, SubjectId};
use glassbreak_core::time::Timestamp;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::failure::Failure;
use crate::holds::{self, Thing};
use crate::load::first;
use crate::project::{Projected, execute, json};
use crate::{rows, sql};

/// The bytes of one awaited code.
const CODE_BYTES: usize = 64;

/// Takes an entry into the address book it concerns.
pub(crate) fn follow(db: &Connection, subject: SubjectId, event: &Event) -> Projected {
    let HeldAddresses { mut book, mut verifiers } = held(db, subject)?;
    book.follow(&event.entry);
    if let (Aside::SentVerifier(verifier), Happened::AddressConfirmationSent { confirmation }) =
        (&event.aside, &event.entry.happened)
    {
        verifiers.push((confirmation.id, verifier.clone()));
    }
    let id = subject.0.as_bytes();
    if book == AddressBook::default() {
        // A first registration has no row to drop.
        execute(db, sql::ADDRESS_BOOK_DROP, params![id])?;
        return Ok(());
    }
    let awaited = |id: &SentId| book.pending.iter().any(|pending| pending.sent.id == *id);
    let mut codes = Vec::with_capacity(CODE_BYTES * book.pending.len());
    for (id, verifier) in verifiers.iter().filter(|(id, _)| awaited(id)) {
        codes.extend_from_slice(id.0.as_bytes());
        codes.extend(rows::packed(std::slice::from_ref(verifier)));
    }
    let review_at = book.review_due_at().map(Timestamp::millis);
    execute(db, sql::ADDRESS_BOOK_SET, params![id, json(&book)?, review_at, codes])?;
    holds::note(db, subject, Thing::AddressBook)
}

/// A subject's address book with the verifiers of the codes that are awaited.
pub(crate) fn held(db: &Connection, subject: SubjectId) -> Result<HeldAddresses, Failure> {
    Ok(first(db, sql::ADDRESS_BOOK, [subject.0.as_bytes()], read)?.unwrap_or_default())
}

/// An address book, from `body` and `codes`.
pub(crate) fn read(row: &Row<'_>) -> Result<HeldAddresses, Failure> {
    let book: AddressBook = rows::json(row, 0)?;
    let (codes, rest) = rows::bytes(row, 1)?.as_chunks::<CODE_BYTES>();
    let corrupt = || Failure::Corrupt("address_books: the codes do not fit".to_owned());
    let mut verifiers = Vec::with_capacity(codes.len());
    for code in codes {
        let (id, verifier) = code.split_first_chunk::<16>().ok_or_else(corrupt)?;
        let id = SentId(Uuid::from_bytes(*id));
        let awaited = book.pending.iter().find(|pending| pending.sent.id == id);
        let sent = &awaited.ok_or_else(corrupt)?.sent;
        let (mac, salt) = verifier.split_first_chunk::<32>().ok_or_else(corrupt)?;
        let salt = salt.first_chunk::<16>().copied().map(Salt::new);
        let verifier = StoredVerifier::from_parts(sent.scheme, sent.key_generation, salt, *mac);
        verifiers.push((id, verifier.map_err(|_| corrupt())?));
    }
    if rest.is_empty() && verifiers.len() == book.pending.len() {
        Ok(HeldAddresses { book, verifiers })
    } else {
        Err(corrupt())
    }
}
