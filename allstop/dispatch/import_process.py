"""Runs one import of reminders: started by importing.py."""

import gc
from datetime import UTC, datetime

from allstop.dispatch.process import begin, run


def main() -> None:
    gc.disable()  # a short life with many rows and no cycles: looking for some costs a fifth of the time
    of = begin()
    from allstop.actions.import_run import put_back, run_import

    run(of, lambda import_id: run_import(import_id, datetime.now(UTC)), put_back)


if __name__ == "__main__":
    main()
