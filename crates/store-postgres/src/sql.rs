//! Every statement of this backend that runs more than once, in one registry. Each connection
//! prepares all of them when it is opened, so a statement that does not fit the tables is found by
//! the first test, and none costs a round trip of its own later.
//!
//! Writes say what they count on: `expect` ends the transaction with one of the SQLSTATEs
//! [`STALE`], [`MARKED`] and [`MISSING`] where it is not so.

/// The SQLSTATE of a write whose aggregate has another version.
pub(crate) const STALE: &str = "GB001";
/// The SQLSTATE of a write to a set that is not in the state the write needs.
pub(crate) const MARKED: &str = "GB002";
/// The SQLSTATE of a write to a row that is not there.
pub(crate) const MISSING: &str = "GB003";
/// The SQLSTATE of an opening by an agent that has opened another since it was counted.
pub(crate) const OPENED: &str = "GB004";

macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        /// A statement, by its place in [`ALL`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(clippy::upper_case_acronyms, reason = "`xtask layers` looks where it is used")]
        pub(crate) enum Sql { $(#[doc = stringify!($name)] $name),* }
        /// The text of every statement.
        pub(crate) const ALL: &[&str] = &[$($sql),*];
        /// What each is called.
        #[cfg(test)]
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

/// The columns that [`rows::code_set`](crate::rows::code_set) reads, of the table `s`.
macro_rules! set_columns {
    () => {
        "s.id, s.subject, s.kind, s.profile, s.scheme, s.key_generation, s.count, s.reason, \
         s.session_assurance, s.custody, s.verifiers, s.issued_at, s.expires_at, s.state, \
         s.state_at, s.state_reason, s.superseded_by, s.failures, s.replace_by, s.place, s.uses, s.declared_at, s.issued_custody"
    };
}

/// The columns that [`rows::aggregate`](crate::rows::aggregate) reads, of `a`.
macro_rules! aggregate_columns {
    () => {
        "a.id, a.version, a.failures, a.retry_at, a.kind, a.tier, a.assurance, a.ial, a.owner, \
         a.status, a.status_at, a.by_account, a.by_risk, a.by_recovery, a.registered_at, \
         a.directory, a.reference, a.group_names, a.addresses, a.salt, a.contacts, \
         a.recovered, a.second_factor, a.codes_sent, a.lowered_until"
    };
}

/// The aggregate that a snapshot is asked of: by reference, by set, by recovery, by bundle, or by
/// its id. What is not asked by is null, and finds nothing.
macro_rules! whose {
    () => {
        "coalesce((SELECT id FROM aggregates WHERE reference = $2::text), \
         (SELECT subject FROM code_sets WHERE id = $3::uuid), \
         (SELECT subject FROM recoveries WHERE id = $4::uuid), \
         (SELECT subject FROM bundles WHERE id = $5::uuid), $1::uuid)"
    };
}

/// Those with ids after $1 and up to $4, of the group $2 if that is not null, of whom something
/// that began by $3, if that is not null, is still live. Walked in the order of their ids: no
/// index is kept for it that every issue would have to write, and each page is read once. `OFFSET
/// 0` keeps the planner from gathering the live rows of everybody first.
macro_rules! contained {
    () => {
        "FROM aggregates a WHERE a.id > $1 AND a.id <= $4 AND a.kind IS NOT NULL \
         AND ($2::text IS NULL OR EXISTS (SELECT 1 FROM json_array_elements_text( \
         a.group_names::json) AS g (name) WHERE g.name = $2)) AND (EXISTS (SELECT 1 \
         FROM code_sets s WHERE s.subject = a.id AND s.due_at IS NOT NULL \
         AND ($3::int8 IS NULL OR s.issued_at <= $3) OFFSET 0) \
         OR EXISTS (SELECT 1 FROM recoveries r WHERE r.subject = a.id \
         AND r.due_at IS NOT NULL AND ($3 IS NULL OR r.opened_at <= $3) OFFSET 0) \
         OR EXISTS (SELECT 1 FROM exceptions e WHERE e.subject = a.id \
         AND e.due_at IS NOT NULL AND ($3 IS NULL OR e.requested_at <= $3) OFFSET 0) \
         OR ($3 IS NULL AND EXISTS (SELECT 1 FROM bundles b WHERE b.subject = a.id \
         AND b.due_at IS NOT NULL OFFSET 0)))"
    };
}

/// The filters of the inventory, each open if its parameter is null, or false where it is a flag.
macro_rules! inventory_filters {
    () => {
        "($3::text IS NULL OR a.tier = $3) AND ($4::text IS NULL OR s.state = $4) \
         AND ($5::text IS NULL OR s.kind = $5) \
         AND ($6::int8 IS NULL OR (s.due_at IS NOT NULL AND (s.replace_by <= $6 OR s.expires_at <= $6))) \
         AND ($7::int8 IS NULL OR (s.due_at IS NOT NULL AND s.expires_at < $7)) \
         AND ($8::int8 IS NULL OR s.issued_at < $8) \
         AND ($9::text IS NULL OR a.reference = $9) \
         AND ($10::text IS NULL OR s.custody = $10) \
         AND ($11::int8 IS NULL OR s.issued_at >= $11) \
         AND (NOT $12::bool OR s.state IN ('offered', 'lapsed')) \
         AND (NOT $13::bool OR s.used <> 0)"
    };
}

/// A page of the inventory: of the sets that `$walked` says, those after $1 and up to $14 in the
/// order of their ids, at most $2.
macro_rules! inventory {
    ($walked:literal) => {
        concat!(
            "SELECT ",
            set_columns!(),
            ", a.tier, a.reference FROM code_sets s JOIN aggregates a ON a.id = s.subject WHERE ",
            $walked,
            " s.id > $1::uuid AND s.id <= $14::uuid AND ",
            inventory_filters!(),
            " ORDER BY s.id LIMIT $2::int8"
        )
    };
}

/// A page of recoveries: of those that `$walked` says, the `$part` in that order, at most $2. Each
/// filter is open if its parameter is null, or false where it is a flag. Names are looked up one by
/// one: joined, few recoveries would do to walk through all subjects.
macro_rules! recovery_page {
    ($walked:literal, $part:literal, $order:literal) => {
        concat!(
            "SELECT r.body, r.code, (SELECT a.reference FROM aggregates a \
             WHERE a.id = r.subject) FROM recoveries r WHERE ",
            $walked,
            " ",
            $part,
            " AND ($3::uuid IS NULL OR r.subject = $3) AND ($4::text IS NULL OR r.state = $4) \
             AND (NOT $5::bool OR r.review_by IS NOT NULL) \
             AND ($6::uuid IS NULL OR r.agent = $6) \
             AND ($7::bool IS NULL OR (r.agent IS NOT NULL) = $7) \
             AND ($8::int8 IS NULL OR r.opened_at >= $8) \
             AND ($9::int8 IS NULL OR r.opened_at < $9) \
             AND (NOT $11::bool OR r.due_at IS NOT NULL) \
             AND (NOT $12::bool OR r.due_at IS NULL) ORDER BY ",
            $order,
            " LIMIT $2::int8"
        )
    };
}

/// A page of the alerts: of those that `$walked` says, the newest before $1, at most $2.
macro_rules! alert_page {
    ($walked:literal) => {
        concat!(
            "SELECT e.place, e.id, e.bytes, a.reference FROM (SELECT * FROM alerts l WHERE ",
            $walked,
            " l.place < $1::int8 AND ($3::uuid IS NULL OR l.subject = $3) \
             AND ($4::text IS NULL OR l.name = $4) AND ($5::int8 IS NULL OR l.level >= $5) \
             AND ($6::int8 IS NULL OR l.at >= $6) ORDER BY l.place DESC LIMIT $2::int8) l \
             JOIN entries e ON e.place = l.place LEFT JOIN aggregates a ON a.id = l.subject \
             ORDER BY l.place DESC"
        )
    };
}

/// The place that is so many before the next one.
macro_rules! place {
    ($back:literal) => {
        concat!("(SELECT next FROM log_counter) - ", $back)
    };
}

/// The place of an event of a decision whose aggregate was moved on: so many before its last one.
macro_rules! place_of {
    ($aggregate:literal, $left:literal) => {
        concat!("(SELECT newest FROM aggregates WHERE id = ", $aggregate, ") - ", $left)
    };
}

/// A change of rows of which there must be as many as the last parameter says.
macro_rules! expecting {
    ($change:expr, $count:literal, $otherwise:literal) => {
        concat!(
            "WITH done AS (",
            $change,
            " RETURNING 1) SELECT expect(count(*), ",
            $count,
            ", '",
            $otherwise,
            "') FROM done"
        )
    };
}

statements! {
    // Transactions. A session of ours may not write but in a transaction that says so: if its
    // first statement were lost, those behind it would come to nothing.
    BeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
    BeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    COMMIT = "COMMIT";
    // The same, where there is nothing to keep: after reads, and of the lease, which is not logged.
    End = "END";

    // A batch of decisions, in this order. The counter is moved first: from there on this is the
    // one transaction that writes decisions, and sees what all before it wrote. So what the
    // decisions count on is compared and need not be locked: the versions of aggregates, and the
    // epoch.
    Count = "UPDATE log_counter SET next = next + $1::int8 RETURNING next";
    Compare = "SELECT expect((SELECT count(*) FROM aggregates a \
            JOIN unnest($1::uuid[], $2::int8[]) AS d (id, version) \
            ON a.id = d.id AND a.version = d.version) - (SELECT count(*) \
            FROM unnest($5::int8[]) AS d (epoch) WHERE d.epoch <> \
            coalesce((SELECT version FROM aggregates WHERE id = $4), 0)), $3::int8, 'GB001')";
    OpeningsSince = "SELECT expect((SELECT count(*) FROM recoveries \
            WHERE agent = $1 AND opened_at > $2), $3::int8, 'GB004')";
    Versions = "SELECT id, version FROM aggregates WHERE id = ANY($1::uuid[])";
    EntriesAdd = concat!("INSERT INTO entries (place, id, before, bytes) \
            SELECT ", place!("d.back"), ", d.id, CASE WHEN d.first IS NULL THEN ", place!("d.back"),
            " - 1 ELSE (SELECT newest FROM aggregates WHERE id = d.first) END, d.bytes \
            FROM unnest($1::int8[], $2::uuid[], $3::uuid[], $4::bytea[]) \
            AS d (back, id, first, bytes)");
    AggregatesStart = concat!("INSERT INTO aggregates (id, version, newest, failures, retry_at) \
            SELECT d.id, d.version, ", place!("d.back"), ", coalesce(d.failures, 0), d.retry_at \
            FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::int8[], $5::int8[]) \
            AS d (id, version, back, failures, retry_at) ORDER BY d.id");
    // The newest time in front, here and below; 32 of 8 bytes are kept.
    AggregatesMove = expecting!(concat!("UPDATE aggregates a SET version = d.version, newest = ",
            place!("d.back"), ", failures = coalesce(d.failures, a.failures), \
            retry_at = CASE WHEN d.failures IS NULL THEN a.retry_at ELSE d.retry_at END, \
            second_factor = CASE WHEN d.second_factor IS NULL THEN a.second_factor \
            ELSE substring(d.second_factor || a.second_factor FROM 1 FOR 256) END \
            FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::bytea[]) \
            AS d (id, version, back, failures, retry_at, second_factor) WHERE a.id = d.id"),
            "cardinality($1::uuid[])", "GB001");
    RequestsAdd = "INSERT INTO requests \
            (key, fingerprint, subject, set_id, recovery, bundle, sent, exception, containment) \
            SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::uuid[], $4::uuid[], $5::uuid[], \
            $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[]) AS d \
            (key, fingerprint, subject, set_id, recovery, bundle, sent, exception, containment) \
            ORDER BY key";
    RedemptionsAdd = concat!("INSERT INTO redemptions (id, place) SELECT d.id, ", place!("d.back"),
            " FROM unnest($1::uuid[], $2::int8[]) AS d (id, back) ORDER BY d.id");
    // The bit decides: of any number of attempts one finds it clear.
    SetsAccept = expecting!("UPDATE code_sets s SET used = s.used | (1::int8 << d.ordinal), \
            uses = s.uses || d.usage, failures = 0, \
            replace_by = coalesce(s.replace_by, d.replace_by), \
            state = CASE WHEN d.exhausts THEN 'exhausted' ELSE s.state END, \
            state_at = CASE WHEN d.exhausts THEN d.at ELSE s.state_at END, \
            due_at = CASE WHEN d.exhausts THEN NULL ELSE s.due_at END \
            FROM unnest($1::uuid[], $2::uuid[], $3::int4[], $4::bytea[], $5::int8[], $6::int8[], \
            $7::bool[]) AS d (subject, id, ordinal, usage, replace_by, at, exhausts) \
            WHERE s.subject = d.subject AND s.id = d.id AND s.state = 'active' \
            AND s.used & (1::int8 << d.ordinal) = 0", "cardinality($1::uuid[])", "GB002");
    SetsCharge = expecting!("UPDATE code_sets s SET failures = least(s.failures + 1, 4294967295) \
            FROM unnest($1::uuid[], $2::uuid[]) AS d (subject, id) \
            WHERE s.subject = d.subject AND s.id = d.id", "cardinality($1::uuid[])", "GB002");

    // The rest of a decision, an event each.
    SubjectRegister = expecting!("UPDATE aggregates SET kind = $2, tier = $3, assurance = $4, \
            ial = $5, owner = $6, registered_at = coalesce(registered_at, $7), directory = $8, \
            status = 'active', status_at = NULL, by_account = false, by_risk = false, \
            by_recovery = false, lowered_until = NULL WHERE id = $1", "1", "GB003");
    SubjectUpdate = expecting!("UPDATE aggregates SET kind = $2, tier = $3, assurance = $4, \
            ial = $5, owner = $6, registered_at = coalesce(registered_at, $7), directory = $8, \
            status = coalesce(status, 'active') WHERE id = $1", "1", "GB003");
    SubjectStand = expecting!("UPDATE aggregates SET status = $2, status_at = $3, \
            by_account = $4, by_risk = $5, by_recovery = $6, lowered_until = $7 WHERE id = $1", "1", "GB003");
    DirectorySet = expecting!("UPDATE aggregates SET reference = $2, group_names = $3, \
            addresses = $4, salt = $5, contacts = $6 WHERE id = $1", "1", "GB003");
    SubjectDirectory = expecting!("UPDATE aggregates SET directory = $2 WHERE id = $1", "1", "GB003");
    AggregateRecovered = expecting!("UPDATE aggregates \
            SET recovered = substring($2::bytea || recovered FROM 1 FOR 256) WHERE id = $1", "1",
            "GB003");
    AggregateCodeSent = expecting!("UPDATE aggregates \
            SET codes_sent = substring($2::bytea || codes_sent FROM 1 FOR 256) WHERE id = $1", "1",
            "GB003");
    AggregateCodesSet = expecting!("UPDATE aggregates SET codes_sent = $2 WHERE id = $1", "1",
            "GB003");
    AddressBookSet = "INSERT INTO address_books (subject, body, review_at, codes) \
            VALUES ($1, $2, $3, $4) ON CONFLICT (subject) DO UPDATE SET \
            body = excluded.body, review_at = excluded.review_at, codes = excluded.codes";
    AddressBookDrop = "DELETE FROM address_books WHERE subject = $1";
    SetIssue = concat!("INSERT INTO code_sets (id, subject, kind, profile, scheme, \
            key_generation, count, reason, session_assurance, custody, verifiers, issued_at, \
            expires_at, state, state_at, due_at, place, codes) VALUES ($1, $2, $3, $4, $5, $6, $7, \
            $8, $9, $10, $11, $12, $13, $14, $15, $16, ", place_of!("$2", "$17::int8"), ", $18)");
    SetConfirm = expecting!("UPDATE code_sets SET state = 'active', state_at = $3, \
            due_at = expires_at WHERE subject = $1 AND id = $2 AND state = 'offered'", "1", "GB002");
    SetLapse = expecting!("UPDATE code_sets SET state = 'lapsed', state_at = $3, due_at = NULL \
            WHERE subject = $1 AND id = $2 AND state = 'offered'", "1", "GB002");
    SetEnd = expecting!("UPDATE code_sets SET state = $4, state_at = $3, state_reason = $5, \
            superseded_by = $6, due_at = NULL \
            WHERE subject = $1 AND id = $2 AND due_at IS NOT NULL", "1", "GB002");
    SetReplace = expecting!("UPDATE code_sets SET replace_by = $3 WHERE subject = $1 AND id = $2", "1", "GB002");
    // The first time, what was declared at issue is put aside.
    SetDeclare = expecting!("UPDATE code_sets SET issued_custody = CASE WHEN declared_at IS NULL THEN custody \
            ELSE issued_custody END, custody = $4, declared_at = $3 WHERE subject = $1 AND id = $2 AND due_at IS NOT NULL", "1", "GB002");
    RecoveryStart = "INSERT INTO recoveries \
            (id, subject, state, due_at, review_by, body, code, approvers, agent, opened_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    // Only what was read is changed: the row decides whether the entry can still follow.
    RecoveryMove = expecting!("UPDATE recoveries SET state = $3, due_at = $4, review_by = $5, \
            body = $6, code = coalesce($7, code), approvers = $8 \
            WHERE id = $1 AND subject = $2 AND body = $9", "1", "GB001");
    // Of these the aggregate's version has decided that the entry can follow.
    ExceptionSet = "INSERT INTO exceptions \
            (id, subject, state, due_at, body, approvers, requested_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (subject, id) DO UPDATE SET \
            state = excluded.state, due_at = excluded.due_at, body = excluded.body, \
            approvers = excluded.approvers";
    ContainmentSet = "INSERT INTO containments (id, body, group_name, salt) \
            VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    BundleSet = "INSERT INTO bundles (id, subject, state, live, due_at, body) \
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (subject, id) DO UPDATE SET \
            state = excluded.state, live = excluded.live, due_at = excluded.due_at, \
            body = excluded.body";
    BundlePartsAdd = "INSERT INTO bundle_parts (bundle, generation, record, sealed) \
            VALUES ($1, $2, $3, $4)";
    BundleErase = "UPDATE bundle_parts SET sealed = NULL \
            WHERE bundle = $1 AND generation = ANY($2::int8[]) AND sealed IS NOT NULL";
    OperatorSet = "INSERT INTO operators (subject, appointment) VALUES ($1, $2) \
            ON CONFLICT (subject) DO UPDATE SET appointment = excluded.appointment";
    // A passkey is one operator's: who was faster with the same one makes this a conflict.
    PasskeyAdd = "INSERT INTO passkeys (credential, subject) VALUES ($1, $2)";
    PasskeyRemove = expecting!("DELETE FROM passkeys WHERE credential = $1 AND subject = $2", "1",
            "GB003");
    PolicySet = concat!("INSERT INTO policies (digest, place, version, loaded_at, text) \
            VALUES ($1, ", place_of!("$6::uuid", "$2::int8"), ", $3, $4, $5) ON CONFLICT (digest) DO UPDATE SET \
            place = excluded.place, version = excluded.version, \
            loaded_at = excluded.loaded_at, text = excluded.text");
    ApiKeyAdd = "INSERT INTO api_keys (id, label, scopes, digest, created_at, group_names, \
            operator) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    AlertAdd = concat!("INSERT INTO alerts (place, subject, name, level, at) VALUES (",
            place_of!("$1::uuid", "$2::int8"), ", $3, $4, $5, $6)");
    ApiKeyRevoke = expecting!("UPDATE api_keys SET revoked_at = $2 WHERE id = $1", "1", "GB003");
    KeyRotate = "INSERT INTO key_generations (purpose, generation) VALUES ($1, $2) \
            ON CONFLICT (purpose) DO UPDATE SET generation = excluded.generation";
    SetUsed = "SELECT used & (1::int8 << $3::int4) <> 0 FROM code_sets \
            WHERE subject = $1 AND id = $2";

    // A snapshot, and what an event that changes a row by the core's word needs of it.
    Aggregate = concat!("SELECT ", aggregate_columns!(), " FROM aggregates a WHERE a.id = ",
            whose!());
    Sets = concat!("SELECT ", set_columns!(), ", s.codes, s.used FROM code_sets s \
            WHERE s.subject = ", whose!(), " AND (s.due_at IS NOT NULL OR s.id IN \
            (SELECT n.id FROM code_sets n WHERE n.subject = ", whose!(), " \
            ORDER BY n.id DESC LIMIT $6::int8)) ORDER BY s.id DESC");
    RecoveriesHeld = concat!("(SELECT body, code FROM recoveries WHERE subject = ", whose!(), " \
            AND due_at IS NOT NULL ORDER BY id DESC LIMIT $6::int8) UNION ALL \
            (SELECT body, code FROM recoveries WHERE subject = ", whose!(), " \
            AND due_at IS NULL ORDER BY id DESC LIMIT $6::int8)");
    // Those that are asked about, however old: by id, or by the name of an earlier request.
    RecoveriesAsked = concat!("SELECT body, code FROM recoveries WHERE subject = ", whose!(), " \
            AND id = $4 UNION SELECT body, code FROM recoveries WHERE subject = ", whose!(), " \
            AND id = (SELECT q.recovery FROM requests q WHERE q.key = $6::bytea \
            AND q.subject = ", whose!(), ")");
    BundlesHeld = concat!("SELECT body FROM bundles WHERE subject = ", whose!(), " \
            ORDER BY live DESC, id DESC LIMIT $6::int8");
    ExceptionsHeld = concat!("SELECT body FROM exceptions WHERE subject = ", whose!(), " \
            ORDER BY due_at IS NULL, id DESC LIMIT $6::int8");
    Approvers = concat!("SELECT ", aggregate_columns!(), ", o.appointment FROM aggregates a \
            LEFT JOIN operators o ON o.subject = a.id WHERE a.id = ANY(ARRAY( \
            SELECT unnest(approvers) FROM recoveries WHERE subject = ", whose!(), " \
            AND due_at IS NOT NULL UNION \
            SELECT unnest(approvers) FROM exceptions WHERE subject = ", whose!(), " \
            AND due_at IS NOT NULL))");
    AddressBookHeld = concat!("SELECT body, codes FROM address_books WHERE subject = ", whose!());
    ContainmentEpoch = "SELECT version FROM aggregates WHERE id = $1";
    Containments = "SELECT body, group_name, salt FROM containments ORDER BY id";
    Contained = concat!("SELECT a.id ", contained!(), " ORDER BY a.id LIMIT $5::int8");
    ContainedLeft = concat!("SELECT count(*) ", contained!());
    ContainmentOf = "SELECT body, group_name, salt FROM containments WHERE id = $1";
    Redemption = "SELECT r.id, e.bytes FROM redemptions r JOIN entries e ON e.place = r.place \
            WHERE r.id = $1";
    Request = "SELECT key, fingerprint, subject, set_id, recovery, bundle, sent, exception, \
            containment FROM requests WHERE key = $1";
    Keys = "SELECT purpose, generation FROM key_generations";
    Operator = concat!("SELECT ", aggregate_columns!(), ", o.appointment FROM aggregates a \
            LEFT JOIN operators o ON o.subject = a.id WHERE a.id = $1");
    OperatorsNow = concat!("SELECT ", aggregate_columns!(), ", o.appointment FROM operators o \
            JOIN aggregates a ON a.id = o.subject ORDER BY a.id");
    ApiKey = "SELECT id, label, scopes, digest, created_at, revoked_at, group_names, operator \
            FROM api_keys WHERE id = $1";
    Passkey = "SELECT subject FROM passkeys WHERE credential = $1";
    Openings = "SELECT opened_at FROM recoveries WHERE agent = $1 \
            ORDER BY opened_at DESC LIMIT $2";
    BundleOf = "SELECT body FROM bundles WHERE subject = $1 AND id = $2";
    ExceptionOf = "SELECT body FROM exceptions WHERE subject = $1 AND id = $2";
    AddressBook = "SELECT body, codes FROM address_books WHERE subject = $1";
    RecoveryOf = "SELECT body, code FROM recoveries WHERE subject = $1 AND id = $2";

    // The same for many at once, numbered from 1, each by reference or else by id: a row for each
    // set of theirs, one without if there is none, and with what was asked of a redemption. Whether
    // more is held than the row and the sets is told. One statement sees one moment.
    // Each table behind a LATERAL of at most a row or so, and each EXISTS with an OFFSET: what the
    // planner may not turn around it cannot turn into a walk over a table that was small once.
    Look = concat!("SELECT ", set_columns!(), ", s.codes, s.used, ", aggregate_columns!(), ", \
            d.n, EXISTS (SELECT 1 FROM recoveries h WHERE h.subject = a.id OFFSET 0) \
            OR EXISTS (SELECT 1 FROM bundles h WHERE h.subject = a.id OFFSET 0) \
            OR EXISTS (SELECT 1 FROM exceptions h WHERE h.subject = a.id OFFSET 0) \
            OR EXISTS (SELECT 1 FROM address_books h WHERE h.subject = a.id OFFSET 0), \
            r.id, r.bytes, (SELECT version FROM aggregates WHERE id = $5::uuid), \
            ARRAY(SELECT purpose FROM key_generations ORDER BY purpose), \
            ARRAY(SELECT generation FROM key_generations ORDER BY purpose) \
            FROM unnest($1::text[], $2::uuid[], $3::uuid[]) WITH ORDINALITY \
            AS d (reference, otherwise, redemption, n) \
            LEFT JOIN LATERAL (SELECT * FROM aggregates f WHERE f.id = \
            coalesce((SELECT id FROM aggregates WHERE reference = d.reference), d.otherwise) \
            LIMIT 1) a ON true \
            LEFT JOIN LATERAL (SELECT * FROM code_sets n WHERE n.subject = a.id \
            ORDER BY n.id DESC LIMIT $4::int8) s ON true \
            LEFT JOIN LATERAL (SELECT f.id, e.bytes FROM redemptions f \
            LEFT JOIN entries e ON e.place = f.place WHERE f.id = d.redemption LIMIT 1) r \
            ON true ORDER BY d.n, s.id DESC");
    LookApiKeys = "SELECT id, label, scopes, digest, created_at, revoked_at, group_names, operator \
            FROM api_keys WHERE id = ANY($1::text[])";

    // Other look-ups.
    AggregateByReference = concat!("SELECT ", aggregate_columns!(), " FROM aggregates a \
            WHERE a.reference = $1");
    Reference = "SELECT reference FROM aggregates WHERE id = $1";
    SetOwner = "SELECT subject FROM code_sets WHERE id = $1";
    Recovery = "SELECT body, code FROM recoveries WHERE id = $1";
    Bundle = "SELECT body FROM bundles WHERE id = $1";
    BundleParts = "SELECT record, sealed FROM bundle_parts WHERE bundle = $1 AND generation = $2";
    Exception = "SELECT body FROM exceptions WHERE id = $1";
    Policy = "SELECT digest, version, loaded_at, text FROM policies ORDER BY place DESC LIMIT 1";
    Entry = "SELECT place, id, bytes FROM entries WHERE id = $1";
    EntryNewest = "SELECT place, bytes FROM entries ORDER BY place DESC LIMIT 1";
    EntryAt = "SELECT id FROM entries WHERE place = $1";
    LogHead = "SELECT size, checkpoint FROM log_head";
    Tile = "SELECT hashes FROM tiles WHERE level = $1 AND place = $2";

    // The tree.
    HeadMove = expecting!("UPDATE log_head SET size = $2, checkpoint = $3 WHERE size = $1", "1",
            "GB001");
    TilesSet = "INSERT INTO tiles (level, place, hashes) \
            SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[]) \
            ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes";
    // The clock is the database's: nodes need not agree on the time.
    // A commit without a row to change would wait for nobody.
    Settle = "SELECT 1 FROM (SELECT pg_logical_emit_message(true, 'glassbreak', '')) AS nothing";
    // What changes when another server takes over.
    ServerTold = "SELECT (pg_control_system()).system_identifier, \
            ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int8, \
            (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8";
    // Emptied, it lets a commit wait for nobody, on connections that were there before as well.
    Waited = "SELECT expect((current_setting('synchronous_standby_names') <> '')::int4, 1, 'GB005')";
    LeaseTake = "INSERT INTO sequencer_lease AS l (holder, until) \
            VALUES ($1, clock_timestamp() + $2::int8 * interval '1 millisecond') \
            ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, until = excluded.until \
            WHERE l.holder = excluded.holder OR l.until < clock_timestamp() RETURNING holder";

    // What is kept beside the log.
    Kept = "SELECT key, version, value FROM shelf WHERE shelf = $1 AND key = $2";
    KeptExpected = "SELECT expect(coalesce((SELECT version FROM shelf WHERE shelf = $1 \
            AND key = $2 FOR UPDATE), 0), $3, 'GB001')";
    KeepNew = "INSERT INTO shelf (shelf, key, version, value) VALUES ($1, $2, 1, $3)";
    Keep = "INSERT INTO shelf AS s (shelf, key, version, value) VALUES ($1, $2, 1, $3) \
            ON CONFLICT (shelf, key) DO UPDATE SET version = s.version + 1, value = excluded.value";
    TakeAway = "DELETE FROM shelf WHERE shelf = $1 AND key = $2";

    // Scans.
    // Of salted codes nothing is read.
    SetsKeyed = "SELECT subject, id, CASE WHEN length(codes) = 32 * count THEN codes ELSE '' END \
            FROM code_sets WHERE (subject, id) > ($1, $2) ORDER BY subject, id LIMIT $3";
    Shelf = "SELECT key, version, value FROM shelf WHERE shelf = $1 AND key >= $2 AND key <= $3 \
            AND ($4::text IS NULL OR key > $4) ORDER BY key LIMIT $5";
    Entries = "SELECT place, id, bytes FROM entries WHERE place >= $1 ORDER BY place LIMIT $2";
    // Down the chain from the newest entry to the one asked for, then up again.
    Timeline = "WITH RECURSIVE chain (place) AS ( \
            SELECT newest FROM aggregates WHERE id = $1 AND newest >= $2 UNION ALL \
            SELECT e.before FROM chain c JOIN entries e ON e.place = c.place \
            WHERE e.before >= $2) \
            SELECT e.place, e.id, e.bytes FROM entries e JOIN chain c ON c.place = e.place \
            ORDER BY e.place LIMIT $3";
    // Down the chain, for as long as it takes to find so many from before $2.
    TimelineNewest = "WITH RECURSIVE chain (place, found) AS ( \
            SELECT newest, (newest < $2::int8)::int4::int8 FROM aggregates WHERE id = $1 UNION ALL \
            SELECT e.before, c.found + (e.before < $2)::int4::int8 FROM chain c \
            JOIN entries e ON e.place = c.place WHERE e.before IS NOT NULL AND c.found < $3::int8) \
            SELECT e.place, e.id, e.bytes FROM entries e JOIN chain c ON c.place = e.place \
            WHERE e.place < $2 ORDER BY e.place DESC LIMIT $3";
    // A subject has few rows that are due: so many of the oldest rows name as many subjects.
    Due = "SELECT min(due_at), subject FROM ((SELECT due_at, subject FROM code_sets \
            WHERE due_at <= $1 ORDER BY due_at, subject LIMIT $3::int8) UNION ALL \
            (SELECT due_at, subject FROM recoveries WHERE due_at <= $1 \
            ORDER BY due_at, subject LIMIT $3::int8) UNION ALL \
            (SELECT due_at, subject FROM bundles WHERE due_at <= $1 \
            ORDER BY due_at, subject LIMIT $3::int8) UNION ALL \
            (SELECT review_at, subject FROM address_books WHERE review_at <= $1 \
            ORDER BY review_at, subject LIMIT $3::int8) UNION ALL \
            (SELECT due_at, subject FROM exceptions WHERE due_at <= $1 \
            ORDER BY due_at, subject LIMIT $3::int8) UNION ALL \
            (SELECT lowered_until, id FROM aggregates \
            WHERE status = 'suspended' AND lowered_until <= $1 \
            ORDER BY lowered_until, id LIMIT $3::int8)) d \
            GROUP BY subject ORDER BY 1, 2 LIMIT $2::int8";
    Orphans = "SELECT a.id FROM aggregates a LEFT JOIN aggregates o ON o.id = a.owner \
            WHERE a.owner IS NOT NULL AND coalesce(o.status, 'departed') = 'departed' \
            AND a.status <> 'departed' AND EXISTS (SELECT 1 FROM code_sets s \
            WHERE s.subject = a.id AND s.due_at IS NOT NULL) LIMIT $1";
    OwnedBy = "SELECT id FROM aggregates WHERE owner = $1 AND status <> 'departed' ORDER BY id";
    ApiKeys = "SELECT id, label, scopes, digest, created_at, revoked_at, group_names, operator \
            FROM api_keys ORDER BY created_at, id";
    // Pages of recoveries, by what they walk over, the oldest first and the newest first.
    RecoveryPage = recovery_page!("", "r.id > $1::uuid AND r.id <= $10::uuid", "r.id");
    RecoveryPageOf = recovery_page!("r.subject = $3 AND",
            "r.id > $1::uuid AND r.id <= $10::uuid", "r.id");
    RecoveryPageAgent = recovery_page!("r.agent = $6 AND",
            "r.id > $1::uuid AND r.id <= $10::uuid", "r.id");
    RecoveryPageReview = recovery_page!("r.review_by IS NOT NULL AND",
            "r.id > $1::uuid AND r.id <= $10::uuid", "r.id");
    RecoveryPageLive = recovery_page!("r.due_at IS NOT NULL AND",
            "r.id > $1::uuid AND r.id <= $10::uuid", "r.id");
    RecoveryPageNewest = recovery_page!("", "r.id < $1::uuid AND r.id >= $10::uuid", "r.id DESC");
    RecoveryPageOfNewest = recovery_page!("r.subject = $3 AND",
            "r.id < $1::uuid AND r.id >= $10::uuid", "r.id DESC");
    RecoveryPageAgentNewest = recovery_page!("r.agent = $6 AND",
            "r.id < $1::uuid AND r.id >= $10::uuid", "r.id DESC");
    RecoveryPageReviewNewest = recovery_page!("r.review_by IS NOT NULL AND",
            "r.id < $1::uuid AND r.id >= $10::uuid", "r.id DESC");
    RecoveryPageLiveNewest = recovery_page!("r.due_at IS NOT NULL AND",
            "r.id < $1::uuid AND r.id >= $10::uuid", "r.id DESC");
    // How far so many recoveries reach.
    RecoveryUpto = "SELECT id FROM recoveries WHERE id > $1::uuid \
            ORDER BY id OFFSET $2::int8 LIMIT 1";
    RecoveryUptoNewest = "SELECT id FROM recoveries WHERE id < $1::uuid \
            ORDER BY id DESC OFFSET $2::int8 LIMIT 1";

    // How things stand.
    LiveCounts = "SELECT state, agent IS NOT NULL, count(*) FROM recoveries \
            WHERE due_at IS NOT NULL GROUP BY 1, 2";
    Windows = "SELECT r.body, r.code, a.reference FROM recoveries r \
            JOIN aggregates a ON a.id = r.subject \
            WHERE r.due_at IS NOT NULL AND r.state = 'window' ORDER BY r.due_at, r.id LIMIT $1";
    ReviewsDue = "SELECT count(*) FROM recoveries WHERE review_by IS NOT NULL";
    ThrottledCount = "SELECT count(*) FROM aggregates WHERE retry_at > $1 AND kind IS NOT NULL";
    ThrottledPage = "SELECT id, reference, tier, failures, retry_at FROM aggregates \
            WHERE retry_at > $1 AND kind IS NOT NULL AND id > $2 ORDER BY id LIMIT $3";
    AlertCounts = "SELECT level, count(*), count(*) FILTER (WHERE at >= $2::int8) FROM alerts \
            WHERE at >= $1::int8 GROUP BY level";
    AlertPage = alert_page!("");
    AlertPageOf = alert_page!("l.subject = $3 AND");
    AlertPageNamed = alert_page!("l.name = $4 AND");

    // The directory, in the order of names.
    SubjectPage = concat!("SELECT ", set_columns!(), ", ", aggregate_columns!(), " \
            FROM aggregates a LEFT JOIN LATERAL (SELECT * FROM code_sets n WHERE n.subject = a.id \
            AND n.kind <> 'canary' ORDER BY n.due_at IS NULL, n.state <> 'active', \
            n.kind <> 'saved', n.id DESC LIMIT 1) s ON true \
            WHERE a.reference >= $1::text AND a.reference <= $2::text AND a.reference <> $3::text \
            AND a.kind IS NOT NULL \
            AND ($5::text IS NULL OR a.tier = $5) AND ($6::text IS NULL OR EXISTS (SELECT 1 \
            FROM json_array_elements_text(a.group_names::json) AS g (name) WHERE g.name = $6)) \
            AND (NOT $7::bool OR (a.status <> 'departed' AND NOT EXISTS (SELECT 1 \
            FROM code_sets c WHERE c.subject = a.id AND c.state = 'active' \
            AND c.kind <> 'canary' OFFSET 0))) ORDER BY a.reference LIMIT $4::int8");
    SubjectUpto = "SELECT reference, id FROM aggregates WHERE reference >= $1::text \
            AND reference <= $2::text AND reference <> $3::text \
            ORDER BY reference OFFSET $4::int8 LIMIT 1";
    ExceptionPage = "SELECT e.body, a.reference FROM exceptions e \
            JOIN aggregates a ON a.id = e.subject WHERE e.due_at IS NOT NULL \
            AND e.id > coalesce($1::uuid, \
            '00000000-0000-0000-0000-000000000000') AND ($3::uuid IS NULL OR e.subject = $3) \
            ORDER BY e.id LIMIT $2::int8";
    BundlePage = "SELECT b.body, a.reference FROM bundles b \
            JOIN aggregates a ON a.id = b.subject WHERE b.id > coalesce($1::uuid, \
            '00000000-0000-0000-0000-000000000000') \
            AND ($3::uuid IS NULL OR b.subject = $3) AND ($4::text IS NULL OR b.state = $4) \
            ORDER BY b.id LIMIT $2::int8";
    BundlesLive = "SELECT body FROM bundles WHERE live ORDER BY id";
    Present = "SELECT id FROM aggregates WHERE id = ANY($1::uuid[]) AND status <> 'departed'";
    // The inventory: all sets, those of one subject, of one state, and the unconfirmed ones.
    Inventory = inventory!("");
    InventoryOf = inventory!("a.reference = $9 AND");
    InventoryState = inventory!("s.state = $4 AND");
    InventoryUnconfirmed = inventory!("s.state IN ('offered', 'lapsed') AND");
    // How far so many sets reach.
    InventoryUpto = "SELECT id FROM code_sets WHERE id > $1::uuid ORDER BY id OFFSET $2::int8 LIMIT 1";
    InventoryUptoState = "SELECT id FROM code_sets WHERE state = $3::text AND id > $1::uuid \
            ORDER BY id OFFSET $2::int8 LIMIT 1";
    InventoryUptoUnconfirmed = "SELECT id FROM code_sets \
            WHERE state IN ('offered', 'lapsed') AND id > $1::uuid \
            ORDER BY id OFFSET $2::int8 LIMIT 1";
    // Subjects by tier, and sets by what the figures take of them; each gathered by its hash.
    InventoryFigures = "SELECT a.tier, NULL AS state, NULL AS kind, NULL AS custody, NULL AS live, \
            NULL AS band, NULL AS overdue, NULL AS expiring, count(*), count(*) FILTER \
            (WHERE EXISTS (SELECT 1 FROM code_sets s WHERE s.subject = a.id \
            AND s.state = 'active' AND s.kind <> 'canary')), a.assurance \
            FROM aggregates a WHERE a.status <> 'departed' GROUP BY a.tier, a.assurance UNION ALL \
            SELECT NULL, s.state, s.kind, s.custody, s.due_at IS NOT NULL, \
            width_bucket($1::int8 - s.issued_at, $3::int8[]), \
            coalesce(s.expires_at <= $1 OR s.replace_by <= $1, false), s.expires_at < $2::int8, \
            count(*), 0, NULL FROM code_sets s GROUP BY 2, 3, 4, 5, 6, 7, 8";

    // All there is, for `log replay`.
    AggregatesAll = concat!("SELECT ", aggregate_columns!(), " FROM aggregates a");
    SetsAll = concat!("SELECT ", set_columns!(), ", s.codes, s.used FROM code_sets s");
    RecoveriesAll = "SELECT body, code FROM recoveries";
    OperatorsAll = "SELECT appointment, subject FROM operators";
    RedemptionsAll = "SELECT r.id, e.bytes FROM redemptions r LEFT JOIN entries e \
            ON e.place = r.place";
    RequestsAll = "SELECT key, fingerprint, subject, set_id, recovery, bundle, sent, exception, \
            containment FROM requests";
    BundlesAll = "SELECT body FROM bundles";
    BundlePartsAll = "SELECT record, sealed, bundle, generation FROM bundle_parts";
    AddressBooksAll = "SELECT body, codes, subject FROM address_books";
    ExceptionsAll = "SELECT body FROM exceptions";
    PasskeysAll = "SELECT credential, subject FROM passkeys";
    AlertsAll = "SELECT e.id, l.subject, l.name, l.level, l.at FROM alerts l \
            JOIN entries e ON e.place = l.place";
    PoliciesAll = "SELECT digest, version, loaded_at, text FROM policies";
}
