//! Notes against the C2SP texts, CP-03 and CP-04 row by row, and garbage.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::cosignature::CosigningKey;

const TEXT: &str = "This is an example message.\n";

fn key(name: &str, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, &[seed; 32]).unwrap()
}

fn public(key: &SigningKey) -> VerifierKey {
    key.verifier_key().clone()
}

fn parse(note: &str) -> Result<Note, NoteError> {
    Note::parse(note.as_bytes())
}

#[test]
fn the_note_of_the_specification_verifies() {
    let vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm\
                     RKuwHjG1Yu72IneyaQM=";
    let text = format!("{TEXT}\n— example.com/foo {signature}\n");
    let note = parse(&text).unwrap();
    assert_eq!(note.text(), TEXT);
    let verified = note.verify(&[VerifierKey::parse(vkey).unwrap()]).unwrap();
    assert_eq!(verified.len(), 1);
}

#[test]
fn the_checkpoint_of_the_standards_page_is_made_and_verified() {
    let log_seed = std::array::from_fn(|place| u8::try_from(place).unwrap());
    let witness_seed = std::array::from_fn(|place| u8::try_from(place + 0x20).unwrap());
    let log = SigningKey::from_seed("audit.example.com/log1", &log_seed).unwrap();
    let witness = CosigningKey::from_seed("witness.example.com/w1", &witness_seed).unwrap();
    assert_eq!(
        witness.verifier_key().to_string(),
        "witness.example.com/w1+969980cf+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
    );
    let expected = "audit.example.com/log1\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\
        — audit.example.com/log1 zxj+KhplIh9VYopeKLyepfOrUNK+W0DHqdP2m9j/FRQKmve6aPW194qR7w3swa/\
        cuPfot369dgFXqak6+5N3LGSf5Qw=\n\
        — witness.example.com/w1 lpmAzwAAAABlU/EA0THSjUzft77W2LkZ918BXu9N66pXnb+jeesTn+XvYJV3jWQ\
        LkkKNVn8uEJbKrp6hG7VxR/FaJItsFSk0+OWrAA==\n";
    let (text, _) = expected.split_once("\n\n").unwrap();
    let checkpoint = Checkpoint::parse(&format!("{text}\n")).unwrap();
    let mut note = checkpoint.sign(&[&log]).unwrap();
    note.add(witness.cosign(note.text(), 1_700_000_000).unwrap()).unwrap();
    assert_eq!(note.to_string(), expected);

    let keys = [public(&log), witness.verifier_key().clone()];
    let opened = SignedCheckpoint::open(expected.as_bytes(), &keys).unwrap();
    assert_eq!(opened.verified()[1].time, Some(1_700_000_000));
    let later = expected.replace("AAAABlU/EA", "AAAABlU/EB");
    assert_eq!(
        parse(&later).unwrap().verify(&keys),
        Err(NoteError::WrongSignature { name: "witness.example.com/w1".into() })
    );
}

#[test]
fn the_c2sp_texts_parse_in_their_one_spelling() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tlog/c2sp");
    let read = |name: &str| {
        let path = folder.join(name);
        let missing = |error| panic!("the C2SP text {} is missing: {error}", path.display());
        std::fs::read_to_string(&path).unwrap_or_else(missing)
    };
    let note = read("signed-note-example.txt");
    assert_eq!(parse(&note).unwrap().to_string(), note);
    assert!(parse(&note).unwrap().text().contains("\n\ned è subito sera.\n"));

    let checkpoint = read("checkpoint-example.txt");
    let parsed = Checkpoint::parse(parse(&checkpoint).unwrap().text()).unwrap();
    assert_eq!((parsed.origin(), parsed.size()), ("example.com/behind-the-sofa", 20_852_163));

    let request = read("witness-add-checkpoint-request.txt");
    let (_, checkpoint) = request.split_once("\n\n").unwrap();
    assert_eq!(parse(checkpoint).unwrap().signatures().len(), 2);

    for line in read("witness-add-checkpoint-response.txt").lines() {
        let signature = Signature::parse(line).unwrap();
        assert_eq!((signature.to_string().as_str(), signature.bytes().len()), (line, 72));
    }
}

