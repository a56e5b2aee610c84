"""Texts by SMPP 3.4. The wire is our own; docs/notes/0011-own-smpp.md says why."""
