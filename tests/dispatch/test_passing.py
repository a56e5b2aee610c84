"""Claimed messages through the gate: that equal ones are judged once changes no verdict."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from allstop.dispatch.passing import facts_of_plain, through_the_gate
from allstop.rules.facts import LaneFacts, Provider
from allstop.rules.gate import decide
from allstop.rules.verdict import Hold, Refuse, Send
from allstop.rules.windows import QuietHours
from allstop.store.claims import Claimed, LaneKey

NOW = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)  # in London before eight in the evening, in Karachi after ten
LANE = LaneKey(7, "text", False)

lanes = st.builds(
    LaneFacts,
    provider=st.builds(
        Provider, st.just("sandbox"), enabled=st.booleans(), broken=st.just(""), credits=st.sampled_from([None, 0, 9])
    ),
    quiet=st.sampled_from([None, QuietHours(time(20), time(9)), QuietHours(time(12), time(13))]),
    windows=st.none(),
    pace=st.none(),
    next_slot_at=st.none(),
)
# Few values of each, so that equal messages come often, side by side and apart.
messages = st.builds(
    Claimed,
    id=st.integers(1, 10**6),
    contact_id=st.just(3),
    job_id=st.just(4),
    location_id=st.just(5),
    purpose=st.sampled_from(["reminder", "billing", "service"]),
    recipients=st.sampled_from([1, 2]),
    due_at=st.sampled_from([NOW, NOW - timedelta(hours=1)]),
    use_by=st.sampled_from([None, NOW - timedelta(seconds=1), NOW, NOW + timedelta(minutes=1)]),
    attempt=st.sampled_from([0, 1]),
    zones=st.sampled_from([[], ["Europe/London"], ["Asia/Karachi"], ["Europe/London", "Asia/Karachi"], ["Nowhere"]]),
    plain=st.just(True),
    number=st.just(1),
    setup=st.just(1),
)


@given(lanes, st.lists(messages, max_size=12, unique_by=lambda one: one.id))
def test_each_message_of_a_claim_gets_the_verdict_that_it_would_get_alone(
    facts: LaneFacts, claimed: list[Claimed]
) -> None:
    verdicts = {one.id: decide(facts_of_plain(LANE, one, facts), NOW) for one in claimed}

    passed = through_the_gate(LANE, claimed, facts, {}, NOW)

    def those(kind: type[Send | Refuse | Hold]) -> list[int]:
        return [one.id for one in claimed if isinstance(verdicts[one.id], kind)]

    assert [one.id for one in passed.send] == those(Send)
    assert [one.id for one in passed.finished] == those(Refuse)
    assert [one.id for one in passed.back] == those(Hold)
    for refused in passed.finished:
        verdict = verdicts[refused.id]
        assert isinstance(verdict, Refuse)
        assert refused.reason == verdict.reason
    for back in passed.back:
        verdict = verdicts[back.id]
        assert isinstance(verdict, Hold)
        assert back.due_at == (verdict.until or NOW)
