//! A recovery bundle from the hand-out to the day of need (A4, B3, E3): a server process, the
//! command line, passkeys of two approvers, and custodians with nothing but Debian's `age`. Then
//! everything that was said and written is searched for the secret, the shares and the tokens.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use glassbreak_testkit::http::{Client, Failure};
use glassbreak_testkit::passkey::{Kind, Manner, Passkey};
use glassbreak_testkit::server::TestServer;
use serde_json::{Value, json};

use crate::calls::{Place, Tested, register};
use crate::encodings::Planted;

const CONFIG: &str = "\
[relying_party]
id = \"localhost\"
origins = [\"http://localhost\"]
";
const ORIGIN: &str = "http://localhost";
const SECRET: &[u8] = b"the-root-password-of-the-deployer-42";
const CUSTODIANS: [&str; 3] = ["ada", "bob", "cleo"];

struct Ceremony {
    place: Place,
    server: TestServer,
    /// What commands said, but for the answers that may hold a secret.
    said: String,
}

impl Ceremony {
    fn dir(&self) -> PathBuf {
        self.place.data().with_file_name("custodians")
    }

    /// Runs the command line; its exit code, and what it said.
    fn run(&self, arguments: &[&str], stdin: &[u8]) -> Result<(i32, String), Failure> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_glassbreak"))
            .args(["--url", &format!("http://{}", self.server.addr()), "--data-dir"])
            .arg(self.server.data_dir())
            .args(arguments)
            .env("GLASSBREAK_LOG", "trace")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        // A command that reads nothing may have ended before.
        drop(child.stdin.take().map(|mut pipe| pipe.write_all(stdin)));
        let output = child.wait_with_output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.code().unwrap_or(-1), String::from_utf8(said)?))
    }

    /// The same where the answer must not hold a secret.
    fn hear(&mut self, arguments: &[&str], stdin: &[u8]) -> Result<(i32, String), Failure> {
        let (code, said) = self.run(arguments, stdin)?;
        self.said.push_str(&said);
        Ok((code, said))
    }

    fn answer(&mut self, arguments: &[&str], stdin: &[u8]) -> Result<Value, Failure> {
        let (code, said) = self.hear(&[arguments, &["--json"]].concat(), stdin)?;
        assert_eq!(code, 0, "{arguments:?}: {said}");
        Ok(serde_json::from_str(&said)?)
    }

    /// The custodian's opened share, by stock `age`.
    fn opened(&self, bundle: &str, at: usize) -> Result<Vec<u8>, Failure> {
        let (dir, name) = (self.dir(), CUSTODIANS[at]);
        let share = dir.join(bundle).join(format!("share-{}.age", at + 1));
        age("age", &["--decrypt", "--identity", utf8(&dir.join(name))?, utf8(&share)?])
    }

    /// The command that opens, with a share for each pair: whose it is said to be, and whose it is.
    fn bring(&self, bundle: &str, shares: &[(usize, usize)]) -> Result<Vec<String>, Failure> {
        let mut line = ["bundle", "open", bundle, "--json"].map(str::to_owned).to_vec();
        for (said, of) in shares {
            let file = self.dir().join(format!("opened-{of}"));
            std::fs::write(&file, self.opened("one", *of)?)?;
            line.extend(["--share".to_owned(), format!("{}={}", CUSTODIANS[*said], utf8(&file)?)]);
        }
        Ok(line)
    }

    fn split(&mut self, into: &str, more: &[&str], stdin: &[u8]) -> Result<Value, Failure> {
        let dir = self.dir();
        let mut custodians = Vec::new();
        for name in CUSTODIANS {
            let recipient = age("age-keygen", &["-y", utf8(&dir.join(name))?])?;
            let recipient = String::from_utf8(recipient)?;
            custodians.push(format!("{name}={}", recipient.trim()));
        }
        let shares = dir.join(into);
        let mut line = vec!["bundle", "create", "deployer", "--threshold", "2"];
        line.extend(custodians.iter().flat_map(|one| ["--custodian", one]));
        line.extend(["--shares-to", utf8(&shares)?]);
        line.extend(more);
        self.answer(&line, stdin)
    }

    fn prove(&mut self, bundle: &str, from: &str, at: usize) -> Result<Value, Failure> {
        let opened = self.opened(from, at)?;
        self.answer(&["bundle", "prove", bundle, "--custodian", CUSTODIANS[at]], &opened)
    }

    /// An emergency with both approvals.
    async fn emergency(
        &mut self,
        admin: &mut Client,
        bundle: &str,
        approvers: &mut [(&str, Passkey)],
    ) -> Result<String, Failure> {
        let line = ["recovery", "open", "deployer", "--cause", "emergency", "--bundle", bundle];
        let reason = ["--requester", "jonas", "--reference", "INC-2207"];
        let opened = self.answer(&[&line[..], &reason].concat(), b"")?;
        let recovery = text(&opened, "recovery_id");
        for (name, passkey) in approvers {
            approve(admin, &recovery, name, passkey).await?;
        }
        Ok(recovery)
    }
}

