"""What the log says of a database that is away, or has no room: one line for each thing that failed, and no traceback.

The rule that it guards: whoever looks at three in the morning finds the cause. What else fails keeps its traceback.
"""

import logging

import psycopg
from django.db import InterfaceError, OperationalError

ORDINARY = ("08", "53", "57P")  # SQLSTATEs: no connection, no room, the server ends or begins


class OneLine(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if record.exc_info else None
        if isinstance(problem, (OperationalError, InterfaceError)) and _is_ordinary(problem):
            record.msg = f"{record.getMessage()}: {str(problem).strip().partition(chr(10))[0]}"
            record.args = ()
            record.exc_info = record.exc_text = None
        return True


def _is_ordinary(problem: Exception) -> bool:
    cause = problem.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    return state is None or state.startswith(ORDINARY)
