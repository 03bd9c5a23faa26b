//! The checker against a table, and against parse-sort-write with `serde_json`.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn is_canonical(json: &str) -> bool {
    object_members(json.as_bytes()).is_ok()
}

#[test]
fn canonical_texts_are_accepted() {
    for json in [
        "{}",
        r#"{"":""}"#,
        r#"{"a":1}"#,
        r#"{"a":-1,"b":0}"#,
        r#"{"a":9007199254740991,"b":-9007199254740991}"#,
        r#"{"a":true,"b":false,"c":null,"d":[],"e":{},"f":[1,[2],{"a":[]}]}"#,
        r#"{"a":"\b\t\n\f\r\"\\/\u0000\u0007\u000b\u000e\u001f"}"#,
        "{\"a\":\"\u{7f}\u{80}\u{2028}é€😀\"}",
        // RFC 8785 section 3.2.3: by UTF-16 code units, so surrogates sort before U+FB33.
        "{\"\\n\":1,\"\\r\":2,\"1\":3,\"\u{80}\":4,\"ö\":5,\"€\":6,\"😀\":7,\"\u{fb33}\":8}",
    ] {
        assert_eq!(object_members(json.as_bytes()).err(), None, "{json}");
    }
}

#[test]
fn every_other_spelling_is_refused() {
    for json in [
        "",
        "[]",
        "1",
        "\"a\"",
        " {}",
        "{} ",
        "{}\n",
        "{ }",
        "{}{}",
        "\u{feff}{}",
        "{",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1"#,
        r#"{"a":1,}"#,
        r#"{"a": 1}"#,
        r#"{"a" :1}"#,
        r#"{"a":1, "b":2}"#,
        r#"{"a":1 }"#,
        "{a:1}",
        "{'a':1}",
        r#"{"a":1,"a":1}"#,
        r#"{"b":1,"a":1}"#,
        r#"{"a":{"b":1,"a":1}}"#,
        r#"{"a":[{"a":1,"a":1}]}"#,
        "{\"\u{fb33}\":1,\"😀\":2}",
        r#"{"1":1,"\n":2}"#,
        r#"{"a":01}"#,
        r#"{"a":-0}"#,
        r#"{"a":+1}"#,
        r#"{"a":-}"#,
        r#"{"a":1.0}"#,
        r#"{"a":1.5}"#,
        r#"{"a":1e2}"#,
        r#"{"a":.5}"#,
        r#"{"a":9007199254740992}"#,
        r#"{"a":-9007199254740992}"#,
        r#"{"a":99999999999999999999999}"#,
        r#"{"a":NaN}"#,
        r#"{"a":True}"#,
        r#"{"a":nul}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[,1]}"#,
        r#"{"a":[1 ]}"#,
        r#"{"a":[1}"#,
        r#"{"a":"b}"#,
        r#"{"a":"\/"}"#,
        r#"{"a":"\u0061"}"#,
        r#"{"a":"\u0022"}"#,
        r#"{"a":"\u005c"}"#,
        r#"{"a":"\u0008"}"#,
        r#"{"a":"\u0009"}"#,
        r#"{"a":"\u000a"}"#,
        r#"{"a":"\u000c"}"#,
        r#"{"a":"\u000d"}"#,
        r#"{"a":"\u001F"}"#,
        r#"{"a":"\u007f"}"#,
        r#"{"a":"\u00e9"}"#,
        r#"{"a":"\ud83d\ude00"}"#,
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\x00"}"#,
        r#"{"a":"\"}"#,
        "{\"a\":\"\n\"}",
        "{\"a\":\"\0\"}",
        "{\"a\":\"\t\"}",
    ] {
        assert!(!is_canonical(json), "{json}");
    }
    assert!(object_members(b"{\"a\":\"\xff\"}").is_err());
    assert!(object_members(b"{\"a\":\"\xed\xa0\x80\"}").is_err());
}

#[test]
fn nesting_has_a_bound() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(is_canonical(&nested(63)));
    assert!(!is_canonical(&nested(64)));
    assert!(!is_canonical(&nested(30_000)));
}

#[test]
fn members_come_as_they_are_spelled() {
    let members = object_members(br#"{"\n":[1,{}],"a":"\t","b":-7}"#).unwrap();
    assert_eq!(members, [("\\n", "[1,{}]"), ("a", "\"\\t\""), ("b", "-7")]);
}

/// The canonical text of a value, by another road: `serde_json` writes strings as RFC 8785 does.
fn write(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(write).collect::<Vec<_>>().join(","))
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.encode_utf16().collect::<Vec<_>>());
            let write = |(name, value): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), write(value))
            };
            format!("{{{}}}", members.into_iter().map(write).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
        "[\\x00-\\x7f]{0,6}".prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let names = prop_oneof!["[a-c\\x00-\\x1f\"\\\\]{0,3}", "[a😀\u{fb33}€ö]{0,3}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(names, inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_the_other_road_writes_is_canonical(value in values()) {
        let text = write(&serde_json::json!({ "a": value }));
        prop_assert_eq!(object_members(text.as_bytes()).err(), None, "{}", text);
    }

    #[test]
    fn what_is_accepted_is_what_the_other_road_writes(
        value in values(),
        place: prop::sample::Index,
        byte in prop_oneof![any::<u8>(), prop::sample::select(b"\"\\{}[]:,0 n".to_vec())],
        how in 0..3,
    ) {
        let mut text = write(&serde_json::json!({ "a": value })).into_bytes();
        let place = place.index(text.len());
        match how {
            0 => text[place] = byte,
            1 => text.insert(place, byte),
            _ => { text.remove(place); }
        }
        if object_members(&text).is_ok() {
            let value: Value = serde_json::from_slice(&text).unwrap();
            prop_assert_eq!(write(&value).into_bytes(), text);
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = object_members(&bytes);
    }
}
