//! The texts of notices: built in for two languages, replaced file by file by those of the
//! installation, and looked at before anything is sent (N63B-NO-07).
//!
//! A text has holes: `{when}`. No hole takes a code, a name of a subject or anything that somebody
//! typed, so none of that is ever in a notice.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use zeroize::Zeroizing;

use super::what::What;

/// The longest title, in bytes: it is a subject line.
const TITLE_MAX: usize = 120;
/// The longest text of a file, in bytes.
const TEXT_MAX: usize = 1500;

/// What fills a hole.
pub(super) type Filling<'a> = &'a [(&'static str, &'a str)];

/// A text with holes.
#[derive(Debug, Clone)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Hole(&'static str),
}

/// What a file has to have, and may have.
struct Form {
    required: &'static [&'static str],
    allowed: &'static [&'static str],
}

/// Why a notice has no link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoLink {
    /// The server has no public page.
    Page,
    /// The address was never verified, or no link can be followed on its channel.
    Address,
    /// There is nothing left that it could end.
    Nothing,
}

/// The texts that go around what happened.
#[derive(Debug, Clone)]
pub(super) struct Frames {
    /// The whole of a mail or a letter.
    pub(super) long: Template,
    /// The whole of a text message, one line.
    pub(super) short: Template,
    /// How to say "this was not me" by the link.
    pub(super) link: Template,
    no_page: Template,
    no_address: Template,
    nothing: Template,
}

/// What is said of one thing.
#[derive(Debug, Clone)]
pub(super) struct Saying {
    /// In a few words, without a full stop.
    pub(super) title: Template,
    /// In sentences.
    pub(super) text: Template,
}

/// All texts of one language.
#[derive(Debug, Clone)]
pub(super) struct Templates {
    /// What goes around.
    pub(super) frames: Frames,
    sayings: BTreeMap<What, Saying>,
}

const FRAME: Form = Form {
    required: &["what", "when", "repudiate", "contact"],
    allowed: &["what", "when", "repudiate", "contact", "service"],
};
const SHORT: Form = Form {
    required: &["title", "when", "contact", "service"],
    allowed: &["title", "when", "contact", "service"],
};
const LINK: Form = Form { required: &["link", "until"], allowed: &["link", "until", "service"] };
const NO_LINK: Form = Form { required: &[], allowed: &["service"] };
const SAYING: Form = Form { required: &[], allowed: &["service"] };

/// A file that goes around: its name, its form, and its text in English and in German.
macro_rules! frame {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../notices/en/", $name, ".txt")),
            include_str!(concat!("../../notices/de/", $name, ".txt")),
        )
    };
}

type Around = (&'static str, &'static str, &'static str);
const FRAME_FILES: [Around; 6] = [
    frame!("frame"),
    frame!("short"),
    frame!("link"),
    frame!("no_page"),
    frame!("no_address"),
    frame!("nothing_to_revoke"),
];

/// Where texts come from.
struct Source<'a> {
    language: &'a str,
    folder: Option<&'a Path>,
}

