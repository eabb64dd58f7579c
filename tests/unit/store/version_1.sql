-- A database of version 1, as that program made it: its tables, views and triggers.
-- The tables of suppressd. People read them with sqlite3, so they are an interface: named in the words of the manual, STRICT, and changed
-- by forward migrations only (migration.cpp). Views are in views.sql; what happens to changes by hand, in triggers.sql.
--
-- Times are Unix seconds (UTC). An address is stored in its canonical form: lower case, domain as A-labels, no brackets, no source route,
-- no trailing dot, quotes only where RFC 5321 needs them. `provider` is who runs the mailbox's server: a registrable domain.
-- A column that does not apply is '' (texts) or NULL (times, references).

-- Who is refused. To suppress by hand, at once and for ever:  INSERT INTO suppression(address) VALUES ('a@b.example');
-- An entry that was lifted or ran out stays, with `until` in the past; it refuses nobody. To lift one by hand:
--   UPDATE suppression SET until = unixepoch() WHERE address = 'a@b.example';
-- WITHOUT ROWID: the table is one tree ordered by address, so that the milter's question costs one descent.
CREATE TABLE suppression (
  address         TEXT NOT NULL,                              -- an address, or a whole `@domain`
  kind            TEXT NOT NULL DEFAULT 'manual'              -- why: the first of these that is in force decides
    CONSTRAINT "kind must be complaint, unsubscribe, manual, hard or soft"
    CHECK (kind IN ('complaint', 'unsubscribe', 'manual', 'hard', 'soft')),
  scope           TEXT NOT NULL DEFAULT '',                   -- '' for all mail; a sender's domain is reserved for later
  state           TEXT NOT NULL DEFAULT 'active'              -- a pending entry refuses nobody until it is confirmed
    CONSTRAINT "state must be active or pending" CHECK (state IN ('active', 'pending')),
  category        TEXT NOT NULL DEFAULT 'manual'              -- bad-mailbox, mailbox-full ...; stands in the refusal
    CONSTRAINT "category must be a word of a-z, 0-9 and -" CHECK (category GLOB '[a-z]*' AND category NOT GLOB '*[^a-z0-9-]*'),
  rule            TEXT NOT NULL DEFAULT '',                   -- id of the rule that judged; '' by hand
  provider        TEXT NOT NULL DEFAULT '',                   -- who runs the mailbox's server; '' by hand
  since           INTEGER NOT NULL DEFAULT (unixepoch()),     -- when it began
  until           INTEGER DEFAULT NULL                        -- first second at which it refuses no longer; NULL: for ever
    CONSTRAINT "until must not be before since" CHECK (until IS NULL OR until >= since),
  ref             TEXT NOT NULL DEFAULT ''                    -- shown in the refusal; '' by hand: derived from address, kind and since
    CONSTRAINT "ref must consist of letters, digits and -" CHECK (ref NOT GLOB '*[^A-Za-z0-9-]*'),
  evidence        INTEGER DEFAULT NULL,                       -- evidence.id it rests on; NULL by hand
  contradicted_at INTEGER DEFAULT NULL,                       -- a delivery that came although the entry is hard
  node            TEXT NOT NULL DEFAULT '',                   -- reserved: the host that wrote it, when several share a list
  note            TEXT NOT NULL DEFAULT '',                   -- free text for people
  actor           TEXT NOT NULL DEFAULT 'sqlite3',            -- suppressd, or who did it
  domain          TEXT NOT NULL                               -- the part behind the last @ (computed, not stored)
    GENERATED ALWAYS AS (substr(address, length(rtrim(address, replace(address, '@', ''))) + 1)) VIRTUAL,
  PRIMARY KEY (address, kind, scope),
  CONSTRAINT "address must be canonical: user@domain or @domain, without control characters"
    CHECK (instr(address, '@') > 0 AND domain <> '' AND length(CAST(address AS BLOB)) <= 320 AND instr(address, char(0)) = 0
           AND address NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || ']*'),
  CONSTRAINT "address must be canonical: lower case"
    CHECK (address = lower(address)),
  CONSTRAINT "address must be canonical: a domain of A-labels (a-z, 0-9, - and _) or an address literal, without trailing dot"
    CHECK (CASE WHEN domain GLOB '[[]?*]' THEN substr(domain, 2, length(domain) - 2) NOT GLOB '*[^a-z0-9.:]*'
                ELSE domain NOT GLOB '*[^a-z0-9._-]*' AND '.' || domain || '.' NOT GLOB '*..*' END),
  CONSTRAINT "address must be canonical: no <>, no source route, quotes where the local part needs them (blanks, specials) and only there"
    CHECK (CASE WHEN address GLOB '@*' THEN substr(address, 2) = domain
                WHEN address GLOB '"*"@*' THEN
                  replace(replace(substr(address, 2, length(address) - length(domain) - 3), '\\', ''), '\"', '') NOT GLOB '*["\]*'
                  AND (substr(address, 2, length(address) - length(domain) - 3) GLOB '*[][ "(),:;<>@\]*'
                       OR '.' || substr(address, 2, length(address) - length(domain) - 3) || '.' GLOB '*..*')
                ELSE substr(address, 1, length(address) - length(domain) - 1) NOT GLOB '*[][ "(),:;<>@\]*'
                     AND '.' || substr(address, 1, length(address) - length(domain) - 1) || '.' NOT GLOB '*..*' END)
) STRICT, WITHOUT ROWID;

