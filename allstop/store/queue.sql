-- The queue and the stop: the only hand-written SQL of Allstop. queue.py calls it; models/queue.py has the tables.
--
-- Why no send starts after a stop is acknowledged: docs/notes/0003-queue.md. The rules that each function must keep:
--   1. A claim commits holding the row lock of its lane, under which it read is_open. A stop takes the same locks.
--   2. gate.number is taken LAST in the transaction of a stop, under its row lock: numbers are in commit order.
--   3. A claim returns gate.number as seen by the very statement that read the markers, opt-outs and narrow holds.
--      A worker starts a message only while no stop that it has heard of, for that message, has a higher number.
--   4. Locks are taken in the order lane, gate, ledger_head. Whoever skips locked rows may come from anywhere.
--   5. Times are arguments; SQL makes none.
-- This file is installed whole by a migration: it first drops every function of its name prefix.

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


-- CLAIM from one lane by its key (the worker keeps a short list of due lanes), scanning on from the lane's cursor:
-- neither look-up meets the dead index entries that pile up while some other session holds an old snapshot.
-- Only queue_step calls it, which pins the plans.
-- `plain`: nothing at all stands against the contact, the job or the location, and nobody sent it by hand; whatever
-- is not plain is judged on facts that the worker loads one by one. What stands against the contacts of a burst is
-- looked up for all of them together. `setup`: facts of the lane read under another number are out of date.
CREATE FUNCTION queue_claim(w bigint, t timestamptz, a bigint, c text, h boolean, burst integer)
RETURNS TABLE (id bigint, contact_id bigint, job_id bigint, location_id bigint, purpose varchar, recipients integer,
               due_at timestamptz, use_by timestamptz, attempt smallint, zones varchar[], plain boolean, number bigint, setup integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  l lane; want integer := burst; got integer; ids bigint[]; contacts bigint[];
  pace interval; slot timestamptz; last_due timestamptz; last_id bigint; next_due timestamptz;
BEGIN
  -- by its key and nothing else: with is_open in the condition, statistics could lure the planner to lane_due
  SELECT * INTO l FROM lane WHERE account_id = a AND channel = c AND by_hand = h FOR UPDATE SKIP LOCKED;
  IF NOT FOUND OR NOT l.is_open OR l.next_due_at IS NULL OR l.next_due_at > t THEN RETURN; END IF;

  slot := l.slot_at;
  IF l.pace_ms > 0 THEN      -- GCRA, as rules/pacing.py: late by up to a second keeps the clock, idle time saves nothing
    pace := l.pace_ms * interval '1 millisecond';
    IF slot < t - interval '1 second' THEN slot := t; END IF;
    want := CASE WHEN slot > t THEN 0
                 ELSE LEAST(burst, 1 + floor(extract(epoch FROM t - slot) * 1000 / l.pace_ms)::integer) END;
  END IF;

  SELECT array_agg(x.id), array_agg(x.contact_id), max(x.due_at) INTO ids, contacts, last_due FROM (
    SELECT queue.id, queue.contact_id, queue.due_at FROM queue
     WHERE account_id = a AND channel = c AND by_hand = h AND worker_id IS NULL AND held IS NULL
       AND due_at <= t AND (due_at, queue.id) > (l.head_due_at, l.head_id)
     ORDER BY due_at, queue.id LIMIT want) x;
  got := COALESCE(array_length(ids, 1), 0);
  last_id := CASE WHEN got > 0 THEN ids[got] END;
  IF l.pace_ms > 0 THEN slot := slot + got * pace; END IF;
  IF got = want THEN
    next_due := GREATEST(t, slot);          -- more may be due: to the back of the line, so that lanes take turns
  ELSE                                      -- NULL when the lane is empty; GREATEST alone would ignore that NULL
    SELECT CASE WHEN l.pace_ms > 0 THEN GREATEST(due_at, slot) ELSE due_at END INTO next_due FROM queue
     WHERE account_id = a AND channel = c AND by_hand = h AND worker_id IS NULL AND held IS NULL
       AND (due_at, queue.id) > (COALESCE(last_due, l.head_due_at), COALESCE(last_id, l.head_id))
     ORDER BY due_at, queue.id LIMIT 1;
  END IF;
  UPDATE lane SET next_due_at = next_due, slot_at = slot,
                  head_due_at = COALESCE(last_due, head_due_at), head_id = COALESCE(last_id, head_id)
   WHERE account_id = a AND channel = c AND by_hand = h;

  IF got > 0 THEN RETURN QUERY
    WITH mine AS (
        UPDATE queue q SET worker_id = w WHERE q.account_id = a AND q.id = ANY (ids)
        RETURNING q.id, q.contact_id, q.job_id, q.location_id, q.purpose, q.recipients, q.due_at, q.use_by, q.attempt)
    SELECT q.id, q.contact_id, q.job_id, q.location_id, q.purpose, q.recipients, q.due_at, q.use_by, q.attempt,
           COALESCE(known.zones, '{}'),
           NOT h
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
           (SELECT gate.number FROM gate), l.setup_number
      FROM mine q LEFT JOIN (SELECT contact.id, contact.zones FROM contact  -- emails know no quiet hours
                              WHERE contact.id = ANY (CASE WHEN c <> 'email' THEN contacts END)) known
                         ON known.id = q.contact_id
     ORDER BY q.due_at, q.id;
  END IF;
END $$;


-- FINISH messages for good: out of the queue, the record, the attempt, the tallies, the ledger for what the gate
-- refused. By primary key only: IS NOT DISTINCT FROM keeps the planner off queue_by_worker and its dead entries.
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
      RETURNING x.*, q.job_id, q.location_id, q.channel, q.attempt),
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
       ORDER BY account_id, id)
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
      RETURNING q.account_id, q.id, q.job_id, q.location_id, q.channel, q.attempt),
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
    sums AS (
      SELECT account_id, job_id, location_id, channel, count(*) AS count FROM done GROUP BY 1, 2, 3, 4)
  INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
  SELECT account_id, job_id, location_id, channel, status, count * way, t
    FROM sums, (VALUES ('waiting', -1), ('sent', 1)) AS both_ways(status, way);
