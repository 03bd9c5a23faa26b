//! The courier over the channels of the configuration.

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
    router: Router,
    service: Service,
    engine: Engine,
}

impl ByChannel {
    /// The channels of a configuration.
    ///
    /// # Errors
    /// With the setting that is wrong, and what to do.
    pub(crate) fn open(config: &Config, engine: Engine) -> anyhow::Result<Self> {
        let router = Router::open(&config.channels, &|name| std::env::var(name).ok())?;
        let service = Service::new(&config.service.name, &config.service.contact);
        let service = service.context("`service`: name and contact are a line each")?;
        Ok(Self { router, service, engine })
    }
}

impl Courier for ByChannel {
    fn carries(&self, channel: Channel) -> bool {
        self.router.channels().any(|carried| carried == channel)
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
            let service = self.service.clone();
            let message =
                Message::code(sent.id.0, to, service, purpose, code, now, sent.expires_at);
            let Ok(message) = message else {
                tracing::error!(sent = %sent.id, "a code could not be put into a message");
                return Err(NotDelivered::Certain);
            };
            match self.router.deliver(&message, now).await {
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
