-- Views for people. They are made again at every migration, so they may be changed freely; only the columns of v_suppressed (address,
-- kind, category, since, until, ...) and of v_streak (address, streak, ...) are fixed. Times are shown in ISO 8601, UTC.

-- All entries, also pending ones and those that have ended, and whether an exemption covers them: of the address itself, of the address
-- without its extension (the rules of without_extension() in core/covering_keys.h), of its domain, or of the subdomains it belongs to.
-- `incident`: that holds a pending entry, the domain's before that of the whole provider; NULL: the brake does, or somebody's hand.
-- An open incident is over 30 days (2592000 s) after its last send, one of our own an hour after its last failures.
CREATE VIEW v_entry AS
SELECT s.*,
       EXISTS (SELECT 1 FROM exemption AS e
               WHERE e.address IN (s.address, '@' || s.domain,
                 (SELECT substr(s.address, 1, instr(replace(s.address, substr(d.value, 2), substr(d.value, 1, 1)), substr(d.value, 1, 1)) - 1)
                         || '@' || s.domain
                  FROM meta AS d
                  WHERE d.name = 'milter.recipient_delimiter' AND d.value <> '' AND s.address NOT GLOB '[@"]*'
                    AND instr(replace(s.address, substr(d.value, 2), substr(d.value, 1, 1)), substr(d.value, 1, 1))
                        BETWEEN 2 AND length(s.address) - length(s.domain) - 1
                    AND s.address NOT GLOB 'mailer-daemon@*' AND s.address NOT GLOB 'double-bounce@*'
                    AND NOT (instr(d.value, '-') AND (s.address GLOB 'owner-*' OR s.address GLOB '?*-request@*')))))
       OR EXISTS (SELECT 1 FROM exemption AS e
                  WHERE e.address >= '@.' AND e.address < '@/' AND substr(s.domain, 1 - length(e.address)) = substr(e.address, 2))
       AS exempt,
       CASE WHEN s.state = 'pending' THEN coalesce(
         (SELECT i.id FROM incident AS i
          WHERE i.provider = s.provider AND i.kind = 'provider' AND i.domain IN (s.domain, '') AND s.since >= i.since
            AND s.since < coalesce(i.closed, i.last + 2592000)
          ORDER BY i.domain = '', i.since DESC LIMIT 1),
         (SELECT i.id FROM evidence AS e CROSS JOIN incident AS i
          WHERE e.id = s.evidence AND i.provider IN ('', e.provider) AND s.since >= i.since AND s.since < coalesce(i.closed, i.last + 3600)
            AND CASE i.kind WHEN 'local' THEN s.category = 'bad-domain' AND i.host = e.host
                            WHEN 'sender' THEN e.weak = 1 AND (i.host <> '' AND i.host = e.host OR i.sender_domain <> '' AND i.sender_domain = e.sender_domain
                                                         OR i.campaign <> '' AND i.campaign = e.campaign)
                END
          ORDER BY i.kind, i.since DESC LIMIT 1))
       END AS incident
FROM suppression AS s;

-- Who is refused now: one row per address, `@domain` or `@.domain`, and scope: the entry that decides. `until` NULL: permanent. `scope`: the
-- organisational sender domain whose mail is refused; '': all mail. Whom no mail at all goes to: WHERE scope = ''.
CREATE VIEW v_suppressed AS
SELECT s.address,
       s.kind,
       s.category,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.until, 'unixepoch') AS until,
       s.provider, s.rule, s.ref, s.actor, s.note, s.scope
FROM v_entry AS s
WHERE s.state = 'active' AND (s.until IS NULL OR s.until > unixepoch())
  AND NOT s.exempt
  AND NOT EXISTS (SELECT 1 FROM suppression AS o
                  WHERE o.address = s.address AND o.state = 'active' AND (o.until IS NULL OR o.until > unixepoch())
                    AND o.scope IN ('', s.scope)
                    AND (instr('complaint unsubscribe manual hard soft', o.kind), o.scope)
                        < (instr('complaint unsubscribe manual hard soft', s.kind), s.scope));

-- Entries past their time (is_half_open() in core/half_open.h): they refuse no one, but one message at a time tests the address. A delivery
-- ends the entry, a failure takes the next step of its ladder. `probe`: queue id of the message that does so now; NULL: the next one may.
CREATE VIEW v_half_open AS
SELECT s.address, s.kind, s.category,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.until, 'unixepoch') AS ended,
       p.queue_id AS probe, p.recipient,
       strftime('%Y-%m-%dT%H:%M:%SZ', p.since, 'unixepoch') AS probe_since,
       s.provider, s.rule, s.ref
FROM v_entry AS s JOIN recipient AS r ON r.address = s.address LEFT JOIN probe AS p ON p.address = s.address
WHERE s.kind IN ('hard', 'soft') AND s.actor = 'suppressd' AND s.state = 'active' AND s.until <= unixepoch()
  AND CASE s.kind WHEN 'hard' THEN r.hard_step ELSE r.soft_step END > 0
  AND coalesce(s.until > unixepoch() - (SELECT value FROM meta WHERE name = 'soft.stale_after'), 1)
  AND NOT s.exempt
  AND NOT EXISTS (SELECT 1 FROM suppression AS o
                  WHERE o.address = s.address AND o.state = 'active' AND (o.until IS NULL OR o.until > unixepoch()) AND o.scope = '');