END $$;

-- STEP: finish what was sent and claim from these lanes, in turn, until `burst` messages are claimed: one transaction,
-- one commit, one round trip. `lane` says which of them a message came from. Where a lane is short, many are visited
-- in one commit; all their locks are taken with SKIP LOCKED and kept for milliseconds.
-- Plans are pinned: a join picked from odd statistics cost a factor of 50, and to plan afresh for the arrays of each
-- call costs more than to run. Nothing here needs a nested loop: rows are
-- found by their keys, and what is joined is a burst.
-- Only small columns leave here: a result larger than the socket's buffer would be sent before the commit, with the lanes locked.
CREATE FUNCTION queue_step(
  w bigint, t timestamptz, lane_accounts bigint[], lane_channels text[], lane_by_hands boolean[], burst integer,
  accounts bigint[], ids bigint[], t0 timestamptz, started bigint[], ended bigint[],
  adapters text[], refs text[], codes text[], details text[])
RETURNS TABLE (id bigint, contact_id bigint, job_id bigint, location_id bigint, purpose varchar, recipients integer,
               due_at timestamptz, use_by timestamptz, attempt smallint, zones varchar[], plain boolean, number bigint, setup integer,
               lane integer)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_nestloop = off SET enable_mergejoin = off SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE claimed integer := 0; more integer; BEGIN
  IF array_length(ids, 1) > 0 THEN
    PERFORM queue_sent(w, t, accounts, ids, t0, started, ended, adapters, refs, codes, details);
  END IF;
  PERFORM 1 FROM worker WHERE worker.id = w AND NOT fenced FOR KEY SHARE;
  IF NOT FOUND THEN RAISE EXCEPTION 'worker % is fenced', w USING ERRCODE = 'AS001'; END IF;
  FOR i IN 1 .. array_length(lane_accounts, 1) LOOP
    EXIT WHEN claimed >= burst;
    RETURN QUERY SELECT x.*, i - 1
                   FROM queue_claim(w, t, lane_accounts[i], lane_channels[i], lane_by_hands[i], burst - claimed) x;
    GET DIAGNOSTICS more = ROW_COUNT;
    claimed := claimed + more;
  END LOOP;
