"""The setup of sending as one value: its data, its arithmetic, its warnings and its capacity."""

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from allstop.rules.sending import (
    Backup,
    ChannelSettings,
    Checks,
    Rhythm,
    Settings,
    Way,
    every_of,
    hourly,
    per_minute_of,
    rhythm_of,
    windows_of,
    with_session,
)
from allstop.rules.sending_capacity import Faster, OneMore, Terms, capacity_of, estimate
from allstop.rules.sending_check import DEAF, HALF_DEAF, INFLUX, OPENS, PRESET, WAITS, cautions, problems
from allstop.rules.sending_data import Misread, as_data, from_data, parse_session
from allstop.rules.sending_words import changes, label_of
from allstop.rules.session_words import session_words
from allstop.rules.windows import MIDNIGHT, Session
from allstop.rules.words import Channel

LONDON = "Europe/London"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a Sunday
THREE_MINUTES = timedelta(minutes=3)


def mornings(days: range = range(5)) -> tuple[Session, ...]:
    return tuple(Session(day, time(9), time(12)) for day in days)


STAGGERED = ChannelSettings(way=Way(provider="smpp"), sessions=mornings(), every=THREE_MINUTES)


def test_settings_come_back_from_their_data_as_they_were() -> None:
    full = Settings(
        email=ChannelSettings(
            enabled=False,
            way=Way(provider="smtp", config={"host": "mail.test", "port": 587}, sender="desk@test.example"),
            sessions=(Session(6, time(22), MIDNIGHT),),
            every=every_of(7),
        ),
        text=replace(STAGGERED, immediate=True, every=timedelta(seconds=90)),
        checks=Checks(15, (time(9), time(17, 30))),
        backup=Backup((0, 4), time(22), time(2)),
        opens_attachments=True,
        warn_after_days=3,
        rings=2,
    )
    data = as_data(full)
    assert data["text"]["sessions"][0] == "Monday 09:00-12:00"
    assert data["email"]["sessions"] == ["Sunday 22:00-24:00"]
    assert (data["email"]["per_minute"], data["text"]["every_minutes"]) == (7, 1.5)
    assert from_data(data) == full
    assert from_data(as_data(Settings())) == Settings()


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("email.sessions", ["Monday 9-12"], "Write a day and two times"),
        ("email.sessions", ["Monday 12:00-09:00"], "The end must be after the start"),
        ("text.sessions", ["Moonday 09:00-12:00"], "is no day"),
        ("text.every_minutes", "3", "a number from 0"),
        ("text.every_minutes", -1, "a number from 0"),
        ("call.rings", 2.5, "a whole number"),
        ("checks.every_minutes", 10**20, "a whole number of at most"),
        ("checks.at", ["25:00"], "Write a time like 09:00"),
        ("email.immediate", 1, "true or false"),
        ("email.sender", "a\nb", "one line"),
        ("email.colour", "red", "There is no such setting"),
        ("backup", {"days": ["Mon"], "starts": "22:00"}, "This is missing"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(place: str, value: object, words: str) -> None:
    data = as_data(Settings())
    top, _, name = place.partition(".")
    if name:
        data[top][name] = value
    else:
        data[top] = value
    with pytest.raises(Misread) as wrong:
        from_data(data)
    ((where, said),) = wrong.value.problems.items()
    assert where.startswith(place)
    assert words in said


def test_reading_any_data_either_works_or_says_what_is_wrong() -> None:
    dice = random.Random(5)
    junk: list[object] = [None, True, 0, -3, 2.5, "", "x", [], ["Monday 09:00-12:00"], {}, {"a": []}, "é\0"]
    for _ in range(300):
        data = as_data(Settings())
        top = dice.choice(list(data))
        if data[top] and dice.random() < 0.8:
            data[top][dice.choice(list(data[top]))] = dice.choice(junk)
        else:
            data[top] = dice.choice(junk)
        try:
            assert from_data(as_data(from_data(data))) == from_data(data)
        except Misread as wrong:
            assert all(wrong.problems.values())


def test_a_pace_in_the_minute_keeps_its_number_and_shows_its_hour() -> None:
    """004-10: the real product; its source says 3 a minute are 120 an hour, which is wrong."""
    assert [per_minute_of(every_of(number)) for number in (0, 1, 2, 3, 7, 8, 60, 1000)] == [0, 1, 2, 3, 7, 8, 60, 1000]
    assert [hourly(number) for number in (2, 3, 8)] == [120, 180, 480]
    assert every_of(per_minute_of(timedelta(minutes=3))) == timedelta(minutes=3)


@pytest.mark.parametrize(
    ("channel", "immediate", "sessions", "is_open"),
    [
        (Channel.TEXT, True, mornings(), True),  # TX3: kept and ignored
        (Channel.TEXT, False, mornings(), False),
        (Channel.TEXT, False, (), True),
        (Channel.EMAIL, True, (), True),
        (Channel.EMAIL, True, mornings(), False),  # 004-06
        (Channel.EMAIL, False, (), False),  # TX10: until somebody sends
        (Channel.EMAIL, False, mornings(range(7)), True),  # TX10: or in sessions
        (Channel.CALL, False, (), True),
    ],
)
def test_when_a_channel_is_open(
    channel: Channel, immediate: bool, sessions: tuple[Session, ...], is_open: bool
) -> None:
    """Asked on a Sunday at 09:30."""
    rhythm = rhythm_of(channel, ChannelSettings(immediate=immediate, sessions=sessions))
    schedule = windows_of(rhythm, sessions, LONDON)
    assert (schedule is None or schedule.open_at(NOW.replace(hour=9, minute=30))) == is_open


def test_capacity_and_the_time_that_messages_take() -> None:
    """TX5, TX7: 09:00 to 12:00 at 3 minutes are 60 a day; 100 take two session days."""
    terms = Terms.of(Channel.TEXT, STAGGERED, LONDON, Checks())
    found = capacity_of(terms, LONDON, 2, NOW)
    assert found.by_day == (60, 60, 60, 60, 60, 0, 0)
    assert (found.a_week, found.most_a_day, found.within_days) == (300, 60, 60 + 60)
    hundred = estimate(STAGGERED, LONDON, 5, 100, NOW)
    assert hundred.finish == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    assert not hundred.is_over

    at_once = Terms.of(Channel.TEXT, replace(STAGGERED, immediate=True), LONDON, Checks(30))
    assert (at_once.schedule, at_once.pace, at_once.rounds) == (None, None, None)
    assert capacity_of(at_once, LONDON, 2, NOW).a_week is None
    never = Terms.of(Channel.EMAIL, ChannelSettings(), LONDON, Checks())
    assert capacity_of(never, LONDON, 2, NOW).a_week == 0


def test_capacity_counts_real_minutes_on_the_day_that_clocks_change() -> None:
    """On 29 March 2026 London has no 01:00 to 02:00."""
    night = ChannelSettings(sessions=(Session(6, time(0), time(3)),), every=THREE_MINUTES)
    terms = Terms.of(Channel.TEXT, night, LONDON, Checks())
    assert capacity_of(terms, LONDON, 7, datetime(2026, 3, 27, 12, tzinfo=UTC)).by_day[6] == 40
    assert capacity_of(terms, LONDON, 7, datetime(2026, 3, 20, 12, tzinfo=UTC)).by_day[6] == 60


def test_over_the_threshold_the_smallest_change_is_named_and_it_is_enough() -> None:
    """004-24, TX6."""
    over = estimate(STAGGERED, LONDON, 2, 130, NOW)  # until Tuesday noon: 60 on each morning
    assert over.is_over
    faster, more = over.changes
    assert isinstance(faster, Faster)
    assert isinstance(more, OneMore)
    assert faster == Faster(2)
    for change in (
        replace(STAGGERED, every=timedelta(minutes=faster.minutes)),
        replace(STAGGERED, sessions=with_session(STAGGERED.sessions, more.session)),
    ):
        assert not estimate(change, LONDON, 2, 130, NOW).is_over
    assert len(more.session.minutes_of_week()) == 30
    assert not estimate(STAGGERED, LONDON, 2, 120, NOW).is_over
    assert estimate(STAGGERED, LONDON, 1, 5_000_000, NOW).changes == ()


def test_the_slowest_pace_that_fits_is_found_among_all() -> None:
    for messages in (61, 75, 119, 150, 179):
        found = estimate(STAGGERED, LONDON, 1, messages, NOW.replace(hour=11))  # until Monday 11:00
        enough = [
            minutes
            for minutes in (1, 2)
            if not estimate(
                replace(STAGGERED, every=timedelta(minutes=minutes)), LONDON, 1, messages, NOW.replace(hour=11)
            ).is_over
        ]
        assert [one for one in found.changes if isinstance(one, Faster)] == [Faster(one) for one in enough[-1:]]


def test_what_is_worth_a_second_thought() -> None:
    """004-07, 004-09, 004-12, 004-19."""
    way = Way(provider="sandbox")
    plain = Settings(email=ChannelSettings(way=way, immediate=True), text=ChannelSettings(way=way))
    assert cautions(plain, LONDON) == ()
    risky = replace(
        plain,
        email=ChannelSettings(way=way),
        text=ChannelSettings(way=way, immediate=True),
        opens_attachments=True,
        checks=Checks(0, (time(9),)),
    )
    assert {one.words for one in cautions(risky, LONDON)} == {WAITS, INFLUX, OPENS, PRESET}

    backup = Backup((6,), time(23), time(9, 30))  # into Monday morning
    overlapping = replace(plain, text=replace(STAGGERED), backup=backup)
    words = sorted(one.words for one in cautions(overlapping, LONDON))
    assert words[0].startswith("Emails may leave at any time")
    assert words[1].startswith("Texts: Monday 09:00-12:00 overlaps the backup")
    assert len(words) == 2

    outside = replace(plain, text=STAGGERED, checks=Checks(0, (time(9), time(13))))
    assert [one.words for one in cautions(outside, LONDON)][
        1
    ] == "13:00 lies in no session of texts, so nothing leaves then."
    slow = replace(plain, text=replace(STAGGERED, every=timedelta(hours=4)))
    assert "never leave" in cautions(slow, LONDON)[0].words

    silent = replace(plain, text=ChannelSettings(way=Way(provider="text_api", config={"callback_url": ""})))
    assert [(one.place, one.words) for one in cautions(silent, LONDON)] == [("text.provider", HALF_DEAF)]
    heard = Way(provider="text_api", config={"callback_url": "https://desk.example.com"})
    assert cautions(replace(plain, text=ChannelSettings(way=heard)), LONDON) == ()
    deaf = replace(plain, text=ChannelSettings(way=Way(provider="apprise")))
    assert [one.words for one in cautions(deaf, LONDON)] == [DEAF]


def test_limits() -> None:
    wrong = Settings(
        text=replace(STAGGERED, every=timedelta(days=8)),
        checks=Checks(2000),
        backup=Backup((), time(1), time(1)),
        warn_after_days=0,
        rings=0,
        ring_minutes=0,
    )
    assert set(problems(wrong)) == {
        "text.every_minutes",
        "checks.every_minutes",
        "backup.days",
        "backup.ends",
        "text.warn_after_days",
        "call.rings",
        "call.ring_minutes",
    }
    assert problems(Settings()) == {}


def test_a_change_is_told_in_words() -> None:
    before, after = as_data(Settings()), as_data(Settings(text=replace(STAGGERED, way=Way())))
    found = {one.place: (one.label, one.before_words, one.after_words) for one in changes(before, after)}
    assert found["text.every_minutes"] == ("Texts, minutes from one to the next", "0", "3")
    assert found["text.sessions"][:2] == ("Texts, days and times", "none")
    assert set(found) == {"text.sessions", "text.every_minutes"}
    assert label_of("email.config.host") == "Emails, host"
    assert session_words(parse_session("wed 9:05 until 24:00")) == "Wednesday 09:05-24:00"
    assert Rhythm("windows") is Rhythm.WINDOWS
