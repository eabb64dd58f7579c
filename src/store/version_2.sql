-- From version 1 to 2: entries and exemptions may cover subdomains (`@.domain`), and `meta` holds what the views must know.
-- SQLite cannot change a constraint, so both tables are written again.
ALTER TABLE suppression RENAME TO suppression_1;
CREATE TABLE suppression (
  address         TEXT NOT NULL,                              -- an address, a whole `@domain`, or the subdomains of `@.domain`
  kind            TEXT NOT NULL DEFAULT 'manual'              -- why: the first of these that is in force decides
    CONSTRAINT "kind must be complaint, unsubscribe, manual, hard or soft"
    CHECK (kind IN ('complaint', 'unsubscribe', 'manual', 'hard', 'soft')),
  scope           TEXT NOT NULL DEFAULT '',                   -- '' for all mail; a sender's domain is reserved for later
  state           TEXT NOT NULL DEFAULT 'active'              -- a pending entry refuses no one until it is confirmed
    CONSTRAINT "state must be active or pending" CHECK (state IN ('active', 'pending')),
  category        TEXT NOT NULL DEFAULT 'manual'              -- bad-mailbox, mailbox-full ...; shown in the refusal
    CONSTRAINT "category must be a word of a-z, 0-9 and -" CHECK (category GLOB '[a-z]*' AND category NOT GLOB '*[^a-z0-9-]*'),
  rule            TEXT NOT NULL DEFAULT '',                   -- id of the rule that judged; '' by hand
  provider        TEXT NOT NULL DEFAULT '',                   -- who runs the mailbox's server; '' by hand
  since           INTEGER NOT NULL DEFAULT (unixepoch()),     -- when it began
  until           INTEGER DEFAULT NULL                        -- first second at which it refuses no longer; NULL: permanent
    CONSTRAINT "until must not be before since" CHECK (until IS NULL OR until >= since),
  ref             TEXT NOT NULL DEFAULT ''                    -- shown in the refusal; '' by hand: derived from address, kind and since
    CONSTRAINT "ref must consist of letters, digits and -" CHECK (ref NOT GLOB '*[^A-Za-z0-9-]*'),
  evidence        INTEGER DEFAULT NULL,                       -- evidence.id it rests on; NULL by hand
  contradicted_at INTEGER DEFAULT NULL,                       -- a delivery that came although the entry is hard
  node            TEXT NOT NULL DEFAULT '',                   -- reserved: the host that wrote it, when several share a list
  note            TEXT NOT NULL DEFAULT '',                   -- free text for people
  actor           TEXT NOT NULL DEFAULT 'sqlite3',            -- suppressd, or who did it
  domain          TEXT NOT NULL                               -- the part after the last @ (computed, not stored)
    GENERATED ALWAYS AS (substr(address, length(rtrim(address, replace(address, '@', ''))) + 1)) VIRTUAL,
  PRIMARY KEY (address, kind, scope),
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
INSERT INTO suppression(address, kind, scope, state, category, rule, provider, since, until, ref, evidence, contradicted_at, node, note, actor)
SELECT address, kind, scope, state, category, rule, provider, since, until, ref, evidence, contradicted_at, node, note, actor
FROM suppression_1;
DROP TABLE suppression_1;

ALTER TABLE exemption RENAME TO exemption_1;
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
INSERT INTO exemption(address, since, note, actor) SELECT address, since, note, actor FROM exemption_1;
DROP TABLE exemption_1;

INSERT INTO meta VALUES ('milter.mode', 'enforce'), ('milter.recipient_delimiter', ''), ('soft.stale_after', 15552000);
