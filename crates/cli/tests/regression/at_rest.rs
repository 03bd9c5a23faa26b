//! REG-19, REG-20, REG-25: what is stored opens nothing, and no code is in it, nor in what is said.

use std::path::Path;

use glassbreak_engine::core::code::{self, Entropy, EntropyFailed, Ordinal, Prefix};
use glassbreak_engine::core::digest::hex;
use glassbreak_testkit::http::{Client, Failure};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::calls::{Place, Shown, Tested, issue, redeem, register};
use crate::common::{PROFILES, replays};
use crate::encodings::Planted;

/// The database of an installation, to look into.
fn database(data: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(data.join("glassbreak.db"), flags)?)
}

/// Every value of every column of every row of every table, as bytes.
fn stored_values(data: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let database = database(data)?;
    let mut names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    let mut values = Vec::new();
    for name in names {
        let mut rows = database.prepare(&format!("SELECT * FROM \"{}\"", name?))?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                values.push(match row.get_ref(column)? {
                    ValueRef::Null => continue,
                    ValueRef::Integer(number) => number.to_string().into_bytes(),
                    ValueRef::Real(number) => number.to_string().into_bytes(),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
                });
            }
        }
    }
    values.sort();
    values.dedup();
    Ok(values)
}

/// What is stored in place of a code: a MAC, and a salt where it is stretched.
pub(crate) type Verifier = (Vec<u8>, Option<Vec<u8>>);

/// All of them, in the order in which the sets were issued.
pub(crate) fn verifiers(data: &Path) -> Result<Vec<Verifier>, Failure> {
    let database = database(data)?;
    let mut rows = database.prepare("SELECT codes, count FROM code_sets ORDER BY id")?;
    let rows = rows.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, u8>(1)?)))?;
    let mut verifiers = Vec::new();
    for set in rows {
        let (codes, count) = set?;
        for code in codes.chunks(codes.len() / usize::from(count)) {
            let (mac, salt) = code.split_at(32);
            verifiers.push((mac.to_vec(), (!salt.is_empty()).then(|| salt.to_vec())));
        }
    }
    Ok(verifiers)
}

/// What else is stored that nobody is to see: the digests of API keys, the salts of directory
/// entries, the root key.
pub(crate) fn secrets(data: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let database = database(data)?;
    let stored =
        "SELECT digest FROM api_keys UNION SELECT salt FROM aggregates WHERE salt IS NOT NULL";
    let mut rows = database.prepare(stored)?;
    let rows = rows.query_map([], |row| row.get(0))?;
    let mut secrets = rows.collect::<Result<Vec<Vec<u8>>, _>>()?;
    let root = std::fs::read_to_string(data.join("root.key"))?;
    secrets.push(root.trim().as_bytes().to_vec());
    Ok(secrets)
}

/// What somebody who has read the value might type for a code.
fn typed_forms(value: &[u8]) -> Vec<String> {
    const RFC_4648: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let text = String::from_utf8_lossy(value).into_owned();
    let hex = hex(value);
    let mut forms = vec![
        hex.to_uppercase(),
        hex,
        STANDARD.encode(value),
        URL_SAFE_NO_PAD.encode(value),
        base32(value, RFC_4648),
        base32(value, CROCKFORD),
    ];
    // Of long values, such as entries of the log, also each word.
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_');
    forms.extend(words.filter(|word| word.len() >= 8).map(str::to_owned));
    forms.push(text);
    // As long as a code is, with and without its prefix.
    let cut: Vec<String> = forms
        .iter()
        .flat_map(|form| [16, 30].map(|length| form.chars().take(length).collect::<String>()))
        .flat_map(|form| [format!("gb-{form}"), form])
        .collect();
    forms.extend(cut);
    forms.sort();
    forms.dedup();
    forms
}

fn base32(bytes: &[u8], alphabet: &[u8; 32]) -> String {
    let bits: Vec<u8> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let symbol = |five: &[u8]| {
        let value = five.iter().fold(0, |value, bit| value << 1 | usize::from(*bit));
        alphabet.get(value << (5 - five.len())).map(|symbol| char::from(*symbol))
    };
    bits.chunks(5).filter_map(symbol).collect()
}

/// Gives the stored bytes where randomness is asked for: a well-formed code whose symbols are those
/// of a stored value, check symbols and all.
struct Stolen<'a>(&'a [u8]);

