"""What mass_end.py measures, in a process of its own: python -m allstop.bench.mass_end_round CONVERSATIONS."""

import json
import os
import resource
import sys
import time
from datetime import UTC, datetime
from typing import Any

import django
import psycopg

from allstop.bench.phonebook_load import Phonebook, load
from allstop.bench.phonebook_rounds import ALONE, times
from allstop.bench.stops_beside import ACCOUNT, stops_beside, timed
from allstop.dispatch.process import POLITENESS

QUEUED = 2000  # messages of other matters, so that workers have something to send

_LOAD = """
-- A webhook that wants to hear of it, so that it would show if one were called.
INSERT INTO webhook (account_id, name, url, kinds, secrets, is_on, created_at)
VALUES (1, 'Follows leads', 'https://192.0.2.1/', ARRAY['lead_unqualify', 'lead_activity'], '{}', true, %(now)s);
INSERT INTO lead (account_id, contact_id, public_id, status, reason, note, source, kind, comment, created_at, ended_by,
                  version)
SELECT 1, id, gen_random_uuid(), 'new', '', '', 'api', 'buyer', 'Please call me', %(now)s, '', nextval('lead_version')
  FROM contact ORDER BY id;
INSERT INTO lead_event (account_id, lead_id, at, title, by, detail)
SELECT 1, id, %(now)s, title, '', '' FROM lead, (VALUES ('Lead Created'), ('Outbound SMS')) AS t(title);
INSERT INTO message (account_id, id, contact_id, channel, purpose, address, subject, body, recipients, due_at,
                     created_at, status, reason, receipt)
SELECT 1, nextval('message_id'), contact_id, 'text', 'promotion', '+12125550123', '', 'Are you still looking?', 1,
       %(now)s::timestamptz + interval '1 day', %(now)s, 'waiting', '', ''
  FROM lead WHERE id %% 2 = 0;
INSERT INTO queue (account_id, id, channel, by_hand, due_at, purpose, recipients, contact_id, attempt)
SELECT account_id, id, channel, false, due_at, purpose, recipients, contact_id, 0 FROM message
 WHERE purpose = 'promotion';
INSERT INTO tally_change (account_id, channel, status, count, at)
SELECT 1, 'text', 'waiting', count(*), %(now)s FROM message WHERE purpose = 'promotion';
INSERT INTO talk (lead_id, account_id, answers, why, step, since, afters, messages, queued, unwanted)
SELECT lead.id, 1, 'automatic', '', 'hello', %(now)s, 0, 1,
       CASE WHEN message.id IS NULL THEN '{}' ELSE ARRAY[message.id] END, '{}'
  FROM lead LEFT JOIN message ON message.account_id = 1 AND message.contact_id = lead.contact_id
                             AND message.purpose = 'promotion';
CREATE TABLE narrow_lead AS SELECT id, 'new'::text AS status FROM lead;
CREATE TABLE narrow_queue AS SELECT id FROM message WHERE purpose = 'promotion';
"""
_CEILING = ("UPDATE narrow_lead SET status = 'unqualified'", "DELETE FROM narrow_queue")


def main() -> None:
    count = int(sys.argv[1])
    django.setup()
    from allstop.actions.actor import Actor
    from allstop.actions.mass_end import ask_to_end
    from allstop.actions.mass_end_run import RUNS, run_here
    from allstop.rules.leads import CONFIRM
    from allstop.rules.roles import Role

    _prepare(os.environ["DATABASE_URL"], count)
    actor = Actor(ACCOUNT, "the benchmark", Role.ADMIN, "command")
    with stops_beside() as beside:
        with beside() as alone:
            time.sleep(ALONE)
        end = ask_to_end(actor, CONFIRM, datetime.now(UTC))
        RUNS.take(end.pk, datetime.now(UTC))
        os.nice(POLITENESS)  # as dispatch/process.py has it
        with beside() as stops:
            began = time.perf_counter()
            done = run_here(end.pk)
            seconds = time.perf_counter() - began
    if done.state != "done" or done.ended != count:
        raise RuntimeError(f"It should have ended {count} conversations: {done.state}, {done.ended}.")
    answer = {
        "seconds": round(seconds, 2),
        "ended": done.ended,
        "withdrawn": done.withdrawn,
        "events": _count("SELECT count(*) FROM event WHERE kind LIKE 'lead%'"),
        "ceiling_seconds": round(_ceiling(), 2),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "stops_alone": times(alone),
        "stops": times(stops),
    }
    print(json.dumps(answer))


def _prepare(address: str, count: int) -> None:
    now = datetime.now(UTC)
    load(address, Phonebook(count, min(QUEUED, count)), now)
    with psycopg.connect(address, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(_LOAD, {"now": now})
        connection.execute("VACUUM ANALYZE")


def _ceiling() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        return sum(timed(sql, lambda sql=sql: cursor.execute(sql))[1] for sql in _CEILING) / 1000  # type: ignore[misc]


def _count(sql: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        found: tuple[Any, ...] | None = cursor.fetchone()
    assert found is not None
    return int(found[0])


if __name__ == "__main__":
    main()