-- Addresses and whole `@domain`s that are never refused, whatever stands in `suppression`, and of which nothing is learned.
CREATE TABLE exemption (
  address TEXT NOT NULL PRIMARY KEY,                          -- an address, or a whole `@domain`
  since   INTEGER NOT NULL DEFAULT (unixepoch()),             -- when it was written
  note    TEXT NOT NULL DEFAULT '',                           -- free text for people
  actor   TEXT NOT NULL DEFAULT 'sqlite3',                    -- who did it
  domain  TEXT NOT NULL                                       -- the part behind the last @ (computed, not stored)
    GENERATED ALWAYS AS (substr(address, length(rtrim(address, replace(address, '@', ''))) + 1)) VIRTUAL,
  CONSTRAINT "address must be canonical: user@domain or @domain, without control characters"
    CHECK (instr(address, '@') > 0 AND domain <> '' AND length(CAST(address AS BLOB)) <= 320 AND instr(address, char(0)) = 0
           AND address NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || ']*'),
  CONSTRAINT "address must be canonical: lower case"
    CHECK (address = lower(address)),
  CONSTRAINT "address must be canonical: a domain of A-labels (a-z, 0-9, - and _) or an address literal, without trailing dot"
    CHECK (CASE WHEN domain GLOB '[[]?*]' THEN substr(domain, 2, length(domain) - 2) NOT GLOB '*[^a-z0-9.:]*'
                ELSE domain NOT GLOB '*[^a-z0-9._-]*' AND '.' || domain || '.' NOT GLOB '*..*' END),
  CONSTRAINT "address must be canonical: no <>, no source route, quotes where the local part needs them (blanks, specials) and only there"
    CHECK (CASE WHEN address GLOB '@*' THEN substr(address, 2) = domain
                WHEN address GLOB '"*"@*' THEN
                  replace(replace(substr(address, 2, length(address) - length(domain) - 3), '\\', ''), '\"', '') NOT GLOB '*["\]*'
                  AND (substr(address, 2, length(address) - length(domain) - 3) GLOB '*[][ "(),:;<>@\]*'
                       OR '.' || substr(address, 2, length(address) - length(domain) - 3) || '.' GLOB '*..*')
                ELSE substr(address, 1, length(address) - length(domain) - 1) NOT GLOB '*[][ "(),:;<>@\]*'
                     AND '.' || substr(address, 1, length(address) - length(domain) - 1) || '.' NOT GLOB '*..*' END)
) STRICT, WITHOUT ROWID;

