//! Canonical JSON (RFC 8785), for what events are made of: no floating point numbers.
//!
//! Members are put in order where they stand, at the end of their object: every decision writes
//! entries, and a tree of them first would cost more than all the rest of writing them.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

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
    /// Two members of one name (RFC 7493 section 2.3).
    #[error("an object has two members of one name")]
    Twice,
}

/// The canonical bytes of `value`.
///
/// # Errors
/// [`CanonicalError`] says what in it has no canonical form.
pub fn to_bytes(value: &impl Serialize) -> Result<Vec<u8>, CanonicalError> {
    let mut written = Written { out: Vec::with_capacity(512), ..Written::default() };
    // The formatter keeps what is written, and not the writer: only so can it move members.
    let mut serializer = Serializer::with_formatter(io::sink(), Ordering(&mut written));
    let outcome = value.serialize(&mut serializer);
    match (outcome, written.fault) {
        (_, Some(fault)) => Err(fault),
        (Err(error), None) => Err(CanonicalError::NotJson(error)),
        (Ok(()), None) => Ok(written.out),
    }
}

/// What is written so far.
#[derive(Default)]
struct Written {
    out: Vec<u8>,
    /// For each object or array that is not closed, how many `members` there were before it.
    open: Vec<usize>,
    members: Vec<Member>,
    /// A number within a name is text, of any size.
    is_in_name: bool,
    fault: Option<CanonicalError>,
}

/// Where a member stands in what is written.
struct Member {
    /// Its name, with the quotes.
    name: Range<usize>,
    /// Where its value ends.
    end: usize,
}

impl Member {
    /// The name itself.
    fn name<'a>(&self, out: &'a [u8]) -> Cow<'a, [u8]> {
        let written = out.get(self.name.clone()).unwrap_or_default();
        if written.contains(&b'\\') {
            let name: Result<String, _> = serde_json::from_slice(written);
            return Cow::Owned(name.unwrap_or_default().into_bytes());
        }
        let quotes = written.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        Cow::Borrowed(quotes.unwrap_or(written))
    }
}

impl Written {
    #[expect(clippy::unnecessary_wraps, reason = "what every method of a formatter gives")]
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn refuse(&mut self, fault: CanonicalError) -> io::Result<()> {
        let error = io::Error::other(fault.to_string());
        self.fault.get_or_insert(fault);
        Err(error)
    }

    fn integer(&mut self, value: Option<i128>) -> io::Result<()> {
        match value {
            Some(value) if self.is_in_name || value.unsigned_abs() <= u128::from(INTEGER_MAX) => {
                CompactFormatter.write_i128(&mut self.out, value)
            }
            _ => self.refuse(CanonicalError::Number),
        }
    }

    /// How many members there were before what ends here. What told another length than it has ends
    /// twice.
    fn opened(&mut self) -> io::Result<usize> {
        if let Some(before) = self.open.pop() {
            return Ok(before);
        }
        let untrue =
            serde::ser::Error::custom("an object or array has another length than it told");
        self.refuse(CanonicalError::NotJson(untrue)).map(|()| 0)
    }

    /// Puts the members of the object that ends here in the order of their names.
    fn close(&mut self) -> io::Result<()> {
        let first = self.opened()?;
        let out = &self.out;
        let Some(members) = self.members.get_mut(first..) else { return Ok(()) };
        let begin = members.first().map_or(out.len(), |member| member.name.start);
        let is_ordered = members.is_sorted_by(|one, next| one.name(out) < next.name(out));
        if !is_ordered {
            members.sort_unstable_by(|one, other| one.name(out).cmp(&other.name(out)));
            let is_twice = members.windows(2).any(|pair| match pair {
                [one, next] => one.name(out) == next.name(out),
                _ => false,
            });
            if is_twice {
                return self.refuse(CanonicalError::Twice);
            }
            let mut ordered = Vec::with_capacity(out.len().saturating_sub(begin));
            for member in &*members {
                if !ordered.is_empty() {
                    ordered.push(b',');
                }
                ordered.extend_from_slice(out.get(member.name.start..member.end).unwrap_or(&[]));
            }
            self.out.truncate(begin);
            self.out.extend_from_slice(&ordered);
        }
        self.members.truncate(first);
        self.put(b"}")
    }
}

/// Writes into [`Written`], whatever the writer.
struct Ordering<'a>(&'a mut Written);

/// Methods that write one kind of integer.
macro_rules! integers {
    ($($method:ident($of:ty)),* $(,)?) => {$(
        fn $method<W: ?Sized + io::Write>(&mut self, _: &mut W, value: $of) -> io::Result<()> {
            self.0.integer(i128::try_from(value).ok())
        }
    )*};
}

/// Methods that write the same bytes each time.
macro_rules! literals {
    ($($method:ident = $bytes:literal),* $(,)?) => {$(
        fn $method<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
            self.0.put($bytes)
        }
    )*};
}

