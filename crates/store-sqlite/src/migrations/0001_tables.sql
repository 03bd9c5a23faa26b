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
    place     INTEGER PRIMARY KEY CHECK (place >= 0),
    id        BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    aggregate BLOB NOT NULL CHECK (length(aggregate) = 16),
    bytes     BLOB NOT NULL
) STRICT;
CREATE INDEX entries_aggregate ON entries (aggregate);

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

-- A subject that left keeps its row; a new registration takes it up again.
CREATE TABLE subjects (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind          TEXT NOT NULL,
    tier          TEXT NOT NULL,
    assurance     TEXT NOT NULL,
    ial           TEXT NOT NULL,
    owner         BLOB CHECK (length(owner) = 16),
    status        TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'departed')),
    status_at     INTEGER CHECK ((status = 'active') = (status_at IS NULL)),
    by_account    INTEGER NOT NULL DEFAULT 0 CHECK (by_account IN (0, 1)),
    by_risk       INTEGER NOT NULL DEFAULT 0 CHECK (by_risk IN (0, 1)),
    registered_at INTEGER NOT NULL,
    directory     BLOB NOT NULL CHECK (length(directory) = 32)
) STRICT, WITHOUT ROWID;

-- Personal data, beside the log. A row may be erased; `subjects.directory` keeps its digest.
CREATE TABLE directory (
    subject     BLOB PRIMARY KEY REFERENCES subjects (id),
    reference   TEXT NOT NULL UNIQUE,
    group_names TEXT NOT NULL,
    addresses   TEXT NOT NULL,
    salt        BLOB NOT NULL CHECK (length(salt) = 16)
) STRICT, WITHOUT ROWID;

-- One row for each aggregate that ever had an event, registered or not. Every commit is
-- conditional on `version`.
CREATE TABLE budgets (
    id       BLOB PRIMARY KEY CHECK (length(id) = 16),
    version  INTEGER NOT NULL CHECK (version > 0),
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    retry_at INTEGER
) STRICT, WITHOUT ROWID;

-- A subject's sets lie together. Ids of sets are UUIDs of version 7, so `codes` grows at its end.
CREATE TABLE code_sets (
    id                BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    subject           BLOB NOT NULL REFERENCES subjects (id),
    kind              TEXT NOT NULL,
    profile           TEXT NOT NULL,
    scheme            TEXT NOT NULL,
    key_generation    INTEGER NOT NULL,
    count             INTEGER NOT NULL,
    reason            TEXT NOT NULL,
    session_assurance TEXT NOT NULL,
    custody           TEXT,
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
    used              INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND count),
    failures          INTEGER NOT NULL DEFAULT 0,
    replace_by        INTEGER,
    -- Of a live set: from when on time has ended it. Of an ended one: nothing.
    due_at            INTEGER CHECK ((state IN ('offered', 'active')) = (due_at IS NOT NULL)),
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_sets_due ON code_sets (due_at) WHERE due_at IS NOT NULL;

-- What is stored in place of each code. Scheme and generation are those of the set.
CREATE TABLE codes (
    set_id        BLOB NOT NULL REFERENCES code_sets (id),
    ordinal       INTEGER NOT NULL,
    mac           BLOB NOT NULL CHECK (length(mac) = 32),
    salt          BLOB CHECK (length(salt) = 16),
    redemption_id BLOB CHECK (length(redemption_id) = 16),
    PRIMARY KEY (set_id, ordinal)
) STRICT, WITHOUT ROWID;

-- What is remembered under the caller's name for an attempt.
CREATE TABLE redemptions (
    id           BLOB PRIMARY KEY CHECK (length(id) = 16),
    subject      BLOB NOT NULL CHECK (length(subject) = 16),
    fingerprint  BLOB NOT NULL CHECK (length(fingerprint) = 16),
    at           INTEGER NOT NULL,
    ending       TEXT NOT NULL CHECK (ending IN ('accepted', 'deferred', 'refused')),
    set_id       BLOB CHECK ((ending = 'refused') = (set_id IS NULL)),
    ordinal      INTEGER CHECK ((ending = 'accepted') = (ordinal IS NOT NULL)),
    remaining    INTEGER CHECK ((ending = 'accepted') = (remaining IS NOT NULL)),
    replace_by   INTEGER CHECK ((ending = 'accepted') = (replace_by IS NOT NULL)),
    alternatives TEXT CHECK ((ending = 'deferred') = (alternatives IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- What is remembered under the digest of the caller's name for a request.
CREATE TABLE requests (
    key         BLOB PRIMARY KEY CHECK (length(key) = 32),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 16),
    subject     BLOB NOT NULL CHECK (length(subject) = 16),
    set_id      BLOB CHECK (length(set_id) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    label      TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE key_generations (
    purpose    TEXT PRIMARY KEY,
    generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