-- What is remembered of an address between sends. An address of which nothing is known has no row.
CREATE TABLE recipient (
  address              TEXT NOT NULL PRIMARY KEY,
  last_delivery        INTEGER DEFAULT NULL,                  -- newest delivery
  last_delivery_id     TEXT NOT NULL DEFAULT '',              -- queue id of that message
  last_manual          INTEGER DEFAULT NULL,                  -- newest act by hand; older events change nothing any more
  streak               INTEGER NOT NULL DEFAULT 0,            -- counted failed sends in a row
  streak_since         INTEGER DEFAULT NULL,                  -- first counted failure of the streak
  last_failure         INTEGER DEFAULT NULL,                  -- newest counted failure
  last_failure_entered INTEGER DEFAULT NULL,                  -- when the message of that failure had entered
  last_category        TEXT NOT NULL DEFAULT '',              -- category of that failure
  soft_step            INTEGER NOT NULL DEFAULT 0,            -- steps taken on the ladder of soft entries
  hard_step            INTEGER NOT NULL DEFAULT 0             -- steps taken on the ladder of hard entries that end
) STRICT, WITHOUT ROWID;

CREATE INDEX recipient_in_streak ON recipient(address) WHERE streak > 0;

-- Messages that are open in the MTA's queue, as far as the log was read. Queue ids come back, so `entered` is part of the key.
CREATE TABLE message (
  queue_id    TEXT NOT NULL,
  host        TEXT NOT NULL,                                  -- log host
  instance    TEXT NOT NULL,                                  -- syslog name without the service: `postfix`, `postfix-out`, `sendmail`
  entered     INTEGER NOT NULL,                               -- when the message entered
  sender      TEXT DEFAULT NULL,                              -- envelope sender; '' for the null sender; NULL: not known yet
  null_sender INTEGER NOT NULL DEFAULT 0,                     -- 1: mail of the null sender teaches nothing
  last_line   INTEGER NOT NULL,                               -- newest log line about it
  recipients  INTEGER NOT NULL DEFAULT 0,                     -- how many it has; 0: not known
  ended       INTEGER NOT NULL DEFAULT 0,                     -- how many of them have ended
  message     TEXT NOT NULL DEFAULT '',                       -- digest of its Message-ID; '' where report.index is off
  PRIMARY KEY (queue_id, host, instance, entered)
) STRICT, WITHOUT ROWID;

-- Open sends that have failed attempts: one message to one recipient.
CREATE TABLE send (
  queue_id     TEXT NOT NULL,                                 -- these four: the row in message
  host         TEXT NOT NULL,
  instance     TEXT NOT NULL,
  entered      INTEGER NOT NULL,
  address      TEXT NOT NULL,
  first_failed INTEGER NOT NULL,                              -- first failed attempt
  last_failed  INTEGER NOT NULL,                              -- newest failed attempt
  attempts     INTEGER NOT NULL,                              -- failed attempts
  deferred     INTEGER NOT NULL,                              -- 1: the last attempt was deferred, so that expiry fails the send
  counted      INTEGER NOT NULL,                              -- 1: failed by the retry window already
  category     TEXT NOT NULL,                                 -- these: the judgement of the last attempt
  action       TEXT NOT NULL,
  weak         INTEGER NOT NULL,                              -- 1: judged by a rule that time may prove wrong
  rule         TEXT NOT NULL,
  code         INTEGER NOT NULL,                              -- reply code; 0: none
  status       TEXT NOT NULL,                                 -- enhanced status
  stage        TEXT NOT NULL,                                 -- of the SMTP dialogue
  provider     TEXT NOT NULL,
  relay        TEXT NOT NULL,
  text         TEXT NOT NULL,                                 -- the server's words, cleaned
  PRIMARY KEY (queue_id, host, instance, entered, address)
) STRICT, WITHOUT ROWID;

