//! `glassbreak subject import`

use std::path::PathBuf;

use serde_json::json;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::import::keycloak::{Rules, SubjectBy};
use crate::import::{Format, Importer, Plan, Summary};
use crate::output::{fields, progress};
use crate::words;

/// Arguments of `subject import`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = FORMATS)]
pub struct Import {
    /// The file. It is read several times and never held in memory: to be checked, for the people,
    /// and for the services and agents that people own.
    file: PathBuf,

    /// What the file is.
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    format: Format,

    /// So many requests at a time.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,

    /// Begin anew, whatever an earlier run got done.
    #[arg(long)]
    restart: bool,

    /// Where to write down how far it got. Beside the input unless told otherwise.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Read and check the file, and send nothing.
    #[arg(long)]
    dry_run: bool,

    /// Keycloak: a role that makes a subject `privileged`, as `role` (of the realm, or of a client
    /// that manages realms) or `client:role`; may be repeated, and replaces the built-in list.
    #[arg(long = "privileged-role", value_name = "ROLE", help_heading = "Keycloak")]
    privileged_roles: Vec<String>,

    /// Keycloak: users who have this role or are in this group path get this tier, as `what=tier`;
    /// may be repeated, and the first that fits wins over the privileged roles.
    #[arg(long = "tier-by", value_name = "ROLE|/GROUP=TIER", help_heading = "Keycloak")]
    tier_by: Vec<String>,

    /// Keycloak: what becomes the subject's id.
    #[arg(long, value_enum, default_value_t = SubjectBy::Username, help_heading = "Keycloak")]
    subject_by: SubjectBy,

    /// Keycloak: the attribute of a service account or its client that names the owner.
    #[arg(long, default_value = "owner", value_name = "NAME", help_heading = "Keycloak")]
    owner_attribute: String,

    /// Keycloak: what a security key or passkey proves. An export does not tell whether the key can
    /// leave its device; say `aal3` only where the realm admits none that can.
    #[arg(long, default_value = "aal2", value_parser = words::one_of(["aal2", "aal3"]))]
    #[arg(help_heading = "Keycloak")]
    webauthn_assurance: String,
}

const FORMATS: &str = "\
CSV: a header names the columns, in any order: subject, kind, tier, assurance, ial, owner, groups,
  notification_addresses, enabled. Only subject and assurance are required. Lists are separated
  by `;`, addresses are `email:anna@example.org`.
JSON Lines: one object a line, with the names of the API's PUT body, and subject and enabled.
Keycloak: what `kc.sh export` writes, in one file or the users apart. Accounts that are disabled
  are registered, and then reported as account_disabled.

Records that are wrong are reported with their line or JSON path, skipped and counted; the exit
code is then 7. An import that was interrupted goes on where it was when it is run again.";

impl Import {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let rules = Rules::new(
            &self.privileged_roles,
            &self.tier_by,
            self.subject_by,
            &self.owner_attribute,
            &self.webauthn_assurance,
        )?;
        let plan = Plan {
            file: self.file,
            format: self.format,
            rules,
            concurrency: usize::from(self.concurrency),
            restart: self.restart,
            state: self.state,
        };
        let client = if self.dry_run { None } else { Some(shared.connection.client()?) };
        let bar = progress(None, "records");
        let importer = Importer::new(&plan, client, &bar);
        let summary = importer.run()?;
        bar.finish_and_clear();
        show(&summary, shared)?;
        Ok(if summary.bad() == 0 { Exit::Ok } else { Exit::Incomplete })
    }
}

fn show(summary: &Summary, shared: &Shared) -> Result<(), crate::exit::Failure> {
    let answer = json!(summary);
    shared.output().show(&answer, |_| {
        let mut rows = vec![
            ("read", summary.read.to_string()),
            ("created", summary.done.created.to_string()),
            ("updated", summary.done.updated.to_string()),
            ("unchanged", summary.done.unchanged.to_string()),
            ("disabled", summary.done.disabled.to_string()),
            ("malformed", summary.malformed.to_string()),
            ("duplicates", summary.duplicates.to_string()),
            ("refused", summary.refused.to_string()),
        ];
        if summary.continued_after > 0 {
            rows.push(("done before", summary.continued_after.to_string()));
        }
        if summary.unverified_addresses > 0 {
            let left_out = summary.unverified_addresses.to_string();
            rows.push(("addresses left out, not verified", left_out));
        }
        rows.push(("seconds", format!("{:.1}", summary.seconds)));
        rows.push(("a second", format!("{:.0}", summary.per_second())));
        fields(&rows)
    })
}
