-- The tables of suppressd. People read them with sqlite3, so they are an interface: named in the words of the manual, STRICT, and changed
-- by forward migrations only (migration.cpp). Views are in views.sql; triggers for changes by hand, in triggers.sql.
--
-- Times are Unix seconds (UTC). An address is stored in its canonical form: lower case, domain as A-labels, no brackets, no source route,
-- no trailing dot, quotes only where RFC 5321 needs them. `provider` is who runs the mailbox's server: a registrable domain.
-- A column that does not apply is '' (texts) or NULL (times, references).

-- Who is refused. To suppress an address by hand, from now on and permanently:
--   INSERT OR REPLACE INTO suppression(address) VALUES ('a@b.example');
-- `@b.example` covers the whole domain, `@.b.example` all its subdomains and not the domain itself. For mail of one sender only:
--   INSERT OR REPLACE INTO suppression(address, kind, scope) VALUES ('a@b.example', 'unsubscribe', 'shop.example');
-- The program's rows of kind hard, soft and complaint follow from the events of the address: `evidence`, `act`, and the deliveries in
-- `recipient`. A row that has run out stays, with `until` in the past; it refuses no one. To lift one:
--   UPDATE suppression SET until = unixepoch() WHERE address = 'a@b.example';
-- WITHOUT ROWID: the table is one tree ordered by address, so a look-up by the milter costs one descent.
CREATE TABLE suppression (
  address         TEXT NOT NULL,                              -- an address, a whole `@domain`, or the subdomains of `@.domain`
  kind            TEXT NOT NULL DEFAULT 'manual'              -- why: the first of these that is in force decides
    CONSTRAINT "kind must be complaint, unsubscribe, manual, hard or soft"
    CHECK (kind IN ('complaint', 'unsubscribe', 'manual', 'hard', 'soft')),
  scope           TEXT NOT NULL DEFAULT ''                    -- organisational domain of the sender whose mail it refuses; '': all mail
    CONSTRAINT "scope must be a domain of A-labels (a-z, 0-9, - and _), or '' for all mail"
    CHECK (scope = '' OR scope NOT GLOB '*[^a-z0-9._-]*' AND '.' || scope || '.' NOT GLOB '*..*'),
  state           TEXT NOT NULL DEFAULT 'active'              -- pending: refuses no one until it is confirmed;
                                                              -- suspended: a delivery contradicted it
    CONSTRAINT "state must be active, pending or suspended" CHECK (state IN ('active', 'pending', 'suspended')),
  category        TEXT NOT NULL DEFAULT 'manual'              -- bad-mailbox, mailbox-full ...; shown in the refusal
    CONSTRAINT "category must be a word of a-z, 0-9 and -" CHECK (category GLOB '[a-z]*' AND category NOT GLOB '*[^a-z0-9-]*'),
  rule            TEXT NOT NULL DEFAULT '',                   -- id of the rule that judged; '' by hand
  provider        TEXT NOT NULL DEFAULT '',                   -- who runs the mailbox's server; '' by hand
  since           INTEGER NOT NULL DEFAULT (unixepoch()),     -- when it began
  until           INTEGER DEFAULT NULL                        -- first second at which it no longer refuses; NULL: permanent
    CONSTRAINT "until must not be before since" CHECK (until IS NULL OR until >= since),
  ref             TEXT NOT NULL DEFAULT ''                    -- shown in the refusal; '' by hand: derived from address, kind and since
    CONSTRAINT "ref must consist of letters, digits and -" CHECK (ref NOT GLOB '*[^A-Za-z0-9-]*'),
  evidence        INTEGER DEFAULT NULL,                       -- evidence.id on which it rests; NULL by hand
  note            TEXT NOT NULL DEFAULT '',                   -- free text for people
  actor           TEXT NOT NULL DEFAULT 'sqlite3',            -- suppressd, or who did it
  domain          TEXT NOT NULL                               -- the part after the last @ (computed, not stored)
    GENERATED ALWAYS AS (substr(address, length(rtrim(address, replace(address, '@', ''))) + 1)) VIRTUAL,
  PRIMARY KEY (address, kind, scope),
  CONSTRAINT "entries of kind hard and soft are for all mail" CHECK (scope = '' OR kind NOT IN ('hard', 'soft')),
  CONSTRAINT "address must be canonical: user@domain, @domain or @.domain, without control characters"
    CHECK (instr(address, '@') > 0 AND domain <> '' AND length(CAST(address AS BLOB)) <= 320 AND instr(address, char(0)) = 0
           AND address NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || ']*'),
  CONSTRAINT "address must be canonical: lower case"
    CHECK (address = lower(address)),
  CONSTRAINT "address must be canonical: a domain of A-labels (a-z, 0-9, - and _) or an address literal, without trailing dot"
    CHECK (CASE WHEN domain GLOB '[[]?*]' THEN substr(domain, 2, length(domain) - 2) NOT GLOB '*[^a-z0-9.:]*'
                ELSE domain NOT GLOB '*[^a-z0-9._-]*'
                     AND CASE WHEN address GLOB '@.*' THEN '' ELSE '.' END || domain || '.' NOT GLOB '*..*' END),
  CONSTRAINT "address must be canonical: no <>, no source route, quotes where the local part needs them (blanks, specials) and only there"
    CHECK (CASE WHEN address GLOB '@*' THEN substr(address, 2) = domain
                WHEN address GLOB '"*"@*' THEN
                  replace(replace(substr(address, 2, length(address) - length(domain) - 3), '\\', ''), '\"', '') NOT GLOB '*["\]*'
                  AND (substr(address, 2, length(address) - length(domain) - 3) GLOB '*[][ "(),:;<>@\]*'
                       OR '.' || substr(address, 2, length(address) - length(domain) - 3) || '.' GLOB '*..*')
                ELSE substr(address, 1, length(address) - length(domain) - 1) NOT GLOB '*[][ "(),:;<>@\]*'
                     AND '.' || substr(address, 1, length(address) - length(domain) - 1) || '.' NOT GLOB '*..*' END)
) STRICT, WITHOUT ROWID;

