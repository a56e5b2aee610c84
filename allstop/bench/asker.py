"""Asks for totals: python -m allstop.bench.asker PLAN, on the database of the benchmark. See totals.py.

The two ways must agree on every number, else nothing is printed.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import django

COUNTED_EVERYTHING = 3  # times: it reads the whole queue

_COUNT_ONE = "SELECT count(*) FROM queue WHERE account_id = %(account)s AND worker_id IS NULL"
_COUNT_ALL = "SELECT count(*) FROM queue WHERE worker_id IS NULL"
# what lists.totals adds up, without the account
_TOTAL_ALL = """
SELECT (SELECT COALESCE(sum(count), 0) FROM tally WHERE status = 'waiting' AND count <> 0)
     + (SELECT COALESCE(sum(count), 0) FROM tally_change WHERE status = 'waiting')
     - (SELECT count(*) FROM queue WHERE worker_id IS NOT NULL)"""


def run(accounts: int, tries: int) -> dict[str, list[float]]:
    from allstop.store import lists
    from allstop.store.lists.reading import scalar

    seconds: dict[str, list[float]] = {
        "account": [],
        "account_counted": [],
        "everything": [],
        "everything_counted": [],
    }

    def timed(name: str, ask: Callable[..., int], *values: Any) -> int:
        began = time.perf_counter()
        answer = ask(*values)
        seconds[name].append(time.perf_counter() - began)
        return answer

    def ask_sql(sql: str, account: int | None = None) -> int:
        return int(scalar(sql, {"account": account}))

    def ask_totals(account: int) -> int:
        return lists.totals(account).messages

    for number in range(tries):
        account = random.randint(1, accounts)  # noqa: S311 - no secret
        _agree(timed("account", ask_totals, account), timed("account_counted", ask_sql, _COUNT_ONE, account))
        total = timed("everything", ask_sql, _TOTAL_ALL)
        if number < COUNTED_EVERYTHING:
            _agree(total, timed("everything_counted", ask_sql, _COUNT_ALL))
    return seconds


def _agree(total: int, counted: int) -> None:
    if total != counted:
        raise RuntimeError(f"The totals say {total}, the queue has {counted}.")


if __name__ == "__main__":
    django.setup()
    print(json.dumps(run(**json.loads(sys.argv[1]))))
