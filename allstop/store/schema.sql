CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';
CREATE FUNCTION public.contact_begins() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  INSERT INTO contact_assignment (contact_id, account_id) SELECT id, account_id FROM made;
  RETURN NULL;
END $$;
CREATE FUNCTION public.conversation_follow() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  UPDATE conversation SET assigned_to_id = becomes.member_id, version = nextval('conversation_version')
    FROM becomes
   WHERE conversation.contact_id = becomes.contact_id
     AND conversation.assigned_to_id IS DISTINCT FROM becomes.member_id;
  RETURN NULL;
END $$;
CREATE FUNCTION public.credit_note(a bigint, c text, t timestamp with time zone, spent integer, left_over integer) RETURNS void
    LANGUAGE sql
    AS $$
  INSERT INTO credit_entry (account_id, channel, at, kind, credits, balance)
  VALUES (a, c, date_trunc('hour', t), 'spent', spent, left_over)
  ON CONFLICT (account_id, channel, at) WHERE kind = 'spent'
  DO UPDATE SET credits = credit_entry.credits + EXCLUDED.credits, balance = EXCLUDED.balance $$;
CREATE FUNCTION public.credit_return(a bigint, c text, back integer, t timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE balance integer; BEGIN
  UPDATE channel_setup SET credits = credits + back
   WHERE account_id = a AND channel = c AND credits IS NOT NULL RETURNING credits INTO balance;
  IF balance IS NULL THEN RETURN NULL; END IF;
  PERFORM credit_note(a, c, t, -back, balance);
  IF balance = back THEN
    UPDATE lane SET setup_number = setup_number + 1, next_due_at = LEAST(next_due_at, t) WHERE account_id = a AND channel = c;
    PERFORM pg_notify('wake', '');
  END IF;
  RETURN balance;
END $$;
CREATE FUNCTION public.credit_spend(a bigint, c text, parts integer[], t timestamp with time zone, OUT granted boolean[], OUT balance integer) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE wanted integer; spent integer := 0; BEGIN
  granted := '{}';
  SELECT credits INTO balance FROM channel_setup WHERE account_id = a AND channel = c FOR UPDATE;
  FOREACH wanted IN ARRAY parts LOOP
    granted := granted || (balance IS NULL OR spent + wanted <= balance);
    IF balance IS NOT NULL AND spent + wanted <= balance THEN spent := spent + wanted; END IF;
  END LOOP;
  IF spent > 0 THEN
    balance := balance - spent;
    UPDATE channel_setup SET credits = balance WHERE account_id = a AND channel = c;
    PERFORM credit_note(a, c, t, spent, balance);
    IF balance = 0 THEN UPDATE lane SET setup_number = setup_number + 1 WHERE account_id = a AND channel = c; END IF;
  END IF;
END $$;
CREATE FUNCTION public.ledger_append(p_account bigint, p_at timestamp with time zone, p_by text, p_act text, p_subject text, p_reason text, p_before jsonb, p_after jsonb, p_salt text, p_personal jsonb, p_contact bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE entry bigint; BEGIN
  IF p_account IS NULL THEN
    p_reason := COALESCE(p_personal->>'reason', p_reason);
    p_personal := NULL;
  END IF;
  INSERT INTO ledger (account_id, at, by, act, subject, reason, before, after, personal)
  VALUES (p_account, p_at, p_by, p_act, p_subject, p_reason, p_before, p_after, COALESCE(ledger_digest(p_salt, p_personal), ''))
  RETURNING id INTO entry;
  IF p_personal IS NOT NULL THEN
    INSERT INTO ledger_personal (entry_id, account_id, contact_id, salt, data)
    VALUES (entry, p_account, p_contact, p_salt, p_personal);
  END IF;
END $$;
CREATE FUNCTION public.ledger_digest(salt text, data jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT encode(sha256(convert_to(salt || data::text, 'UTF8')), 'hex') $$;
CREATE TABLE public.ledger (
    id bigint NOT NULL,
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    by character varying(120) NOT NULL,
    act character varying(40) NOT NULL,
    subject character varying(80) NOT NULL,
    reason character varying(300) NOT NULL,
    before jsonb,
    after jsonb,
    previous character varying(64) NOT NULL,
    hash character varying(64) NOT NULL,
    personal character varying(64) DEFAULT ''::character varying NOT NULL,
    account_id bigint
);
CREATE FUNCTION public.ledger_hash(e public.ledger) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT encode(sha256(convert_to(ledger_text(e), 'UTF8')), 'hex') $$;
CREATE FUNCTION public.ledger_link() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE head ledger_head; BEGIN
  INSERT INTO ledger_head (chain, number, hash) VALUES (COALESCE(NEW.account_id, 0), 0, '') ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM ledger_head WHERE chain = COALESCE(NEW.account_id, 0) FOR UPDATE;
  NEW.number := head.number + 1;
  NEW.previous := head.hash;
  NEW.hash := ledger_hash(NEW);
  UPDATE ledger_head SET number = NEW.number, hash = NEW.hash WHERE chain = head.chain;
  RETURN NEW;
END $$;
CREATE FUNCTION public.ledger_personal_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF (NEW.entry_id, NEW.account_id, NEW.salt, NEW.data) IS DISTINCT FROM (OLD.entry_id, OLD.account_id, OLD.salt, OLD.data)
  THEN RAISE EXCEPTION 'the ledger is append-only'; END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION public.ledger_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE FUNCTION public.ledger_text(e public.ledger) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT (jsonb_build_array(e.previous, e.account_id, e.number, extract(epoch FROM e.at), e.by, e.act, e.subject,
                            e.reason, e.before, e.after)
          || CASE WHEN e.personal = '' THEN '[]'::jsonb ELSE jsonb_build_array(e.personal) END)::text $$;
CREATE FUNCTION public.limit_full(a bigint, c text) RETURNS TABLE(which text, until timestamp with time zone)
    LANGUAGE plpgsql STABLE
    AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
  SELECT bound.which, max(stretch.at) + bound.width + bound.span
    FROM channel_setup setup
   CROSS JOIN LATERAL (VALUES ('limit_minute', setup.limit_minute, 1, interval '1 second', interval '1 minute'),
                              ('limit_hour', setup.limit_hour, 60, interval '1 minute', interval '1 hour'),
                              ('limit_day', setup.limit_day, 60, interval '1 minute', interval '1 day'))
                      AS bound(which, most, seconds, width, span)
   CROSS JOIN LATERAL (SELECT counted.at, sum(counted.count) OVER (ORDER BY counted.at DESC) AS since
                         FROM limit_count counted
                        WHERE counted.account_id = a AND counted.channel = c AND counted.seconds = bound.seconds) stretch
   WHERE setup.account_id = a AND setup.channel = c AND bound.most IS NOT NULL AND stretch.since >= bound.most
   GROUP BY bound.which, bound.width, bound.span;
END $$;
CREATE FUNCTION public.limit_return(a bigint, c text, back integer, taken_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$ BEGIN
  UPDATE limit_count SET count = GREATEST(0, count - back)
   WHERE account_id = a AND channel = c
     AND (seconds = 1 AND at = date_trunc('second', taken_at) OR seconds = 60 AND at = date_trunc('minute', taken_at));
END $$;
CREATE FUNCTION public.limit_take(a bigint, c text, wanted integer, t timestamp with time zone, OUT granted integer, OUT which text, OUT until timestamp with time zone) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE setup channel_setup; room bigint; BEGIN
  SELECT * INTO setup FROM channel_setup WHERE account_id = a AND channel = c FOR UPDATE;
  DELETE FROM limit_count WHERE account_id = a AND channel = c
     AND (seconds = 1 AND at < t - interval '2 minutes' OR seconds = 60 AND at < t - interval '25 hours');
  SELECT min(bound.most - COALESCE((
           SELECT sum(count) FROM limit_count counted
            WHERE counted.account_id = a AND counted.channel = c AND counted.seconds = bound.seconds
              AND counted.at > t - bound.span - bound.seconds * interval '1 second'), 0))
    INTO room
    FROM (VALUES (setup.limit_minute, 1, interval '1 minute'), (setup.limit_hour, 60, interval '1 hour'),
                 (setup.limit_day, 60, interval '1 day')) AS bound(most, seconds, span)
   WHERE bound.most IS NOT NULL;
  granted := GREATEST(0, LEAST(wanted, COALESCE(room, wanted)));
  IF granted > 0 AND room IS NOT NULL THEN
    INSERT INTO limit_count (account_id, channel, seconds, at, count)
    VALUES (a, c, 1, date_trunc('second', t), granted), (a, c, 60, date_trunc('minute', t), granted)
    ON CONFLICT (account_id, channel, seconds, at) DO UPDATE SET count = limit_count.count + EXCLUDED.count;
  END IF;
  IF granted < wanted THEN
    SELECT reached.which, reached.until INTO which, until
      FROM limit_full(a, c) reached WHERE reached.until > t ORDER BY reached.until DESC LIMIT 1;
  END IF;
END $$;
CREATE FUNCTION public.plan_apply(plan bigint, t timestamp with time zone, most integer, OUT done integer, OUT dropped integer, OUT redated integer) RETURNS record
    LANGUAGE plpgsql
    AS $$
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
CREATE TABLE public.message (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    purpose character varying(10) NOT NULL,
    address character varying(254) NOT NULL,
    subject character varying(300) NOT NULL,
    body text NOT NULL,
    recipients integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    use_by timestamp with time zone,
    appointment_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    status character varying(8) NOT NULL,
    reason character varying(60) NOT NULL,
    receipt character varying(13) NOT NULL,
    finished_at timestamp with time zone,
    exception character varying(8) GENERATED ALWAYS AS (
CASE
    WHEN ((status)::text = ANY ((ARRAY['waiting'::character varying, 'sent'::character varying])::text[])) THEN NULL::character varying
    ELSE status
END) STORED,
    account_id bigint NOT NULL,
    attachment_set_id bigint,
    contact_id bigint,
    job_id bigint,
    location_id bigint,
    CONSTRAINT message_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT message_finished_has_time CHECK ((((finished_at IS NULL) AND ((status)::text = 'waiting'::text)) OR ((NOT ((status)::text = 'waiting'::text)) AND (finished_at IS NOT NULL)))),
    CONSTRAINT message_purpose CHECK (((purpose)::text = ANY ((ARRAY['personal'::character varying, 'reminder'::character varying, 'billing'::character varying, 'promotion'::character varying, 'service'::character varying])::text[]))),
    CONSTRAINT message_status CHECK (((status)::text = ANY ((ARRAY['waiting'::character varying, 'sent'::character varying, 'failed'::character varying, 'refused'::character varying, 'unknown'::character varying, 'removed'::character varying, 'canceled'::character varying])::text[])))
)
WITH (fillfactor='65');
CREATE FUNCTION public.plan_words(m public.message) RETURNS bigint
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN
  RETURN ('x' || left(md5(concat_ws(chr(10), m.channel, m.purpose,
                                    CASE WHEN m.contact_id IS NULL THEN m.address ELSE '' END, m.subject, m.body,
                                    m.attachment_set_id)), 16)
         )::bit(64)::bigint; END $$;
CREATE TABLE public.stop (
    number bigint NOT NULL,
    is_lift boolean NOT NULL,
    hold_id bigint,
    scope character varying(12) NOT NULL,
    account_id bigint,
    channel character varying(5),
    location_id bigint,
    job_id bigint,
    contact_id bigint,
    effective_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    workers integer NOT NULL,
    in_flight integer NOT NULL,
    handed_back integer NOT NULL,
    CONSTRAINT stop_scope CHECK (((scope)::text = ANY ((ARRAY['installation'::character varying, 'account'::character varying, 'location'::character varying, 'channel'::character varying, 'job'::character varying, 'contact'::character varying, 'contacts'::character varying])::text[])))
);
CREATE FUNCTION public.queue_announce(p_hold bigint, p_scope text, a bigint, c text, p_location bigint, p_job bigint, p_contact bigint, t timestamp with time zone) RETURNS public.stop
    LANGUAGE plpgsql
    AS $$
DECLARE s bigint; held integer; said stop; BEGIN
  UPDATE gate SET number = number + 1 WHERE one = 1 RETURNING number INTO s;
  IF a IS NULL THEN
    SELECT count(*) INTO held FROM queue WHERE worker_id IS NOT NULL;
  ELSE
    SELECT count(*) INTO held FROM queue q
     WHERE q.account_id = a AND q.worker_id IS NOT NULL AND (c IS NULL OR q.channel = c)
       AND (p_location IS NULL OR q.location_id = p_location) AND (p_job IS NULL OR q.job_id = p_job)
       AND (p_contact IS NULL OR q.contact_id = p_contact);
  END IF;
  INSERT INTO stop (number, is_lift, hold_id, scope, account_id, channel, location_id, job_id, contact_id,
                    effective_at, workers, in_flight, handed_back)
  VALUES (s, false, p_hold, p_scope, a, c, p_location, p_job, p_contact, t, (SELECT count(*) FROM worker), held, 0)
  RETURNING * INTO said;
  PERFORM pg_notify('gate', queue_notice(said));
  RETURN said;
END $$;
CREATE FUNCTION public.queue_beat(w bigint, t timestamp with time zone, ack bigint, lease interval) RETURNS SETOF bigint
    LANGUAGE sql
    AS $$
  UPDATE worker SET lease_until = t + lease, acked = GREATEST(acked, ack)
   WHERE id = w AND NOT fenced RETURNING (SELECT number FROM gate) $$;
CREATE FUNCTION public.queue_bury(workers bigint[], t timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.queue_by_hand(a bigint, c text, t timestamp with time zone, ids bigint[], who text) RETURNS integer
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    AS $$
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
CREATE FUNCTION public.queue_callees(accounts bigint[], ids bigint[]) RETURNS TABLE(id bigint, language character varying, rung bigint, thanks text, account character varying)
    LANGUAGE plpgsql STABLE
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
CREATE FUNCTION public.queue_confirm(s bigint, t timestamp with time zone, patience interval) RETURNS SETOF public.stop
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.queue_defer(a bigint, c text, h boolean, seen integer, until timestamp with time zone) RETURNS boolean
    LANGUAGE sql
    AS $$
  WITH deferred AS (
    UPDATE lane SET next_due_at = until
     WHERE account_id = a AND channel = c AND by_hand = h AND setup_number = seen AND next_due_at < until RETURNING 1)
  SELECT EXISTS (SELECT FROM deferred) $$;
CREATE FUNCTION public.queue_fence(s bigint) RETURNS SETOF bigint
    LANGUAGE sql
    AS $$
  UPDATE worker SET fenced = true WHERE acked < s RETURNING id $$;
CREATE FUNCTION public.queue_finish(w bigint, t timestamp with time zone, accounts bigint[], ids bigint[], statuses text[], reasons text[], outcomes text[], started timestamp with time zone[], ended timestamp with time zone[], adapters text[], refs text[], codes text[], details text[]) RETURNS integer
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
CREATE FUNCTION public.queue_fold() RETURNS integer
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.queue_fold_tally() RETURNS integer
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.queue_hand_back(w bigint, accounts bigint[], ids bigint[], s bigint) RETURNS integer
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    AS $$
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
CREATE FUNCTION public.queue_lane_open(a bigint, c text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
  SELECT NOT EXISTS (
    SELECT FROM hold WHERE lifted_at IS NULL AND 'sending' = ANY (blocks)
       AND scope IN ('installation', 'account', 'channel')
       AND (account_id IS NULL OR account_id = a) AND (hold.channel IS NULL OR hold.channel = c)
       AND NOT (name = 'prospect' AND c = 'email')) $$;
CREATE FUNCTION public.queue_lift(p_hold bigint, p_account bigint, p_scope text, t timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE s bigint; h hold; said stop; BEGIN
  SELECT * INTO h FROM hold WHERE id = p_hold;
  PERFORM 1 FROM lane WHERE p_account IS NULL OR account_id = p_account ORDER BY account_id, channel, by_hand FOR UPDATE;
  UPDATE gate SET number = number + 1 WHERE one = 1 RETURNING number INTO s;
  UPDATE lane SET is_open = queue_lane_open(account_id, channel), setup_number = setup_number + 1
   WHERE p_account IS NULL OR account_id = p_account;
  INSERT INTO stop (number, is_lift, hold_id, scope, account_id, channel, location_id, job_id, contact_id,
                    effective_at, workers, in_flight, handed_back)
  VALUES (s, true, p_hold, p_scope, p_account, h.channel, h.location_id, h.job_id, h.contact_id, t, 0, 0, 0)
  RETURNING * INTO said;
  PERFORM pg_notify('gate', queue_notice(said));
  RETURN s;
END $$;
CREATE FUNCTION public.queue_notice(said public.stop) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
  SELECT json_build_array(said.number, said.is_lift, said.scope, said.account_id, said.channel, said.location_id,
                          said.job_id, said.contact_id)::text $$;
CREATE FUNCTION public.queue_press(p_hold jsonb, p_subject text, p_after jsonb, p_salt text, p_as text, p_waits text) RETURNS SETOF public.stop
    LANGUAGE plpgsql
    AS $$
DECLARE h hold; said stop; BEGIN
  PERFORM set_config('application_name', p_as, true), set_config('lock_timeout', p_waits, true);
  h := jsonb_populate_record(NULL::hold, p_hold);
  IF h.account_id IS NULL THEN PERFORM pg_advisory_xact_lock(hashtext('installation'));
  ELSE PERFORM FROM account WHERE id = h.account_id FOR NO KEY UPDATE; END IF;
  INSERT INTO hold (name, scope, account_id, channel, location_id, job_id, contact_id, blocks, by, reason, at, until, lifted_by)
  VALUES (h.name, h.scope, h.account_id, h.channel, h.location_id, h.job_id, h.contact_id, h.blocks, h."by", h.reason, h.at,
          h.until, '')
  ON CONFLICT (name, account_id, channel, location_id, job_id, contact_id) WHERE lifted_at IS NULL DO NOTHING
  RETURNING id INTO h.id;
  IF h.id IS NULL THEN RETURN; END IF;
  said := queue_stop(h.id, h.at);
  -- what was typed may name whom it was about
  PERFORM ledger_append(h.account_id, h.at, h."by", 'stop', p_subject, '', '{"state": "running"}',
                        p_after || jsonb_build_object('number', said.number), p_salt,
                        CASE WHEN h.reason <> '' THEN jsonb_build_object('reason', h.reason) END, NULL);
  RETURN NEXT said;
END $$;
CREATE FUNCTION public.queue_put_back(w bigint, t timestamp with time zone, accounts bigint[], ids bigint[], numbers bigint[], dues timestamp with time zone[], held_for text[], reasons text[], outcomes text[], started timestamp with time zone[], ended timestamp with time zone[], adapters text[], refs text[], codes text[], details text[]) RETURNS integer
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
CREATE FUNCTION public.queue_release(p_account bigint, a0 bigint, i0 bigint, t timestamp with time zone, most integer, OUT released integer, OUT last_account bigint, OUT last_id bigint) RETURNS record
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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
CREATE FUNCTION public.queue_return_slots(a bigint, c text, h boolean, slots integer) RETURNS void
    LANGUAGE sql
    AS $$
  UPDATE lane SET slot_at = slot_at - slots * pace_ms * interval '1 millisecond',
                  next_due_at = LEAST(next_due_at, slot_at - slots * pace_ms * interval '1 millisecond')
   WHERE account_id = a AND channel = c AND by_hand = h AND pace_ms > 0 AND next_due_at IS NOT NULL $$;
CREATE FUNCTION public.queue_sent(w bigint, t timestamp with time zone, accounts bigint[], ids bigint[], t0 timestamp with time zone, started bigint[], ended bigint[], adapters text[], refs text[], codes text[], details text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.queue_setup_changed(t timestamp with time zone, a bigint, c text, new_pace_ms bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$ BEGIN
  UPDATE lane SET setup_number = setup_number + 1,
                  pace_ms = CASE WHEN by_hand THEN 0 ELSE GREATEST(new_pace_ms, COALESCE(
                    (SELECT ramp.pace_ms FROM ramp WHERE ramp.account_id = a AND ended_at IS NULL), 0)) END,
                  next_due_at = LEAST(next_due_at, t), slot_at = LEAST(slot_at, t)
   WHERE account_id = a AND channel = c;
END $$;
CREATE FUNCTION public.queue_step(w bigint, t timestamp with time zone, lane_accounts bigint[], lane_channels text[], lane_by_hands boolean[], burst integer, accounts bigint[], ids bigint[], t0 timestamp with time zone, started bigint[], ended bigint[], adapters text[], refs text[], codes text[], details text[]) RETURNS TABLE(id bigint, contact_id bigint, job_id bigint, location_id bigint, purpose character varying, recipients integer, due_at timestamp with time zone, use_by timestamp with time zone, attempt smallint, before_reset smallint, zones character varying[], plain boolean, number bigint, setup integer, lane integer)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_nestloop TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION public.queue_stop(p_hold bigint, t timestamp with time zone) RETURNS public.stop
    LANGUAGE plpgsql
    AS $$
DECLARE h hold; said stop; wide boolean; shuts boolean; BEGIN
  SELECT * INTO STRICT h FROM hold WHERE id = p_hold;
  wide := h.scope IN ('installation', 'account', 'channel');
  IF wide THEN
    PERFORM 1 FROM lane WHERE (h.account_id IS NULL OR account_id = h.account_id) AND (h.channel IS NULL OR channel = h.channel)
      ORDER BY account_id, channel, by_hand FOR UPDATE;
  END IF;
  said := queue_announce(h.id, h.scope, h.account_id, h.channel, h.location_id, h.job_id, h.contact_id, t);
  IF wide THEN
    -- Where this hold closes every lane by itself, none is asked what else does: half of the time of a STOP of everything.
    shuts := 'sending' = ANY (h.blocks) AND h.name <> 'prospect';
    UPDATE lane SET is_open = NOT shuts AND queue_lane_open(account_id, channel), number = said.number,
                    setup_number = setup_number + 1
     WHERE (h.account_id IS NULL OR account_id = h.account_id) AND (h.channel IS NULL OR channel = h.channel);
  END IF;
  RETURN said;
END $$;
CREATE FUNCTION public.queue_tell(accounts bigint[], ids bigint[], t timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$ BEGIN
  IF NOT EXISTS (SELECT FROM webhook WHERE account_id = ANY (accounts) AND is_on) THEN RETURN; END IF;
  INSERT INTO event (account_id, kind, at, message_id, contact_id, reason)
  SELECT m.account_id, 'message.' || m.status, t, m.id, m.contact_id, m.reason
    FROM unnest(accounts, ids) AS x(account_id, id) JOIN message m ON m.account_id = x.account_id AND m.id = x.id
   WHERE EXISTS (SELECT FROM webhook WHERE webhook.account_id = m.account_id AND is_on
                    AND 'message.' || m.status = ANY (kinds));
END $$;
CREATE FUNCTION public.queue_withdraw(a bigint, jobs bigint[], st text, t timestamp with time zone, most integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.search_words(given text, family text, own_id text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT lower(given || ' ' || family || ' ' || own_id) || CASE
    WHEN octet_length(given) + octet_length(family) = length(given) + length(family)
     AND position('''' IN given || family) = 0 THEN ''
    ELSE ' ' || regexp_replace(lower(replace(replace(replace(
      translate(normalize(given || ' ' || family, NFKD), 'łŁøØđĐıðÐħĦÆŒ''', 'lLoOdDidDhHæœ'),
      'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')), '[^ -~]', '', 'g') END $$;
CREATE TABLE public.account (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    zone character varying(60) NOT NULL,
    country character varying(2) NOT NULL,
    quiet_from time without time zone NOT NULL,
    quiet_until time without time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    remind_after_hours smallint DEFAULT 24 NOT NULL,
    takes_ownership boolean DEFAULT true NOT NULL,
    status_type_id bigint NOT NULL,
    CONSTRAINT account_quiet_hours CHECK ((NOT (quiet_from = quiet_until)))
);
CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);
ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.address (
    id bigint NOT NULL,
    kind character varying(5) NOT NULL,
    value character varying(254) NOT NULL,
    label character varying(30) NOT NULL,
    "position" smallint NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT address_kind CHECK (((kind)::text = ANY ((ARRAY['phone'::character varying, 'email'::character varying])::text[])))
);
ALTER TABLE public.address ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.address_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.appointment_answer (
    id bigint NOT NULL,
    message_id bigint NOT NULL,
    kind character varying(9) NOT NULL,
    channel character varying(5) NOT NULL,
    inbound_id bigint,
    by character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT appointment_answer_channel CHECK (((channel)::text = ANY ((ARRAY[''::character varying, 'text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT appointment_answer_kind CHECK (((kind)::text = ANY ((ARRAY['confirmed'::character varying, 'cancelled'::character varying, 'wrong'::character varying, 'other'::character varying])::text[])))
);
ALTER TABLE public.appointment_answer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.appointment_answer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.attachment (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    type character varying(100) NOT NULL,
    size integer NOT NULL,
    digest character varying(64) NOT NULL,
    content bytea NOT NULL,
    by character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.attachment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.attachment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.attachment_in_set (
    id bigint NOT NULL,
    number smallint NOT NULL,
    attachment_id bigint NOT NULL,
    set_id bigint NOT NULL
);
ALTER TABLE public.attachment_in_set ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.attachment_in_set_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.attachment_set (
    id bigint NOT NULL,
    key character varying(500) NOT NULL,
    used_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.attachment_set ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.attachment_set_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.attempt (
    message_id bigint NOT NULL,
    number smallint NOT NULL,
    worker_id bigint NOT NULL,
    adapter character varying(30) NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    outcome character varying(9) NOT NULL,
    ref character varying(300) NOT NULL,
    code character varying(60) NOT NULL,
    detail character varying(500) NOT NULL,
    before_reset boolean DEFAULT false NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT attempt_outcome CHECK (((outcome)::text = ANY ((ARRAY['accepted'::character varying, 'rejected'::character varying, 'throttled'::character varying, 'unknown'::character varying])::text[])))
);
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.bill_run (
    id bigint NOT NULL,
    day date NOT NULL,
    state character varying(7) NOT NULL,
    total integer NOT NULL,
    "position" bigint NOT NULL,
    done integer NOT NULL,
    invoices integer NOT NULL,
    amounts jsonb NOT NULL,
    failure text NOT NULL,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT bill_run_state CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'done'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE public.bill_run ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bill_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.billing_setup (
    id smallint NOT NULL,
    currency character varying(3) DEFAULT 'USD'::character varying NOT NULL,
    issuer character varying(500) DEFAULT ''::character varying NOT NULL,
    due_days smallint DEFAULT 14 NOT NULL,
    usage_while_suspended boolean DEFAULT true NOT NULL,
    suspend_after_days smallint,
    suspend_reason character varying(120) DEFAULT ''::character varying NOT NULL,
    remind_after_days smallint,
    looked_on date,
    last_invoice bigint DEFAULT 0 NOT NULL,
    usage_until timestamp with time zone,
    CONSTRAINT billing_setup_one CHECK ((id = 1))
);
CREATE TABLE public.billing_terms (
    account_id bigint NOT NULL,
    currency character varying(3) NOT NULL,
    bill_day smallint NOT NULL,
    since date NOT NULL,
    usage_to date NOT NULL,
    next_on date,
    CONSTRAINT billing_terms_bill_day CHECK (((bill_day >= 1) AND (bill_day <= 31)))
);
CREATE TABLE public.brake (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    is_on boolean NOT NULL,
    minutes smallint NOT NULL,
    at_least integer NOT NULL,
    bounce numeric(4,1),
    failure numeric(4,1),
    opt_out numeric(4,1),
    duplicate numeric(4,1),
    changed_at timestamp with time zone NOT NULL,
    looked_at timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT brake_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[])))
);
ALTER TABLE public.brake ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.brake_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.bulk_change (
    id bigint NOT NULL,
    kind character varying(18) NOT NULL,
    member_id bigint,
    group_id bigint,
    selection jsonb NOT NULL,
    until_id bigint NOT NULL,
    ledger_number bigint NOT NULL,
    reason character varying(300) NOT NULL,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    state character varying(10) NOT NULL,
    total integer NOT NULL,
    "position" bigint NOT NULL,
    done integer NOT NULL,
    changed integer NOT NULL,
    refused integer NOT NULL,
    first_stop bigint,
    last_stop bigint,
    failure text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    finished_at timestamp with time zone,
    account_id bigint NOT NULL,
    undoes_id bigint,
    CONSTRAINT bulk_change_kind CHECK (((kind)::text = ANY ((ARRAY['flag'::character varying, 'unflag'::character varying, 'stop_all'::character varying, 'ok_to_send'::character varying, 'stop_promotions'::character varying, 'ok_for_sales'::character varying, 'assign'::character varying, 'add_to_group'::character varying, 'remove_from_group'::character varying, 'delete'::character varying, 'restore'::character varying, 'undo'::character varying])::text[]))),
    CONSTRAINT bulk_change_state CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'confirming'::character varying, 'done'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE public.bulk_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bulk_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.bulk_slice (
    id bigint NOT NULL,
    number integer NOT NULL,
    changed bigint[] NOT NULL,
    refused bigint[] NOT NULL,
    before jsonb NOT NULL,
    change_id bigint NOT NULL
);
ALTER TABLE public.bulk_slice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bulk_slice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.call_instead (
    id bigint NOT NULL,
    message_id bigint NOT NULL,
    look_at timestamp with time zone,
    call_id bigint,
    account_id bigint NOT NULL
);
ALTER TABLE public.call_instead ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.call_instead_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.call_step (
    id bigint NOT NULL,
    message_id bigint NOT NULL,
    attempt smallint NOT NULL,
    adapter character varying(30) NOT NULL,
    ref character varying(300) NOT NULL,
    kind character varying(11) NOT NULL,
    data character varying(300) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT call_step_kind CHECK (((kind)::text = ANY ((ARRAY['dialled'::character varying, 'ringing'::character varying, 'answered'::character varying, 'digit'::character varying, 'speech_done'::character varying, 'hangup'::character varying])::text[])))
);
ALTER TABLE public.call_step ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.call_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.channel_setup (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    provider character varying(30) NOT NULL,
    config jsonb NOT NULL,
    sender character varying(254) NOT NULL,
    sender_name character varying(120) NOT NULL,
    is_enabled boolean NOT NULL,
    broken character varying(300) NOT NULL,
    credits integer,
    top_up_below integer DEFAULT 100 NOT NULL,
    top_up_asked_at timestamp with time zone,
    limit_minute integer,
    limit_hour integer,
    limit_day integer,
    pace_ms bigint NOT NULL,
    kept_pace_ms bigint DEFAULT 0 NOT NULL,
    rhythm character varying(7) DEFAULT 'windows'::character varying NOT NULL,
    keeps_quiet_hours boolean NOT NULL,
    rings smallint DEFAULT 4 NOT NULL,
    ring_minutes smallint DEFAULT 15 NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT channel_setup_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT channel_setup_limits CHECK (((NOT ((limit_minute < 1) AND (limit_minute IS NOT NULL))) AND (NOT ((limit_hour < 1) AND (limit_hour IS NOT NULL))) AND (NOT ((limit_day < 1) AND (limit_day IS NOT NULL))))),
    CONSTRAINT channel_setup_rhythm CHECK (((rhythm)::text = ANY ((ARRAY['windows'::character varying, 'at_once'::character varying, 'by_hand'::character varying])::text[]))),
    CONSTRAINT channel_setup_rings CHECK ((((ring_minutes >= 1) AND (ring_minutes <= 1440)) AND ((rings >= 1) AND (rings <= 10)))),
    CONSTRAINT credits_not_negative CHECK (((credits IS NULL) OR (credits >= 0)))
);
ALTER TABLE public.channel_setup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.channel_setup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.component (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    frequency character varying(9) NOT NULL,
    mode character varying(7) NOT NULL,
    is_full_period boolean NOT NULL,
    quantity integer NOT NULL,
    price numeric(14,3) NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    settled_to date NOT NULL,
    by character varying(120) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    package_id bigint NOT NULL,
    CONSTRAINT component_days CHECK (((ends_on IS NULL) OR (ends_on >= starts_on))),
    CONSTRAINT component_frequency CHECK (((frequency)::text = ANY ((ARRAY['monthly'::character varying, 'quarterly'::character varying, 'yearly'::character varying, 'once'::character varying])::text[]))),
    CONSTRAINT component_mode CHECK (((mode)::text = ANY ((ARRAY['advance'::character varying, 'arrears'::character varying])::text[]))),
    CONSTRAINT component_quantity CHECK ((quantity >= 1))
);
ALTER TABLE public.component ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.component_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.contact (
    id bigint NOT NULL,
    given_name character varying(120) NOT NULL,
    family_name character varying(120) NOT NULL,
    external_id character varying(120) NOT NULL,
    language character varying(12) NOT NULL,
    country character varying(2) NOT NULL,
    zone character varying(60) NOT NULL,
    zones character varying(60)[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    location_id bigint
);
CREATE TABLE public.contact_assignment (
    contact_id bigint NOT NULL,
    account_id bigint NOT NULL,
    member_id bigint
);
CREATE TABLE public.contact_deletion (
    contact_id bigint NOT NULL,
    deleted_by character varying(120) NOT NULL,
    deleted_at timestamp with time zone NOT NULL,
    change_id bigint,
    account_id bigint NOT NULL
);
CREATE TABLE public.contact_group (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    is_sales boolean NOT NULL,
    account_id bigint NOT NULL
);
CREATE TABLE public.contact_group_contact (
    id bigint NOT NULL,
    change_id bigint,
    contact_id bigint NOT NULL,
    group_id bigint NOT NULL
);
ALTER TABLE public.contact_group_contact ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_group_contact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.contact_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.contact ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.contact_import (
    id bigint NOT NULL,
    file_name character varying(200) NOT NULL,
    format character varying(10) NOT NULL,
    options jsonb NOT NULL,
    state character varying(10) NOT NULL,
    rows_total integer NOT NULL,
    "position" integer NOT NULL,
    added integer NOT NULL,
    completed integer NOT NULL,
    unchanged integer NOT NULL,
    refused integer NOT NULL,
    removed integer NOT NULL,
    restored integer NOT NULL,
    kept integer NOT NULL,
    first_stop bigint,
    last_stop bigint,
    ledger_number bigint NOT NULL,
    failure text NOT NULL,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    undone_by character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    finished_at timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT contact_import_state CHECK (((state)::text = ANY ((ARRAY['uploaded'::character varying, 'queued'::character varying, 'running'::character varying, 'confirming'::character varying, 'done'::character varying, 'failed'::character varying, 'undoing'::character varying, 'undone'::character varying])::text[])))
);
ALTER TABLE public.contact_import ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.contact_import_piece (
    id bigint NOT NULL,
    number integer NOT NULL,
    content bytea NOT NULL,
    contact_import_id bigint NOT NULL
);
ALTER TABLE public.contact_import_piece ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_import_piece_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.contact_import_problem (
    id bigint NOT NULL,
    "row" integer NOT NULL,
    is_refused boolean NOT NULL,
    "column" character varying(120) NOT NULL,
    value character varying(300) NOT NULL,
    problem character varying(300) NOT NULL,
    cells text[] NOT NULL,
    contact_import_id bigint NOT NULL
);
ALTER TABLE public.contact_import_problem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_import_problem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.contact_import_slice (
    id bigint NOT NULL,
    number integer NOT NULL,
    added bigint[] NOT NULL,
    completed bigint[] NOT NULL,
    before jsonb NOT NULL,
    contact_import_id bigint NOT NULL
);
ALTER TABLE public.contact_import_slice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_import_slice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.contact_list (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    filter jsonb NOT NULL,
    no_visit_months smallint,
    not_written_days smallint,
    back_after_months smallint NOT NULL,
    for_family boolean DEFAULT false NOT NULL,
    created_by character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT contact_list_positive CHECK ((((no_visit_months IS NULL) OR (no_visit_months >= 1)) AND ((not_written_days IS NULL) OR (not_written_days >= 1)) AND (back_after_months >= 1)))
);
ALTER TABLE public.contact_list ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_list_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.contact_list_tick (
    id bigint NOT NULL,
    by character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    list_id bigint NOT NULL
);
ALTER TABLE public.contact_list_tick ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contact_list_tick_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.conversation (
    id bigint NOT NULL,
    address character varying(254) NOT NULL,
    state character varying(6) NOT NULL,
    last_at timestamp with time zone NOT NULL,
    last_in_at timestamp with time zone,
    last_out_at timestamp with time zone,
    unread integer NOT NULL,
    unread_since timestamp with time zone,
    auto_reply_due_at timestamp with time zone,
    auto_replied_at timestamp with time zone,
    version bigint NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint,
    assigned_to_id bigint,
    CONSTRAINT conversation_is_with_somebody CHECK ((((contact_id IS NULL) OR ((address)::text = ''::text)) AND (1 = (
CASE
    WHEN (contact_id IS NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN ((address)::text = ''::text) THEN 1
    ELSE 0
END)))),
    CONSTRAINT conversation_state CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying])::text[]))),
    CONSTRAINT conversation_unread_since CHECK ((((auto_reply_due_at IS NULL) AND (unread = 0) AND (unread_since IS NULL)) OR ((unread > 0) AND (unread_since IS NOT NULL))))
);
ALTER TABLE public.conversation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.conversation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.conversation_version
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.credit_entry (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    at timestamp with time zone NOT NULL,
    kind character varying(9) NOT NULL,
    credits integer NOT NULL,
    balance integer NOT NULL,
    by character varying(120) DEFAULT ''::character varying NOT NULL,
    note character varying(300) DEFAULT ''::character varying NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT credit_entry_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT credit_entry_kind CHECK (((kind)::text = ANY ((ARRAY['top_up'::character varying, 'spent'::character varying, 'uncounted'::character varying])::text[])))
);
ALTER TABLE public.credit_entry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.credit_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.database_identity (
    one smallint NOT NULL,
    system character varying(20) NOT NULL,
    timeline integer NOT NULL,
    database bigint NOT NULL,
    tables bigint NOT NULL,
    number bigint NOT NULL,
    confirmed_by character varying(120) NOT NULL,
    confirmed_at timestamp with time zone NOT NULL,
    replaced jsonb NOT NULL,
    CONSTRAINT database_identity_is_one_row CHECK ((one = 1))
);
CREATE TABLE public.delivery_session (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    weekday smallint NOT NULL,
    starts smallint NOT NULL,
    ends smallint NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT delivery_session_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT delivery_session_in_week CHECK (((ends <= 1440) AND (starts >= 0) AND (starts < ends) AND ((weekday >= 0) AND (weekday <= 6))))
);
ALTER TABLE public.delivery_session ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.delivery_session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.erasure (
    id bigint NOT NULL,
    contact_id bigint NOT NULL,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    stop_number bigint NOT NULL,
    state character varying(8) NOT NULL,
    withdrawn integer NOT NULL,
    left_unknown integer NOT NULL,
    counts jsonb,
    finished_at timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT erasure_state CHECK (((state)::text = ANY ((ARRAY['stopping'::character varying, 'done'::character varying])::text[])))
);
ALTER TABLE public.erasure ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.erasure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.event (
    id bigint NOT NULL,
    key uuid DEFAULT gen_random_uuid() NOT NULL,
    kind character varying(30) NOT NULL,
    at timestamp with time zone NOT NULL,
    message_id bigint,
    inbound_id bigint,
    contact_id bigint,
    lead_id bigint,
    reason character varying(60) DEFAULT ''::character varying NOT NULL,
    payload jsonb,
    account_id bigint NOT NULL
);
ALTER TABLE public.event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.family_visit (
    id bigint NOT NULL,
    message_id bigint NOT NULL,
    carrier_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    says jsonb NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    alone_subject text NOT NULL,
    alone_body text NOT NULL,
    has_left boolean DEFAULT false NOT NULL,
    look_at timestamp with time zone,
    account_id bigint NOT NULL
);
ALTER TABLE public.family_visit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.family_visit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.feed (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    kind character varying(8) NOT NULL,
    settings jsonb NOT NULL,
    options jsonb NOT NULL,
    columns text[] NOT NULL,
    rhythm jsonb NOT NULL,
    expected_at time without time zone,
    alarm_minutes smallint NOT NULL,
    is_on boolean NOT NULL,
    created_by character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    next_look_at timestamp with time zone,
    looked_at timestamp with time zone,
    failure character varying(300) DEFAULT ''::character varying NOT NULL,
    mark character varying(64) DEFAULT ''::character varying NOT NULL,
    seen jsonb NOT NULL,
    alarm_at timestamp with time zone,
    expected_from timestamp with time zone,
    holds_all boolean DEFAULT false NOT NULL,
    tells_answers boolean DEFAULT false NOT NULL,
    tell_at timestamp with time zone,
    tell_failure character varying(300) DEFAULT ''::character varying NOT NULL,
    is_late boolean NOT NULL,
    account_id bigint NOT NULL,
    only_location_id bigint,
    CONSTRAINT feed_alarm CHECK ((alarm_minutes >= 1)),
    CONSTRAINT feed_kind CHECK (((kind)::text = ANY ((ARRAY['folder'::character varying, 'push'::character varying, 'sftp'::character varying, 'calendar'::character varying, 'fhir'::character varying, 'email'::character varying])::text[])))
);
CREATE TABLE public.feed_answer (
    id bigint NOT NULL,
    key character varying(64) NOT NULL,
    named character varying(200) NOT NULL,
    kind character varying(9) NOT NULL,
    channel character varying(5) NOT NULL,
    message_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    batch bigint,
    told_at timestamp with time zone,
    attempts smallint DEFAULT 0 NOT NULL,
    account_id bigint NOT NULL,
    feed_id bigint NOT NULL,
    CONSTRAINT feed_answer_kind CHECK (((kind)::text = ANY ((ARRAY['confirmed'::character varying, 'cancelled'::character varying, 'wrong'::character varying, 'other'::character varying])::text[])))
);
ALTER TABLE public.feed_answer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.feed_answer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.feed_appointment (
    id bigint NOT NULL,
    key character varying(64) NOT NULL,
    core character varying(64) NOT NULL,
    is_cancelled boolean NOT NULL,
    file_id bigint NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    messages bigint[] NOT NULL,
    named character varying(200) DEFAULT ''::character varying NOT NULL,
    account_id bigint NOT NULL,
    feed_id bigint NOT NULL
);
ALTER TABLE public.feed_appointment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.feed_appointment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.feed_file (
    id bigint NOT NULL,
    digest character varying(64) NOT NULL,
    place character varying(64) NOT NULL,
    state character varying(6) NOT NULL,
    arrived_at timestamp with time zone NOT NULL,
    rows integer,
    waiting integer,
    canceled integer,
    refused integer,
    errors integer,
    withdrawn integer NOT NULL,
    account_id bigint NOT NULL,
    feed_id bigint NOT NULL,
    repeats_id bigint,
    import_id bigint,
    CONSTRAINT feed_file_state CHECK (((state)::text = ANY ((ARRAY['taken'::character varying, 'done'::character varying, 'failed'::character varying, 'repeat'::character varying])::text[])))
);
ALTER TABLE public.feed_file ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.feed_file_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.feed ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.feed_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.finish (
    account_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    status character varying(8) NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE public.follow_up (
    id bigint NOT NULL,
    visit bigint NOT NULL,
    list_id bigint,
    purpose character varying(10) NOT NULL,
    until timestamp with time zone NOT NULL,
    ended character varying(30) DEFAULT ''::character varying NOT NULL,
    look_at timestamp with time zone,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT follow_up_purpose CHECK (((purpose)::text = ANY ((ARRAY['personal'::character varying, 'reminder'::character varying, 'billing'::character varying, 'promotion'::character varying, 'service'::character varying])::text[])))
);
ALTER TABLE public.follow_up ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.follow_up_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.gate (
    one smallint NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT gate_is_one_row CHECK ((one = 1))
);
CREATE TABLE public.hold (
    id bigint NOT NULL,
    name character varying(30) NOT NULL,
    scope character varying(12) NOT NULL,
    channel character varying(5),
    blocks character varying(20)[] NOT NULL,
    by character varying(120) NOT NULL,
    reason character varying(300) NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    lifted_by character varying(120) NOT NULL,
    lifted_at timestamp with time zone,
    reminded_at timestamp with time zone,
    account_id bigint,
    contact_id bigint,
    job_id bigint,
    location_id bigint,
    CONSTRAINT hold_blocks CHECK ((blocks <@ ARRAY['sending'::character varying(20), 'intake'::character varying(20), 'recurring_billing'::character varying(20), 'usage_billing'::character varying(20)])),
    CONSTRAINT hold_has_account CHECK ((((scope)::text = 'installation'::text) OR (account_id IS NOT NULL))),
    CONSTRAINT hold_scope CHECK (((scope)::text = ANY ((ARRAY['installation'::character varying, 'account'::character varying, 'location'::character varying, 'channel'::character varying, 'job'::character varying, 'contact'::character varying, 'contacts'::character varying])::text[])))
);
ALTER TABLE public.hold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.import (
    id bigint NOT NULL,
    file_name character varying(200) NOT NULL,
    format character varying(10) NOT NULL,
    content bytea NOT NULL,
    digest character varying(64) DEFAULT ''::character varying NOT NULL,
    source character varying(8) NOT NULL,
    state character varying(8) NOT NULL,
    options jsonb NOT NULL,
    rows_total integer,
    rows_done integer NOT NULL,
    rows_refused integer NOT NULL,
    messages_made integer NOT NULL,
    failure text NOT NULL,
    created_by character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    finished_at timestamp with time zone,
    account_id bigint NOT NULL,
    job_id bigint,
    location_id bigint,
    CONSTRAINT import_source CHECK (((source)::text = ANY ((ARRAY['upload'::character varying, 'command'::character varying, 'api'::character varying, 'send'::character varying, 'feed'::character varying])::text[]))),
    CONSTRAINT import_state CHECK (((state)::text = ANY ((ARRAY['uploaded'::character varying, 'queued'::character varying, 'running'::character varying, 'done'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE public.import ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.import_problem (
    id bigint NOT NULL,
    "row" integer NOT NULL,
    "column" character varying(120) NOT NULL,
    value character varying(300) NOT NULL,
    problem character varying(300) NOT NULL,
    import_id bigint NOT NULL
);
ALTER TABLE public.import_problem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.import_problem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inbound (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    adapter character varying(30) NOT NULL,
    provider_id character varying(300) NOT NULL,
    sender character varying(254) NOT NULL,
    recipient character varying(254) NOT NULL,
    subject character varying(300) DEFAULT ''::character varying NOT NULL,
    text text NOT NULL,
    is_automatic boolean DEFAULT false NOT NULL,
    in_reply_to bigint,
    meaning character varying(8) NOT NULL,
    answered_by bigint,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint,
    CONSTRAINT inbound_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[])))
);
CREATE TABLE public.inbound_file (
    id bigint NOT NULL,
    number smallint NOT NULL,
    name character varying(120) NOT NULL,
    type character varying(100) NOT NULL,
    size integer NOT NULL,
    content bytea NOT NULL,
    account_id bigint NOT NULL,
    inbound_id bigint NOT NULL
);
ALTER TABLE public.inbound_file ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbound_file_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.inbound ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inbound_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inquiry (
    message_id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    times integer NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone,
    answer character varying(12) NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT inquiry_answer CHECK (((answer)::text = ANY ((ARRAY[''::character varying, 'there'::character varying, 'not_there'::character varying, 'cannot_tell'::character varying])::text[])))
);
CREATE TABLE public.invoice (
    id bigint NOT NULL,
    account_name character varying(120) NOT NULL,
    day date NOT NULL,
    due_on date NOT NULL,
    currency character varying(3) NOT NULL,
    total numeric(20,3) NOT NULL,
    state character varying(4) NOT NULL,
    reminded_on date,
    by character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    bill_run_id bigint,
    CONSTRAINT invoice_state CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'paid'::character varying])::text[])))
);
CREATE TABLE public.invoice_line (
    id bigint NOT NULL,
    kind character varying(7) NOT NULL,
    unit character varying(11),
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    quantity numeric(14,2) NOT NULL,
    price numeric(20,6) NOT NULL,
    currency character varying(3) NOT NULL,
    amount numeric(20,3) NOT NULL,
    words character varying(300) NOT NULL,
    day date NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    component_id bigint,
    invoice_id bigint,
    CONSTRAINT invoice_line_kind CHECK (((kind)::text = ANY ((ARRAY['charge'::character varying, 'credit'::character varying, 'waived'::character varying, 'usage'::character varying, 'let_off'::character varying])::text[]))),
    CONSTRAINT invoice_line_unit CHECK (((unit)::text = ANY ((ARRAY['text_part'::character varying, 'call_minute'::character varying, 'email'::character varying])::text[])))
);
ALTER TABLE public.invoice_line ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.invoice_line_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.job (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    source character varying(8) NOT NULL,
    purpose character varying(10) NOT NULL,
    created_by character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    removed_by character varying(120) NOT NULL,
    removed_at timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT job_purpose CHECK (((purpose)::text = ANY ((ARRAY['personal'::character varying, 'reminder'::character varying, 'billing'::character varying, 'promotion'::character varying, 'service'::character varying])::text[]))),
    CONSTRAINT job_source CHECK (((source)::text = ANY ((ARRAY['upload'::character varying, 'command'::character varying, 'api'::character varying, 'send'::character varying, 'feed'::character varying])::text[])))
);
ALTER TABLE public.job ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.job_window (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    sessions character varying(30)[],
    zone character varying(60) NOT NULL,
    pace_ms bigint NOT NULL,
    slot_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    job_id bigint NOT NULL,
    CONSTRAINT job_window_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT job_window_pace CHECK ((pace_ms >= 0))
);
ALTER TABLE public.job_window ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.job_window_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.lane (
    account_id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    by_hand boolean NOT NULL,
    is_open boolean NOT NULL,
    next_due_at timestamp with time zone,
    number bigint NOT NULL,
    setup_number integer NOT NULL,
    pace_ms bigint NOT NULL,
    slot_at timestamp with time zone NOT NULL,
    head_due_at timestamp with time zone NOT NULL,
    head_id bigint NOT NULL,
    CONSTRAINT lane_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[])))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');
CREATE TABLE public.lead (
    id bigint NOT NULL,
    public_id uuid NOT NULL,
    status character varying(11) NOT NULL,
    reason character varying(20) NOT NULL,
    note character varying(1024) NOT NULL,
    source character varying(6) NOT NULL,
    kind character varying(40) NOT NULL,
    comment character varying(1024) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by character varying(120) NOT NULL,
    version bigint NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    location_id bigint,
    CONSTRAINT lead_ended CHECK ((((ended_at IS NULL) AND ((status)::text = 'new'::text)) OR ((NOT ((status)::text = 'new'::text)) AND (ended_at IS NOT NULL)))),
    CONSTRAINT lead_reason CHECK ((((reason)::text = ''::text) OR (((reason)::text = ANY ((ARRAY['not_interested'::character varying, 'unresponsive'::character varying, 'wrong_person'::character varying, 'out_of_area'::character varying, 'same_person'::character varying, 'do_not_contact'::character varying, 'ended'::character varying, 'mass_end'::character varying, 'member_end'::character varying, 'other'::character varying])::text[])) AND ((status)::text = 'unqualified'::text)))),
    CONSTRAINT lead_source CHECK (((source)::text = ANY ((ARRAY['api'::character varying, 'email'::character varying, 'manual'::character varying, 'file'::character varying, 'text'::character varying, 'call'::character varying])::text[]))),
    CONSTRAINT lead_status CHECK (((status)::text = ANY ((ARRAY['new'::character varying, 'qualified'::character varying, 'unqualified'::character varying])::text[])))
);
CREATE TABLE public.lead_event (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    title character varying(24) NOT NULL,
    by character varying(120) NOT NULL,
    detail character varying(1024) NOT NULL,
    message_id bigint,
    inbound_id bigint,
    account_id bigint NOT NULL,
    lead_id bigint NOT NULL,
    CONSTRAINT lead_event_title CHECK (((title)::text = ANY ((ARRAY['Lead Created'::character varying, 'Qualified Lead'::character varying, 'Unqualified Lead'::character varying, 'Inbound SMS'::character varying, 'Outbound SMS'::character varying, 'Inbound Email'::character varying, 'Outbound Email'::character varying, 'Outbound Call Attempt'::character varying, 'Inbound Call Received'::character varying, 'Note'::character varying, 'Taken Over'::character varying, 'Handed Over'::character varying])::text[])))
);
ALTER TABLE public.lead_event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lead_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.lead ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lead_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.lead_import (
    id bigint NOT NULL,
    file_name character varying(200) NOT NULL,
    content bytea NOT NULL,
    kind character varying(40) NOT NULL,
    state character varying(7) NOT NULL,
    total integer NOT NULL,
    "position" integer NOT NULL,
    created integer NOT NULL,
    refused integer NOT NULL,
    failure text NOT NULL,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    finished_at timestamp with time zone,
    account_id bigint NOT NULL,
    member_id bigint,
    CONSTRAINT lead_import_state CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'done'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE public.lead_import ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lead_import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.lead_import_row (
    id bigint NOT NULL,
    "row" integer NOT NULL,
    outcome character varying(9) NOT NULL,
    words character varying(300) NOT NULL,
    lead_id bigint,
    lead_import_id bigint NOT NULL,
    CONSTRAINT lead_import_row_outcome CHECK (((outcome)::text = ANY ((ARRAY['created'::character varying, 'duplicate'::character varying, 'repeated'::character varying, 'closed'::character varying, 'paused'::character varying, 'unusable'::character varying])::text[])))
);
ALTER TABLE public.lead_import_row ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lead_import_row_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.lead_setup (
    id bigint NOT NULL,
    address character varying(254) NOT NULL,
    repeat_days smallint NOT NULL,
    strangers character varying(7) NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT lead_setup_days CHECK (((repeat_days >= 0) AND (repeat_days <= 365))),
    CONSTRAINT lead_setup_strangers CHECK (((strangers)::text = ANY ((ARRAY['nothing'::character varying, 'leads'::character varying])::text[])))
);
ALTER TABLE public.lead_setup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.lead_setup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.lead_version
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.ledger_personal (
    entry_id bigint NOT NULL,
    contact_id bigint,
    salt character varying(64) NOT NULL,
    data jsonb NOT NULL,
    account_id bigint NOT NULL
);
CREATE VIEW public.ledger_entry AS
 SELECT e.id,
    e.account_id,
    e.number,
    e.at,
    e.by,
    e.act,
    e.subject,
    e.previous,
    e.hash,
    COALESCE((p.data ->> 'reason'::text), (e.reason)::text) AS reason,
        CASE
            WHEN (p.data ? 'before'::text) THEN (COALESCE(e.before, '{}'::jsonb) || (p.data -> 'before'::text))
            ELSE e.before
        END AS before,
        CASE
            WHEN (p.data ? 'after'::text) THEN (COALESCE(e.after, '{}'::jsonb) || (p.data -> 'after'::text))
            ELSE e.after
        END AS after,
    (((e.personal)::text <> ''::text) AND (p.entry_id IS NULL)) AS is_erased
   FROM (public.ledger e
     LEFT JOIN public.ledger_personal p ON (((p.entry_id = e.id) AND ((e.personal)::text <> ''::text))));
CREATE TABLE public.ledger_head (
    chain bigint NOT NULL,
    number bigint NOT NULL,
    hash character varying(64) NOT NULL
);
ALTER TABLE public.ledger ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.left_behind (
    id bigint NOT NULL,
    reason character varying(60) NOT NULL,
    contact_id bigint NOT NULL,
    send_id bigint NOT NULL
);
ALTER TABLE public.left_behind ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.left_behind_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.limit_count (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    seconds smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    count integer NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT limit_count_seconds CHECK ((seconds = ANY (ARRAY[1, 60])))
);
ALTER TABLE public.limit_count ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.limit_count_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.location (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    code character varying(60) NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.location ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.location_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.login (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    email character varying(254) NOT NULL,
    name character varying(120) NOT NULL,
    is_operator boolean NOT NULL,
    is_active boolean NOT NULL,
    notices_by_mail boolean DEFAULT true NOT NULL
);
ALTER TABLE public.login ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.login_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.mailbox (
    id bigint NOT NULL,
    config jsonb NOT NULL,
    since timestamp with time zone NOT NULL,
    uid_validity bigint,
    last_uid bigint DEFAULT 0 NOT NULL,
    next_look_at timestamp with time zone NOT NULL,
    looked_at timestamp with time zone,
    failure character varying(300) DEFAULT ''::character varying NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.mailbox ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mailbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.marker (
    id bigint NOT NULL,
    kind character varying(16) NOT NULL,
    set_by character varying(120) NOT NULL,
    set_at timestamp with time zone NOT NULL,
    reason character varying(300) NOT NULL,
    change_id bigint,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT marker_kind CHECK (((kind)::text = ANY ((ARRAY['flag'::character varying, 'stop_all'::character varying, 'stop_promotions'::character varying])::text[])))
);
ALTER TABLE public.marker ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.marker_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.mass_end (
    id bigint NOT NULL,
    member_id bigint,
    member_name character varying(120) NOT NULL,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    state character varying(10) NOT NULL,
    total integer NOT NULL,
    until_id bigint NOT NULL,
    "position" bigint NOT NULL,
    ended integer NOT NULL,
    withdrawn integer NOT NULL,
    last_stop bigint,
    failure text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    finished_at timestamp with time zone,
    replayed_at timestamp with time zone,
    replayed_by character varying(120) NOT NULL,
    replayed integer NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT mass_end_state CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'confirming'::character varying, 'done'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE public.mass_end ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mass_end_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.member (
    id bigint NOT NULL,
    role character varying(10) NOT NULL,
    takes_unassigned boolean DEFAULT true NOT NULL,
    mail_written character varying(7) DEFAULT 'at_once'::character varying NOT NULL,
    mail_assigned character varying(7) DEFAULT 'at_once'::character varying NOT NULL,
    digest_hour smallint DEFAULT 8 NOT NULL,
    account_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT member_digest_hour CHECK (((digest_hour >= 0) AND (digest_hour <= 23))),
    CONSTRAINT member_mail_assigned CHECK (((mail_assigned)::text = ANY ((ARRAY['at_once'::character varying, 'digest'::character varying, 'never'::character varying])::text[]))),
    CONSTRAINT member_mail_written CHECK (((mail_written)::text = ANY ((ARRAY['at_once'::character varying, 'digest'::character varying, 'never'::character varying])::text[]))),
    CONSTRAINT member_role CHECK (((role)::text = ANY ((ARRAY['admin'::character varying, 'leader'::character varying, 'member'::character varying, 'viewer'::character varying])::text[])))
);
ALTER TABLE public.member ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.member_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.member_news (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    count integer NOT NULL,
    at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    in_digest boolean NOT NULL,
    told_at timestamp with time zone,
    message_id bigint,
    account_id bigint NOT NULL,
    contact_id bigint,
    conversation_id bigint,
    member_id bigint NOT NULL,
    CONSTRAINT member_news_kind CHECK (((kind)::text = ANY ((ARRAY['written'::character varying, 'assigned'::character varying])::text[])))
);
ALTER TABLE public.member_news ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.member_news_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.message_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.message_plan (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    purpose character varying(10) NOT NULL,
    counts_from character varying(11) DEFAULT 'appointment'::character varying NOT NULL,
    steps jsonb NOT NULL,
    thanks jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_by character varying(120) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT message_plan_counts_from CHECK (((counts_from)::text = ANY ((ARRAY['appointment'::character varying, 'sending'::character varying])::text[]))),
    CONSTRAINT message_plan_purpose CHECK (((purpose)::text = ANY ((ARRAY['personal'::character varying, 'reminder'::character varying, 'billing'::character varying, 'promotion'::character varying, 'service'::character varying])::text[])))
);
ALTER TABLE public.message_plan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.message_plan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messenger_draft (
    id bigint NOT NULL,
    key character varying(40) NOT NULL,
    recipients jsonb NOT NULL,
    channel character varying(5) NOT NULL,
    purpose character varying(10) NOT NULL,
    subject character varying(300) NOT NULL,
    body text NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    attachment_set_id bigint,
    member_id bigint NOT NULL,
    CONSTRAINT messenger_draft_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT messenger_draft_purpose CHECK (((purpose)::text = ANY ((ARRAY['personal'::character varying, 'reminder'::character varying, 'billing'::character varying, 'promotion'::character varying, 'service'::character varying])::text[])))
);
ALTER TABLE public.messenger_draft ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messenger_draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messenger_send (
    id bigint NOT NULL,
    key character varying(200) NOT NULL,
    digest character varying(64) NOT NULL,
    recipients jsonb NOT NULL,
    until_id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    purpose character varying(10) NOT NULL,
    subject character varying(300) NOT NULL,
    body text NOT NULL,
    due_at timestamp with time zone,
    despite_stop_promotions boolean NOT NULL,
    reason character varying(300) NOT NULL,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    state character varying(7) NOT NULL,
    total integer NOT NULL,
    "position" bigint NOT NULL,
    done integer NOT NULL,
    accepted integer NOT NULL,
    message_ids bigint[] NOT NULL,
    stayed integer NOT NULL,
    failure text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    taken_at timestamp with time zone,
    finished_at timestamp with time zone,
    account_id bigint NOT NULL,
    attachment_set_id bigint,
    job_id bigint,
    owner_id bigint,
    CONSTRAINT messenger_send_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT messenger_send_purpose CHECK (((purpose)::text = ANY ((ARRAY['personal'::character varying, 'reminder'::character varying, 'billing'::character varying, 'promotion'::character varying, 'service'::character varying])::text[]))),
    CONSTRAINT messenger_send_state CHECK (((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'done'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE public.messenger_send ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messenger_send_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);
ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.note (
    id bigint NOT NULL,
    by character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    text text NOT NULL,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL
);
ALTER TABLE public.note ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.note_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.notice (
    id bigint NOT NULL,
    kind character varying(9) NOT NULL,
    subject character varying(200) NOT NULL,
    body text NOT NULL,
    about character varying(80) NOT NULL,
    url character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    account_id bigint,
    CONSTRAINT notice_kind CHECK (((kind)::text = ANY ((ARRAY['standing'::character varying, 'brake'::character varying, 'scheduled'::character varying, 'credits'::character varying, 'sender'::character varying, 'lead'::character varying, 'ramp'::character varying, 'feed'::character varying, 'ticket'::character varying, 'support'::character varying, 'past_due'::character varying, 'webhook'::character varying])::text[])))
);
ALTER TABLE public.notice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.notice_reader (
    id bigint NOT NULL,
    read_at timestamp with time zone,
    mail_due_at timestamp with time zone,
    mail_tries smallint NOT NULL,
    mailed_at timestamp with time zone,
    mail_failure character varying(300) NOT NULL,
    account_id bigint,
    notice_id bigint NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.notice_reader ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notice_reader_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.opt_out (
    id bigint NOT NULL,
    channel character varying(5),
    address character varying(254) NOT NULL,
    words character varying(300) NOT NULL,
    at timestamp with time zone NOT NULL,
    lifted_at timestamp with time zone,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    CONSTRAINT opt_out_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[])))
);
ALTER TABLE public.opt_out ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.opt_out_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.outbox (
    id bigint NOT NULL,
    message_id bigint NOT NULL,
    key character varying(60) NOT NULL,
    channel character varying(5) NOT NULL,
    "to" character varying(254) NOT NULL,
    sender character varying(254) NOT NULL,
    subject character varying(300) NOT NULL,
    body text NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.override (
    id bigint NOT NULL,
    message_id bigint NOT NULL,
    check_name character varying(30) NOT NULL,
    by character varying(120) NOT NULL,
    reason character varying(300) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.override ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.override_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.package (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    frequency character varying(9) NOT NULL,
    mode character varying(7) NOT NULL,
    is_full_period boolean NOT NULL,
    price numeric(14,3) NOT NULL,
    currency character varying(3) NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    CONSTRAINT package_frequency CHECK (((frequency)::text = ANY ((ARRAY['monthly'::character varying, 'quarterly'::character varying, 'yearly'::character varying, 'once'::character varying])::text[]))),
    CONSTRAINT package_mode CHECK (((mode)::text = ANY ((ARRAY['advance'::character varying, 'arrears'::character varying])::text[]))),
    CONSTRAINT package_price CHECK ((price >= (0)::numeric))
);
ALTER TABLE public.package ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.package_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.part (
    message_id bigint NOT NULL,
    attempt smallint NOT NULL,
    number smallint NOT NULL,
    adapter character varying(30) NOT NULL,
    ref character varying(300) NOT NULL,
    account_id bigint NOT NULL
);
CREATE TABLE public.payment (
    id bigint NOT NULL,
    kind character varying(7) NOT NULL,
    day date NOT NULL,
    currency character varying(3) NOT NULL,
    amount numeric(14,3) NOT NULL,
    words character varying(120) NOT NULL,
    by character varying(120) NOT NULL,
    at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    undone_by character varying(120) DEFAULT ''::character varying NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT payment_amount CHECK ((amount > (0)::numeric)),
    CONSTRAINT payment_kind CHECK (((kind)::text = ANY ((ARRAY['payment'::character varying, 'credit'::character varying])::text[])))
);
ALTER TABLE public.payment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.plan_step (
    id bigint NOT NULL,
    visit bigint NOT NULL,
    number smallint NOT NULL,
    message_id bigint NOT NULL,
    condition character varying(11) NOT NULL,
    after bigint,
    look_at timestamp with time zone,
    plan_id bigint,
    account_id bigint NOT NULL,
    CONSTRAINT plan_step_condition CHECK (((condition)::text = ANY ((ARRAY['always'::character varying, 'unconfirmed'::character varying, 'failed'::character varying])::text[])))
);
ALTER TABLE public.plan_step ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.plan_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.playbook (
    id bigint NOT NULL,
    text text NOT NULL,
    is_on boolean NOT NULL,
    changed_by character varying(120) NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.playbook ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.playbook_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.provider_test (
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    provider character varying(30) DEFAULT ''::character varying NOT NULL,
    "user" character varying(100) DEFAULT ''::character varying NOT NULL,
    config jsonb,
    asked_by character varying(120) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    is_good boolean,
    words character varying(500) NOT NULL,
    balance character varying(80) NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT provider_test_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[])))
);
ALTER TABLE public.provider_test ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.provider_test_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.queue (
    account_id bigint NOT NULL,
    id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    by_hand boolean NOT NULL,
    due_at timestamp with time zone NOT NULL,
    use_by timestamp with time zone,
    appointment_at timestamp with time zone,
    words bigint,
    purpose character varying(10) NOT NULL,
    recipients integer NOT NULL,
    contact_id bigint,
    job_id bigint,
    location_id bigint,
    attempt smallint NOT NULL,
    before_reset smallint DEFAULT 0 NOT NULL,
    worker_id bigint,
    held character varying(60)
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');
CREATE TABLE public.ramp (
    id bigint NOT NULL,
    start_number bigint NOT NULL,
    by character varying(120) NOT NULL,
    per_minute integer NOT NULL,
    pace_ms bigint NOT NULL,
    minutes integer NOT NULL,
    failures smallint DEFAULT 20 NOT NULL,
    opt_outs smallint DEFAULT 5 NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    state character varying(7) NOT NULL,
    ended_at timestamp with time zone,
    ended_by character varying(120) NOT NULL,
    figures jsonb,
    account_id bigint NOT NULL,
    CONSTRAINT ramp_positive CHECK (((failures > 0) AND (minutes > 0) AND (opt_outs > 0) AND (pace_ms > 0) AND (per_minute > 0))),
    CONSTRAINT ramp_state CHECK (((state)::text = ANY ((ARRAY['running'::character varying, 'done'::character varying, 'ended'::character varying, 'tripped'::character varying, 'stopped'::character varying])::text[])))
);
ALTER TABLE public.ramp ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ramp_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.rate (
    id bigint NOT NULL,
    unit character varying(11) NOT NULL,
    currency character varying(3) NOT NULL,
    price numeric(12,6) NOT NULL,
    included integer NOT NULL,
    account_id bigint,
    CONSTRAINT rate_not_negative CHECK (((included >= 0) AND (price >= (0)::numeric))),
    CONSTRAINT rate_unit CHECK (((unit)::text = ANY ((ARRAY['text_part'::character varying, 'call_minute'::character varying, 'email'::character varying])::text[])))
);
ALTER TABLE public.rate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.rate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.receipt (
    id bigint NOT NULL,
    message_id bigint,
    adapter character varying(30) NOT NULL,
    ref character varying(300) NOT NULL,
    state character varying(13) NOT NULL,
    code character varying(60) NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint
);
ALTER TABLE public.receipt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.receipt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.refused_lead (
    id bigint NOT NULL,
    hold_id bigint NOT NULL,
    source character varying(6) NOT NULL,
    count bigint NOT NULL,
    last_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT refused_lead_source CHECK (((source)::text = ANY ((ARRAY['api'::character varying, 'email'::character varying, 'manual'::character varying, 'file'::character varying, 'text'::character varying, 'call'::character varying])::text[])))
);
ALTER TABLE public.refused_lead ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.refused_lead_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.reply_setup (
    id bigint NOT NULL,
    words character varying(60)[] NOT NULL,
    stops_all boolean NOT NULL,
    confirms boolean NOT NULL,
    confirmation character varying(320) NOT NULL,
    answers_help boolean NOT NULL,
    help_answer character varying(320) NOT NULL,
    auto_reply character varying(320) DEFAULT ''::character varying NOT NULL,
    auto_reply_minutes smallint DEFAULT 15 NOT NULL,
    calls_instead boolean DEFAULT false NOT NULL,
    call_words character varying(600) DEFAULT 'This is {account}. We remind you of an appointment on {date}: {visits}.'::character varying NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.reply_setup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reply_setup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.request_key (
    id bigint NOT NULL,
    key character varying(200) NOT NULL,
    digest character varying(64) NOT NULL,
    message_id bigint,
    lead_id bigint,
    payment_id bigint,
    invoice_id bigint,
    credit_entry_id bigint,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT request_key_made_one CHECK ((num_nonnulls(message_id, lead_id, payment_id, invoice_id, credit_entry_id) <= 1))
);
ALTER TABLE public.request_key ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.request_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.scheduled_stop (
    id bigint NOT NULL,
    scope character varying(12) NOT NULL,
    channel character varying(5),
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    reason character varying(300) NOT NULL,
    by character varying(100) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    state character varying(9) NOT NULL,
    account_id bigint,
    hold_id bigint,
    location_id bigint,
    CONSTRAINT scheduled_stop_ends_later CHECK ((starts_at < ends_at)),
    CONSTRAINT scheduled_stop_scope CHECK (((scope)::text = ANY ((ARRAY['installation'::character varying, 'account'::character varying, 'location'::character varying, 'channel'::character varying, 'job'::character varying, 'contact'::character varying, 'contacts'::character varying])::text[]))),
    CONSTRAINT scheduled_stop_state CHECK (((state)::text = ANY ((ARRAY['coming'::character varying, 'standing'::character varying, 'over'::character varying, 'lifted'::character varying, 'cancelled'::character varying, 'skipped'::character varying])::text[])))
);
ALTER TABLE public.scheduled_stop ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.scheduled_stop_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sending_setup (
    account_id bigint NOT NULL,
    checks_every smallint NOT NULL,
    checks_at smallint[] NOT NULL,
    backup_days smallint[] NOT NULL,
    backup_starts smallint NOT NULL,
    backup_ends smallint NOT NULL,
    warn_after_days smallint NOT NULL,
    opens_attachments boolean NOT NULL,
    attachment_mb smallint DEFAULT 10 NOT NULL
);
CREATE TABLE public.setup_draft (
    id bigint NOT NULL,
    settings jsonb NOT NULL,
    passwords jsonb NOT NULL,
    version character varying(16) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    member_id bigint NOT NULL
);
ALTER TABLE public.setup_draft ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.setup_draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.start_plan (
    id bigint NOT NULL,
    stop_number bigint NOT NULL,
    hold_id bigint,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    by_itself boolean NOT NULL,
    reason character varying(300) NOT NULL,
    state character varying(9) NOT NULL,
    choices jsonb NOT NULL,
    counts jsonb NOT NULL,
    total bigint NOT NULL,
    dropped bigint NOT NULL,
    redated bigint NOT NULL,
    ramp jsonb,
    drawn_at timestamp with time zone NOT NULL,
    drawn_to bigint,
    touched_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    start_number bigint,
    account_id bigint,
    CONSTRAINT start_plan_state CHECK (((state)::text = ANY ((ARRAY['applying'::character varying, 'started'::character varying, 'cancelled'::character varying])::text[])))
);
ALTER TABLE public.start_plan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.start_plan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.start_plan_item (
    plan_id bigint NOT NULL,
    account_id bigint NOT NULL,
    message_id bigint NOT NULL,
    due_at timestamp with time zone,
    reason character varying(60) NOT NULL
);
CREATE TABLE public.status_change (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    status character varying(9) NOT NULL,
    old_name character varying(60) DEFAULT ''::character varying NOT NULL,
    old_status character varying(9),
    at timestamp with time zone NOT NULL,
    charge character varying(8) NOT NULL,
    reason character varying(120) NOT NULL,
    by character varying(120) NOT NULL,
    via character varying(10) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    state character varying(9) NOT NULL,
    ended_at timestamp with time zone,
    words character varying(300) DEFAULT ''::character varying NOT NULL,
    bills_usage boolean DEFAULT true NOT NULL,
    is_lifting boolean DEFAULT false NOT NULL,
    account_id bigint NOT NULL,
    type_id bigint,
    CONSTRAINT status_change_charge CHECK (((charge)::text = ANY ((ARRAY['full'::character varying, 'prorated'::character varying, 'none'::character varying])::text[]))),
    CONSTRAINT status_change_old_status CHECK (((old_status)::text = ANY ((ARRAY['active'::character varying, 'cancelled'::character varying, 'suspended'::character varying, 'prospect'::character varying])::text[]))),
    CONSTRAINT status_change_state CHECK (((state)::text = ANY ((ARRAY['coming'::character varying, 'done'::character varying, 'cancelled'::character varying, 'refused'::character varying])::text[]))),
    CONSTRAINT status_change_status CHECK (((status)::text = ANY ((ARRAY['active'::character varying, 'cancelled'::character varying, 'suspended'::character varying, 'prospect'::character varying])::text[])))
);
ALTER TABLE public.status_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.status_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.status_image (
    type_id bigint NOT NULL,
    kind character varying(4) NOT NULL,
    content bytea NOT NULL,
    digest character varying(64) NOT NULL,
    CONSTRAINT status_image_kind CHECK (((kind)::text = ANY ((ARRAY['png'::character varying, 'jpeg'::character varying, 'gif'::character varying, 'webp'::character varying])::text[])))
);
CREATE TABLE public.status_reason (
    id bigint NOT NULL,
    text character varying(120) NOT NULL
);
ALTER TABLE public.status_reason ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.status_reason_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.status_type (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    status character varying(9) NOT NULL,
    image_url character varying(500) DEFAULT ''::character varying NOT NULL,
    is_counted boolean DEFAULT true NOT NULL,
    CONSTRAINT status_type_status CHECK (((status)::text = ANY ((ARRAY['active'::character varying, 'cancelled'::character varying, 'suspended'::character varying, 'prospect'::character varying])::text[])))
);
ALTER TABLE public.status_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.status_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stop_link (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    digest character varying(64) NOT NULL,
    made_by character varying(120) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    used_at timestamp with time zone,
    used_stop bigint,
    revoked_by character varying(120) NOT NULL,
    revoked_at timestamp with time zone,
    account_id bigint
);
ALTER TABLE public.stop_link ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stop_link_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stop_phone (
    id bigint NOT NULL,
    phone character varying(16) NOT NULL,
    code_hash character varying(128) NOT NULL,
    set_by character varying(120) NOT NULL,
    set_at timestamp with time zone NOT NULL,
    wrong_codes smallint NOT NULL,
    wrong_since timestamp with time zone,
    member_id bigint NOT NULL
);
ALTER TABLE public.stop_phone ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stop_phone_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.support_visit (
    id bigint NOT NULL,
    operator character varying(120) NOT NULL,
    reason character varying(300) NOT NULL,
    began_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    account_id bigint NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT support_visit_span CHECK ((until > began_at))
);
ALTER TABLE public.support_visit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.support_visit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.suppression (
    id bigint NOT NULL,
    digest character varying(64) NOT NULL,
    key_check character varying(16) NOT NULL,
    kind character varying(15) NOT NULL,
    channel character varying(5),
    said_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT suppression_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT suppression_kind CHECK (((kind)::text = ANY ((ARRAY['opt_out'::character varying, 'stop_all'::character varying, 'stop_promotions'::character varying])::text[])))
);
ALTER TABLE public.suppression ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.suppression_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.talk (
    lead_id bigint NOT NULL,
    answers character varying(9) NOT NULL,
    why character varying(20) NOT NULL,
    step character varying(40) NOT NULL,
    since timestamp with time zone NOT NULL,
    afters smallint NOT NULL,
    messages smallint NOT NULL,
    due_at timestamp with time zone,
    heard_at timestamp with time zone,
    queued bigint[] NOT NULL,
    unwanted bigint[] NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT talk_answers CHECK (((answers)::text = ANY ((ARRAY['automatic'::character varying, 'person'::character varying, 'nobody'::character varying])::text[])))
);
CREATE TABLE public.tally (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    job_id bigint,
    location_id bigint,
    channel character varying(5) NOT NULL,
    status character varying(8) NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE public.tally_change (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    job_id bigint,
    location_id bigint,
    channel character varying(5) NOT NULL,
    status character varying(8) NOT NULL,
    count bigint NOT NULL,
    at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');
ALTER TABLE public.tally_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tally_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.tally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.template (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    channel character varying(5) NOT NULL,
    purpose character varying(10) NOT NULL,
    subject character varying(300) NOT NULL,
    body text NOT NULL,
    account_id bigint NOT NULL,
    attachment_set_id bigint,
    CONSTRAINT template_channel CHECK (((channel)::text = ANY ((ARRAY['text'::character varying, 'call'::character varying, 'email'::character varying])::text[]))),
    CONSTRAINT template_purpose CHECK (((purpose)::text = ANY ((ARRAY['personal'::character varying, 'reminder'::character varying, 'billing'::character varying, 'promotion'::character varying, 'service'::character varying])::text[])))
);
ALTER TABLE public.template ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.template_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.thanks (
    id bigint NOT NULL,
    visit bigint NOT NULL,
    message_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);
ALTER TABLE public.thanks ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.thanks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ticket (
    id bigint NOT NULL,
    subject character varying(200) NOT NULL,
    state character varying(6) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    last_side character varying(8) NOT NULL,
    closed_by character varying(120) DEFAULT ''::character varying NOT NULL,
    closed_at timestamp with time zone,
    account_id bigint NOT NULL,
    CONSTRAINT ticket_closed_when CHECK ((((state)::text = 'open'::text) OR (closed_at IS NOT NULL))),
    CONSTRAINT ticket_last_side CHECK (((last_side)::text = ANY ((ARRAY['operator'::character varying, 'account'::character varying])::text[]))),
    CONSTRAINT ticket_state CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying])::text[])))
);
ALTER TABLE public.ticket ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ticket_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ticket_message (
    id bigint NOT NULL,
    side character varying(8) NOT NULL,
    by character varying(120) NOT NULL,
    text text NOT NULL,
    at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    CONSTRAINT ticket_message_side CHECK (((side)::text = ANY ((ARRAY['operator'::character varying, 'account'::character varying])::text[])))
);
ALTER TABLE public.ticket_message ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ticket_message_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.token (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    digest character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    account_id bigint NOT NULL,
    member_id bigint NOT NULL
);
ALTER TABLE public.token ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.unclear_reply (
    id bigint NOT NULL,
    held bigint[] NOT NULL,
    at timestamp with time zone NOT NULL,
    settlement character varying(13),
    settled_by character varying(120) NOT NULL,
    settled_at timestamp with time zone,
    account_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    inbound_id bigint NOT NULL,
    CONSTRAINT unclear_reply_settlement CHECK (((settlement)::text = ANY ((ARRAY['this_channel'::character varying, 'every_channel'::character varying, 'meant_nothing'::character varying, 'own_word'::character varying])::text[])))
);
ALTER TABLE public.unclear_reply ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.unclear_reply_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.usage_day (
    day date NOT NULL,
    unit character varying(11) NOT NULL,
    quantity numeric(14,2) NOT NULL,
    account_id bigint NOT NULL,
    CONSTRAINT usage_day_unit CHECK (((unit)::text = ANY ((ARRAY['text_part'::character varying, 'call_minute'::character varying, 'email'::character varying])::text[])))
);
CREATE TABLE public.wake (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    channel character varying(5) NOT NULL,
    by_hand boolean NOT NULL,
    due_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');
ALTER TABLE public.wake ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wake_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.webhook (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    url character varying(500) NOT NULL,
    kinds character varying(30)[] NOT NULL,
    secrets jsonb NOT NULL,
    both_until timestamp with time zone,
    is_on boolean NOT NULL,
    off_why character varying(300) DEFAULT ''::character varying NOT NULL,
    failing_since timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    rest_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    account_id bigint NOT NULL
);
CREATE TABLE public.webhook_delivery (
    id bigint NOT NULL,
    key uuid DEFAULT gen_random_uuid() NOT NULL,
    kind character varying(30) NOT NULL,
    at timestamp with time zone NOT NULL,
    message_id bigint,
    inbound_id bigint,
    contact_id bigint,
    lead_id bigint,
    reason character varying(60) DEFAULT ''::character varying NOT NULL,
    payload jsonb,
    state character varying(9) NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    next_at timestamp with time zone,
    tried_at timestamp with time zone,
    took_ms integer,
    code smallint,
    answer character varying(500) DEFAULT ''::character varying NOT NULL,
    account_id bigint NOT NULL,
    webhook_id bigint NOT NULL,
    CONSTRAINT webhook_delivery_state CHECK (((state)::text = ANY ((ARRAY['waiting'::character varying, 'delivered'::character varying, 'failed'::character varying])::text[]))),
    CONSTRAINT webhook_delivery_waiting_has_time CHECK ((((next_at IS NOT NULL) AND ((state)::text = 'waiting'::text)) OR ((NOT ((state)::text = 'waiting'::text)) AND (next_at IS NULL))))
);
ALTER TABLE public.webhook_delivery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.webhook_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.webhook ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.webhook_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.worker (
    id bigint NOT NULL,
    host character varying(120) NOT NULL,
    pid integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    lease_ms integer DEFAULT 2000 NOT NULL,
    acked bigint NOT NULL,
    fenced boolean NOT NULL
)
WITH (fillfactor='20');
ALTER TABLE public.worker ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.worker_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.address
    ADD CONSTRAINT address_once UNIQUE (contact_id, kind, value);
ALTER TABLE ONLY public.address
    ADD CONSTRAINT address_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.appointment_answer
    ADD CONSTRAINT appointment_answer_once UNIQUE (account_id, message_id);
ALTER TABLE ONLY public.appointment_answer
    ADD CONSTRAINT appointment_answer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.attachment_in_set
    ADD CONSTRAINT attachment_in_set_once UNIQUE (set_id, number);
ALTER TABLE ONLY public.attachment_in_set
    ADD CONSTRAINT attachment_in_set_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.attachment
    ADD CONSTRAINT attachment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.attachment_set
    ADD CONSTRAINT attachment_set_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.attachment_set
    ADD CONSTRAINT attachment_set_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (account_id, message_id, number);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bill_run
    ADD CONSTRAINT bill_run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.billing_setup
    ADD CONSTRAINT billing_setup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.billing_terms
    ADD CONSTRAINT billing_terms_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.brake
    ADD CONSTRAINT brake_once UNIQUE (account_id, channel);
ALTER TABLE ONLY public.brake
    ADD CONSTRAINT brake_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bulk_change
    ADD CONSTRAINT bulk_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.bulk_change
    ADD CONSTRAINT bulk_change_undoes_id_key UNIQUE (undoes_id);
ALTER TABLE ONLY public.bulk_slice
    ADD CONSTRAINT bulk_slice_once UNIQUE (change_id, number);
ALTER TABLE ONLY public.bulk_slice
    ADD CONSTRAINT bulk_slice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.call_instead
    ADD CONSTRAINT call_instead_once UNIQUE (account_id, message_id);
ALTER TABLE ONLY public.call_instead
    ADD CONSTRAINT call_instead_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.call_step
    ADD CONSTRAINT call_step_once UNIQUE (adapter, ref, attempt, kind, data);
ALTER TABLE ONLY public.call_step
    ADD CONSTRAINT call_step_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.channel_setup
    ADD CONSTRAINT channel_setup_once UNIQUE (account_id, channel);
ALTER TABLE ONLY public.channel_setup
    ADD CONSTRAINT channel_setup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.component
    ADD CONSTRAINT component_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact_assignment
    ADD CONSTRAINT contact_assignment_pkey PRIMARY KEY (contact_id);
ALTER TABLE ONLY public.contact_deletion
    ADD CONSTRAINT contact_deletion_pkey PRIMARY KEY (contact_id);
ALTER TABLE ONLY public.contact_group_contact
    ADD CONSTRAINT contact_group_contact_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact_group
    ADD CONSTRAINT contact_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact_import_piece
    ADD CONSTRAINT contact_import_piece_once UNIQUE (contact_import_id, number);
ALTER TABLE ONLY public.contact_import_piece
    ADD CONSTRAINT contact_import_piece_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact_import
    ADD CONSTRAINT contact_import_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact_import_problem
    ADD CONSTRAINT contact_import_problem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact_import_slice
    ADD CONSTRAINT contact_import_slice_once UNIQUE (contact_import_id, number);
ALTER TABLE ONLY public.contact_import_slice
    ADD CONSTRAINT contact_import_slice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact_group_contact
    ADD CONSTRAINT contact_in_group_once UNIQUE (group_id, contact_id);
ALTER TABLE ONLY public.contact_list
    ADD CONSTRAINT contact_list_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact_list_tick
    ADD CONSTRAINT contact_list_tick_once UNIQUE (list_id, contact_id);
ALTER TABLE ONLY public.contact_list_tick
    ADD CONSTRAINT contact_list_tick_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_once UNIQUE (contact_id);
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.credit_entry
    ADD CONSTRAINT credit_entry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.database_identity
    ADD CONSTRAINT database_identity_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.delivery_session
    ADD CONSTRAINT delivery_session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.erasure
    ADD CONSTRAINT erasure_once UNIQUE (account_id, contact_id);
ALTER TABLE ONLY public.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.family_visit
    ADD CONSTRAINT family_visit_once UNIQUE (account_id, message_id);
ALTER TABLE ONLY public.family_visit
    ADD CONSTRAINT family_visit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.feed_answer
    ADD CONSTRAINT feed_answer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.feed_appointment
    ADD CONSTRAINT feed_appointment_once UNIQUE (feed_id, key);
ALTER TABLE ONLY public.feed_appointment
    ADD CONSTRAINT feed_appointment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.feed_file
    ADD CONSTRAINT feed_file_import_id_key UNIQUE (import_id);
ALTER TABLE ONLY public.feed_file
    ADD CONSTRAINT feed_file_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.finish
    ADD CONSTRAINT finish_pkey PRIMARY KEY (account_id, at, status);
ALTER TABLE ONLY public.follow_up
    ADD CONSTRAINT follow_up_once UNIQUE (account_id, visit);
ALTER TABLE ONLY public.follow_up
    ADD CONSTRAINT follow_up_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.gate
    ADD CONSTRAINT gate_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.import_problem
    ADD CONSTRAINT import_problem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inbound_file
    ADD CONSTRAINT inbound_file_once UNIQUE (inbound_id, number);
ALTER TABLE ONLY public.inbound_file
    ADD CONSTRAINT inbound_file_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inbound
    ADD CONSTRAINT inbound_once UNIQUE (adapter, provider_id);
ALTER TABLE ONLY public.inbound
    ADD CONSTRAINT inbound_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inquiry
    ADD CONSTRAINT inquiry_pkey PRIMARY KEY (account_id, message_id);
ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT invoice_line_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_once_a_run UNIQUE (bill_run_id, account_id);
ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.job_window
    ADD CONSTRAINT job_window_once UNIQUE (account_id, job_id, channel);
ALTER TABLE ONLY public.job_window
    ADD CONSTRAINT job_window_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lane
    ADD CONSTRAINT lane_pkey PRIMARY KEY (account_id, channel, by_hand);
ALTER TABLE ONLY public.lead_event
    ADD CONSTRAINT lead_event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lead_import
    ADD CONSTRAINT lead_import_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lead_import_row
    ADD CONSTRAINT lead_import_row_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lead
    ADD CONSTRAINT lead_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lead
    ADD CONSTRAINT lead_public_id_key UNIQUE (public_id);
ALTER TABLE ONLY public.lead_setup
    ADD CONSTRAINT lead_setup_account_id_key UNIQUE (account_id);
ALTER TABLE ONLY public.lead_setup
    ADD CONSTRAINT lead_setup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ledger_head
    ADD CONSTRAINT ledger_head_pkey PRIMARY KEY (chain);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_number_once UNIQUE NULLS NOT DISTINCT (account_id, number);
ALTER TABLE ONLY public.ledger_personal
    ADD CONSTRAINT ledger_personal_pkey PRIMARY KEY (entry_id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.left_behind
    ADD CONSTRAINT left_behind_once UNIQUE (send_id, contact_id);
ALTER TABLE ONLY public.left_behind
    ADD CONSTRAINT left_behind_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.limit_count
    ADD CONSTRAINT limit_count_once UNIQUE (account_id, channel, seconds, at);
ALTER TABLE ONLY public.limit_count
    ADD CONSTRAINT limit_count_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.location
    ADD CONSTRAINT location_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_email_key UNIQUE (email);
ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mailbox
    ADD CONSTRAINT mailbox_account_id_key UNIQUE (account_id);
ALTER TABLE ONLY public.mailbox
    ADD CONSTRAINT mailbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.marker
    ADD CONSTRAINT marker_once UNIQUE (contact_id, kind);
ALTER TABLE ONLY public.marker
    ADD CONSTRAINT marker_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mass_end
    ADD CONSTRAINT mass_end_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.member_news
    ADD CONSTRAINT member_news_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.member
    ADD CONSTRAINT member_once UNIQUE (account_id, user_id);
ALTER TABLE ONLY public.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (account_id, id);
ALTER TABLE ONLY public.message_plan
    ADD CONSTRAINT message_plan_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messenger_draft
    ADD CONSTRAINT messenger_draft_member_id_key UNIQUE (member_id);
ALTER TABLE ONLY public.messenger_draft
    ADD CONSTRAINT messenger_draft_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messenger_send
    ADD CONSTRAINT messenger_send_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.note
    ADD CONSTRAINT note_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notice_reader
    ADD CONSTRAINT notice_reader_once UNIQUE (notice_id, user_id);
ALTER TABLE ONLY public.notice_reader
    ADD CONSTRAINT notice_reader_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.opt_out
    ADD CONSTRAINT opt_out_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_key_key UNIQUE (key);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.override
    ADD CONSTRAINT override_once UNIQUE (account_id, message_id, check_name);
ALTER TABLE ONLY public.override
    ADD CONSTRAINT override_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.package
    ADD CONSTRAINT package_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.part
    ADD CONSTRAINT part_pkey PRIMARY KEY (account_id, message_id, attempt, number);
ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.plan_step
    ADD CONSTRAINT plan_step_once UNIQUE (account_id, visit, message_id);
ALTER TABLE ONLY public.plan_step
    ADD CONSTRAINT plan_step_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.playbook
    ADD CONSTRAINT playbook_account_id_key UNIQUE (account_id);
ALTER TABLE ONLY public.playbook
    ADD CONSTRAINT playbook_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.provider_test
    ADD CONSTRAINT provider_test_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (account_id, id) WITH (fillfactor='75', deduplicate_items=off);
ALTER TABLE ONLY public.ramp
    ADD CONSTRAINT ramp_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rate
    ADD CONSTRAINT rate_once UNIQUE NULLS NOT DISTINCT (account_id, unit, currency);
ALTER TABLE ONLY public.rate
    ADD CONSTRAINT rate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.receipt
    ADD CONSTRAINT receipt_once UNIQUE (adapter, ref, state);
ALTER TABLE ONLY public.receipt
    ADD CONSTRAINT receipt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.refused_lead
    ADD CONSTRAINT refused_lead_once UNIQUE (account_id, hold_id, source);
ALTER TABLE ONLY public.refused_lead
    ADD CONSTRAINT refused_lead_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.reply_setup
    ADD CONSTRAINT reply_setup_account_id_key UNIQUE (account_id);
ALTER TABLE ONLY public.reply_setup
    ADD CONSTRAINT reply_setup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.request_key
    ADD CONSTRAINT request_key_once UNIQUE (account_id, key);
ALTER TABLE ONLY public.request_key
    ADD CONSTRAINT request_key_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.scheduled_stop
    ADD CONSTRAINT scheduled_stop_hold_id_key UNIQUE (hold_id);
ALTER TABLE ONLY public.scheduled_stop
    ADD CONSTRAINT scheduled_stop_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sending_setup
    ADD CONSTRAINT sending_setup_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.setup_draft
    ADD CONSTRAINT setup_draft_member_id_key UNIQUE (member_id);
ALTER TABLE ONLY public.setup_draft
    ADD CONSTRAINT setup_draft_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.start_plan_item
    ADD CONSTRAINT start_plan_item_pkey PRIMARY KEY (plan_id, message_id);
ALTER TABLE ONLY public.start_plan
    ADD CONSTRAINT start_plan_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.status_change
    ADD CONSTRAINT status_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.status_image
    ADD CONSTRAINT status_image_pkey PRIMARY KEY (type_id);
ALTER TABLE ONLY public.status_reason
    ADD CONSTRAINT status_reason_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.status_type
    ADD CONSTRAINT status_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stop_link
    ADD CONSTRAINT stop_link_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.stop_link
    ADD CONSTRAINT stop_link_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stop_phone
    ADD CONSTRAINT stop_phone_member_id_key UNIQUE (member_id);
ALTER TABLE ONLY public.stop_phone
    ADD CONSTRAINT stop_phone_phone_key UNIQUE (phone);
ALTER TABLE ONLY public.stop_phone
    ADD CONSTRAINT stop_phone_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stop
    ADD CONSTRAINT stop_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.support_visit
    ADD CONSTRAINT support_visit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.suppression
    ADD CONSTRAINT suppression_once UNIQUE NULLS NOT DISTINCT (account_id, digest, kind, channel);
ALTER TABLE ONLY public.suppression
    ADD CONSTRAINT suppression_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.talk
    ADD CONSTRAINT talk_pkey PRIMARY KEY (lead_id);
ALTER TABLE ONLY public.tally_change
    ADD CONSTRAINT tally_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tally
    ADD CONSTRAINT tally_once UNIQUE NULLS NOT DISTINCT (account_id, job_id, location_id, channel, status);
ALTER TABLE ONLY public.tally
    ADD CONSTRAINT tally_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.template
    ADD CONSTRAINT template_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.thanks
    ADD CONSTRAINT thanks_once UNIQUE (account_id, visit);
ALTER TABLE ONLY public.thanks
    ADD CONSTRAINT thanks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ticket_message
    ADD CONSTRAINT ticket_message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.unclear_reply
    ADD CONSTRAINT unclear_reply_inbound_id_key UNIQUE (inbound_id);
ALTER TABLE ONLY public.unclear_reply
    ADD CONSTRAINT unclear_reply_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.usage_day
    ADD CONSTRAINT usage_day_pkey PRIMARY KEY (account_id, day, unit);
ALTER TABLE ONLY public.wake
    ADD CONSTRAINT wake_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_once UNIQUE (webhook_id, key);
ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.webhook
    ADD CONSTRAINT webhook_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.worker
    ADD CONSTRAINT worker_pkey PRIMARY KEY (id);
CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);
CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);
CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);
CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);
CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);
CREATE INDEX account_status_type_id_c2328c89 ON public.account USING btree (status_type_id);
CREATE INDEX address_by_value ON public.address USING btree (account_id, value);
CREATE INDEX address_words ON public.address USING gin (lower((value)::text) public.gin_trgm_ops) WITH (gin_pending_list_limit='1024');
CREATE INDEX appointment_answer_contact_id_05e1d980 ON public.appointment_answer USING btree (contact_id);
CREATE INDEX attachment_by_age ON public.attachment USING btree (at);
CREATE INDEX attachment_in_set_attachment_id_3cf54874 ON public.attachment_in_set USING btree (attachment_id);
CREATE INDEX attachment_set_by_age ON public.attachment_set USING btree (used_at);
CREATE INDEX attempt_by_ref ON public.attempt USING btree (ref, adapter) WHERE (NOT ((ref)::text = ''::text));
CREATE INDEX attempt_by_time ON public.attempt USING brin (started_at) WITH (autosummarize='on', pages_per_range='32');
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE UNIQUE INDEX bill_run_one_open ON public.bill_run USING btree ((1)) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying])::text[]));
CREATE INDEX billing_terms_next ON public.billing_terms USING btree (next_on, account_id);
CREATE INDEX brake_account_id_73a46c43 ON public.brake USING btree (account_id);
CREATE INDEX brake_on ON public.brake USING btree (id) WHERE is_on;
CREATE INDEX bulk_change_list ON public.bulk_change USING btree (account_id, id DESC);
CREATE INDEX bulk_change_to_run ON public.bulk_change USING btree (id) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'confirming'::character varying])::text[]));
CREATE INDEX call_instead_by_call ON public.call_instead USING btree (account_id, call_id) WHERE (call_id IS NOT NULL);
CREATE INDEX call_instead_to_decide ON public.call_instead USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX call_step_by_message ON public.call_step USING btree (account_id, message_id);
CREATE INDEX channel_setup_account_id_6d3e52ae ON public.channel_setup USING btree (account_id);
CREATE INDEX channel_setup_by_provider ON public.channel_setup USING btree (provider);
CREATE INDEX channel_setup_by_sender ON public.channel_setup USING btree (sender);
CREATE INDEX channel_setup_low ON public.channel_setup USING btree (id) WHERE ((credits < top_up_below) AND (top_up_asked_at IS NULL));
CREATE INDEX component_account_id_282cd4f0 ON public.component USING btree (account_id);
CREATE INDEX component_package_id_0c54f7da ON public.component USING btree (package_id);
CREATE INDEX contact_assignment_list ON public.contact_assignment USING btree (account_id, member_id, contact_id);
CREATE INDEX contact_by_name ON public.contact USING btree (account_id, lower((family_name)::text), lower((given_name)::text), id);
CREATE INDEX contact_deletion_list ON public.contact_deletion USING btree (account_id, contact_id);
CREATE UNIQUE INDEX contact_external_id_once ON public.contact USING btree (account_id, external_id) WHERE (NOT ((external_id)::text = ''::text));
CREATE INDEX contact_group_account_id_d2e87aca ON public.contact_group USING btree (account_id);
CREATE INDEX contact_group_contact_contact_id_4fb20397 ON public.contact_group_contact USING btree (contact_id);
CREATE INDEX contact_import_list ON public.contact_import USING btree (account_id, id DESC);
CREATE INDEX contact_import_problem_list ON public.contact_import_problem USING btree (contact_import_id, "row", id);
CREATE INDEX contact_import_to_run ON public.contact_import USING btree (id) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'confirming'::character varying, 'undoing'::character varying])::text[]));
CREATE UNIQUE INDEX contact_list_name_once ON public.contact_list USING btree (account_id, lower((name)::text));
CREATE INDEX contact_list_tick_contact_id_3a186c78 ON public.contact_list_tick USING btree (contact_id);
CREATE INDEX contact_location_id_df33281f ON public.contact USING btree (location_id);
CREATE INDEX contact_of_account ON public.contact USING btree (account_id, id);
CREATE INDEX contact_words ON public.contact USING gin (public.search_words((given_name)::text, (family_name)::text, (external_id)::text) public.gin_trgm_ops) WITH (gin_pending_list_limit='1024');
CREATE INDEX conversation_auto_reply ON public.conversation USING btree (auto_reply_due_at) WHERE (auto_reply_due_at IS NOT NULL);
CREATE INDEX conversation_changes ON public.conversation USING btree (account_id, version DESC);
CREATE INDEX conversation_list ON public.conversation USING btree (account_id, state, last_at DESC, id DESC);
CREATE INDEX conversation_member ON public.conversation USING btree (assigned_to_id);
CREATE INDEX conversation_of_member ON public.conversation USING btree (account_id, assigned_to_id, state, last_at DESC, id DESC);
CREATE UNIQUE INDEX conversation_of_sender ON public.conversation USING btree (account_id, address) WHERE (contact_id IS NULL);
CREATE INDEX conversation_unread ON public.conversation USING btree (account_id, last_at DESC, id DESC) WHERE (unread > 0);
CREATE INDEX conversation_unread_of ON public.conversation USING btree (account_id, assigned_to_id, last_at DESC, id DESC) WHERE (unread > 0);
CREATE INDEX credit_entry_list ON public.credit_entry USING btree (account_id, id DESC);
CREATE UNIQUE INDEX credit_spent_hour ON public.credit_entry USING btree (account_id, channel, at) WHERE ((kind)::text = 'spent'::text);
CREATE INDEX delivery_session_account_id_262422bf ON public.delivery_session USING btree (account_id);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX erasure_to_finish ON public.erasure USING btree (id) WHERE ((state)::text = 'stopping'::text);
CREATE INDEX family_visit_by_carrier ON public.family_visit USING btree (account_id, carrier_id);
CREATE INDEX family_visit_to_word ON public.family_visit USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX feed_alarm_due ON public.feed USING btree (alarm_at);
CREATE INDEX feed_answer_last ON public.feed_answer USING btree (feed_id, key, id DESC);
CREATE INDEX feed_answer_list ON public.feed_answer USING btree (account_id, feed_id, id DESC);
CREATE INDEX feed_answer_to_tell ON public.feed_answer USING btree (feed_id, id) WHERE (told_at IS NULL);
CREATE INDEX feed_appointment_old ON public.feed_appointment USING btree (feed_id, ends_at);
CREATE INDEX feed_due ON public.feed USING btree (next_look_at);
CREATE INDEX feed_file_list ON public.feed_file USING btree (account_id, feed_id, id DESC);
CREATE UNIQUE INDEX feed_file_once ON public.feed_file USING btree (feed_id, digest) WHERE ((state)::text = ANY ((ARRAY['taken'::character varying, 'done'::character varying])::text[]));
CREATE INDEX feed_file_repeats_id_c133a54f ON public.feed_file USING btree (repeats_id);
CREATE INDEX feed_file_to_move ON public.feed_file USING btree (feed_id, place) WHERE (NOT ((place)::text = ''::text));
CREATE UNIQUE INDEX feed_name_once ON public.feed USING btree (account_id, lower((name)::text));
CREATE INDEX feed_only_location_id_3a47c5ea ON public.feed USING btree (only_location_id);
CREATE INDEX feed_to_tell ON public.feed USING btree (tell_at) WHERE (tell_at IS NOT NULL);
CREATE INDEX follow_up_of_contact ON public.follow_up USING btree (contact_id);
CREATE INDEX follow_up_to_withdraw ON public.follow_up USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE UNIQUE INDEX group_name_once ON public.contact_group USING btree (account_id, lower((name)::text));
CREATE INDEX hold_account_id_882824d2 ON public.hold USING btree (account_id);
CREATE INDEX hold_by_brake ON public.hold USING btree (account_id, lifted_at) WHERE ((name)::text = 'brake'::text);
CREATE INDEX hold_ending ON public.hold USING btree (until) WHERE ((lifted_at IS NULL) AND (until IS NOT NULL));
CREATE INDEX hold_on_contact ON public.hold USING btree (contact_id) WHERE ((contact_id IS NOT NULL) AND (lifted_at IS NULL));
CREATE INDEX hold_on_job ON public.hold USING btree (job_id) WHERE ((job_id IS NOT NULL) AND (lifted_at IS NULL));
CREATE INDEX hold_on_location ON public.hold USING btree (location_id) WHERE ((lifted_at IS NULL) AND (location_id IS NOT NULL));
CREATE INDEX hold_standing ON public.hold USING btree (account_id, scope) WHERE (lifted_at IS NULL);
CREATE UNIQUE INDEX hold_stands_once ON public.hold USING btree (name, account_id, channel, location_id, job_id, contact_id) NULLS NOT DISTINCT WHERE (lifted_at IS NULL);
CREATE INDEX hold_watched ON public.hold USING btree (at) WHERE ((lifted_at IS NULL) AND (NOT ((name)::text = 'removed'::text)));
CREATE INDEX import_account_id_06020b5f ON public.import USING btree (account_id);
CREATE INDEX import_job_id_e5bcfd77 ON public.import USING btree (job_id);
CREATE INDEX import_list ON public.import USING btree (account_id, created_at DESC);
CREATE INDEX import_location_id_43780925 ON public.import USING btree (location_id);
CREATE INDEX import_problem_import_id_cae832eb ON public.import_problem USING btree (import_id);
CREATE INDEX import_problem_list ON public.import_problem USING btree (import_id, "row", id);
CREATE INDEX import_to_run ON public.import USING btree (created_at) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying])::text[]));
CREATE INDEX inbound_account_id_eedf14c3 ON public.inbound USING btree (account_id);
CREATE INDEX inbound_by_contact ON public.inbound USING btree (account_id, contact_id, at DESC);
CREATE INDEX inbound_contact_id_90df8714 ON public.inbound USING btree (contact_id);
CREATE INDEX inbound_file_list ON public.inbound_file USING btree (account_id, inbound_id);
CREATE INDEX inbound_of_unknown ON public.inbound USING btree (account_id, sender, at DESC) WHERE (contact_id IS NULL);
CREATE INDEX invoice_line_invoice_id_ce6de6ab ON public.invoice_line USING btree (invoice_id);
CREATE INDEX invoice_line_list ON public.invoice_line USING btree (account_id, id DESC);
CREATE INDEX invoice_line_of_component ON public.invoice_line USING btree (component_id, id);
CREATE INDEX invoice_line_usage ON public.invoice_line USING btree (account_id, unit, period_start) WHERE ((kind)::text = 'usage'::text);
CREATE INDEX invoice_line_waiting ON public.invoice_line USING btree (account_id) WHERE ((invoice_id IS NULL) AND (NOT ((kind)::text = 'waived'::text)));
CREATE INDEX invoice_list ON public.invoice USING btree (account_id, id DESC);
CREATE INDEX invoice_unpaid ON public.invoice USING btree (due_on) WHERE ((state)::text = 'open'::text);
CREATE INDEX job_account_id_ca418e35 ON public.job USING btree (account_id);
CREATE INDEX job_list ON public.job USING btree (account_id, created_at DESC);
CREATE INDEX lane_due ON public.lane USING btree (next_due_at) WHERE (is_open AND (next_due_at IS NOT NULL));
CREATE INDEX lead_by_status ON public.lead USING btree (account_id, status, created_at DESC, id DESC);
CREATE INDEX lead_changes ON public.lead USING btree (account_id, version DESC);
CREATE INDEX lead_event_history ON public.lead_event USING btree (lead_id, at, id);
CREATE INDEX lead_import_list ON public.lead_import USING btree (account_id, id DESC);
CREATE INDEX lead_import_row_lead ON public.lead_import_row USING btree (lead_id) WHERE (lead_id IS NOT NULL);
CREATE INDEX lead_import_row_list ON public.lead_import_row USING btree (lead_import_id, id);
CREATE INDEX lead_import_to_run ON public.lead_import USING btree (id) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying])::text[]));
CREATE INDEX lead_list ON public.lead USING btree (account_id, created_at DESC, id DESC);
CREATE INDEX lead_location ON public.lead USING btree (location_id) WHERE (location_id IS NOT NULL);
CREATE INDEX lead_new ON public.lead USING btree (account_id, id) WHERE ((status)::text = 'new'::text);
CREATE UNIQUE INDEX lead_new_once ON public.lead USING btree (contact_id) WHERE ((status)::text = 'new'::text);
CREATE INDEX lead_of_contact ON public.lead USING btree (contact_id, created_at DESC);
CREATE INDEX ledger_of_contacts ON public.ledger USING btree (account_id, number) WHERE ((subject)::text ~~ 'contact%'::text);
CREATE INDEX ledger_of_subject ON public.ledger USING btree (account_id, subject, number);
CREATE INDEX ledger_personal_of_contact ON public.ledger_personal USING btree (account_id, contact_id);
CREATE INDEX left_behind_contact_id_7f9851d5 ON public.left_behind USING btree (contact_id);
CREATE INDEX location_account_id_adce3929 ON public.location USING btree (account_id);
CREATE UNIQUE INDEX location_code_once ON public.location USING btree (account_id, lower((code)::text));
CREATE INDEX login_email_a1a84901_like ON public.login USING btree (email varchar_pattern_ops);
CREATE INDEX mailbox_due ON public.mailbox USING btree (next_look_at);
CREATE INDEX marker_by_kind ON public.marker USING btree (account_id, kind, contact_id);
CREATE INDEX mass_end_list ON public.mass_end USING btree (account_id, id DESC);
CREATE UNIQUE INDEX mass_end_one_open ON public.mass_end USING btree (account_id) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying, 'confirming'::character varying])::text[]));
CREATE INDEX member_account_id_e70ed107 ON public.member USING btree (account_id);
CREATE INDEX member_news_contact_id_99edfd95 ON public.member_news USING btree (contact_id);
CREATE INDEX member_news_conversation_id_0ff91bf1 ON public.member_news USING btree (conversation_id);
CREATE INDEX member_news_due ON public.member_news USING btree (due_at) WHERE (told_at IS NULL);
CREATE UNIQUE INDEX member_news_once ON public.member_news USING btree (member_id, kind, contact_id, conversation_id) NULLS NOT DISTINCT WHERE (told_at IS NULL);
CREATE INDEX member_news_told ON public.member_news USING btree (member_id, told_at);
CREATE INDEX member_user_id_4d954c77 ON public.member USING btree (user_id);
CREATE INDEX message_by_attachments ON public.message USING btree (attachment_set_id) WHERE (attachment_set_id IS NOT NULL);
CREATE INDEX message_by_contact ON public.message USING btree (account_id, contact_id, id);
CREATE INDEX message_by_job ON public.message USING btree (account_id, job_id, due_at, id);
CREATE INDEX message_exceptions ON public.message USING btree (account_id, exception, id) WHERE (exception IS NOT NULL);
CREATE UNIQUE INDEX message_plan_name_once ON public.message_plan USING btree (account_id, lower((name)::text));
CREATE INDEX message_unknown ON public.message USING btree (id) WHERE ((exception)::text = 'unknown'::text);
CREATE INDEX messenger_draft_account_id_824181c7 ON public.messenger_draft USING btree (account_id);
CREATE INDEX messenger_draft_attachment_set_id_30a8f60e ON public.messenger_draft USING btree (attachment_set_id);
CREATE INDEX messenger_send_attachment_set_id_6d4ecaeb ON public.messenger_send USING btree (attachment_set_id);
CREATE INDEX messenger_send_job_id_42bb88ab ON public.messenger_send USING btree (job_id);
CREATE INDEX messenger_send_list ON public.messenger_send USING btree (account_id, id DESC);
CREATE UNIQUE INDEX messenger_send_once ON public.messenger_send USING btree (account_id, key) WHERE (NOT ((key)::text = ''::text));
CREATE INDEX messenger_send_owner_id_9e0e63ec ON public.messenger_send USING btree (owner_id);
CREATE INDEX messenger_send_to_run ON public.messenger_send USING btree (id) WHERE ((state)::text = ANY ((ARRAY['queued'::character varying, 'running'::character varying])::text[]));
CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);
CREATE INDEX note_account_id_3e911ca1 ON public.note USING btree (account_id);
CREATE INDEX note_by_contact ON public.note USING btree (account_id, contact_id, at DESC);
CREATE INDEX note_contact_id_e609c81f ON public.note USING btree (contact_id);
CREATE INDEX notice_list ON public.notice_reader USING btree (user_id, notice_id DESC);
CREATE INDEX notice_of_account ON public.notice USING btree (account_id, id DESC);
CREATE INDEX notice_to_mail ON public.notice_reader USING btree (mail_due_at) WHERE (mail_due_at IS NOT NULL);
CREATE INDEX notice_unread ON public.notice_reader USING btree (user_id) WHERE (read_at IS NULL);
CREATE INDEX notice_unread_in ON public.notice_reader USING btree (account_id) WHERE (read_at IS NULL);
CREATE INDEX opt_out_account_id_f1ad811a ON public.opt_out USING btree (account_id);
CREATE INDEX opt_out_contact_id_c403fa2a ON public.opt_out USING btree (contact_id);
CREATE INDEX opt_out_standing ON public.opt_out USING btree (account_id, contact_id) WHERE (lifted_at IS NULL);
CREATE UNIQUE INDEX opt_out_stands_once ON public.opt_out USING btree (contact_id, channel) NULLS NOT DISTINCT WHERE (lifted_at IS NULL);
CREATE INDEX outbox_account_id_48adec76 ON public.outbox USING btree (account_id);
CREATE INDEX outbox_key_56153876_like ON public.outbox USING btree (key varchar_pattern_ops);
CREATE INDEX outbox_list ON public.outbox USING btree (account_id, id DESC);
CREATE INDEX override_account_id_7eb391d7 ON public.override USING btree (account_id);
CREATE UNIQUE INDEX package_name_once ON public.package USING btree (lower((name)::text));
CREATE INDEX part_by_ref ON public.part USING btree (adapter, ref);
CREATE INDEX payment_list ON public.payment USING btree (account_id, id DESC);
CREATE INDEX plan_step_by_message ON public.plan_step USING btree (account_id, message_id);
CREATE INDEX plan_step_standing_by ON public.plan_step USING btree (look_at) WHERE (look_at IS NOT NULL);
CREATE INDEX provider_test_newest ON public.provider_test USING btree (account_id, channel, id DESC);
CREATE INDEX provider_test_open ON public.provider_test USING btree (id) WHERE (done_at IS NULL);
CREATE INDEX queue_by_held ON public.queue USING btree (account_id, id) WHERE (held IS NOT NULL);
CREATE INDEX queue_in_hand ON public.queue USING btree (account_id, worker_id) WHERE (worker_id IS NOT NULL);
CREATE INDEX queue_past_use_by ON public.queue USING btree (account_id, job_id, use_by) WHERE (use_by IS NOT NULL);
CREATE INDEX queue_ready ON public.queue USING btree (account_id, channel, by_hand, due_at, id) WHERE ((held IS NULL) AND (worker_id IS NULL));
CREATE INDEX ramp_account_id_d8aa2fe1 ON public.ramp USING btree (account_id);
CREATE UNIQUE INDEX ramp_one_at_a_time ON public.ramp USING btree (account_id) WHERE (ended_at IS NULL);
CREATE INDEX rate_account_id_877e9f09 ON public.rate USING btree (account_id);
CREATE INDEX receipt_account_id_7eeb7fdf ON public.receipt USING btree (account_id);
CREATE INDEX receipt_by_message ON public.receipt USING btree (account_id, message_id);
CREATE INDEX receipt_unmatched ON public.receipt USING btree (adapter, ref) WHERE (account_id IS NULL);
CREATE INDEX request_key_by_age ON public.request_key USING btree (account_id, at);
CREATE INDEX scheduled_stop_account_id_e15deeca ON public.scheduled_stop USING btree (account_id);
CREATE INDEX scheduled_stop_coming ON public.scheduled_stop USING btree (starts_at) WHERE ((state)::text = 'coming'::text);
CREATE INDEX setup_draft_account_id_dbeac29a ON public.setup_draft USING btree (account_id);
CREATE INDEX start_plan_account_id_a0d6cf2c ON public.start_plan USING btree (account_id);
CREATE UNIQUE INDEX start_plan_one_at_a_time ON public.start_plan USING btree (account_id) NULLS NOT DISTINCT WHERE ((state)::text = 'applying'::text);
CREATE INDEX status_change_coming ON public.status_change USING btree (at, id) WHERE ((state)::text = 'coming'::text);
CREATE INDEX status_change_lifting ON public.status_change USING btree (account_id) WHERE is_lifting;
CREATE INDEX status_change_of_account ON public.status_change USING btree (account_id, at, id);
CREATE INDEX status_change_of_type ON public.status_change USING btree (type_id) WHERE ((state)::text = 'coming'::text);
CREATE UNIQUE INDEX status_reason_text_once ON public.status_reason USING btree (lower((text)::text));
CREATE UNIQUE INDEX status_type_name_once ON public.status_type USING btree (lower((name)::text));
CREATE INDEX stop_link_account_id_103088af ON public.stop_link USING btree (account_id);
CREATE INDEX stop_link_digest_24b5d53b_like ON public.stop_link USING btree (digest varchar_pattern_ops);
CREATE INDEX stop_of_account ON public.stop USING btree (account_id, number);
CREATE INDEX stop_of_hold ON public.stop USING btree (hold_id) WHERE (hold_id IS NOT NULL);
CREATE INDEX stop_phone_phone_f7a814d8_like ON public.stop_phone USING btree (phone varchar_pattern_ops);
CREATE INDEX stop_unconfirmed ON public.stop USING btree (number) WHERE (confirmed_at IS NULL);
CREATE INDEX support_visit_of_account ON public.support_visit USING btree (account_id, began_at DESC);
CREATE UNIQUE INDEX support_visit_one_of_each ON public.support_visit USING btree (user_id) WHERE (ended_at IS NULL);
CREATE INDEX talk_due ON public.talk USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX tally_change_of_account ON public.tally_change USING btree (account_id);
CREATE INDEX tally_waiting ON public.tally USING btree (account_id) WHERE (((status)::text = 'waiting'::text) AND (NOT (count = 0)));
CREATE INDEX template_account_id_5231792b ON public.template USING btree (account_id);
CREATE INDEX template_attachment_set_id_2bf11109 ON public.template USING btree (attachment_set_id);
CREATE UNIQUE INDEX template_name_once ON public.template USING btree (account_id, channel, lower((name)::text));
CREATE INDEX ticket_message_of_ticket ON public.ticket_message USING btree (ticket_id, id);
CREATE INDEX ticket_of_account ON public.ticket USING btree (account_id, last_at DESC);
CREATE INDEX ticket_open ON public.ticket USING btree (last_at DESC) WHERE ((state)::text = 'open'::text);
CREATE INDEX token_account_id_8e15e416 ON public.token USING btree (account_id);
CREATE INDEX token_digest_d52d282f_like ON public.token USING btree (digest varchar_pattern_ops);
CREATE INDEX token_member_id_0f7abd2c ON public.token USING btree (member_id);
CREATE INDEX unclear_reply_contact_id_c0c60768 ON public.unclear_reply USING btree (contact_id);
CREATE INDEX unclear_reply_open ON public.unclear_reply USING btree (account_id, id) WHERE (settled_at IS NULL);
CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY ((ARRAY['totp'::character varying, 'recovery_codes'::character varying])::text[]));
CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";
CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;
CREATE INDEX webhook_delivery_by_time ON public.webhook_delivery USING brin (at) WITH (autosummarize='on', pages_per_range='32');
CREATE INDEX webhook_delivery_contact ON public.webhook_delivery USING btree (account_id, contact_id) WHERE (contact_id IS NOT NULL);
CREATE INDEX webhook_delivery_due ON public.webhook_delivery USING btree (webhook_id, next_at) WHERE ((state)::text = 'waiting'::text);
CREATE INDEX webhook_delivery_failed ON public.webhook_delivery USING btree (webhook_id, at) WHERE ((state)::text = 'failed'::text);
CREATE INDEX webhook_delivery_list ON public.webhook_delivery USING btree (webhook_id, id DESC);
CREATE INDEX webhook_list ON public.webhook USING btree (account_id, id);
CREATE INDEX webhook_on ON public.webhook USING btree (account_id) WHERE is_on;
CREATE TRIGGER contact_begins AFTER INSERT ON public.contact REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION public.contact_begins();
CREATE TRIGGER conversation_follow AFTER UPDATE ON public.contact_assignment REFERENCING NEW TABLE AS becomes FOR EACH STATEMENT EXECUTE FUNCTION public.conversation_follow();
CREATE TRIGGER ledger_append_only BEFORE DELETE OR UPDATE ON public.ledger FOR EACH ROW EXECUTE FUNCTION public.ledger_refuse();
CREATE TRIGGER ledger_link BEFORE INSERT ON public.ledger FOR EACH ROW EXECUTE FUNCTION public.ledger_link();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON public.ledger FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuse();
CREATE TRIGGER ledger_personal_keep BEFORE UPDATE ON public.ledger_personal FOR EACH ROW EXECUTE FUNCTION public.ledger_personal_keep();
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_login_id FOREIGN KEY (user_id) REFERENCES public.login(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_status_type_id_c2328c89_fk_status_type_id FOREIGN KEY (status_type_id) REFERENCES public.status_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.address
    ADD CONSTRAINT address_contact_id_1d3a574e_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appointment_answer
    ADD CONSTRAINT appointment_answer_account_id_032e0573_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.appointment_answer
    ADD CONSTRAINT appointment_answer_contact_id_05e1d980_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.attachment
    ADD CONSTRAINT attachment_account_id_7eb03615_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.attachment_in_set
    ADD CONSTRAINT attachment_in_set_attachment_id_3cf54874_fk_attachment_id FOREIGN KEY (attachment_id) REFERENCES public.attachment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.attachment_in_set
    ADD CONSTRAINT attachment_in_set_set_id_de4f72d7_fk_attachment_set_id FOREIGN KEY (set_id) REFERENCES public.attachment_set(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.attachment_set
    ADD CONSTRAINT attachment_set_account_id_9ad66aa5_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.billing_terms
    ADD CONSTRAINT billing_terms_account_id_aca24db1_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.brake
    ADD CONSTRAINT brake_account_id_73a46c43_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.bulk_change
    ADD CONSTRAINT bulk_change_account_id_0a82a696_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.bulk_change
    ADD CONSTRAINT bulk_change_undoes_id_98ba6197_fk_bulk_change_id FOREIGN KEY (undoes_id) REFERENCES public.bulk_change(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.bulk_slice
    ADD CONSTRAINT bulk_slice_change_id_e642f38e_fk_bulk_change_id FOREIGN KEY (change_id) REFERENCES public.bulk_change(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.call_instead
    ADD CONSTRAINT call_instead_account_id_4fddab3b_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.call_step
    ADD CONSTRAINT call_step_account_id_c56de52e_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.channel_setup
    ADD CONSTRAINT channel_setup_account_id_6d3e52ae_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.component
    ADD CONSTRAINT component_account_id_282cd4f0_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.component
    ADD CONSTRAINT component_package_id_0c54f7da_fk_package_id FOREIGN KEY (package_id) REFERENCES public.package(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_account_id_3e660982_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_group
    ADD CONSTRAINT contact_group_account_id_d2e87aca_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_import
    ADD CONSTRAINT contact_import_account_id_61704164_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_import_piece
    ADD CONSTRAINT contact_import_piece_contact_import_id_72ce24d9_fk_contact_i FOREIGN KEY (contact_import_id) REFERENCES public.contact_import(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_import_problem
    ADD CONSTRAINT contact_import_probl_contact_import_id_d17ce25c_fk_contact_i FOREIGN KEY (contact_import_id) REFERENCES public.contact_import(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_import_slice
    ADD CONSTRAINT contact_import_slice_contact_import_id_e9ba2d31_fk_contact_i FOREIGN KEY (contact_import_id) REFERENCES public.contact_import(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_list
    ADD CONSTRAINT contact_list_account_id_96a11aa8_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_list_tick
    ADD CONSTRAINT contact_list_tick_account_id_7ddbe9d5_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_list_tick
    ADD CONSTRAINT contact_list_tick_contact_id_3a186c78_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact_list_tick
    ADD CONSTRAINT contact_list_tick_list_id_4b717f0e_fk_contact_list_id FOREIGN KEY (list_id) REFERENCES public.contact_list(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.contact
    ADD CONSTRAINT contact_location_id_df33281f_fk_location_id FOREIGN KEY (location_id) REFERENCES public.location(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_account_id_d9532b4b_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_assigned_to_id_7230af7f_fk_member_id FOREIGN KEY (assigned_to_id) REFERENCES public.member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.conversation
    ADD CONSTRAINT conversation_contact_id_73935db1_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.credit_entry
    ADD CONSTRAINT credit_entry_account_id_e4019581_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.delivery_session
    ADD CONSTRAINT delivery_session_account_id_262422bf_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.erasure
    ADD CONSTRAINT erasure_account_id_90feaab9_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.family_visit
    ADD CONSTRAINT family_visit_account_id_7c2140bc_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_account_id_cf9a4ccb_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed_answer
    ADD CONSTRAINT feed_answer_account_id_24204450_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed_answer
    ADD CONSTRAINT feed_answer_feed_id_61ee02be_fk_feed_id FOREIGN KEY (feed_id) REFERENCES public.feed(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed_appointment
    ADD CONSTRAINT feed_appointment_account_id_51b39abd_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed_appointment
    ADD CONSTRAINT feed_appointment_feed_id_9a7b7ffd_fk_feed_id FOREIGN KEY (feed_id) REFERENCES public.feed(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed_file
    ADD CONSTRAINT feed_file_account_id_0dcd3ede_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed_file
    ADD CONSTRAINT feed_file_feed_id_dfb1d95b_fk_feed_id FOREIGN KEY (feed_id) REFERENCES public.feed(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed_file
    ADD CONSTRAINT feed_file_import_id_3273a27a_fk_import_id FOREIGN KEY (import_id) REFERENCES public.import(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed_file
    ADD CONSTRAINT feed_file_repeats_id_c133a54f_fk_feed_file_id FOREIGN KEY (repeats_id) REFERENCES public.feed_file(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_only_location_id_3a47c5ea_fk_location_id FOREIGN KEY (only_location_id) REFERENCES public.location(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.follow_up
    ADD CONSTRAINT follow_up_account_id_6682d4ba_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.follow_up
    ADD CONSTRAINT follow_up_contact_id_8374d7c5_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_account_id_882824d2_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_contact_id_bdb921e2_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_job_id_be128c1c_fk_job_id FOREIGN KEY (job_id) REFERENCES public.job(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_location_id_19489554_fk_location_id FOREIGN KEY (location_id) REFERENCES public.location(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_account_id_06020b5f_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_job_id_e5bcfd77_fk_job_id FOREIGN KEY (job_id) REFERENCES public.job(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_location_id_43780925_fk_location_id FOREIGN KEY (location_id) REFERENCES public.location(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.import_problem
    ADD CONSTRAINT import_problem_import_id_cae832eb_fk_import_id FOREIGN KEY (import_id) REFERENCES public.import(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inbound
    ADD CONSTRAINT inbound_account_id_eedf14c3_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inbound
    ADD CONSTRAINT inbound_contact_id_90df8714_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inbound_file
    ADD CONSTRAINT inbound_file_account_id_c78235aa_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inbound_file
    ADD CONSTRAINT inbound_file_inbound_id_24c8de75_fk_inbound_id FOREIGN KEY (inbound_id) REFERENCES public.inbound(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inquiry
    ADD CONSTRAINT inquiry_account_id_9fc0bd71_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_account_id_a27d1751_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.invoice
    ADD CONSTRAINT invoice_bill_run_id_ea75d372_fk_bill_run_id FOREIGN KEY (bill_run_id) REFERENCES public.bill_run(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT invoice_line_account_id_54ea573a_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT invoice_line_component_id_acac1fdd_fk_component_id FOREIGN KEY (component_id) REFERENCES public.component(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.invoice_line
    ADD CONSTRAINT invoice_line_invoice_id_ce6de6ab_fk_invoice_id FOREIGN KEY (invoice_id) REFERENCES public.invoice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_account_id_ca418e35_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.job_window
    ADD CONSTRAINT job_window_account_id_9e9d245f_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.job_window
    ADD CONSTRAINT job_window_job_id_df1c74fa_fk_job_id FOREIGN KEY (job_id) REFERENCES public.job(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead
    ADD CONSTRAINT lead_account_id_f2afc845_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead
    ADD CONSTRAINT lead_contact_id_49cafb45_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead_event
    ADD CONSTRAINT lead_event_account_id_0bfd77f8_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead_event
    ADD CONSTRAINT lead_event_lead_id_cb9d2c76_fk_lead_id FOREIGN KEY (lead_id) REFERENCES public.lead(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead_import
    ADD CONSTRAINT lead_import_account_id_16148575_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead_import
    ADD CONSTRAINT lead_import_member_id_8be9265f_fk_member_id FOREIGN KEY (member_id) REFERENCES public.member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead_import_row
    ADD CONSTRAINT lead_import_row_lead_id_ef9ba2e9_fk_lead_id FOREIGN KEY (lead_id) REFERENCES public.lead(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead_import_row
    ADD CONSTRAINT lead_import_row_lead_import_id_20a82006_fk_lead_import_id FOREIGN KEY (lead_import_id) REFERENCES public.lead_import(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead
    ADD CONSTRAINT lead_location_id_80bb73a2_fk_location_id FOREIGN KEY (location_id) REFERENCES public.location(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.lead_setup
    ADD CONSTRAINT lead_setup_account_id_f2392ea4_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_account_id_636c2220_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_personal
    ADD CONSTRAINT ledger_personal_account_id_d16effb4_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_personal
    ADD CONSTRAINT ledger_personal_entry_id_5ed27dfb_fk_ledger_id FOREIGN KEY (entry_id) REFERENCES public.ledger(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.left_behind
    ADD CONSTRAINT left_behind_contact_id_7f9851d5_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.left_behind
    ADD CONSTRAINT left_behind_send_id_4c4ab4fe_fk_messenger_send_id FOREIGN KEY (send_id) REFERENCES public.messenger_send(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.limit_count
    ADD CONSTRAINT limit_count_account_id_35e5d49a_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.location
    ADD CONSTRAINT location_account_id_adce3929_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.mailbox
    ADD CONSTRAINT mailbox_account_id_825addea_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.mass_end
    ADD CONSTRAINT mass_end_account_id_0b8f1c3d_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.member
    ADD CONSTRAINT member_account_id_e70ed107_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.member_news
    ADD CONSTRAINT member_news_account_id_992bfb5a_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.member_news
    ADD CONSTRAINT member_news_contact_id_99edfd95_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.member_news
    ADD CONSTRAINT member_news_conversation_id_0ff91bf1_fk_conversation_id FOREIGN KEY (conversation_id) REFERENCES public.conversation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.member_news
    ADD CONSTRAINT member_news_member_id_2cc995c3_fk_member_id FOREIGN KEY (member_id) REFERENCES public.member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.member
    ADD CONSTRAINT member_user_id_4d954c77_fk_login_id FOREIGN KEY (user_id) REFERENCES public.login(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_account_id_612fa979_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_contact_id_e98ec5e1_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_job_id_aed92997_fk_job_id FOREIGN KEY (job_id) REFERENCES public.job(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.message
    ADD CONSTRAINT message_location_id_94542435_fk_location_id FOREIGN KEY (location_id) REFERENCES public.location(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.message_plan
    ADD CONSTRAINT message_plan_account_id_67f6cd56_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messenger_draft
    ADD CONSTRAINT messenger_draft_account_id_824181c7_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messenger_draft
    ADD CONSTRAINT messenger_draft_attachment_set_id_30a8f60e_fk_attachment_set_id FOREIGN KEY (attachment_set_id) REFERENCES public.attachment_set(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messenger_draft
    ADD CONSTRAINT messenger_draft_member_id_6ccc613e_fk_member_id FOREIGN KEY (member_id) REFERENCES public.member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messenger_send
    ADD CONSTRAINT messenger_send_account_id_1600c490_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messenger_send
    ADD CONSTRAINT messenger_send_attachment_set_id_6d4ecaeb_fk_attachment_set_id FOREIGN KEY (attachment_set_id) REFERENCES public.attachment_set(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messenger_send
    ADD CONSTRAINT messenger_send_job_id_42bb88ab_fk_job_id FOREIGN KEY (job_id) REFERENCES public.job(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messenger_send
    ADD CONSTRAINT messenger_send_owner_id_9e0e63ec_fk_member_id FOREIGN KEY (owner_id) REFERENCES public.member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_login_id FOREIGN KEY (user_id) REFERENCES public.login(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.note
    ADD CONSTRAINT note_account_id_3e911ca1_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.note
    ADD CONSTRAINT note_contact_id_e609c81f_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_account_id_a24b2bc3_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.notice_reader
    ADD CONSTRAINT notice_reader_account_id_a8460053_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.notice_reader
    ADD CONSTRAINT notice_reader_notice_id_65653aa0_fk_notice_id FOREIGN KEY (notice_id) REFERENCES public.notice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.notice_reader
    ADD CONSTRAINT notice_reader_user_id_44b3d79a_fk_login_id FOREIGN KEY (user_id) REFERENCES public.login(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.opt_out
    ADD CONSTRAINT opt_out_account_id_f1ad811a_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.opt_out
    ADD CONSTRAINT opt_out_contact_id_c403fa2a_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_account_id_48adec76_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.override
    ADD CONSTRAINT override_account_id_7eb391d7_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_account_id_21a10136_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.plan_step
    ADD CONSTRAINT plan_step_account_id_7239a5e4_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.playbook
    ADD CONSTRAINT playbook_account_id_6cf04c29_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.provider_test
    ADD CONSTRAINT provider_test_account_id_a1e352d6_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ramp
    ADD CONSTRAINT ramp_account_id_d8aa2fe1_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.rate
    ADD CONSTRAINT rate_account_id_877e9f09_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.receipt
    ADD CONSTRAINT receipt_account_id_7eeb7fdf_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.refused_lead
    ADD CONSTRAINT refused_lead_account_id_05a8b674_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.reply_setup
    ADD CONSTRAINT reply_setup_account_id_037bf1fd_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.request_key
    ADD CONSTRAINT request_key_account_id_446f358b_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.scheduled_stop
    ADD CONSTRAINT scheduled_stop_account_id_e15deeca_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.scheduled_stop
    ADD CONSTRAINT scheduled_stop_hold_id_2f08694e_fk_hold_id FOREIGN KEY (hold_id) REFERENCES public.hold(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.scheduled_stop
    ADD CONSTRAINT scheduled_stop_location_id_65c42f32_fk_location_id FOREIGN KEY (location_id) REFERENCES public.location(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sending_setup
    ADD CONSTRAINT sending_setup_account_id_7098dea8_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.setup_draft
    ADD CONSTRAINT setup_draft_account_id_dbeac29a_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.setup_draft
    ADD CONSTRAINT setup_draft_member_id_52f29b68_fk_member_id FOREIGN KEY (member_id) REFERENCES public.member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.start_plan
    ADD CONSTRAINT start_plan_account_id_a0d6cf2c_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.status_change
    ADD CONSTRAINT status_change_account_id_99f0b976_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.status_change
    ADD CONSTRAINT status_change_type_id_0820e517_fk_status_type_id FOREIGN KEY (type_id) REFERENCES public.status_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.status_image
    ADD CONSTRAINT status_image_type_id_8ff04931_fk_status_type_id FOREIGN KEY (type_id) REFERENCES public.status_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stop_link
    ADD CONSTRAINT stop_link_account_id_103088af_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stop_phone
    ADD CONSTRAINT stop_phone_member_id_941bed10_fk_member_id FOREIGN KEY (member_id) REFERENCES public.member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.support_visit
    ADD CONSTRAINT support_visit_account_id_76d98a28_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.support_visit
    ADD CONSTRAINT support_visit_user_id_714ecd49_fk_login_id FOREIGN KEY (user_id) REFERENCES public.login(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.suppression
    ADD CONSTRAINT suppression_account_id_4a61dc99_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.talk
    ADD CONSTRAINT talk_account_id_e1126aa8_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.talk
    ADD CONSTRAINT talk_lead_id_3eccbaf9_fk_lead_id FOREIGN KEY (lead_id) REFERENCES public.lead(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.template
    ADD CONSTRAINT template_account_id_5231792b_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.template
    ADD CONSTRAINT template_attachment_set_id_2bf11109_fk_attachment_set_id FOREIGN KEY (attachment_set_id) REFERENCES public.attachment_set(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.thanks
    ADD CONSTRAINT thanks_account_id_d398b7d7_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ticket
    ADD CONSTRAINT ticket_account_id_05ff4bc8_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ticket_message
    ADD CONSTRAINT ticket_message_account_id_4eb130df_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ticket_message
    ADD CONSTRAINT ticket_message_ticket_id_16aa0082_fk_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_account_id_8e15e416_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_member_id_0f7abd2c_fk_member_id FOREIGN KEY (member_id) REFERENCES public.member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.unclear_reply
    ADD CONSTRAINT unclear_reply_account_id_2ab18504_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.unclear_reply
    ADD CONSTRAINT unclear_reply_contact_id_c0c60768_fk_contact_id FOREIGN KEY (contact_id) REFERENCES public.contact(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.unclear_reply
    ADD CONSTRAINT unclear_reply_inbound_id_f30ea452_fk_inbound_id FOREIGN KEY (inbound_id) REFERENCES public.inbound(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.usage_day
    ADD CONSTRAINT usage_day_account_id_a1be1456_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.webhook
    ADD CONSTRAINT webhook_account_id_419f7c7c_fk_account_id FOREIGN KEY (account_id) REFERENCES public.account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.webhook_delivery
    ADD CONSTRAINT webhook_delivery_webhook_id_5f13ce5f_fk_webhook_id FOREIGN KEY (webhook_id) REFERENCES public.webhook(id) DEFERRABLE INITIALLY DEFERRED;
