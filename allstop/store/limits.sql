-- Limits of a provider: so many messages in a minute, an hour, a day, whichever worker sends them. Taken before a message
-- is handed over, given back when it was not taken. A taker holds the row of the setup, as with credits (credits.sql).
--
-- Windows roll: 10,000 a day are 10,000 in any 24 hours. Counted by the second for the minute and by the minute for hour
-- and day, and the oldest stretch counts whole until it has left the window: never more than the limit, at most a second
-- (a minute) later than it might be.

DO $$ DECLARE f regprocedure; BEGIN
  FOR f IN SELECT oid::regprocedure FROM pg_proc
           WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'limit\_%' LOOP
    EXECUTE 'DROP FUNCTION ' || f;
  END LOOP;
END $$;

-- FULL: each limit that was reached at its newest, and when the next message fits. The past is told as well: compare
-- `until` with the time.
CREATE FUNCTION limit_full(a bigint, c text) RETURNS TABLE (which text, until timestamptz) LANGUAGE plpgsql STABLE AS $$
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

-- TAKE room for messages of one channel: how many may leave now. If not all: which limit holds the next one, until when.
CREATE FUNCTION limit_take(a bigint, c text, wanted integer, t timestamptz,
                           OUT granted integer, OUT which text, OUT until timestamptz) LANGUAGE plpgsql AS $$
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

-- RETURN what was taken at a time and did not leave.
CREATE FUNCTION limit_return(a bigint, c text, back integer, taken_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  UPDATE limit_count SET count = GREATEST(0, count - back)
   WHERE account_id = a AND channel = c
     AND (seconds = 1 AND at = date_trunc('second', taken_at) OR seconds = 60 AND at = date_trunc('minute', taken_at));
END $$;
