"""The ceiling's load and its loop: python -m allstop.bench.ceiling NUMBER SLOTS. See ceiling.sql."""

import os
import random
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from allstop.bench.load import BODY, CHANNELS, Load

LISTED = 200  # due lanes that are looked up at once
IDLE = 0.001  # seconds


def load(address: str, wanted: Load) -> None:
    lanes = wanted.accounts * CHANNELS
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute((Path(__file__).parent / "ceiling.sql").read_bytes())
        connection.execute("INSERT INTO worker SELECT generate_series(1, 64)")
        connection.execute("INSERT INTO lane (id) SELECT generate_series(1, %s::int)", (lanes,))
        connection.execute(
            "INSERT INTO message (id, account_id, contact_id, body)"
            " SELECT i, (i - 1) * %s::bigint / %s + 1, i, %s FROM generate_series(1, %s::int) i",
            (wanted.accounts, wanted.queued, BODY, wanted.queued),
        )
        connection.execute(
            "INSERT INTO queue (id, lane_id, due, contact_id)"
            " SELECT id, (account_id - 1) * %(n)s + id %% %(n)s + 1, now_ms() - 100000, contact_id FROM message",
            {"n": CHANNELS},
        )
        connection.execute(
            "UPDATE lane SET queued = q.count, next_due = now_ms()"
            " FROM (SELECT lane_id, count(*) FROM queue GROUP BY 1) q WHERE q.lane_id = lane.id"
        )
        connection.execute("VACUUM ANALYZE")


def run(worker: int, slots: int) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0) as connection:
        print("ready", flush=True)
        lanes: list[int] = []
        done: list[int] = []
        while not _told_to_end():
            if not lanes:
                lanes = _due(connection)
            if not lanes and not done:
                time.sleep(IDLE)
                continue
            values = (worker, done or None, lanes.pop() if lanes else 0, slots)
            rows = connection.execute("SELECT id FROM step(%s, %s, %s, %s)", values, binary=True)
            done = [row[0] for row in rows]
        connection.execute("SELECT complete(%s, %s::bigint[])", (worker, done))


def _due(connection: psycopg.Connection[Any]) -> list[int]:
    rows = connection.execute(
        "SELECT id FROM lane WHERE is_open AND next_due <= now_ms() ORDER BY next_due LIMIT %s", (LISTED,)
    )
    lanes = [row[0] for row in rows]
    random.shuffle(lanes)
    return lanes


def _told_to_end() -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(readable)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run(int(sys.argv[1]), int(sys.argv[2]))