-- Who is never refused, whatever is in `suppression`. Events that end after `since` are ignored.
CREATE TABLE exemption (
  address TEXT NOT NULL PRIMARY KEY,                          -- an address, a whole `@domain`, or the subdomains of `@.domain`
  since   INTEGER NOT NULL DEFAULT (unixepoch()),             -- when it was written
  note    TEXT NOT NULL DEFAULT '',                           -- free text for people
  actor   TEXT NOT NULL DEFAULT 'sqlite3',                    -- who did it
  domain  TEXT NOT NULL                                       -- the part after the last @ (computed, not stored)
    GENERATED ALWAYS AS (substr(address, length(rtrim(address, replace(address, '@', ''))) + 1)) VIRTUAL,
  CONSTRAINT "address must be canonical: user@domain, @domain or @.domain, without control characters"
    CHECK (instr(address, '@') > 0 AND domain <> '' AND length(CAST(address AS BLOB)) <= 320 AND instr(address, char(0)) = 0
           AND address NOT GLOB '*[' || char(1) || '-' || char(31) || char(127) || ']*'),
  CONSTRAINT "address must be canonical: lower case"
    CHECK (address = lower(address)),
  CONSTRAINT "address must be canonical: a domain of A-labels (a-z, 0-9, - and _) or an address literal, without trailing dot"
    CHECK (CASE WHEN domain GLOB '[[]?*]' THEN substr(domain, 2, length(domain) - 2) NOT GLOB '*[^a-z0-9.:]*'
                ELSE domain NOT GLOB '*[^a-z0-9._-]*'
                     AND CASE WHEN address GLOB '@.*' THEN '' ELSE '.' END || domain || '.' NOT GLOB '*..*' END),
  CONSTRAINT "address must be canonical: no <>, no source route, quotes where the local part needs them (blanks, specials) and only there"
    CHECK (CASE WHEN address GLOB '@*' THEN substr(address, 2) = domain
                WHEN address GLOB '"*"@*' THEN
                  replace(replace(substr(address, 2, length(address) - length(domain) - 3), '\\', ''), '\"', '') NOT GLOB '*["\]*'
                  AND (substr(address, 2, length(address) - length(domain) - 3) GLOB '*[][ "(),:;<>@\]*'
                       OR '.' || substr(address, 2, length(address) - length(domain) - 3) || '.' GLOB '*..*')
                ELSE substr(address, 1, length(address) - length(domain) - 1) NOT GLOB '*[][ "(),:;<>@\]*'
                     AND '.' || substr(address, 1, length(address) - length(domain) - 1) || '.' NOT GLOB '*..*' END)
) STRICT, WITHOUT ROWID;

-- Times in which no one is refused: whoever is on the list is recorded as `monitored`. The newest row decides. By hand, for two hours:
--   INSERT INTO enforcement_off(until) VALUES (unixepoch() + 7200);
-- and to end it: UPDATE enforcement_off SET until = unixepoch() WHERE unixepoch() BETWEEN since AND until;
CREATE TABLE enforcement_off (
  since INTEGER NOT NULL PRIMARY KEY DEFAULT (unixepoch()),
  until INTEGER NOT NULL                                      -- first second in which mail is refused again
    CONSTRAINT "until must be after since, by 7 days at most" CHECK (until - since BETWEEN 0 AND 604800),
  actor TEXT NOT NULL DEFAULT 'sqlite3',                      -- who did it
  note  TEXT NOT NULL DEFAULT ''                              -- free text for people
) STRICT, WITHOUT ROWID;

