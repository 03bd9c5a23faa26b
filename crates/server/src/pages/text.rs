//! The words on pages, in the languages there are (`texts/`).

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// A language there are texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    En,
    /// German.
    De,
}

/// The files of both languages, each for an area.
macro_rules! texts {
    ($($file:literal,)+) => {
        const ENGLISH: &[&str] = &[$(include_str!(concat!("../../texts/en/", $file, ".ftl"))),+];
        const GERMAN: &[&str] = &[$(include_str!(concat!("../../texts/de/", $file, ".ftl"))),+];
    };
}

texts! {
    "common",
    "own",
    "self",
    "codes",
    "desk",
    "console",
    "govern",
    "log",
    "problems",
}

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Language::ALL.map(Language::bundle));

impl Language {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::En, Self::De];

    /// Its tag (BCP 47).
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// What those who speak it call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// The one with a tag.
    pub(crate) fn tagged(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The first that `accept`, an `Accept-Language`, asks for and there is.
    pub(crate) fn accepted(accept: &str) -> Option<Self> {
        let tags = accept.split(',').filter_map(|part| part.split(';').next());
        let mut primary = tags.filter_map(|tag| tag.trim().split('-').next());
        primary.find_map(|tag| Self::tagged(&tag.to_ascii_lowercase()))
    }

    const fn files(self) -> &'static [&'static str] {
        match self {
            Self::En => ENGLISH,
            Self::De => GERMAN,
        }
    }

    fn bundle(self) -> Bundle {
        let tag = self.tag().parse().unwrap_or_default();
        let mut bundle = Bundle::new_concurrent(vec![tag]);
        // The marks are for words of another direction; there are none, and people copy text.
        bundle.set_use_isolating(false);
        for file in self.files() {
            // What cannot be read is left out, and a test finds it.
            let resource = match FluentResource::try_new((*file).to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        bundle
    }

    fn texts(self) -> &'static Bundle {
        let [english, german] = &*BUNDLES;
        match self {
            Self::En => english,
            Self::De => german,
        }
    }

    /// The phrase under a key.
    pub(crate) fn phrase<'a>(self, key: impl Into<Cow<'a, str>>) -> Phrase<'a> {
        Phrase { language: self, key: key.into(), holes: FluentArgs::new() }
    }
}

/// A phrase that is being filled.
#[derive(Debug)]
pub(crate) struct Phrase<'a> {
    language: Language,
    key: Cow<'a, str>,
    holes: FluentArgs<'a>,
}

impl<'a> Phrase<'a> {
    /// With a hole filled.
    pub(crate) fn with(mut self, hole: &'a str, value: impl fmt::Display) -> Self {
        self.holes.set(hole, FluentValue::from(value.to_string()));
        self
    }

    /// Whether there is such a phrase.
    pub(crate) fn is_there(&self) -> bool {
        self.language.texts().has_message(&self.key)
    }

    /// With a number in a hole; the phrase may go by it.
    pub(crate) fn count(mut self, hole: &'a str, number: impl fmt::Display) -> Self {
        let number: i64 = number.to_string().parse().unwrap_or(i64::MAX);
        self.holes.set(hole, FluentValue::from(number));
        self
    }
}

