//! Three servers of ours, each on a machine of its own, on one database of three hosts.

use std::path::{Path, PathBuf};

use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::TempDir;

use super::super::books::{Books, replayed, verified};
use super::super::process::{Process, client, data};
use super::hosts::{HOSTS, Hosts};
use super::network::{address, on};

pub(crate) const NODES: usize = 3;

/// The servers.
pub(crate) struct Nodes {
    processes: Vec<Process>,
    dirs: Vec<PathBuf>,
    dir: TempDir,
}

/// The machine that a server is on.
pub(crate) const fn machine(node: usize) -> usize {
    HOSTS + node
}

impl Nodes {
    /// Starts all. All but the last are told that there is a synchronous standby, and look for it;
    /// what must hold holds without that too.
    pub(crate) async fn start() -> Self {
        let dir = TempDir::new("failover").unwrap();
        let dirs: Vec<_> = (0..NODES).map(|node| dir.path().join(format!("node-{node}"))).collect();
        let (mut processes, database) = (Vec::new(), Hosts::database());
        for (node, own) in dirs.iter().enumerate() {
            std::fs::create_dir_all(data(own)).unwrap();
            if node > 0 {
                // The root key, which each needs, and the admin's, for the clients.
                for file in ["root.key", "admin-key"] {
                    std::fs::copy(data(&dirs[0]).join(file), data(own).join(file)).unwrap();
                }
            }
            let declared = if node + 1 < NODES { "1" } else { "0" };
            let listen = format!("{}:8787", address(machine(node)));
            let program = on(machine(node), "root", env!("CARGO_BIN_EXE_glassbreak"));
            let more = ["--behind-tls-proxy", "--synchronous-standbys", declared];
            let more = [&["--listen", &listen, "--database", &database], &more[..]].concat();
            processes.push(Process::start_by(program, own, &more).await);
        }
        Self { processes, dirs, dir }
    }

    /// A client of each.
    pub(crate) fn clients(&self) -> Vec<Client> {
        let each = self.processes.iter().zip(&self.dirs);
        each.map(|(process, dir)| client(dir, process.addr())).collect()
    }

    /// The directory of the one that is asked at the end. It was the last to be started, and knows
    /// every key.
    pub(crate) fn asked(&self) -> (&Path, std::net::SocketAddr) {
        (&self.dirs[NODES - 1], self.processes[NODES - 1].addr())
    }

    /// Ends them in order, and audits what is left.
    pub(crate) async fn close(self) -> Books {
        let (dir, addr) = self.asked();
        let data = data(dir);
        let verified = verified(addr, &data, &self.dir.path().join("copy")).await;
        for process in self.processes {
            process.stop().await;
        }
        Books { verified, replayed: replayed(&data, Some(&Hosts::database())) }
    }
}
