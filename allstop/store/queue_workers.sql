-- A part of the queue: the leases of workers, what becomes of a dead one, and the tallies.
-- The rules that each function must keep stand at the head of queue.sql, which is installed first.

-- BEAT: renew the lease and acknowledge; returns the newest number, or no row for a fenced worker.
CREATE FUNCTION queue_beat(w bigint, t timestamptz, ack bigint, lease interval) RETURNS SETOF bigint LANGUAGE sql AS $$
  UPDATE worker SET lease_until = t + lease, acked = GREATEST(acked, ack)
   WHERE id = w AND NOT fenced RETURNING (SELECT number FROM gate) $$;

-- CONFIRM `s` and every stop before it that is not yet, each with its entry in the ledger, and return `s`; nothing, where
-- a worker has not acknowledged it after `patience`. One statement, since a person waits for it, and it looks by itself,
-- since each look from outside would wake whoever asks on a machine whose processors the workers need. `t` is the time at
-- its begin. A slice of a bulk change has no entry of its own: the change has one for all.
CREATE FUNCTION queue_confirm(s bigint, t timestamptz, patience interval) RETURNS SETOF stop LANGUAGE plpgsql AS $$
DECLARE asked timestamptz := t; began timestamptz := clock_timestamp(); confirmed integer; BEGIN
  WHILE EXISTS (SELECT FROM worker WHERE acked < s) LOOP  -- each look has a snapshot of its own
    IF t - asked >= patience THEN RETURN; END IF;
    PERFORM pg_sleep(0.001);
    t := asked + (clock_timestamp() - began);
  END LOOP;
  WITH due AS (SELECT number FROM stop WHERE confirmed_at IS NULL AND NOT is_lift AND number <= s
                ORDER BY number FOR UPDATE),
    done AS (UPDATE stop SET confirmed_at = t FROM due WHERE stop.number = due.number RETURNING stop.*),
    written AS (
      INSERT INTO ledger (account_id, at, by, act, subject, reason, after)
      SELECT account_id, t, 'gate', 'stop_confirmed',
             scope || COALESCE(':' || COALESCE(contact_id::text, job_id::text, location_id::text, channel), ''), '',
             jsonb_build_object('number', number, 'workers', workers, 'in_flight', in_flight, 'handed_back', handed_back)
        FROM done WHERE scope <> 'contacts' ORDER BY account_id, number)
  SELECT count(*) INTO confirmed FROM done;
  IF confirmed > 0 THEN PERFORM pg_notify('gate', ''); END IF;  -- open screens; workers have nothing to do
  RETURN QUERY SELECT * FROM stop WHERE number = s;
END $$;

-- FENCE workers that have not acknowledged `s`: from the commit on none of their renewals succeeds. The caller then
-- waits one lease on its own monotonic clock (no two machines' clocks are compared) and buries them.
CREATE FUNCTION queue_fence(s bigint) RETURNS SETOF bigint LANGUAGE sql AS $$
  UPDATE worker SET fenced = true WHERE acked < s RETURNING id $$;

-- BURY fenced workers. What they held may have left: its outcome is unknown and a person decides.
CREATE FUNCTION queue_bury(workers bigint[], t timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE dead bigint[]; accounts bigint[]; ids bigint[]; lost integer; BEGIN
  WITH gone AS (DELETE FROM worker WHERE id = ANY (workers) AND fenced RETURNING id) SELECT array_agg(id) INTO dead FROM gone;
  IF dead IS NULL THEN RETURN 0; END IF;
  WITH held AS (DELETE FROM queue WHERE worker_id = ANY (dead) RETURNING *),
    record AS (
      UPDATE message SET status = 'unknown', reason = 'worker_lost', finished_at = t FROM held
       WHERE message.account_id = held.account_id AND message.id = held.id),
    tried AS (
      INSERT INTO attempt (account_id, message_id, number, worker_id, adapter, started_at, ended_at, outcome, ref, code, detail)
      SELECT account_id, id, attempt + 1, worker_id, '', NULL, NULL, 'unknown', '', 'worker_lost',
             'The worker that held this message ended before it said what became of it.' FROM held),
    counted AS (
      INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
      SELECT account_id, job_id, location_id, channel, 'waiting', -count(*), t FROM held GROUP BY 1, 2, 3, 4
      UNION ALL SELECT account_id, job_id, location_id, channel, 'unknown', count(*), t FROM held GROUP BY 1, 2, 3, 4)
  SELECT count(*), array_agg(account_id), array_agg(id) INTO lost, accounts, ids FROM held;
  PERFORM queue_tell(accounts, ids, t);
  RETURN lost;
END $$;

-- TELL: what messages are now, to webhooks that want it: the way of what ends outside queue_finish and queue_sent.
CREATE FUNCTION queue_tell(accounts bigint[], ids bigint[], t timestamptz) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  IF NOT EXISTS (SELECT FROM webhook WHERE account_id = ANY (accounts) AND is_on) THEN RETURN; END IF;
  INSERT INTO event (account_id, kind, at, message_id, contact_id, reason)
  SELECT m.account_id, 'message.' || m.status, t, m.id, m.contact_id, m.reason
    FROM unnest(accounts, ids) AS x(account_id, id) JOIN message m ON m.account_id = x.account_id AND m.id = x.id
   WHERE EXISTS (SELECT FROM webhook WHERE webhook.account_id = m.account_id AND is_on
                    AND 'message.' || m.status = ANY (kinds));
END $$;

-- TALLY changes -> tallies, and what finished -> its second (`finish`). One at a time, and only if nobody else is at it.
CREATE FUNCTION queue_fold_tally() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE folded integer; BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('queue_fold_tally')) THEN RETURN 0; END IF;
  WITH gone AS (DELETE FROM tally_change WHERE id IN (SELECT id FROM tally_change ORDER BY id LIMIT 10000)
                RETURNING account_id, job_id, location_id, channel, status, count, at),
       sums AS (SELECT account_id, job_id, location_id, channel, status, sum(count) AS count, count(*) AS rows
                  FROM gone GROUP BY 1, 2, 3, 4, 5),
       added AS (INSERT INTO tally (account_id, job_id, location_id, channel, status, count)
                 SELECT account_id, job_id, location_id, channel, status, count FROM sums
                 ON CONFLICT (account_id, job_id, location_id, channel, status)
                 DO UPDATE SET count = tally.count + EXCLUDED.count),
       timed AS (INSERT INTO finish (account_id, at, status, count)
                 SELECT account_id, date_trunc('second', at), status, sum(count) FROM gone
                  WHERE status <> 'waiting' AND count > 0 GROUP BY 1, 2, 3
                 ON CONFLICT (account_id, at, status) DO UPDATE SET count = finish.count + EXCLUDED.count)
  SELECT COALESCE(sum(rows), 0) INTO folded FROM sums;
  RETURN folded;
END $$;