-- What changes rest on: an attempt that ended a send, or a report that came by mail.
CREATE TABLE evidence (
  id           INTEGER PRIMARY KEY,
  address      TEXT NOT NULL,
  at           INTEGER NOT NULL,                              -- time of the line or the report
  what         TEXT NOT NULL,                                 -- failed, delivered, complaint
  origin       TEXT NOT NULL,                                 -- log or report
  host         TEXT NOT NULL,                                 -- these three: which message, as in message
  instance     TEXT NOT NULL,
  queue_id     TEXT NOT NULL,
  entered      INTEGER DEFAULT NULL,                          -- when the message entered
  sender       TEXT NOT NULL,                                 -- envelope sender
  first_failed INTEGER DEFAULT NULL,                          -- first failed attempt of the send
  attempts     INTEGER NOT NULL,                              -- failed attempts of the send
  ended_by     TEXT NOT NULL,                                 -- bounced, expired, window; '' for a delivery
  category     TEXT NOT NULL,
  action       TEXT NOT NULL,                                 -- hard, soft, none, complaint
  weak         INTEGER NOT NULL DEFAULT 0,                    -- 1: judged by a rule that time may prove wrong
  rule         TEXT NOT NULL,                                 -- id of the rule that judged
  code         INTEGER NOT NULL,                              -- reply code; 0: none
  status       TEXT NOT NULL,                                 -- enhanced status
  stage        TEXT NOT NULL,                                 -- of the SMTP dialogue
  provider     TEXT NOT NULL,
  relay        TEXT NOT NULL,
  text         TEXT NOT NULL                                  -- the server's words, cleaned
) STRICT;

-- The natural key: the same event is stored once, however often it is read.
CREATE UNIQUE INDEX evidence_key ON evidence(address, at, host, queue_id, what);

