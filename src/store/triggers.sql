-- Changes by hand, with the sqlite3 shell, are audited here. A change that ends or confirms a learned entry is also an act,
-- an event on which the list depends. The program's own connections switch triggers off (SQLITE_DBCONFIG_ENABLE_TRIGGER),
-- because its writers audit each change with its cause. A bulk load by hand may do the same with
-- `.dbconfig enable_trigger off`.

CREATE TRIGGER suppression_inserted_by_hand AFTER INSERT ON suppression
BEGIN
  INSERT INTO audit(at, address, act, kind, scope, category, rule, provider, evidence, actor, cause)
  VALUES (unixepoch(), new.address, 'added', new.kind, new.scope, new.category, new.rule, new.provider, new.evidence, new.actor,
          'row inserted by hand');
  INSERT INTO recipient(address, events)
  SELECT new.address, 1 WHERE new.address NOT GLOB '@*' AND new.kind IN ('hard', 'soft', 'complaint')
  ON CONFLICT (address) DO UPDATE SET events = max(events, 1);
END;

-- A whole domain with more than 100 addresses that took mail within 180 days: perhaps a slip. Who means it makes the row active. Reads
-- all recipients, so a bulk load of domains should switch triggers off.
CREATE TRIGGER whole_domain_by_hand AFTER INSERT ON suppression WHEN new.address GLOB '@*' AND new.state = 'active'
BEGIN
  UPDATE suppression SET state = 'pending'
  WHERE address = new.address AND kind = new.kind AND scope = new.scope
    AND (SELECT count(*) FROM recipient AS r
         WHERE r.last_delivery >= unixepoch() - 15552000
           AND CASE WHEN new.address GLOB '@.*' THEN substr(r.address, 1 - length(new.address)) = substr(new.address, 2)
                    ELSE substr(r.address, -length(new.address)) = new.address END
        ) > 100;
  UPDATE audit SET cause = 'it covers more than 100 addresses that took mail within 180 days; to refuse them all, set its state to active'
  WHERE id = (SELECT max(id) FROM audit) AND address = new.address AND act = 'pending' AND cause = 'row changed by hand';
END;

-- The same of a row that is made to cover another domain.
CREATE TRIGGER other_domain_by_hand AFTER UPDATE OF address, scope ON suppression
WHEN new.address GLOB '@*' AND new.state = 'active' AND (new.address <> old.address OR new.scope <> old.scope)
BEGIN
  UPDATE suppression SET state = 'pending'
  WHERE address = new.address AND kind = new.kind AND scope = new.scope
    AND (SELECT count(*) FROM recipient AS r
         WHERE r.last_delivery >= unixepoch() - 15552000
           AND CASE WHEN new.address GLOB '@.*' THEN substr(r.address, 1 - length(new.address)) = substr(new.address, 2)
                    ELSE substr(r.address, -length(new.address)) = new.address END
        ) > 100;
  UPDATE audit SET cause = 'it covers more than 100 addresses that took mail within 180 days; to refuse them all, set its state to active'
  WHERE id = (SELECT max(id) FROM audit) AND address = new.address AND act = 'pending' AND cause = 'row changed by hand';
END;

-- A pending row that is made active becomes permanent, unless `until` is changed in the same statement.
CREATE TRIGGER suppression_updated_by_hand AFTER UPDATE ON suppression
BEGIN
  UPDATE suppression SET until = NULL
  WHERE address = new.address AND kind = new.kind AND scope = new.scope AND new.state = 'active' AND old.state = 'pending'
    AND new.until = old.until AND old.until > unixepoch() AND new.address NOT GLOB '@*';
  INSERT INTO recipient(address, events) SELECT new.address, 1
  WHERE new.address NOT GLOB '@*' OR old.actor = 'suppressd'
  ON CONFLICT (address) DO UPDATE SET events = max(events, 1);
  INSERT INTO audit(at, address, act, kind, scope, category, rule, provider, evidence, actor, cause, before)
  VALUES (unixepoch(), new.address,
          CASE WHEN old.until <= unixepoch() THEN 'changed'
               WHEN new.until <= unixepoch() THEN 'lifted'
               WHEN new.state = 'active' AND old.state = 'pending' THEN 'confirmed'
               WHEN new.state = 'pending' AND old.state = 'active' THEN 'pending'
               ELSE 'changed' END,
          new.kind, new.scope, new.category, new.rule, new.provider, new.evidence, 'sqlite3', 'row changed by hand',
          json_object('entry', json_object('address', old.address, 'kind', old.kind, 'scope', old.scope, 'state', old.state, 'category', old.category,
            'rule', old.rule, 'provider', old.provider, 'since', old.since, 'until', old.until, 'ref', old.ref,
            'evidence', old.evidence, 'note', old.note, 'actor', old.actor)));
END;

CREATE TRIGGER suppression_deleted_by_hand AFTER DELETE ON suppression
BEGIN
  INSERT INTO recipient(address, events) SELECT old.address, 1
  WHERE old.address NOT GLOB '@*' OR old.actor = 'suppressd'
  ON CONFLICT (address) DO UPDATE SET events = max(events, 1);
  INSERT INTO audit(at, address, act, kind, scope, category, rule, provider, evidence, actor, cause, before)
  VALUES (unixepoch(), old.address, 'lifted', old.kind, old.scope, old.category, old.rule, old.provider, old.evidence, 'sqlite3',
          'row deleted by hand',
          json_object('entry', json_object('address', old.address, 'kind', old.kind, 'scope', old.scope, 'state', old.state, 'category', old.category,
            'rule', old.rule, 'provider', old.provider, 'since', old.since, 'until', old.until, 'ref', old.ref,
            'evidence', old.evidence, 'note', old.note, 'actor', old.actor)));
