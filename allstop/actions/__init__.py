"""One function for one thing that a person or a program may do: check the role, change rows, write the ledger.

A page, an API operation and a command are each parse, act, render: they all call the same function here. An action
runs in one transaction and returns a value. It never sends: it changes what the worker may send.
"""
