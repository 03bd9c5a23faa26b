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
         s.state_at, s.state_reason, s.superseded_by, s.failures, s.replace_by, s.place, s.uses, \
         s.declared_at, s.issued_custody"
    };
}

/// The columns that [`rows::aggregate`](crate::rows::aggregate) reads, of `a`.
macro_rules! aggregate_columns {
    () => {
        "a.id, a.version, a.failures, a.retry_at, a.kind, a.tier, a.assurance, a.ial, a.owner, \
         a.status, a.status_at, a.by_account, a.by_risk, a.by_recovery, a.registered_at, a.directory, \
         a.reference, a.group_names, a.addresses, a.salt, a.contacts, a.recovered, \
         a.second_factor, a.codes_sent, a.lowered_until, a.holds"
    };
}

/// Those with ids after ?1 and up to ?4, of the group ?2 if that is not null, of whom something
/// that began by ?3, if that is not null, is still live. Walked in the order of their ids: no
/// index is kept for it that every issue would have to write, and each page is read once.
macro_rules! contained {
    () => {
        "FROM aggregates a WHERE a.id > ?1 AND a.id <= ?4 AND a.kind IS NOT NULL \
         AND (?2 IS NULL OR EXISTS (SELECT 1 FROM json_each(a.group_names) g \
         WHERE g.value = ?2)) AND (EXISTS (SELECT 1 FROM code_sets s \
         WHERE s.subject = a.id AND s.due_at IS NOT NULL AND (?3 IS NULL OR s.issued_at <= ?3)) \
         OR EXISTS (SELECT 1 FROM recoveries r WHERE r.subject = a.id \
         AND r.due_at IS NOT NULL AND (?3 IS NULL OR r.opened_at <= ?3)) \
         OR EXISTS (SELECT 1 FROM exceptions e WHERE e.subject = a.id \
         AND e.due_at IS NOT NULL AND (?3 IS NULL OR e.requested_at <= ?3)) \
         OR (?3 IS NULL AND EXISTS (SELECT 1 FROM bundles b WHERE b.subject = a.id \
         AND b.due_at IS NOT NULL)))"
    };
}

/// The filters of the inventory, each open if its parameter is null, or 0 where it is a flag.
macro_rules! inventory_filters {
    () => {
        "(?3 IS NULL OR a.tier = ?3) AND (?4 IS NULL OR s.state = ?4) \
         AND (?5 IS NULL OR s.kind = ?5) \
         AND (?6 IS NULL OR (s.due_at IS NOT NULL AND (s.replace_by <= ?6 OR s.expires_at <= ?6))) \
         AND (?7 IS NULL OR (s.due_at IS NOT NULL AND s.expires_at < ?7)) \
         AND (?8 IS NULL OR s.issued_at < ?8) AND (?9 IS NULL OR a.reference = ?9) \
         AND (?10 IS NULL OR s.custody = ?10) AND (?11 IS NULL OR s.issued_at >= ?11) \
         AND (?12 = 0 OR s.state IN ('offered', 'lapsed')) AND (?13 = 0 OR s.used <> 0)"
    };
}

/// A page of the inventory: of the sets that `$walked` says, those after ?1 and up to ?14 in the
/// order of their ids, at most ?2.
macro_rules! inventory {
    ($walked:literal) => {
        concat!(
            "SELECT ",
            set_columns!(),
            ", a.tier, a.reference FROM ",
            $walked,
            " s.id > ?1 AND s.id <= ?14 AND ",
            inventory_filters!(),
            " ORDER BY s.id LIMIT ?2"
        )
    };
}

