//! Structured logs: their fields, and nothing of what a caller wrote.

use serde_json::{Value, json};

use crate::calls::{Place, Tested, issue, redeem, register};

#[tokio::test]
async fn a_line_is_json_and_names_its_request_and_nothing_secret() -> Tested {
    let place = Place::new("logs")?;
    let environment = [("GLASSBREAK_LOG", "debug")];
    let server = place.start_with("", &["--log-format", "json"], &environment)?;
    let mut client = server.client()?;
    register(&mut client, "ada-the-secret-name", "standard").await?;
    let shown = issue(&mut client, "ada-the-secret-name", &json!({})).await?;
    let answer = redeem(&mut client, "ada-the-secret-name", &shown.codes[0]).await?;
    let request_id = answer.headers["x-request-id"].to_str()?.to_owned();
    let said = server.stop_and_listen()?;
    let lines: Vec<Value> = said
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let answered = lines.iter().find(|line| {
        line["message"] == "answered" && line["span"]["request_id"] == request_id.as_str()
    });
    let answered = answered.ok_or_else(|| format!("no line of the request: {said}"))?;
    assert_eq!(answered["route"], "/v1/redemptions");
    assert_eq!((&answered["status"], &answered["level"]), (&json!(200), &json!("DEBUG")));
    for member in ["timestamp", "target", "duration_us", "method"] {
        assert!(!answered[member].is_null(), "{member}: {answered}");
    }
    for secret in shown.codes.iter().map(String::as_str).chain(["ada-the-secret-name"]) {
        assert!(!said.contains(secret), "{secret} is in the log");
    }
    Ok(())
}
