//! What pages are made with besides their text: styles, scripts and pictures, in the binary.

use std::io::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest::{Context, SHA256};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;

macro_rules! assets {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../assets/", $name)).as_slice())),+]
    };
}

/// Each by its name.
const ASSETS: &[(&str, &[u8])] = assets![
    "canonical.js",
    "choose-all.js",
    "code-field.js",
    "code.js",
    "codes.css",
    "copy.js",
    "countdown.js",
    "enrol.js",
    "fragment.js",
    "leave.js",
    "log-page.js",
    "mark.svg",
    "note.js",
    "once.js",
    "passkey.js",
    "path-plot.js",
    "progress.js",
    "reveal.js",
    "style.css",
    "tree.js",
    "verify.js",
    "words.js",
];

/// The digest of all of them is in their address, so that a browser keeps them for good and scripts
/// find each other beside themselves.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut context = Context::new(&SHA256);
    for (name, bytes) in ASSETS {
        context.update(name.as_bytes());
        context.update(&bytes.len().to_be_bytes());
        context.update(bytes);
    }
    let digest = context.finish();
    URL_SAFE_NO_PAD.encode(digest.as_ref().get(..12).unwrap_or_default())
});

/// The same, packed once.
static PACKED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let pack = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
    };
    ASSETS.iter().map(|(_, bytes)| pack(bytes)).collect()
});

/// Where an asset is.
pub(crate) fn place(name: &str) -> String {
    format!("/assets/{}/{name}", *VERSION)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// `GET /assets/{version}/{name}`.
pub(crate) async fn show(
    Path((version, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let found = ASSETS.iter().zip(PACKED.iter()).find(|((known, _), _)| *known == name);
    let Some(((name, bytes), packed)) = found.filter(|_| version == *VERSION) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let is_packed = accepts.is_some_and(|accepts| accepts.contains("gzip"))
        && !packed.is_empty()
        && packed.len() < bytes.len();
    let mut response = [
        (header::CONTENT_TYPE, kind(name)),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ]
    .into_response();
    let body = if is_packed { packed.clone() } else { bytes.to_vec() };
    if is_packed {
        let gzip = header::HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    }
    *response.body_mut() = body.into();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_style_and_no_script_names_another_place() {
        for (name, bytes) in ASSETS {
            let text = String::from_utf8_lossy(bytes);
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for part in ["http://", "https://", "@import", "eval(", "innerHTML"] {
                assert!(!text.contains(part), "{part} is in {name}");
            }
        }
    }
}
