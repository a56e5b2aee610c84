"""Finish: what would change, what that does to what waits, what is worth a second thought, and the one button."""

from datetime import timedelta
from typing import Any

from allstop.actions.own_windows import Proposal
from allstop.actions.rehearsing import rehearse
from allstop.actions.sending_setup import read
from allstop.console.forecast_plot import THINGS, rehearsal_plot
from allstop.console.views.setup_wizard.page import Look, SetupPage
from allstop.rules.facts import Channel
from allstop.rules.sending import ChannelSettings, Rhythm, rhythm_of
from allstop.store import lists

MANY = 20_000  # messages; to rehearse more takes longer than a page may


def more(look: Look) -> dict[str, Any]:
    """The rehearsal of each channel whose window or pace would change and for which something waits."""
    in_force = read(look.desk.actor).settings
    waiting = lists.totals(look.desk.account_id)
    if waiting.messages > MANY:
        return {"is_long": True}
    rehearsals = []
    for channel in Channel:
        before, after = in_force.of(channel), look.settings.of(channel)
        proposal = _proposal(channel, after)
        if waiting.by_channel[channel] > 0 and proposal is not None and proposal != _proposal(channel, before):
            seen = rehearse(look.desk.actor, {channel: proposal}, look.now)
            rehearsals.append(
                {
                    "channel": channel.value,
                    "things": THINGS[channel],
                    "seen": seen,
                    "rehearsal": seen.found,
                    "a_week": seen.a_week[channel],
                    "plotted": rehearsal_plot(seen.found, f"rehearsal-{channel}"),
                }
            )
    return {"rehearsals": rehearsals}


def _proposal(channel: Channel, of: ChannelSettings) -> Proposal | None:
    """None: nothing leaves by itself, so there is nothing to rehearse."""
    rhythm = rhythm_of(channel, of)
    if rhythm is Rhythm.AT_ONCE:
        return Proposal(sessions=(), every=timedelta(0))
    if rhythm is Rhythm.BY_HAND and not of.sessions:
        return None
    return Proposal(sessions=of.sessions, every=of.every)


PAGE = SetupPage(
    slug="finish",
    name="Finish",
    title="Finish",
    template="console/setup_wizard/finish.html",
    more=more,
    warns=("",),
)
