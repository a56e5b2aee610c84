-- The ceiling: what a queue of the same lanes reaches when it does nothing but claim and complete. No gate, no attempts,
-- no tallies, no ledger, narrow tables. It shows how much of the machine is spent on being Allstop.
-- Times are milliseconds of the server's clock.

CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql STABLE AS
  $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

CREATE TABLE lane (
  id bigint PRIMARY KEY, is_open boolean NOT NULL DEFAULT false, next_due bigint,
  head_due bigint NOT NULL DEFAULT 0, head_id bigint NOT NULL DEFAULT 0, queued bigint NOT NULL DEFAULT 0)
  WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX lane_due ON lane (next_due) WHERE is_open AND next_due IS NOT NULL;
CREATE TABLE worker (id bigint PRIMARY KEY, fenced boolean NOT NULL DEFAULT false);
CREATE TABLE queue (
  id bigint PRIMARY KEY, lane_id bigint NOT NULL, due bigint NOT NULL, contact_id bigint NOT NULL,
  promo boolean NOT NULL DEFAULT false, worker bigint)
  WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX queue_ready ON queue (lane_id, due, id) WHERE worker IS NULL;
CREATE INDEX queue_held ON queue (worker) WHERE worker IS NOT NULL;
CREATE TABLE message (
  id bigint PRIMARY KEY, account_id bigint NOT NULL, contact_id bigint NOT NULL, body text NOT NULL,
  status smallint NOT NULL DEFAULT 0, done_ms bigint) WITH (fillfactor = 85);
CREATE INDEX message_acc ON message (account_id, id);
CREATE TABLE marker (contact_id bigint PRIMARY KEY, stop_all boolean NOT NULL, stop_promo boolean NOT NULL);

CREATE FUNCTION complete(w bigint, ids bigint[]) RETURNS integer LANGUAGE sql AS $$
  WITH d AS (DELETE FROM queue WHERE id = ANY (ids) AND worker IS NOT DISTINCT FROM w RETURNING id),
       u AS (UPDATE message SET status = 1, done_ms = now_ms() FROM d WHERE message.id = d.id RETURNING 1)
  SELECT count(*)::integer FROM u $$;

-- Complete the last burst and claim the next one of a lane: one commit, one round trip.
CREATE FUNCTION step(w bigint, done bigint[], lane bigint, burst integer)
RETURNS TABLE (id bigint, contact_id bigint, withheld boolean) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE t bigint := now_ms(); l record; got integer; nd bigint; hd bigint; hi bigint; ids bigint[]; BEGIN
  IF done IS NOT NULL THEN PERFORM complete(w, done); END IF;
  PERFORM 1 FROM worker WHERE worker.id = w AND NOT fenced FOR KEY SHARE;
  IF NOT FOUND THEN RAISE EXCEPTION 'fenced'; END IF;
  SELECT * INTO l FROM lane WHERE lane.id = step.lane AND is_open AND next_due <= t FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT array_agg(x.id), max(x.due) INTO ids, hd FROM (
    SELECT queue.id, due FROM queue WHERE queue.lane_id = l.id AND worker IS NULL AND due <= t
       AND (due, queue.id) > (l.head_due, l.head_id) ORDER BY due, queue.id LIMIT burst) x;
  got := COALESCE(array_length(ids, 1), 0);
  hi := CASE WHEN got > 0 THEN ids[got] END;
  UPDATE queue SET worker = w WHERE queue.id = ANY (ids);
  IF got = burst THEN nd := t;
  ELSE SELECT due INTO nd FROM queue WHERE queue.lane_id = l.id AND worker IS NULL
          AND (due, queue.id) > (COALESCE(hd, l.head_due), COALESCE(hi, l.head_id)) ORDER BY due, queue.id LIMIT 1;
  END IF;
  UPDATE lane SET queued = lane.queued - got, next_due = nd,
                  head_due = COALESCE(hd, head_due), head_id = COALESCE(hi, head_id) WHERE lane.id = l.id;
  RETURN QUERY SELECT q.id, q.contact_id, COALESCE(m.stop_all OR (m.stop_promo AND q.promo), false)
                 FROM queue q LEFT JOIN marker m ON m.contact_id = q.contact_id WHERE q.id = ANY (ids);
END $$;
