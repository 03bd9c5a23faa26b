//! Takes letters to their addresses, one channel after its own clock: a mail server that is down
//! holds no text message back.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use glassbreak_channels::{Cause, Delivery, DeliveryError, InvalidMessage, Router};
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::{Engine, Error, Keep, Kept};
use tokio::sync::Notify;

use super::letter::{Letter, Letters, NoticeState};
use super::writer::Writer;
use crate::background::Stopped;

/// How many letters one look takes.
const PAGE: usize = 64;
/// The first wait after a failure; it doubles with each.
const WAIT_FIRST: Seconds = Seconds(1);
/// The longest wait.
const WAIT_MAX: Seconds = Seconds::minutes(5);
/// How long one address is tried that takes no letter while others do (RFC 5321 section 4.5.4.1).
const GIVE_UP_AFTER: Seconds = Seconds::days(5);
/// So many letters in a row that do not get through are the server's fault and not theirs.
const SERVER_FAULT: u32 = 3;
/// How often it is looked whether there is something that nobody has told of.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How often a node that does not lead looks whether it does.
const LEAD_EVERY: Duration = Duration::from_secs(2);

/// Delivers on one channel.
pub(super) struct Post {
    pub(super) engine: Engine,
    pub(super) channel: Channel,
    pub(super) router: Router,
    pub(super) writer: Arc<Writer>,
    pub(super) planned: Arc<Notify>,
}

/// What became of an attempt.
enum Attempt {
    Done,
    /// This letter is to wait until then.
    Later(Timestamp),
    /// All letters are: the server does not do its part, and asks to be left alone that long.
    Down(Seconds),
}

/// How far one look over the letters came.
#[derive(Default)]
struct Pass {
    /// When the next letter is due that was not yet.
    next: Option<Timestamp>,
    /// The server is down, and is to be left alone that long at least.
    down: Option<Seconds>,
    /// At least one letter got through, or was refused for itself.
    answered: bool,
    /// So many letters in a row did not get through.
    in_a_row: u32,
}

