"""A window and a pace for one list alone, as programs say it."""

from pydantic import Field

from allstop.actions.actor import Invalid
from allstop.actions.own_windows import STRAIGHT_AWAY, Proposal, read_every, read_sessions
from allstop.doors.api.request import Line, Strict


class WindowIn(Strict):
    straight_away: bool = Field(False, description="Without any window and pace; with nothing else beside it.")
    sessions: list[Line] | None = Field(
        None, description='Like "Monday 09:00-12:00"; an empty list is always open. Left out: the account\'s.'
    )
    every_minutes: float | None = Field(None, description="From one message to the next; 0 is as fast as possible.")
    per_minute: float | None = Field(None, description="The pace as a number a minute instead.")

    def proposal(self) -> Proposal:
        every = read_every(self.every_minutes, self.per_minute)
        if self.straight_away:
            if self.sessions is not None or every is not None:
                raise Invalid(window="Straight away has neither sessions nor a pace. Leave the others out.")
            return STRAIGHT_AWAY
        return Proposal(sessions=None if self.sessions is None else read_sessions(self.sessions), every=every)
