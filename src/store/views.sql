-- What people ask. Views are made anew at every migration, so they may be changed freely; only the columns of v_suppressed (address, kind,
-- category, since, until, ...) and of v_streak (address, streak, ...) are fixed. Times are shown in ISO 8601, UTC.

-- Who is refused now: one row an address or `@domain`, the entry that decides. `until` NULL: for ever.
CREATE VIEW v_suppressed AS
SELECT s.address,
       s.kind,
       s.category,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.until, 'unixepoch') AS until,
       s.operator, s.rule, s.ref, s.actor, s.note
FROM suppression AS s
WHERE s.scope = '' AND s.state = 'active' AND (s.until IS NULL OR s.until > unixepoch())
  AND NOT EXISTS (SELECT 1 FROM exemption AS e WHERE e.address IN (s.address, '@' || s.domain))
  AND NOT EXISTS (SELECT 1 FROM suppression AS o
                  WHERE o.address = s.address AND o.scope = '' AND o.state = 'active' AND (o.until IS NULL OR o.until > unixepoch())
                    AND instr('complaint unsubscribe manual hard soft', o.kind) < instr('complaint unsubscribe manual hard soft', s.kind));

-- Why: every change of an address, with the evidence it rests on.  SELECT * FROM v_why WHERE address = 'a@b.example';
CREATE VIEW v_why AS
SELECT a.address,
       strftime('%Y-%m-%dT%H:%M:%SZ', a.at, 'unixepoch') AS at,
       a.act, a.kind, a.category, a.cause, a.actor, a.rule, a.operator,
       e.host, e.queue_id, e.sender,
       strftime('%Y-%m-%dT%H:%M:%SZ', e.entered, 'unixepoch') AS entered,
       e.attempts, e.ended_by, e.relay, e.code, e.status, e.text
FROM audit AS a LEFT JOIN evidence AS e ON e.id = a.evidence
WHERE a.address <> '';

-- Failed sends in a row, of addresses without an active hard entry.
CREATE VIEW v_streak AS
SELECT r.address,
       r.streak,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.streak_since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.last_failure, 'unixepoch') AS last_failure,
       r.last_category AS category,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.last_delivery, 'unixepoch') AS last_delivery
FROM recipient AS r
WHERE r.streak > 0
  AND NOT EXISTS (SELECT 1 FROM suppression AS s
                  WHERE s.address = r.address AND s.kind = 'hard' AND s.scope = '' AND s.state = 'active'
                    AND (s.until IS NULL OR s.until > unixepoch()));

-- Entries that may be wrong: delivered to although hard, or held back by the brake.
CREATE VIEW v_at_risk AS
SELECT s.address, s.kind, s.category,
       CASE WHEN s.state = 'pending' THEN 'pending' ELSE 'delivered since' END AS risk,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.until, 'unixepoch') AS until,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.contradicted_at, 'unixepoch') AS contradicted_at,
       s.operator, s.rule, s.ref, e.code, e.status, e.text
FROM suppression AS s LEFT JOIN evidence AS e ON e.id = s.evidence
WHERE (s.state = 'pending' OR s.contradicted_at IS NOT NULL) AND (s.until IS NULL OR s.until > unixepoch());

-- Who refuses our mail for what we are or send, and not for the address: by day, operator and category.
CREATE VIEW v_blocked AS
SELECT strftime('%Y-%m-%d', e.at, 'unixepoch') AS day,
       e.operator, e.category,
       count(*) AS failures,
       count(DISTINCT e.address) AS addresses,
       strftime('%Y-%m-%dT%H:%M:%SZ', max(e.at), 'unixepoch') AS last_at,
       e.code, e.status, e.text                               -- of the newest (SQLite: bare columns beside max())
FROM evidence AS e
WHERE e.what = 'failed' AND e.category IN ('blocked', 'rate-limited', 'auth', 'content', 'policy')
GROUP BY 1, 2, 3;
