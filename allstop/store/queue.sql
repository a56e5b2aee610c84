-- The queue and the stop: the only hand-written SQL of Allstop. queue.py calls it; models/queue.py has the tables.
--
-- Why no send starts after a stop is acknowledged: docs/notes/0003-queue.md. The rules that each function must keep:
--   1. A claim commits holding the row lock of its lane, under which it read is_open. A stop takes the same locks.
--   2. gate.number is taken LAST in the transaction of a stop, under its row lock: numbers are in commit order.
--   3. A claim returns gate.number as seen by the very statement that read the markers, opt-outs and narrow holds.
--      A worker starts a message only while no stop that it has heard of, for that message, has a higher number.
--   4. Locks are taken in the order lane, gate, ledger_head. Whoever skips locked rows may come from anywhere.
--   5. Times are arguments; SQL makes none.
-- This file has the tables' settings, the claim and the finish. Its parts are installed with it, in the order of QUEUE in
-- installed_sql.py: queue_back.sql (what goes back), queue_stop.sql (stop, lift, release), queue_workers.sql (the
-- workers' leases and burials, the tallies). It goes first, since it drops every function of the name prefix.

DO $$ DECLARE f regprocedure; BEGIN
  FOR f IN SELECT oid::regprocedure FROM pg_proc
           WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'queue\_%' LOOP
    EXECUTE 'DROP FUNCTION ' || f;
  END LOOP;
END $$;

CREATE SEQUENCE IF NOT EXISTS message_id AS bigint;
INSERT INTO gate (one, number) VALUES (1, 0) ON CONFLICT DO NOTHING;

-- Hot tables: room for updates in the same page, and vacuum early.
ALTER TABLE lane SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
                      autovacuum_vacuum_cost_delay = 0);
ALTER TABLE wake SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
                      autovacuum_vacuum_cost_delay = 0);
ALTER TABLE tally_change SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
                              autovacuum_vacuum_cost_delay = 0);
ALTER TABLE queue SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- Its pages are filled by imports, and a claim needs room for the second entry of a row: to look for doubles in a full page
-- before each of them cost a twentieth of the server's work.
ALTER INDEX queue_pkey SET (fillfactor = 75, deduplicate_items = off);
-- Room for the second version of every row of a page: no index mentions what a finish changes, so it stays there (HOT).
ALTER TABLE message SET (fillfactor = 65);
ALTER TABLE worker SET (fillfactor = 20);


-- WAKE: wake rows -> lanes. SKIP LOCKED: it waits for nobody, so it can neither deadlock nor hold up a stop.
CREATE FUNCTION queue_fold() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE a bigint[]; c text[]; h boolean[]; lanes integer; BEGIN
  SELECT array_agg(x.account_id), array_agg(x.channel), array_agg(x.by_hand) INTO a, c, h FROM (
    SELECT account_id, channel, by_hand FROM lane
     WHERE (account_id, channel, by_hand) IN
           (SELECT account_id, channel, by_hand FROM (SELECT * FROM wake ORDER BY id LIMIT 2000) first)
       FOR UPDATE SKIP LOCKED) x;
  IF a IS NULL THEN RETURN 0; END IF;
  -- a statement of its own: its snapshot is newer than the lane locks
  WITH gone AS (DELETE FROM wake USING unnest(a, c, h) AS l(account_id, channel, by_hand)
                 WHERE wake.account_id = l.account_id AND wake.channel = l.channel AND wake.by_hand = l.by_hand
                RETURNING wake.account_id, wake.channel, wake.by_hand, wake.due_at),
       first AS (SELECT account_id, channel, by_hand, min(due_at) AS due_at FROM gone GROUP BY 1, 2, 3)
  UPDATE lane SET
      -- LEAST ignores NULL: an empty lane takes the new time
      next_due_at = LEAST(lane.next_due_at, CASE WHEN lane.pace_ms > 0 THEN GREATEST(first.due_at, lane.slot_at)
                                                 ELSE first.due_at END),
      head_id = CASE WHEN first.due_at <= lane.head_due_at THEN 0 ELSE lane.head_id END,
      head_due_at = LEAST(lane.head_due_at, first.due_at - interval '1 microsecond')
    FROM first
   WHERE lane.account_id = first.account_id AND lane.channel = first.channel AND lane.by_hand = first.by_hand;
  GET DIAGNOSTICS lanes = ROW_COUNT;
  RETURN lanes;
