//! The courier over the channels of the configuration.

use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;
use glassbreak_channels::{
    CodePurpose, Delivery, DeliveryError, Message, Router, SecretText, Service,
};
use glassbreak_engine::Engine;
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::operation::{Errand, Outgoing};

use crate::config::Config;
use crate::courier::{Courier, Delivering, NotDelivered};

/// Takes codes to people by mail and by webhook.
pub(crate) struct ByChannel {
    messages: RwLock<Arc<Messages>>,
    engine: Engine,
}

/// How messages travel, and what they say of the service. A reload puts another in its place.
pub(crate) struct Messages {
    router: Router,
    service: Service,
}

impl ByChannel {
    /// The channels of a configuration.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn open(config: &Config, engine: Engine) -> anyhow::Result<Self> {
        for channel in config.channels.in_the_clear() {
            tracing::warn!(
                "codes travel in the clear: `channels.{channel}.tls` is `none`, to another machine"
            );
        }
        Ok(Self { messages: RwLock::new(Arc::new(Self::messages(config)?)), engine })
    }

    /// What a configuration says of messages, made ready and not yet in use.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) fn messages(config: &Config) -> anyhow::Result<Messages> {
        let router = Router::open(&config.channels, &|name| std::env::var(name).ok())?;
        let service = Service::new(&config.service.name, &config.service.contact);
        let service = service.context("`service`: name and contact are a line each")?;
        Ok(Messages { router, service })
    }

    /// Sends from now on by these. What is under way ends by those it began with.
    pub(crate) fn replace(&self, messages: Messages) {
        let new = Arc::new(messages);
        *self.messages.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    fn now(&self) -> Arc<Messages> {
        Arc::clone(&self.messages.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Courier for ByChannel {
    fn carries(&self, channel: Channel) -> bool {
        self.now().router.channels().any(|carried| carried == channel)
    }

    fn deliver(&self, outgoing: Outgoing) -> Delivering<'_> {
        Box::pin(async move {
            let Outgoing { code, sent, to, errand } = outgoing;
            let now = self.engine.now();
            let code = SecretText::new(code.expose_display());
            let purpose = match (errand, sent.contact) {
                (Errand::Recovery, None) => CodePurpose::Recovery,
                (Errand::Recovery, Some(_)) => CodePurpose::ContactRecovery,
                (Errand::Confirmation, None) => CodePurpose::AddressConfirmation,
                (Errand::Confirmation, Some(_)) => CodePurpose::ContactConfirmation,
            };
            let messages = self.now();
            let service = messages.service.clone();
            let message =
                Message::code(sent.id.0, to, service, purpose, code, now, sent.expires_at);
            let Ok(message) = message else {
                tracing::error!(sent = %sent.id, "a code could not be put into a message");
                return Err(NotDelivered::Certain);
            };
            match messages.router.deliver(&message, now).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    let (outcome, code) = (error.outcome(), error.code());
                    tracing::error!(sent = %sent.id, outcome, code, "a code was not delivered");
                    Err(match error {
                        DeliveryError::Refused(_) | DeliveryError::Unavailable { .. } => {
                            NotDelivered::Certain
                        }
                        DeliveryError::Unknown(_) => NotDelivered::Unknown,
                    })
                }
            }
        })
    }
}
