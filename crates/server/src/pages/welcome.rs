//! `GET /`: where somebody who came by themselves goes on.

use askama::Template;
use axum::response::Html;

use super::dress::shown;
use super::frame::Frame;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "welcome.html")]
struct Welcome {
    f: Frame,
}

pub(crate) async fn show(f: Frame) -> Result<Html<String>, Problem> {
    shown(&Welcome { f })
}
