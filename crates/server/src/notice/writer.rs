//! Writes a letter as a message: in the language of the installation, with the time it happened,
//! and a link to say "this was not me" (N63B-NO-07).

use anyhow::Context;
use glassbreak_channels::{Message, Notice, Service};
use glassbreak_engine::Engine;
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::operation::Repudiation;
use jiff::tz::TimeZone;
use zeroize::Zeroizing;

use super::letter::Letter;
use super::template::{NoLink, Templates};
use crate::config::Config;
use crate::operators::named_url;

/// A day.
const DAY: Seconds = Seconds::days(1);

/// Writes notices.
pub(super) struct Writer {
    templates: Templates,
    service: Service,
    name: String,
    contact: String,
    public_url: Option<String>,
    zone: Option<(String, TimeZone)>,
    link_for: Seconds,
    keep_for: Seconds,
}

impl Writer {
    /// The writer of a configuration.
    ///
    /// # Errors
    /// With the setting or the text that is wrong.
    pub(super) fn open(config: &Config) -> anyhow::Result<Self> {
        let notices = &config.notices;
        let templates = Templates::load(&notices.language, notices.templates_dir.as_deref())
            .context("`notices`")?;
        let service = Service::new(&config.service.name, &config.service.contact);
        let service = service.context("`service`: name and contact are a line each")?;
        let zone = notices.zone.as_ref().map(|name| {
            let zone = TimeZone::get(name).with_context(|| {
                format!("`notices.zone`: this machine knows no time zone `{name}`")
            });
            zone.map(|zone| (name.clone(), zone))
        });
        let days = |days: u16| Seconds(DAY.0.saturating_mul(days.into()));
        Ok(Self {
            templates,
            service,
            name: config.service.name.clone(),
            contact: config.service.contact.clone(),
            public_url: notices.public_url.clone().or_else(|| named_url(config)),
            zone: zone.transpose()?,
            link_for: days(notices.link_days),
            keep_for: days(notices.keep_days),
        })
    }

    /// How long it is kept what became of a notice.
    pub(super) const fn keep(&self) -> Seconds {
        self.keep_for
    }

    /// The message of a letter; the same on each attempt.
    ///
    /// # Errors
    /// [`InvalidMessage`](glassbreak_channels::InvalidMessage) for an address that is none.
    pub(super) fn write(&self, engine: &Engine, letter: &Letter) -> anyhow::Result<Message> {
        let notice = &letter.notice;
        let saying = self.templates.saying(notice.what).context("there is no text for it")?;
        let service = [("service", self.name.as_str())];
        let title = saying.title.fill(&service);
        let what = saying.text.fill(&service);
        let when = self.moment(notice.happened_at);
        let repudiate = self.repudiate(engine, letter)?;
        let filling = [
            ("service", self.name.as_str()),
            ("title", title.as_str()),
            ("what", what.as_str()),
            ("when", when.as_str()),
            ("repudiate", repudiate.as_str()),
            ("contact", self.contact.as_str()),
        ];
        let frames = &self.templates.frames;
        let short = frames.short.fill(&filling);
        let texts = Notice {
            subject: format!("{}: {}", self.name, title.as_str()).chars().take(100).collect(),
            long: frames.long.fill(&filling),
            short: Zeroizing::new(short.replace('\n', " ")),
        };
        let (to, at) = (letter.to.clone(), letter.planned_at);
        Ok(Message::notice(letter.message_id(), to, self.service.clone(), texts, at)?)
    }

    /// How to say "this was not me": by a link, or why there is none.
    fn repudiate(&self, engine: &Engine, letter: &Letter) -> anyhow::Result<Zeroizing<String>> {
        let frames = &self.templates.frames;
        let service = ("service", self.name.as_str());
        let by_mail = letter.to.channel == Channel::Email && letter.to.verified;
        let url = match &self.public_url {
            _ if !letter.notice.what.takes_link() => Err(NoLink::Nothing),
            None => Err(NoLink::Page),
            Some(_) if !by_mail => Err(NoLink::Address),
            Some(url) => Ok(url),
        };
        let url = match url {
            Ok(url) => url,
            Err(why) => return Ok(frames.without_link(why).fill(&[service])),
        };
        let (event, subject) = (letter.notice.event, letter.notice.subject);
        let until = letter.planned_at.plus(self.link_for);
        let token = engine.repudiation_token(&Repudiation { event, subject, until })?;
        // Behind the `#`: what is there no browser sends, and no proxy writes down.
        let link = Zeroizing::new(format!("{url}/repudiate#{token}"));
        let until = self.moment(until);
        Ok(frames.link.fill(&[service, ("link", link.as_str()), ("until", until.as_str())]))
    }

    /// A moment for people, to the minute: in UTC, and in the zone of the installation if it has
    /// one. Digits alone, so that it is the same in every language.
    fn moment(&self, at: Timestamp) -> String {
        let Ok(moment) = jiff::Timestamp::from_millisecond(at.millis()) else {
            return at.to_string();
        };
        let utc = moment.strftime("%Y-%m-%d %H:%M UTC");
        match &self.zone {
            None => utc.to_string(),
            Some((name, zone)) => {
                let there = moment.to_zoned(zone.clone());
                format!("{utc} ({} {name})", there.strftime("%Y-%m-%d %H:%M"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_pages_unless_notices_have_an_address_of_their_own() {
        let pages = "[pages]\npublic_url = \"https://recover.example.com\"\n";
        let notices = "[notices]\npublic_url = \"https://told.example.com/x\"\n";
        for (config, url) in [
            (String::new(), None),
            (pages.to_owned(), Some("https://recover.example.com")),
            (format!("{notices}{pages}"), Some("https://told.example.com/x")),
        ] {
            let writer = Writer::open(&crate::config::parse(&config).unwrap()).unwrap();
            assert_eq!(writer.public_url.as_deref(), url, "{config}");
        }
    }
}
