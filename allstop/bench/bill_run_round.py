"""What bill_run.py measures, in processes of their own: python -m allstop.bench.bill_run_round load|run ACCOUNTS."""

import json
import os
import resource
import sys
import time
from datetime import UTC, date, datetime
from typing import Any

import django
import psycopg

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
CREATE TABLE bare_line AS SELECT * FROM invoice_line WHERE false;
"""


def main() -> None:
    what, accounts = sys.argv[1], int(sys.argv[2])
    print(json.dumps(_load(accounts) if what == "load" else _run(accounts)))


def _load(accounts: int) -> dict[str, Any]:
    address = os.environ["DATABASE_URL"]
    values = {"accounts": accounts, "first": FIRST, "day": DAY, "now": datetime.now(UTC)}
    with psycopg.connect(address, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(_LOAD, values)
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
    began = time.perf_counter()
    done = run_here(asked.pk)
    seconds = time.perf_counter() - began
    lines = InvoiceLine.objects.count()
    if (done.state, done.invoices) != ("done", accounts):
        raise RuntimeError(f"It should have billed {accounts} accounts: {done.state}, {done.invoices}.")
    return {
        "seconds": round(seconds, 2),
        "ceiling_seconds": round(_ceiling(), 3),
        "invoices": done.invoices,
        "lines": lines,
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


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