END $$;

-- FINISH messages for good: out of the queue, the record, the attempt, the tallies, the ledger for what the gate
-- refused, the events that webhooks want. By primary key only: IS NOT DISTINCT FROM keeps the planner off queue_in_hand and its dead entries.
CREATE FUNCTION queue_finish(
  w bigint, t timestamptz, accounts bigint[], ids bigint[], statuses text[], reasons text[], outcomes text[],
  started timestamptz[], ended timestamptz[], adapters text[], refs text[], codes text[], details text[])
RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE finished integer; BEGIN
  WITH done AS (
      DELETE FROM queue q
       USING unnest(accounts, ids, statuses, reasons, outcomes, started, ended, adapters, refs, codes, details)
             AS x(account_id, id, status, reason, outcome, started_at, ended_at, adapter, ref, code, detail)
       WHERE q.account_id = x.account_id AND q.id = x.id AND q.worker_id IS NOT DISTINCT FROM w
      RETURNING x.*, q.contact_id, q.job_id, q.location_id, q.channel, q.attempt, q.purpose, q.appointment_at),
    record AS (
      UPDATE message SET status = done.status, reason = done.reason, finished_at = t FROM done
       WHERE message.account_id = done.account_id AND message.id = done.id),
    tried AS (
      INSERT INTO attempt (account_id, message_id, number, worker_id, adapter, started_at, ended_at, outcome, ref, code, detail)
      SELECT account_id, id, attempt + 1, w, adapter, started_at, ended_at, outcome, ref, code, detail
        FROM done WHERE outcome IS NOT NULL),
    counted AS (
      INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
      SELECT account_id, job_id, location_id, channel, 'waiting', -count(*), t FROM done GROUP BY 1, 2, 3, 4
      UNION ALL
      SELECT account_id, job_id, location_id, channel, status, count(*), t FROM done GROUP BY 1, 2, 3, 4, 5),
    written AS (
      INSERT INTO ledger (account_id, at, by, act, subject, reason)
      SELECT account_id, t, 'gate', 'refused', 'message:' || id, reason FROM done WHERE status = 'refused'
       ORDER BY account_id, id),
    instead AS (  -- reminders that may go out as calls: actions/calls_instead.py decides
      INSERT INTO call_instead (account_id, message_id, look_at)
      SELECT account_id, id, t FROM done
       WHERE reason = 'opted_out_text' AND purpose = 'reminder' AND appointment_at > t
         AND EXISTS (SELECT FROM reply_setup WHERE reply_setup.account_id = done.account_id AND calls_instead)
      ON CONFLICT DO NOTHING),
    told AS (
      INSERT INTO event (account_id, kind, at, message_id, contact_id, reason)
      SELECT account_id, 'message.' || status, t, id, contact_id, reason FROM done
       WHERE EXISTS (SELECT FROM webhook WHERE webhook.account_id = done.account_id AND is_on
                        AND 'message.' || done.status = ANY (kinds)))
  SELECT count(*) INTO finished FROM done;
  RETURN finished;
END $$;

