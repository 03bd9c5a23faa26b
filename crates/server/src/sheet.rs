//! `POST /v1/sheets`: codes on paper (A7), for the caller who was just shown them.
//!
//! The server cannot read codes back, so the caller brings them. They are checked for typing
//! errors, drawn and forgotten: nothing of them is stored, looked up, compared or logged. Whether
//! they are the set's is not told: that would be a place to try codes without a throttle.

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::code::{Code, Prefix};
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::{Engine, Reach};
use glassbreak_sheet::{CODES_MAX, Language, Layout, Paper, Sheet, SheetError, render};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::{Allowed, Issue};
use crate::body::Body;
use crate::config::SheetsConfig;
use crate::problem::{Problem, ProblemBody};

/// What is to be drawn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawing {
    /// The set that the codes were shown with. Its days and its kind come from there.
    set_id: Uuid,
    /// The codes as they were shown, in their order, 1 to 32. The server has no copy to draw.
    codes: Vec<String>,
    /// The paper; `a4` unless named.
    #[serde(default)]
    paper: PaperWord,
    /// The layout; `page` unless named.
    #[serde(default)]
    layout: LayoutWord,
    /// The language of its texts; `en` unless named.
    #[serde(default)]
    language: LanguageWord,
}

/// The paper of a sheet.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaperWord {
    /// 210 by 297 mm.
    #[default]
    A4,
    /// 8.5 by 11 in.
    Letter,
}

/// The layout of a sheet.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LayoutWord {
    /// A page for a drawer.
    #[default]
    Page,
    /// One leaf, printed on both sides, folded in three and sealed.
    Envelope,
}

/// The language of a sheet.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LanguageWord {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

/// How a sheet is to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// The paper.
    pub(crate) paper: Paper,
    /// The layout.
    pub(crate) layout: Layout,
    /// The language.
    pub(crate) language: Language,
}

/// What all sheets of this server have in common.
#[derive(Debug, Clone)]
pub(crate) struct Sheets {
    page_url: Option<String>,
    finder: SheetsConfig,
}

impl Sheets {
    /// Out of the configuration: the page that is named, else the one below the address that
    /// is named for pages or notices, else below `here`, which is where browsers find this server.
    pub(crate) fn open(sheets: &SheetsConfig, named: Option<&str>, here: Option<&str>) -> Self {
        let below = |base: &str| format!("{base}/recover");
        let page_url = sheets.page_url.clone();
        let page_url = page_url.or_else(|| named.or(here).map(below));
        Self { page_url, finder: sheets.clone() }
    }
}

/// Draw codes on a sheet of paper, as a PDF.
///
/// For the caller who was just shown the codes: the server has no copy of them, and keeps none of
/// this request. A code that was mistyped is refused by its place in the list. Whether codes belong
/// to the set is not checked.
#[utoipa::path(post, path = "/v1/sheets", tag = "code sets", request_body = Drawing,
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn draw(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    Extension(sheets): Extension<Sheets>,
    Body(body): Body<Drawing>,
) -> Result<Response, Problem> {
    let codes: Vec<Zeroizing<String>> = body.codes.into_iter().map(Zeroizing::new).collect();
    let form = Form {
        paper: body.paper.into(),
        layout: body.layout.into(),
        language: body.language.into(),
    };
    let reach = &allowed.caller.reach;
    let pdf = drawn(&engine, &sheets, reach, SetId(body.set_id), &codes, form).await?;
    Ok(file(pdf))
}