-- Deliveries of late, for reports that say that one was none: how the address stood before it. Those that changed nothing have a row only
-- where report.index is on, which also makes them findable by Message-ID.
CREATE TABLE delivery (
  address              TEXT NOT NULL,
  at                   INTEGER NOT NULL,                      -- when the message was delivered
  queue_id             TEXT NOT NULL,                         -- these four: which message, as in message
  host                 TEXT NOT NULL,
  instance             TEXT NOT NULL,
  entered              INTEGER DEFAULT NULL,
  message              TEXT NOT NULL DEFAULT '',              -- digest of its Message-ID; '' where report.index is off
  last_delivery        INTEGER DEFAULT NULL,                  -- these ten: the row in recipient as it was before
  last_delivery_id     TEXT NOT NULL,
  last_manual          INTEGER DEFAULT NULL,
  streak               INTEGER NOT NULL,
  streak_since         INTEGER DEFAULT NULL,
  last_failure         INTEGER DEFAULT NULL,
  last_failure_entered INTEGER DEFAULT NULL,
  last_category        TEXT NOT NULL,
  soft_step            INTEGER NOT NULL,
  hard_step            INTEGER NOT NULL,
  soft_since           INTEGER DEFAULT NULL,                  -- these six: its soft and its hard entry as they were before
  soft_until           INTEGER DEFAULT NULL,
  hard_since           INTEGER DEFAULT NULL,
  hard_until           INTEGER DEFAULT NULL,
  hard_state           TEXT NOT NULL DEFAULT '',
  hard_contradicted_at INTEGER DEFAULT NULL,
  PRIMARY KEY (address, at, queue_id, host)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_by_time ON delivery(at);
CREATE INDEX delivery_of_message ON delivery(message) WHERE message <> '';

-- What reports said that nothing proves: they changed nothing. The newest are kept.
CREATE TABLE unproven (
  id            INTEGER PRIMARY KEY,
  at            INTEGER NOT NULL,                             -- time of the report
  address       TEXT NOT NULL,                                -- whom it is about; '' where it does not say
  what          TEXT NOT NULL,                                -- failed or complaint
  category      TEXT NOT NULL,
  why           TEXT NOT NULL,                                -- why it is not believed, one sentence for people
  queue_id      TEXT NOT NULL,                                -- of the message, where a true trace tells
  reporting_mta TEXT NOT NULL,                                -- who says so
  form          TEXT NOT NULL,                                -- rfc3464, rfc5965, qmail ...
  status        TEXT NOT NULL,                                -- enhanced status
  text          TEXT NOT NULL                                 -- its words, cleaned
) STRICT;

CREATE UNIQUE INDEX unproven_key ON unproven(address, at, what, queue_id, text);

-- Log lines by day: how many an attempt or the fate of a message was read from, how many teach nothing, and how many looked like the MTA's
-- and were not understood. Of the last the newest are in line_sample.
CREATE TABLE line_count (
  day            TEXT NOT NULL PRIMARY KEY,                   -- 2026-11-01 (UTC), of the lines
  understood     INTEGER NOT NULL DEFAULT 0,
  ignored        INTEGER NOT NULL DEFAULT 0,                  -- teach nothing
  not_understood INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE line_sample (
  id   INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,                                      -- time of the line; 0 where it has none
  line TEXT NOT NULL                                          -- cleaned and cut
) STRICT;

-- Every change to `suppression` and `exemption`, and every removal of old rows: what, why, and who.
CREATE TABLE audit (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,                 -- in the order of writing
  at       INTEGER NOT NULL,                                  -- time of the event; of a change by hand: the clock's
  address  TEXT NOT NULL,                                     -- '' for removals
  act      TEXT NOT NULL,                                     -- suppressed, pending, confirmed, dropped, lifted, contradicted, added,
                                                              -- changed, restored, exempted, unexempted, expunged, erased
  kind     TEXT NOT NULL DEFAULT '',                          -- these: of the entry
  category TEXT NOT NULL DEFAULT '',
  rule     TEXT NOT NULL DEFAULT '',
  provider TEXT NOT NULL DEFAULT '',
  evidence INTEGER DEFAULT NULL,                              -- evidence.id it rests on
  actor    TEXT NOT NULL DEFAULT 'sqlite3',                   -- suppressd, or who did it
  cause    TEXT NOT NULL DEFAULT '',                          -- one sentence for people
  before   TEXT NOT NULL DEFAULT '',                          -- JSON: entry and recipient as they were, where a change can be taken back
  batch    INTEGER DEFAULT NULL                               -- batch.id, where several changes belong together
) STRICT;

CREATE INDEX audit_of_address ON audit(address, at);
CREATE INDEX audit_of_batch ON audit(batch) WHERE batch IS NOT NULL;

-- Groups of changes by hand: an undo, a restore, an import. Its number is what `suppressctl undo` prints.
CREATE TABLE batch (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  at    INTEGER NOT NULL DEFAULT (unixepoch()),
  act   TEXT NOT NULL DEFAULT '',                             -- undo, restore, lift, import
  actor TEXT NOT NULL DEFAULT ''
) STRICT;

-- Recipients that the milter refused, or would have refused.
CREATE TABLE refusal (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  address  TEXT NOT NULL,
  sender   TEXT NOT NULL,                                     -- envelope sender; '' for the null sender
  queue_id TEXT NOT NULL,                                     -- '' where the MTA had given none yet
  client   TEXT NOT NULL,                                     -- IP address of the client, or local
  kind     TEXT NOT NULL,                                     -- these three: of the entry that decided
  category TEXT NOT NULL,
  ref      TEXT NOT NULL,
  outcome  TEXT NOT NULL                                      -- refused, removed, monitored, bypassed
) STRICT;

CREATE INDEX refusal_of_address ON refusal(address, at);
CREATE INDEX refusal_by_time ON refusal(at);

-- What is left of refusals past their time. Outcome `dropped` counts notes that were lost because the queue was full.
CREATE TABLE refusal_day (
  day      TEXT NOT NULL,                                     -- 2026-11-01 (UTC)
  kind     TEXT NOT NULL,
  category TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (day, kind, category, outcome)
) STRICT, WITHOUT ROWID;

-- Sends that ended, by day: for rates against their limits.
CREATE TABLE rate (
  day           TEXT NOT NULL,                                -- 2026-11-01 (UTC)
  sender_domain TEXT NOT NULL,
  provider      TEXT NOT NULL,
  tag           TEXT NOT NULL DEFAULT '',                     -- campaign or stream, where mail is tagged
  delivered     INTEGER NOT NULL DEFAULT 0,
  hard          INTEGER NOT NULL DEFAULT 0,                   -- failed, by action of the category
  soft          INTEGER NOT NULL DEFAULT 0,
  other         INTEGER NOT NULL DEFAULT 0,
  complaint     INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, sender_domain, provider, tag)
) STRICT, WITHOUT ROWID;

-- How far each log was read. A log is known by its content, never by its path.
CREATE TABLE cursor (
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL,                                   -- file or journal
  source     TEXT NOT NULL,                                   -- path or `journal`: for finding and showing
  first_line TEXT NOT NULL,                                   -- SHA-256 of the first complete line; '' for a journal
  offset     INTEGER NOT NULL,                                -- bytes that were taken, decompressed
  digest     TEXT NOT NULL,                                   -- SHA-256 of the bytes before offset
  position   TEXT NOT NULL,                                   -- the journal's own cursor
  last_time  INTEGER DEFAULT NULL,                            -- time of the last entry
  zone       TEXT NOT NULL,                                   -- time zone of lines without one; '' the system's
  swept      INTEGER DEFAULT NULL,                            -- when silent messages were last dropped
  saved      INTEGER NOT NULL                                 -- counts all saves: the greatest is the newest
) STRICT;

CREATE INDEX cursor_of_source ON cursor(source, saved);
CREATE INDEX cursor_of_stream ON cursor(first_line, saved);
CREATE INDEX cursor_by_save ON cursor(saved);

-- Log lines that are known to be lost.
CREATE TABLE gap (
  id        INTEGER PRIMARY KEY,
  lost_from INTEGER NOT NULL,                                 -- last time that was read before it
  lost_to   INTEGER NOT NULL,                                 -- first time after it, or when it was noticed
  source    TEXT NOT NULL,
  reason    TEXT NOT NULL                                     -- one sentence for people
) STRICT;

-- Attempts and new hard entries of each provider in the last hour, for the brake.
CREATE TABLE traffic (
  provider TEXT NOT NULL,
  start    INTEGER NOT NULL,                                  -- of five minutes
  attempts INTEGER NOT NULL,
  hard     INTEGER NOT NULL,                                  -- new hard entries, active and pending
  PRIMARY KEY (provider, start)
) STRICT, WITHOUT ROWID;

-- Numbers of the program itself. `learning` counts commits that changed message, send or traffic.
CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value ANY
) STRICT, WITHOUT ROWID;

