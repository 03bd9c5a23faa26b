//! Machines with certificates, and TLS of the server's own (NHI4).

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use glassbreak_engine::core::digest::hex;
use glassbreak_testkit::http::Failure;
use glassbreak_testkit::server::{TempDir, TestServer};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    PublicKeyData as _, SanType, date_time_ymd,
};
use serde_json::{Value, json};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use crate::world::Tested;

/// An authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, PEM.
struct Certified {
    certificate: String,
    key: String,
    key_sha256: String,
}

impl Authority {
    fn new() -> Result<Self, Failure> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    fn certify(
        &self,
        name: &str,
        usage: ExtendedKeyUsagePurpose,
        is_over: bool,
    ) -> Result<Certified, Failure> {
        let mut params = CertificateParams::new(Vec::new())?;
        let name = match name.parse() {
            Ok(ip) => SanType::IpAddress(ip),
            Err(_) if name.contains("://") => SanType::URI(name.try_into()?),
            Err(_) => SanType::DnsName(name.try_into()?),
        };
        params.subject_alt_names = vec![name];
        params.extended_key_usages = vec![usage];
        if is_over {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.0)?.pem();
        let spki = key.subject_public_key_info();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &spki);
        let key_sha256 = hex(digest.as_ref());
        Ok(Certified { certificate, key: key.serialize_pem(), key_sha256 })
    }

    fn server(&self) -> Result<Certified, Failure> {
        self.certify("127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth, false)
    }

    fn machine(&self, name: &str) -> Result<Certified, Failure> {
        self.certify(name, ExtendedKeyUsagePurpose::ClientAuth, false)
    }
}

/// Where the files of a server are.
struct Files(TempDir);

impl Files {
    fn new(label: &str) -> Result<Self, Failure> {
        Ok(Self(TempDir::new(label)?))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put_server(&self, server: &Certified) -> Result<(), Failure> {
        std::fs::write(self.path("server.pem"), &server.certificate)?;
        std::fs::write(self.path("server.key"), &server.key)?;
        Ok(())
    }

    fn start(&self, client_ca: Option<&Authority>, machines: &str) -> Result<TestServer, Failure> {
        let mut config = format!(
            "[tls]\ncertificate = \"{}\"\nkey = \"{}\"\n",
            self.path("server.pem").display(),
            self.path("server.key").display()
        );
        if let Some(authority) = client_ca {
            std::fs::write(self.path("machines.pem"), authority.0.pem())?;
            let line = format!("client_ca = \"{}\"\n", self.path("machines.pem").display());
            config.push_str(&line);
        }
        config.push_str(machines);
        crate::world::start(&self.0, &config)
    }
}

fn pem(text: &str) -> Result<(Vec<Certificate<'static>>, Option<PrivateKey<'static>>), Failure> {
    let (mut certificates, mut key) = (Vec::new(), None);
    for item in parse_pem(text.as_bytes()) {
        match item? {
            PemItem::Certificate(certificate) => certificates.push(certificate),
            PemItem::PrivateKey(found) => key = Some(found),
            _ => {}
        }
    }
    Ok((certificates, key))
}

/// `GET path`: the status and the body; an error if there is no connection.
fn get(
    server: &TestServer,
    authority: &Authority,
    own: Option<&Certified>,
    path: &str,
    key: Option<&str>,
) -> Result<(u16, Value), Failure> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let (roots, _) = pem(&authority.0.pem())?;
    let mut tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::new_with_certs(&roots));
    if let Some(own) = own {
        let (chain, _) = pem(&own.certificate)?;
        let (_, key) = pem(&own.key)?;
        let own = ClientCert::new_with_certs(&chain, key.ok_or("no key")?);
        tls = tls.client_cert(Some(own));
    }
    let config = ureq::Agent::config_builder().http_status_as_error(false).tls_config(tls.build());
    let agent = config.build().new_agent();
    let mut request = agent.get(format!("https://{}{path}", server.addr()));
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let answer = request.call()?;
    let status = answer.status().as_u16();
    let text = answer.into_body().read_to_string()?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}

