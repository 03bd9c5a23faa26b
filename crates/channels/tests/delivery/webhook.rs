//! Webhooks to a real gateway, which checks signatures with its own means.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use glassbreak_channels::{DeliveryError, Receipt, Router};
use glassbreak_core::subject::Channel;
use glassbreak_core::time::Seconds;
use serde_json::{Value, json};

use crate::certificates::Certificates;
use crate::fixture::{CODE, ID, code_to, deliver, deliver_at, folder, now, router};
use crate::server::Server;
use crate::settings::secret_file;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn to_url(folder: &Path, url: &str, more: &str) -> Router {
    let secret = secret_file(folder, "secret", SECRET);
    router(&format!(
        "[sms]\nkind = 'webhook'\nurl = '{url}'\nsecret_file = '{}'\ntimeout = 2\n{more}",
        secret.display()
    ))
}

fn send(router: &Router) -> Result<Receipt, DeliveryError> {
    deliver(router, &code_to(Channel::Sms, "+12025550123"))
}

#[test]
fn a_webhook_is_signed_and_says_exactly_what_was_asked_for_sw_01_to_03() {
    let folder = folder("webhook");
    let gateway = Server::start("gateway.py", &["--secret", SECRET]);
    let router = to_url(&folder, &format!("http://127.0.0.1:{}/send/202", gateway.port), "");
    assert_eq!(send(&router), Ok(Receipt { status: 202 }));
    let got = gateway.next();
    assert_eq!((&got["method"], &got["path"]), (&json!("POST"), &json!("/send/202")));
    assert_eq!(got["signed"], true);
    let headers = &got["headers"];
    assert_eq!(headers["webhook-id"], json!(ID.to_string()));
    assert_eq!(headers["webhook-timestamp"], json!((now().millis() / 1000).to_string()));
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["transfer-encoding"], Value::Null);
    let body: Value = serde_json::from_str(got["body"].as_str().expect("a body")).expect("JSON");
    let text = "Grüne Bank: your recovery code is 90817263. Valid until 09:40 UTC on 22 November 2026. \
                Tell it to nobody. Not you? +1 202 555 0100";
    let expected = json!({
        "type": "message.recovery_code",
        "timestamp": "2026-11-22T09:30:15Z",
        "data": {
            "message_id": ID.to_string(),
            "channel": "sms",
            "to": "+12025550123",
            "service": "Grüne Bank",
            "text": text,
            "code": CODE,
            "expires_at": "2026-11-22T09:40:15Z",
        },
    });
    assert_eq!(body, expected);
    gateway.has_nothing_more();
}

#[test]
fn a_retry_has_the_same_id_and_body_and_its_own_time_sw_01() {
    let folder = folder("webhook-retry");
    let gateway = Server::start("gateway.py", &["--secret", SECRET]);
    let router = to_url(&folder, &format!("http://127.0.0.1:{}/200", gateway.port), "");
    let message = code_to(Channel::Sms, "+12025550123");
    deliver(&router, &message).expect("delivered");
    deliver_at(&router, &message, now().plus(Seconds(30))).expect("delivered again");
    let (first, second) = (gateway.next(), gateway.next());
    assert_eq!(first["body"], second["body"]);
    let header = |got: &Value, name: &str| got["headers"][name].as_str().unwrap().to_owned();
    assert_eq!(header(&first, "webhook-id"), header(&second, "webhook-id"));
    assert_ne!(header(&first, "webhook-timestamp"), header(&second, "webhook-timestamp"));
    assert!(first["signed"] == true && second["signed"] == true);
}

#[test]
fn while_secrets_are_replaced_both_sign_sw_05() {
    let folder = folder("webhook-two-secrets");
    let secrets = secret_file(&folder, "secrets", &format!("{OTHER}\n{SECRET}\n"));
    for (gateway_has, signed) in [(SECRET, true), (OTHER, true), (&OTHER.replace('A', "B"), false)]
    {
        let gateway = Server::start("gateway.py", &["--secret", gateway_has]);
        let router = router(&format!(
            "[voice]\nkind = 'webhook'\nurl = 'http://127.0.0.1:{}/200'\nsecret_file = '{}'\n",
            gateway.port,
            secrets.display()
        ));
        deliver(&router, &code_to(Channel::Voice, "+12025550123")).expect("delivered");
        assert_eq!(gateway.next()["signed"], signed);
    }
}

