"""Who of a family is told in one message, and how it names them (issue 8: group by family)."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.family import Said, Wish, called, read_said, together, values_of
from allstop.rules.words import Channel

DAY = date(2026, 12, 15)
NOON = datetime(2026, 12, 15, 12, tzinfo=UTC)
wishes = st.builds(
    Wish,
    row=st.integers(1, 6),
    step=st.integers(1, 3),
    channel=st.just(Channel.TEXT),
    address=st.sampled_from(("+1", "+2")),
    day=st.sampled_from((DAY, DAY + timedelta(days=1))),
    at=st.integers(0, 4).map(lambda hours: NOON + timedelta(hours=hours)),
    after=st.none(),
)


@given(st.lists(wishes, unique_by=lambda one: (one.row, one.step)))
def test_only_those_with_one_address_and_day_are_told_together_and_by_the_first(given_wishes: list[Wish]) -> None:
    found = together(given_wishes)
    by_key = {(one.row, one.step): one for one in given_wishes}
    for key, one in by_key.items():
        like = [
            other
            for other in given_wishes
            if (other.step, other.address, other.day) == (one.step, one.address, one.day)
        ]
        assert (key in found) == (len(like) > 1)  # nobody is left out, nobody alone is in it
        if key in found:
            carrier = by_key[found[key], one.step]
            assert carrier in like
            assert carrier.at == min(other.at for other in like)  # it never leaves after an appointment has begun
            assert found[carrier.row, one.step] == carrier.row  # the carrier tells of itself


def test_a_step_after_a_failure_is_for_those_alone_who_were_told_together() -> None:
    def wish(row: int, step: int, address: str, after: int | None = None) -> Wish:
        return Wish(row, step, Channel.CALL if after else Channel.TEXT, address, DAY, NOON, after)

    first = [wish(1, 1, "+1"), wish(2, 1, "+1"), wish(3, 1, "+2")]
    assert together([*first, *(wish(row, 2, "+9", after=1) for row in (1, 2, 3))]) == {
        (1, 1): 1,
        (2, 1): 1,
        (1, 2): 1,
        (2, 2): 1,
    }


def said(name: str, clock: str, place: str = "North", family: str = "Silva", language: str = "") -> Said:
    return Said(name, f"{name} {family}".strip(), clock, place, "Tuesday, December 15", "Family Dental", language)


def test_everybody_is_named_with_their_times() -> None:
    three = [said("Ana", "10:30"), said("Ben", "11:00", "South"), said("Ben", "14:00")]
    assert values_of(three) == {
        "visits": "Ana at 10:30 and Ben at 11:00 and 14:00",
        "names": "Ana and Ben",
        "date": "Tuesday, December 15",
        "location": "North and South",
        "account": "Family Dental",
        "answer_link": "{answer_link}",
    }
    assert called(three) == ["Ana", "Ben", "Ben"]
    german = [said("Ana", "10:30", language="de-AT"), said("Ben", ""), said("Cem", "12:00")]
    assert values_of(german)["visits"] == "Ana um 10:30, Ben und Cem um 12:00"
    assert values_of([said("Ana", "10:30", language="xx"), said("Ben", "11:00")])["visits"] == "Ana 10:30, Ben 11:00"
    alike = [said("Ana", "10:30"), said("Ana", "11:00", family="Costa")]
    assert called(alike) == ["Ana Silva", "Ana Costa"]
    assert values_of(alike)["visits"] == "Ana Silva at 10:30 and Ana Costa at 11:00"
    assert read_said(three[0].as_data()) == three[0]