impl Formatter for Ordering<'_> {
    integers! {
        write_i8(i8), write_i16(i16), write_i32(i32), write_i64(i64), write_i128(i128),
        write_u8(u8), write_u16(u16), write_u32(u32), write_u64(u64), write_u128(u128),
    }

    literals! {
        write_null = b"null",
        begin_string = b"\"",
        end_string = b"\"",
        begin_object_value = b":",
    }

    fn write_bool<W: ?Sized + io::Write>(&mut self, _: &mut W, value: bool) -> io::Result<()> {
        self.0.put(if value { b"true" } else { b"false" })
    }

    fn write_f32<W: ?Sized + io::Write>(&mut self, _: &mut W, _: f32) -> io::Result<()> {
        self.0.refuse(CanonicalError::Number)
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, _: &mut W, _: f64) -> io::Result<()> {
        self.0.refuse(CanonicalError::Number)
    }

    /// Where a dependency has `serde_json` keep numbers as they were spelled.
    fn write_number_str<W: ?Sized + io::Write>(
        &mut self,
        _: &mut W,
        number: &str,
    ) -> io::Result<()> {
        self.0.integer(number.parse().ok())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        _: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        self.0.put(fragment.as_bytes())
    }

    /// `serde_json` escapes what RFC 8785 section 3.2.2.2 asks for, and nothing else.
    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        _: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        CompactFormatter.write_char_escape(&mut self.0.out, escape)
    }

    /// Text that is JSON already, and perhaps not canonical.
    fn write_raw_fragment<W: ?Sized + io::Write>(&mut self, _: &mut W, _: &str) -> io::Result<()> {
        self.0.refuse(CanonicalError::Number)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.0.open.push(self.0.members.len());
        self.0.put(b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.0.opened()?;
        self.0.put(b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        _: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.put(if first { b"" } else { b"," })
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.0.open.push(self.0.members.len());
        self.0.put(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.0.close()
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        _: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.put(if first { b"" } else { b"," })?;
        let at = self.0.out.len();
        self.0.members.push(Member { name: at..at, end: at });
        self.0.is_in_name = true;
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let Written { out, members, is_in_name, .. } = &mut *self.0;
        *is_in_name = false;
        let Some(member) = members.last_mut() else { return Ok(()) };
        member.name.end = out.len();
        if out.get(member.name.clone()).is_some_and(<[u8]>::is_ascii) {
            return Ok(());
        }
        self.0.refuse(CanonicalError::Key)
    }

    /// Objects within the value are closed, so the last member is the one that ends here.
    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let end = self.0.out.len();
        if let Some(member) = self.0.members.last_mut() {
            member.end = end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::ser::SerializeMap as _;
    use serde_json::{Value, json};

    fn text(value: &Value) -> String {
        String::from_utf8(to_bytes(value).unwrap()).unwrap()
    }

    #[test]
    fn rfc_8785_orders_keys_and_escapes_as_asked() {
        let value = json!({"b": 1, "a": ["\u{20ac}", "\u{7}", "\"\\/", null, true], "c": -3});
        let written = "{\"a\":[\"\u{20ac}\",\"\\u0007\",\"\\\"\\\\/\",null,true],\"b\":1,\"c\":-3}";
        assert_eq!(text(&value), written);
    }

    #[test]
    fn what_readers_could_disagree_on_is_refused() {
        for value in [json!(0.5), json!(1_u64 << 53), json!({"\u{e9}": 1}), json!([{"a": 0.1}])] {
            assert!(to_bytes(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn two_members_of_one_name_are_refused() {
        struct Twice;
        impl Serialize for Twice {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                for name in ["b", "a", "b"] {
                    map.serialize_entry(name, &1)?;
                }
                map.end()
            }
        }
        assert!(matches!(to_bytes(&Twice), Err(CanonicalError::Twice)));
    }

    #[test]
    fn a_number_within_a_name_may_have_any_size() {
        let names = std::collections::BTreeMap::from([(u64::MAX, 1), (7, 2)]);
        assert_eq!(to_bytes(&names).unwrap(), b"{\"18446744073709551615\":1,\"7\":2}");
    }

    #[test]
    fn a_length_that_is_not_true_is_refused() {
        struct Short;
        impl Serialize for Short {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(0))?;
                map.serialize_entry("a", &1)?;
                map.end()
            }
        }
        let short = to_bytes(&Short);
        assert!(matches!(short, Err(CanonicalError::NotJson(_))), "{short:?}");
    }

    /// The plain way: a tree, and each object's members sorted before they are written.
    fn plainly(value: &Value) -> String {
        match value {
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(plainly).collect();
                format!("[{}]", items.join(","))
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by_key(|(name, _)| *name);
                let member = |(name, value): (&String, &Value)| {
                    format!("{}:{}", json!(name), plainly(value))
                };
                let members: Vec<String> = members.into_iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }
            other => other.to_string(),
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(1_i64 << 53) + 1..1_i64 << 53).prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            let name = "[ -~\\x00-\\x1f]{0,3}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_is_written_as_the_plain_way_writes_it(value in values()) {
            prop_assert_eq!(text(&value), plainly(&value));
        }
    }
}