impl Entropy for Stolen<'_> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        buffer.iter_mut().zip(self.0.iter().cycle()).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

/// A subject that stolen values are tried on. One in a thousand of them has the check symbols of a
/// code by chance and is charged as a guess: a good code clears the count in time, so that each one
/// is looked at.
struct Target {
    subject: String,
    codes: Vec<String>,
    failures: usize,
}

impl Target {
    async fn make(client: &mut Client, profile: &str) -> Result<Self, Failure> {
        let subject = format!("ada-{profile}");
        register(client, &subject, "standard").await?;
        let how = json!({ "profile": profile, "count": 12 });
        let Shown { codes, .. } = issue(client, &subject, &how).await?;
        Ok(Self { subject, codes, failures: 0 })
    }

    /// Redeems a good code.
    async fn use_a_code(&mut self, client: &mut Client) -> Tested {
        let code = self.codes.pop().ok_or("no code is left")?;
        let answer = redeem(client, &self.subject, &code).await?;
        assert_eq!(answer.json()["outcome"], "accepted", "{}", answer.text());
        self.failures = 0;
        Ok(())
    }

    /// Tries what was typed; tells whether it was looked at.
    async fn refuses(&mut self, client: &mut Client, typed: &str) -> Result<bool, Failure> {
        let answer = redeem(client, &self.subject, typed).await?;
        match answer.code().as_str() {
            "malformed_code" => return Ok(false),
            "not_accepted" => self.failures += 1,
            _ => panic!("{typed}: {}", answer.text()),
        }
        if self.failures == 5 {
            self.use_a_code(client).await?;
        }
        Ok(true)
    }
}

#[tokio::test]
async fn reg_19_no_column_of_any_row_is_accepted_as_a_code_or_as_a_key() -> Tested {
    let place = Place::new("reg-19")?;
    let server = place.start("", "warn")?;
    let mut targets = Vec::new();
    for profile in PROFILES {
        targets.push(Target::make(&mut server.client()?, profile).await?);
    }
    targets[0].use_a_code(&mut server.client()?).await?;
    assert!(server.stop()?.success());
    let values = stored_values(&place.data())?;
    let macs = verifiers(&place.data())?;
    assert_eq!(macs.len(), 24);

    let server = place.start("", "warn")?;
    let mut client = server.client()?;
    let (mut sent, mut seen) = (0, 0);
    for value in &values {
        for typed in typed_forms(value) {
            for target in &mut targets {
                seen += usize::from(target.refuses(&mut client, &typed).await?);
                sent += 1;
            }
            if typed.bytes().all(|byte| byte.is_ascii_graphic()) {
                for key in [&typed, &format!("gbk_{}_{typed}", &"0".repeat(12))] {
                    let answer = client.presenting(Some(key)).get("/v1/keys").await?;
                    assert_eq!(answer.code(), "unauthenticated", "{typed}");
                }
            }
        }
    }
    println!("{sent} forms of {} values, {seen} of them well formed", values.len());

    // Codes made of what is stored for each code, with the right check symbols.
    for (number, (mac, _)) in macs.iter().enumerate() {
        let profile = [code::Profile::Strong, code::Profile::Compact][number / 12];
        let ordinal = Ordinal::try_from(u8::try_from(number % 12)?)?;
        let made = code::draw(profile, &Prefix::default(), ordinal, &mut Stolen(mac))?;
        assert!(targets[number / 12].refuses(&mut client, &made.expose_display()).await?);
    }
    digests_as_keys(&client, &place.data()).await?;
    // And the codes themselves are as good as before.
    for target in &mut targets {
        target.use_a_code(&mut client).await?;
    }
    Ok(())
}

/// The stored digests of API keys, as keys.
async fn digests_as_keys(client: &Client, data: &Path) -> Tested {
    let mut keys = database(data)?;
    let keys = keys.transaction()?;
    let mut rows = keys.prepare("SELECT id, digest FROM api_keys")?;
    let rows =
        rows.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    for row in rows {
        let (id, digest) = row?;
        let stolen = format!("gbk_{id}_{}", hex(&digest));
        let answer = client.presenting(Some(&stolen)).get("/v1/keys").await?;
        assert_eq!(answer.code(), "unauthenticated");
    }
    Ok(())
}

