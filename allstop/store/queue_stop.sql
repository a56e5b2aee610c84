-- A part of the queue: stop, lift and release.
-- The rules that each function must keep stand at the head of queue.sql, which is installed first.

-- NOTICE: a stop or a lift as workers hear it; the order is that of StopHeard.
CREATE FUNCTION queue_notice(said stop) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT json_build_array(said.number, said.is_lift, said.scope, said.account_id, said.channel, said.location_id,
                          said.job_id, said.contact_id)::text $$;

-- ANNOUNCE a stop to the workers: takes the number, writes the receipt, tells them. On its own for a marker or an
-- opt-out, whose row was added in this transaction. The notice says the whole stop (claims.StopHeard), so that a worker
-- that has missed none obeys without asking. What workers hold is counted by two statements: where the account may be
-- NULL, a plan kept for both looks through the dead entries of every account.
CREATE FUNCTION queue_announce(p_hold bigint, p_scope text, a bigint, c text, p_location bigint, p_job bigint,
                               p_contact bigint, t timestamptz) RETURNS stop LANGUAGE plpgsql AS $$
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

-- STOP for a hold that was added in this transaction. Lanes are closed under their locks, the number is taken last.
CREATE FUNCTION queue_stop(p_hold bigint, t timestamptz) RETURNS stop LANGUAGE plpgsql AS $$
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

-- PRESS: a STOP as somebody presses it, with its hold and its entry in the ledger, in one statement: where all processors
-- are taken, whoever stops waits some 4 ms for one after each round trip. Returns nothing, and changes nothing, where one
-- of this name and reach stands. `p_after`: what the ledger says of it beside the number. It waits `p_waits` for a lock, '0'
-- for ever, and is known as `p_as` meanwhile.
CREATE FUNCTION queue_press(p_hold jsonb, p_subject text, p_after jsonb, p_salt text, p_as text, p_waits text) RETURNS SETOF stop
LANGUAGE plpgsql AS $$
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
