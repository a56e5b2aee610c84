"""Who presses Pause in the intake benchmark: ROUNDS SECONDS CLIENTS... (of each process). Prints what came of it."""

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import django

from allstop.bench.intake import clients


def main(rounds: int, seconds: float, counts: list[int]) -> dict[str, Any]:
    django.setup()
    from allstop.actions.accounts import create_account
    from allstop.actions.actor import Actor
    from allstop.actions.pausing import pause_intake, unpause_intake
    from allstop.rules.roles import Role
    from allstop.store.models import Lead, RefusedLead

    account = create_account("Bench", "Europe/London", "GB", datetime.now(UTC))
    by = Actor(account.pk, "the bench", Role.ADMIN, "bench")
    pauses: list[float] = []
    created_after = 0
    total = {"created": 0, "refused": 0, "failed": 0}
    for _ in range(rounds):
        with clients(counts, account.pk) as processes:
            time.sleep(seconds)
            pressed = time.perf_counter()
            pause_intake(by, "CONFIRM", "", datetime.now(UTC))
            pauses.append(time.perf_counter() - pressed)
            at_the_acknowledgement = Lead.objects.filter(account=account).count()
            time.sleep(seconds)
            for process in processes:
                assert process.stdin is not None
                process.stdin.close()
            for process in processes:
                assert process.stdout is not None
                for word, count in json.loads(process.stdout.read()).items():
                    total[word] += count
        created_after += Lead.objects.filter(account=account).count() - at_the_acknowledgement
        unpause_intake(by, "CONFIRM", "", datetime.now(UTC))
    counted = sum(RefusedLead.objects.filter(account=account).values_list("count", flat=True))
    return {
        **total,
        "created_per_second": round(total["created"] / (seconds * rounds), 1),
        "refused_counted": counted,
        "created_after": created_after,
        "pause": pauses,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), float(sys.argv[2]), [int(one) for one in sys.argv[3:]])))