END $$;


-- PUT BACK what shall be tried or asked again: after a provider said "not now" (outcome set: an attempt is recorded and
-- counted), or because the gate said hold. `held` names a change that it waits for; otherwise it is due at `dues`.
-- Waiting for a change could miss one that was made meanwhile: so under the lane's lock, which every lift takes as well,
-- a message whose claim is older than the account's last lift is simply due again.
CREATE FUNCTION queue_put_back(
  w bigint, t timestamptz, accounts bigint[], ids bigint[], numbers bigint[], dues timestamptz[], held_for text[],
  reasons text[], outcomes text[], started timestamptz[], ended timestamptz[], adapters text[], refs text[],
  codes text[], details text[])
RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE put integer; BEGIN
  IF EXISTS (SELECT FROM unnest(held_for) AS x(held) WHERE held IS NOT NULL) THEN
    PERFORM 1 FROM lane WHERE account_id = ANY (accounts) ORDER BY account_id, channel, by_hand FOR UPDATE;
  END IF;
  WITH back AS (
      UPDATE queue q SET worker_id = NULL,
             attempt = q.attempt + (x.outcome IS NOT NULL)::integer,
             due_at = CASE WHEN lifted.yes THEN t ELSE x.due_at END,
             held = CASE WHEN NOT lifted.yes THEN x.held END
        FROM unnest(accounts, ids, numbers, dues, held_for, reasons, outcomes, started, ended, adapters, refs, codes, details)
             AS x(account_id, id, number, due_at, held, reason, outcome, started_at, ended_at, adapter, ref, code, detail)
             CROSS JOIN LATERAL (SELECT x.held IS NOT NULL AND EXISTS (
                 SELECT FROM stop WHERE stop.number > x.number AND is_lift
                    AND (stop.account_id = x.account_id OR stop.account_id IS NULL)) AS yes) lifted
       WHERE q.account_id = x.account_id AND q.id = x.id AND q.worker_id = w
      RETURNING x.*, q.channel, q.by_hand, q.attempt AS tried, q.due_at AS again_at, q.held AS waits_for),
    record AS (
      UPDATE message SET reason = back.reason FROM back
       WHERE message.account_id = back.account_id AND message.id = back.id),
    tried AS (
      INSERT INTO attempt (account_id, message_id, number, worker_id, adapter, started_at, ended_at, outcome, ref, code, detail)
      SELECT account_id, id, tried, w, adapter, started_at, ended_at, outcome, ref, code, detail
        FROM back WHERE outcome IS NOT NULL),
    woken AS (
      INSERT INTO wake (account_id, channel, by_hand, due_at)
      SELECT account_id, channel, by_hand, min(again_at) FROM back WHERE waits_for IS NULL GROUP BY 1, 2, 3),
    written AS (
      INSERT INTO ledger (account_id, at, by, act, subject, reason, after)
      SELECT account_id, t, 'gate', 'held', 'message:' || id, reason,
             jsonb_build_object('until', CASE WHEN waits_for IS NULL THEN again_at END)
        FROM back WHERE outcome IS NULL ORDER BY account_id, id)
  SELECT count(*) INTO put FROM back;
  RETURN put;
END $$;

