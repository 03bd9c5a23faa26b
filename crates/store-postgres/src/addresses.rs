//! Address books: confirmed addresses and recovery contacts. What becomes of a row is the fold's to
//! say: the row is read, the entry is taken in by `glassbreak_core`, and the row is written again.

use glassbreak_core::address_book::{AddressBook, HeldAddresses};
use glassbreak_core::code::{Salt, StoredVerifier};
use glassbreak_core::id::{SentId, SubjectId};
use glassbreak_core::time::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::Failure;
use crate::pool::Shared;
use crate::project::json;
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// The bytes of one awaited code.
const CODE_BYTES: usize = 64;

/// Writes the address book of a subject, of which there was one or not.
pub(crate) fn write(
    subject: Uuid,
    held: &HeldAddresses,
    was_there: bool,
) -> Result<Option<Call>, Failure> {
    let HeldAddresses { book, verifiers } = held;
    if *book == AddressBook::default() {
        return Ok(was_there.then(|| call(Sql::AddressBookDrop).with(subject)));
    }
    let mut codes = Vec::with_capacity(CODE_BYTES * verifiers.len());
    for (id, verifier) in verifiers {
        codes.extend_from_slice(id.0.as_bytes());
        codes.extend(rows::packed(std::slice::from_ref(verifier)));
    }
    let review_at = book.review_due_at().map(Timestamp::millis);
    let call = call(Sql::AddressBookSet).with(subject).with(json(book)?);
    Ok(Some(call.with(review_at).with(codes)))
}

/// An address book, from `body` and `codes`.
pub(crate) fn read(row: &Row) -> Result<HeldAddresses, Failure> {
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

/// A subject's address book.
pub(crate) async fn book(pool: &Shared, subject: SubjectId) -> Result<AddressBook, Failure> {
    let found = pool.one(call(Sql::AddressBook).with(subject.0)).await?;
    Ok(found.first().map(read).transpose()?.unwrap_or_default().book)
}
