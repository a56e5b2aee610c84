"""The process that runs one send of the Messenger: started by messenger.py, with the send's id as its only argument.

Ended at any moment, it leaves whole slices behind, and the next one goes on from there.
"""

import os
import signal
import sys

import django

from allstop.dispatch.import_process import POLITENESS, asked_to_end


def main() -> None:
    os.nice(POLITENESS)
    signal.signal(signal.SIGTERM, asked_to_end)
    signal.signal(signal.SIGINT, asked_to_end)
    django.setup()
    from django.db import connection

    from allstop.actions.messenger_run import put_back, run_here

    send_id = int(sys.argv[1])
    try:
        run_here(send_id)
    except SystemExit:
        connection.close()  # the slice that it was in is rolled back
        put_back(send_id)
        raise


if __name__ == "__main__":
    main()