INSERT INTO meta VALUES ('learning', 0);
-- What people ask. Views are made anew at every migration, so they may be changed freely; only the columns of v_suppressed (address, kind,
-- category, since, until, ...) and of v_streak (address, streak, ...) are fixed. Times are shown in ISO 8601, UTC.

-- Who is refused now: one row an address or `@domain`, the entry that decides. `until` NULL: for ever.
CREATE VIEW v_suppressed AS
SELECT s.address,
       s.kind,
       s.category,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.until, 'unixepoch') AS until,
       s.provider, s.rule, s.ref, s.actor, s.note
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
       a.act, a.kind, a.category, a.cause, a.actor, a.rule, a.provider,
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
       s.provider, s.rule, s.ref, e.code, e.status, e.text
FROM suppression AS s LEFT JOIN evidence AS e ON e.id = s.evidence
WHERE (s.state = 'pending' OR s.contradicted_at IS NOT NULL) AND (s.until IS NULL OR s.until > unixepoch());

-- Who refuses our mail for what we are or send, and not for the address: by day, provider and category.
CREATE VIEW v_blocked AS
SELECT strftime('%Y-%m-%d', e.at, 'unixepoch') AS day,
       e.provider, e.category,
       count(*) AS failures,
       count(DISTINCT e.address) AS addresses,
       strftime('%Y-%m-%dT%H:%M:%SZ', max(e.at), 'unixepoch') AS last_at,
       e.code, e.status, e.text                               -- of the newest (SQLite: bare columns beside max())
FROM evidence AS e
WHERE e.what = 'failed' AND e.category IN ('blocked', 'rate-limited', 'auth', 'content', 'policy')
GROUP BY 1, 2, 3;
-- Changes by hand, with the sqlite3 shell, are audited here, and count as manual acts: events older than the change no longer undo it.
-- The program's own connections switch triggers off (SQLITE_DBCONFIG_ENABLE_TRIGGER), for its writers audit each change with its cause.
-- A bulk load by hand may do the same with `.dbconfig enable_trigger off`.