-- What follows from the events of an address, besides its entries. An address of which nothing is known has no row.
CREATE TABLE recipient (
  address       TEXT NOT NULL PRIMARY KEY,
  last_delivery INTEGER DEFAULT NULL,                         -- newest delivery
  streak        INTEGER NOT NULL DEFAULT 0,                   -- counted failed sends in a row
  streak_since  INTEGER DEFAULT NULL,                         -- first failure of the streak
  last_failure  INTEGER DEFAULT NULL,                         -- newest soft failure since the last delivery
  last_category TEXT NOT NULL DEFAULT '',                     -- its category
  soft_step     INTEGER NOT NULL DEFAULT 0,                   -- steps taken on the ladder of soft entries
  hard_step     INTEGER NOT NULL DEFAULT 0,                   -- steps taken on the ladder of hard entries
  events        INTEGER NOT NULL DEFAULT 0,                   -- other events than deliveries, with a checkpoint and rows by hand; 0: none
  deliveries    TEXT NOT NULL DEFAULT '',                     -- those that are kept, one per line: end, seconds since entry, queue id,
                                                              -- host, instance
  checkpoint    TEXT NOT NULL DEFAULT ''                      -- JSON: the state after older events; '' if there is none
) STRICT, WITHOUT ROWID;

CREATE INDEX recipient_in_streak ON recipient(address) WHERE streak > 0;

-- Recipient domains. What is the fault of the receiving host counts against `@domain`, whose streak and entries begin again with the
-- newest delivery to any of its addresses; whose fault it is, is seen by the sends of the same hours.
CREATE TABLE domain (
  domain        TEXT NOT NULL PRIMARY KEY,
  last_delivery INTEGER DEFAULT NULL,                         -- newest delivery to any of its addresses
  last_end      INTEGER DEFAULT NULL,                         -- newest end of a send
  hours         TEXT NOT NULL DEFAULT ''                      -- of the last 7 days, one per line: hours since 1970, sends that were
                                                              -- taken, sends that failed
) STRICT, WITHOUT ROWID;

-- Acts by hand that the list depends on. `number` is what `suppressctl undo` prints, and `undo --revert` takes.
CREATE TABLE act (
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  at       INTEGER NOT NULL DEFAULT (unixepoch()),
  act      TEXT NOT NULL                                      -- lift, confirm, reconfirm: of the addresses in act_address
    CONSTRAINT "act must be add, lift, confirm, reconfirm, undo or revert"
    CHECK (act IN ('add', 'lift', 'confirm', 'reconfirm', 'undo', 'revert')),
  kind     TEXT NOT NULL DEFAULT ''                           -- lift: of that kind of entry only; '' for all kinds
    CONSTRAINT "kind of an act must be complaint, hard, soft or ''" CHECK (kind IN ('', 'complaint', 'hard', 'soft')),
  scope    TEXT DEFAULT NULL,                                 -- lift: of that scope only, as in suppression; NULL: of all scopes
  actor    TEXT NOT NULL DEFAULT 'sqlite3',                   -- who did it
  note     TEXT NOT NULL DEFAULT '',                          -- free text for people
  since    INTEGER DEFAULT NULL,                              -- undo: failures that ended at or after
  until    INTEGER DEFAULT NULL,                              -- undo: failures that ended before
  provider TEXT NOT NULL DEFAULT '',                          -- these eight: undo; '' for any
  category TEXT NOT NULL DEFAULT '',
  rule     TEXT NOT NULL DEFAULT '',
  domain   TEXT NOT NULL DEFAULT '',                          -- of the recipients
  text     TEXT NOT NULL DEFAULT '',                          -- the reply, as `suppressctl incidents show` prints it
  campaign TEXT NOT NULL DEFAULT '',                          -- tags of the message
  source   TEXT NOT NULL DEFAULT '',
  account  TEXT NOT NULL DEFAULT '',
  reverts  INTEGER DEFAULT NULL                               -- revert: number of the act that it takes back
) STRICT;

CREATE INDEX act_by_text ON act(since) WHERE text <> '';

