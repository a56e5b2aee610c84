"""The process that runs one import: started by importing.py, with the import's id as its only argument."""

import gc
import os
import signal
import sys
from datetime import UTC, datetime

import django

POLITENESS = 10  # sending comes first when both want the processor


def asked_to_end(signum: int, frame: object) -> None:
    raise SystemExit(128 + signum)


def main() -> None:
    os.nice(POLITENESS)
    gc.disable()  # a short life with many rows and no cycles: looking for some costs a fifth of the time
    signal.signal(signal.SIGTERM, asked_to_end)
    signal.signal(signal.SIGINT, asked_to_end)
    django.setup()
    from django.db import connection

    from allstop.actions.import_run import put_back, run_import

    import_id = int(sys.argv[1])
    try:
        run_import(import_id, datetime.now(UTC))
    except SystemExit:
        connection.close()  # whatever it was doing is rolled back
        put_back(import_id)
        raise


if __name__ == "__main__":
    main()
