-- Tables as full as those of a small town, so that the planner has to choose. Every subject has a set,
-- an entry and a redemption; few have anything else that is live.
CREATE FUNCTION named(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT (kind || lpad(to_hex(n), 24, '0'))::uuid $$;
INSERT INTO aggregates (id, version, newest, kind, tier, assurance, ial, owner, status, registered_at,
    directory, reference, group_names, addresses, salt)
SELECT named('00000001', n), 2, 2 * n + 1, 'person', 'standard', 'aal2', 'none',
    CASE WHEN n % 20 = 0 THEN named('00000001', n / 20) END, 'active', 1, sha256('d'), 'subject-' || n,
    '[]', '[]', substring(sha256('s') FROM 1 FOR 16)
FROM generate_series(1, 20000) n;
INSERT INTO entries (place, id, bytes)
SELECT n, named('00000002', n), convert_to(repeat('x', 600), 'UTF8') FROM generate_series(0, 40000) n;
INSERT INTO code_sets (id, subject, kind, profile, scheme, key_generation, count, reason,
    session_assurance, verifiers, issued_at, place, expires_at, state, state_at, due_at, codes)
SELECT named('00000003', n), named('00000001', n), 'saved', 'strong', '"keyed"', 1, 10, 'enrolment', 'aal2',
    sha256('v'), n, n, 1000000 + n,
    CASE n % 100 WHEN 0 THEN 'offered' WHEN 1 THEN 'lapsed' WHEN 2 THEN 'expired' ELSE 'active' END, n,
    CASE WHEN n % 100 IN (1, 2) THEN NULL ELSE 1000000 + n END,
    decode(repeat('ab', 320), 'hex')
FROM generate_series(1, 20000) n;
INSERT INTO redemptions SELECT named('00000004', n), n FROM generate_series(1, 40000) n;
INSERT INTO requests (key, fingerprint, subject)
SELECT sha256(n::text::bytea), substring(sha256('f') FROM 1 FOR 16), named('00000001', n)
FROM generate_series(1, 20000) n;
INSERT INTO recoveries (id, subject, state, due_at, review_by, body, approvers, agent, opened_at)
SELECT named('00000005', n), named('00000001', n), CASE WHEN n % 50 = 0 THEN 'open' ELSE 'completed' END,
    CASE WHEN n % 50 = 0 THEN n END, CASE WHEN n % 200 = 1 THEN n END, '{}', '{}',
    CASE WHEN n % 3 = 0 THEN named('00000001', n % 40) END, n
FROM generate_series(1, 20000) n;
INSERT INTO exceptions (id, subject, state, due_at, body, approvers, requested_at)
SELECT named('00000006', n), named('00000001', n), CASE WHEN n % 50 = 0 THEN 'granted' ELSE 'ended' END,
    CASE WHEN n % 50 = 0 THEN n END, '{}', '{}', n
FROM generate_series(1, 10000) n;
INSERT INTO bundles (id, subject, state, live, due_at, body)
SELECT named('00000007', n), named('00000001', n), CASE WHEN n % 50 = 0 THEN 'active' ELSE 'revoked' END,
    n % 50 = 0, CASE WHEN n % 100 = 0 THEN n END, '{}'
FROM generate_series(1, 10000) n;
INSERT INTO bundle_parts (bundle, generation, record) SELECT id, 1, '{}' FROM bundles;
INSERT INTO address_books (subject, body, review_at, codes)
SELECT named('00000001', n), '{}', n, '' FROM generate_series(1, 10000) n;
INSERT INTO operators SELECT named('00000001', n), '{}' FROM generate_series(1, 10000) n;
INSERT INTO passkeys SELECT 'passkey-' || n, named('00000001', n) FROM generate_series(1, 10000) n;
INSERT INTO tiles SELECT 0, n, sha256('t') FROM generate_series(0, 10000) n;
ANALYZE;
