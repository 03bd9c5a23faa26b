//! The scripts that pages share, in the browser: fields for codes, passkeys, copying, countdowns,
//! and the warning before leaving. Each is put on a page of the server, under its real policy.

use std::fs;
use std::path::Path;

use glassbreak_testkit::browser::{By, Tab};
use glassbreak_testkit::http::Failure;
use serde_json::{Value, json};

use crate::world::{ADMIN, Tested, VERA, World, ok};

/// Where an asset is, as a page knows it.
const ASSET: &str = "(name => document.querySelector('link[rel=stylesheet]').href\
                     .replace('style.css', name))";

/// Puts `html` into the page's main part, and then a script of ours that works on it.
fn put(tab: &Tab, html: &str, script: &str) -> Tested {
    let html = serde_json::to_string(&format!("<h1>A page</h1>{html}"))?;
    let put = format!(
        "(async () => {{ document.querySelector('main').innerHTML = {html};
          await import({ASSET}('{script}')) }})()"
    );
    tab.evaluate(&put).map(drop)
}

/// What a script of ours comes to with its exports in `m`.
fn with(tab: &Tab, script: &str, expression: &str) -> Result<Value, Failure> {
    let all =
        format!("(async () => {{ const m = await import({ASSET}('{script}')); {expression} }})()");
    tab.evaluate(&all)
}

#[tokio::test]
async fn code_js_agrees_with_every_vector_in_the_browser_too() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    let mut seen = 0;
    for folder in ["accept", "reject"] {
        let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(folder);
        for file in fs::read_dir(vectors)? {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.starts_with("code-") {
                continue;
            }
            let vector: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
            if !["accept_code", "reject_code"].map(Value::from).contains(&vector["kind"]) {
                continue;
            }
            let ask = format!(
                "const said = [];
                 for (const c of {}) said.push((await m.reader(c.prefix)).parse(c.input));
                 return said;",
                vector["cases"]
            );
            let said = with(&browser, "code.js", &ask)?;
            for (place, case) in vector["cases"].as_array().into_iter().flatten().enumerate() {
                for member in ["display", "ordinal", "error", "position"] {
                    assert_eq!(said[place][member], case[member], "{name}: {case}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "only {seen} cases");
    Ok(())
}

/// The browser has an Ed25519 and a SHA-256 of its own.
#[tokio::test]
async fn verify_js_judges_every_receipt_of_the_vectors_in_the_browser_too() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let keys = json!(fs::read_to_string(vectors.join("accept/receipt.vkey"))?);
    let codes = fs::read_to_string(vectors.join("reject/receipt-codes.txt"))?;
    let mut expected: Vec<(String, &str)> = codes
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, code)| (format!("reject/{name}.json"), code))
        .collect();
    for file in fs::read_dir(vectors.join("accept"))? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.starts_with("receipt-") {
            expected.push((format!("accept/{name}"), "good"));
        }
    }
    assert!(expected.len() > 60, "only {} receipts", expected.len());
    for (name, code) in expected {
        let receipt = json!(fs::read_to_string(vectors.join(&name))?);
        let ask = format!(
            "const keys = await m.parseKeys({keys});
             return m.verifyReceipt({receipt}, keys).then(() => 'good', error => error.code);"
        );
        assert_eq!(with(&browser, "verify.js", &ask)?, code, "{name}");
    }
    Ok(())
}

const FIELD: &str = "<form data-code-field>
  <label for=code>Code</label>
  <input id=code name=code data-code=gb data-profile=strong aria-describedby=code-told
    autocomplete=off spellcheck=false>
  <p id=code-told data-told role=status></p>
  <template data-words><span data-word=incomplete>%count% so far</span>
    <span data-word=complete>Complete</span>
    <span data-word=code_checksum>Mistyped somewhere</span>
    <span data-word=code_checksum_group>Mistyped in group %group%</span>
    <span data-word=code_checksum_groups>Mistyped between %first% and %second%</span>
    <span data-word=code_bad_symbol>Character %position% is in no code</span>
    <span data-word=code_other_prefix>Of another site</span>
    <span data-word=code_too_long>Too long</span></template></form>";

#[tokio::test]
async fn a_field_for_codes_groups_what_is_typed_and_tells_typing_errors_before_they_are_sent()
-> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    put(&browser, FIELD, "code-field.js")?;
    let code = world.sets[crate::world::ADA].codes[0].clone();
    let plain = code.replace('-', "").to_lowercase();

    // Typed without dashes, in small letters.
    browser.click("#code")?;
    browser.type_text(&plain[2..14])?;
    let upper = plain[2..14].to_uppercase();
    let value = browser.value("#code")?;
    assert_eq!(value, format!("{}-{}-{}", &upper[..5], &upper[5..10], &upper[10..]));
    assert_eq!(browser.text("#code-told")?, "12 so far");
    browser.type_text(&plain[14..])?;
    assert_eq!(browser.text("#code-told")?, "Complete");
    assert_eq!(browser.value("#code")?, code["gb-".len()..]);
    assert_eq!(browser.attribute("#code", "aria-invalid")?.as_deref(), Some("false"));
    world.check(&browser)?;

    // One symbol wrong in the third group, put right in the middle of the text.
    for _ in 0..13 {
        browser.press("ArrowLeft")?;
    }
    let place = browser.evaluate("document.getElementById('code').selectionStart")?;
    browser.press("Backspace")?;
    let wrong = browser.value("#code")?;
    assert_eq!(wrong.len(), code.len() - "gb-".len() - 1, "{wrong}");
    let after = browser.evaluate("document.getElementById('code').selectionStart")?;
    assert!(after.as_u64() < place.as_u64(), "the caret went from {place} to {after}");
    let at = usize::try_from(after.as_u64().ok_or("no caret")?)?;
    let missing = code.as_bytes()["gb-".len() + at..].iter().find(|byte| **byte != b'-');
    let missing = char::from(*missing.ok_or("nothing is missing")?);
    let other = if missing == 'Z' { "Y" } else { "Z" };
    browser.type_text(other)?;
    browser.wait_for(By::text("Mistyped in group"))?;
    assert_eq!(browser.attribute("#code", "aria-invalid")?.as_deref(), Some("true"));
    browser.press("Backspace")?;
    browser.type_text(&missing.to_string())?;
    assert_eq!(browser.text("#code-told")?, "Complete");
    assert_eq!(browser.value("#code")?, code["gb-".len()..]);

    // Pasted whole, as it was copied from somewhere.
    browser.evaluate("document.getElementById('code').select()")?;
    browser.paste(&format!("\u{a0}{}  ", code.replace('-', "\u{2013}").to_lowercase()))?;
    assert_eq!(browser.value("#code")?, code);
    assert_eq!(browser.text("#code-told")?, "Complete");
    browser.evaluate("document.getElementById('code').select()")?;
    browser.paste("12345u")?;
    assert_eq!(browser.text("#code-told")?, "Character 6 is in no code");
    assert_eq!(browser.value("#code")?, "12345u");
    Ok(())
}