/// Draws the sheet of a set within `reach`, for the API and for pages.
///
/// # Errors
/// `code_set_unknown`; `malformed_code` with the place of the first code that is mistyped;
/// `invalid_request` for a number of codes that no sheet has, or more than the set has;
/// `sheet_without_page` if no address of the page for using codes is configured.
pub(crate) async fn drawn(
    engine: &Engine,
    sheets: &Sheets,
    reach: &Reach,
    set: SetId,
    codes: &[Zeroizing<String>],
    form: Form,
) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let codes = read(codes, engine.prefix())?;
    let set = engine.code_set(reach, set).await?.map(|row| row.set);
    let set = set.ok_or_else(|| Problem::plain("code_set_unknown"))?;
    if codes.len() > usize::from(set.issued.count) {
        return Err(Problem::new("invalid_request", "there are more `codes` than the set has"));
    }
    let page = sheets.page_url.clone().ok_or_else(|| Problem::plain("sheet_without_page"))?;
    let finder = sheets.finder.finder(form.language).map(str::to_owned);
    let made_at = engine.now();
    // Some milliseconds of computing, and not where requests are answered.
    let drawing = tokio::task::spawn_blocking(move || {
        render(&Sheet {
            codes: &codes,
            set: set.id,
            kind: set.issued.kind,
            issued_at: set.issued_at,
            expires_at: set.issued.expires_at,
            language: form.language,
            paper: form.paper,
            layout: form.layout,
            redemption_url: &page,
            finder: finder.as_deref(),
            made_at,
        })
    });
    drawing.await.map_err(|_| Problem::plain("internal"))?.map_err(|error| refused(&error))
}

/// The codes, each checked for typing errors. What is wrong is told by its place alone.
fn read(codes: &[Zeroizing<String>], prefix: &Prefix) -> Result<Vec<Code>, Problem> {
    if !(1..=CODES_MAX).contains(&codes.len()) {
        let detail = format!("`codes` has 1 to {CODES_MAX} codes");
        return Err(Problem::new("invalid_request", detail));
    }
    let read = |(place, code): (usize, &Zeroizing<String>)| {
        Code::parse(code, prefix).map_err(|malformed| {
            let number = place + 1;
            Problem::new("malformed_code", format!("code {number}: {malformed}"))
        })
    };
    codes.iter().enumerate().map(read).collect()
}

fn refused(error: &SheetError) -> Problem {
    match error {
        SheetError::Count | SheetError::Sent { .. } => {
            Problem::new("invalid_request", error.to_string())
        }
        // Both are checked when the server starts; the last one is a defect.
        SheetError::Url | SheetError::Finder | SheetError::Pdf(_) => {
            tracing::error!(%error, "a sheet could not be drawn");
            Problem::plain("internal")
        }
    }
}

/// A file that nobody keeps on the way, under a name that tells nothing.
pub(crate) fn file(pdf: Zeroizing<Vec<u8>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"recovery-codes.pdf\""),
        ),
    ];
    // Wiped once it was sent.
    (headers, Bytes::from_owner(pdf)).into_response()
}

impl From<PaperWord> for Paper {
    fn from(word: PaperWord) -> Self {
        match word {
            PaperWord::A4 => Self::A4,
            PaperWord::Letter => Self::Letter,
        }
    }
}

impl From<LayoutWord> for Layout {
    fn from(word: LayoutWord) -> Self {
        match word {
            LayoutWord::Page => Self::Page,
            LayoutWord::Envelope => Self::Envelope,
        }
    }
}

impl From<LanguageWord> for Language {
    fn from(word: LanguageWord) -> Self {
        match word {
            LanguageWord::En => Self::English,
            LanguageWord::De => Self::German,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(page: Option<&str>, notices: Option<&str>, here: Option<&str>) -> Option<String> {
        let config = SheetsConfig { page_url: page.map(str::to_owned), ..SheetsConfig::default() };
        Sheets::open(&config, notices, here).page_url
    }

    #[test]
    fn the_nearest_address_that_is_configured_is_printed() {
        let (page, notices, here) =
            ("https://a.example/codes", "https://b.example", "http://localhost:8787");
        assert_eq!(sheets(Some(page), Some(notices), Some(here)).as_deref(), Some(page));
        let below = sheets(None, Some(notices), Some(here));
        assert_eq!(below.as_deref(), Some("https://b.example/recover"));
        let tried = sheets(None, None, Some(here));
        assert_eq!(tried.as_deref(), Some("http://localhost:8787/recover"));
        assert_eq!(sheets(None, None, None), None);
    }

    #[test]
    fn a_mistyped_code_is_told_by_its_place_and_not_repeated() {
        let prefix = Prefix::default();
        let wrong = "gb-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA";
        let refused = read(&[Zeroizing::new(wrong.to_owned())], &prefix).err().expect("refused");
        let told = format!("{refused:?}");
        assert!(told.contains("malformed_code") && told.contains("code 1:"), "{told}");
        assert!(!told.contains("AAAAA"), "{told}");
    }
}
