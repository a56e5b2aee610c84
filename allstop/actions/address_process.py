"""Reads phones and emails for address_reading.py on a second processor: pickles in, pickles out, until the input ends.

It has no database and no files; when whoever started it dies, its input ends and so does it.
"""

import os
import pickle
import signal
import sys

from allstop.rules.addresses import parse_email, read_phone


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; this one ends with its input
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            phones, emails = pickle.load(asked)  # noqa: S301 - from the process that started this one
        except EOFError:
            return
        read = [read_phone(text, region) for text, region in phones], [parse_email(text) for text in emails]
        try:
            pickle.dump(read, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
        except BrokenPipeError:  # whoever asked was ended
            os._exit(0)


if __name__ == "__main__":
    main()