/// A page of recoveries: of those that `$walked` says, found by `$index`, in the order of their ids
/// that is asked for, those after ?1 and up to ?10, at most ?2. Each filter is open if its
/// parameter is null, or 0 where it is a flag.
macro_rules! recovery_page {
    ($index:literal, $walked:literal, "id") => {
        recovery_page!($index, $walked, "r.id > ?1 AND r.id <= ?10", "r.id")
    };
    ($index:literal, $walked:literal, "id DESC") => {
        recovery_page!($index, $walked, "r.id < ?1 AND r.id >= ?10", "r.id DESC")
    };
    ($index:literal, $walked:literal, $part:literal, $order:literal) => {
        concat!(
            "SELECT r.body, r.code, a.reference FROM recoveries r ",
            $index,
            " CROSS JOIN aggregates a ON a.id = r.subject WHERE ",
            $walked,
            " ",
            $part,
            " AND (?3 IS NULL OR r.subject = ?3) AND (?4 IS NULL OR r.state = ?4) \
             AND (?5 = 0 OR r.review_by IS NOT NULL) AND (?6 IS NULL OR r.agent = ?6) \
             AND (?7 IS NULL OR (r.agent IS NOT NULL) = ?7) \
             AND (?8 IS NULL OR r.opened_at >= ?8) AND (?9 IS NULL OR r.opened_at < ?9) \
             AND (?11 = 0 OR r.due_at IS NOT NULL) AND (?12 = 0 OR r.due_at IS NULL) ORDER BY ",
            $order,
            " LIMIT ?2"
        )
    };
}