#[test]
fn a_redirect_is_not_followed_and_no_code_goes_where_it_points() {
    let folder = folder("webhook-redirect");
    let gateway = Server::start("gateway.py", &["--secret", SECRET]);
    for status in [301, 302, 303, 307, 308] {
        let url = format!("http://127.0.0.1:{}/{status}", gateway.port);
        let error = send(&to_url(&folder, &url, "")).expect_err("a redirect");
        assert_eq!((error.outcome(), error.code()), ("unavailable", "turned_away"), "{status}");
        assert_eq!(gateway.next()["path"], format!("/{status}"));
    }
    gateway.has_nothing_more();
}

#[test]
fn what_the_gateway_answers_or_does_not_decides_the_outcome_sw_09() {
    let folder = folder("webhook-outcomes");
    let gateway = Server::start("gateway.py", &["--secret", SECRET]);
    for (path, outcome, code) in [
        ("422", "refused", "message_refused"),
        ("401", "unavailable", "turned_away"),
        ("503", "unavailable", "try_later"),
        ("502", "unknown", "server_failed"),
        ("cut", "unknown", "connection_lost"),
        ("hang", "unknown", "timeout"),
        ("flood/200", "unknown", "not_understood"),
    ] {
        let url = format!("http://127.0.0.1:{}/{path}", gateway.port);
        let error = send(&to_url(&folder, &url, "")).expect_err(path);
        assert_eq!((error.outcome(), error.code()), (outcome, code), "{path}");
        assert_eq!(gateway.next()["path"], format!("/{path}"));
    }
    let url = format!("http://127.0.0.1:{}/429", gateway.port);
    let error = send(&to_url(&folder, &url, "")).expect_err("too many");
    assert!(matches!(error, DeliveryError::Unavailable { retry_after: Some(Seconds(7)), .. }));
}

#[test]
fn a_gateway_that_is_down_or_never_begins_tls_is_unavailable_within_the_timeout() {
    let folder = folder("webhook-down");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let started = Instant::now();
    let error = send(&to_url(&folder, &format!("https://localhost:{port}/"), ""));
    let error = error.expect_err("it says nothing");
    assert_eq!((error.outcome(), error.code()), ("unavailable", "timeout"));
    let error = send(&to_url(&folder, &format!("http://127.0.0.1:{port}/"), ""));
    let error = error.expect_err("it says nothing, but what was sent may be read yet");
    assert_eq!((error.outcome(), error.code()), ("unknown", "timeout"));
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    drop(listener);
    for scheme in ["http", "https"] {
        let error = send(&to_url(&folder, &format!("{scheme}://127.0.0.1:{port}/"), ""));
        let error = error.expect_err("it is down");
        assert_eq!((error.outcome(), error.code()), ("unavailable", "not_reached"));
    }
}

#[test]
fn the_gateways_certificate_must_be_trusted_and_bear_its_name() {
    let folder = folder("webhook-tls");
    let trusted = Certificates::new(&folder, "trusted", "localhost");
    let stranger = Certificates::new(&folder, "stranger", "localhost");
    let misnamed = Certificates::new(&folder, "misnamed", "other.example");
    let arguments = |shown| ["--secret", SECRET, "--tls", shown];
    let with = |gateway: &Server, ca_file: &Path| {
        let ca_file = format!("ca_file = '{}'\n", ca_file.display());
        to_url(&folder, &format!("https://localhost:{}/200", gateway.port), &ca_file)
    };
    let gateway = Server::start("gateway.py", &arguments(&trusted.server));
    send(&with(&gateway, &trusted.ca_file)).expect("delivered");
    assert_eq!(gateway.next()["signed"], true);
    for (shown, ca_file) in
        [(&stranger.server, &trusted.ca_file), (&misnamed.server, &misnamed.ca_file)]
    {
        let gateway = Server::start("gateway.py", &arguments(shown));
        let error = send(&with(&gateway, ca_file)).expect_err("a wrong certificate");
        assert_eq!((error.outcome(), error.code()), ("unavailable", "tls_failed"));
        gateway.has_nothing_more();
    }
}
