-- The tables. All but the log's own are projections of the entries: a fold of the entries from the
-- start gives them again. UUIDs are 16 bytes, digests 32, times milliseconds since the Unix epoch;
-- enumerations are written as the log spells them.

-- Marks the file as a Glassbreak database ("gbdb").
PRAGMA application_id = 1734501474;

CREATE TABLE migrations (
    number   INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    -- The digest of the file that was run: a file edited afterwards is found.
    checksum BLOB NOT NULL CHECK (length(checksum) = 32)
) STRICT;

-- The log's entries. `place` is the order of commits and the leaf index, without gaps.
CREATE TABLE entries (
    place  INTEGER PRIMARY KEY CHECK (place >= 0),
    id     BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    -- The place of the entry before it of the same aggregate. A chain and not an index by
    -- aggregate: each entry would write a page of that index, and few are ever looked up by it.
    before INTEGER CHECK (before < place),
    bytes  BLOB NOT NULL
) STRICT;

-- How far the tree over the entries has come.
CREATE TABLE log_head (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    size       INTEGER NOT NULL CHECK (size >= 0),
    checkpoint TEXT NOT NULL
) STRICT;
CREATE TABLE tiles (
    level  INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    hashes BLOB NOT NULL CHECK (length(hashes) % 32 = 0 AND length(hashes) <= 8192),
    PRIMARY KEY (level, place)
) STRICT;

