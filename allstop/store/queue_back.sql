-- A part of the queue: what goes back into it, and what is taken out of it unsent.
-- The rules that each function must keep stand at the head of queue.sql, which is installed first.

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
       WHERE q.account_id = x.account_id AND q.id = x.id AND q.worker_id IS NOT DISTINCT FROM w
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
       WHERE q.account_id = x.account_id AND q.id = x.id AND q.worker_id IS NOT DISTINCT FROM w
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

-- BY HAND: these waiting messages of a channel pass to the lane of what people send by hand, which knows neither window
-- nor pace; who let them is written beside each. Also those that a window or a regular check has put off. Under the locks
-- of both lanes, so that no claim has one of them in hand; a few at a time, since a stop waits for these locks.
CREATE FUNCTION queue_by_hand(a bigint, c text, t timestamptz, ids bigint[], who text)
RETURNS integer LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off AS $$
DECLARE moved integer; BEGIN
  PERFORM 1 FROM lane WHERE account_id = a AND channel = c ORDER BY account_id, channel, by_hand FOR UPDATE;
  WITH chosen AS (
      SELECT q.id FROM queue q
       WHERE q.account_id = a AND q.id = ANY (ids) AND q.channel = c AND NOT q.by_hand AND q.worker_id IS NULL
         AND (q.held IS NULL OR q.held IN ('window_never_opens', 'window_too_short'))
       FOR UPDATE SKIP LOCKED),
    gone AS (
      UPDATE queue SET by_hand = true, held = NULL, due_at = LEAST(queue.due_at, t) FROM chosen
       WHERE queue.account_id = a AND queue.id = chosen.id
      RETURNING queue.id, queue.due_at),
    let AS (
      INSERT INTO override (account_id, message_id, check_name, by, reason, at)
      SELECT a, gone.id, passed.name, who, 'Send now', t FROM gone, unnest(ARRAY['window', 'pace']) AS passed(name)
      ON CONFLICT DO NOTHING),
    woken AS (
      INSERT INTO wake (account_id, channel, by_hand, due_at)
      SELECT a, c, true, min(due_at) FROM gone HAVING count(*) > 0)
  SELECT count(*) INTO moved FROM gone;
  IF moved > 0 THEN PERFORM pg_notify('wake', ''); END IF;
  RETURN moved;
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
      RETURNING queue.id, queue.job_id, queue.location_id, queue.channel, queue.contact_id),
    record AS (
      UPDATE message SET status = st, finished_at = t FROM out WHERE message.account_id = a AND message.id = out.id),
    counted AS (
      INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
      SELECT a, job_id, location_id, channel, 'waiting', -count(*), t FROM out GROUP BY 2, 3, 4
      UNION ALL SELECT a, job_id, location_id, channel, st, count(*), t FROM out GROUP BY 2, 3, 4),
    told AS (
      INSERT INTO event (account_id, kind, at, message_id, contact_id)
      SELECT a, 'message.' || st, t, id, contact_id FROM out
       WHERE EXISTS (SELECT FROM webhook WHERE account_id = a AND is_on AND 'message.' || st = ANY (kinds)))
  SELECT count(*) INTO gone FROM out;
  RETURN gone;
END $$;

-- CALLEES: of messages that are to be called, the contact's language, how a yes or a no is acknowledged, and how often the phone has rung: attempts that the
-- trunk took and nobody answered, but for those before a reset. By keys only: a plan that was made while there were no attempts would scan them all.
CREATE FUNCTION queue_callees(accounts bigint[], ids bigint[]) RETURNS TABLE (id bigint, language varchar, rung bigint, thanks text, account varchar)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN RETURN QUERY
  SELECT m.id, COALESCE(contact.language, ''), (SELECT count(*) FROM attempt
          WHERE attempt.account_id = m.account_id AND message_id = m.id AND outcome = 'rejected' AND NOT before_reset),
         COALESCE((SELECT plan.thanks::text FROM plan_step JOIN message_plan plan ON plan.id = plan_id
                    WHERE plan_step.account_id = m.account_id AND plan_step.message_id = m.id
                      AND plan.account_id = m.account_id LIMIT 1), '[]'),
         COALESCE((SELECT name FROM account WHERE account.id = m.account_id), '')
    FROM unnest(accounts, ids) AS m(account_id, id) JOIN message ON message.account_id = m.account_id AND message.id = m.id
    LEFT JOIN contact ON contact.id = message.contact_id;
END $$;