-- HAND BACK what a live worker had claimed and knows that it never started; `s` is the stop that made it, if one did.
CREATE FUNCTION queue_hand_back(w bigint, accounts bigint[], ids bigint[], s bigint)
RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off AS $$
DECLARE back integer; BEGIN
  WITH free AS (
      UPDATE queue q SET worker_id = NULL FROM unnest(accounts, ids) AS x(account_id, id)
       WHERE q.account_id = x.account_id AND q.id = x.id AND q.worker_id = w
      RETURNING q.account_id, q.channel, q.by_hand, q.due_at),
    woken AS (
      INSERT INTO wake (account_id, channel, by_hand, due_at)
      SELECT account_id, channel, by_hand, min(due_at) FROM free GROUP BY 1, 2, 3)
  SELECT count(*) INTO back FROM free;
  IF s IS NOT NULL THEN UPDATE stop SET handed_back = handed_back + back WHERE number = s; END IF;
  RETURN back;
END $$;

-- RETURN SLOTS of a paced lane that refused or held messages had taken: pace is the last check, only what leaves pays.
CREATE FUNCTION queue_return_slots(a bigint, c text, h boolean, slots integer) RETURNS void LANGUAGE sql AS $$
  UPDATE lane SET slot_at = slot_at - slots * pace_ms * interval '1 millisecond',
                  next_due_at = LEAST(next_due_at, slot_at - slots * pace_ms * interval '1 millisecond')
   WHERE account_id = a AND channel = c AND by_hand = h AND pace_ms > 0 AND next_due_at IS NOT NULL $$;

-- DEFER a lane to the opening of its window, unless its setup has changed since the worker read it.
CREATE FUNCTION queue_defer(a bigint, c text, h boolean, seen integer, until timestamptz) RETURNS boolean LANGUAGE sql AS $$
  WITH deferred AS (
    UPDATE lane SET next_due_at = until
     WHERE account_id = a AND channel = c AND by_hand = h AND setup_number = seen AND next_due_at < until RETURNING 1)
  SELECT EXISTS (SELECT FROM deferred) $$;

-- SETUP CHANGED: windows, pace or provider of a channel. Pace does not bind what a person sends by hand. While a ramp
-- runs, a lane keeps to the slower of the two; the setup's own pace is in channel_setup and comes back when it ends.
CREATE FUNCTION queue_setup_changed(t timestamptz, a bigint, c text, new_pace_ms bigint) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  UPDATE lane SET setup_number = setup_number + 1,
                  pace_ms = CASE WHEN by_hand THEN 0 ELSE GREATEST(new_pace_ms, COALESCE(
                    (SELECT ramp.pace_ms FROM ramp WHERE ramp.account_id = a AND ended_at IS NULL), 0)) END,
                  next_due_at = LEAST(next_due_at, t), slot_at = LEAST(slot_at, t)
   WHERE account_id = a AND channel = c;
END $$;