impl Source<'_> {
    /// The text of that name: the installation's, or else the one that is built in.
    fn text(&self, name: &str, english: &str, german: &str) -> anyhow::Result<String> {
        if let Some(folder) = self.folder {
            let path = folder.join(self.language).join(format!("{name}.txt"));
            if path.exists() {
                let text = std::fs::read_to_string(&path);
                return text.with_context(|| format!("cannot read `{}`", path.display()));
            }
        }
        match self.language {
            "en" => Ok(english.to_owned()),
            "de" => Ok(german.to_owned()),
            other => anyhow::bail!(
                "there is no text `{other}/{name}.txt`; `en` and `de` are built in, another \
                 language needs all of them below `notices.templates_dir`"
            ),
        }
    }

    fn template(&self, at: usize, form: &Form) -> anyhow::Result<Template> {
        let (name, english, german) = FRAME_FILES.get(at).context("a text that is not there")?;
        let text = self.text(name, english, german)?;
        Template::read(text.trim_end(), form).with_context(|| self.named(name))
    }

    fn named(&self, name: &str) -> String {
        format!("in the text `{}/{name}.txt`", self.language)
    }

    /// Refuses files that nothing reads: one with a slip in its name would never be sent.
    fn no_others(&self) -> anyhow::Result<()> {
        let Some(folder) = self.folder.map(|folder| folder.join(self.language)) else {
            return Ok(());
        };
        if !folder.exists() {
            return Ok(());
        }
        let known = |name: &str| {
            FRAME_FILES.iter().any(|(known, ..)| *known == name)
                || What::ALL.iter().any(|what| what.name() == name)
        };
        let shown = folder.display().to_string();
        for file in std::fs::read_dir(&folder).with_context(|| format!("cannot read `{shown}`"))? {
            let file = file?.file_name();
            let name = file.to_string_lossy();
            let stem = name.strip_suffix(".txt");
            anyhow::ensure!(
                stem.is_some_and(known) || name.starts_with('.'),
                "`{shown}/{name}` is not a text of a notice; docs/NOTICES.md lists them"
            );
        }
        Ok(())
    }
}

impl Templates {
    /// The texts of `language`, those below `folder` before those that are built in.
    ///
    /// # Errors
    /// A text that is missing, that lacks what has to be in it, or has a hole that nothing fills.
    pub(super) fn load(language: &str, folder: Option<&Path>) -> anyhow::Result<Self> {
        let source = Source { language, folder };
        source.no_others()?;
        let frames = Frames {
            long: source.template(0, &FRAME)?,
            short: source.template(1, &SHORT)?,
            link: source.template(2, &LINK)?,
            no_page: source.template(3, &NO_LINK)?,
            no_address: source.template(4, &NO_LINK)?,
            nothing: source.template(5, &NO_LINK)?,
        };
        let mut sayings = BTreeMap::new();
        for what in What::ALL {
            let text = source.text(what.name(), what.built_in(false), what.built_in(true))?;
            let saying = Saying::read(&text).with_context(|| source.named(what.name()))?;
            sayings.insert(*what, saying);
        }
        Ok(Self { frames, sayings })
    }

    /// What is said of `what`. There is something for each.
    pub(super) fn saying(&self, what: What) -> Option<&Saying> {
        self.sayings.get(&what)
    }
}

impl Frames {
    /// What stands in place of a link.
    pub(super) const fn without_link(&self, why: NoLink) -> &Template {
        match why {
            NoLink::Page => &self.no_page,
            NoLink::Address => &self.no_address,
            NoLink::Nothing => &self.nothing,
        }
    }
}

impl Saying {
    /// Reads a title, an empty line, and sentences.
    fn read(text: &str) -> anyhow::Result<Self> {
        let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (empty, sentences) = rest.split_once('\n').unwrap_or((rest, ""));
        anyhow::ensure!(
            empty.trim().is_empty() && !sentences.trim().is_empty(),
            "the first line is the title, the second is empty, and then it says what happened"
        );
        anyhow::ensure!(
            !title.trim().is_empty() && title.len() <= TITLE_MAX,
            "the title has 1 to {TITLE_MAX} bytes"
        );
        let title = Template::read(title.trim(), &SAYING)?;
        Ok(Self { title, text: Template::read(sentences.trim(), &SAYING)? })
    }
}

