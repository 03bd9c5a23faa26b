//! What witnesses have signed besides the log itself (STANDARDS 6.3).

use glassbreak_tlog::note::VerifiedSignature;
use glassbreak_tlog::{KeyKind, NoteError, SignedCheckpoint, VerifierKey};

use crate::error::VerifyError;

/// The signatures of all of `witnesses` over a checkpoint, each with the time that it gives. The
/// keys are compared, not the names: a log that calls itself a witness is none.
///
/// # Errors
/// [`VerifyError::NotWitnessed`] for the first that has not signed, or whose key is no witness's;
/// [`VerifyError::Checkpoint`] for a line in its name that is not its signature.
pub fn witnessed(
    checkpoint: &SignedCheckpoint,
    witnesses: &[VerifierKey],
) -> Result<Vec<VerifiedSignature>, VerifyError> {
    let Some(first) = witnesses.first() else { return Ok(Vec::new()) };
    let missing = |key: &VerifierKey| VerifyError::NotWitnessed { name: key.name().to_owned() };
    let verified = match checkpoint.note().verify(witnesses) {
        Ok(verified) => verified,
        Err(NoteError::NotSigned) => return Err(missing(first)),
        Err(wrong) => return Err(VerifyError::Checkpoint(wrong.into())),
    };
    let of = |key: &VerifierKey| {
        let signed = verified.iter().find(|signature| signature.key == *key);
        signed.filter(|_| key.kind() == KeyKind::CosignatureV1).cloned().ok_or_else(|| missing(key))
    };
    witnesses.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use glassbreak_tlog::{Checkpoint, CosigningKey, EMPTY_ROOT, Note, SigningKey};

    use super::*;

    fn log() -> SigningKey {
        SigningKey::from_seed("o.example/log", &[1; 32]).unwrap()
    }

    fn witness(name: &str) -> CosigningKey {
        CosigningKey::from_seed(name, &[3; 32]).unwrap()
    }

    fn opened(note: &Note) -> SignedCheckpoint {
        let keys = [log().verifier_key().clone()];
        SignedCheckpoint::open(note.to_string().as_bytes(), &keys).unwrap()
    }

    fn found(note: &Note, witnesses: &[&VerifierKey]) -> Result<Vec<Option<u64>>, &'static str> {
        let witnesses: Vec<_> = witnesses.iter().copied().cloned().collect();
        let found = witnessed(&opened(note), &witnesses).map_err(|error| error.code())?;
        Ok(found.into_iter().map(|signature| signature.time).collect())
    }

    #[test]
    fn a_checkpoint_counts_as_witnessed_where_each_witness_that_is_asked_for_has_signed_it() {
        let (one, two) = (witness("w.example/one"), witness("w.example/two"));
        let [first, second] = [one.verifier_key(), two.verifier_key()];
        let checkpoint = Checkpoint::new("o.example/log", 0, EMPTY_ROOT).unwrap();
        let bare = checkpoint.sign(&[&log()]).unwrap();
        assert_eq!(found(&bare, &[]), Ok(vec![]), "nobody is asked for");
        assert_eq!(found(&bare, &[first]), Err("not_witnessed"));
        let signed = one.cosign(&checkpoint.to_text(), 7).unwrap();
        let signed = bare.with_newest(signed).unwrap();
        assert_eq!(found(&signed, &[first]), Ok(vec![Some(7)]));
        assert_eq!(found(&signed, &[first, second]), Err("not_witnessed"), "and not the other");
        let again = one.cosign(&checkpoint.to_text(), 9).unwrap();
        let again = signed.with_newest(again).unwrap();
        assert_eq!(
            found(&again, &[first]),
            Ok(vec![Some(9)]),
            "the newest line is the one there is"
        );
        assert_eq!(again.signatures().len(), 2);
        let own = log();
        assert_eq!(found(&again, &[own.verifier_key()]), Err("not_witnessed"), "no witness's key");
    }

    #[test]
    fn a_line_in_the_name_of_a_witness_that_it_did_not_write_is_found() {
        let one = witness("w.example/one");
        let checkpoint = Checkpoint::new("o.example/log", 0, EMPTY_ROOT).unwrap();
        let other = Checkpoint::new("o.example/log", 1, EMPTY_ROOT).unwrap();
        let note = checkpoint.sign(&[&log()]).unwrap();
        let copied = note.with_newest(one.cosign(&other.to_text(), 7).unwrap()).unwrap();
        assert_eq!(found(&copied, &[one.verifier_key()]), Err("checkpoint_refused"));
    }
}
