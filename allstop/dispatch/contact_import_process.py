"""The process that runs one import of contacts, or takes one back: started by contact_importing.py with its id.

Ended at any moment, it leaves whole slices behind, and the next one goes on from there.
"""

import gc
import os
import signal
import sys

import django

from allstop.dispatch.import_process import POLITENESS, asked_to_end


def main() -> None:
    os.nice(POLITENESS)
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # many rows and no cycles: looking for some often costs a tenth of the time
    signal.signal(signal.SIGTERM, asked_to_end)
    signal.signal(signal.SIGINT, asked_to_end)
    django.setup()
    from django.db import connection

    from allstop.actions.contact_import_run import put_back, run_here
    from allstop.actions.contact_import_undo import undo_here

    import_id = int(sys.argv[1])
    try:
        run_here(import_id)
        undo_here(import_id)
    except SystemExit:
        connection.close()  # the slice that it was in is rolled back
        put_back(import_id)
        raise


if __name__ == "__main__":
    main()