-- For Postfix's transport_maps (conf/postfix-transport.cf.example): the permanent hard entries, and the exemptions from those of whole
-- domains as `:`, which changes nothing. Empty in monitor mode.
CREATE VIEW v_suppressed_transport AS
SELECT s.address,
       'error:5.1.1 recipient suppressed: ' || s.category || ' since ' || strftime('%Y-%m-%d', s.since, 'unixepoch')
         || ', ref ' || CASE s.ref WHEN '' THEN 'by-hand' ELSE s.ref END AS answer
FROM v_entry AS s
WHERE s.kind = 'hard' AND s.state = 'active' AND s.until IS NULL AND NOT s.exempt
  AND (SELECT value FROM meta WHERE name = 'milter.mode') = 'enforce'
  AND coalesce((SELECT until <= unixepoch() FROM enforcement_off WHERE since <= unixepoch() ORDER BY since DESC LIMIT 1), 1)
UNION ALL
SELECT e.address, ':'
FROM exemption AS e
WHERE EXISTS (SELECT 1 FROM suppression AS s
              WHERE (s.address = '@' || e.domain
                     OR s.address >= '@.' AND s.address < '@/' AND substr(e.domain, 1 - length(s.address)) = substr(s.address, 2))
                AND s.kind = 'hard' AND s.state = 'active' AND s.until IS NULL)
  AND (SELECT value FROM meta WHERE name = 'milter.mode') = 'enforce'
  AND coalesce((SELECT until <= unixepoch() FROM enforcement_off WHERE since <= unixepoch() ORDER BY since DESC LIMIT 1), 1);

-- Why: every change of an address, with its evidence.  SELECT * FROM v_why WHERE address = 'a@b.example';
CREATE VIEW v_why AS
SELECT a.address,
       strftime('%Y-%m-%dT%H:%M:%SZ', a.at, 'unixepoch') AS at,
       a.act, a.kind, a.category, a.cause, a.actor, a.rule, a.provider,
       e.host, e.queue_id, e.sender,
       strftime('%Y-%m-%dT%H:%M:%SZ', e.entered, 'unixepoch') AS entered,
       e.attempts, e.ended_by, e.relay, e.code, e.status, e.text
FROM audit AS a LEFT JOIN evidence AS e ON e.id = a.evidence
WHERE a.address <> '';

-- Failed sends in a row, of addresses without an active hard entry, and of whole domains (`@domain`). A streak ends soft.stale_after
-- after its last failure.
CREATE VIEW v_streak AS
SELECT r.address,
       r.streak,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.streak_since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.last_failure, 'unixepoch') AS last_failure,
       r.last_category AS category,
       strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(r.last_delivery, (SELECT d.last_delivery FROM domain AS d
                                                                 WHERE r.address GLOB '@*' AND d.domain = substr(r.address, 2))),
                'unixepoch') AS last_delivery
FROM recipient AS r
WHERE r.streak > 0
  AND coalesce(r.last_failure > unixepoch() - (SELECT value FROM meta WHERE name = 'soft.stale_after'), 1)
  AND NOT EXISTS (SELECT 1 FROM suppression AS s
                  WHERE s.address = r.address AND s.kind = 'hard' AND s.state = 'active'
                    AND (s.until IS NULL OR s.until > unixepoch()));

-- Entries that may be wrong: pending ones, held back by an incident or the brake, and suspended ones, because there was a delivery since.
CREATE VIEW v_at_risk AS
SELECT s.address, s.kind, s.category,
       CASE WHEN s.state = 'pending' THEN 'pending' ELSE 'delivered since' END AS risk,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', s.until, 'unixepoch') AS until,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.last_delivery, 'unixepoch') AS last_delivery,
       s.provider, s.rule, s.ref, e.code, e.status, e.text,
       CASE WHEN s.incident IS NOT NULL THEN 'incident ' || s.incident
            WHEN s.state = 'pending' AND s.actor = 'suppressd' THEN 'brake'
            ELSE '' END AS pending_by
FROM v_entry AS s LEFT JOIN evidence AS e ON e.id = s.evidence LEFT JOIN recipient AS r ON r.address = s.address
WHERE s.state IN ('pending', 'suspended') AND (s.until IS NULL OR s.until > unixepoch());

