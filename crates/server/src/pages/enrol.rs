//! `GET /enrol`: where an enrolment link leads. What is in the link is behind the `#`, so this page
//! knows of nobody; its script does the rest.

use askama::Template;
use axum::response::Html;

use super::dress::shown;
use super::frame::Frame;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "enrol.html")]
struct Enrol {
    f: Frame,
}

pub(crate) async fn show(f: Frame) -> Result<Html<String>, Problem> {
    shown(&Enrol { f })
}
