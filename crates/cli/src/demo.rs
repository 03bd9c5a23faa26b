//! The demo.
/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Demo {}
impl Demo {
    /// Runs it.
    pub fn run(self, _: &crate::args::Shared) -> crate::exit::Outcome {
        Ok(crate::exit::Exit::Ok)
    }
}
