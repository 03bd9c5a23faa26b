//! Canonical JSON (RFC 8785), for what events are made of: no floating point numbers.

use serde::Serialize;
use serde_json::Value;

/// The largest integer that every JSON reader holds exactly (RFC 7493).
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Why a value has no canonical form here.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// The value does not serialise to JSON at all.
    #[error("the value cannot be written as JSON")]
    NotJson(#[source] serde_json::Error),
    /// A number that is not an integer within 53 bits.
    #[error("canonical entries hold only integers of up to 53 bits")]
    Number,
    /// More than the log's format has room for.
    #[error("an entry has at most 65535 bytes")]
    TooLong,
    /// An object key outside ASCII, for which byte order is not the order RFC 8785 asks for.
    #[error("object keys in entries are ASCII")]
    Key,
}

/// The canonical bytes of `value`.
pub fn to_bytes(value: &impl Serialize) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(CanonicalError::NotJson)?;
    let mut out = Vec::with_capacity(512);
    write(&value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => {
            let magnitude = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs))
                .ok_or(CanonicalError::Number)?;
            if magnitude > INTEGER_MAX {
                return Err(CanonicalError::Number);
            }
            out.extend_from_slice(number.to_string().as_bytes());
        }
        // serde_json escapes what RFC 8785 section 3.2.2.2 asks for, and nothing else.
        Value::String(text) => {
            serde_json::to_writer(&mut *out, text).map_err(CanonicalError::NotJson)?;
        }
        Value::Array(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => write_object(members, out)?,
    }
    Ok(())
}

fn write_object(
    members: &serde_json::Map<String, Value>,
    out: &mut Vec<u8>,
) -> Result<(), CanonicalError> {
    // Sorted here and not left to the map: a dependency may switch serde_json to insertion order.
    let mut members: Vec<_> = members.iter().collect();
    members.sort_unstable_by_key(|(key, _)| *key);
    out.push(b'{');
    for (position, (key, member)) in members.into_iter().enumerate() {
        if !key.is_ascii() {
            return Err(CanonicalError::Key);
        }
        if position > 0 {
            out.push(b',');
        }
        serde_json::to_writer(&mut *out, key).map_err(CanonicalError::NotJson)?;
        out.push(b':');
        write(member, out)?;
    }
    out.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rfc_8785_orders_keys_and_escapes_as_asked() {
        let value = json!({"b": 1, "a": ["\u{20ac}", "\u{7}", "\"\\/", null, true], "c": -3});
        let text = String::from_utf8(to_bytes(&value).unwrap()).unwrap();
        assert_eq!(
            text,
            "{\"a\":[\"\u{20ac}\",\"\\u0007\",\"\\\"\\\\/\",null,true],\"b\":1,\"c\":-3}"
        );
    }

    #[test]
    fn what_readers_could_disagree_on_is_refused() {
        for value in [json!(0.5), json!(1_u64 << 53), json!({"\u{e9}": 1})] {
            assert!(to_bytes(&value).is_err(), "{value}");
        }
    }
}
