-- The tables. All but the log's own are projections of the entries: a fold of the entries from the
-- start gives them again. Digests are 32 bytes, times milliseconds since the Unix epoch; enumerations
-- are written as the log spells them. JSON is text: nobody but the server reads it, and jsonb cannot
-- hold every string.

-- Ends the transaction that rested on something else than it found. Writes say in one round trip what
-- they do and what they count on; the server of the database is the one to compare.
CREATE FUNCTION expect(counted bigint, wanted bigint, otherwise text) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    IF counted <> wanted THEN
        RAISE EXCEPTION 'expected % rows and found %', wanted, counted USING ERRCODE = otherwise;
    END IF;
    RETURN counted;
END
$$;

-- The place of the next entry. Every commit moves it on, so commits have one order over all nodes:
-- who holds this row is the one that is committing.
CREATE TABLE log_counter (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    next bigint NOT NULL CHECK (next >= 0)
) WITH (fillfactor = 10);
INSERT INTO log_counter (next) VALUES (0);

-- The log's entries. `place` is the order of commits and the leaf index, without gaps.
CREATE TABLE entries (
    place  bigint PRIMARY KEY CHECK (place >= 0),
    id     uuid NOT NULL UNIQUE,
    -- The place of the entry before it of the same aggregate. A chain and not an index by
    -- aggregate: each entry would write a page of that index, and few are ever looked up by it.
    before bigint CHECK (before < place),
    bytes  bytea NOT NULL
);

-- How far the tree over the entries has come; no checkpoint before the first step.
CREATE TABLE log_head (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    size       bigint NOT NULL CHECK (size >= 0),
    checkpoint text
);
INSERT INTO log_head (size) VALUES (0);
CREATE TABLE tiles (
    level  smallint NOT NULL,
    place  bigint NOT NULL,
    hashes bytea NOT NULL CHECK (length(hashes) % 32 = 0 AND length(hashes) <= 8192),
    PRIMARY KEY (level, place)
);

-- Which node moves the tree, and until when. Unlogged: after a crash or on a new primary nobody does,
-- and whoever comes first takes it.
CREATE UNLOGGED TABLE sequencer_lease (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    holder uuid NOT NULL,
    until  timestamptz NOT NULL
);