fn line(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

fn utf8(path: &Path) -> Result<&str, Failure> {
    Ok(path.to_str().ok_or("the path is not UTF-8")?)
}

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_default().to_owned()
}

fn age(program: &str, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| {
        format!("`{program}` does not start ({error}); `cargo xtask test` installs it as root")
    })?;
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}

async fn approver(
    admin: &mut Client,
    name: &'static str,
) -> Result<(&'static str, Passkey), Failure> {
    register(admin, name, "standard").await?;
    admin.put(&format!("/v1/operators/{name}"), &json!({ "duties": ["approve"] })).await?;
    let path = format!("/v1/operators/{name}/passkeys");
    let options = admin.post(&format!("{path}/options"), &json!({})).await?.json();
    let challenge = URL_SAFE_NO_PAD.decode(text(&options["options"], "challenge"))?;
    let mut passkey = Passkey::new(Kind::Es256, name).map_err(|_| "no passkey")?;
    let credential = passkey.create(&challenge, &Manner::honest("localhost", ORIGIN));
    let credential = credential.map_err(|_| "no credential")?;
    let enrolled = admin.post(&path, &json!({ "credential": credential })).await?;
    assert!(enrolled.status < 300, "{}", enrolled.text());
    Ok((name, passkey))
}

async fn approve(admin: &mut Client, recovery: &str, name: &str, passkey: &mut Passkey) -> Tested {
    let path = format!("/v1/recoveries/{recovery}/approvals");
    let to_sign = admin.get(&format!("{path}/options?approver={name}")).await?.json();
    let challenge = URL_SAFE_NO_PAD.decode(text(&to_sign["options"], "challenge"))?;
    let assertion = passkey.get(&challenge, &Manner::honest("localhost", ORIGIN));
    let assertion = assertion.map_err(|_| "not signed")?;
    let body = json!({ "word": "approve", "approver": name, "assertion": assertion });
    let approved = admin.post(&path, &body).await?;
    assert_eq!(approved.status, 200, "{}", approved.text());
    Ok(())
}

