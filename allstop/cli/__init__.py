"""The command line: one file per command or family of commands, listed in app.py."""
