"""Sends of the Messenger that are too large for their caller to wait for: each in a process of its own."""

from allstop.actions import messenger, messenger_run
from allstop.dispatch import child


class Messenger(child.Large):
    program = "allstop.dispatch.messenger_process"
    runs = messenger_run.RUNS
    at_once = messenger.AT_ONCE


here = Messenger()
