//! Servers that start at once on one new PostgreSQL database: one of them makes the first admin
//! key, and one with another root key does not start.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use glassbreak_testkit::postgres::Cluster;
use glassbreak_testkit::server::{TempDir, TestServer};

#[test]
fn servers_that_start_at_once_on_one_new_postgresql_make_one_admin_key() {
    let cluster = Cluster::start(&[]).unwrap();
    let (database, dir) = (cluster.database().unwrap(), TempDir::new("first-start").unwrap());
    let data_dir = |name: &str, root: &str| -> PathBuf {
        let data_dir = dir.path().join(name);
        std::fs::create_dir(&data_dir).unwrap();
        let key = data_dir.join("root.key");
        std::fs::write(&key, root.repeat(32)).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        data_dir
    };
    let serve = |data_dir: &Path| {
        let given = ["--database", &database.address];
        let quiet = [("GLASSBREAK_LOG", "warn")];
        TestServer::start(env!("CARGO_BIN_EXE_glassbreak"), data_dir, &given, &quiet)
    };
    let dirs = ["one", "two", "three"].map(|name| data_dir(name, "07"));
    let servers: Vec<TestServer> = std::thread::scope(|scope| {
        let starting = dirs.each_ref().map(|dir| scope.spawn(move || serve(dir).unwrap()));
        starting.into_iter().map(|server| server.join().unwrap()).collect()
    });
    let keys = dirs.iter().filter(|dir| dir.join("admin-key").exists()).count();
    assert_eq!(keys, 1, "admin keys");
    let stranger = serve(&data_dir("stranger", "08")).err().unwrap().to_string();
    assert!(stranger.contains("root key"), "{stranger}");
    for server in servers {
        assert!(server.stop().unwrap().success());
    }
}
