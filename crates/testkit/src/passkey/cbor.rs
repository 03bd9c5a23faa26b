//! As much CBOR as an authenticator writes.

/// An integer.
pub fn integer(number: i64) -> Vec<u8> {
    if number < 0 { head(1, (-1 - number).unsigned_abs()) } else { head(0, number.unsigned_abs()) }
}

/// A byte string.
pub fn bytes(bytes: &[u8]) -> Vec<u8> {
    [head(2, bytes.len() as u64), bytes.to_vec()].concat()
}

/// A text.
pub(super) fn text(text: &str) -> Vec<u8> {
    [head(3, text.len() as u64), text.as_bytes().to_vec()].concat()
}

/// A map of entries that are CBOR already.
pub(super) fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut written = head(5, entries.len() as u64);
    for (key, value) in entries {
        written.extend(key);
        written.extend(value);
    }
    written
}

/// The shortest head of an item.
fn head(major: u8, number: u64) -> Vec<u8> {
    let major = major << 5;
    let [.., a, b] = number.to_be_bytes();
    match number {
        0..24 => vec![major | b],
        24..256 => vec![major | 0x18, b],
        // Nothing written here is longer than 64 KiB.
        _ => vec![major | 0x19, a, b],
    }
}