END;

-- A change that ended or confirmed a learned entry that was not over is an act, one for each row; of a whole domain, if
-- suppressd has made the entry. A lift is of that kind and scope only. The time of the act is the clock's, or that of the newest
-- event of the address or domain if that is later.
CREATE TRIGGER act_by_hand AFTER INSERT ON audit
WHEN new.cause IN ('row changed by hand', 'row deleted by hand') AND new.act IN ('lifted', 'confirmed')
  AND new.kind IN ('hard', 'soft', 'complaint')
  AND (new.address NOT GLOB '@*' OR new.before ->> '$.entry.actor' = 'suppressd')
  AND coalesce(new.before ->> '$.entry.until' > unixepoch(), 1)
BEGIN
  INSERT INTO act(act, kind, scope, note)
  VALUES (CASE new.act WHEN 'lifted' THEN 'lift' ELSE 'confirm' END,
          CASE new.act WHEN 'lifted' THEN new.kind ELSE '' END,
          CASE new.act WHEN 'lifted' THEN new.scope END, new.cause);
  INSERT INTO act_address(address, number, at)
  VALUES (new.address, last_insert_rowid(),
          max(unixepoch(), coalesce((SELECT max(at) FROM evidence WHERE address = new.address), 0),
              coalesce((SELECT max(at) FROM evidence WHERE against = new.address AND against <> ''), 0),
              coalesce((SELECT last_delivery FROM domain WHERE '@' || domain = new.address), 0),
              coalesce((SELECT last_delivery FROM recipient WHERE address = new.address), 0)));
  UPDATE audit SET number = last_insert_rowid() WHERE id = new.id;
  UPDATE recipient SET streak = 0, streak_since = NULL, last_failure = NULL, last_category = '', soft_step = 0
  WHERE address = new.address AND new.act = 'lifted' AND new.kind = 'soft';
  UPDATE recipient SET hard_step = 0
  WHERE address = new.address AND new.act = 'lifted' AND new.kind = 'hard';
END;

-- A complaint by hand loses its end if it would hide a learned one that no lift has set aside: that one is permanent.
CREATE TRIGGER complaint_by_hand AFTER INSERT ON audit
WHEN new.cause IN ('row inserted by hand', 'row changed by hand') AND new.act IN ('added', 'changed')
  AND new.kind = 'complaint'
BEGIN
  UPDATE suppression SET until = NULL
  WHERE address = new.address AND kind = 'complaint' AND scope = new.scope AND actor <> 'suppressd' AND until > unixepoch()
    AND EXISTS (SELECT 1 FROM evidence AS e
                WHERE e.address = new.address AND e.what = 'complaint' AND e.scope = new.scope
                  AND NOT EXISTS (SELECT 1 FROM act_address AS x JOIN act AS a ON a.number = x.number
                                  WHERE x.address = e.address AND x.at >= e.at AND a.act = 'lift'
                                    AND a.kind IN ('', 'complaint') AND coalesce(a.scope, e.scope) = e.scope
                                    AND NOT EXISTS (SELECT 1 FROM act AS r WHERE r.reverts = a.number)));
END;

CREATE TRIGGER exemption_inserted_by_hand AFTER INSERT ON exemption
BEGIN
  INSERT INTO audit(at, address, act, actor, cause)
  VALUES (unixepoch(), new.address, 'exempted', new.actor, 'row inserted by hand');
END;

CREATE TRIGGER exemption_deleted_by_hand AFTER DELETE ON exemption
BEGIN
  INSERT INTO audit(at, address, act, actor, cause)
  VALUES (unixepoch(), old.address, 'unexempted', 'sqlite3', 'row deleted by hand');
END;

CREATE TRIGGER exemption_updated_by_hand AFTER UPDATE OF address ON exemption
BEGIN
  INSERT INTO audit(at, address, act, actor, cause)
  VALUES (unixepoch(), old.address, 'unexempted', 'sqlite3', 'row changed by hand');
  INSERT INTO audit(at, address, act, actor, cause)
  VALUES (unixepoch(), new.address, 'exempted', 'sqlite3', 'row changed by hand');
END;

CREATE TRIGGER enforcement_inserted_by_hand AFTER INSERT ON enforcement_off
BEGIN
  INSERT INTO audit(at, address, act, actor, cause)
  VALUES (unixepoch(), '', 'enforcement-off', new.actor,
          'no one is refused until ' || strftime('%Y-%m-%dT%H:%M:%SZ', new.until, 'unixepoch') || ': row inserted by hand');
END;

CREATE TRIGGER enforcement_updated_by_hand AFTER UPDATE ON enforcement_off
BEGIN
  INSERT INTO audit(at, address, act, actor, cause)
  VALUES (unixepoch(), '', CASE WHEN new.until > unixepoch() THEN 'enforcement-off' ELSE 'enforcement-on' END, 'sqlite3',
          'no one is refused until ' || strftime('%Y-%m-%dT%H:%M:%SZ', new.until, 'unixepoch') || ': row changed by hand');
END;

CREATE TRIGGER enforcement_deleted_by_hand AFTER DELETE ON enforcement_off WHEN old.until > unixepoch()
BEGIN
  INSERT INTO audit(at, address, act, actor, cause)
  VALUES (unixepoch(), '', 'enforcement-on', 'sqlite3', 'row deleted by hand');
END;