CREATE TRIGGER suppression_inserted_by_hand AFTER INSERT ON suppression
BEGIN
  INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause)
  VALUES (unixepoch(), new.address, 'added', new.kind, new.category, new.rule, new.provider, new.evidence, new.actor, 'row inserted by hand');
  INSERT INTO recipient(address, last_manual)
  SELECT new.address, unixepoch() WHERE new.address NOT GLOB '@*'
  ON CONFLICT (address) DO UPDATE SET last_manual = excluded.last_manual;
END;

CREATE TRIGGER suppression_updated_by_hand AFTER UPDATE ON suppression
BEGIN
  INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause, before)
  VALUES (unixepoch(), new.address,
          CASE WHEN new.until <= unixepoch() AND (old.until IS NULL OR old.until > unixepoch()) THEN 'lifted'
               WHEN new.state = 'active' AND old.state = 'pending' THEN 'confirmed'
               WHEN new.state = 'pending' AND old.state = 'active' THEN 'pending'
               ELSE 'changed' END,
          new.kind, new.category, new.rule, new.provider, new.evidence, 'sqlite3', 'row changed by hand',
          json_object('entry', json_object('address', old.address, 'kind', old.kind, 'state', old.state, 'category', old.category,
            'rule', old.rule, 'provider', old.provider, 'since', old.since, 'until', old.until, 'ref', old.ref, 'evidence', old.evidence,
            'contradicted_at', old.contradicted_at, 'note', old.note, 'actor', old.actor)));
  INSERT INTO recipient(address, last_manual)
  SELECT new.address, unixepoch() WHERE new.address NOT GLOB '@*'
  ON CONFLICT (address) DO UPDATE SET last_manual = excluded.last_manual;
  UPDATE recipient SET streak = 0, streak_since = NULL, soft_step = 0, hard_step = 0
  WHERE address = new.address AND new.until <= unixepoch() AND (old.until IS NULL OR old.until > unixepoch());
END;

CREATE TRIGGER suppression_deleted_by_hand AFTER DELETE ON suppression
BEGIN
  INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause, before)
  VALUES (unixepoch(), old.address, 'lifted', old.kind, old.category, old.rule, old.provider, old.evidence, 'sqlite3', 'row deleted by hand',
          json_object('entry', json_object('address', old.address, 'kind', old.kind, 'state', old.state, 'category', old.category,
            'rule', old.rule, 'provider', old.provider, 'since', old.since, 'until', old.until, 'ref', old.ref, 'evidence', old.evidence,
            'contradicted_at', old.contradicted_at, 'note', old.note, 'actor', old.actor)));
  INSERT INTO recipient(address, last_manual)
  SELECT old.address, unixepoch() WHERE old.address NOT GLOB '@*'
  ON CONFLICT (address) DO UPDATE
    SET last_manual = excluded.last_manual, streak = 0, streak_since = NULL, soft_step = 0, hard_step = 0;
END;

CREATE TRIGGER exemption_inserted_by_hand AFTER INSERT ON exemption
BEGIN
  INSERT INTO audit(at, address, act, actor, cause) VALUES (unixepoch(), new.address, 'exempted', new.actor, 'row inserted by hand');
END;

CREATE TRIGGER exemption_deleted_by_hand AFTER DELETE ON exemption
BEGIN
  INSERT INTO audit(at, address, act, actor, cause) VALUES (unixepoch(), old.address, 'unexempted', 'sqlite3', 'row deleted by hand');
END;

CREATE TRIGGER exemption_updated_by_hand AFTER UPDATE OF address ON exemption
BEGIN
  INSERT INTO audit(at, address, act, actor, cause) VALUES (unixepoch(), old.address, 'unexempted', 'sqlite3', 'row changed by hand');
  INSERT INTO audit(at, address, act, actor, cause) VALUES (unixepoch(), new.address, 'exempted', 'sqlite3', 'row changed by hand');
END;

PRAGMA application_id = 1398100048;
PRAGMA user_version = 1;
