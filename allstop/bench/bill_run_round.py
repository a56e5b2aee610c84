"""What bill_run.py measures, in processes of their own: -m allstop.bench.bill_run_round load|run ACCOUNTS ATTEMPTS."""

import json
import os
import resource
import sys
import time
from datetime import UTC, date, datetime
from typing import Any

import django
import psycopg

from allstop.bench.cpu import postmaster, seconds_with_children
from allstop.dispatch.process import POLITENESS

FIRST, DAY = date(2026, 1, 1), date(2026, 2, 1)  # all of January is due in arrears, February in advance

_LOAD = """
INSERT INTO status_type (name, status) VALUES ('Active', 'active');
INSERT INTO billing_setup (id) VALUES (1);
INSERT INTO package (name, frequency, mode, is_full_period, price, currency)
VALUES ('Basic', 'monthly', 'advance', false, 30, 'USD'), ('Line', 'monthly', 'arrears', false, 9.90, 'USD'),
       ('Support', 'quarterly', 'advance', false, 75, 'USD');
INSERT INTO rate (unit, currency, price, included)
VALUES ('text_part', 'USD', 0.0075, 1000), ('call_minute', 'USD', 0.02, 0), ('email', 'USD', 0.0005, 0);
INSERT INTO account (name, zone, country, quiet_from, quiet_until, created_at, status_type_id)
SELECT 'Account ' || n, 'America/New_York', 'US', '20:00', '09:00', %(now)s, 1 FROM generate_series(1, %(accounts)s) n;
INSERT INTO billing_terms (account_id, currency, bill_day, since, usage_to, next_on)
SELECT id, 'USD', 1, %(first)s, %(first)s, %(first)s FROM account;
INSERT INTO component (account_id, package_id, name, frequency, mode, is_full_period, quantity, price, starts_on,
                       settled_to, by, made_at)
SELECT account.id, package.id, package.name, frequency, mode, is_full_period, 1 + account.id %% 3, price, %(first)s,
       %(first)s, 'the benchmark', %(now)s FROM account, package ORDER BY 1, 2;
INSERT INTO usage_day (account_id, day, unit, quantity)
SELECT account.id, day, unit, 1 + (account.id + extract(day FROM day)::integer) %% 90
  FROM account, generate_series(%(first)s::date, %(day)s::date - 1, interval '1 day') day,
       (VALUES ('call_minute'), ('email'), ('text_part')) AS u(unit)
 ORDER BY 1, 2, 3;
UPDATE billing_setup SET usage_until = %(first)s;
CREATE TABLE bare_line AS SELECT * FROM invoice_line WHERE false;
"""

# Emails, and texts of one and of several parts, one in fifty with an emoji, from January's first minute to its last.
_ATTEMPTS = """
ALTER TABLE message DISABLE TRIGGER USER;
INSERT INTO message (account_id, id, channel, purpose, address, subject, body, recipients, due_at, created_at, status,
                     reason, receipt, finished_at)
SELECT 1 + n %% %(accounts)s, n, CASE WHEN n %% 3 = 0 THEN 'email' ELSE 'text' END, 'reminder', '+12125550123', '',
       repeat('Your appointment is tomorrow at ten. ', 1 + n %% 5)
       || CASE WHEN n %% 50 = 1 THEN U&'\\+01F600' ELSE '' END, 1, s.at, s.at, 'sent', '', '', s.at
  FROM generate_series(1, %(attempts)s) n,
       LATERAL (SELECT %(first)s::timestamptz + (n::float8 / %(attempts)s) * interval '30 days' AS at) s;
INSERT INTO attempt (account_id, message_id, number, worker_id, adapter, started_at, ended_at, outcome, ref, code,
                     detail)
SELECT account_id, id, 1, 1, 'sandbox', due_at, due_at, 'accepted', '', '', '' FROM message ORDER BY id;
"""


def main() -> None:
    what, accounts, attempts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(_load(accounts, attempts) if what == "load" else _run(accounts)))


def _load(accounts: int, attempts: int) -> dict[str, Any]:
    address = os.environ["DATABASE_URL"]
    values = {"accounts": accounts, "attempts": attempts, "first": FIRST, "day": DAY, "now": datetime.now(UTC)}
    with psycopg.connect(address, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(_LOAD, values)
        if attempts:
            connection.execute(_ATTEMPTS, values)
        connection.execute("VACUUM ANALYZE")
        found = connection.execute("SELECT count(*) FROM usage_day").fetchone()
    assert found is not None
    return {"usage_days": found[0]}


def _run(accounts: int) -> dict[str, Any]:
    django.setup()
    from allstop.actions.actor import Operator
    from allstop.actions.bill_run_slices import run_here
    from allstop.actions.bill_runs import ask_to_bill
    from allstop.store.models import InvoiceLine

    asked = ask_to_bill(Operator("the benchmark", "command"), DAY, datetime.now(UTC))
    os.nice(POLITENESS)  # as dispatch/process.py has it
    server = _server()
    ours, theirs, began = time.process_time(), seconds_with_children(server) if server else 0.0, time.perf_counter()
    done = run_here(asked.pk)
    seconds = time.perf_counter() - began
    ours, theirs = time.process_time() - ours, seconds_with_children(server) - theirs if server else 0.0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before the ceiling, which holds all lines
    lines = InvoiceLine.objects.count()
    if (done.state, done.invoices) != ("done", accounts):
        raise RuntimeError(f"It should have billed {accounts} accounts: {done.state}, {done.invoices}.")
    return {
        "seconds": round(seconds, 2),
        "ceiling_seconds": round(_ceiling(), 3),
        "invoices": done.invoices,
        "lines": lines,
        "cpu_ms": round(ours / accounts * 1000, 3),
        "server_cpu_ms": round(theirs / accounts * 1000, 3) if server else None,
        "memory_mb": round(memory, 1),
    }


def _server() -> int | None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as watcher:
        return postmaster(watcher.info.backend_pid)


def _ceiling() -> float:
    """The lines once more, from memory into a bare table."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        with connection.cursor().copy("COPY invoice_line TO STDOUT (FORMAT binary)") as out:
            whole = b"".join(out)
        began = time.perf_counter()
        with connection.cursor().copy("COPY bare_line FROM STDIN (FORMAT binary)") as into:
            into.write(whole)
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