-- ANNOUNCE a stop to the workers: takes the number, writes the receipt, wakes them. On its own for a marker or an
-- opt-out, whose row was added in this transaction.
CREATE FUNCTION queue_announce(p_hold bigint, p_scope text, a bigint, c text, p_location bigint, p_job bigint,
                               p_contact bigint, t timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE s bigint; BEGIN
  UPDATE gate SET number = number + 1 WHERE one = 1 RETURNING number INTO s;
  INSERT INTO stop (number, is_lift, hold_id, scope, account_id, channel, location_id, job_id, contact_id,
                    effective_at, workers, in_flight, handed_back)
  SELECT s, false, p_hold, p_scope, a, c, p_location, p_job, p_contact, t,
         (SELECT count(*) FROM worker),
         (SELECT count(*) FROM queue q WHERE q.worker_id IS NOT NULL
             AND (a IS NULL OR q.account_id = a) AND (c IS NULL OR q.channel = c)
             AND (p_location IS NULL OR q.location_id = p_location) AND (p_job IS NULL OR q.job_id = p_job)
             AND (p_contact IS NULL OR q.contact_id = p_contact)), 0;
  PERFORM pg_notify('gate', s::text);
  RETURN s;
END $$;

-- STOP for a hold that was added in this transaction. Lanes are closed under their locks, the number is taken last.
CREATE FUNCTION queue_stop(p_hold bigint, t timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE h hold; s bigint; wide boolean; BEGIN
  SELECT * INTO STRICT h FROM hold WHERE id = p_hold;
  wide := h.scope IN ('installation', 'account', 'channel');
  IF wide THEN
    PERFORM 1 FROM lane WHERE (h.account_id IS NULL OR account_id = h.account_id) AND (h.channel IS NULL OR channel = h.channel)
      ORDER BY account_id, channel, by_hand FOR UPDATE;
  END IF;
  s := queue_announce(h.id, h.scope, h.account_id, h.channel, h.location_id, h.job_id, h.contact_id, t);
  IF wide THEN
    UPDATE lane SET is_open = queue_lane_open(account_id, channel), number = s, setup_number = setup_number + 1
     WHERE (h.account_id IS NULL OR account_id = h.account_id) AND (h.channel IS NULL OR channel = h.channel);
  END IF;
  RETURN s;
END $$;

-- Does no standing hold close this lane? The same rule as holds.closes_lane in rules/; a test holds the two together.
-- (A prospect's email lane stays open: service mail may leave, and the gate holds the rest.)
CREATE FUNCTION queue_lane_open(a bigint, c text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (
    SELECT FROM hold WHERE lifted_at IS NULL AND 'sending' = ANY (blocks)
       AND scope IN ('installation', 'account', 'channel')
       AND (account_id IS NULL OR account_id = a) AND (hold.channel IS NULL OR hold.channel = c)
       AND NOT (name = 'prospect' AND c = 'email')) $$;

-- LIFT: after a hold was lifted, or a fact was set that messages wait for, in this transaction. Takes a number too: see
-- queue_put_back. It only opens what is free, so that it is as short as a stop; what waits for a change is released
-- afterwards by queue_release, and the lift counts as confirmed when that is done.
CREATE FUNCTION queue_lift(p_hold bigint, p_account bigint, p_scope text, t timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE s bigint; h hold; BEGIN
  SELECT * INTO h FROM hold WHERE id = p_hold;
  PERFORM 1 FROM lane WHERE p_account IS NULL OR account_id = p_account ORDER BY account_id, channel, by_hand FOR UPDATE;
  UPDATE gate SET number = number + 1 WHERE one = 1 RETURNING number INTO s;
  UPDATE lane SET is_open = queue_lane_open(account_id, channel), setup_number = setup_number + 1
   WHERE p_account IS NULL OR account_id = p_account;
  INSERT INTO stop (number, is_lift, hold_id, scope, account_id, channel, location_id, job_id, contact_id,
                    effective_at, workers, in_flight, handed_back)
  VALUES (s, true, p_hold, p_scope, p_account, h.channel, h.location_id, h.job_id, h.contact_id, t, 0, 0, 0);
  PERFORM pg_notify('gate', s::text);
  RETURN s;
END $$;

-- RELEASE up to `most` messages that wait for a change, of the account or (NULL) of all, after the key (a0, i0): each is
-- due again and will be judged afresh. Returns how many there were and the last key; fewer than `most`: that was all.
-- It locks no lane. Why a pass from the first key to the last, begun after a lift has committed, misses nothing that the
-- lift should free: whoever parks a message (queue_put_back) holds the account's lanes while he does, as the lift did.
-- So he either committed before the lift had the lanes, and every snapshot of this pass sees the parked message; or he
-- got the lanes after it and saw its number, and then only a claim that is newer than the lift may park. Such a message
-- has been judged after the change: it waits for another one, and releasing it as well would cost a look and no more.
-- Going by the key, and not "until none is left", ends also while workers park anew what was released a moment ago.
-- It waits for locked rows, in the order of the key, and nobody who holds one waits for a parked message: no deadlock.
CREATE FUNCTION queue_release(p_account bigint, a0 bigint, i0 bigint, t timestamptz, most integer,
                              OUT released integer, OUT last_account bigint, OUT last_id bigint)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE accounts bigint[]; ids bigint[]; BEGIN
  SELECT array_agg(x.account_id), array_agg(x.id) INTO accounts, ids FROM (
    SELECT account_id, id FROM queue
     WHERE held IS NOT NULL AND worker_id IS NULL AND (account_id, id) > (a0, i0)
       AND account_id <= COALESCE(p_account, 9223372036854775807)
     ORDER BY account_id, id LIMIT most FOR UPDATE) x;
  released := COALESCE(array_length(ids, 1), 0);
  IF released = 0 THEN RETURN; END IF;
  last_account := accounts[released];
  last_id := ids[released];
  WITH free AS (
      UPDATE queue q SET held = NULL, due_at = LEAST(due_at, t)
        FROM unnest(accounts, ids) AS x(account_id, id)
       WHERE q.account_id = x.account_id AND q.id = x.id AND held IS NOT NULL AND worker_id IS NULL
      RETURNING q.account_id, q.channel, q.by_hand, q.due_at)
  INSERT INTO wake (account_id, channel, by_hand, due_at)
  SELECT account_id, channel, by_hand, min(due_at) FROM free GROUP BY 1, 2, 3;
  PERFORM pg_notify('wake', '');
END $$;


-- BEAT: renew the lease and acknowledge; returns the newest number, or no row for a fenced worker.
CREATE FUNCTION queue_beat(w bigint, t timestamptz, ack bigint, lease interval) RETURNS SETOF bigint LANGUAGE sql AS $$
  UPDATE worker SET lease_until = t + lease, acked = GREATEST(acked, ack)
   WHERE id = w AND NOT fenced RETURNING (SELECT number FROM gate) $$;

-- CONFIRM `s` and every stop before it that is not yet, each with its entry in the ledger. One statement, since a person
-- waits for it. A slice of a bulk change has no entry of its own: the change has one for all.
CREATE FUNCTION queue_confirm(s bigint, t timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE confirmed integer; BEGIN
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
  IF confirmed > 0 THEN PERFORM pg_notify('gate', ''); END IF;
  RETURN confirmed;
END $$;

-- FENCE workers that have not acknowledged `s`: from the commit on none of their renewals succeeds. The caller then
-- waits one lease on its own monotonic clock (no two machines' clocks are compared) and buries them.
CREATE FUNCTION queue_fence(s bigint) RETURNS SETOF bigint LANGUAGE sql AS $$
  UPDATE worker SET fenced = true WHERE acked < s RETURNING id $$;

-- BURY fenced workers. What they held may have left: its outcome is unknown and a person decides.
CREATE FUNCTION queue_bury(workers bigint[], t timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE dead bigint[]; lost integer; BEGIN
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
  SELECT count(*) INTO lost FROM held;
  RETURN lost;
END $$;


-- WITHDRAW up to `most` waiting messages of jobs: their status becomes `st` (removed, canceled). A few at a time, and
-- none that somebody else has locked: a claim must not wait for it with its lane locked, since a stop waits for that.
CREATE FUNCTION queue_withdraw(a bigint, jobs bigint[], st text, t timestamptz, most integer)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE gone integer; BEGIN
  WITH chosen AS (
      SELECT q.id FROM message m JOIN queue q ON q.account_id = a AND q.id = m.id AND q.worker_id IS NULL
       WHERE m.account_id = a AND m.job_id = ANY (jobs) AND m.status = 'waiting'
       LIMIT most FOR UPDATE OF q SKIP LOCKED),
    out AS (
      DELETE FROM queue USING chosen WHERE queue.account_id = a AND queue.id = chosen.id
      RETURNING queue.id, queue.job_id, queue.location_id, queue.channel),
    record AS (
      UPDATE message SET status = st, finished_at = t FROM out WHERE message.account_id = a AND message.id = out.id),
    counted AS (
      INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
      SELECT a, job_id, location_id, channel, 'waiting', -count(*), t FROM out GROUP BY 2, 3, 4
      UNION ALL SELECT a, job_id, location_id, channel, st, count(*), t FROM out GROUP BY 2, 3, 4)
  SELECT count(*) INTO gone FROM out;
  RETURN gone;
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
