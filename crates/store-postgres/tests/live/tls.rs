//! TLS to a server that takes nothing else: whoever is not who the address names is refused.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]
use std::error::Error as _;
use std::path::Path;

use glassbreak_store::Store as _;
use glassbreak_store_postgres::{OpenError, Options, PostgresStore};
use glassbreak_testkit::postgres::{Cluster, Database};
use glassbreak_testkit::server::TempDir;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};

/// An authority, and a certificate and key that it made for a host.
fn certified(host: &str) -> [String; 3] {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let mut server = CertificateParams::new(vec![host.to_owned()]).unwrap();
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = server.signed_by(&key, &authority).unwrap();
    [authority.pem(), certificate.pem(), key.serialize_pem()]
}

/// A server of TLS alone, and how it is reached over the network under a name.
struct Server {
    cluster: Cluster,
    database: Database,
    authority: std::path::PathBuf,
}

impl Server {
    fn start(host: &str, dir: &Path) -> Self {
        let [authority, certificate, key] = certified(host);
        let cluster = Cluster::start_tls(&certificate, &key).unwrap();
        let database = cluster.database().unwrap();
        let path = dir.join("authority.pem");
        std::fs::write(&path, authority).unwrap();
        Self { cluster, database, authority: path }
    }

    async fn connect(&self, host: &str, mode: &str) -> Result<PostgresStore, OpenError> {
        let (port, name) = (self.cluster.port(), &self.database.name);
        // The number goes before the name, which is checked and not looked up.
        let address = format!("postgres://postgres@{host}:{port}/{name}?hostaddr=127.0.0.1&{mode}");
        PostgresStore::connect(&address, &Options::default()).await
    }
}

/// Why it was refused, with what it comes from.
fn why(refused: Result<PostgresStore, OpenError>) -> String {
    let Err(error @ OpenError::Connect(_)) = refused else {
        panic!("{:?}", refused.map(drop));
    };
    let mut why = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        why = format!("{why}: {cause}");
        source = cause.source();
    }
    why
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_authority_and_name_connect_and_nothing_else_does() {
    let dir = TempDir::new("tls").unwrap();
    let server = Server::start("db.example", dir.path());
    let trusting = format!("sslrootcert={}", server.authority.display());
    let store = server.connect("db.example", &trusting).await.unwrap();
    assert_eq!(store.committed().await.unwrap().0, 0);
    let count = "SELECT count(*) > 0 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity \
                 USING (pid) WHERE application_name = 'glassbreak'";
    assert_eq!(server.cluster.sql("postgres", count).unwrap(), "t", "not all of it is encrypted");
    // Said in full, it is the same.
    let full = format!("sslmode=verify-full&{trusting}");
    server.connect("db.example", &full).await.unwrap();

    let other = dir.path().join("other.pem");
    std::fs::write(&other, certified("db.example").first().unwrap()).unwrap();
    let wrong = format!("sslrootcert={}", other.display());
    let told = why(server.connect("db.example", &wrong).await);
    assert!(told.contains("certificate"), "another authority: {told}");
    let told = why(server.connect("db.example", "sslmode=verify-full").await);
    assert!(told.contains("certificate"), "a public one: {told}");
    let told = why(server.connect("other.example", &trusting).await);
    assert!(told.contains("not valid for name"), "another host: {told}");
    let told = why(server.connect("db.example", "sslmode=disable").await);
    assert!(told.contains("no encryption"), "in the clear: {told}");
    // Whoever says so is let in to anybody.
    server.connect("other.example", "sslmode=require&sslcheck=none").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_cannot_be_read_is_named() {
    let dir = TempDir::new("tls").unwrap();
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    for path in [empty.display().to_string(), "/nowhere/ca.pem".to_owned()] {
        let address = format!("postgres://gb@db.example/gb?sslrootcert={path}");
        let opened = PostgresStore::connect(&address, &Options::default()).await.map(drop);
        let Err(OpenError::Authorities { path: named, .. }) = &opened else { panic!("{opened:?}") };
        assert_eq!(named, &path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_not_spoken_to_in_the_clear() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let address = format!("{}&sslmode=verify-full", database.address);
    let told = why(PostgresStore::connect(&address, &Options::default()).await);
    assert!(told.contains("does not support TLS"), "{told}");
}