impl Template {
    fn read(text: &str, form: &Form) -> anyhow::Result<Self> {
        anyhow::ensure!(!text.trim().is_empty(), "it is empty");
        anyhow::ensure!(text.len() <= TEXT_MAX, "it is longer than {TEXT_MAX} bytes");
        anyhow::ensure!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "it has control characters; lines end with `\\n` alone"
        );
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            anyhow::ensure!(!before.contains('}'), "there is a `}}` that closes nothing");
            pieces.push(Piece::Text(before.to_owned()));
            let (name, after) = after.split_once('}').context("a `{` is never closed")?;
            let known = form.allowed.iter().find(|known| **known == name);
            let known = known.with_context(|| {
                format!("nothing fills `{{{name}}}`; there are {}", form.allowed.join(", "))
            })?;
            pieces.push(Piece::Hole(known));
            rest = after;
        }
        anyhow::ensure!(!rest.contains('}'), "there is a `}}` that closes nothing");
        pieces.push(Piece::Text(rest.to_owned()));
        for required in form.required {
            let has = |piece: &Piece| matches!(piece, Piece::Hole(name) if name == required);
            anyhow::ensure!(pieces.iter().any(has), "`{{{required}}}` is missing (N63B-NO-07)");
        }
        Ok(Self(pieces))
    }

    /// The text, its holes filled. It may hold a link, and is wiped.
    pub(super) fn fill(&self, filling: Filling<'_>) -> Zeroizing<String> {
        let words: Vec<&str> = self
            .0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Hole(name) => {
                    filling.iter().find(|(hole, _)| hole == name).map_or("", |(_, word)| *word)
                }
            })
            .collect();
        // Room for all of it, so that no growth leaves a copy behind.
        let room = words.iter().map(|word| word.len()).sum();
        let mut whole = Zeroizing::new(String::with_capacity(room));
        for word in words {
            whole.push_str(word);
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbreak_testkit::server::TempDir;

    #[test]
    fn n63b_no_07_both_languages_are_whole_and_say_the_same_things() {
        for language in ["en", "de"] {
            let templates = Templates::load(language, None).expect("built in");
            for what in What::ALL {
                let saying = templates.saying(*what).expect("each has one");
                let service = [("service", "Example")];
                assert!(saying.title.fill(&service).len() > 5, "{what:?}");
                assert!(saying.text.fill(&service).ends_with('.'), "{language} {what:?}");
                assert!(!saying.title.fill(&service).ends_with('.'), "{language} {what:?}");
            }
        }
        for what in What::ALL {
            assert_ne!(what.built_in(false), what.built_in(true), "{what:?} is not translated");
        }
    }

    #[test]
    fn n63b_no_07_texts_that_lack_something_or_ask_for_more_are_refused() {
        let folder = TempDir::new("notices").expect("a folder");
        let english = folder.path().join("en");
        std::fs::create_dir_all(&english).expect("a folder");
        for (name, text, part) in [
            ("frame", "{what} {when} {repudiate}", "`{contact}` is missing"),
            ("frame", "{what} {repudiate} {contact}", "`{when}` is missing"),
            ("frame", "{when} {repudiate} {contact}", "`{what}` is missing"),
            ("frame", "{what} {when} {contact}", "`{repudiate}` is missing"),
            ("link", "Call us until {until}", "`{link}` is missing"),
            ("code_used", "Dear {name}\n\nA code was used.", "nothing fills `{name}`"),
            ("code_used", "A title\n\nYour code was {code}.", "nothing fills `{code}`"),
            ("code_used", "A title\nand no empty line", "the second is empty"),
            ("code_used", "", "the second is empty"),
            ("code_used", "A title\n\nAn open {hole", "never closed"),
            ("code_used", "A title\n\nA closing } brace", "closes nothing"),
            ("code_used", "A title\n\nA bell \u{7} rings", "control characters"),
            ("cod_used", "A title\n\nA slip.", "is not a text of a notice"),
        ] {
            let file = english.join(format!("{name}.txt"));
            std::fs::write(&file, text).expect("it can be written");
            let error = Templates::load("en", Some(folder.path())).expect_err(text);
            assert!(format!("{error:#}").contains(part), "{text}: {error:#}");
            std::fs::remove_file(&file).expect("it is there");
        }
        let error = Templates::load("fr", Some(folder.path())).expect_err("no such language");
        assert!(format!("{error:#}").contains("fr/frame.txt"), "{error:#}");
        std::fs::write(english.join("code_used.txt"), "Ours\n\nOur own {service}.")
            .expect("written");
        let ours = Templates::load("en", Some(folder.path())).expect("whole");
        let saying = ours.saying(What::CodeUsed).expect("there is one");
        assert_eq!(saying.text.fill(&[("service", "bank")]).as_str(), "Our own bank.");
    }
}
