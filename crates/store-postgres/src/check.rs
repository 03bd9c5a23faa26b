//! What a server must be set to, so that no acknowledged commit is lost (RELIABILITY goal 8). It is
//! looked at on each new connection, because after a failover the server is another one.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use crate::OpenError;
use crate::open::OLDEST;

/// A value that a setting must not have.
struct Rule {
    setting: &'static str,
    /// The values that are refused.
    refused: &'static [&'static str],
    danger: &'static str,
    remedy: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        setting: "in_hot_standby",
        refused: &["true"],
        danger: "a standby can be behind: a code used a moment ago would look unused",
        remedy: "name the primary, or all hosts separated by commas",
    },
    Rule {
        setting: "fsync",
        refused: &["off"],
        danger: "a crash of the machine would lose acknowledged commits and corrupt the database",
        remedy: "set it to `on` and restore from a backup if the machine ever crashed with it off",
    },
    Rule {
        setting: "full_page_writes",
        refused: &["off"],
        danger: "a crash of the machine could leave half a page behind",
        remedy: "set it to `on` and reload",
    },
    Rule {
        setting: "synchronous_commit",
        refused: &["off"],
        danger: "commits would be acknowledged before they are on disk",
        remedy: "set it to `on` for this role and database: ALTER ROLE .. SET, ALTER DATABASE .. SET",
    },
    Rule {
        setting: "zero_damaged_pages",
        refused: &["on"],
        danger: "a damaged page would be read as an empty one, and used codes as never issued",
        remedy: "set it to `off`",
    },
    Rule {
        setting: "ignore_checksum_failure",
        refused: &["on"],
        danger: "a damaged page would be read as if it were sound",
        remedy: "set it to `off`",
    },
    Rule {
        setting: "server_encoding",
        refused: &["SQL_ASCII"],
        danger: "names that are not ASCII could not be told apart",
        remedy: "make the database with ENCODING 'UTF8'",
    },
];

/// With a standby that takes part in commits, less than `on` does not wait for it.
const STANDBYS: &[Rule] = &[Rule {
    setting: "synchronous_commit",
    refused: &["local", "remote_write"],
    danger: "commits would be acknowledged before the synchronous standby has them on disk",
    remedy: "set it to `on` or `remote_apply` for this role and database",
}];

/// What is asked of each server, in one round trip.
const ASK: &str = "SELECT name, setting FROM pg_settings WHERE name = ANY($1) UNION ALL \
    SELECT 'in_hot_standby', pg_is_in_recovery()::text";

type Settings = BTreeMap<String, String>;

/// Refuses a server that could lose an acknowledged commit. `declared` is how many synchronous
/// standbys the operator says there are.
pub(crate) async fn settings(client: &Client, declared: u32) -> Result<(), OpenError> {
    let rules = RULES.iter().chain(STANDBYS).map(|rule| rule.setting);
    let names: Vec<&str> = rules.chain([VERSION, STANDBY_NAMES]).collect();
    let mut settings = Settings::new();
    for row in client.query(ASK, &[&names]).await? {
        settings.insert(row.try_get(0)?, row.try_get(1)?);
    }
    let version = found(&settings, VERSION);
    if version.parse::<i32>().is_ok_and(|version| version < OLDEST) {
        return Err(OpenError::Setting {
            setting: VERSION,
            found: version.to_owned(),
            danger: "nothing older than PostgreSQL 15 was tested",
            remedy: "upgrade the server",
        });
    }
    obey(&settings, RULES)?;
    let names = found(&settings, STANDBY_NAMES);
    if !names.is_empty() || declared > 0 {
        obey(&settings, STANDBYS)?;
    }
    if declared > 0 { standbys(client, names, declared).await } else { Ok(()) }
}

const VERSION: &str = "server_version_num";
const STANDBY_NAMES: &str = "synchronous_standby_names";

fn found<'a>(settings: &'a Settings, name: &str) -> &'a str {
    settings.get(name).map_or("", String::as_str)
}

fn obey(settings: &Settings, rules: &[Rule]) -> Result<(), OpenError> {
    for Rule { setting, refused, danger, remedy } in rules {
        let found = found(settings, setting);
        if refused.contains(&found) {
            let found = found.to_owned();
            return Err(OpenError::Setting { setting, found, danger, remedy });
        }
    }
    Ok(())
}

/// Whether as many standbys take part in each commit as the operator declared.
async fn standbys(client: &Client, names: &str, declared: u32) -> Result<(), OpenError> {
    if names.is_empty() {
        return Err(OpenError::Setting {
            setting: STANDBY_NAMES,
            found: String::new(),
            danger: "no commit waits for the synchronous standbys that were declared",
            remedy: "name them there, or say `--synchronous-standbys 0`",
        });
    }
    let of = "SELECT count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')), \
              string_agg(application_name || ' ' || coalesce(sync_state, 'not shown'), ', ') \
              FROM pg_stat_replication";
    let row = client.query_one(of, &[]).await?;
    let (taking_part, found): (i64, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
    if taking_part >= i64::from(declared) {
        return Ok(());
    }
    Err(OpenError::Setting {
        setting: "pg_stat_replication",
        found: found.unwrap_or_else(|| "no standby".to_owned()),
        danger: "fewer standbys than were declared take part in commits",
        remedy: "see to it that they are connected and named in `synchronous_standby_names`; the \
                 role needs pg_read_all_stats to see them",
    })
}