/// The server with its people: a service, its owner, custodians with a key each.
async fn staffed(label: &str) -> Result<(Ceremony, Client), Failure> {
    let place = Place::new(label)?;
    let server = place.start(CONFIG, "trace")?;
    let mut admin = server.client()?;
    for name in CUSTODIANS.into_iter().chain(["jonas"]) {
        register(&mut admin, name, "standard").await?;
    }
    let service = json!({ "kind": "service", "tier": "standard", "assurance": "aal2",
        "owner": "jonas" });
    let made = admin.put("/v1/subjects/deployer", &service).await?;
    assert_eq!(made.status, 201, "{}", made.text());
    let ceremony = Ceremony { place, server, said: String::new() };
    std::fs::create_dir_all(ceremony.dir())?;
    for name in CUSTODIANS {
        std::fs::write(ceremony.dir().join(name), age("age-keygen", &[])?)?;
    }
    Ok((ceremony, admin))
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_e3_a_bundle_is_split_proven_opened_and_kept_nowhere() -> Tested {
    let (mut all, mut admin) = staffed("bundle").await?;
    let mut approvers =
        [approver(&mut admin, "mette").await?, approver(&mut admin, "tariq").await?];

    let bundle = handed_out(&mut all)?;
    let recovery = nobody_alone(&mut all, &mut admin, &bundle, &mut approvers).await?;
    opened_once(&mut all, &bundle, &recovery)?;
    handed_over(&mut all, &mut admin, &bundle).await?;
    kept_nowhere(all, &mut admin).await
}

/// Shares are handed out once, and count when each custodian has proven.
fn handed_out(all: &mut Ceremony) -> Result<String, Failure> {
    let named = ["--secret-file", "-", "--idempotency-key", "split-1"];
    let created = all.split("one", &named, SECRET)?;
    let bundle = text(&created, "bundle_id");
    assert_eq!(created["state"], "pending");
    assert!(created["secret_base64"].is_null(), "who gave the secret has it");
    let again = all.split("none", &named, SECRET)?;
    assert_eq!(
        (&again["bundle_id"], &again["shown_before"]),
        (&created["bundle_id"], &json!(true))
    );
    assert!(!all.dir().join("none/share-1.age").exists(), "shown once");

    // Bob's share is not Ada's, and a digest out of the public record is no token (REG-19).
    let of_bob = all.opened("one", 1)?;
    let (code, told) =
        all.hear(&["bundle", "prove", &bundle, "--custodian", "ada", "--json"], &of_bob)?;
    assert!(code != 0 && told.contains("proof_refused"), "{told}");
    let shown = all.answer(&["bundle", "show", &bundle], b"")?;
    let public = text(&shown["generations"][0]["record"]["custodians"][0], "proof");
    assert_eq!(public.len(), 64, "{shown}");
    let (code, told) =
        all.hear(&["bundle", "prove", &bundle, "--custodian", "ada", "--json"], public.as_bytes())?;
    assert!(code != 0 && told.contains("proof_refused"), "{told}");
    for at in [1, 0] {
        assert_eq!(all.prove(&bundle, "one", at)?["state"], "pending");
    }
    assert_eq!(all.prove(&bundle, "one", 2)?["state"], "effective");
    Ok(bundle)
}

/// Alone nobody opens it; with both approvals it may be opened.
async fn nobody_alone(
    all: &mut Ceremony,
    admin: &mut Client,
    bundle: &str,
    approvers: &mut [(&str, Passkey)],
) -> Result<String, Failure> {
    let good = all.bring(bundle, &[(0, 0), (2, 2)])?;
    let (_, told) = all.hear(&line(&good), b"")?;
    assert!(told.contains("bundle_state"), "{told}");
    let early = all.emergency(admin, bundle, &mut approvers[..1]).await?;
    let (_, told) = all.hear(&["bundle", "allow", bundle, "--recovery", &early, "--json"], b"")?;
    assert!(told.contains("not_allowed"), "{told}");
    let recovery = all.emergency(admin, bundle, approvers).await?;
    let allowed = all.answer(&["bundle", "allow", bundle, "--recovery", &recovery], b"")?;
    assert_eq!(allowed["state"], "opening");
    Ok(recovery)
}

/// Wrong shares are named by custodian, too few are told, and the secret is told once.
fn opened_once(all: &mut Ceremony, bundle: &str, recovery: &str) -> Tested {
    let swapped = all.bring(bundle, &[(0, 0), (2, 0)])?;
    let (_, told) = all.hear(&line(&swapped), b"")?;
    assert!(told.contains("cleo: share_of_another_custodian"), "{told}");
    let few = all.bring(bundle, &[(0, 0)])?;
    let (_, told) = all.hear(&line(&few), b"")?;
    assert!(told.contains("shares_too_few"), "{told}");
    let good = all.bring(bundle, &[(0, 0), (2, 2)])?;
    let named = [&line(&good)[..], &["--idempotency-key", "open-1"]].concat();
    let (code, told) = all.run(&named, b"")?;
    assert_eq!(code, 0, "{told}");
    let opened: Value = serde_json::from_str(&told)?;
    assert_eq!(STANDARD.decode(text(&opened, "secret_base64"))?, SECRET);
    assert_eq!((&opened["state"], opened["rotate_since"].is_null()), (&json!("opened"), false));
    let (code, told) = all.hear(&named, b"")?;
    assert!(code == 0 && told.contains("answered_before"), "{told}");
    let case = all.answer(&["recovery", "show", recovery], b"")?;
    assert!(!case["review_due_by"].is_null(), "{case}");
    Ok(())
}

/// The next generation takes its place; a custodian who leaves is noticed; revoked is revoked.
async fn handed_over(all: &mut Ceremony, admin: &mut Client, bundle: &str) -> Tested {
    let made = all.split("two", &["--next-of", bundle], b"");
    assert!(made.is_ok(), "{made:?}");
    for at in 0..3 {
        all.prove(bundle, "two", at)?;
    }
    let shown = all.answer(&["bundle", "show", bundle], b"")?;
    let states: Vec<&Value> =
        shown["generations"].as_array().into_iter().flatten().map(|one| &one["state"]).collect();
    assert_eq!(states, ["superseded", "effective"]);
    let listed = all.answer(&["bundle", "list", "--subject", "deployer"], b"")?;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));

    // A custodian leaves: that is noticed, and told.
    let left = json!({ "type": "subject_left" });
    assert_eq!(admin.post("/v1/subjects/bob/lifecycle-events", &left).await?.status, 200);
    let shown = all.answer(&["bundle", "show", bundle], b"")?;
    assert_eq!(shown["needs_new_shares"], true, "{shown}");
    let revoked = all.answer(&["bundle", "revoke", bundle, "--reason", "leaked"], b"")?;
    assert_eq!(revoked["state"], "revoked");
    Ok(())
}