impl Pass {
    /// A letter is to be looked at again then.
    fn wake_at(&mut self, at: Timestamp) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    /// Counts an attempt: whether the look goes on.
    fn count(&mut self, attempt: &Attempt) -> ControlFlow<()> {
        match *attempt {
            Attempt::Done => (self.answered, self.in_a_row) = (true, 0),
            Attempt::Later(at) => {
                self.in_a_row += 1;
                self.wake_at(at);
                if self.in_a_row >= SERVER_FAULT {
                    self.down = Some(WAIT_FIRST);
                }
            }
            Attempt::Down(asked) => self.down = Some(asked),
        }
        if self.down.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Post {
    /// Delivers until the server ends.
    pub(super) async fn run(self, mut stopped: Stopped) {
        let letters = Letters::of(&self.engine);
        let (mut failures, mut last): (u32, _) = (0, None);
        loop {
            // Before the look: what is planned during it is not missed.
            let planned = self.planned.notified();
            let wait = match self.pass(&letters, &mut last, &mut stopped).await {
                Ok(None) => LEAD_EVERY,
                Ok(Some(pass)) => {
                    failures = match pass.down {
                        Some(_) if !pass.answered => failures.saturating_add(1),
                        Some(_) => 1,
                        None => 0,
                    };
                    self.wait_after(&pass, failures)
                }
                Err(error) => {
                    tracing::warn!(%error, "notices could not be read or kept; trying again");
                    failures = failures.saturating_add(1);
                    duration(delay(failures))
                }
            };
            // A server that is down is left alone, whatever is planned meanwhile.
            let woken = async {
                if failures == 0 {
                    planned.await;
                } else {
                    std::future::pending::<()>().await;
                }
            };
            let rest = async {
                tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep(wait) => {}
                }
            };
            if stopped.or(rest).await.is_none() {
                return;
            }
        }
    }

    fn wait_after(&self, pass: &Pass, failures: u32) -> Duration {
        if let Some(asked) = pass.down {
            return duration(delay(failures).max(asked.min(WAIT_MAX)));
        }
        let now = self.engine.now().millis();
        let next = pass.next.map(|next| u64::try_from(next.millis() - now).unwrap_or(0));
        next.map_or(LOOK_EVERY, |millis| Duration::from_millis(millis).min(LOOK_EVERY))
    }

    /// One look over what is due, from behind the letter `last` on and once around; `None` if
    /// another node does it. A look that came all the way round leaves no `last`: the next one
    /// begins with the oldest.
    async fn pass(
        &self,
        letters: &Letters,
        last: &mut Option<String>,
        stopped: &mut Stopped,
    ) -> Result<Option<Pass>, Error> {
        let (mut pass, start) = (Pass::default(), last.clone());
        let (mut after, mut wrapped) = (start.clone(), start.is_none());
        'around: loop {
            let page = letters.due(self.channel, after.as_deref(), PAGE).await?;
            let Some((end, _)) = page.last() else {
                if wrapped {
                    break 'around;
                }
                (after, wrapped) = (None, true);
                continue;
            };
            after = Some(end.key.clone());
            // Asked only where there is something to do: on PostgreSQL it is a commit.
            if !self.engine.leads().await? {
                return Ok(None);
            }
            for (kept, letter) in page {
                if wrapped && start.as_ref().is_some_and(|start| kept.key > *start) {
                    break 'around;
                }
                if letter.next_at > self.engine.now() {
                    pass.wake_at(letter.next_at);
                    continue;
                }
                // A delivery is not broken off where that can be helped: nobody would know
                // whether it went out.
                if stopped.or(std::future::ready(())).await.is_none() {
                    return Ok(Some(pass));
                }
                let attempt = self.attempt(letters, &kept, letter).await?;
                // A letter that was not even tried is still the next one.
                if !matches!(attempt, Attempt::Down(_)) {
                    *last = Some(kept.key);
                }
                if pass.count(&attempt).is_break() {
                    return Ok(Some(pass));
                }
            }
        }
        *last = None;
        if pass.answered {
            letters.sweep(self.engine.now(), self.writer.keep()).await?;
        }
        Ok(Some(pass))
    }

    async fn attempt(
        &self,
        letters: &Letters,
        kept: &Kept,
        letter: Letter,
    ) -> Result<Attempt, Error> {
        let message = match self.writer.write(&self.engine, &letter) {
            Ok(message) => message,
            Err(error) => {
                let event = letter.notice.event;
                tracing::warn!(%event, error = %format!("{error:#}"), "a notice is not written");
                if error.is::<InvalidMessage>() {
                    return self.end(letters, kept, letter, Some("invalid_address")).await;
                }
                return self.later(letters, kept, letter, ("not_written", None)).await;
            }
        };
        let now = self.engine.now();
        let Err(error) = self.router.deliver(&message, now).await else {
            return self.end(letters, kept, letter, None).await;
        };
        let (event, outcome, code) = (letter.notice.event, error.outcome(), error.code());
        let channel = self.channel.name();
        match error {
            DeliveryError::Refused(_) => {
                tracing::warn!(%event, channel, code, "a notice cannot be delivered");
                self.end(letters, kept, letter, Some(code)).await
            }
            DeliveryError::Unavailable { fault, retry_after } if is_of_the_server(fault.cause) => {
                tracing::warn!(channel, code, "notices are held back: no way to deliver them");
                Ok(Attempt::Down(retry_after.unwrap_or(WAIT_FIRST)))
            }
            DeliveryError::Unavailable { retry_after, .. } => {
                tracing::info!(%event, channel, outcome, code, "a notice is tried again later");
                self.later(letters, kept, letter, (code, retry_after)).await
            }
            DeliveryError::Unknown(_) => {
                tracing::info!(%event, channel, outcome, code, "a notice is tried again later");
                self.later(letters, kept, letter, (code, None)).await
            }
        }
    }