#[test]
fn nhi4_a_machine_is_known_by_a_certificate_that_our_authority_made_and_the_configuration_names()
-> Tested {
    let (ours, machines, other) = (Authority::new()?, Authority::new()?, Authority::new()?);
    let files = Files::new("mtls")?;
    files.put_server(&ours.server()?)?;
    let by_key = machines.machine("unnamed.example")?;
    let config = format!(
        "[machines.portal]\nsan = \"spiffe://example.org/portal\"\nscopes = [\"issue\"]\n\
         groups = [\"emea\"]\n[machines.siem]\nsan = \"siem.example\"\nscopes = [\"audit\"]\n\
         [machines.pinned]\nkey_sha256 = \"{}\"\nscopes = [\"revoke\", \"audit\"]\n",
        by_key.key_sha256
    );
    let server = files.start(Some(&machines), &config)?;
    let portal = machines.machine("spiffe://example.org/portal")?;
    let me = |own: Option<&Certified>| get(&server, &ours, own, "/v1/me", None);
    for (own, name, scopes, groups) in [
        (&portal, "portal", json!(["issue"]), json!(["emea"])),
        (&machines.machine("SIEM.example")?, "siem", json!(["audit"]), json!([])),
        (&by_key, "pinned", json!(["revoke", "audit"]), json!([])),
    ] {
        let (status, seen) = me(Some(own))?;
        assert_eq!(status, 200, "{seen}");
        assert_eq!(
            (&seen["kind"], &seen["id"], &seen["scopes"], &seen["groups"]),
            (&json!("machine"), &json!(name), &scopes, &groups),
            "{seen}"
        );
    }
    let (status, refused) = get(&server, &ours, Some(&portal), "/v1/inventory", None)?;
    assert_eq!((status, &refused["code"]), (403, &json!("scope_missing")));
    // None, and one that nobody named: a name that is no more than like it, or of another kind.
    assert_eq!(me(None)?.0, 401);
    for name in [
        "spiffe://example.org/portal2",
        "spiffe://example.org/Portal",
        "portal",
        "spiffe://siem.example/",
        "a.siem.example",
        "https://siem.example",
    ] {
        assert_eq!(me(Some(&machines.machine(name)?))?.0, 401, "{name}");
    }
    let wildcard = machines.certify("*.example", ExtendedKeyUsagePurpose::ClientAuth, false)?;
    assert_eq!(me(Some(&wildcard))?.0, 401);
    // Another authority's, one whose time is over, and one for servers: no connection at all.
    let name = "spiffe://example.org/portal";
    let over = machines.certify(name, ExtendedKeyUsagePurpose::ClientAuth, true)?;
    let server_only = machines.certify(name, ExtendedKeyUsagePurpose::ServerAuth, false)?;
    for (own, what) in [
        (&other.machine(name)?, "another authority"),
        (&ours.machine(name)?, "the server's own authority"),
        (&over, "over"),
        (&server_only, "a server's"),
    ] {
        assert!(me(Some(own)).is_err(), "{what}");
    }
    // A key counts alone, and does without a certificate.
    let key = server.admin_key()?;
    for own in [None, Some(&portal)] {
        let (status, seen) = get(&server, &ours, own, "/v1/me", Some(&key))?;
        assert_eq!((status, &seen["kind"]), (200, &json!("api_key")));
    }
    assert_eq!(get(&server, &ours, Some(&portal), "/v1/me", Some("gbk_no"))?.0, 401);
    Ok(())
}

#[test]
fn certificates_are_read_again_on_a_hangup_and_a_wrong_file_changes_nothing() -> Tested {
    let (first, second) = (Authority::new()?, Authority::new()?);
    let files = Files::new("tls-reload")?;
    files.put_server(&first.server()?)?;
    let server = files.start(None, "")?;
    let hangup = |until: &str| -> Tested {
        let pid = server.pid().to_string();
        std::process::Command::new("kill").args(["-HUP", &pid]).status()?;
        for _ in 0..1_000_000 {
            if server.said().contains(until) {
                return Ok(());
            }
            std::thread::yield_now();
        }
        Err(format!("it never said `{until}`: {}", server.said()).into())
    };
    let is_up = |authority: &Authority| get(&server, authority, None, "/healthz", None).is_ok();
    assert!(is_up(&first) && !is_up(&second));
    std::fs::write(files.path("server.pem"), "no certificate")?;
    hangup("certificates stay as they were")?;
    assert!(is_up(&first));
    files.put_server(&second.server()?)?;
    hangup("certificates were read again")?;
    assert!(is_up(&second) && !is_up(&first));
    assert!(Path::new(&files.path("data")).exists());
    Ok(())
}

#[test]
fn n63b_ls_11_a_server_with_tls_of_its_own_listens_beyond_this_machine() -> Tested {
    let authority = Authority::new()?;
    let files = Files::new("tls-listen")?;
    files.put_server(&authority.server()?)?;
    let text = "[machines.a]\nsan = \"a.example\"\nscopes = [\"audit\"]\n";
    let refused = files.start(None, text).err().ok_or("machines without an authority")?;
    assert!(refused.to_string().contains("client_ca"), "{refused}");
    let file = files.path("glassbreak.toml");
    let tls = std::fs::read_to_string(&file)?.replace(text, "");
    // The first line that it says, or why it said none.
    let serve = |config: &str| -> Result<String, Failure> {
        std::fs::write(&file, config)?;
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_glassbreak"))
            .args(["serve", "--listen", "0.0.0.0:0", "--config"])
            .arg(&file)
            .arg("--data-dir")
            .arg(files.path("beyond"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let out = child.stdout.take().ok_or("no standard output")?;
        if BufReader::new(out).read_line(&mut line)? == 0 {
            let mut why = child.stderr.take().ok_or("no standard error")?;
            why.read_to_string(&mut line)?;
        }
        child.kill()?;
        child.wait()?;
        Ok(line)
    };
    let refused = serve("")?;
    assert!(refused.contains("N63B-LS-11"), "{refused}");
    let listens = serve(&tls)?;
    assert!(listens.contains("https://0.0.0.0:"), "{listens}");
    Ok(())
}
