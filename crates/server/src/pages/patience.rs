//! How long a page reads on.

use std::time::{Duration, Instant};

/// How long a page reads on for a filter that few rows pass. It is to be there in a tenth of a
/// second, on a busy machine as well.
const READ_FOR: Duration = Duration::from_millis(40);

/// How long a list is read for its page: until the page is full or this is over, and a read at
/// least. What is not read then is behind the link to the next page.
pub(crate) struct Patience(Instant);

impl Patience {
    /// From now on.
    pub(crate) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Whether what there is has to do.
    pub(crate) fn is_over(&self) -> bool {
        self.0.elapsed() >= READ_FOR
    }
}
