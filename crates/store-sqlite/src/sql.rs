//! Every statement of this backend that runs more than once, in one registry. A test prepares each
//! of them on a migrated database, so that a statement that does not fit the tables cannot ship.

macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(pub(crate) const $name: &str = $sql;)*
        /// Every statement by its name.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// The columns that [`rows::code_set`](crate::rows::code_set) reads, of the table `s`.
macro_rules! set_columns {
    () => {
        "s.id, s.subject, s.kind, s.profile, s.scheme, s.key_generation, s.count, s.reason, \
         s.session_assurance, s.custody, s.verifiers, s.issued_at, s.expires_at, s.state, \
         s.state_at, s.state_reason, s.superseded_by, s.failures, s.replace_by, s.place"
    };
}

/// The columns that [`rows::subject`](crate::rows::subject) reads, of `u`, and after them those
/// that [`rows::directory`](crate::rows::directory) reads, of `d`.
macro_rules! subject_columns {
    () => {
        "u.id, u.kind, u.tier, u.assurance, u.ial, u.owner, u.status, u.status_at, u.by_account, \
         u.by_risk, u.registered_at, u.directory, d.reference, d.group_names, d.addresses, d.salt"
    };
}

/// The filters of the inventory, each open if its parameter is null.
macro_rules! inventory_filters {
    () => {
        "(?3 IS NULL OR u.tier = ?3) AND (?4 IS NULL OR s.state = ?4) \
         AND (?5 IS NULL OR s.kind = ?5) \
         AND (?6 IS NULL OR (s.due_at IS NOT NULL AND s.replace_by <= ?6)) \
         AND (?7 IS NULL OR (s.due_at IS NOT NULL AND s.expires_at < ?7)) \
         AND (?8 IS NULL OR s.issued_at < ?8)"
    };
}

