//! Servers of a run: one on SQLite, or several on one PostgreSQL database.

use std::path::Path;

use glassbreak_testkit::http::Client;
use glassbreak_testkit::postgres::{Cluster, Database};
use glassbreak_testkit::server::{TempDir, TestServer};

use super::books::{Books, replayed, verified};

/// Server processes on one database.
pub(crate) struct Servers {
    nodes: Vec<TestServer>,
    // Dropped after the servers.
    postgres: Option<(Cluster, Database)>,
    dir: TempDir,
}

impl Servers {
    /// One server on SQLite.
    pub(crate) fn on_sqlite(config: &str) -> Self {
        let mut servers = Self { nodes: Vec::new(), postgres: None, dir: dir(config) };
        let node = servers.start(0).unwrap();
        servers.nodes.push(node);
        servers
    }

    /// So many servers on one PostgreSQL database.
    pub(crate) fn on_postgresql(count: usize, config: &str) -> Self {
        let cluster = Cluster::start(&[]).unwrap();
        let database = cluster.database().unwrap();
        let postgres = Some((cluster, database));
        let mut servers = Self { nodes: Vec::new(), postgres, dir: dir(config) };
        for number in 0..count {
            if number > 0 {
                servers.introduce(number);
            }
            let node = servers.start(number).unwrap();
            servers.nodes.push(node);
        }
        servers
    }

    /// Hands a further node the first one's root key; without it, it says what it needs.
    fn introduce(&self, number: usize) {
        let without = self.start(number).err().unwrap().to_string();
        assert!(without.contains("root.key"), "{without}");
        let from = self.nodes[0].data_dir().join("root.key");
        std::fs::copy(from, self.data(number).join("root.key")).unwrap();
    }

    fn start(&self, number: usize) -> Result<TestServer, glassbreak_testkit::http::Failure> {
        let config = self.path().join("glassbreak.toml");
        let mut given = vec!["--config", config.to_str().unwrap()];
        if let Some((_, database)) = &self.postgres {
            given.extend(["--database", &database.address]);
        }
        let binary = env!("CARGO_BIN_EXE_glassbreak");
        TestServer::start(binary, &self.data(number), &given, &[("GLASSBREAK_LOG", "warn")])
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn data(&self, number: usize) -> std::path::PathBuf {
        self.path().join(format!("node-{number}"))
    }

    /// A client of each server, all with the admin's key.
    pub(crate) fn clients(&self) -> Vec<Client> {
        let key = self.nodes[0].admin_key().unwrap();
        self.nodes.iter().map(|node| Client::new(node.addr(), Some(&key))).collect()
    }

    /// The processes' ids.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.nodes.iter().map(TestServer::pid).collect()
    }

    /// Ends the servers in order, and audits what they leave.
    pub(crate) async fn close(self) -> Books {
        let (addr, data) = (self.nodes[0].addr(), self.data(0));
        let verified = verified(addr, &data, &self.path().join("copy")).await;
        for node in self.nodes {
            assert!(node.stop().unwrap().success());
        }
        let database = self.postgres.as_ref().map(|(_, database)| database.address.as_str());
        let books = Books { verified, replayed: replayed(&data, database) };
        assert_eq!(books.replayed["entries"], books.entries(), "the tree lacks an entry");
        books
    }
}

/// A directory with the configuration in it.
fn dir(config: &str) -> TempDir {
    let dir = TempDir::new("soak").unwrap();
    // The books tell every entry there is to be.
    let config = format!("{config}\n[alerts]\nenabled = false\n");
    std::fs::write(dir.path().join("glassbreak.toml"), config).unwrap();
    dir
}