impl fmt::Display for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.language.texts();
        let pattern = texts.get_message(&self.key).and_then(|message| message.value());
        match pattern {
            Some(pattern) => {
                let text = texts.format_pattern(pattern, Some(&self.holes), &mut Vec::new());
                f.write_str(&text)
            }
            // Seen on the page, and by the test that looks for it.
            None => write!(f, "[{}]", self.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The keys of a language, each with the holes it has.
    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for file in language.files() {
            let resource = FluentResource::try_new((*file).to_owned()).unwrap();
            drop(resource);
            let mut key = String::new();
            for line in file.lines() {
                if let Some((name, _)) = line.split_once(" =")
                    && line.starts_with(|c: char| c.is_ascii_lowercase())
                {
                    key = name.to_owned();
                    assert!(keys.insert(key.clone(), BTreeSet::new()).is_none(), "{key} is twice");
                }
                for part in line.split('$').skip(1) {
                    let hole = part.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
                    keys.get_mut(&key).unwrap().insert(hole.to_owned());
                }
            }
        }
        keys
    }

    #[test]
    fn both_languages_have_the_same_phrases_with_the_same_holes() {
        let (english, german) = (keys(Language::En), keys(Language::De));
        for (key, holes) in &english {
            let other = german.get(key).unwrap_or_else(|| panic!("German lacks {key}"));
            assert_eq!(holes, other, "{key}");
        }
        for key in german.keys() {
            assert!(english.contains_key(key), "English lacks {key}");
        }
    }

    #[test]
    fn german_calls_saved_codes_by_one_name_and_break_glass_codes_by_another() {
        for file in Language::De.files() {
            for line in file.lines().filter(|line| line.contains("Notfallcode")) {
                let is_break_glass = ["break-glass", "reviews-recoveries"];
                assert!(is_break_glass.iter().any(|key| line.contains(key)), "{line}");
            }
        }
    }

    #[test]
    fn the_first_language_that_there_is_is_taken() {
        for (accept, language) in [
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::De)),
            ("fr, EN-gb;q=0.7", Some(Language::En)),
            ("fr", None),
            ("", None),
        ] {
            assert_eq!(Language::accepted(accept), language, "{accept}");
        }
    }

    #[test]
    fn every_rule_that_comes_along_has_words() {
        let rules = glassbreak_watch::RuleSet::built_in().unwrap();
        let names = rules.loud().map(|rule| rule.name.clone());
        for name in names {
            let key = format!("word-alert-{}", name.replace('_', "-"));
            assert!(Language::En.phrase(key).is_there(), "{name}");
        }
    }

    #[test]
    fn a_phrase_goes_by_its_number_and_a_missing_one_is_seen() {
        let left = |n: u32| Language::En.phrase("codes-count").count("n", n).to_string();
        assert_eq!((left(1), left(3)), ("1 code".to_owned(), "3 codes".to_owned()));
        assert_eq!(Language::De.phrase("no-such").to_string(), "[no-such]");
    }

    #[test]
    fn one_of_something_is_not_told_as_many() {
        let one = |language: Language, key: &'static str| {
            let holes = ["n", "of", "needed", "given", "addresses", "contacts"];
            let phrase = holes.into_iter().fold(language.phrase(key), |it, hole| it.count(hole, 1));
            phrase.to_string()
        };
        for (key, english, german) in [
            ("codes-left", "1 of 1 code left", "Noch 1 von 1 Code"),
            ("inventory-further", "1 further set.", "1 weiterer Codesatz."),
            ("desk-approvals-missing", "1 of 1 approval given.", "Genehmigungen: 1 von 1."),
            ("desk-signed-places", "1 verified address, ", "1 bestätigte Adresse, "),
            ("desk-signed-places", " 1 recovery contact,", " 1 Vertrauensperson,"),
            ("lift-lead", "One person approves", "Eine Person genehmigt"),
        ] {
            for (language, expected) in [(Language::En, english), (Language::De, german)] {
                let said = one(language, key);
                assert!(said.contains(expected), "{key}: {said}");
            }
        }
    }

    #[test]
    fn no_sentence_begins_with_whoever_is_to_be_asked() {
        // It may be a name, a telephone number or an address.
        for (language, file) in
            Language::ALL.iter().flat_map(|it| it.files().iter().map(move |f| (it, f)))
        {
            for text in file.lines().filter(|line| line.contains("{ $contact }")) {
                let before = text.split("{ $contact }").next().unwrap_or_default().trim_end();
                let begins = [" =", ".", "?", "!"].iter().any(|end| before.ends_with(end));
                assert!(!begins, "{language:?}: {text}");
            }
        }
    }
}