#[tokio::test]
async fn a_passkey_is_enrolled_through_a_form_and_a_refusal_is_told_in_words() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    world.sign_in(&browser, ADMIN)?;
    let key = browser.add_authenticator()?;
    let form = |subject: &str| {
        format!(
            "<form data-passkey=create data-options-from=/v1/operators/{subject}/passkeys/options
               data-post=/v1/operators/{subject}/passkeys data-member=credential data-then=/console>
             <button>Enrol</button><p data-told role=alert></p>
             <template data-words><span data-word=waiting>Waiting</span>
               <span data-word=cancelled>It was cancelled</span>
               <span data-word=failed>Refused: %title% (%code%)</span></template></form>"
        )
    };
    put(&browser, &form("nobody-like-that"), "passkey.js")?;
    browser.click(By::button("Enrol"))?;
    browser.wait_for(By::text("Refused:"))?;
    let told = browser.text("[data-told]")?;
    assert!(told.contains('(') && !told.contains('%'), "{told}");

    browser.open(&world.at("/console"))?;
    put(&browser, &form(VERA), "passkey.js")?;
    key.user_is_verified(false)?;
    browser.click(By::button("Enrol"))?;
    browser.wait_for(By::text("It was cancelled"))?;
    key.user_is_verified(true)?;
    browser.click(By::button("Enrol"))?;
    browser.wait_until_gone(By::button("Enrol"))?;
    let vera = ok(&world.api()?.get(&format!("/v1/operators/{VERA}")).await?)?;
    assert_eq!(vera["passkeys"].as_array().map(Vec::len), Some(1), "{vera}");
    Ok(())
}

#[tokio::test]
async fn time_that_is_left_is_counted_down_and_its_end_is_said() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    // A clock that is years off does no harm: the server's time counts.
    let countdown = |until: &str| {
        format!(
            "<div data-countdown data-now='2020-01-01T00:00:00Z'>
             <time data-until='2020-01-01T00:{until}Z'>until then</time>
             <p data-told role=status></p><template data-words>
             <span data-word=left>%time% left</span>
             <span data-word=over>It is over</span></template></div>"
        )
    };
    put(&browser, &countdown("25:00"), "countdown.js")?;
    let (shown, told) = (browser.text("time")?, browser.text("[data-told]")?);
    assert!(shown.contains('2') && shown.ends_with("left"), "{shown}");
    assert!(told.contains("minutes"), "told at once how long it is: {told}");

    browser.open(&world.at("/"))?;
    put(&browser, &countdown("00:01.500"), "countdown.js")?;
    browser.wait_for(By::holding("status", "It is over"))?;
    assert_eq!(browser.text("time")?, "It is over");
    Ok(())
}

#[tokio::test]
async fn a_text_is_copied_and_the_page_is_not_left_by_accident() -> Tested {
    let world = World::new().await?;
    let browser = world.browser()?;
    let html = "<section data-leave><p id=text>some <b>text</b></p>
      <div><button type=button data-copy=text hidden>Copy</button>
      <span data-told role=status></span>
      <template data-words><span data-word=copied>Copied</span>
        <span data-word=not_copied>Not copied</span></template></div>
      <a href='/sign-in' data-leave-ends>Done</a></section>";
    put(&browser, html, "copy.js")?;
    with(&browser, "leave.js", "return 0")?;
    let grant = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.call("Browser.grantPermissions", &grant)?;
    browser.click(By::button("Copy"))?;
    browser.wait_for(By::text("Copied"))?;
    assert_eq!(browser.evaluate("navigator.clipboard.readText()")?, "some text");

    // Without the right to, the text is marked for the person to copy.
    browser.evaluate("navigator.clipboard.writeText = async () => { throw new Error('no') }")?;
    browser.click(By::button("Copy"))?;
    browser.wait_for(By::text("Not copied"))?;
    assert_eq!(browser.evaluate("String(getSelection())")?, "some text");

    browser.answer_no();
    browser.evaluate("void (location.href = '/sign-in?return_to=/desk')")?;
    browser.wait_until_quiet()?;
    assert!(browser.has("#text")?, "the page was left");
    browser.answer_yes();
    assert_eq!(browser.questions().len(), 1, "asked once");
    browser.click(By::link("Done"))?;
    assert!(browser.url()?.contains("/sign-in"));
    assert!(browser.questions().is_empty(), "asked after it was confirmed");
    Ok(())
}
