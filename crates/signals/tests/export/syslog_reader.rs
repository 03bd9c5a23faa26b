//! A strict reader of RFC 5424 messages and of octet-counted frames, by the ABNF of section 6.

/// One message as read. NILVALUE is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) facility: u16,
    pub(crate) severity: u16,
    pub(crate) timestamp: Option<String>,
    pub(crate) hostname: Option<String>,
    pub(crate) app_name: Option<String>,
    pub(crate) procid: Option<String>,
    pub(crate) msgid: Option<String>,
    pub(crate) data: Vec<(String, Vec<(String, String)>)>,
    pub(crate) text: String,
    /// Whether the text was marked as UTF-8.
    pub(crate) marked: bool,
}

type Read<T> = Result<T, String>;

/// Takes frames off a stream: MSG-LEN SP SYSLOG-MSG.
pub(crate) fn frames(mut stream: &[u8]) -> Read<Vec<&[u8]>> {
    let mut found = Vec::new();
    while !stream.is_empty() {
        let space = stream.iter().position(|byte| *byte == b' ').ok_or("a length without end")?;
        let digits = std::str::from_utf8(&stream[..space]).map_err(|error| error.to_string())?;
        if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("a length of `{digits}`"));
        }
        let length: usize = digits.parse().map_err(|_| "no length")?;
        let rest = &stream[space + 1..];
        let (frame, after) = rest.split_at_checked(length).ok_or("a frame that is cut")?;
        found.push(frame);
        stream = after;
    }
    Ok(found)
}

pub(crate) fn read(bytes: &[u8]) -> Read<Message> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let rest = text.strip_prefix('<').ok_or("no PRI")?;
    let (pri, rest) = rest.split_once('>').ok_or("PRI without end")?;
    if pri.is_empty() || pri.len() > 3 || (pri.len() > 1 && pri.starts_with('0')) {
        return Err(format!("PRI `{pri}`"));
    }
    let pri: u16 = pri.parse().map_err(|_| "PRI is no number")?;
    if pri > 191 {
        return Err(format!("PRI {pri}"));
    }
    let rest = rest.strip_prefix("1 ").ok_or("another version")?;
    let (timestamp, rest) = field(rest, 64)?;
    check_timestamp(timestamp.as_deref())?;
    let (hostname, rest) = field(rest, 255)?;
    let (app_name, rest) = field(rest, 48)?;
    let (procid, rest) = field(rest, 128)?;
    let (msgid, rest) = field(rest, 32)?;
    let (data, rest) = structured(rest)?;
    let text = match rest.strip_prefix(' ') {
        Some(text) => text,
        None if rest.is_empty() => "",
        None => return Err("no space before the text".to_owned()),
    };
    let marked = text.starts_with('\u{feff}');
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
    if !marked && !text.is_ascii() {
        return Err("UTF-8 that is not marked".to_owned());
    }
    let (facility, severity) = (pri / 8, pri % 8);
    Ok(Message {
        facility,
        severity,
        timestamp,
        hostname,
        app_name,
        procid,
        msgid,
        data,
        text,
        marked,
    })
}

/// A field of visible ASCII, and the space after it.
fn field(text: &str, most: usize) -> Read<(Option<String>, &str)> {
    let (field, rest) = text.split_once(' ').ok_or("a field without end")?;
    if field.is_empty() || field.len() > most || !field.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(format!("a field of `{field}`"));
    }
    Ok(((field != "-").then(|| field.to_owned()), rest))
}

/// FULL-DATE "T" FULL-TIME, with up to six digits of a second and no leap second.
fn check_timestamp(text: Option<&str>) -> Read<()> {
    let Some(text) = text else { return Ok(()) };
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    let (whole, fraction) = shape.split_at_checked(19).ok_or("a short timestamp")?;
    let fraction = fraction.strip_suffix('Z').ok_or("another zone")?;
    let fits = fraction.is_empty()
        || fraction.strip_prefix('.').is_some_and(|digits| {
            (1..=6).contains(&digits.len()) && digits.bytes().all(|digit| digit == b'9')
        });
    let read = text.parse::<jiff::Timestamp>().is_ok();
    if whole == "9999-99-99T99:99:99" && fits && read { Ok(()) } else { Err(text.to_owned()) }
}

type Elements = Vec<(String, Vec<(String, String)>)>;

fn structured(text: &str) -> Read<(Elements, &str)> {
    if let Some(rest) = text.strip_prefix('-') {
        return Ok((Vec::new(), rest));
    }
    let mut elements: Elements = Vec::new();
    let mut rest = text;
    while let Some(inner) = rest.strip_prefix('[') {
        let (id, after) = name(inner)?;
        if elements.iter().any(|(other, _)| *other == id) {
            return Err(format!("`{id}` twice"));
        }
        let (params, after) = params(after)?;
        elements.push((id, params));
        rest = after;
    }
    if elements.is_empty() { Err("no structured data".to_owned()) } else { Ok((elements, rest)) }
}

/// SD-NAME: 1 to 32 of visible ASCII except `=`, `]` and `"`.
fn name(text: &str) -> Read<(String, &str)> {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '=' | ']' | '"');
    let end = text.find(|c| !plain(c)).ok_or("a name without end")?;
    if (1..=32).contains(&end) {
        Ok((text[..end].to_owned(), &text[end..]))
    } else {
        Err(format!("a name of {end} characters"))
    }
}

fn params(text: &str) -> Read<(Vec<(String, String)>, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        if let Some(after) = rest.strip_prefix(']') {
            return Ok((found, after));
        }
        let inner = rest.strip_prefix(' ').ok_or("no space before a parameter")?;
        let (name, inner) = name(inner)?;
        let inner = inner.strip_prefix("=\"").ok_or("a parameter without a value")?;
        let (value, after) = value(inner)?;
        found.push((name, value));
        rest = after;
    }
}

/// PARAM-VALUE: `"`, `\` and `]` are escaped, and nothing else is.
fn value(text: &str) -> Read<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            ']' => return Err("a bare `]`".to_owned()),
            '\\' => match chars.next() {
                Some((_, c @ ('"' | '\\' | ']'))) => value.push(c),
                other => return Err(format!("an escape of {other:?}")),
            },
            c => value.push(c),
        }
    }
    Err("a value without end".to_owned())
}