#[test]
fn cp_03_unknown_ignored_wrong_rejected_none_rejected() {
    let (log, other) = (key("log.example", 1), key("other.example", 2));
    let note = Note::sign(TEXT, &[&log, &other]).unwrap();
    assert_eq!(note.verify(&[public(&log), public(&other)]).unwrap().len(), 2);
    assert_eq!(note.verify(&[public(&log)]).unwrap()[0].key, public(&log));
    assert_eq!(note.verify(&[]), Err(NoteError::NotSigned));
    assert_eq!(note.verify(&[public(&key("third.example", 3))]), Err(NoteError::NotSigned));

    // A key shares the name but not the id, or the other way round: unknown, so ignored.
    assert_eq!(note.verify(&[public(&key("log.example", 9))]), Err(NoteError::NotSigned));

    // A good line does not make up for a bad one of a known key.
    let mut forged = Note::sign(TEXT, &[&log]).unwrap();
    forged.add(other.sign("Another text.\n").unwrap()).unwrap();
    assert_eq!(
        forged.verify(&[public(&log), public(&other)]),
        Err(NoteError::WrongSignature { name: "other.example".into() })
    );
    assert_eq!(forged.verify(&[public(&log)]).unwrap().len(), 1);

    // A line may be there twice; the key still counts once.
    let mut twice = Note::sign(TEXT, &[&log]).unwrap();
    twice.add(log.sign(TEXT).unwrap()).unwrap();
    assert_eq!(twice.verify(&[public(&log)]).unwrap().len(), 1);
}

#[test]
fn cp_04_sixteen_signatures_are_accepted_and_a_hundred_and_one_are_not() {
    let line = key("log.example", 1).sign(TEXT).unwrap().to_string();
    let with = |count: usize| parse(&format!("{TEXT}\n{}", format!("{line}\n").repeat(count)));
    assert_eq!(with(16).unwrap().signatures().len(), 16);
    assert_eq!(with(100).unwrap().signatures().len(), 100);
    assert_eq!(with(101), Err(NoteError::TooManySignatures));
    let mut full = with(100).unwrap();
    assert_eq!(full.add(Signature::parse(&line).unwrap()), Err(NoteError::TooManySignatures));
}

#[test]
fn other_spellings_are_refused() {
    let line = key("log.example", 1).sign(TEXT).unwrap().to_string();
    let good = format!("{TEXT}\n{line}\n");
    assert!(parse(&good).is_ok());
    let bad_line = Err(NoteError::SignatureLine { line: 1 });
    for (note, refused) in [
        (String::new(), Err(NoteError::Form)),
        (TEXT.to_owned(), Err(NoteError::Form)),
        (format!("{TEXT}\n"), Err(NoteError::Form)),
        (format!("{TEXT}{line}\n"), Err(NoteError::Form)),
        (format!("{TEXT}\n{line}"), Err(NoteError::Form)),
        (format!("{good}\n"), Err(NoteError::Form)),
        (format!("\n{line}\n"), Err(NoteError::Form)),
        (good.replace('\n', "\r\n"), Err(NoteError::Characters)),
        (good.replace("This", "Th\tis"), Err(NoteError::Characters)),
        (good.replace("This", "Th\0is"), Err(NoteError::Characters)),
        (good.replace('—', "-"), bad_line.clone()),
        (good.replace("— ", "—"), bad_line.clone()),
        (good.replace("— ", "—  "), bad_line.clone()),
        (good.replace("log.example ", "log.example  "), bad_line.clone()),
        (good.replace("log.example", "log\u{a0}example"), bad_line.clone()),
        (good.replace("log.example", "log+example"), bad_line.clone()),
        (good.replace(&format!("{line}\n"), &format!("{line} \n")), bad_line.clone()),
        (good.replace(&line, "— log.example AAAAAA=="), bad_line.clone()),
        (good.replace(&line, "— log.example AAAAAAB="), bad_line),
        ("a".repeat(NOTE_LEN_MAX + 1), Err(NoteError::TooLong { bytes: NOTE_LEN_MAX + 1 })),
    ] {
        assert_eq!(parse(&note), refused, "{note:?}");
    }
    assert_eq!(Note::parse(b"\xff\n\n"), Err(NoteError::Characters));
    assert_eq!(Note::sign("no newline", &[&key("a", 1)]), Err(NoteError::Form));
    assert_eq!(Note::sign("a\tb\n", &[&key("a", 1)]), Err(NoteError::Characters));
    assert_eq!(Note::sign(TEXT, &[]), Err(NoteError::NotSigned));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read_back(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
        }
    }

    #[test]
    fn any_text_near_a_note_is_refused_or_read_back(
        text in "([a-c0-1]{0,3}\n){0,4}\n?(— ?[a-c+ ]{1,3} [A-D]{4,8}={0,2}\n){0,3}\n?",
    ) {
        if let Ok(note) = parse(&text) {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            prop_assert_eq!(checkpoint.to_text(), text.clone());
        }
        let _ = VerifierKey::parse(&text);
    }
}