-- One row for each aggregate that ever had an event: subjects, names tried that nobody has, and
-- the world. Every commit is conditional on `version`, and moves it on.
CREATE TABLE aggregates (
    id            uuid PRIMARY KEY,
    version       bigint NOT NULL CHECK (version > 0),
    -- The place of its newest entry, where the chain of its entries begins.
    newest        bigint NOT NULL CHECK (newest >= 0),
    failures      bigint NOT NULL DEFAULT 0 CHECK (failures >= 0),
    retry_at      bigint,
    -- Of a subject. One that left keeps it; a new registration takes it up again.
    kind          text,
    tier          text COLLATE "C" CHECK ((tier IS NULL) = (kind IS NULL)),
    assurance     text CHECK ((assurance IS NULL) = (kind IS NULL)),
    ial           text CHECK ((ial IS NULL) = (kind IS NULL)),
    owner         uuid,
    status        text CHECK (status IN ('active', 'suspended', 'departed')),
    status_at     bigint CHECK ((status_at IS NULL) = (status IS NULL OR status = 'active')),
    by_account    boolean NOT NULL DEFAULT false,
    by_risk       boolean NOT NULL DEFAULT false,
    by_recovery   boolean NOT NULL DEFAULT false,
    -- Its protection was lowered: it rests until then, also if it left and comes back.
    lowered_until bigint CHECK (lowered_until IS NULL OR status <> 'active'),
    registered_at bigint CHECK ((registered_at IS NULL) = (kind IS NULL)),
    directory     bytea CHECK (length(directory) = 32),
    -- Personal data, beside the log. It may be erased, set to null; `directory` keeps its digest.
    reference     text COLLATE "C",
    group_names   text CHECK ((group_names IS NULL) = (reference IS NULL)),
    addresses     text CHECK ((addresses IS NULL) = (reference IS NULL)),
    -- Its recovery contacts: other people's addresses, and erased with the rest. Null is none.
    contacts      text CHECK (contacts IS NULL OR reference IS NOT NULL),
    salt          bytea CHECK (length(salt) = 16),
    -- When its codes recovered it, were a second factor, were sent: the newest times, newest first,
    -- 8 bytes each. Limits over time count them.
    recovered     bytea NOT NULL DEFAULT '' CHECK (length(recovered) % 8 = 0),
    second_factor bytea NOT NULL DEFAULT '' CHECK (length(second_factor) % 8 = 0),
    codes_sent    bytea NOT NULL DEFAULT '' CHECK (length(codes_sent) % 8 = 0),
    CHECK ((kind IS NULL) = (status IS NULL) AND (kind IS NULL) = (directory IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX aggregates_owner ON aggregates (owner) WHERE owner IS NOT NULL;
CREATE INDEX aggregates_lowered ON aggregates (lowered_until, id)
    WHERE status = 'suspended' AND lowered_until IS NOT NULL;
-- Of a subject that has to wait. Where nobody has to, a redemption writes nothing of it.
CREATE INDEX aggregates_retry ON aggregates (retry_at, id)
    WHERE retry_at IS NOT NULL AND kind IS NOT NULL;
CREATE UNIQUE INDEX aggregates_reference ON aggregates (reference) WHERE reference IS NOT NULL;

-- A subject's sets, each with what is stored in place of its codes and with what was used of them:
-- accepting a code writes one row of this table. Room is left on each page, so that the new version
-- of a row lies beside the old one and no index is touched.
CREATE TABLE code_sets (
    id                uuid NOT NULL UNIQUE,
    subject           uuid NOT NULL REFERENCES aggregates (id),
    kind              text NOT NULL,
    profile           text NOT NULL,
    scheme            text NOT NULL,
    key_generation    bigint NOT NULL,
    count             bigint NOT NULL,
    reason            text NOT NULL,
    session_assurance text NOT NULL,
    -- Where the holder keeps it by their last word; and, if they gave that later, when, and the
    -- place that was declared when it was issued.
    custody           text,
    declared_at       bigint,
    issued_custody    text,
    verifiers         bytea NOT NULL CHECK (length(verifiers) = 32),
    issued_at         bigint NOT NULL,
    -- The place of the entry that issued it: the order among sets of the same millisecond.
    place             bigint NOT NULL,
    expires_at        bigint NOT NULL,
    state             text COLLATE "C" NOT NULL,
    -- What the state carries: since when, by when, why, by which.
    state_at          bigint NOT NULL,
    state_reason      text CHECK ((state = 'revoked') = (state_reason IS NOT NULL)),
    superseded_by     uuid CHECK ((state = 'superseded') = (superseded_by IS NOT NULL)),
    failures          bigint NOT NULL DEFAULT 0,
    replace_by        bigint,
    -- Of a live set: from when on time has ended it. Of an ended one: nothing.
    due_at            bigint CHECK ((state IN ('offered', 'active')) = (due_at IS NOT NULL)),
    -- The codes by ordinal: 32 bytes of MAC each, and 16 of salt where the scheme stretches.
    codes             bytea NOT NULL CHECK (length(codes) IN (32 * count, 48 * count)),
    -- Which of them were used, a bit each: bit 0 is ordinal 0. An acceptance needs its bit clear.
    used              bigint NOT NULL DEFAULT 0 CHECK (used >= 0 AND used >> count::int = 0),
    -- By which redemptions, in the order of use: a byte of ordinal and 16 of the redemption's id.
    uses              bytea NOT NULL DEFAULT '' CHECK (length(uses) % 17 = 0),
    PRIMARY KEY (subject, id)
) WITH (fillfactor = 70);
CREATE INDEX code_sets_due ON code_sets (due_at, subject) WHERE due_at IS NOT NULL;
-- For the inventory, in the order of its pages. There is none on what a redemption changes: its
-- new row would no longer lie beside the old one.
CREATE INDEX code_sets_state ON code_sets (state, id);
CREATE INDEX code_sets_unconfirmed ON code_sets (id) WHERE state IN ('offered', 'lapsed');

-- The entry that tells what came of the attempt which the caller gave this name.
CREATE TABLE redemptions (
    id    uuid PRIMARY KEY,
    place bigint NOT NULL
);

-- What is remembered under the digest of the caller's name for a request.
CREATE TABLE requests (
    key         bytea PRIMARY KEY CHECK (length(key) = 32),
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 16),
    subject     uuid NOT NULL,
    set_id      uuid,
    recovery    uuid,
    bundle      uuid,
    sent        uuid,
    exception   uuid,
    containment uuid
);

-- `body` is the recovery as the fold has it, in JSON; what is searched for lies beside it.
CREATE TABLE recoveries (
    id        uuid NOT NULL UNIQUE,
    subject   uuid NOT NULL REFERENCES aggregates (id),
    state     text NOT NULL,
    -- Of a live recovery: from when on time ends it.
    due_at    bigint CHECK ((state IN ('open', 'window')) = (due_at IS NOT NULL)),
    -- While a review is due: by when.
    review_by bigint,
    body      text NOT NULL,
    -- What is stored in place of the last code sent: 32 bytes of MAC and 16 of salt.
    code      bytea CHECK (length(code) = 48),
    -- Who approved it: a snapshot holds them as they stand now, read in the same round trip.
    approvers uuid[] NOT NULL,
    -- Of a support case: who opened it, and when.
    agent     uuid,
    opened_at bigint NOT NULL,
    PRIMARY KEY (subject, id)
);
CREATE INDEX recoveries_due ON recoveries (due_at, subject) WHERE due_at IS NOT NULL;
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
    place   bigint PRIMARY KEY REFERENCES entries (place),
    subject uuid,
    name    text COLLATE "C" NOT NULL,
    level   bigint NOT NULL CHECK (level BETWEEN 0 AND 4),
    at      bigint NOT NULL
);
CREATE INDEX alerts_subject ON alerts (subject, place) WHERE subject IS NOT NULL;
CREATE INDEX alerts_name ON alerts (name, place);
CREATE INDEX alerts_at ON alerts (at, level);

-- Recovery bundles. `body` is the bundle as the fold has it, in JSON.
CREATE TABLE bundles (
    id      uuid NOT NULL UNIQUE,
    subject uuid NOT NULL REFERENCES aggregates (id),
    -- Of its foremost generation.
    state   text NOT NULL,
    live    boolean NOT NULL,
    -- While an opening is allowed: until when.
    due_at  bigint CHECK (due_at IS NULL OR live),
    body    text NOT NULL,
    PRIMARY KEY (subject, id)
);
CREATE INDEX bundles_due ON bundles (due_at, subject) WHERE due_at IS NOT NULL;
CREATE INDEX bundles_live ON bundles (id) WHERE live;

-- What lies beside the log of each generation: the public record, and the sealed secret, which is
-- erased when the generation is superseded or revoked.
CREATE TABLE bundle_parts (
    bundle     uuid NOT NULL REFERENCES bundles (id),
    generation bigint NOT NULL CHECK (generation > 0),
    record     text NOT NULL,
    sealed     bytea,
    PRIMARY KEY (bundle, generation)
);

-- Which of a subject's addresses were confirmed, and its recovery contacts, as the fold has them, in
-- JSON; salted digests, no address. Subjects with none have no row.
CREATE TABLE address_books (
    subject   uuid PRIMARY KEY REFERENCES aggregates (id),
    body      text NOT NULL,
    -- While there are contacts: from when on a review of them is due.
    review_at bigint,
    -- What is stored in place of each awaited code: 16 bytes of its id, 32 of MAC and 16 of salt.
    codes     bytea NOT NULL CHECK (length(codes) % 64 = 0)
);
CREATE INDEX address_books_review ON address_books (review_at, subject) WHERE review_at IS NOT NULL;

-- Exceptions, laid out like recoveries.
CREATE TABLE exceptions (
    id        uuid NOT NULL UNIQUE,
    subject   uuid NOT NULL REFERENCES aggregates (id),
    state     text NOT NULL,
    -- Of a live exception: from when on time ends it.
    due_at    bigint CHECK ((state <> 'ended') = (due_at IS NOT NULL)),
    body      text NOT NULL,
    approvers uuid[] NOT NULL,
    requested_at bigint NOT NULL,
    PRIMARY KEY (subject, id)
);
CREATE INDEX exceptions_due ON exceptions (due_at, subject) WHERE due_at IS NOT NULL;

-- Containments, as the fold has them, in JSON. The name of a group and its salt lie beside the log,
-- and are never erased: without them nobody could tell whom the containment covers.
CREATE TABLE containments (
    id         uuid PRIMARY KEY,
    body       text NOT NULL,
    group_name text,
    salt       bytea CHECK (length(salt) = 16),
    CHECK ((group_name IS NULL) = (salt IS NULL))
);

-- What an appointed subject may do, and the passkeys it signs with, in JSON.
CREATE TABLE operators (
    subject     uuid PRIMARY KEY REFERENCES aggregates (id),
    appointment text NOT NULL
);

-- Whose passkey each credential is now: nobody's is anybody else's as well.
CREATE TABLE passkeys (
    credential text COLLATE "C" PRIMARY KEY,
    subject    uuid NOT NULL REFERENCES operators (subject)
);

CREATE TABLE api_keys (
    id         text COLLATE "C" PRIMARY KEY,
    label      text NOT NULL,
    scopes     text NOT NULL,
    digest     bytea NOT NULL CHECK (length(digest) = 32),
    created_at bigint NOT NULL,
    revoked_at bigint,
    -- The groups it is bound to, a JSON array.
    group_names text NOT NULL,
    -- Whose own it is, if it is one operator's.
    operator   uuid
);

-- Sets of policies that were ever in force. The one that is has the greatest place.
CREATE TABLE policies (
    digest    bytea PRIMARY KEY CHECK (length(digest) = 32),
    place     bigint NOT NULL UNIQUE,
    version   text NOT NULL,
    loaded_at bigint NOT NULL,
    text      text NOT NULL
);

CREATE TABLE key_generations (
    purpose    text PRIMARY KEY,
    generation bigint NOT NULL
);

-- What is kept beside the log: no evidence, and no code depends on it. Keys go by their bytes.
CREATE TABLE shelf (
    shelf   text COLLATE "C" NOT NULL,
    key     text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    value   bytea NOT NULL,
    PRIMARY KEY (shelf, key)
);
