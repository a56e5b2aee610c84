"""Playbooks: read from text with faults by line, and played as a pure machine. Issue 6; stop on reply, hand over."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.rules.playbook import (
    MOST_MESSAGES,
    Action,
    Begun,
    Deed,
    Event,
    Move,
    Playbook,
    Replied,
    State,
    TimePassed,
    next_step,
)
from allstop.rules.playbook_answers import UNCLEAR, Unclear, chosen
from allstop.rules.playbook_text import Fault, read_playbook
from allstop.rules.playbook_wording import worded
from allstop.rules.words import Channel, Purpose

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REASONS = ("not_interested", "unresponsive")
EXAMPLE = """
# what a new lead hears
unasked: promotion

step hello
    text: Hi {first_name|there}, this is {account}. Are you still looking?
    if yes, sure, still looking: go when
    if no, not any more, bought: unqualify not-interested
    after 1 day text: Just asking again: are you still looking?
    after 3 days email: We did not want to lose you.
        subject: Are you still looking?
        | Answer to this email, or to our text.
    after 5 days: unqualify unresponsive

step when
    text: Great. Today or tomorrow?
    if today, tomorrow: go bye
    otherwise: hand over

step bye
    text: Thank you, we will call you.
    then: qualify
"""


def read(text: str = EXAMPLE) -> Playbook:
    found = read_playbook(text, REASONS)
    assert isinstance(found, Playbook), found
    return found


def played(*events: tuple[Event, datetime]) -> list[Move]:
    moves: list[Move] = []
    state: State | None = None
    for event, at in events:
        moves.append(next_step(read(), state, event, at))
        state = moves[-1].state
    return moves


def said(move: Move) -> list[tuple[str, str]]:
    return [(say.saying.channel.value, say.saying.body) for say in move.says]


def test_a_new_lead_gets_the_first_message_and_the_first_follow_up_is_due_a_day_later() -> None:
    (move,) = played((Begun(), NOW))
    assert [say.saying.body for say in move.says] == [
        "Hi {first_name|there}, this is {account}. Are you still looking?"
    ]
    assert move.says[0].purpose is Purpose.PROMOTION
    assert move.due_at == NOW + DAY and move.end is None


def test_follow_ups_come_at_their_delays_and_then_the_lead_is_given_up() -> None:
    moves = played(
        (Begun(), NOW), (TimePassed(), NOW + DAY), (TimePassed(), NOW + 3 * DAY), (TimePassed(), NOW + 5 * DAY)
    )
    assert said(moves[1]) == [("text", "Just asking again: are you still looking?")]
    assert moves[1].due_at == NOW + 3 * DAY
    assert said(moves[2]) == [("email", "We did not want to lose you.\nAnswer to this email, or to our text.")]
    assert moves[2].says[0].saying.subject == "Are you still looking?"
    assert moves[3] == Move(end=Action(Deed.UNQUALIFY, "unresponsive"))


def test_after_a_long_stop_one_follow_up_comes_and_the_next_keeps_its_distance() -> None:
    moves = played((Begun(), NOW), (TimePassed(), NOW + 10 * DAY))
    assert len(moves[1].says) == 1 and moves[1].due_at == NOW + 12 * DAY


def test_a_reply_ends_the_follow_ups_and_takes_its_branch_to_the_end() -> None:
    moves = played((Begun(), NOW), (Replied("Yes please!"), NOW + DAY / 2), (Replied("tomorrow is fine"), NOW + DAY))
    assert said(moves[1]) == [("text", "Great. Today or tomorrow?")] and moves[1].due_at is None
    assert moves[1].says[0].purpose is Purpose.SERVICE  # an answer to what they have just written
    assert said(moves[2]) == [("text", "Thank you, we will call you.")]
    assert moves[2].end == Action(Deed.QUALIFY) and moves[2].state is None


@pytest.mark.parametrize(
    ("answer", "end", "why"),
    [
        ("no", Action(Deed.UNQUALIFY, "not_interested"), ""),
        ("We BOUGHT one, sorry", Action(Deed.UNQUALIFY, "not_interested"), ""),
        ("yes and no", Action(Deed.HAND_OVER), "unclear"),
        ("I am not sure", Action(Deed.HAND_OVER), "unclear"),
        ("what does it cost?", Action(Deed.HAND_OVER), "nothing_fits"),
        ("", Action(Deed.HAND_OVER), "nothing_fits"),
    ],
)
def test_what_is_not_understood_goes_to_a_person(answer: str, end: Action, why: str) -> None:
    move = next_step(read(), State("hello", NOW, 0, 1), Replied(answer), NOW)
    assert (move.end, move.why, move.says) == (end, why, ())


def test_a_step_that_is_gone_goes_to_a_person() -> None:
    move = next_step(read(), State("gone", NOW), TimePassed(), NOW)
    assert (move.end, move.why) == (Action(Deed.HAND_OVER), "step_gone")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Yes", 0),
        ("oui, é s", None),
        ("not interested", 1),
        ("I'm interested", 0),
        ("im not really interested", UNCLEAR),
        ("yesterday", None),
        ("interested, not interested", UNCLEAR),
    ],
)
def test_whole_words_are_found_and_the_longest_phrase_counts(text: str, found: int | Unclear | None) -> None:
    assert chosen(text, [["yes", "interested"], ["not interested"]]) == found


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "Begin with"),
        ("text: hi", 1, "Begin with a step"),
        ("step a b", 1, "step hello"),
        ("step a", 1, "says nothing"),
        ("step a\n text: hi\nstep a\n text: ho", 3, "already"),
        ("step a\n text: hi {name}", 2, "no placeholder {name}"),
        ("step a\n text: hi {first_name}", 2, "{first_name|there}"),
        ("step a\n text: {first_name|x} {first_name}", 2, "{first_name|there}"),
        ("step a\n text: hi {first_name|}", 2, "hole"),
        ("step a\n text: hi {first_name", 2, "never closed"),
        ("step a\n text:", 2, "empty"),
        ("step a\n email: hi", 2, "subject"),
        ("step a\n text: hi\n subject: ho", 3, "Only emails"),
        ("step a\n text: hi\n text: ho", 3, "already"),
        ("step a\n text: hi\n if yes: go b", 3, "no step b"),
        ("step a\n text: hi\n if : end", 3, "words to look for"),
        ("step a\n text: hi\n if yes: end\n if no, Yes!: end", 4, "two places"),
        ("step a\n text: hi\n if yes: dance", 3, "what to do"),
        ("step a\n text: hi\n if yes: unqualify", 3, "Say why"),
        ("step a\n text: hi\n if yes: unqualify boring", 3, "no reason"),
        ("step a\n text: hi\n after two days: end", 3, "how long"),
        ("step a\n text: hi\n after 1 minute: end", 3, "at least 5 minutes"),
        ("step a\n text: hi\n after 2 days: end\n after 3 days: end", 4, "Nothing can follow"),
        ("step a\n text: hi\n after 2 days text: x\n after 1 day: end", 4, "in order"),
        ("step a\n text: hi\n then: end\n otherwise: end", 1, "waits for no answer"),
        ("step a\n text: hi\n then: go b\nstep b\n text: ho\n then: go a", 1, "for ever"),
        ("step a\n text: hi\n otherwise: end\n otherwise: end", 4, "twice"),
        ("step a\n text: hi\n if yes: end\n | more", 4, "right below"),
        ("step a\n text: hi\n dance: yes", 3, "not known"),
        ("step a\n text: hi\n dance", 3, "no colon"),
        ("unasked: fun\nstep a\n text: hi", 1, "promotion"),
    ],
)
def test_each_fault_names_its_line_and_says_what_to_do(text: str, line: int, words: str) -> None:
    faults = read_playbook(text, REASONS)
    assert not isinstance(faults, Playbook)
    assert isinstance(faults[0], Fault)
    assert faults[0].line == line and words in faults[0].text, faults


def test_words_of_a_message_have_no_holes_and_nothing_typed_is_taken_for_a_placeholder() -> None:
    text = "Hi {first_name|there}, {{really}} {account}: {kind|a {x}"
    assert worded("Hi {first_name|there}, this is {account} {{ok}}.", {"account": "A", "first_name": " "}) == (
        "Hi there, this is A {ok}."
    )
    assert worded("Hi {first_name|there}.", {"first_name": "{account}"}) == "Hi {account}."
    faults = read_playbook(f"step a\n text: {text}", REASONS)
    assert not isinstance(faults, Playbook)


_EVENTS = st.lists(
    st.tuples(
        st.one_of(
            st.just(TimePassed()),
            st.builds(
                Replied, st.lists(st.sampled_from(["yes", "no", "not", "sure", "today", "?"]), max_size=5).map(" ".join)
            ),
        ),
        st.timedeltas(timedelta(0), timedelta(days=9)),
    ),
    max_size=60,
)
_LOOP = "step a\n text: x\n if yes: go b\n otherwise: go a\n after 1 day text: y\nstep b\n text: z\n otherwise: go a"


@given(events=_EVENTS, text=st.sampled_from([EXAMPLE, _LOOP]))
@settings(max_examples=200)
def test_whatever_happens_messages_end_delays_are_kept_and_an_end_is_the_end(
    events: list[tuple[Event, timedelta]], text: str
) -> None:
    playbook = read(text)
    now, sent = NOW, 0
    move = next_step(playbook, None, Begun(), now)
    dues: list[datetime] = []
    for event, later in events:
        sent += len(move.says)
        if move.state is None:
            assert move.end is not None and move.due_at is None
            break
        assert move.end is None
        now += later
        before, due_at = move.state, move.due_at
        move = next_step(playbook, before, event, now)
        if isinstance(event, TimePassed) and (due_at is None or now < due_at):
            assert not move.says and move.state == before  # nothing before its time
        if move.says and move.state is not None:
            dues.append(now)
    assert sent <= MOST_MESSAGES
    assert all(one <= other for one, other in pairwise(dues))


@given(st.text(max_size=400))
@settings(max_examples=200)
def test_any_text_is_a_playbook_or_has_faults_of_its_lines(text: str) -> None:
    found = read_playbook(text, REASONS)
    if not isinstance(found, Playbook):
        assert found and all(0 <= fault.line <= len(text.splitlines()) and fault.text for fault in found)


def test_channels_are_those_of_the_lines() -> None:
    assert [step.says.channel for step in read("step a\n call: Hello").steps] == [Channel.CALL]