    /// The letter is sent, or has failed for good.
    async fn end(
        &self,
        letters: &Letters,
        kept: &Kept,
        mut letter: Letter,
        problem: Option<&str>,
    ) -> Result<Attempt, Error> {
        letter.notice.attempts = letter.notice.attempts.saturating_add(1);
        letter.notice.at = self.engine.now();
        letter.notice.problem = problem.map(str::to_owned);
        let state = if problem.is_some() { NoticeState::Failed } else { NoticeState::Sent };
        self.keep(letters.ending(kept, &letter, state)?).await?;
        Ok(Attempt::Done)
    }

    /// The letter is kept for another attempt, not before the server wants one.
    async fn later(
        &self,
        letters: &Letters,
        kept: &Kept,
        mut letter: Letter,
        (code, retry_after): (&str, Option<Seconds>),
    ) -> Result<Attempt, Error> {
        let now = self.engine.now();
        if letter.planned_at.plus(GIVE_UP_AFTER) <= now {
            return self.end(letters, kept, letter, Some(code)).await;
        }
        letter.notice.attempts = letter.notice.attempts.saturating_add(1);
        letter.notice.problem = Some(code.to_owned());
        letter.next_at = now.plus(wait(letter.notice.attempts, retry_after));
        self.keep(letters.again(kept, &letter)?).await?;
        Ok(Attempt::Later(letter.next_at))
    }

    async fn keep(&self, changes: Vec<Keep>) -> Result<(), Error> {
        if !self.engine.keep(changes).await? {
            tracing::warn!("another node has seen to a notice at the same time");
        }
        Ok(())
    }
}

/// Whether no other letter would fare better: the server is not reached, or does not let us in.
const fn is_of_the_server(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::NotReached
            | Cause::Tls
            | Cause::LoginRefused
            | Cause::NoLogin
            | Cause::NoStartTls
            | Cause::SenderRefused
    )
}

/// The wait after so many failures.
fn delay(failures: u32) -> Seconds {
    let doubled = WAIT_FIRST.0.checked_shl(failures.saturating_sub(1).min(16));
    Seconds(doubled.unwrap_or(WAIT_MAX.0).min(WAIT_MAX.0))
}

/// The wait of one letter after so many attempts. What a server asks for counts, up to the time
/// after which the letter is given up: it is tried once more then.
fn wait(attempts: u32, asked: Option<Seconds>) -> Seconds {
    delay(attempts).max(asked.unwrap_or(WAIT_FIRST).min(GIVE_UP_AFTER))
}

const fn duration(seconds: Seconds) -> Duration {
    Duration::from_secs(seconds.0 as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_five_minutes() {
        let waits: Vec<_> = [1, 2, 3, 9, 10, 40, u32::MAX].map(|n| delay(n).0).to_vec();
        assert_eq!(waits, [1, 2, 4, 256, 300, 300, 300]);
    }

    #[test]
    fn a_letter_waits_as_long_as_the_server_asks_and_is_not_forgotten() {
        let asked = [None, Some(Seconds(1)), Some(Seconds(900)), Some(Seconds(u32::MAX))];
        let waits: Vec<_> = asked.map(|asked| wait(3, asked).0).to_vec();
        assert_eq!(waits, [4, 4, 900, GIVE_UP_AFTER.0]);
    }

    #[test]
    fn three_letters_in_a_row_that_are_put_off_end_a_look_and_one_between_does_not() {
        let later = || Attempt::Later(Timestamp::from_millis(5));
        let mut pass = Pass::default();
        for attempt in [later(), later(), Attempt::Done, later(), later()] {
            assert!(pass.count(&attempt).is_continue());
        }
        assert!(pass.count(&later()).is_break());
        assert_eq!((pass.down, pass.answered), (Some(WAIT_FIRST), true));
        assert_eq!(pass.next, Some(Timestamp::from_millis(5)));
    }
}
