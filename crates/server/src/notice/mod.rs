//! Telling people what happens to their recovery credentials (N63B-NO-01 to -07).
//!
//! ```text
//! log ──feed──> plan: who is told of it, at which addresses ──┐ one change: the feed's place
//!                                                            └─> letters that are due
//! letters that are due, by channel ──post──> sent, failed, or due again later
//! ```
//!
//! There is one letter for each event and address, because it is put on its shelf in the change
//! that moves the feed past the event. It leaves the shelf once the next server on the way has
//! taken it over. A crash between the two sends it again under the same `Message-ID`.

mod known;
pub(crate) mod letter;
mod plan;
mod post;
mod recipients;
mod template;
mod told;
mod what;
mod writer;

use std::sync::Arc;

use anyhow::Context;
use glassbreak_channels::Router;
use glassbreak_engine::{Begin, Engine, Feed};
use tokio::sync::Notify;

use self::post::Post;
use self::writer::Writer;
use crate::background::Background;
use crate::config::Config;

/// The name of the feed.
const FEED: &str = "notices";

/// Tells people what happens; ready to be started.
pub(crate) struct Notices {
    engine: Engine,
    feed: Feed,
    router: Router,
    writer: Arc<Writer>,
}

impl Notices {
    /// The notices of a configuration; none where they are switched off, or where no channel is
    /// set up. Their feed begins with what is committed after the first time this is asked.
    ///
    /// # Errors
    /// With the setting or the text that is wrong, and what to do.
    pub(crate) async fn open(config: &Config, engine: &Engine) -> anyhow::Result<Option<Self>> {
        config.notices.validate()?;
        let router = Router::open(&config.channels, &|name| std::env::var(name).ok())?;
        // Read even if nobody is told, so that a slip shows before it matters.
        let writer = Arc::new(Writer::open(config)?);
        if !config.notices.enabled {
            tracing::warn!("nobody is told of recoveries: `notices.enabled` is false");
            return Ok(None);
        }
        if router.channels().next().is_none() {
            tracing::warn!("nobody is told of recoveries: no channel is set up");
            return Ok(None);
        }
        let feed = engine.feed(FEED, Begin::Now).await.context("the feed of the notices")?;
        Ok(Some(Self { engine: engine.clone(), feed, router, writer }))
    }

    /// Starts it beside the server.
    pub(crate) fn spawn(self, background: &mut Background) {
        let Self { engine, feed, router, writer } = self;
        let planned = Arc::new(Notify::new());
        for channel in letter::CHANNELS {
            let post = Post {
                engine: engine.clone(),
                channel,
                router: router.clone(),
                writer: Arc::clone(&writer),
                planned: Arc::clone(&planned),
            };
            background.spawn(|stopped| post.run(stopped));
        }
        let plan = plan::Plan { engine, feed, planned };
        background.spawn(|stopped| plan.run(stopped));
    }
}
