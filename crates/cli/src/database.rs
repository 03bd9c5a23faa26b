//! `--database`: which database a server has, for the commands that open it.

use glassbreak_server::Postgres;

/// Where the database is.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseArgs {
    /// A PostgreSQL database, in place of the file in the data directory:
    /// `postgres://USER@HOST/NAME`.
    #[arg(long, value_name = "URL", env = "GLASSBREAK_DATABASE", hide_env_values = true)]
    database: Option<String>,

    /// How many synchronous standbys it has; with fewer nothing is opened.
    #[arg(long, value_name = "COUNT", default_value_t = 0, requires = "database")]
    synchronous_standbys: u32,
}

impl DatabaseArgs {
    /// The database, if it is not a file in the data directory.
    pub(crate) fn postgres(&self) -> Option<Postgres> {
        let address = self.database.clone()?;
        Some(Postgres { address, synchronous_standbys: self.synchronous_standbys })
    }
}
