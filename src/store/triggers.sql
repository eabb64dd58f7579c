-- Changes by hand, with the sqlite3 shell, are audited here. One that ends or confirms a learned entry is an act as well:
-- the list goes on from it. The program's own connections switch triggers off (SQLITE_DBCONFIG_ENABLE_TRIGGER), for its
-- writers audit each change with its cause. A bulk load by hand may do the same with `.dbconfig enable_trigger off`.

CREATE TRIGGER suppression_inserted_by_hand AFTER INSERT ON suppression
BEGIN
  INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause)
  VALUES (unixepoch(), new.address, 'added', new.kind, new.category, new.rule, new.provider, new.evidence, new.actor,
          'row inserted by hand');
  INSERT INTO recipient(address, events)
  SELECT new.address, 1 WHERE new.address NOT GLOB '@*' AND new.kind IN ('hard', 'soft', 'complaint')
  ON CONFLICT (address) DO UPDATE SET events = max(events, 1);
END;

CREATE TRIGGER suppression_updated_by_hand AFTER UPDATE ON suppression
BEGIN
  INSERT INTO act(act, note)
  SELECT CASE WHEN new.until <= unixepoch() AND (old.until IS NULL OR old.until > unixepoch()) THEN 'lift'
              WHEN new.state = 'active' AND old.state = 'pending' THEN 'confirm' END, 'row changed by hand'
  WHERE new.kind IN ('hard', 'soft', 'complaint') AND new.address NOT GLOB '@*'
    AND (new.until <= unixepoch() AND (old.until IS NULL OR old.until > unixepoch())
         OR new.state = 'active' AND old.state = 'pending');
  INSERT INTO act_address(address, number, at)
  SELECT new.address, number, at FROM act WHERE number = last_insert_rowid() AND note = 'row changed by hand'
    AND new.kind IN ('hard', 'soft', 'complaint') AND new.address NOT GLOB '@*'
    AND (new.until <= unixepoch() AND (old.until IS NULL OR old.until > unixepoch())
         OR new.state = 'active' AND old.state = 'pending');
  INSERT INTO recipient(address, events) SELECT new.address, 1 WHERE new.address NOT GLOB '@*'
  ON CONFLICT (address) DO UPDATE SET events = max(events, 1);
  UPDATE recipient SET streak = 0, streak_since = NULL, soft_step = 0, hard_step = 0
  WHERE address = new.address AND new.until <= unixepoch() AND (old.until IS NULL OR old.until > unixepoch())
    AND new.kind IN ('hard', 'soft', 'complaint');
  INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause, before)
  VALUES (unixepoch(), new.address,
          CASE WHEN new.until <= unixepoch() AND (old.until IS NULL OR old.until > unixepoch()) THEN 'lifted'
               WHEN new.state = 'active' AND old.state = 'pending' THEN 'confirmed'
               WHEN new.state = 'pending' AND old.state = 'active' THEN 'pending'
               ELSE 'changed' END,
          new.kind, new.category, new.rule, new.provider, new.evidence, 'sqlite3', 'row changed by hand',
          json_object('entry', json_object('address', old.address, 'kind', old.kind, 'state', old.state, 'category', old.category,
            'rule', old.rule, 'provider', old.provider, 'since', old.since, 'until', old.until, 'ref', old.ref,
            'evidence', old.evidence, 'note', old.note, 'actor', old.actor)));
END;

CREATE TRIGGER suppression_deleted_by_hand AFTER DELETE ON suppression
BEGIN
  INSERT INTO act(act, note)
  SELECT 'lift', 'row deleted by hand'
  WHERE old.kind IN ('hard', 'soft', 'complaint') AND old.address NOT GLOB '@*' AND old.state <> 'suspended'
    AND (old.until IS NULL OR old.until > unixepoch());
  INSERT INTO act_address(address, number, at)
  SELECT old.address, number, at FROM act WHERE number = last_insert_rowid() AND note = 'row deleted by hand'
    AND old.kind IN ('hard', 'soft', 'complaint') AND old.address NOT GLOB '@*' AND old.state <> 'suspended'
    AND (old.until IS NULL OR old.until > unixepoch());
  INSERT INTO recipient(address, events) SELECT old.address, 1 WHERE old.address NOT GLOB '@*'
  ON CONFLICT (address) DO UPDATE SET events = max(events, 1), streak = 0, streak_since = NULL, soft_step = 0,
    hard_step = 0;
  INSERT INTO audit(at, address, act, kind, category, rule, provider, evidence, actor, cause, before)
  VALUES (unixepoch(), old.address, 'lifted', old.kind, old.category, old.rule, old.provider, old.evidence, 'sqlite3',
          'row deleted by hand',
          json_object('entry', json_object('address', old.address, 'kind', old.kind, 'state', old.state, 'category', old.category,
            'rule', old.rule, 'provider', old.provider, 'since', old.since, 'until', old.until, 'ref', old.ref,
            'evidence', old.evidence, 'note', old.note, 'actor', old.actor)));
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
