"""Allstop: an outbound communications desk with one queue, one gate, and a stop that is true."""

import gc

# Loading the program makes some hundred thousand objects that stay. As Python sets it, it would look through them for
# garbage after every 700th, which takes an eighth of a start.
gc.set_threshold(20_000)

__version__ = "0.1.0"
