//! Every word on a sheet, in both languages.

use crate::language::Language;
use crate::sheet::Sheet;

/// A heading and what is under it.
pub(crate) struct Note {
    pub(crate) heading: &'static str,
    pub(crate) lines: Vec<String>,
}

/// The texts of one language. One type for both, so that neither can lack one.
pub(crate) struct Words {
    pub(crate) saved_title: &'static str,
    pub(crate) break_glass_title: &'static str,
    pub(crate) sheet: &'static str,
    pub(crate) issued: &'static str,
    pub(crate) valid_until: &'static str,
    pub(crate) saved_intro: &'static str,
    pub(crate) break_glass_intro: &'static str,
    pub(crate) codes: &'static str,
    pub(crate) reading: &'static str,
    pub(crate) picture: &'static str,
    pub(crate) continued: &'static str,
    pub(crate) sealed: &'static str,
    pub(crate) sealed_saved: &'static str,
    pub(crate) sealed_break_glass: &'static str,
    pub(crate) broken: &'static str,
    pub(crate) seal_here: &'static str,
    pub(crate) custodian: &'static str,
    pub(crate) date: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) seal_number: &'static str,
    pub(crate) opened_by: &'static str,
    pub(crate) opened_why: &'static str,
    pub(crate) record: &'static str,
    pub(crate) record_columns: [&'static str; 3],
    pub(crate) fold: &'static str,
}

