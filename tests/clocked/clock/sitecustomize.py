"""Python reads this file at the start of each process that finds it on its path: there, now() is a moment that a test
has chosen, and goes on from it. Nothing of the program knows, and no setting of it leads here.

The method of the type itself is replaced, in place: another class would not be one to what is written in C, such as
the driver of the database. Only now() is another one; seconds that are measured (leases, pauses) stay the machine's.
"""

import ctypes
import gc
import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

_CHOSEN = Path(os.environ["TESTS_CLOCK"])  # a file: by how many seconds this clock is ahead
_real = datetime.now


def _now(cls: type[datetime], tz: tzinfo | None = None) -> datetime:
    return _real(tz) + timedelta(seconds=float(_CHOSEN.read_text()))


(_methods,) = gc.get_referents(datetime.__dict__)
_methods["now"] = classmethod(_now)
ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime))
