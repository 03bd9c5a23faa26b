//! A planted code, address and password turn up in no error, receipt or `Debug` output (F4), even
//! though the servers repeat them in every answer.

use glassbreak_channels::{Message, Router, Service};
use glassbreak_core::subject::Channel;

use crate::fixture::{CODE, ID, PASSWORD, address, code_to, deliver, folder, notice, now, router};
use crate::server::Server;
use crate::settings::secret_file;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const DOMAIN: &str = "planted-domain.example";
const PHONE: &str = "+12025550123";

fn routers() -> (Server, Server, Vec<Router>) {
    let secret = secret_file(&folder("planted"), "secret", SECRET);
    let mail = Server::start("smtp.py", &[]);
    let gateway = Server::start("gateway.py", &["--secret", SECRET]);
    let routers = ["200", "400", "401", "429", "500", "cut", "307"]
        .iter()
        .map(|path| {
            router(&format!(
                "[email]\nkind = 'smtp'\nhost = '127.0.0.1'\nport = {}\ntls = 'none'\n\
                 from = 'a@b.example'\ntimeout = 2\n\
                 [sms]\nkind = 'webhook'\nurl = 'http://127.0.0.1:{}/{path}'\nsecret_file = '{}'\n",
                mail.port,
                gateway.port,
                secret.display()
            ))
        })
        .collect();
    (mail, gateway, routers)
}

#[test]
fn no_code_no_address_and_no_secret_is_told_f4() {
    let (mail, gateway, routers) = routers();
    let mut told = Vec::new();
    for to in ["ada", "nobody", "later", "gone", "spam", "full", "cut"] {
        let message = code_to(Channel::Email, &format!("{to}@{DOMAIN}"));
        let outcome = deliver(&routers[0], &message);
        let words = outcome.err().map(|error| error.to_string());
        told.push(format!("{message:?} {outcome:?} {words:?}"));
    }
    for router in &routers {
        let message = code_to(Channel::Sms, PHONE);
        let outcome = deliver(router, &message);
        let words = outcome.err().map(|error| error.to_string());
        told.push(format!("{router:?} {message:?} {outcome:?} {words:?}"));
    }
    let login = "[email]\nkind = 'smtp'\nhost = 'localhost'\nfrom = 'a@b.example'\n\
                 username = 'planted-user'\npassword_variable = 'TEST_PASSWORD'\n";
    told.push(format!("{:?}", router(login)));
    let service = Service::new("Bank", "us").expect("a service");
    let odd = address(Channel::Email, &format!("x\r\n@{DOMAIN}"));
    let invalid = Message::notice(ID, odd, service, notice(CODE), now()).expect_err("odd");
    told.push(format!("{invalid:?} {invalid}"));
    for told in &told {
        for planted in [CODE, DOMAIN, PHONE, PASSWORD, SECRET, "planted"] {
            assert!(!told.contains(planted), "{planted} is in {told}");
        }
    }
    // What is searched for was there to be found.
    assert!(mail.next()["raw"].as_str().is_some_and(|raw| raw.contains(DOMAIN)));
    assert!(gateway.next()["body"].as_str().is_some_and(|body| body.contains(PHONE)));
}
