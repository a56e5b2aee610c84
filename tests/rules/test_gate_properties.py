"""decide, explain and earliest tell one story, whatever the facts."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.rules.facts import ContactFacts, Facts, LaneFacts, MessageFacts, Provider
from allstop.rules.gate import CHECKS, decide, earliest, explain
from allstop.rules.holds import HOLD_EFFECTS, Scope, StandingHold
from allstop.rules.markers import MarkerKind
from allstop.rules.pacing import Pace
from allstop.rules.verdict import SEND, Hold, Refuse
from allstop.rules.windows import QuietHours, Schedule, Session
from allstop.rules.words import Channel, Purpose, Standing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADA = Standing("stop_all", "Ada Okafor", NOW - timedelta(days=3))
BEN = Standing("override", "Ben Frost", NOW - timedelta(minutes=1))
NIGHT = QuietHours(time(20), time(9))


def hold(name: str, scope: Scope, until: datetime | None, channel: Channel | None) -> StandingHold:
    return StandingHold(
        name=name, scope=scope, blocks=HOLD_EFFECTS[name], by="Ada Okafor", at=NOW, until=until, channel=channel
    )


_instants = st.timedeltas(timedelta(days=-300), timedelta(days=400)).map(lambda away: NOW + away)
_ends = st.none() | st.integers(-50, 200).map(lambda hours: NOW + timedelta(hours=hours))


@st.composite
def _sessions(draw: st.DrawFn) -> Session:
    first, last = sorted(draw(st.tuples(st.integers(0, 1438), st.integers(1, 1439))))
    return Session(
        draw(st.integers(0, 6)),
        time(first // 60, first % 60),
        time((max(last, first + 1) // 60) % 24, max(last, first + 1) % 60),
    )


_holds = st.builds(
    hold,
    st.sampled_from(sorted(HOLD_EFFECTS)),
    st.sampled_from(Scope),
    _ends,
    st.none() | st.sampled_from(Channel),
)
_facts = st.builds(
    Facts,
    st.builds(
        MessageFacts,
        channel=st.sampled_from(Channel),
        purpose=st.sampled_from(Purpose),
        recipients=st.integers(1, 8),
        use_by=_ends,
        overrides=st.dictionaries(st.sampled_from([check.__name__ for check in CHECKS]), st.just(BEN), max_size=3),
        due_at=_ends,
        holds=st.lists(_holds, max_size=1).map(tuple),
    ),
    st.builds(
        ContactFacts,
        markers=st.just({}) | st.dictionaries(st.sampled_from(MarkerKind), st.just(ADA)),
        opt_outs=st.just({}) | st.dictionaries(st.none() | st.sampled_from(Channel), st.just(ADA), max_size=1),
        zones=st.lists(
            st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
            min_size=1,
            max_size=2,
            unique=True,
        ).map(tuple),
    ),
    st.builds(
        LaneFacts,
        provider=st.sampled_from([Provider("sandbox"), Provider("smpp", credits=3), Provider(None)]),
        quiet=st.none() | st.just(NIGHT) | st.just(QuietHours(time(12), time(14))),
        windows=st.none() | st.builds(Schedule, st.lists(_sessions(), max_size=4).map(tuple), st.just("Europe/London")),
        pace=st.none() | st.integers(1, 90).map(lambda minutes: Pace(timedelta(minutes=minutes))),
        next_slot_at=_ends,
        holds=st.lists(_holds, max_size=2).map(tuple),
    ),
)


@settings(max_examples=80)
@given(_facts, _instants)
def test_decide_is_the_first_answer_of_explain(facts: Facts, now: datetime) -> None:
    answers = explain(facts, now)
    first = next((answer.verdict for answer in answers if answer.verdict != SEND), SEND)
    assert decide(facts, now) == first
    for answer in answers:
        match answer.verdict:
            case Hold(until=until):
                assert answer.earliest == until
                assert until is None or until > now
            case Refuse():
                assert answer.earliest is None
            case _:
                assert answer.earliest == now


@settings(max_examples=60)
@given(_facts, _instants)
def test_at_the_earliest_time_the_gate_lets_it_leave_and_not_before(facts: Facts, now: datetime) -> None:
    at = earliest(facts, now)
    begin = now if facts.message.due_at is None else max(now, facts.message.due_at)
    if at is None:
        assert decide(facts, begin) != SEND
        return
    assert at >= begin
    assert decide(facts, at) == SEND
    if at > begin:
        assert decide(facts, begin) != SEND
        assert decide(facts, at - timedelta(microseconds=1)) != SEND
