//! The languages of a sheet, and dates in them.

use glassbreak_core::time::Timestamp;

/// The language that a sheet is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// German, with "Sie".
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The tag of RFC 5646: what the API and the PDF call it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// The day that `at` is in UTC, with the month as a word: nobody takes it for another day.
    pub(crate) fn day(self, at: Timestamp) -> String {
        let Some(date) = date_of(at) else { return at.to_string() };
        let index = usize::try_from(date.month()).unwrap_or(1).saturating_sub(1);
        let (day, year) = (date.day(), date.year());
        match self {
            Self::English => {
                format!("{day} {} {year}", MONTHS.get(index).copied().unwrap_or_default())
            }
            Self::German => {
                format!("{day}. {} {year}", MONATE.get(index).copied().unwrap_or_default())
            }
        }
    }
}

/// The date in UTC, if the calendar has it.
pub(crate) fn date_of(at: Timestamp) -> Option<jiff::civil::Date> {
    let moment = jiff::Timestamp::from_millisecond(at.millis()).ok()?;
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).date())
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const MONATE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_with_the_month_as_a_word() {
        let at: Timestamp = "2027-03-09T23:59:59Z".parse().expect("time");
        assert_eq!(Language::English.day(at), "9 March 2027");
        assert_eq!(Language::German.day(at), "9. März 2027");
    }
}