-- Incidents, and how many entries are pending in each.
CREATE VIEW v_incident AS
SELECT i.id,
       CASE WHEN coalesce(i.closed, i.last + iif(i.kind = 'provider', 2592000, 3600) <= unixepoch()) THEN 'closed' ELSE 'open' END AS state,
       i.kind, i.provider, i.domain, i.host, i.sender_domain, i.campaign,
       strftime('%Y-%m-%dT%H:%M:%SZ', i.since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', i.opened, 'unixepoch') AS opened,
       strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(i.closed, CASE WHEN i.last + iif(i.kind = 'provider', 2592000, 3600) <= unixepoch()
                                                         THEN i.last + iif(i.kind = 'provider', 2592000, 3600) END),
                'unixepoch') AS closed,
       strftime('%Y-%m-%dT%H:%M:%SZ', i.last, 'unixepoch') AS last,
       i.sends, i.failed, i.text, i.example, coalesce(p.entries, 0) AS pending, i.read
FROM incident AS i
     LEFT JOIN (SELECT s.incident AS id, count(*) AS entries FROM v_entry AS s
                WHERE s.state = 'pending' AND (s.until IS NULL OR s.until > unixepoch())
                GROUP BY 1) AS p ON p.id = i.id;

-- For Postfix's transport_maps (conf/postfix-incident-transport.cf.example): the domains of which an incident is open, as far as
-- known-good addresses of theirs were mailed. Empty in monitor mode. (CROSS JOIN: the few incidents come first.)
CREATE VIEW v_incident_transport AS
SELECT DISTINCT k.domain, 'incident:' AS answer
FROM incident AS i CROSS JOIN known_good AS k ON k.provider = i.provider AND (i.domain = '' OR i.domain = k.domain)
WHERE i.kind = 'provider' AND i.closed IS NULL AND i.last + 2592000 > unixepoch() AND k.domain <> ''
  AND (SELECT value FROM meta WHERE name = 'milter.mode') = 'enforce';

-- Who refuses our mail because of who we are or what we send, not because of the address: by day, provider and category.
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

-- Rates by day (UTC) on which the message entered. Percentages are of the sends without repeats and without what is excused; `failed` is the
-- total. The limits of the two others are 2 and 5 % (hard), 5 and 10 % (soft). Complaints need to be compared with deliveries at the
-- providers that report them: `suppressctl report` does.
CREATE VIEW v_rate AS
SELECT strftime('%Y-%m-%d', r.start, 'unixepoch') AS day,
       r.dimension, r.name,
       sum(r.sent) AS sent,
       sum(r.delivered) AS delivered,
       sum(r.dead) AS dead,
       sum(r.again) AS again,
       sum(r.soft) AS soft,
       sum(r.blocked) AS blocked,
       sum(r.other) AS other,
       sum(r.excused) AS excused,
       sum(r.complaints) AS complaints,
       sum(r.refused) AS refused,
       round(100.0 * sum(r.dead) / nullif(sum(r.sent - r.excused - r.again), 0), 2) AS hard_percent,
       round(100.0 * sum(r.soft) / nullif(sum(r.sent - r.excused - r.again), 0), 2) AS soft_percent,
       round(100.0 * sum(r.dead + r.soft + r.blocked + r.other) / nullif(sum(r.sent - r.excused - r.again), 0), 2) AS failed_percent
FROM rate AS r
GROUP BY 1, 2, 3;

-- Rates that crossed a limit, open ones first, then the newest first.
CREATE VIEW v_alert AS
SELECT a.id,
       CASE WHEN a.closed IS NULL THEN 'open' ELSE 'closed' END AS state,
       a.level, a.what, a.dimension, a.name,
       strftime('%Y-%m-%dT%H:%M:%SZ', a.opened, 'unixepoch') AS opened,
       strftime('%Y-%m-%dT%H:%M:%SZ', a.closed, 'unixepoch') AS closed,
       round(100.0 * a.events / nullif(a.sends, 0), 2) AS percent,
       a.events, a.sends,
       (a.within / 86400) || 'd' AS within,
       a.mailed
FROM alert AS a
ORDER BY a.closed IS NOT NULL, a.opened DESC, a.id DESC;

-- Breakers: what is paused, since when, why, until when, and how its newest test goes. Of `test_dead`, 2 % of `test_ended` pass.
CREATE VIEW v_breaker AS
SELECT b.state, b.dimension, b.name, b.brought_by,
       strftime('%Y-%m-%dT%H:%M:%SZ', b.opened, 'unixepoch') AS opened,
       strftime('%Y-%m-%dT%H:%M:%SZ', b.since, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', b.until, 'unixepoch') AS until,
       b.pauses, b.why,
       count(t.queue_id) AS test_messages,
       coalesce(sum(t.recipients), 0) AS test_sends,
       coalesce(sum(t.ended), 0) AS test_ended,
       coalesce(sum((SELECT count(*) FROM json_each(t.failed) AS f
                     WHERE EXISTS (SELECT 1 FROM evidence AS e
                                   WHERE e.address = f.value AND e.queue_id = t.queue_id AND e.rate IN ('dead', 'again', 'complaint')))),
                0) AS test_dead,
       b.actor, b.note
FROM breaker AS b LEFT JOIN breaker_test AS t USING (dimension, name)
GROUP BY b.dimension, b.name
ORDER BY b.state IN ('closed', 'resumed'), b.since DESC, b.dimension, b.name;
