"""Benchmarks: how fast, beside a named ceiling, in the same run.

The rule that they guard: figures are printed with what they were measured on and never asserted, and nothing here
touches the data of an installation.
"""