-- One row for each aggregate that ever had an event: subjects, names tried that nobody has, and
-- the world. Every commit is conditional on `version`, and moves it on. What else is known of a
-- subject lies in the same row, because every decision reads it: a row more is a page more.
CREATE TABLE aggregates (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    version       INTEGER NOT NULL CHECK (version > 0),
    -- The place of its newest entry, where the chain of its entries begins.
    newest        INTEGER NOT NULL CHECK (newest >= 0),
    failures      INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    retry_at      INTEGER,
    -- Of a subject. One that left keeps it; a new registration takes it up again.
    kind          TEXT,
    tier          TEXT CHECK ((tier IS NULL) = (kind IS NULL)),
    assurance     TEXT CHECK ((assurance IS NULL) = (kind IS NULL)),
    ial           TEXT CHECK ((ial IS NULL) = (kind IS NULL)),
    owner         BLOB CHECK (length(owner) = 16),
    status        TEXT CHECK (status IN ('active', 'suspended', 'departed')),
    status_at     INTEGER CHECK ((status_at IS NULL) = (status IS NULL OR status = 'active')),
    by_account    INTEGER NOT NULL DEFAULT 0 CHECK (by_account IN (0, 1)),
    by_risk       INTEGER NOT NULL DEFAULT 0 CHECK (by_risk IN (0, 1)),
    by_recovery   INTEGER NOT NULL DEFAULT 0 CHECK (by_recovery IN (0, 1)),
    -- Its protection was lowered: it rests until then, also if it left and comes back.
    lowered_until INTEGER CHECK (lowered_until IS NULL OR status <> 'active'),
    registered_at INTEGER CHECK ((registered_at IS NULL) = (kind IS NULL)),
    directory     BLOB CHECK (length(directory) = 32),
    -- Personal data, beside the log. It may be erased, set to null; `directory` keeps its digest.
    reference     TEXT,
    group_names   TEXT CHECK ((group_names IS NULL) = (reference IS NULL)),
    addresses     TEXT CHECK ((addresses IS NULL) = (reference IS NULL)),
    -- Its recovery contacts: other people's addresses, and erased with the rest. Null is none.
    contacts      TEXT CHECK (contacts IS NULL OR reference IS NOT NULL),
    salt          BLOB CHECK (length(salt) = 16),
    -- When its codes recovered it, were a second factor, were sent: the newest times, newest first,
    -- 8 bytes each. Limits over time count them.
    recovered     BLOB NOT NULL DEFAULT x'' CHECK (length(recovered) % 8 = 0),
    second_factor BLOB NOT NULL DEFAULT x'' CHECK (length(second_factor) % 8 = 0),
    codes_sent    BLOB NOT NULL DEFAULT x'' CHECK (length(codes_sent) % 8 = 0),
    -- What it ever had of other tables, a bit each: 1 recoveries, 2 bundles, 4 exceptions, 8 an
    -- address book. Of what it never had nothing is read.
    holds         INTEGER NOT NULL DEFAULT 0 CHECK (holds BETWEEN 0 AND 15),
    CHECK ((kind IS NULL) = (status IS NULL) AND (kind IS NULL) = (directory IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX aggregates_owner ON aggregates (owner) WHERE owner IS NOT NULL;
CREATE INDEX aggregates_lowered ON aggregates (lowered_until)
    WHERE status = 'suspended' AND lowered_until IS NOT NULL;
-- Of a subject that has to wait. Where nobody has to, a redemption writes nothing of it.
CREATE INDEX aggregates_retry ON aggregates (retry_at, kind)
    WHERE retry_at IS NOT NULL AND kind IS NOT NULL;
CREATE UNIQUE INDEX aggregates_reference ON aggregates (reference) WHERE reference IS NOT NULL;

-- A subject's sets lie together, each with what is stored in place of its codes and with what was
-- used of them: accepting a code writes one row of this table.
CREATE TABLE code_sets (
    id                BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    subject           BLOB NOT NULL REFERENCES aggregates (id),
    kind              TEXT NOT NULL,
    profile           TEXT NOT NULL,
    scheme            TEXT NOT NULL,
    key_generation    INTEGER NOT NULL,
    count             INTEGER NOT NULL,
    reason            TEXT NOT NULL,
    session_assurance TEXT NOT NULL,
    -- Where the holder keeps it by their last word; and, if they gave that later, when, and the
    -- place that was declared when it was issued.
    custody           TEXT,
    declared_at       INTEGER,
    issued_custody    TEXT,
    verifiers         BLOB NOT NULL CHECK (length(verifiers) = 32),
    issued_at         INTEGER NOT NULL,
    -- The place of the entry that issued it: the order among sets of the same millisecond.
    place             INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    state             TEXT NOT NULL,
    -- What the state carries: since when, by when, why, by which.
    state_at          INTEGER NOT NULL,
    state_reason      TEXT CHECK ((state = 'revoked') = (state_reason IS NOT NULL)),
    superseded_by     BLOB CHECK ((state = 'superseded') = (superseded_by IS NOT NULL)),
    failures          INTEGER NOT NULL DEFAULT 0,
    replace_by        INTEGER,
    -- Of a live set: from when on time has ended it. Of an ended one: nothing.
    due_at            INTEGER CHECK ((state IN ('offered', 'active')) = (due_at IS NOT NULL)),
    -- The codes by ordinal: 32 bytes of MAC each, and 16 of salt where the scheme stretches.
    codes             BLOB NOT NULL CHECK (length(codes) IN (32 * count, 48 * count)),
    -- Which of them were used, a bit each: bit 0 is ordinal 0. An acceptance needs its bit clear.
    used              INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0 AND used >> count = 0),
    -- By which redemptions, in the order of use: a byte of ordinal and 16 of the redemption's id.
    uses              BLOB NOT NULL DEFAULT x'' CHECK (length(uses) % 17 = 0),
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_sets_due ON code_sets (due_at) WHERE due_at IS NOT NULL;
-- For the inventory, in the order of its pages. There is none on what a redemption changes: each
-- would write a page of it.
CREATE INDEX code_sets_state ON code_sets (state, id);
CREATE INDEX code_sets_unconfirmed ON code_sets (id, state) WHERE state IN ('offered', 'lapsed');

-- The entry that tells what came of the attempt which the caller gave this name. Names in the order
-- of time (UUIDs of version 7) lie side by side; for a caller who gives them in no order each insert
-- writes a page of its own. The rows are as small as can be, for many of them to share one.
CREATE TABLE redemptions (
    id    BLOB PRIMARY KEY CHECK (length(id) = 16),
    place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is remembered under the digest of the caller's name for a request.
CREATE TABLE requests (
    key         BLOB PRIMARY KEY CHECK (length(key) = 32),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
    subject     BLOB NOT NULL CHECK (length(subject) = 16),
    set_id      BLOB CHECK (length(set_id) = 16),
    recovery    BLOB CHECK (length(recovery) = 16),
    bundle      BLOB CHECK (length(bundle) = 16),
    sent        BLOB CHECK (length(sent) = 16),
    exception   BLOB CHECK (length(exception) = 16),
    containment BLOB CHECK (length(containment) = 16)
) STRICT, WITHOUT ROWID;

-- A subject's recoveries lie together. `body` is the recovery as the fold has it, in JSON; what is
-- searched for lies beside it.
CREATE TABLE recoveries (
    id        BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    subject   BLOB NOT NULL REFERENCES aggregates (id),
    state     TEXT NOT NULL,
    -- Of a live recovery: from when on time ends it.
    due_at    INTEGER CHECK ((state IN ('open', 'window')) = (due_at IS NOT NULL)),
    -- While a review is due: by when.
    review_by INTEGER,
    body      TEXT NOT NULL,
    -- What is stored in place of the last code sent: 32 bytes of MAC and 16 of salt.
    code      BLOB CHECK (length(code) = 48),
    -- Of a support case: who opened it, and when.
    agent     BLOB CHECK (length(agent) = 16),
    opened_at INTEGER NOT NULL,
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;
-- With what the live ones are counted by, so that counting reads nothing else.
CREATE INDEX recoveries_due ON recoveries (due_at, subject, state, agent) WHERE due_at IS NOT NULL;
-- For counting an agent's openings.
CREATE INDEX recoveries_agent ON recoveries (agent, opened_at) WHERE agent IS NOT NULL;
-- For lists, each in the order of its pages: what is under way, an agent's cases, what is to be
-- reviewed. Without them a page sorts all there are.
CREATE INDEX recoveries_live ON recoveries (id) WHERE due_at IS NOT NULL;
CREATE INDEX recoveries_of_agent ON recoveries (agent, id) WHERE agent IS NOT NULL;
CREATE INDEX recoveries_review ON recoveries (id) WHERE review_by IS NOT NULL;

-- The alerts among the entries, by what they are listed by; the rest is in the entry. The level is
-- its place in the list of levels, the least first.
CREATE TABLE alerts (
    place   INTEGER PRIMARY KEY REFERENCES entries (place),
    subject BLOB CHECK (length(subject) = 16),
    name    TEXT NOT NULL,
    level   INTEGER NOT NULL CHECK (level BETWEEN 0 AND 4),
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_subject ON alerts (subject, place) WHERE subject IS NOT NULL;
CREATE INDEX alerts_name ON alerts (name, place);
CREATE INDEX alerts_at ON alerts (at, level);

-- A subject's recovery bundles lie together. `body` is the bundle as the fold has it, in JSON.
CREATE TABLE bundles (
    id      BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    subject BLOB NOT NULL REFERENCES aggregates (id),
    -- Of its foremost generation.
    state   TEXT NOT NULL,
    live    INTEGER NOT NULL CHECK (live IN (0, 1)),
    -- While an opening is allowed: until when.
    due_at  INTEGER CHECK (due_at IS NULL OR live = 1),
    body    TEXT NOT NULL,
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bundles_due ON bundles (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX bundles_live ON bundles (live) WHERE live = 1;

-- What lies beside the log of each generation: the public record, and the sealed secret, which is
-- erased when the generation is superseded or revoked.
CREATE TABLE bundle_parts (
    bundle     BLOB NOT NULL CHECK (length(bundle) = 16),
    generation INTEGER NOT NULL CHECK (generation > 0),
    record     TEXT NOT NULL,
    sealed     BLOB,
    PRIMARY KEY (bundle, generation)
) STRICT;
-- Which of a subject's addresses were confirmed, and its recovery contacts, as the fold has them, in
-- JSON; salted digests, no address. Subjects with none have no row.
CREATE TABLE address_books (
    subject   BLOB PRIMARY KEY REFERENCES aggregates (id),
    body      TEXT NOT NULL,
    -- While there are contacts: from when on a review of them is due.
    review_at INTEGER,
    -- What is stored in place of each awaited code: 16 bytes of its id, 32 of MAC and 16 of salt.
    codes     BLOB NOT NULL CHECK (length(codes) % 64 = 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX address_books_review ON address_books (review_at) WHERE review_at IS NOT NULL;

-- Exceptions, laid out like recoveries.
CREATE TABLE exceptions (
    id      BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    subject BLOB NOT NULL REFERENCES aggregates (id),
    state   TEXT NOT NULL,
    -- Of a live exception: from when on time ends it.
    due_at  INTEGER CHECK ((state <> 'ended') = (due_at IS NOT NULL)),
    body    TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX exceptions_due ON exceptions (due_at) WHERE due_at IS NOT NULL;

-- Containments, as the fold has them, in JSON. The name of a group and its salt lie beside the log,
-- and are never erased: without them nobody could tell whom the containment covers.
CREATE TABLE containments (
    id         BLOB PRIMARY KEY CHECK (length(id) = 16),
    body       TEXT NOT NULL,
    group_name TEXT,
    salt       BLOB CHECK (length(salt) = 16),
    CHECK ((group_name IS NULL) = (salt IS NULL))
) STRICT, WITHOUT ROWID;

-- What an appointed subject may do, and the passkeys it signs with, in JSON.
CREATE TABLE operators (
    subject     BLOB PRIMARY KEY REFERENCES aggregates (id),
    appointment TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whose passkey each credential is now: nobody's is anybody else's as well.
CREATE TABLE passkeys (
    credential TEXT PRIMARY KEY,
    subject    BLOB NOT NULL REFERENCES operators (subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    label      TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    -- The groups it is bound to, a JSON array.
    group_names TEXT NOT NULL,
    -- Whose own it is, if it is one operator's.
    operator   BLOB CHECK (length(operator) = 16)
) STRICT, WITHOUT ROWID;

-- Sets of policies that were ever in force. The one that is has the greatest place.
CREATE TABLE policies (
    digest    BLOB PRIMARY KEY CHECK (length(digest) = 32),
    place     INTEGER NOT NULL UNIQUE,
    version   TEXT NOT NULL,
    loaded_at INTEGER NOT NULL,
    text      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_generations (
    purpose    TEXT PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is kept beside the log: no evidence, and no code depends on it. Keys go by their bytes.
CREATE TABLE shelf (
    shelf   TEXT NOT NULL,
    key     TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    value   BLOB NOT NULL,
    PRIMARY KEY (shelf, key)
) STRICT, WITHOUT ROWID;
