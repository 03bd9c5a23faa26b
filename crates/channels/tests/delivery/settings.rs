//! The configuration: what is refused, and in which words.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use glassbreak_channels::{
    ChannelsConfig, CodePurpose, InvalidMessage, Message, Router, SecretText,
};
use glassbreak_core::subject::Channel;
use glassbreak_core::time::Seconds;
use zeroize::Zeroizing;

use crate::fixture::{CODE, ID, address, code_to, deliver, folder, now, service, variable};

/// A file with a secret that only its owner reads.
pub(crate) fn secret_file(folder: &Path, name: &str, secret: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, secret).expect("the folder can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("and its mode set");
    path
}

/// What is said to a configuration that cannot be.
fn said(toml: &str) -> String {
    match toml::from_str::<ChannelsConfig>(toml) {
        Err(error) => error.to_string(),
        Ok(config) => Router::open(&config, &variable).expect_err(toml).to_string(),
    }
}

#[test]
fn a_setting_that_cannot_be_is_named_with_what_to_do() {
    let folder = folder("settings");
    let open = folder.join("open");
    fs::write(&open, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").expect("written");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).expect("set");
    let (open, empty) = (open.display(), secret_file(&folder, "empty", " \n"));
    let bad = secret_file(&folder, "bad", "planted-password");
    let smtp = |more: &str| {
        format!("[email]\nkind = 'smtp'\nhost = 'mail.example'\nfrom = 'a@b.example'\n{more}")
    };
    let hook = |more: &str| format!("[sms]\nkind = 'webhook'\n{more}");
    let https = |more: &str| hook(&format!("url = 'https://sms.example/'\n{more}"));
    for (toml, parts) in [
        (smtp("pasword_file = 'x'"), ["pasword_file", "unknown field"]),
        (smtp("password = 'x'"), ["password", "unknown field"]),
        ("[fax]\nkind = 'smtp'".to_owned(), ["fax", "unknown field"]),
        (smtp("tls = 'none'"), ["channels.email.tls", "insecure = true"]),
        (smtp("timeout = 0"), ["channels.email.timeout", "1 to 300"]),
        (smtp("username = 'a'"), ["channels.email.password_file", "password_variable"]),
        (smtp("password_variable = 'TEST_PASSWORD'"), ["channels.email.username", "set this"]),
        (
            smtp("username = 'a'\npassword_variable = 'NOT_THERE'"),
            ["channels.email.password_variable", "set the environment variable `NOT_THERE`"],
        ),
        (
            smtp("username = 'a'\npassword_variable = 'TEST_PASSWORD'\npassword_file = 'x'"),
            ["channels.email.password_file", "not both"],
        ),
        (smtp(&format!("ca_file = '{open}'")), ["channels.email.ca_file", "no certificate"]),
        (smtp("ca_file = '/not/there'"), ["channels.email.ca_file", "/not/there"]),
        (
            "[email]\nkind = 'smtp'\nhost = 'mail.example:25'\nfrom = 'a@b.example'".to_owned(),
            ["channels.email.host", "without port"],
        ),
        (
            "[email]\nkind = 'smtp'\nhost = 'mail.example'\nfrom = \"a@b.example\\r\\nBcc: c@d.example\""
                .to_owned(),
            ["channels.email.from", "recovery@example.com"],
        ),
        (
            "[sms]\nkind = 'smtp'\nhost = 'mail.example'\nfrom = 'a@b.example'".to_owned(),
            ["channels.sms.kind", "webhook"],
        ),
        (https(""), ["channels.sms.secret_file", "secret_variable"]),
        (https("secret = 'x'"), ["secret", "unknown field"]),
        (https(&format!("secret_file = '{open}'")), ["channels.sms.secret_file", "chmod"]),
        (https(&format!("secret_file = '{}'", empty.display())), ["channels.sms.secret_file", "nothing in it"]),
        (https(&format!("secret_file = '{}'", bad.display())), ["channels.sms.secret_file", "whsec_"]),
        (https("secret_file = '/not/there'"), ["channels.sms.secret_file", "/not/there"]),
        (hook("url = 'http://sms.example/'"), ["channels.sms.url", "insecure = true"]),
        (hook("url = 'ftp://sms.example/'"), ["channels.sms.url", "https"]),
        (hook("url = 'https://user:pw@sms.example/'"), ["channels.sms.url", "write a URL"]),
        (hook("url = '/send'"), ["channels.sms.url", "write a URL"]),
    ] {
        let said = said(&toml);
        assert!(parts.iter().all(|part| said.contains(part)), "{toml}\n{said}");
        assert!(!said.contains("planted-password"), "{said}");
    }
}

#[test]
fn a_configuration_is_written_as_it_is_read() {
    let toml = "[email]\nkind = 'smtp'\nhost = 'mail.example'\nfrom = 'a@b.example'\n\
                [postal]\nkind = 'webhook'\nurl = 'https://print.example/'\n";
    let config: ChannelsConfig = toml::from_str(toml).expect("a configuration");
    let again = toml::to_string(&config).expect("it can be written");
    assert_eq!(toml::from_str::<ChannelsConfig>(&again).expect("and read"), config);
}

#[test]
fn a_channel_that_is_not_set_up_delivers_nothing() {
    let router = Router::open(&ChannelsConfig::default(), &variable).expect("nothing is fine");
    assert_eq!(router.channels().count(), 0);
    let error = deliver(&router, &code_to(Channel::Email, "ada@example.com")).expect_err("none");
    assert_eq!((error.outcome(), error.code()), ("refused", "no_channel"));
}

#[test]
fn no_message_carries_a_code_beyond_its_channels_limit_n63b_ic_03_04() {
    let message = |channel, to: &str, seconds: u32, code: &str| {
        let code = SecretText::new(Zeroizing::new(code.to_owned()));
        let until = now().plus(Seconds(seconds));
        let to = address(channel, to);
        Message::code(ID, to, service(), CodePurpose::AddressConfirmation, code, now(), until)
            .map(drop)
    };
    for (channel, to, limit) in [
        (Channel::Sms, "+12025550123", 600),
        (Channel::Voice, "+12025550123", 600),
        (Channel::Email, "ada@example.com", 86_400),
        (Channel::Postal, "1 Main Street", 1_814_400),
    ] {
        assert_eq!(message(channel, to, limit, CODE), Ok(()));
        for seconds in [0, limit + 1] {
            let refused = Err(InvalidMessage::Lifetime(Seconds(limit)));
            assert_eq!(message(channel, to, seconds, CODE), refused, "{channel:?} {seconds}");
        }
    }
    assert_eq!(message(Channel::Push, "device", 60, CODE), Err(InvalidMessage::Channel));
    for code in ["", "12 34", "1234\r\n5678", "1234\u{e9}", &"1".repeat(65)] {
        let refused = Err(InvalidMessage::Code);
        assert_eq!(message(Channel::Sms, "+12025550123", 60, code), refused, "{code:?}");
    }
    let injected = "ada@example.com\r\nBcc: eve@example.com";
    assert_eq!(message(Channel::Email, injected, 60, CODE), Err(InvalidMessage::Address));
}
