//! Whom the bank knows.

/// Forty of them; the services among them are named after what they do.
const NAMES: [&str; 40] = [
    "amara.okafor",
    "ben.larsen",
    "chiara.conti",
    "dmitri.volkov",
    "elena.petrova",
    "farid.haddad",
    "grace.kim",
    "svc-payments",
    "hugo.martin",
    "ines.ferreira",
    "jonas.weber",
    "kavya.rao",
    "liam.byrne",
    "mei.tanaka",
    "nadia.hassan",
    "svc-backup",
    "oscar.nilsson",
    "paula.gomez",
    "quentin.dubois",
    "rosa.silva",
    "samir.aziz",
    "tara.singh",
    "uma.patel",
    "svc-deploy",
    "viktor.novak",
    "wanda.kowalska",
    "xin.zhao",
    "yara.costa",
    "zoe.fischer",
    "anton.berg",
    "bella.rossi",
    "svc-reporting",
    "carlos.ruiz",
    "dana.cohen",
    "emil.hansen",
    "fatima.ali",
    "george.papas",
    "hana.suzuki",
    "igor.horvat",
    "svc-ledger",
];

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    /// Their name at the bank.
    pub(crate) name: &'static str,
    /// Their tier.
    pub(crate) tier: &'static str,
    /// How sure the bank is of them day by day.
    pub(crate) assurance: &'static str,
    /// Where they work.
    pub(crate) group: &'static str,
    /// Where they keep their codes.
    pub(crate) custody: &'static str,
    /// So many days ago they came, and got a sheet.
    pub(crate) days: u32,
}

/// All of them, who came first first.
pub(crate) fn all() -> Vec<Person> {
    let ages = (0_u32..40).rev();
    NAMES.into_iter().zip(ages).map(|(name, turn)| person(name, turn)).collect()
}

/// Those of a tier.
pub(crate) fn of(tier: &str) -> Vec<Person> {
    all().into_iter().filter(|person| person.tier == tier).collect()
}

fn person(name: &'static str, turn: u32) -> Person {
    let tier = match () {
        () if name.starts_with("svc-") => "service",
        () if turn % 8 == 3 => "privileged",
        () => "standard",
    };
    let pick = |of: &[&'static str]| {
        let at = usize::try_from(turn).unwrap_or_default() % of.len().max(1);
        of.get(at).copied().unwrap_or_default()
    };
    Person {
        name,
        tier,
        assurance: if tier == "standard" && turn % 5 == 1 { "aal1" } else { "aal2" },
        group: pick(&["emea", "americas", "apac"]),
        custody: pick(&["password_manager", "sealed_offline_copy", "hardware", "secrets_manager"]),
        // More came lately than long ago.
        days: turn * turn * 430 / 1521 + 2,
    }
}
