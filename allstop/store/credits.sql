-- Credits: taken before a text is handed over, given back when it was not taken. The balance never falls below zero,
-- however many workers spend from it: each takes the row of the setup for a moment. Locks: channel_setup, then lane.

DO $$ DECLARE f regprocedure; BEGIN
  FOR f IN SELECT oid::regprocedure FROM pg_proc
           WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'credit\_%' LOOP
    EXECUTE 'DROP FUNCTION ' || f;
  END LOOP;
END $$;

-- What was spent (or, below zero, given back), into the row of its hour.
CREATE FUNCTION credit_note(a bigint, c text, t timestamptz, spent integer, left_over integer) RETURNS void LANGUAGE sql AS $$
  INSERT INTO credit_entry (account_id, channel, at, kind, credits, balance)
  VALUES (a, c, date_trunc('hour', t), 'spent', spent, left_over)
  ON CONFLICT (account_id, channel, at) WHERE kind = 'spent'
  DO UPDATE SET credits = credit_entry.credits + EXCLUDED.credits, balance = EXCLUDED.balance $$;

-- SPEND for messages of one lane, in their order: `granted` says of each whether its parts were paid for. An account
-- whose credits nobody counts pays nothing. At zero the workers read the setup again, and close the lanes.
CREATE FUNCTION credit_spend(a bigint, c text, parts integer[], t timestamptz, OUT granted boolean[], OUT balance integer)
LANGUAGE plpgsql AS $$
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

-- RETURN what was paid for texts that did not leave. From zero, the lanes open again.
CREATE FUNCTION credit_return(a bigint, c text, back integer, t timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
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
