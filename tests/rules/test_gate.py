"""The gate: each change to a clear fact and its verdict, what explain says of it, and the earliest time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from allstop.rules.facts import ContactFacts, Facts, LaneFacts, MessageFacts, Provider
from allstop.rules.gate import CHECKS, decide, earliest, explain
from allstop.rules.holds import (
    CANCELLED,
    HOLD_EFFECTS,
    PAUSED,
    PROSPECT,
    REMOVED,
    STOPPED,
    SUSPENDED,
    Effect,
    Scope,
    StandingHold,
)
from allstop.rules.limits import Full
from allstop.rules.markers import MarkerKind
from allstop.rules.pacing import Pace
from allstop.rules.verdict import SEND, Hold, Refuse, Verdict
from allstop.rules.windows import QuietHours, Schedule, Session
from allstop.rules.words import Channel, Purpose, Standing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday, noon in London
EVENING = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
NIGHT = QuietHours(time(20), time(9))
WORKDAYS = Schedule(tuple(Session(day, time(9), time(12)) for day in range(5)), "Europe/London")
ADA = Standing("stop_all", "Ada Okafor", NOW - timedelta(days=3), "asked by phone")
BEN = Standing("override", "Ben Frost", NOW - timedelta(minutes=1), "the recall notice concerns everybody")

CLEAR = Facts(
    MessageFacts(Channel.TEXT, Purpose.REMINDER),
    ContactFacts(zones=("Europe/London",)),
    LaneFacts(provider=Provider("sandbox"), quiet=NIGHT, windows=None, pace=None, next_slot_at=None),
)


def hold(
    name: str,
    scope: Scope = Scope.ACCOUNT,
    until: datetime | None = None,
    channel: Channel | None = None,
    blocks: frozenset[Effect] | None = None,
) -> StandingHold:
    return StandingHold(
        name=name,
        scope=scope,
        blocks=HOLD_EFFECTS[name] if blocks is None else blocks,
        by="Ada Okafor",
        at=NOW - timedelta(hours=1),
        until=until,
        channel=channel,
    )


def message(**changes: object) -> Facts:
    return replace(CLEAR, message=replace(CLEAR.message, **changes))  # type: ignore[arg-type]


def contact(**changes: object) -> Facts:
    return replace(CLEAR, contact=replace(CLEAR.contact, **changes))  # type: ignore[arg-type]


def lane(**changes: object) -> Facts:
    return replace(CLEAR, lane=replace(CLEAR.lane, **changes))  # type: ignore[arg-type]


def marked(*kinds: MarkerKind, **changes: object) -> Facts:
    facts = contact(markers=dict.fromkeys(kinds, ADA))
    return replace(facts, message=replace(facts.message, **changes))  # type: ignore[arg-type]


def held(*holds: StandingHold, **changes: object) -> Facts:
    facts = lane(holds=holds)
    return replace(facts, message=replace(facts.message, **changes))  # type: ignore[arg-type]


FLAG, STOP_ALL, STOP_PROMOTIONS = MarkerKind.FLAG, MarkerKind.STOP_ALL, MarkerKind.STOP_PROMOTIONS
LATER = NOW + timedelta(hours=5)

TABLE: dict[str, tuple[Facts, Verdict]] = {
    "nothing in the way": (CLEAR, SEND),
    # 004-10: the limit that lasts longest is named, whoever sends it; one that is over holds nothing
    "provider's limits": (
        lane(full=(Full("limit_minute", NOW + timedelta(seconds=9)), Full("limit_day", LATER))),
        Hold("provider_limit", "limit_day", LATER),
    ),
    "provider's limits, overridden in vain": (
        replace(
            lane(full=(Full("limit_hour", LATER),)),
            message=replace(CLEAR.message, overrides={"provider_limit": BEN, "pace": BEN}),
        ),
        Hold("provider_limit", "limit_hour", LATER),
    ),
    "provider's limits, long ago": (lane(full=(Full("limit_minute", NOW),)), SEND),
    # 003-06: Flag never blocks
    "flag": (marked(FLAG), SEND),
    # 003-11, TM3: Stop All, whatever the purpose
    "stop all": (marked(STOP_ALL), Refuse("contact_marker", "stop_all")),
    "stop all, service": (
        marked(STOP_ALL, purpose=Purpose.SERVICE),
        Refuse("contact_marker", "stop_all"),
    ),
    "stop all, overridden in vain": (
        marked(STOP_ALL, overrides={"contact_marker": BEN}),
        Refuse("contact_marker", "stop_all"),
    ),
    # 003-19, TM5: six is a group send, five is personal
    "stop promotions, five": (marked(STOP_PROMOTIONS, recipients=5), SEND),
    "stop promotions, six": (
        marked(STOP_PROMOTIONS, recipients=6),
        Refuse("contact_marker", "stop_promotions"),
    ),
    "stop promotions, a promotion to one": (
        marked(STOP_PROMOTIONS, purpose=Purpose.PROMOTION),
        Refuse("contact_marker", "stop_promotions"),
    ),
    # 003-20
    "stop promotions, six, overridden": (
        marked(STOP_PROMOTIONS, recipients=6, overrides={"contact_marker": BEN}),
        SEND,
    ),
    # 003-24: red wins
    "both markers": (
        marked(FLAG, STOP_ALL, STOP_PROMOTIONS, recipients=6),
        Refuse("contact_marker", "stop_all"),
    ),
    "opted out of texts": (contact(opt_outs={Channel.TEXT: ADA}), Refuse("opt_out", "opted_out_text")),
    "opted out of everything": (contact(opt_outs={None: ADA}), Refuse("opt_out", "opted_out_all")),
    "opted out of emails only": (contact(opt_outs={Channel.EMAIL: ADA}), SEND),
    "use-by reached": (message(use_by=NOW), SEND),
    "use-by passed": (message(use_by=NOW - timedelta(seconds=1)), Refuse("use_by", "too_late")),
    # 002-05, 002-08, 002-11
    "cancelled": (held(hold(CANCELLED)), Hold("lifecycle", "cancelled", None)),
    "suspended": (held(hold(SUSPENDED)), Hold("lifecycle", "suspended", None)),
    "suspended until later": (held(hold(SUSPENDED, until=LATER)), Hold("lifecycle", "suspended", LATER)),
    "suspended until now": (held(hold(SUSPENDED, until=NOW)), SEND),
    "prospect": (held(hold(PROSPECT)), Hold("lifecycle", "prospect", None)),
    # 002-13, TB6: ticket mail goes out to prospects, and nothing else
    "prospect, service email": (
        held(hold(PROSPECT), purpose=Purpose.SERVICE, channel=Channel.EMAIL),
        SEND,
    ),
    "prospect, service text": (
        held(hold(PROSPECT), purpose=Purpose.SERVICE),
        Hold("lifecycle", "prospect", None),
    ),
    "prospect and suspended, service email": (
        held(hold(PROSPECT), hold(SUSPENDED), purpose=Purpose.SERVICE, channel=Channel.EMAIL),
        Hold("lifecycle", "suspended", None),
    ),
    # 000-02
    "stopped": (held(hold(STOPPED)), Hold("account_stop", "stopped", None)),
    "stopped, service": (held(hold(STOPPED), purpose=Purpose.SERVICE), Hold("account_stop", "stopped", None)),
    "installation stopped": (
        held(hold(STOPPED, Scope.INSTALLATION)),
        Hold("account_stop", "stopped_installation", None),
    ),
    "emails stopped": (held(hold(STOPPED, Scope.CHANNEL, channel=Channel.EMAIL)), SEND),
    "texts stopped": (
        held(hold(STOPPED, Scope.CHANNEL, channel=Channel.TEXT)),
        Hold("account_stop", "stopped_channel", None),
    ),
    "location stopped": (
        message(holds=(hold(STOPPED, Scope.LOCATION),)),
        Hold("account_stop", "stopped_location", None),
    ),
    "one stop ends, another stands": (
        held(hold(STOPPED, until=NOW), hold(STOPPED, Scope.INSTALLATION, until=LATER)),
        Hold("account_stop", "stopped_installation", LATER),
    ),
    "a hold of the account's own": (
        held(hold("audit", blocks=frozenset({Effect.SENDING}))),
        Hold("account_stop", "audit", None),
    ),
    "contact held": (
        message(holds=(hold(STOPPED, Scope.CONTACT),)),
        Hold("account_stop", "stopped", None),
    ),
    # 001-10: paused is about new leads, not about messages
    "paused": (held(hold(PAUSED)), SEND),
    # 000-15
    "job removed": (message(holds=(hold(REMOVED, Scope.JOB),)), Refuse("account_stop", "removed")),
    "job removed while stopped": (
        held(hold(STOPPED), holds=(hold(REMOVED, Scope.JOB),)),
        Refuse("account_stop", "removed"),
    ),
    # 004-13, TX13
    "no provider": (lane(provider=Provider(None)), Hold("channel_closed", "no_provider", None)),
    "channel disabled": (
        lane(provider=Provider("smtp", enabled=False)),
        Hold("channel_closed", "channel_disabled", None),
    ),
    "channel broken": (
        lane(provider=Provider("smtp", broken="bad password")),
        Hold("channel_closed", "channel_broken", None),
    ),
    "no credits": (lane(provider=Provider("smpp", credits=0)), Hold("channel_closed", "no_credits", None)),
    "one credit": (lane(provider=Provider("smpp", credits=1)), SEND),
    "zone not known": (contact(zones=()), Hold("quiet_hours", "zone_unknown", None)),
    "a zone that no table has": (
        contact(zones=("Europe/London", "Mars/Olympus")),
        Hold("quiet_hours", "zone_unknown", None),
    ),
    "zone not known, not protected": (replace(lane(quiet=None), contact=ContactFacts()), SEND),
    "still night in one zone": (
        contact(zones=("Europe/London", "America/New_York")),
        Hold("quiet_hours", "quiet_hours", datetime(2026, 11, 23, 14, tzinfo=UTC)),
    ),
    "never day in both zones": (
        contact(zones=("Asia/Tokyo", "America/Sao_Paulo")),
        Hold("quiet_hours", "no_common_hour", None),
    ),
    "quiet hours are not overridden": (
        replace(
            contact(zones=("America/New_York",)),
            message=replace(CLEAR.message, overrides={"quiet_hours": BEN, "pace": BEN, "window": BEN}),
        ),
        Hold("quiet_hours", "quiet_hours", datetime(2026, 11, 23, 14, tzinfo=UTC)),
    ),
    # 004-06
    "window closed": (
        lane(windows=WORKDAYS),
        Hold("window", "window_closed", datetime(2026, 11, 24, 9, tzinfo=UTC)),
    ),
    "no session at all": (
        lane(windows=Schedule((), "Europe/London")),
        Hold("window", "window_never_opens", None),
    ),
    "no session is long enough": (
        lane(windows=WORKDAYS, pace=Pace(timedelta(hours=4))),
        Hold("window", "window_too_short", None),
    ),
    "window closed, sent by hand": (
        replace(lane(windows=WORKDAYS), message=replace(CLEAR.message, overrides={"window": BEN})),
        SEND,
    ),
    # 004-08
    "next slot later": (
        lane(pace=Pace(timedelta(minutes=3)), next_slot_at=LATER),
        Hold("pace", "pace", LATER),
    ),
    "next slot now": (lane(pace=Pace(timedelta(minutes=3)), next_slot_at=NOW), SEND),
    "no pace any more": (lane(pace=None, next_slot_at=LATER), SEND),
    # 004-11, TX9
    "next slot later, sent by hand": (
        replace(
            lane(pace=Pace(timedelta(minutes=3)), next_slot_at=LATER),
            message=replace(CLEAR.message, overrides={"pace": BEN}),
        ),
        SEND,
    ),
}


@pytest.mark.parametrize(("facts", "verdict"), TABLE.values(), ids=TABLE.keys())
def test_each_change_to_the_clear_fact_has_its_verdict(facts: Facts, verdict: Verdict) -> None:
    assert decide(facts, NOW) == verdict


def test_the_order_of_checks_is_policy() -> None:
    assert [check.__name__ for check in CHECKS] == [
        "contact_marker",
        "opt_out",
        "use_by",
        "lifecycle",
        "account_stop",
        "channel_closed",
        "quiet_hours",
        "window",
        "provider_limit",
        "pace",
    ]


def test_nothing_but_window_pace_and_stop_promotions_can_be_overridden() -> None:
    every = {check.__name__: BEN for check in CHECKS}
    obeys = {
        "stop promotions, six",
        "stop promotions, a promotion to one",
        "window closed",
        "next slot later",
    }
    obeys |= {"no session at all", "no session is long enough"}
    for name, (facts, verdict) in TABLE.items():
        overridden = replace(facts, message=replace(facts.message, overrides=every))
        assert decide(overridden, NOW) == (SEND if name in obeys else verdict), name


def test_a_slot_must_fit_before_its_window_ends() -> None:
    """004-23: at one every 3 minutes the last message before 12:00 leaves at 11:57."""
    facts = lane(windows=WORKDAYS, pace=Pace(timedelta(minutes=3)))
    assert decide(facts, datetime(2026, 11, 23, 11, 57, tzinfo=UTC)) == SEND
    late = decide(facts, datetime(2026, 11, 23, 11, 57, 1, tzinfo=UTC))
    assert late == Hold("window", "window_closed", datetime(2026, 11, 24, 9, tzinfo=UTC))


def test_a_worker_that_is_late_by_milliseconds_loses_no_slot() -> None:
    """09:00 to 12:00 at one every three minutes gives 60: the last slot begins at 11:57."""
    last = NOW - timedelta(minutes=3)
    paced = lane(windows=WORKDAYS, pace=Pace.every(timedelta(minutes=3)))
    assert decide(paced, last + timedelta(milliseconds=700)) == SEND
    assert decide(paced, last + timedelta(seconds=1)) != SEND
    fast = lane(windows=WORKDAYS, pace=Pace.every(timedelta(milliseconds=800)))
    assert decide(fast, NOW - timedelta(milliseconds=800)) == SEND
    assert decide(fast, NOW - timedelta(milliseconds=700)) != SEND


def test_a_stop_counts_even_if_the_clock_that_set_it_runs_ahead() -> None:
    ahead = replace(hold(STOPPED), at=NOW + timedelta(seconds=2))
    assert decide(held(ahead), NOW) == Hold("account_stop", "stopped", None)


def test_explain_names_who_set_what_and_since_when() -> None:
    """003-13: the name of the user who set Stop All shows."""
    answers = {answer.check: answer for answer in explain(marked(STOP_ALL), NOW)}
    assert answers["contact_marker"].standing == ADA
    assert answers["contact_marker"].earliest is None
    stopped = {answer.check: answer for answer in explain(held(hold(STOPPED)), NOW)}
    assert stopped["account_stop"].standing == hold(STOPPED).standing()
    assert stopped["contact_marker"].verdict == SEND
    opted = {answer.check: answer for answer in explain(contact(opt_outs={Channel.TEXT: BEN}), NOW)}
    assert opted["opt_out"].standing == BEN


def test_explain_answers_every_check_although_the_first_one_refuses() -> None:
    facts = replace(marked(STOP_ALL), lane=replace(CLEAR.lane, holds=(hold(STOPPED), hold(SUSPENDED))))
    blocking = [answer.check for answer in explain(facts, EVENING) if answer.verdict != SEND]
    assert blocking == ["contact_marker", "lifecycle", "account_stop", "quiet_hours"]


def test_explain_shows_an_override_only_where_it_changed_the_answer() -> None:
    """003-20, 004-11: the override is visible, with who and why."""
    overrides: Mapping[str, Standing] = {"contact_marker": BEN, "window": BEN}
    answers = {a.check: a for a in explain(marked(STOP_PROMOTIONS, recipients=6, overrides=overrides), NOW)}
    assert answers["contact_marker"].verdict == SEND
    assert answers["contact_marker"].standing == ADA
    assert answers["contact_marker"].overridden == BEN
    assert answers["window"].overridden is None


def test_the_earliest_time_passes_every_clock() -> None:
    """A suspension until Saturday, quiet hours, a window that opens on Monday, the slot at 09:30."""
    saturday, slot = datetime(2026, 11, 28, 6, tzinfo=UTC), datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
    facts = lane(
        holds=(hold(SUSPENDED, until=saturday),),
        windows=WORKDAYS,
        pace=Pace(timedelta(minutes=3)),
        next_slot_at=slot,
    )
    assert earliest(facts, NOW) == slot


def test_no_earliest_time_where_a_person_must_act_or_use_by_comes_first() -> None:
    assert earliest(held(hold(STOPPED)), NOW) is None
    assert earliest(marked(STOP_ALL), NOW) is None
    assert earliest(message(use_by=EVENING), EVENING) is None
    assert earliest(message(), EVENING) == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_a_message_that_is_due_later_leaves_when_due() -> None:
    assert earliest(message(due_at=LATER), NOW) == LATER
    assert earliest(message(due_at=NOW - timedelta(days=1)), NOW) == NOW


def test_what_is_due_years_ahead_has_its_earliest_time_too() -> None:
    """How far it looks counts from when it is due, as the verdict of that time does."""
    far = NOW + timedelta(days=1200)
    assert decide(message(due_at=far), far) == SEND
    assert earliest(message(due_at=far), NOW) == far


def test_no_earliest_time_where_window_and_quiet_hours_never_meet() -> None:
    nights = Schedule((Session(0, time(1), time(2)),), "Europe/London")
    assert earliest(lane(windows=nights), NOW) is None