/// Issues a set of each kind and form, uses, confirms, mistypes and guesses; gives the codes back.
async fn lead_a_life(
    server: &glassbreak_testkit::server::TestServer,
) -> Result<Vec<String>, Failure> {
    let mut client = server.client()?;
    let mut codes = Vec::new();
    for profile in PROFILES {
        let subject = format!("ada-{profile}");
        register(&mut client, &subject, "standard").await?;
        let shown = issue(&mut client, &subject, &json!({ "profile": profile })).await?;
        redeem(&mut client, &subject, &shown.codes[0]).await?;
        redeem(&mut client, &subject, &shown.codes[0]).await?;
        redeem(&mut client, "nobody", &shown.codes[1]).await?;
        let mistyped = shown.codes[2].replacen('-', "-0", 2);
        redeem(&mut client, &subject, &mistyped).await?;
        codes.extend(shown.codes);
    }
    register(&mut client, "grace", "privileged").await?;
    for (kind, reason) in [("saved", "enrolment"), ("break_glass", "break_glass_provisioning")] {
        let how = json!({ "kind": kind, "reason": reason });
        let shown = issue(&mut client, "grace", &how).await?;
        let path = format!("/v1/code-sets/{}/confirm", shown.set);
        client.post(&path, &json!({ "code": shown.codes[0] })).await?;
        client.post(&path, &json!({ "code": codes[3] })).await?;
        redeem(&mut client, "grace", &shown.codes[1]).await?;
        codes.extend(shown.codes);
    }
    Ok(codes)
}

#[tokio::test]
async fn reg_20_no_code_is_in_the_database_its_write_ahead_log_or_any_other_file() -> Tested {
    let place = Place::new("reg-20")?;
    let server = place.start("", "warn")?;
    let codes = lead_a_life(&server).await?;
    let planted = Planted::codes(&codes);
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(place.data())? {
        seen.push(entry?.file_name().to_string_lossy().into_owned());
    }
    for file in ["glassbreak.db", "glassbreak.db-wal", "glassbreak.db-shm", "root.key"] {
        assert!(seen.iter().any(|name| name == file), "{file} is not among {seen:?}");
    }
    // While it runs, after kill -9, after a restart, after it was stopped in order.
    assert_eq!(planted.find_below(&place.data())?.0, [""; 0]);
    server.kill()?;
    assert_eq!(planted.find_below(&place.data())?.0, [""; 0]);
    let server = place.start("", "warn")?;
    replays(&mut server.client()?).await?;
    assert!(server.stop()?.success());
    let (found, searched) = planted.find_below(&place.data())?;
    assert_eq!(found, [""; 0]);
    assert!(searched > 10_000, "{searched} bytes are not a database");
    // A copy made by SQLite, as a backup is.
    let copy = place.data().join("copy.db");
    database(&place.data())?.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    assert_eq!(planted.find(&std::fs::read(copy)?), [""; 0]);
    Ok(())
}

#[tokio::test]
async fn reg_25_no_code_and_no_key_is_in_what_the_server_says_at_trace() -> Tested {
    let place = Place::new("reg-25")?;
    let server = place.start("", "trace")?;
    let codes = lead_a_life(&server).await?;
    let admin_key = server.admin_key()?;
    // It says next to nothing where all goes well. Where the database cannot be written, it does.
    let writer = Connection::open(place.data().join("glassbreak.db"))?;
    writer.execute_batch("BEGIN IMMEDIATE")?;
    let answer = redeem(&mut server.client()?, "ada-strong", &codes[4]).await?;
    assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"));
    writer.execute_batch("ROLLBACK")?;
    replays(&mut server.client()?).await?;
    // All is said once it has stopped.
    let said = server.stop_and_listen()?;
    assert!(said.contains("a request failed"), "{said}");
    assert_eq!(Planted::codes(&codes).find(said.as_bytes()), [""; 0]);
    let secret = admin_key.rsplit('_').next().unwrap_or_default();
    let mut hidden = secrets(&place.data())?;
    hidden.push(secret.as_bytes().to_vec());
    for (mac, salt) in verifiers(&place.data())? {
        hidden.push(mac);
        hidden.extend(salt);
    }
    assert_eq!(Planted::raw(&hidden).find(said.as_bytes()), [""; 0]);
    Ok(())
}