/// The secret, and of each share its token and its points: in no answer but the one, in no file of
/// the server's, in no line that was said.
async fn kept_nowhere(all: Ceremony, admin: &mut Client) -> Tested {
    let mut secrets = vec![SECRET.to_vec()];
    for at in 0..CUSTODIANS.len() {
        let opened = String::from_utf8(all.opened("one", at)?)?;
        for field in ["token: ", "salt: ", "share: "] {
            let digits = opened.lines().find_map(|line| line.strip_prefix(field));
            secrets.push(digits.ok_or("not in the share")?.as_bytes().to_vec());
            let bytes: Result<Vec<u8>, _> = digits
                .unwrap_or_default()
                .as_bytes()
                .chunks(2)
                .map(|two| u8::from_str_radix(&String::from_utf8_lossy(two), 16))
                .collect();
            secrets.push(bytes?);
        }
    }
    let planted = Planted::raw(&secrets);
    assert!(!planted.find(&all.opened("one", 0)?).is_empty(), "the search finds what is there");
    assert_eq!(planted.find(all.said.as_bytes()), [""; 0]);
    for path in ["/v1/log/entries?limit=1000", "/v1/bundles", "/v1/subjects/deployer/timeline"] {
        assert_eq!(planted.find(&admin.get(path).await?.bytes), [""; 0], "{path}");
    }
    let replay = admin.get("/v1/log/replay").await?;
    assert_eq!(replay.json()["differences"], json!([]), "{}", replay.text());
    let said = all.server.stop_and_listen()?;
    assert_eq!(planted.find(said.as_bytes()), [""; 0]);
    assert_eq!(planted.find_below(&all.place.data())?.0, [""; 0]);
    Ok(())
}
