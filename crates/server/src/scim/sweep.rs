//! Erases who was deleted, once it has been told of what was revoked.

use std::time::Duration;

use glassbreak_engine::Error;
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::time::Timestamp;

use super::Scim;
use super::answer::Refusal;
use super::shelves::ERASURES;
use crate::background::Stopped;

/// How often it is looked for somebody to erase.
const EVERY: Duration = Duration::from_mins(1);

impl Scim {
    /// Erases who is due until the server ends. Two servers that do so at once do it once.
    pub(crate) async fn sweep(self, mut stopped: Stopped) {
        loop {
            if let Some(Err(_)) = stopped.or(self.erase_due()).await {
                tracing::warn!("who is to be erased could not be read; it is tried again");
            }
            if !stopped.sleep(EVERY).await {
                return;
            }
        }
    }

    /// Erases everybody whose time has come. Who came back meanwhile stays known. One that cannot
    /// be erased keeps nobody else from it, and is tried again.
    pub(super) async fn erase_due(&self) -> Result<(), Refusal> {
        let now = self.engine().now();
        for kept in self.all(ERASURES, "").await? {
            let due = std::str::from_utf8(&kept.value).ok().and_then(|text| text.parse().ok());
            let due = due.map(Timestamp::from_millis);
            let (Some(due), Ok(subject)) = (due, kept.key.parse::<SubjectId>()) else {
                tracing::error!("an erasure cannot be read as what was stored");
                continue;
            };
            if due > now {
                continue;
            }
            match self.engine().erase(subject).await {
                Ok(_) | Err(Error::Denied(Denial::SubjectUnknown)) => {}
                Err(error) => {
                    let (subject, why) = (subject.to_string(), error.code());
                    tracing::warn!(subject, why, "who was deleted could not be erased yet");
                    continue;
                }
            }
            self.engine().keep(vec![self.dropping(ERASURES, &kept.key)]).await?;
        }
        Ok(())
    }
}