CREATE TABLE act_address (
  address TEXT NOT NULL,
  number  INTEGER NOT NULL,                                   -- act.number
  at      INTEGER NOT NULL,                                   -- the act's time, or that of the address's newest event if later
  PRIMARY KEY (address, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX act_address_by_number ON act_address(number);

-- The keys that decide, as the daemon or a replay found them in the configuration: each row holds for events that end at `since` or
-- later, and the first one also for all before it. Durations are seconds, NULL is forever; lists are JSON arrays (null: permanent). A row that cannot be
-- read is ignored.
CREATE TABLE policy (
  since               INTEGER PRIMARY KEY,
  soft_threshold      INTEGER NOT NULL,
  soft_min_interval   INTEGER,
  soft_stale_after    INTEGER,
  soft_suppress_for   TEXT NOT NULL,
  hard_weak_for       TEXT NOT NULL,
  hard_bad_domain_for TEXT NOT NULL,
  hard_known_good_for TEXT NOT NULL,
  report_window       INTEGER
) STRICT;

-- Messages that are open in the MTA's queue, as far as the log was read. Queue ids are used again, so `entered` is part of the key.
CREATE TABLE message (
  queue_id    TEXT NOT NULL,
  host        TEXT NOT NULL,                                  -- log host
  instance    TEXT NOT NULL,                                  -- syslog name without the service: `postfix`, `postfix-out`, `sendmail`
  entered     INTEGER NOT NULL,                               -- when the message entered
  sender      TEXT DEFAULT NULL,                              -- envelope sender; '' for the null sender; NULL: not known yet
  null_sender INTEGER NOT NULL DEFAULT 0,                     -- 1: mail of the null sender, from which nothing is learned
  last_line   INTEGER NOT NULL,                               -- newest log line about it
  recipients  INTEGER NOT NULL DEFAULT 0,                     -- how many it has; 0: not known
  ended       INTEGER NOT NULL DEFAULT 0,                     -- how many of them have ended
  message     TEXT NOT NULL DEFAULT '',                       -- digest of its Message-ID; '' where report.index is off
  message_id  TEXT NOT NULL DEFAULT '',                       -- its Message-ID, at most 250 bytes; '' if the log does not tell it
  campaign    TEXT NOT NULL DEFAULT '',                       -- these: its tags, as [tags] says where they come from; '' for none
  source      TEXT NOT NULL DEFAULT '',
  account     TEXT NOT NULL DEFAULT '',
  contact     TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (queue_id, host, instance, entered)
) STRICT, WITHOUT ROWID;

-- Tags of messages that the log has not shown yet. After an hour they are lost (meta.tags_lost).
CREATE TABLE tag_note (
  queue_id TEXT NOT NULL,
  begun    INTEGER NOT NULL,                                  -- the message entered between these, by the milter's clock
  ended    INTEGER NOT NULL,
  campaign TEXT NOT NULL,
  source   TEXT NOT NULL,
  account  TEXT NOT NULL,
  contact  TEXT NOT NULL,
  PRIMARY KEY (queue_id, begun, ended, campaign, source, account, contact)
) STRICT, WITHOUT ROWID;

-- Values of tags that were seen. An account has 1,000 new ones a day; what is beyond is called `other`. Sender domains are bounded in the
-- same way: 10,000 new ones a day.
CREATE TABLE tag_value (
  tag     TEXT NOT NULL,                                      -- campaign, source, account or sender-domain
  account TEXT NOT NULL,                                      -- of the messages; '' of values of account, and of sender domains
  value   TEXT NOT NULL,
  day     INTEGER NOT NULL,                                   -- on which it was first seen: days since 1970
  PRIMARY KEY (tag, account, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX tag_value_by_day ON tag_value(day, account);

-- Who brought a tag first: a login, a network, or `local`. What somebody else brings under it counts as `VALUE (by WHO)`, so that nobody
-- pauses another's mail. Written only while [breaker] names a dimension.
CREATE TABLE tag_bringer (
  tag     TEXT NOT NULL,                                      -- campaign, source or account
  value   TEXT NOT NULL,
  bringer TEXT NOT NULL,                                      -- `login anna`, `192.0.2.0/24`, `local`
  since   INTEGER NOT NULL,
  PRIMARY KEY (tag, value)
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
  counted      INTEGER NOT NULL,                              -- 1: it has already failed by the retry window
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

-- Messages that test a half-open entry (v_half_open). Until the row is removed, other mail to the address is refused. It is removed when
-- the log tells how the message ended, or that it has left the queue, or does not show it in the queue within an hour.
CREATE TABLE probe (
  address   TEXT NOT NULL PRIMARY KEY,                        -- of the entry
  kind      TEXT NOT NULL,                                    -- of the entry: hard or soft
  recipient TEXT NOT NULL,                                    -- to whom the message goes: the address, or that with an extension
  queue_id  TEXT NOT NULL,                                    -- of the message; '' if the MTA gave none
  since     INTEGER NOT NULL                                  -- when the milter let it through
) STRICT, WITHOUT ROWID;

-- Failures and complaints: the events of an address, with what the log or the report says. A failure of action none changes nothing.
CREATE TABLE evidence (
  id           INTEGER PRIMARY KEY,
  address      TEXT NOT NULL,
  at           INTEGER NOT NULL,                              -- time of the line or the report
  what         TEXT NOT NULL,                                 -- failed, complaint
  origin       TEXT NOT NULL,                                 -- log or report
  host         TEXT NOT NULL,                                 -- these four: which message, as in message; host and instance are '' if
  instance     TEXT NOT NULL,                                 -- only a trace proves it
  queue_id     TEXT NOT NULL,
  entered      INTEGER NOT NULL,
  sender       TEXT NOT NULL,                                 -- envelope sender
  first_failed INTEGER DEFAULT NULL,                          -- first failed attempt of the send
  attempts     INTEGER NOT NULL,                              -- failed attempts of the send
  ended_by     TEXT NOT NULL,                                 -- bounced, expired, window, report; '' for a complaint
  returned     INTEGER NOT NULL DEFAULT 0,                    -- 1: a report that proves that the message was not delivered
  against      TEXT NOT NULL DEFAULT '',                      -- the `@domain` that it counts against, as the host's fault; '': address
  campaign     TEXT NOT NULL DEFAULT '',                      -- these: the message's tags, as far as the milter's note met the log; ''
  source       TEXT NOT NULL DEFAULT '',                      -- for none
  account      TEXT NOT NULL DEFAULT '',
  contact      TEXT NOT NULL DEFAULT '',
  scope        TEXT NOT NULL DEFAULT '',                      -- complaint: whose mail its entry refuses, as in suppression
  category     TEXT NOT NULL,
  action       TEXT NOT NULL,                                 -- hard, soft, none, complaint
  weak         INTEGER NOT NULL DEFAULT 0,                    -- 1: judged by a rule that time may prove wrong
  rule         TEXT NOT NULL,                                 -- id of the rule that judged
  code         INTEGER NOT NULL,                              -- reply code; 0: none
  status       TEXT NOT NULL,                                 -- enhanced status
  stage        TEXT NOT NULL,                                 -- of the SMTP dialogue
  provider     TEXT NOT NULL,
  relay        TEXT NOT NULL,
  text         TEXT NOT NULL,                                 -- the server's words, cleaned
  sender_domain TEXT NOT NULL DEFAULT '',                     -- organisational domain of the sender
  rate_provider TEXT NOT NULL DEFAULT '',                     -- at which it counts in `rate`
  known_good   INTEGER NOT NULL DEFAULT 0,                    -- 1: the address had taken mail in the 180 days before
  rate         TEXT NOT NULL DEFAULT '',                      -- as what it counts in `rate`: dead, again, soft, blocked, other, excused,
                                                              -- complaint; '': not
  message_id   TEXT NOT NULL DEFAULT ''                       -- of the message, at most 250 bytes; '' if it is not known
) STRICT;

-- The same event is stored once, however often it is read.
CREATE INDEX evidence_of_message ON evidence(address, queue_id);
CREATE INDEX evidence_of_address ON evidence(address, at) WHERE action <> 'none' OR returned = 1;
CREATE INDEX evidence_against_domain ON evidence(against, at) WHERE against <> '';
CREATE INDEX evidence_of_provider ON evidence(provider, at) WHERE action = 'hard';
CREATE INDEX evidence_of_host ON evidence(host, at) WHERE action = 'soft' OR category = 'bad-domain';
CREATE INDEX evidence_dead ON evidence(address, entered) WHERE rate = 'dead';

-- Events that are more than an hour ahead of this machine's clock: the clock of the host that logged them, or this one, is wrong. Each is
-- learned from as soon as the clock is within an hour of it.
CREATE TABLE waiting (
  at      INTEGER NOT NULL,                                   -- the event's time
  outcome TEXT NOT NULL,                                      -- JSON: address, message, its host, what the server said
  PRIMARY KEY (at, outcome)
) STRICT, WITHOUT ROWID;

-- Recent deliveries by Message-ID, if report.index is on.
CREATE TABLE delivery (
  message  TEXT NOT NULL,                                     -- digest of its Message-ID
  address  TEXT NOT NULL,
  at       INTEGER NOT NULL,                                  -- when the message was delivered
  host     TEXT NOT NULL,                                     -- these four: which message, as in message
  instance TEXT NOT NULL,
  queue_id TEXT NOT NULL,
  entered  INTEGER NOT NULL,
  campaign TEXT NOT NULL DEFAULT '',                          -- these: the message's tags
  source   TEXT NOT NULL DEFAULT '',
  account  TEXT NOT NULL DEFAULT '',
  contact  TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (message, address, at, host, instance, queue_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_by_time ON delivery(at);

-- Reports without proof: they changed nothing. The newest are kept.
CREATE TABLE unproven (
  id            INTEGER PRIMARY KEY,
  at            INTEGER NOT NULL,                             -- time of the report
  address       TEXT NOT NULL,                                -- whom it is about; '' if it does not say
  what          TEXT NOT NULL,                                -- failed or complaint
  category      TEXT NOT NULL,
  why           TEXT NOT NULL,                                -- why it is not believed, one sentence for people
  queue_id      TEXT NOT NULL,                                -- of the message, if a valid trace has it; else ''
  reporting_mta TEXT NOT NULL,                                -- who sent the report, as it says
  form          TEXT NOT NULL,                                -- rfc3464, rfc5965, qmail ...
  status        TEXT NOT NULL,                                -- enhanced status
  text          TEXT NOT NULL                                 -- its words, cleaned
) STRICT;

CREATE UNIQUE INDEX unproven_key ON unproven(address, at, what, queue_id, text);

-- Log lines by day: understood ones (an attempt, or what happened to a message), ignored ones, from which nothing is learned, and lines of
-- the MTA that were not understood. The newest of the last kind are in line_sample.
CREATE TABLE line_count (
  day            TEXT NOT NULL PRIMARY KEY,                   -- 2026-11-01 (UTC), of the lines
  understood     INTEGER NOT NULL DEFAULT 0,
  ignored        INTEGER NOT NULL DEFAULT 0,                  -- nothing is learned from them
  not_understood INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE line_sample (
  id   INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,                                      -- time of the line; 0 if it has none
  line TEXT NOT NULL                                          -- cleaned and cut
) STRICT;

-- Every change to `suppression` and `exemption`, and every removal of old rows: what, why, and who.
CREATE TABLE audit (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,                 -- in the order of writing
  at       INTEGER NOT NULL,                                  -- time of the event; of a change by hand: the clock's
  address  TEXT NOT NULL,                                     -- '' for removals, enforcement, and breakers
  act      TEXT NOT NULL,                                     -- suppressed, pending, confirmed, dropped, lifted, suspended, changed,
                                                              -- added, restored, exempted, unexempted, expunged, erased,
                                                              -- enforcement-off, enforcement-on, breaker-paused,
                                                              -- breaker-testing, breaker-closed, breaker-resumed, reconfirmed
  kind     TEXT NOT NULL DEFAULT '',                          -- these: of the entry
  scope    TEXT NOT NULL DEFAULT '',
  category TEXT NOT NULL DEFAULT '',
  rule     TEXT NOT NULL DEFAULT '',
  provider TEXT NOT NULL DEFAULT '',
  evidence INTEGER DEFAULT NULL,                              -- evidence.id on which it rests
  actor    TEXT NOT NULL DEFAULT 'sqlite3',                   -- suppressd, or who did it
  cause    TEXT NOT NULL DEFAULT '',                          -- one sentence for people
  before   TEXT NOT NULL DEFAULT '',                          -- JSON: an entry by hand as it was, for undo --revert
  number   INTEGER DEFAULT NULL                               -- act.number, of a change by hand
) STRICT;

CREATE INDEX audit_of_address ON audit(address, at);
CREATE INDEX audit_of_act ON audit(number) WHERE number IS NOT NULL;

-- Recipients that the milter refused, or would have refused.
CREATE TABLE refusal (
  id       INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  address  TEXT NOT NULL,
  sender   TEXT NOT NULL,                                     -- envelope sender; '' for the null sender
  queue_id TEXT NOT NULL,                                     -- '' if the MTA had given none yet
  client   TEXT NOT NULL,                                     -- IP address of the client, or local
  kind     TEXT NOT NULL,                                     -- these three: of the entry that decided
  category TEXT NOT NULL,
  ref      TEXT NOT NULL,
  outcome  TEXT NOT NULL                                      -- refused, removed, monitored, bypassed
) STRICT;

CREATE INDEX refusal_of_address ON refusal(address, at);
CREATE INDEX refusal_by_time ON refusal(at);

-- Counts of old refusals, whose rows were removed. Outcome `dropped` counts notes that were lost because the queue was full.
CREATE TABLE refusal_day (
  day      TEXT NOT NULL,                                     -- 2026-11-01 (UTC)
  kind     TEXT NOT NULL,
  category TEXT NOT NULL,
  outcome  TEXT NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (day, kind, category, outcome)
) STRICT, WITHOUT ROWID;

-- How far each log was read. A log is known by its content, never by its path.
CREATE TABLE cursor (
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL,                                   -- file, journal, or replay (read once)
  source     TEXT NOT NULL,                                   -- path or `journal`, to find and show it
  first_line TEXT NOT NULL,                                   -- SHA-256 of the first complete line; '' for a journal
  offset     INTEGER NOT NULL,                                -- decompressed bytes that were read
  digest     TEXT NOT NULL,                                   -- SHA-256 of the bytes before offset
  position   TEXT NOT NULL,                                   -- the journal's own cursor; of a file, where it was last seen
  last_time  INTEGER DEFAULT NULL,                            -- time of the last entry
  zone       TEXT NOT NULL,                                   -- time zone of lines without one; '': the system's
  swept      INTEGER DEFAULT NULL,                            -- day for which silent messages were last dropped
  saved      INTEGER NOT NULL                                 -- counts all saves: the greatest number is the newest
) STRICT;

CREATE INDEX cursor_of_source ON cursor(source, saved);
CREATE INDEX cursor_of_stream ON cursor(first_line, saved);
CREATE INDEX cursor_by_save ON cursor(saved);

-- Log lines that are known to be lost.
CREATE TABLE gap (
  id        INTEGER PRIMARY KEY,
  lost_from INTEGER NOT NULL,                                 -- time of the last line before it
  lost_to   INTEGER NOT NULL,                                 -- time of the first line after it, or when it was noticed
  source    TEXT NOT NULL,
  reason    TEXT NOT NULL                                     -- one sentence for people
) STRICT;

-- For the brake: ended sends and hard failures of each provider in the last hours, and which five minutes are pending.
CREATE TABLE traffic (
  provider TEXT NOT NULL,
  start    INTEGER NOT NULL,                                  -- beginning of five minutes
  sends    INTEGER NOT NULL,                                  -- sends that ended, as the log tells
  hard     INTEGER NOT NULL,                                  -- hard failures
  pending  INTEGER NOT NULL DEFAULT 0,                        -- 1: hard failures that ended in it are pending
  PRIMARY KEY (provider, start)
) STRICT, WITHOUT ROWID;

-- Sends that ended to known-good addresses (delivered to within the 180 days before), by five minutes, of the last days and of incidents:
-- they tell a bad list from a bad hour of the provider.
CREATE TABLE known_good (
  provider TEXT NOT NULL,
  domain   TEXT NOT NULL,                                     -- of the recipients; '': all of the provider's
  start    INTEGER NOT NULL,                                  -- beginning of five minutes
  sends    INTEGER NOT NULL,                                  -- that ended
  days     INTEGER NOT NULL,                                  -- since each address's newest delivery, added up
  failed   INTEGER NOT NULL,                                  -- addresses that failed hard: once a day, twice between two deliveries
  again    INTEGER NOT NULL,                                  -- further hard failures
  PRIMARY KEY (provider, domain, start)
) STRICT, WITHOUT ROWID;

CREATE INDEX known_good_that_failed ON known_good(provider, domain) WHERE failed > 0 AND domain <> '';

-- Whether our resolver and network work: recipient domains that took mail within 180 days and had the first attempt of a send, by our host
-- and five minutes of the last two hours.
CREATE TABLE local_attempt (
  host    TEXT NOT NULL,                                      -- log host
  start   INTEGER NOT NULL,                                   -- beginning of five minutes
  domains TEXT NOT NULL,                                      -- digests of at most 256 domains (a sample, if there are more), one per
                                                              -- line, and of each: 1 none was answered, 2 all were, 3 some were
  PRIMARY KEY (host, start)
) STRICT, WITHOUT ROWID;

-- Whether providers blame us: sends, and those with a failed attempt that blames us, by what was said and five minutes of the last two
-- hours.
CREATE TABLE sender_send (
  provider      TEXT NOT NULL,
  start         INTEGER NOT NULL,                             -- beginning of five minutes
  host          TEXT NOT NULL,                                -- these three: who sent. log host
  sender_domain TEXT NOT NULL,                                -- organisational domain of the sender
  campaign      TEXT NOT NULL,
  text          TEXT NOT NULL,                                -- what was said, without names and numbers; '': the row of all others
  others        INTEGER NOT NULL,                             -- sends that ended, and do not blame us
  sends         TEXT NOT NULL,                                -- digests of those that do, at most 256 (a sample, if there are more)
  example       TEXT NOT NULL,                                -- what was said, once
  PRIMARY KEY (provider, start, host, sender_domain, campaign, text)
) STRICT, WITHOUT ROWID;

CREATE INDEX sender_send_by_time ON sender_send(host, start);

-- Incidents: failures that say more about a provider, or about us, than about the addresses.
-- provider: known-good addresses failed hard far more often than addresses die. Hard failures that ended in [since, closed) are pending.
-- sender: a provider blames us. Weak hard failures there of what has host, sender_domain or campaign are pending.
-- local: our resolver or network failed. Failures of the host are pending (bad-domain) or count nothing (soft).
CREATE TABLE incident (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     TEXT NOT NULL DEFAULT 'provider'
    CONSTRAINT "kind of an incident must be provider, sender or local" CHECK (kind IN ('provider', 'sender', 'local')),
  provider TEXT NOT NULL,                                     -- local: ''
  domain   TEXT NOT NULL DEFAULT '',                          -- of the recipients; '': all of the provider's
  since    INTEGER NOT NULL,                                  -- when it began, as is known with hindsight
  opened   INTEGER NOT NULL,                                  -- when enough had failed to know
  closed   INTEGER DEFAULT NULL,                              -- NULL: it is open
  last     INTEGER NOT NULL,                                  -- newest send that counts in it
  sends    INTEGER NOT NULL,                                  -- to known-good addresses, since it began; sender: all, in the hour in
                                                              -- which most failed; local: domains, in such ten minutes
  failed   INTEGER NOT NULL,                                  -- of these, failed
  host     TEXT NOT NULL DEFAULT '',                          -- these three: sender: one of them. local: the log host
  sender_domain TEXT NOT NULL DEFAULT '',
  campaign TEXT NOT NULL DEFAULT '',
  text     TEXT NOT NULL DEFAULT '',                          -- sender: what was said most often, without names and numbers
  example  TEXT NOT NULL DEFAULT '',                          -- that, as it was said once
  closed_by TEXT NOT NULL DEFAULT '',                         -- who closed it by hand; '': the program
  read     INTEGER NOT NULL DEFAULT 0                         -- 1: somebody has looked at it
) STRICT;

CREATE INDEX incident_by_place ON incident(provider, domain, since);
CREATE INDEX incident_that_is_open ON incident(provider, domain) WHERE closed IS NULL;

-- How many sends failed, by the hour in which the message entered: by organisational domain of the sender, by provider, by both
-- (`shop.example/google.com`), and by the tags of messages that have them. The name '' is that of sends whose sender the log does not
-- tell; `other`, of sender domains beyond 10,000 new ones a day, and of tags beyond 1,000 new ones of an account and day.
CREATE TABLE rate (
  dimension  TEXT NOT NULL,                                   -- sender-domain, provider, sender-domain+provider, campaign,
                                                              -- source, account
  name       TEXT NOT NULL,
  start      INTEGER NOT NULL,                                -- beginning of the hour; what is older than 8 days: of the day (UTC)
  sent       INTEGER NOT NULL,                                -- sends that ended, as the log tells
  delivered  INTEGER NOT NULL,                                -- taken by the provider's server
  dead       INTEGER NOT NULL,                                -- addresses that failed hard, each once per day and sender domain
  again      INTEGER NOT NULL,                                -- their further hard failures on that day
  soft       INTEGER NOT NULL,                                -- soft failures
  blocked    INTEGER NOT NULL,                                -- failures because of who we are or what we sent
  other      INTEGER NOT NULL,                                -- other failures
  excused    INTEGER NOT NULL,                                -- failures of known-good addresses in an incident, or undone: in no rate
  complaints INTEGER NOT NULL,
  refused    INTEGER NOT NULL,                                -- recipients that the milter refused; they are not in `sent`
  PRIMARY KEY (dimension, name, start)
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_by_hour ON rate(start) WHERE start % 86400 <> 0;
CREATE INDEX rate_with_complaints ON rate(dimension, name, start) WHERE complaints > 0;

-- Shares of a sender domain's mail that its readers at Gmail have called spam: `suppressctl import --postmaster`.
CREATE TABLE spam_rate (
  domain      TEXT NOT NULL,                                  -- of the sender, as Postmaster Tools names it
  day         INTEGER NOT NULL,                               -- its beginning (UTC)
  per_million INTEGER NOT NULL                                -- of the mail that went to inboxes
    CONSTRAINT "per_million must be from 0 to 1000000" CHECK (per_million BETWEEN 0 AND 1000000),
  PRIMARY KEY (domain, day)
) STRICT, WITHOUT ROWID;

-- Rates that crossed a limit: one row for each crossing, with what was counted at that moment.
CREATE TABLE alert (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  dimension TEXT NOT NULL,                                    -- these two: as in `rate`
  name      TEXT NOT NULL,
  what      TEXT NOT NULL,                                    -- hard, soft, complaint
  level     TEXT NOT NULL,                                    -- warning, critical
  opened    INTEGER NOT NULL,
  closed    INTEGER DEFAULT NULL,                             -- NULL: it is open
  within    INTEGER NOT NULL,                                 -- seconds: the window in which it crossed
  events    INTEGER NOT NULL,                                 -- in that window
  sends     INTEGER NOT NULL,                                 -- of which; of complaints: deliveries where complaints are reported
  mailed    INTEGER NOT NULL DEFAULT 0                        -- 1: `suppressctl alerts --mail` has sent it
) STRICT;

CREATE INDEX alert_open ON alert(dimension, name, what) WHERE closed IS NULL;
CREATE INDEX alert_of ON alert(dimension, name, id);

-- Breakers ([breaker]): what is paused because of its rates, and what was. To let mail flow again: suppressctl breaker resume.
CREATE TABLE breaker (
  dimension    TEXT NOT NULL                                  -- these two: as in `alert`
    CONSTRAINT "dimension must be campaign, source, account or sender-domain"
    CHECK (dimension IN ('campaign', 'source', 'account', 'sender-domain')),
  name         TEXT NOT NULL,
  brought_by   TEXT NOT NULL DEFAULT '',                      -- only mail from there is paused (tag_bringer); '': from anywhere
  state        TEXT NOT NULL                                  -- paused; testing: but for test messages; by-hand: until it is resumed;
                                                              -- closed: mail flows; resumed: whatever its rates are
    CONSTRAINT "state must be paused, testing, by-hand, closed or resumed"
    CHECK (state IN ('paused', 'testing', 'by-hand', 'closed', 'resumed')),
  opened       INTEGER NOT NULL,                              -- by its last alert
  since        INTEGER NOT NULL,                              -- when the state began
  until        INTEGER DEFAULT NULL,                          -- paused: when its test begins; resumed: until then
  pauses       INTEGER NOT NULL,                              -- begun since it opened
  why          TEXT NOT NULL,                                 -- the rate that opened it, in words
  alert        INTEGER NOT NULL,                              -- alert.id: the newest that counted
  counted_from INTEGER DEFAULT NULL,                          -- what was sent before counts in no alert of it any more
  actor        TEXT NOT NULL,                                 -- suppressd, or who resumed it
  note         TEXT NOT NULL,                                 -- free text for people
  PRIMARY KEY (dimension, name)
) STRICT, WITHOUT ROWID;

-- The messages of the newest test of each breaker.
CREATE TABLE breaker_test (
  dimension  TEXT NOT NULL,                                   -- these two: of the breaker
  name       TEXT NOT NULL,
  queue_id   TEXT NOT NULL,
  since      INTEGER NOT NULL,                                -- when the milter let it through
  recipients INTEGER NOT NULL,
  ended      INTEGER NOT NULL,                                -- of these, sends that ended
  failed     TEXT NOT NULL,                                   -- JSON: addresses that failed hard, or complained
  PRIMARY KEY (dimension, name, queue_id, since)
) STRICT, WITHOUT ROWID;

-- What the program keeps for itself, and what the views need of the configuration, under the names of its keys, as the daemon has read
-- them last. `learning` counts commits that changed message, send or traffic.
CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value ANY
) STRICT, WITHOUT ROWID;

INSERT INTO meta VALUES
  ('learning', 0),
  ('milter.mode', 'enforce'),                                 -- or monitor
  ('milter.recipient_delimiter', ''),                         -- characters that begin an address's extension
  ('soft.stale_after', 15552000);                             -- seconds; NULL: forever
