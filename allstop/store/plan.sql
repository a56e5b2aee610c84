-- A plan of START: the hand-written SQL behind plans.py. It locks no lane, so no stop waits for it.
-- This file is installed whole by a migration, over its older self.

DROP FUNCTION IF EXISTS plan_apply(bigint, bigint, timestamptz, integer);
DROP FUNCTION IF EXISTS plan_apply(bigint, timestamptz, integer);

DROP FUNCTION IF EXISTS plan_words(message);

-- WORDS of a message: equal where channel, purpose, words, files and (without a contact) address are. A plan finds duplicates by
-- it. Not PostgreSQL's own hash: that may differ between versions, and queue.py makes the same number. In PL/pgSQL, which
-- looks at the columns when it runs: it is installed before the migrations that add some.
CREATE FUNCTION plan_words(m message) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN
  RETURN ('x' || left(md5(concat_ws(chr(10), m.channel, m.purpose,
                                    CASE WHEN m.contact_id IS NULL THEN m.address ELSE '' END, m.subject, m.body,
                                    m.attachment_set_id)), 16)
         )::bit(64)::bigint; END $$;

-- APPLY up to `most` items of a plan of START: drop a message, or give it another time. As with WITHDRAW, a few at a
-- time and none that somebody else has locked. An item whose message is no longer in the queue is used up as well.
CREATE FUNCTION plan_apply(plan bigint, t timestamptz, most integer, OUT done integer, OUT dropped integer,
                                 OUT redated integer) LANGUAGE plpgsql AS $$
BEGIN
  WITH chosen AS (
      SELECT i.account_id, i.message_id AS id, i.due_at, i.reason FROM start_plan_item i
       WHERE i.plan_id = plan ORDER BY i.message_id LIMIT most FOR UPDATE SKIP LOCKED),
    free AS (
      SELECT c.* FROM chosen c JOIN queue q ON q.account_id = c.account_id AND q.id = c.id AND q.worker_id IS NULL
         FOR UPDATE OF q SKIP LOCKED),
    out AS (
      DELETE FROM queue USING free
       WHERE queue.account_id = free.account_id AND queue.id = free.id AND free.due_at IS NULL
      RETURNING queue.account_id, queue.id, queue.job_id, queue.location_id, queue.channel, queue.contact_id, free.reason),
    moved AS (
      UPDATE queue SET due_at = free.due_at, held = NULL FROM free
       WHERE queue.account_id = free.account_id AND queue.id = free.id AND free.due_at IS NOT NULL
      RETURNING queue.account_id, queue.id, queue.channel, queue.by_hand, queue.due_at),
    record AS (
      UPDATE message SET status = 'removed', reason = out.reason, finished_at = t FROM out
       WHERE message.account_id = out.account_id AND message.id = out.id),
    dated AS (
      UPDATE message SET due_at = moved.due_at, reason = '' FROM moved
       WHERE message.account_id = moved.account_id AND message.id = moved.id),
    woken AS (
      INSERT INTO wake (account_id, channel, by_hand, due_at)
      SELECT account_id, channel, by_hand, min(due_at) FROM moved GROUP BY 1, 2, 3),
    counted AS (
      INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
      SELECT account_id, job_id, location_id, channel, 'waiting', -count(*), t FROM out GROUP BY 1, 2, 3, 4
      UNION ALL SELECT account_id, job_id, location_id, channel, 'removed', count(*), t FROM out GROUP BY 1, 2, 3, 4),
    told AS (
      INSERT INTO event (account_id, kind, at, message_id, contact_id, reason)
      SELECT account_id, 'message.removed', t, id, contact_id, reason FROM out
       WHERE EXISTS (SELECT FROM webhook
                      WHERE webhook.account_id = out.account_id AND is_on AND 'message.removed' = ANY (kinds))),
    used AS (
      DELETE FROM start_plan_item i USING chosen c
       WHERE i.plan_id = plan AND i.message_id = c.id
         AND (EXISTS (SELECT FROM free WHERE free.id = c.id)
              OR NOT EXISTS (SELECT FROM queue q WHERE q.account_id = c.account_id AND q.id = c.id))
      RETURNING i.message_id)
  SELECT (SELECT count(*) FROM used), (SELECT count(*) FROM out), (SELECT count(*) FROM moved)
    INTO done, dropped, redated;
END $$;
