//! Picks the delivery by the channel of the address.

use std::collections::BTreeMap;
use std::sync::Arc;

use glassbreak_core::subject::Channel;
use glassbreak_core::time::Timestamp;

use crate::config::{ChannelsConfig, ConfigError, DeliveryConfig, Place};
use crate::error::{Cause, DeliveryError};
use crate::message::Message;
use crate::{Answer, Delivery, Smtp, Webhook};

/// The deliveries there are, by channel. Cheap to clone.
#[derive(Clone, Default)]
pub struct Router(BTreeMap<Channel, Arc<dyn Delivery>>);

impl Router {
    /// The deliveries that `config` names. `variables` looks variables of the environment up:
    /// `&|name| std::env::var(name).ok()`. Secrets are read now; no server is asked yet.
    ///
    /// # Errors
    /// The first setting that cannot be, by its full name, with what to do about it.
    pub fn open(
        config: &ChannelsConfig,
        variables: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut router = Self::default();
        for (channel, name, delivery) in config.each() {
            let name = format!("channels.{name}");
            let place = Place(&name);
            match delivery {
                None => {}
                Some(DeliveryConfig::Smtp(_)) if channel != Channel::Email => {
                    let problem = "`smtp` delivers mail alone; set `webhook` for other channels";
                    return Err(place.wrong("kind", problem));
                }
                Some(DeliveryConfig::Smtp(smtp)) => {
                    router = router.with(channel, Smtp::open(smtp, place, variables)?);
                }
                Some(DeliveryConfig::Webhook(webhook)) => {
                    router = router.with(channel, Webhook::open(webhook, place, variables)?);
                }
            }
        }
        Ok(router)
    }

    /// The same with `delivery` for `channel`: an embedder's own way, or a test's.
    #[must_use]
    pub fn with(mut self, channel: Channel, delivery: impl Delivery + 'static) -> Self {
        self.0.insert(channel, Arc::new(delivery));
        self
    }

    /// The channels that deliver. Only addresses on these can be chosen (N63B-IC-01).
    pub fn channels(&self) -> impl Iterator<Item = Channel> + '_ {
        self.0.keys().copied()
    }
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Router").field(&self.0.keys()).finish()
    }
}

impl Delivery for Router {
    fn deliver<'a>(&'a self, message: &'a Message, now: Timestamp) -> Answer<'a> {
        match self.0.get(&message.channel()) {
            Some(delivery) => delivery.deliver(message, now),
            None => Box::pin(std::future::ready(Err(DeliveryError::refused(Cause::NoChannel)))),
        }
    }
}