/// A page of the alerts: of those that `$walked` says, found by `$index`, the newest before ?1, at
/// most ?2.
macro_rules! alert_page {
    ($index:literal, $walked:literal) => {
        concat!(
            "SELECT e.place, e.id, e.bytes, a.reference FROM alerts l ",
            $index,
            " CROSS JOIN entries e ON e.place = l.place LEFT JOIN aggregates a \
             ON a.id = l.subject WHERE ",
            $walked,
            " l.place < ?1 AND (?3 IS NULL OR l.subject = ?3) AND (?4 IS NULL OR l.name = ?4) \
             AND (?5 IS NULL OR l.level >= ?5) AND (?6 IS NULL OR l.at >= ?6) \
             ORDER BY l.place DESC LIMIT ?2"
        )
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
    ENTRY_ADD = "INSERT INTO entries (place, id, before, bytes) VALUES (?1, ?2, ?3, ?4)";
    ENTRY_NEWEST = "SELECT place, bytes FROM entries ORDER BY place DESC LIMIT 1";
    ENTRY = "SELECT place, id, bytes FROM entries WHERE id = ?1";
    ENTRIES = "SELECT place, id, bytes FROM entries WHERE place >= ?1 ORDER BY place LIMIT ?2";
    // Down the chain from the newest entry to the one asked for, then up again.
    TIMELINE = "WITH RECURSIVE chain (place) AS ( \
                SELECT newest FROM aggregates WHERE id = ?1 AND newest >= ?2 UNION ALL \
                SELECT e.before FROM chain c JOIN entries e ON e.place = c.place \
                WHERE e.before >= ?2) \
                SELECT place, id, bytes FROM entries WHERE place IN (SELECT place FROM chain) \
                ORDER BY place LIMIT ?3";
    // Down the chain, for as long as it takes to find so many from before ?2.
    TIMELINE_NEWEST = "WITH RECURSIVE chain (place, found) AS ( \
                SELECT newest, newest < ?2 FROM aggregates WHERE id = ?1 UNION ALL \
                SELECT e.before, c.found + (e.before < ?2) FROM chain c \
                JOIN entries e ON e.place = c.place \
                WHERE e.before IS NOT NULL AND c.found < ?3) \
                SELECT place, id, bytes FROM entries WHERE place IN (SELECT place FROM chain) \
                AND place < ?2 ORDER BY place DESC LIMIT ?3";
    LOG_HEAD = "SELECT size, checkpoint FROM log_head";
    LOG_HEAD_SET = "INSERT INTO log_head (one, size, checkpoint) VALUES (1, ?1, ?2) \
                    ON CONFLICT (one) DO UPDATE SET size = excluded.size, \
                    checkpoint = excluded.checkpoint";
    TILE = "SELECT hashes FROM tiles WHERE level = ?1 AND place = ?2";
    TILE_SET = "INSERT INTO tiles (level, place, hashes) VALUES (?1, ?2, ?3) \
                ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes";

    // What is kept beside the log.
    KEPT = "SELECT key, version, value FROM shelf WHERE shelf = ?1 AND key = ?2";
    KEPT_VERSION = "SELECT version FROM shelf WHERE shelf = ?1 AND key = ?2";
    SHELF = "SELECT key, version, value FROM shelf WHERE shelf = ?1 AND key >= ?2 AND key <= ?3 \
             AND (?4 IS NULL OR key > ?4) ORDER BY key LIMIT ?5";
    KEEP = "INSERT INTO shelf (shelf, key, version, value) VALUES (?1, ?2, ?3, ?4) \
            ON CONFLICT (shelf, key) DO UPDATE SET version = excluded.version, \
            value = excluded.value";
    TAKE_AWAY = "DELETE FROM shelf WHERE shelf = ?1 AND key = ?2";

    // Aggregates. These come first in every decision and make it conditional.
    AGGREGATE_AT = "SELECT version, newest FROM aggregates WHERE id = ?1";
    OPENINGS_SINCE = "SELECT count(*) FROM recoveries WHERE agent = ?1 AND opened_at > ?2";
    AGGREGATE_START = "INSERT INTO aggregates (id, version, newest, failures, retry_at) \
                VALUES (?1, ?2, ?3, ?4, ?5)";
    AGGREGATE_MOVE = "UPDATE aggregates SET version = ?2, newest = ?3 WHERE id = ?1";
    AGGREGATE_CHARGE = "UPDATE aggregates SET version = ?2, newest = ?3, failures = ?4, \
                retry_at = ?5 WHERE id = ?1";
    // The newest time in front; 32 of 8 bytes are kept.
    AGGREGATE_SECOND_FACTOR = "UPDATE aggregates SET version = ?2, newest = ?3, failures = ?4, \
                retry_at = ?5, second_factor = substr(CAST(?6 || second_factor AS BLOB), 1, 256) \
                WHERE id = ?1";
    AGGREGATE_RECOVERED = "UPDATE aggregates \
                SET recovered = substr(CAST(?2 || recovered AS BLOB), 1, 256) WHERE id = ?1";
    AGGREGATE_CODE_SENT = "UPDATE aggregates \
                SET codes_sent = substr(CAST(?2 || codes_sent AS BLOB), 1, 256) WHERE id = ?1";
    AGGREGATE_CODES_SET = "UPDATE aggregates SET codes_sent = ?2 WHERE id = ?1";
    AGGREGATE_HOLDS = "UPDATE aggregates SET holds = holds | ?2 WHERE id = ?1 AND holds & ?2 = 0";
    HELD_UNNOTED = "SELECT a.id FROM aggregates a \
                WHERE a.holds & 1 = 0 AND EXISTS (SELECT 1 FROM recoveries r WHERE r.subject = a.id) \
                OR a.holds & 2 = 0 AND EXISTS (SELECT 1 FROM bundles b WHERE b.subject = a.id) \
                OR a.holds & 4 = 0 AND EXISTS (SELECT 1 FROM exceptions e WHERE e.subject = a.id) \
                OR a.holds & 8 = 0 AND EXISTS (SELECT 1 FROM address_books b \
                WHERE b.subject = a.id) LIMIT 1";
    AGGREGATE = concat!("SELECT ", aggregate_columns!(), " FROM aggregates a WHERE a.id = ?1");
    AGGREGATE_BY_REFERENCE = concat!("SELECT ", aggregate_columns!(), " FROM aggregates a \
                WHERE a.reference = ?1");
    AGGREGATES = concat!("SELECT ", aggregate_columns!(), " FROM aggregates a");

    // Subjects, in the rows of their aggregates.
    REFERENCE = "SELECT reference FROM aggregates WHERE id = ?1";
    SUBJECT_REGISTER = "UPDATE aggregates SET kind = ?2, tier = ?3, assurance = ?4, ial = ?5, \
                owner = ?6, registered_at = coalesce(registered_at, ?7), directory = ?8, \
                status = 'active', status_at = NULL, by_account = 0, by_risk = 0, \
                by_recovery = 0, lowered_until = NULL WHERE id = ?1";
    SUBJECT_UPDATE = "UPDATE aggregates SET kind = ?2, tier = ?3, assurance = ?4, ial = ?5, \
                owner = ?6, registered_at = coalesce(registered_at, ?7), directory = ?8, \
                status = coalesce(status, 'active') WHERE id = ?1";
    SUBJECT_STAND = "UPDATE aggregates SET status = ?2, status_at = ?3, by_account = ?4, \
                by_risk = ?5, by_recovery = ?6, lowered_until = ?7 WHERE id = ?1";
    DIRECTORY_SET = "UPDATE aggregates SET reference = ?2, group_names = ?3, addresses = ?4, \
                salt = ?5, contacts = ?6 WHERE id = ?1";
    SUBJECT_DIRECTORY = "UPDATE aggregates SET directory = ?2 WHERE id = ?1";
    ADDRESS_BOOK = "SELECT body, codes FROM address_books WHERE subject = ?1";
    ADDRESS_BOOKS = "SELECT body, codes, subject FROM address_books";
    ADDRESS_BOOK_SET = "INSERT INTO address_books (subject, body, review_at, codes) \
                VALUES (?1, ?2, ?3, ?4) ON CONFLICT (subject) DO UPDATE SET \
                body = excluded.body, review_at = excluded.review_at, codes = excluded.codes";
    ADDRESS_BOOK_DROP = "DELETE FROM address_books WHERE subject = ?1";

    // Sets and codes.
    SETS = concat!("SELECT ", set_columns!(), ", s.codes, s.used FROM code_sets s");
    SETS_NEWEST = concat!("SELECT ", set_columns!(), ", s.codes, s.used FROM code_sets s \
                WHERE s.subject = ?1 ORDER BY s.id DESC LIMIT ?2");
    SETS_LIVE_BEFORE = concat!("SELECT ", set_columns!(), ", s.codes, s.used FROM code_sets s \
                WHERE s.subject = ?1 AND s.id < ?2 AND s.due_at IS NOT NULL ORDER BY s.id DESC");
    // Of salted codes nothing is read.
    SETS_KEYED = "SELECT subject, id, iif(length(codes) = 32 * count, codes, x'') FROM code_sets \
                  WHERE (subject, id) > (?1, ?2) ORDER BY subject, id LIMIT ?3";
    SET_OWNER = "SELECT subject FROM code_sets WHERE id = ?1";
    DUE = "SELECT due_at, subject FROM code_sets WHERE due_at <= ?1 UNION ALL \
                SELECT due_at, subject FROM recoveries WHERE due_at <= ?1 UNION ALL \
                SELECT due_at, subject FROM bundles WHERE due_at <= ?1 UNION ALL \
                SELECT review_at, subject FROM address_books WHERE review_at <= ?1 UNION ALL \
                SELECT due_at, subject FROM exceptions WHERE due_at <= ?1 UNION ALL \
                SELECT lowered_until, id FROM aggregates \
                WHERE status = 'suspended' AND lowered_until <= ?1 \
                ORDER BY due_at, subject";
    SET_ISSUE = "INSERT INTO code_sets (id, subject, kind, profile, scheme, key_generation, \
                count, reason, session_assurance, custody, verifiers, issued_at, expires_at, \
                state, state_at, due_at, place, codes) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, \
                ?16, ?17, ?18)";
    SET_CONFIRM = "UPDATE code_sets SET state = 'active', state_at = ?3, due_at = expires_at \
                WHERE subject = ?1 AND id = ?2 AND state = 'offered'";
    SET_LAPSE = "UPDATE code_sets SET state = 'lapsed', state_at = ?3, due_at = NULL \
                WHERE subject = ?1 AND id = ?2 AND state = 'offered'";
    SET_END = "UPDATE code_sets SET state = ?4, state_at = ?3, state_reason = ?5, \
                superseded_by = ?6, due_at = NULL \
                WHERE subject = ?1 AND id = ?2 AND due_at IS NOT NULL";
    SET_REPLACE = "UPDATE code_sets SET replace_by = ?3 WHERE subject = ?1 AND id = ?2";
    // The first time, what was declared at issue is put aside.
    SET_DECLARE = "UPDATE code_sets SET issued_custody = iif(declared_at IS NULL, custody, \
                issued_custody), custody = ?4, declared_at = ?3 \
                WHERE subject = ?1 AND id = ?2 AND due_at IS NOT NULL";
    SET_CHARGE = "UPDATE code_sets SET failures = min(failures + 1, 4294967295) \
                WHERE subject = ?1 AND id = ?2";
    SET_USED = "SELECT used >> ?3 & 1 FROM code_sets WHERE subject = ?1 AND id = ?2";
    // The bit decides: of any number of attempts one finds it clear. Two statements and not one
    // with a CASE: naming `due_at` would move its index entry each time.
    SET_ACCEPT = "UPDATE code_sets SET used = used | (1 << ?3), uses = CAST(uses || ?4 AS BLOB), \
                failures = 0, replace_by = coalesce(replace_by, ?5) \
                WHERE subject = ?1 AND id = ?2 AND state = 'active' AND used & (1 << ?3) = 0";
    SET_EXHAUST = "UPDATE code_sets SET used = used | (1 << ?3), uses = CAST(uses || ?4 AS BLOB), \
                failures = 0, replace_by = coalesce(replace_by, ?5), \
                state = 'exhausted', state_at = ?6, due_at = NULL \
                WHERE subject = ?1 AND id = ?2 AND state = 'active' AND used & (1 << ?3) = 0";

    // What is remembered.
    REDEMPTION = "SELECT r.id, e.bytes FROM redemptions r JOIN entries e ON e.place = r.place \
                WHERE r.id = ?1";
    REDEMPTIONS = "SELECT r.id, e.bytes FROM redemptions r LEFT JOIN entries e \
                ON e.place = r.place";
    REDEMPTION_ADD = "INSERT INTO redemptions (id, place) VALUES (?1, ?2)";
    REQUEST = "SELECT key, fingerprint, subject, set_id, recovery, bundle, sent, exception, \
                containment FROM requests WHERE key = ?1";
    REQUESTS = "SELECT key, fingerprint, subject, set_id, recovery, bundle, sent, exception, \
                containment FROM requests";
    REQUEST_ADD = "INSERT INTO requests \
                (key, fingerprint, subject, set_id, recovery, bundle, sent, exception, containment) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

    // Recoveries and operators.
    RECOVERY = "SELECT body, code FROM recoveries WHERE id = ?1";
    RECOVERY_OF = "SELECT body, code FROM recoveries WHERE subject = ?1 AND id = ?2";
    RECOVERY_OWNER = "SELECT subject FROM recoveries WHERE id = ?1";
    RECOVERY_SET = "INSERT INTO recoveries (id, subject, state, due_at, review_by, body, code, \
                agent, opened_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (subject, id) DO UPDATE SET \
                state = excluded.state, due_at = excluded.due_at, \
                review_by = excluded.review_by, body = excluded.body, \
                code = coalesce(excluded.code, code)";
    OPENINGS = "SELECT opened_at FROM recoveries WHERE agent = ?1 \
                ORDER BY opened_at DESC LIMIT ?2";
    RECOVERIES = "SELECT body, code FROM recoveries";
    RECOVERIES_LIVE = "SELECT body, code FROM recoveries \
                WHERE subject = ?1 AND due_at IS NOT NULL ORDER BY id DESC LIMIT ?2";
    RECOVERIES_ENDED = "SELECT body, code FROM recoveries \
                WHERE subject = ?1 AND due_at IS NULL ORDER BY id DESC LIMIT ?2";
    // Pages of recoveries, by what they walk over, the oldest first and the newest first.
    RECOVERY_PAGE = recovery_page!("", "", "id");
    RECOVERY_PAGE_OF = recovery_page!("", "r.subject = ?3 AND", "id");
    RECOVERY_PAGE_AGENT =
        recovery_page!("INDEXED BY recoveries_of_agent", "r.agent = ?6 AND", "id");
    RECOVERY_PAGE_REVIEW = recovery_page!("INDEXED BY recoveries_review", "r.review_by IS NOT NULL AND", "id");
    RECOVERY_PAGE_LIVE = recovery_page!("INDEXED BY recoveries_live", "r.due_at IS NOT NULL AND", "id");
    RECOVERY_PAGE_NEWEST = recovery_page!("", "", "id DESC");
    RECOVERY_PAGE_OF_NEWEST = recovery_page!("", "r.subject = ?3 AND", "id DESC");
    RECOVERY_PAGE_AGENT_NEWEST =
        recovery_page!("INDEXED BY recoveries_of_agent", "r.agent = ?6 AND", "id DESC");
    RECOVERY_PAGE_REVIEW_NEWEST = recovery_page!("INDEXED BY recoveries_review", "r.review_by IS NOT NULL AND", "id DESC");
    RECOVERY_PAGE_LIVE_NEWEST = recovery_page!("INDEXED BY recoveries_live", "r.due_at IS NOT NULL AND", "id DESC");
    // How far so many recoveries reach.
    RECOVERY_UPTO = "SELECT id FROM recoveries WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2";
    RECOVERY_UPTO_NEWEST = "SELECT id FROM recoveries WHERE id < ?1 \
                ORDER BY id DESC LIMIT 1 OFFSET ?2";

    // How things stand.
    LIVE_COUNTS = "SELECT state, agent IS NOT NULL, count(*) FROM recoveries \
                INDEXED BY recoveries_due WHERE due_at IS NOT NULL GROUP BY 1, 2";
    WINDOWS = "SELECT r.body, r.code, a.reference FROM recoveries r INDEXED BY recoveries_due \
                CROSS JOIN aggregates a ON a.id = r.subject \
                WHERE r.due_at IS NOT NULL AND r.state = 'window' ORDER BY r.due_at, r.id LIMIT ?1";
    REVIEWS_DUE = "SELECT count(*) FROM recoveries INDEXED BY recoveries_review \
                WHERE review_by IS NOT NULL";
    THROTTLED_COUNT = "SELECT count(*) FROM aggregates INDEXED BY aggregates_retry \
                WHERE retry_at > ?1 AND kind IS NOT NULL";
    THROTTLED_PAGE = "SELECT id, reference, tier, failures, retry_at FROM aggregates \
                INDEXED BY aggregates_retry WHERE retry_at > ?1 AND kind IS NOT NULL \
                AND id > ?2 ORDER BY id LIMIT ?3";
    ALERT_COUNTS = "SELECT level, count(*), count(CASE WHEN at >= ?2 THEN 1 END) FROM alerts \
                INDEXED BY alerts_at WHERE at >= ?1 GROUP BY level";

    // Alerts.
    ALERT_ADD = "INSERT INTO alerts (place, subject, name, level, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    ALERTS = "SELECT e.id, l.subject, l.name, l.level, l.at FROM alerts l \
                JOIN entries e ON e.place = l.place";
    ALERT_PAGE = alert_page!("NOT INDEXED", "");
    ALERT_PAGE_OF = alert_page!("INDEXED BY alerts_subject", "l.subject = ?3 AND");
    ALERT_PAGE_NAMED = alert_page!("INDEXED BY alerts_name", "l.name = ?4 AND");

    // The directory, in the order of names.
    SUBJECT_PAGE = concat!("SELECT ", aggregate_columns!(), " FROM aggregates a \
                INDEXED BY aggregates_reference WHERE a.reference >= ?1 AND a.reference <= ?2 \
                AND a.reference <> ?3 AND a.kind IS NOT NULL AND (?5 IS NULL OR a.tier = ?5) \
                AND (?6 IS NULL OR EXISTS (SELECT 1 FROM json_each(a.group_names) g \
                WHERE g.value = ?6)) AND (?7 = 0 OR (a.status <> 'departed' \
                AND NOT EXISTS (SELECT 1 FROM code_sets s WHERE s.subject = a.id \
                AND s.state = 'active' AND s.kind <> 'canary'))) ORDER BY a.reference LIMIT ?4");
    SUBJECT_UPTO = "SELECT reference, id FROM aggregates INDEXED BY aggregates_reference \
                WHERE reference >= ?1 AND reference <= ?2 AND reference <> ?3 \
                ORDER BY reference LIMIT 1 OFFSET ?4";
    // An active set before an offered one before an ended one, a saved one before others.
    SET_OF = concat!("SELECT ", set_columns!(), " FROM code_sets s WHERE s.subject = ?1 \
                AND s.kind <> 'canary' ORDER BY s.due_at IS NULL, s.state <> 'active', \
                s.kind <> 'saved', s.id DESC LIMIT 1");
    EXCEPTION = "SELECT body FROM exceptions WHERE id = ?1";
    EXCEPTION_SET = "INSERT INTO exceptions (id, subject, state, due_at, body, requested_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (subject, id) DO UPDATE SET \
                state = excluded.state, due_at = excluded.due_at, body = excluded.body";
    EXCEPTIONS = "SELECT body FROM exceptions";
    EXCEPTIONS_OF = "SELECT body FROM exceptions WHERE subject = ?1 \
                ORDER BY due_at IS NULL, id DESC LIMIT ?2";
    EXCEPTION_PAGE = "SELECT e.body, a.reference FROM exceptions e \
                JOIN aggregates a ON a.id = e.subject WHERE e.due_at IS NOT NULL AND e.id > ?1 \
                AND (?3 IS NULL OR e.subject = ?3) ORDER BY e.id LIMIT ?2";
    CONTAINMENT = "SELECT body, group_name, salt FROM containments WHERE id = ?1";
    CONTAINMENTS = "SELECT body, group_name, salt FROM containments ORDER BY id";
    CONTAINMENT_SET = "INSERT INTO containments (id, body, group_name, salt) \
                VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    CONTAINED = concat!("SELECT a.id ", contained!(), " ORDER BY a.id LIMIT ?5");
    CONTAINED_LEFT = concat!("SELECT count(*) ", contained!());
    OPERATOR = "SELECT appointment FROM operators WHERE subject = ?1";
    OPERATORS_NOW = "SELECT subject FROM operators ORDER BY subject";
    OPERATORS = "SELECT appointment, subject FROM operators";
    OPERATOR_SET = "INSERT INTO operators (subject, appointment) VALUES (?1, ?2) \
                ON CONFLICT (subject) DO UPDATE SET appointment = excluded.appointment";
    PASSKEY = "SELECT subject FROM passkeys WHERE credential = ?1";
    PASSKEYS = "SELECT credential, subject FROM passkeys";
    PASSKEY_ADD = "INSERT INTO passkeys (credential, subject) VALUES (?1, ?2)";
    PASSKEY_REMOVE = "DELETE FROM passkeys WHERE credential = ?1 AND subject = ?2";
    // Walks those that have an owner, which are few.
    ORPHANS = "SELECT a.id FROM aggregates a INDEXED BY aggregates_owner \
                LEFT JOIN aggregates o ON o.id = a.owner \
                WHERE a.owner IS NOT NULL AND coalesce(o.status, 'departed') = 'departed' \
                AND a.status <> 'departed' AND EXISTS (SELECT 1 FROM code_sets s \
                WHERE s.subject = a.id AND s.due_at IS NOT NULL) LIMIT ?1";
    OWNED_BY = "SELECT id FROM aggregates WHERE owner = ?1 AND status <> 'departed' ORDER BY id";

    // Bundles.
    BUNDLE = "SELECT body FROM bundles WHERE id = ?1";
    BUNDLE_OF = "SELECT body FROM bundles WHERE subject = ?1 AND id = ?2";
    BUNDLE_OWNER = "SELECT subject FROM bundles WHERE id = ?1";
    BUNDLE_SET = "INSERT INTO bundles (id, subject, state, live, due_at, body) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (subject, id) DO UPDATE SET \
                state = excluded.state, live = excluded.live, due_at = excluded.due_at, \
                body = excluded.body";
    BUNDLES = "SELECT body FROM bundles";
    BUNDLES_NEWEST = "SELECT body FROM bundles WHERE subject = ?1 ORDER BY id DESC LIMIT ?2";
    BUNDLES_LIVE_BEFORE = "SELECT body FROM bundles \
                WHERE subject = ?1 AND id < ?2 AND live = 1 ORDER BY id DESC";
    BUNDLES_LIVE = "SELECT body FROM bundles WHERE live = 1";
    BUNDLE_PAGE = "SELECT b.body, a.reference FROM bundles b \
                JOIN aggregates a ON a.id = b.subject WHERE b.id > ?1 \
                AND (?3 IS NULL OR b.subject = ?3) AND (?4 IS NULL OR b.state = ?4) \
                ORDER BY b.id LIMIT ?2";
    BUNDLE_PARTS = "SELECT record, sealed FROM bundle_parts WHERE bundle = ?1 AND generation = ?2";
    BUNDLE_PARTS_ADD = "INSERT INTO bundle_parts (bundle, generation, record, sealed) \
                VALUES (?1, ?2, ?3, ?4)";
    BUNDLE_ERASE = "UPDATE bundle_parts SET sealed = NULL WHERE bundle = ?1 AND generation = ?2 \
                AND sealed IS NOT NULL";
    DEPARTED = "SELECT status = 'departed' FROM aggregates WHERE id = ?1";

    // Policies.
    POLICY = "SELECT digest, version, loaded_at, text FROM policies ORDER BY place DESC LIMIT 1";
    POLICIES = "SELECT digest, version, loaded_at, text FROM policies";
    POLICY_SET = "INSERT INTO policies (digest, place, version, loaded_at, text) \
                VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (digest) DO UPDATE SET \
                place = excluded.place, version = excluded.version, \
                loaded_at = excluded.loaded_at, text = excluded.text";

    // API keys and generations.
    API_KEY = "SELECT id, label, scopes, digest, created_at, revoked_at, group_names, operator \
               FROM api_keys WHERE id = ?1";
    API_KEYS = "SELECT id, label, scopes, digest, created_at, revoked_at, group_names, operator \
                FROM api_keys ORDER BY created_at, id";
    API_KEY_ADD = "INSERT INTO api_keys (id, label, scopes, digest, created_at, group_names, \
                operator) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    API_KEY_REVOKE = "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1";
    KEY_GENERATIONS = "SELECT purpose, generation FROM key_generations";
    KEY_ROTATE = "INSERT INTO key_generations (purpose, generation) VALUES (?1, ?2) \
                ON CONFLICT (purpose) DO UPDATE SET generation = excluded.generation";

    // The inventory: all sets, those of one subject, of one state, and the unconfirmed ones. The
    // order of each walk is the order asked for.
    INVENTORY = inventory!("code_sets s CROSS JOIN aggregates a ON a.id = s.subject WHERE");
    INVENTORY_OF = inventory!("aggregates a CROSS JOIN code_sets s ON s.subject = a.id \
                WHERE a.reference = ?9 AND");
    INVENTORY_STATE = inventory!("code_sets s INDEXED BY code_sets_state \
                CROSS JOIN aggregates a ON a.id = s.subject WHERE s.state = ?4 AND");
    INVENTORY_UNCONFIRMED = inventory!("code_sets s INDEXED BY code_sets_unconfirmed \
                CROSS JOIN aggregates a ON a.id = s.subject \
                WHERE s.state IN ('offered', 'lapsed') AND");
    // How far so many sets reach.
    INVENTORY_UPTO = "SELECT id FROM code_sets WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2";
    INVENTORY_UPTO_STATE = "SELECT id FROM code_sets WHERE state = ?3 AND id > ?1 \
                ORDER BY id LIMIT 1 OFFSET ?2";
    INVENTORY_UPTO_UNCONFIRMED = "SELECT id FROM code_sets INDEXED BY code_sets_unconfirmed \
                WHERE state IN ('offered', 'lapsed') AND id > ?1 ORDER BY id LIMIT 1 OFFSET ?2";
    // Both tables lie in the order of subjects: each is read once and in order, and the sets of one
    // subject come after one another. The figures are counted as the rows come: nothing is sorted.
    INVENTORY_FIGURES = "SELECT a.id, a.tier, a.status, s.state, s.kind, s.custody, \
                s.due_at IS NOT NULL, s.issued_at, s.expires_at, s.replace_by, a.assurance \
                FROM aggregates a LEFT JOIN code_sets s ON s.subject = a.id \
                WHERE a.kind IS NOT NULL";
}
