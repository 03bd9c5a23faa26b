//! Codes on paper (A7): over HTTP and by the command line, by the one who was just shown them.

use std::io::Write;
use std::process::{Command, Stdio};

use glassbreak_testkit::http::Failure;
use glassbreak_testkit::server::TestServer;
use serde_json::json;

use crate::calls::{Place, Tested, issue, register};
use crate::common::timeline;

/// What is drawn, as text.
fn text_of(pdf: &[u8]) -> Result<String, Failure> {
    let mut reader = Command::new("pdftotext")
        .args(["-raw", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("pdftotext: {error}; `cargo xtask test` installs it"))?;
    reader.stdin.take().ok_or("no input")?.write_all(pdf)?;
    Ok(String::from_utf8_lossy(&reader.wait_with_output()?.stdout).into_owned())
}

#[tokio::test]
async fn a7_a_sheet_has_the_codes_the_days_and_no_name() -> Tested {
    let place = Place::new("sheets")?;
    let config = "[sheets]\npage_url = \"https://login.example.org/recover\"\n\
                  finder = { de = \"Fundbüro, Markt 1\" }\n";
    let server = place.start(config, "info")?;
    let mut client = server.client()?;
    register(&mut client, "ada@example.org", "standard").await?;
    let shown = issue(&mut client, "ada@example.org", &json!({})).await?;
    let before = timeline(&mut client, "ada@example.org").await?.len();
    for (paper, layout, language, told) in
        [("a4", "page", "en", "Recovery codes"), ("letter", "envelope", "de", "Fundbüro, Markt 1")]
    {
        let body = json!({ "set_id": shown.set, "codes": shown.codes, "paper": paper,
            "layout": layout, "language": language });
        let answer = client.post("/v1/sheets", &body).await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.headers["content-type"], "application/pdf");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let text = text_of(&answer.bytes)?;
        for code in &shown.codes {
            assert!(text.contains(code.as_str()), "{code} in {text}");
        }
        let mark = &shown.set[shown.set.len() - 12..];
        assert!(text.contains(&format!("{}-{}-{}", &mark[..4], &mark[4..8], &mark[8..])), "{text}");
        assert!(
            text.contains(told) && text.contains("https://login.example.org/recover"),
            "{text}"
        );
        assert!(!text.contains("ada"), "{text}");
    }
    let after = timeline(&mut client, "ada@example.org").await?.len();
    assert_eq!(before, after, "drawing is no event");
    Ok(())
}

#[tokio::test]
async fn a_sheet_is_refused_without_repeating_what_was_sent() -> Tested {
    let place = Place::new("no-sheets")?;
    let server = place.start("", "info")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({ "count": 3 })).await?;
    let (first, second) = (shown.codes[0].clone(), shown.codes[1].clone());
    let last = if second.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{last}", &second[..second.len() - 1]);
    let none = "00000000-0000-7000-8000-000000000000";
    let many = vec![first.as_str(); 4];
    for (body, status, code, told) in [
        (
            json!({ "set_id": shown.set, "codes": [&first, &mistyped] }),
            422,
            "malformed_code",
            "code 2",
        ),
        (json!({ "set_id": shown.set, "codes": ["8008-7342"] }), 422, "invalid_request", "code 1"),
        (json!({ "set_id": shown.set, "codes": [] }), 422, "invalid_request", "1 to 32"),
        (json!({ "set_id": shown.set, "codes": many }), 422, "invalid_request", "more"),
        (json!({ "set_id": none, "codes": [&first] }), 404, "code_set_unknown", ""),
        (
            json!({ "set_id": shown.set, "codes": [&first], "paper": "a5" }),
            422,
            "invalid_request",
            "",
        ),
    ] {
        let answer = client.post("/v1/sheets", &body).await?;
        let text = answer.text();
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{text}");
        assert!(text.contains(told), "{text}");
        for part in [&first, &mistyped].map(|code| code.split('-').nth(3).unwrap_or_default()) {
            assert!(!text.contains(part), "{text}");
        }
    }
    Ok(())
}

fn command(server: &TestServer, arguments: &[&str]) -> Result<Command, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbreak"));
    command.args(arguments).args(["--url", &format!("http://{}", server.addr())]);
    command.env("GLASSBREAK_API_KEY", server.admin_key()?);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

#[tokio::test]
async fn the_command_line_draws_what_comes_on_standard_input_into_a_new_file() -> Tested {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new("sheet-command")?;
    let server = place.start("", "info")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let issued = place.data().join("../issued.pdf");
    let issued = issued.to_str().ok_or("the path is not UTF-8")?;
    let asked = [
        "codes",
        "issue",
        "ada",
        "--reason",
        "enrolment",
        "--session-assurance",
        "aal2",
        "--json",
        "--sheet",
        issued,
        "--paper",
        "letter",
    ];
    let said = command(&server, &asked)?.output()?;
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&said.stdout)?;
    let codes: Vec<&str> =
        answer["codes"].as_array().into_iter().flatten().filter_map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), 10);
    let set = answer["set_id"].as_str().ok_or("no set")?;
    let text = text_of(&std::fs::read(issued)?)?;
    assert!(codes.iter().all(|code| text.contains(code)), "{text}");
    let mode = std::fs::metadata(issued)?.permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let drawn = place.data().join("../drawn.pdf");
    let drawn = drawn.to_str().ok_or("the path is not UTF-8")?;
    for round in 0..2 {
        let asked = ["sheet", "--set", set, "--out", drawn, "--layout", "envelope"];
        let mut running = command(&server, &asked)?.spawn()?;
        running.stdin.take().ok_or("no input")?.write_all(codes.join("\n").as_bytes())?;
        let said = running.wait_with_output()?;
        let (out, err) =
            (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert_eq!(said.status.success(), round == 0, "a file is not written over: {out} {err}");
        assert!(!codes.iter().any(|code| out.contains(code) || err.contains(code)), "{out} {err}");
    }
    let text = text_of(&std::fs::read(drawn)?)?;
    assert!(codes.iter().all(|code| text.contains(code)), "{text}");
    assert!(text.contains("SEALED"), "{text}");
    Ok(())
}