// Transactions.
statements! {
    BEGIN_WRITE = "BEGIN IMMEDIATE";
    BEGIN_READ = "BEGIN DEFERRED";
    COMMIT = "COMMIT";
    ROLLBACK = "ROLLBACK";
    // Any read: it fixes the moment of the transaction it is in.
    PAGES = "SELECT count(*) FROM sqlite_schema";
    SAVEPOINT = "SAVEPOINT decision";
    SAVEPOINT_KEEP = "RELEASE decision";
    SAVEPOINT_UNDO = "ROLLBACK TO decision";

    // The log.
    ENTRY_ADD = "INSERT INTO entries (place, id, aggregate, bytes) VALUES (?1, ?2, ?3, ?4)";
    ENTRY_NEWEST = "SELECT place, bytes FROM entries ORDER BY place DESC LIMIT 1";
    ENTRY = "SELECT place, id, bytes FROM entries WHERE id = ?1";
    ENTRIES = "SELECT place, id, bytes FROM entries WHERE place >= ?1 ORDER BY place LIMIT ?2";
    TIMELINE = "SELECT place, id, bytes FROM entries WHERE aggregate = ?1 AND place >= ?2 \
                ORDER BY place LIMIT ?3";
    LOG_HEAD = "SELECT size, checkpoint FROM log_head";
    LOG_HEAD_SET = "INSERT INTO log_head (one, size, checkpoint) VALUES (1, ?1, ?2) \
                    ON CONFLICT (one) DO UPDATE SET size = excluded.size, \
                    checkpoint = excluded.checkpoint";
    TILE = "SELECT hashes FROM tiles WHERE level = ?1 AND place = ?2";
    TILE_SET = "INSERT INTO tiles (level, place, hashes) VALUES (?1, ?2, ?3) \
                ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes";

    // Budgets. These come first in every decision and make it conditional.
    BUDGET = "SELECT version, failures, retry_at FROM budgets WHERE id = ?1";
    BUDGETS = "SELECT id, version, failures, retry_at FROM budgets";
    BUDGET_START = "INSERT INTO budgets (id, version, failures, retry_at) \
                    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING";
    BUDGET_MOVE = "UPDATE budgets SET version = version + ?3 WHERE id = ?1 AND version = ?2";
    BUDGET_CHARGE = "UPDATE budgets SET version = version + ?3, failures = ?4, retry_at = ?5 \
                     WHERE id = ?1 AND version = ?2";

    // Subjects.
    SUBJECT = concat!("SELECT ", subject_columns!(), " FROM subjects u \
                LEFT JOIN directory d ON d.subject = u.id WHERE u.id = ?1");
    SUBJECTS = concat!("SELECT ", subject_columns!(), " FROM subjects u \
                LEFT JOIN directory d ON d.subject = u.id");
    SUBJECT_BY_REFERENCE = concat!("SELECT ", subject_columns!(), " FROM directory d \
                JOIN subjects u ON u.id = d.subject WHERE d.reference = ?1");
    SUBJECT_ID_BY_REFERENCE = "SELECT subject FROM directory WHERE reference = ?1";
    REFERENCE = "SELECT reference FROM directory WHERE subject = ?1";
    SUBJECT_REGISTER = "INSERT INTO subjects \
                (id, kind, tier, assurance, ial, owner, status, registered_at, directory) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'active', ?7, ?8) \
                ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, tier = excluded.tier, \
                assurance = excluded.assurance, ial = excluded.ial, owner = excluded.owner, \
                status = 'active', status_at = NULL, by_account = 0, by_risk = 0, \
                directory = excluded.directory";
    SUBJECT_UPDATE = "INSERT INTO subjects \
                (id, kind, tier, assurance, ial, owner, status, registered_at, directory) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'active', ?7, ?8) \
                ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, tier = excluded.tier, \
                assurance = excluded.assurance, ial = excluded.ial, owner = excluded.owner, \
                directory = excluded.directory";
    SUBJECT_STAND = "UPDATE subjects SET status = ?2, status_at = ?3, by_account = ?4, \
                by_risk = ?5 WHERE id = ?1";
    DIRECTORY_SET = "INSERT INTO directory (subject, reference, group_names, addresses, salt) \
                VALUES (?1, ?2, ?3, ?4, ?5) \
                ON CONFLICT (subject) DO UPDATE SET reference = excluded.reference, \
                group_names = excluded.group_names, addresses = excluded.addresses, \
                salt = excluded.salt";

    // Sets and codes.
    SETS = concat!("SELECT ", set_columns!(), " FROM code_sets s");
    SETS_NEWEST = concat!("SELECT ", set_columns!(), " FROM code_sets s \
                WHERE s.subject = ?1 ORDER BY s.id DESC LIMIT ?2");
    SETS_LIVE_BEFORE = concat!("SELECT ", set_columns!(), " FROM code_sets s \
                WHERE s.subject = ?1 AND s.id < ?2 AND s.due_at IS NOT NULL ORDER BY s.id DESC");
    SET_OWNER = "SELECT subject FROM code_sets WHERE id = ?1";
    SETS_DUE = "SELECT due_at, subject FROM code_sets WHERE due_at <= ?1 ORDER BY due_at, subject";
    SET_ISSUE = "INSERT INTO code_sets (id, subject, kind, profile, scheme, key_generation, \
                count, reason, session_assurance, custody, verifiers, issued_at, expires_at, \
                state, state_at, due_at, place) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
                ?16, ?17)";
    SET_CONFIRM = "UPDATE code_sets SET state = 'active', state_at = ?3, due_at = expires_at \
                WHERE subject = ?1 AND id = ?2 AND state = 'offered'";
    SET_LAPSE = "UPDATE code_sets SET state = 'lapsed', state_at = ?3, due_at = NULL \
                WHERE subject = ?1 AND id = ?2 AND state = 'offered'";
    SET_END = "UPDATE code_sets SET state = ?4, state_at = ?3, state_reason = ?5, \
                superseded_by = ?6, due_at = NULL \
                WHERE subject = ?1 AND id = ?2 AND due_at IS NOT NULL";
    SET_REPLACE = "UPDATE code_sets SET replace_by = ?3 WHERE subject = ?1 AND id = ?2";
    SET_CHARGE = "UPDATE code_sets SET failures = min(failures + 1, 4294967295) \
                WHERE subject = ?1 AND id = ?2";
    // Two statements and not one with a CASE: naming `due_at` would move its index entry each time.
    SET_ACCEPT = "UPDATE code_sets SET used = used + 1, failures = 0, \
                replace_by = coalesce(replace_by, ?3) \
                WHERE subject = ?1 AND id = ?2 AND state = 'active' AND used + 1 < count";
    SET_EXHAUST = "UPDATE code_sets SET used = used + 1, failures = 0, \
                replace_by = coalesce(replace_by, ?3), \
                state = 'exhausted', state_at = ?4, due_at = NULL \
                WHERE subject = ?1 AND id = ?2 AND state = 'active' AND used + 1 = count";
    CODES = "SELECT ordinal, mac, salt, redemption_id FROM codes WHERE set_id = ?1 \
             ORDER BY ordinal";
    CODES_USED = "SELECT ordinal, redemption_id FROM codes \
                WHERE set_id = ?1 AND redemption_id IS NOT NULL ORDER BY ordinal";
    CODE_ADD = "INSERT INTO codes (set_id, ordinal, mac, salt) VALUES (?1, ?2, ?3, ?4)";
    CODE_USE = "UPDATE codes SET redemption_id = ?3 \
                WHERE set_id = ?1 AND ordinal = ?2 AND redemption_id IS NULL";

    // What is remembered.
    REDEMPTION = "SELECT id, subject, fingerprint, at, ending, set_id, ordinal, remaining, \
                replace_by, alternatives FROM redemptions WHERE id = ?1";
    REDEMPTIONS = "SELECT id, subject, fingerprint, at, ending, set_id, ordinal, remaining, \
                replace_by, alternatives FROM redemptions";
    REDEMPTION_ADD = "INSERT INTO redemptions (id, subject, fingerprint, at, ending, set_id, \
                ordinal, remaining, replace_by, alternatives) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    REQUEST = "SELECT key, fingerprint, subject, set_id FROM requests WHERE key = ?1";
    REQUESTS = "SELECT key, fingerprint, subject, set_id FROM requests";
    REQUEST_ADD = "INSERT INTO requests (key, fingerprint, subject, set_id) \
                VALUES (?1, ?2, ?3, ?4)";

    // API keys and generations.
    API_KEY = "SELECT id, label, scopes, digest, created_at, revoked_at FROM api_keys \
               WHERE id = ?1";
    API_KEYS = "SELECT id, label, scopes, digest, created_at, revoked_at FROM api_keys \
                ORDER BY created_at, id";
    API_KEY_ADD = "INSERT INTO api_keys (id, label, scopes, digest, created_at) \
                VALUES (?1, ?2, ?3, ?4, ?5)";
    API_KEY_REVOKE = "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1";
    KEY_GENERATIONS = "SELECT purpose, generation FROM key_generations";
    KEY_ROTATE = "INSERT INTO key_generations (purpose, generation) VALUES (?1, ?2) \
                ON CONFLICT (purpose) DO UPDATE SET generation = excluded.generation";

    // The inventory. With a subject (?9) its own sets are walked, without one
    // all sets by id.
    INVENTORY = concat!("SELECT ", set_columns!(), ", u.tier, d.reference FROM code_sets s \
                JOIN subjects u ON u.id = s.subject LEFT JOIN directory d ON d.subject = s.subject \
                WHERE ?9 IS NULL AND s.id > ?1 AND ", inventory_filters!(), " ORDER BY s.id LIMIT ?2");
    INVENTORY_OF = concat!("SELECT ", set_columns!(), ", u.tier, d.reference FROM directory d \
                JOIN subjects u ON u.id = d.subject JOIN code_sets s ON s.subject = d.subject \
                WHERE d.reference = ?9 AND s.id > ?1 AND ", inventory_filters!(), " \
                ORDER BY s.id LIMIT ?2");
    INVENTORY_STATES = "SELECT state, count(*), \
                count(*) FILTER (WHERE due_at IS NOT NULL AND replace_by <= ?1) \
                FROM code_sets GROUP BY state";
    INVENTORY_TIERS = "SELECT u.tier, count(*), count(*) FILTER (WHERE EXISTS \
                (SELECT 1 FROM code_sets s WHERE s.subject = u.id AND s.state = 'active')) \
                FROM subjects u WHERE u.status <> 'departed' GROUP BY u.tier";
}