impl Words {
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }

    pub(crate) const fn title(&self, sheet: &Sheet<'_>) -> &'static str {
        if sheet.is_break_glass() { self.break_glass_title } else { self.saved_title }
    }

    pub(crate) const fn intro(&self, sheet: &Sheet<'_>) -> &'static str {
        if sheet.is_break_glass() { self.break_glass_intro } else { self.saved_intro }
    }

    pub(crate) const fn cover(&self, sheet: &Sheet<'_>) -> &'static str {
        if sheet.is_break_glass() { self.sealed_break_glass } else { self.sealed_saved }
    }
}

/// What to do with the sheet, in the order in which people need it.
pub(crate) fn notes(sheet: &Sheet<'_>, mark: &str) -> Vec<Note> {
    match sheet.language {
        Language::English => english_notes(sheet, mark),
        Language::German => german_notes(sheet, mark),
    }
}

fn note(heading: &'static str, lines: &[&str]) -> Note {
    Note { heading, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
}

fn english_notes(sheet: &Sheet<'_>, mark: &str) -> Vec<Note> {
    let open = format!("1. Open {} or scan the square.", sheet.redemption_url);
    let enter = if sheet.is_break_glass() {
        "2. Enter the account name and one code that is not crossed out."
    } else {
        "2. Enter your account name and one code that is not crossed out. You may be asked for \
         your password, too."
    };
    let lost = format!(
        "Report it at once, on the same page or to your support desk. All codes are then switched \
         off. You do not need the sheet for this; its number {mark} helps."
    );
    let used = if sheet.is_break_glass() {
        note(
            "After use",
            &[
                "Cross out the code, and write down who used it, when and why.",
                "Every use is logged, told to others and reviewed. The other codes are then replaced: \
             ask for a new sheet, and destroy this one.",
            ],
        )
    } else {
        note(
            "After use",
            &[
                "Cross the code out. It does not work again.",
                "Make a new sheet soon. This one then stops working: destroy it.",
            ],
        )
    };
    let keep = if sheet.is_break_glass() {
        note(
            "Keep it",
            &["In a safe, sealed. Not in the room of the systems it is for. No copies, no photo."],
        )
    } else {
        note(
            "Keep it",
            &[
                "In a safe or a locked drawer, apart from your devices.",
                "Not in a wallet or on a desk, and not as a photo, a mail or a chat message.",
            ],
        )
    };
    vec![
        note("Use a code", &[&open, enter]),
        used,
        keep,
        note("Lost, stolen or seen by others", &[&lost]),
        note(
            "You found this sheet",
            &[sheet.finder.unwrap_or(
                "Please tear it up so that no code can be read. Do not use or copy the codes.",
            )],
        ),
    ]
}

fn german_notes(sheet: &Sheet<'_>, mark: &str) -> Vec<Note> {
    let open = format!("1. Öffnen Sie {} oder scannen Sie das Quadrat.", sheet.redemption_url);
    let enter = if sheet.is_break_glass() {
        "2. Geben Sie den Kontonamen ein und einen Code, der nicht durchgestrichen ist."
    } else {
        "2. Geben Sie Ihren Kontonamen ein und einen Code, der nicht durchgestrichen ist. \
         Vielleicht wird auch nach Ihrem Passwort gefragt."
    };
    let lost = format!(
        "Melden Sie es sofort, auf derselben Seite oder beim Support. Dann werden alle Codes \
         abgeschaltet. Das Blatt brauchen Sie dafür nicht; seine Nummer {mark} hilft."
    );
    let used = if sheet.is_break_glass() {
        note(
            "Nach dem Benutzen",
            &[
                "Streichen Sie den Code durch. Schreiben Sie auf, wer ihn wann und warum benutzt hat.",
                "Jede Benutzung wird protokolliert, gemeldet und geprüft. Danach werden die anderen \
             Codes ersetzt: Fordern Sie ein neues Blatt an, und vernichten Sie dieses.",
            ],
        )
    } else {
        note(
            "Nach dem Benutzen",
            &[
                "Streichen Sie den Code durch. Er gilt kein zweites Mal.",
                "Machen Sie bald ein neues Blatt. Dann gilt dieses nicht mehr: Vernichten Sie es.",
            ],
        )
    };
    let keep = if sheet.is_break_glass() {
        note(
            "Aufbewahren",
            &[
                "Versiegelt in einem Safe. Nicht im Raum der Systeme, für die es gilt. Keine Kopie, kein Foto.",
            ],
        )
    } else {
        note(
            "Aufbewahren",
            &[
                "In einem Safe oder einer verschlossenen Schublade, getrennt von Ihren Geräten.",
                "Nicht im Geldbeutel oder auf dem Tisch, nicht als Foto, E-Mail oder Chat-Nachricht.",
            ],
        )
    };
    vec![
        note("Einen Code benutzen", &[
            &open,
            enter,
        ]),
        used,
        keep,
        note("Verloren, gestohlen oder von anderen gesehen", &[&lost]),
        note("Sie haben dieses Blatt gefunden", &[
            sheet.finder.unwrap_or("Bitte zerreißen Sie es so, dass kein Code mehr lesbar ist. Benutzen und kopieren Sie die Codes nicht."),
        ]),
    ]
}

const ENGLISH: Words = Words {
    saved_title: "Recovery codes",
    break_glass_title: "Emergency codes",
    sheet: "Sheet",
    issued: "Issued",
    valid_until: "Valid until",
    saved_intro: "Each code works once, when you cannot sign in another way. Whoever holds this \
                  sheet holds a key to your account.",
    break_glass_intro: "For an emergency in which nothing else works. Each code works once, and \
                        every use is logged and reviewed.",
    codes: "Codes",
    reading: "There is no letter O in a code: a round character is a zero. Capitals, spaces and \
              dashes do not matter. The underlined group finds typing errors; enter it too.",
    picture: "A square of dots with the address of the page for using codes",
    continued: "Codes, continued",
    sealed: "SEALED",
    sealed_saved: "Open only when you need a code.",
    sealed_break_glass: "Open only in an emergency. Opening is logged.",
    broken: "Seal broken, and nothing written here? Then the codes count as stolen. Report it at \
             once, with the number of the sheet.",
    seal_here: "Close this edge with seal tape, and sign across it",
    custodian: "Sealed by",
    date: "Date",
    signature: "Signature",
    seal_number: "Number of the seal",
    opened_by: "Opened by, date and time",
    opened_why: "Reason",
    record: "Record of use",
    record_columns: ["Code no., date, time", "Used by", "Reason"],
    fold: "To fold: print both sides on one leaf (turn on the long edge). This third up, the top \
           third down over it, seal the edge. Put it into an opaque envelope.",
};

const GERMAN: Words = Words {
    saved_title: "Wiederherstellungscodes",
    break_glass_title: "Notfallcodes",
    sheet: "Blatt",
    issued: "Ausgestellt",
    valid_until: "Gültig bis",
    saved_intro: "Jeder Code gilt einmal, wenn Sie sich anders nicht anmelden können. Wer dieses \
                  Blatt hat, hat einen Schlüssel zu Ihrem Konto.",
    break_glass_intro: "Für einen Notfall, in dem nichts anderes geht. Jeder Code gilt einmal, und \
                        jede Benutzung wird protokolliert und geprüft.",
    codes: "Codes",
    reading: "In einem Code gibt es keinen Buchstaben O: Ein rundes Zeichen ist eine Null. \
              Großschreibung, Leerzeichen und Striche sind egal. Die unterstrichene Gruppe findet \
              Tippfehler; geben Sie sie mit ein.",
    picture: "Ein Quadrat aus Punkten mit der Adresse der Seite, auf der Codes benutzt werden",
    continued: "Codes, Fortsetzung",
    sealed: "VERSIEGELT",
    sealed_saved: "Nur öffnen, wenn Sie einen Code brauchen.",
    sealed_break_glass: "Nur im Notfall öffnen. Das Öffnen wird protokolliert.",
    broken: "Siegel gebrochen, und hier steht nichts? Dann gelten die Codes als gestohlen. Melden \
             Sie es sofort, mit der Nummer des Blatts.",
    seal_here: "Diese Kante mit Siegelband schließen, und darüber unterschreiben",
    custodian: "Versiegelt von",
    date: "Datum",
    signature: "Unterschrift",
    seal_number: "Nummer des Siegels",
    opened_by: "Geöffnet von, Datum und Uhrzeit",
    opened_why: "Grund",
    record: "Liste der Benutzungen",
    record_columns: ["Code Nr., Datum, Uhrzeit", "Benutzt von", "Grund"],
    fold: "Falten: beide Seiten auf ein Blatt drucken (an der langen Kante wenden). Dieses Drittel \
           nach oben, das obere Drittel darüber, Kante versiegeln. In einen undurchsichtigen \
           Umschlag stecken.",
};