-- SENT: the short way of queue_finish for what providers accepted at once, which is nearly everything. In the arrays
-- of accounts and adapters, and in those of codes and details, one element stands for all. Times are microseconds after `t0`.
CREATE FUNCTION queue_sent(
  w bigint, t timestamptz, accounts bigint[], ids bigint[], t0 timestamptz, started bigint[], ended bigint[],
  adapters text[], refs text[], codes text[], details text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH done AS (
      DELETE FROM queue q
       WHERE q.account_id = ANY (accounts) AND q.id = ANY (ids) AND q.worker_id IS NOT DISTINCT FROM w
      RETURNING q.account_id, q.id, q.contact_id, q.job_id, q.location_id, q.channel, q.attempt),
    record AS (
      UPDATE message SET status = 'sent', reason = '', finished_at = t
       WHERE message.account_id = ANY (accounts) AND message.id = ANY (ARRAY (SELECT id FROM done))),
    tried AS (
      INSERT INTO attempt (account_id, message_id, number, worker_id, adapter, started_at, ended_at, outcome, ref, code, detail)
      SELECT done.account_id, done.id, done.attempt + 1, w, COALESCE(x.adapter, adapters[1]),
             t0 + x.started * interval '1 microsecond', t0 + x.ended * interval '1 microsecond', 'accepted',
             x.ref, COALESCE(x.code, codes[1]), COALESCE(x.detail, details[1])
        FROM done JOIN unnest(ids, started, ended, adapters, refs, codes, details)
                       AS x(id, started, ended, adapter, ref, code, detail) ON x.id = done.id),
    told AS (  -- who wants to hear of it is asked once for all of them
      INSERT INTO event (account_id, kind, at, message_id, contact_id)
      SELECT account_id, 'message.sent', t, id, contact_id FROM done
       WHERE account_id = ANY (ARRAY (SELECT webhook.account_id FROM webhook
                                       WHERE webhook.account_id = ANY (accounts) AND is_on
                                         AND 'message.sent' = ANY (kinds)))),
    sums AS (
      SELECT account_id, job_id, location_id, channel, count(*) AS count FROM done GROUP BY 1, 2, 3, 4)
  INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
  SELECT account_id, job_id, location_id, channel, status, count * way, t
    FROM sums, (VALUES ('waiting', -1), ('sent', 1)) AS both_ways(status, way);
END $$;

-- STEP: finish what was sent and claim from these lanes, in turn, until `burst` messages are claimed: one transaction,
-- one commit, one round trip. `lane` says which of them a message came from. Where a lane is short, many are visited
-- in one commit; all their locks are taken with SKIP LOCKED and kept for milliseconds.
-- A lane is claimed from by its key (the worker keeps a short list of due lanes), scanning on from the lane's cursor:
-- neither look-up meets the dead index entries that pile up while some other session holds an old snapshot.
-- `plain`: nothing at all stands against the contact, the job or the location, and nobody sent it by hand; whatever
-- is not plain is judged on facts that the worker loads one by one. What stands against the contacts of a burst is
-- looked up for all of them together. `setup`: facts of the lane read under another number are out of date.
-- Rows come in no order: whoever asks sorts them.
-- Plans are pinned: a join picked from odd statistics cost a factor of 50, and to plan afresh for the arrays of each
-- call costs more than to run. Nothing here needs a nested loop: rows are
-- found by their keys, and what is joined is a burst.
-- Only small columns leave here: a result larger than the socket's buffer would be sent before the commit, with the lanes locked.
CREATE FUNCTION queue_step(
  w bigint, t timestamptz, lane_accounts bigint[], lane_channels text[], lane_by_hands boolean[], burst integer,
  accounts bigint[], ids bigint[], t0 timestamptz, started bigint[], ended bigint[],
  adapters text[], refs text[], codes text[], details text[])
RETURNS TABLE (id bigint, contact_id bigint, job_id bigint, location_id bigint, purpose varchar, recipients integer,
               due_at timestamptz, use_by timestamptz, attempt smallint, before_reset smallint, zones varchar[], plain boolean,
               number bigint, setup integer, lane integer)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_nestloop = off SET enable_mergejoin = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  claimed integer := 0; a bigint; c text; h boolean; l lane; want integer; got integer;
  chosen bigint[]; contacts bigint[]; dues timestamptz[]; pace interval; slot timestamptz; next_due timestamptz;
BEGIN
  IF array_length(ids, 1) > 0 THEN
    PERFORM queue_sent(w, t, accounts, ids, t0, started, ended, adapters, refs, codes, details);
  END IF;
  PERFORM 1 FROM worker WHERE worker.id = w AND NOT fenced FOR KEY SHARE;
  IF NOT FOUND THEN RAISE EXCEPTION 'worker % is fenced', w USING ERRCODE = 'AS001'; END IF;
  FOR i IN 1 .. array_length(lane_accounts, 1) LOOP
    EXIT WHEN claimed >= burst;
    a := lane_accounts[i]; c := lane_channels[i]; h := lane_by_hands[i];
    -- by its key and nothing else: with is_open in the condition, statistics could lure the planner to lane_due
    SELECT * INTO l FROM lane WHERE account_id = a AND channel = c AND by_hand = h FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND OR NOT l.is_open OR l.next_due_at IS NULL OR l.next_due_at > t;

    want := burst - claimed;
    slot := l.slot_at;
    IF l.pace_ms > 0 THEN    -- GCRA, as rules/pacing.py: late by up to a second keeps the clock, idle time saves nothing
      pace := l.pace_ms * interval '1 millisecond';
      IF slot < t - interval '1 second' THEN slot := t; END IF;
      want := CASE WHEN slot > t THEN 0
                   ELSE LEAST(want, 1 + floor(extract(epoch FROM t - slot) * 1000 / l.pace_ms)::integer) END;
    END IF;

    -- one more than is wanted: it tells when the lane is due next. Only those up to `got` are claimed.
    SELECT array_agg(x.id), array_agg(x.contact_id), array_agg(x.due_at), LEAST(want, count(*) FILTER (WHERE x.due_at <= t))
      INTO chosen, contacts, dues, got FROM (
      SELECT queue.id, queue.contact_id, queue.due_at FROM queue
       WHERE account_id = a AND channel = c AND by_hand = h AND worker_id IS NULL AND held IS NULL
         AND (due_at, queue.id) > (l.head_due_at, l.head_id)
       ORDER BY due_at, queue.id LIMIT want + 1) x;
    IF l.pace_ms > 0 THEN slot := slot + got * pace; END IF;
    IF got = want THEN
      next_due := GREATEST(t, slot);          -- more may be due: to the back of the line, so that lanes take turns
    ELSE                                      -- NULL when the lane is empty; GREATEST alone would ignore that NULL
      next_due := CASE WHEN l.pace_ms > 0 AND dues[got + 1] IS NOT NULL THEN GREATEST(dues[got + 1], slot) ELSE dues[got + 1] END;
    END IF;
    chosen := chosen[1:got];
    contacts := contacts[1:got];
    UPDATE lane SET next_due_at = next_due, slot_at = slot,
                    head_due_at = COALESCE(dues[got], head_due_at), head_id = COALESCE(chosen[got], head_id)
     WHERE account_id = a AND channel = c AND by_hand = h;
    CONTINUE WHEN got = 0;

    RETURN QUERY
      UPDATE queue q SET worker_id = w WHERE q.account_id = a AND q.id = ANY (chosen)
      RETURNING q.id, q.contact_id, q.job_id, q.location_id, q.purpose, q.recipients, q.due_at, q.use_by, q.attempt, q.before_reset,
        -- emails know no quiet hours
        CASE WHEN c <> 'email' THEN COALESCE((SELECT contact.zones FROM contact WHERE contact.id = q.contact_id), '{}')
             ELSE '{}'::varchar[] END,
        NOT h
          -- laws hold promotions at some hours, and where the contact lives is looked up for them alone
          AND NOT (q.purpose = 'promotion' AND c <> 'email')
          -- where no narrow hold stands in the account, the three questions are not asked of every message
          AND (NOT (SELECT EXISTS (SELECT FROM hold WHERE hold.account_id = a AND lifted_at IS NULL
                                      AND scope = ANY ('{job,location,contact}')))
               OR NOT EXISTS (SELECT FROM hold WHERE hold.job_id = q.job_id AND lifted_at IS NULL)
                  AND NOT EXISTS (SELECT FROM hold WHERE hold.location_id = q.location_id AND lifted_at IS NULL)
                  AND NOT EXISTS (SELECT FROM hold WHERE hold.contact_id = q.contact_id AND lifted_at IS NULL))
          AND NOT COALESCE(q.contact_id = ANY (
                ARRAY (SELECT marker.contact_id FROM marker
                        WHERE marker.contact_id = ANY (contacts) AND kind <> 'flag')), false)
          AND NOT COALESCE(q.contact_id = ANY (
                ARRAY (SELECT opt_out.contact_id FROM opt_out
                        WHERE opt_out.contact_id = ANY (contacts) AND lifted_at IS NULL)), false),
        (SELECT gate.number FROM gate), l.setup_number, i - 1;
    GET DIAGNOSTICS got = ROW_COUNT;
    claimed := claimed + got;
  END LOOP;
END $$;
