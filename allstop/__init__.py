"""Allstop: an outbound communications desk with one queue, one gate, and a stop that is true."""

__version__ = "0.1.0"
