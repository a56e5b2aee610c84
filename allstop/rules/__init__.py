"""The rules: what may leave, when, and why not.

Pure: no Django, no files, no network, no clock, no randomness. Time comes in as `now`, an aware datetime in
UTC, and facts come in as values, so that every rule can be asked again later, about the past as well as
about a plan.
"""
