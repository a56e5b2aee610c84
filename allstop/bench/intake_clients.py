"""Clients of the intake benchmark: NUMBER CLIENTS ACCOUNT. Each creates leads of new people until its input ends."""

import json
import os
import sys
import threading
from datetime import UTC, datetime

import django


def main(number: int, count: int, account_id: int) -> None:
    django.setup()
    from django.db import connection

    from allstop.actions.actor import Actor
    from allstop.actions.intake import create_lead
    from allstop.actions.lead_details import NewLead
    from allstop.rules.leads import LeadSource
    from allstop.rules.roles import Role

    by = Actor(account_id, "a client", Role.MEMBER, "api")
    done = {"created": 0, "refused": 0, "failed": 0}
    guard, over = threading.Lock(), threading.Event()

    def client(which: int) -> None:
        person = 0
        while not over.is_set():
            email = f"p{os.getpid()}.{number}.{which}.{person}@example.org"  # new people in each round
            person += 1
            try:
                taken = create_lead(by, NewLead(source=LeadSource.API, email=email), datetime.now(UTC))
                word = "created" if taken.is_created else "refused"
            except Exception as problem:  # counted and told: a benchmark shows what went wrong
                print(repr(problem), file=sys.stderr)
                word = "failed"
            with guard:
                done[word] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(which,)) for which in range(count)]
    print("ready", flush=True)
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
