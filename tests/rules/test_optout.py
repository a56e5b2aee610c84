"""Opt-out words and sentences: dressed as people dress them, and nothing that only looks like them (TM9, TN10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules import optout_sentences as sentences
from allstop.rules import optout_words as lists
from allstop.rules.optout import HELP, OPT_IN, OPT_OUT, UNCLEAR, Reading, Reply, read_reply, word_problem
from allstop.rules.words import Channel, Problem

ALL = Reading(Reply.OPT_OUT, of_all=True)
THE_LAWS = ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe")

# SYSTEMS.md, 4: each unsubscribes as a whole message (M2).
OF_CUSTOMERS = """x|block|end|remove|quit|unsubscribe|stop|stop this|stop texts|stop calling|stop texting|don't call|
do not call|do not call me|don't text|don't text me|f**k you|shut up|leave me alone"""


@pytest.mark.parametrize("word", [*THE_LAWS, "STOPALL", "OPTOUT", "OPT-OUT", "ARRET", "TD", "REMOVE"])
def test_the_words_of_law_and_carriers_opt_out(word: str) -> None:
    assert read_reply(word).reply is Reply.OPT_OUT


@pytest.mark.parametrize("word", OF_CUSTOMERS.replace("\n", "").split("|"))
def test_each_key_word_unsubscribes_in_any_case(word: str) -> None:
    """TM9."""
    for said in (word, word.upper(), word.title(), f"  {word}\n", f"{word}!", word.replace("'", "\u2019")):
        assert read_reply(said).reply is Reply.OPT_OUT, said


@pytest.mark.parametrize(
    "below",
    ["Sent from my iPhone", "-- \nJohn Smith\n+44 7700 900123", "Von meinem iPhone gesendet", "Get Outlook for iOS"],
)
def test_what_a_program_puts_below_a_word_does_not_hide_it(below: str) -> None:
    assert read_reply(f"Stop\n\n{below}") == OPT_OUT
    assert read_reply(f"START\n{below}") == OPT_IN
    assert read_reply(f"See you then\n{below}").reply is Reply.NOTHING
    assert read_reply(f"See you then\n{below}\nplease stop texting me").reply is not Reply.NOTHING


@pytest.mark.parametrize(
    "said",
    [
        "bitte nicht mehr schreiben",
        "Aufhören!",
        "no me escriban más",
        "no me manden mensajes",
        "quiero darme de baja",
        "ne m\u2019écrivez plus",
        "DNC",
        "Stop1",
        "1stop",
        "sstop",
        "PLEASESTOP",
        "Delete my data",
    ],
)
def test_what_is_very_likely_a_no_is_put_to_a_person(said: str) -> None:
    assert read_reply(said) == UNCLEAR


@pytest.mark.parametrize("word", ["Arrete", "Arrête !", "darme de baja", "STOPSMS", "F*** off"])
def test_a_no_as_it_is_typed_in_a_hurry_opts_out(word: str) -> None:
    assert read_reply(word) == OPT_OUT


WORDS = {
    **dict.fromkeys(lists.OPT_OUT_WORDS, OPT_OUT),
    **dict.fromkeys(lists.ALL_CHANNELS, ALL),
    **dict.fromkeys(lists.OPT_IN_WORDS, OPT_IN),
    **dict.fromkeys(lists.HELP_WORDS, HELP),
    **dict.fromkeys(lists.DOUBTFUL_WORDS, UNCLEAR),
}
_noise = st.text(
    st.sampled_from(" \t\n.,!?;:-_*\"'\u2019\u201c\u201d\u2026()\U0001f64f\U0001f621\u2764\ufe0f\U0001f44d")
)
_cases = st.sampled_from([str.upper, str.lower, str.title, str.swapcase])


def wide(text: str) -> str:
    """In full-width letters."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


@given(st.sampled_from(sorted(WORDS)), _cases, _noise, _noise, st.booleans())
def test_decoration_never_changes_what_a_word_means(
    word: str, case: object, before: str, after: str, is_wide: bool
) -> None:
    said = case(word)  # type: ignore[operator]
    assert read_reply(before + (wide(said) if is_wide else said) + after) == WORDS[word]


@given(st.text(max_size=200))
def test_whatever_is_written_has_a_meaning_and_only_a_no_has_a_scope(text: str) -> None:
    read = read_reply(text)
    assert read.reply is Reply.OPT_OUT or not read.of_all


@given(
    st.lists(
        st.sampled_from(("yes", "no", "ok", "see", "you", "tomorrow", "at", "the", "my", "son", "late")), max_size=9
    )
)
def test_without_a_telling_word_nothing_is_read(words: list[str]) -> None:
    assert read_reply(" ".join(words)).reply is Reply.NOTHING


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("please stop texting me", OPT_OUT),
        ("Wrong number. Please stop texting me!", OPT_OUT),
        ("take me off your list", ALL),
        ("do not text me again", OPT_OUT),
        ("remove my number", ALL),
        ("quit texting", OPT_OUT),
        ("Stop calling and texting me", ALL),
        ("take me off your text list", OPT_OUT),
        ("S.T.O.P", OPT_OUT),
        ("stop stop STOP", OPT_OUT),
        ("\U0001f6d1", UNCLEAR),
        # TM9's two negatives
        ("please stop", UNCLEAR),
        ("stop by later", Reading(Reply.NOTHING)),
        # a request and a turn
        ("stop calling, text me instead", UNCLEAR),
        ("who is this? stop", UNCLEAR),
        ("stop texting me at work", UNCLEAR),
        ("how do I unsubscribe?", UNCLEAR),
        ("STOP this terrible bill", UNCLEAR),
        # the law's word alone is the law's word; with an appointment it is the appointment
        ("cancel", OPT_OUT),
        ("Cancel, thanks", UNCLEAR),
        ("I need to cancel my appointment", Reading(Reply.NOTHING)),
        # other senses
        ("stop by at 5", Reading(Reply.NOTHING)),
        ("don't stop", Reading(Reply.NOTHING)),
        ("I can't stop laughing", Reading(Reply.NOTHING)),
        ("Should I stop taking my pills?", Reading(Reply.NOTHING)),
        ("Liked \u201cReply STOP to end\u201d", Reading(Reply.NOTHING)),
        ("Yes\n> Reply STOP to end", Reading(Reply.NOTHING)),
        ("the weekend", Reading(Reply.NOTHING)),
        ("nonstop", Reading(Reply.NOTHING)),
        ("", Reading(Reply.NOTHING)),
        ("\U0001f44d", Reading(Reply.NOTHING)),
        ("Yes", Reading(Reply.NOTHING)),
        ("No", Reading(Reply.NOTHING)),
    ],
)
def test_what_a_reply_means(text: str, read: Reading) -> None:
    assert read_reply(text) == read


@pytest.mark.parametrize(
    ("text", "channel", "of_all"),
    [
        ("stop emailing me", Channel.EMAIL, False),
        ("stop emailing me", Channel.TEXT, True),
        ("stop texting me", Channel.EMAIL, True),
        ("stop calling me", Channel.CALL, False),
        ("stop messaging me", Channel.EMAIL, False),
        ("do not contact me", Channel.TEXT, True),
    ],
)
def test_a_no_that_names_another_channel_counts_on_all(text: str, channel: Channel, of_all: bool) -> None:
    assert read_reply(text, channel) == Reading(Reply.OPT_OUT, of_all)


def test_an_account_may_add_words() -> None:
    assert read_reply("Geen berichten!").reply is Reply.NOTHING
    assert read_reply("Geen berichten!", own_words=["geen berichten"]) == OPT_OUT
    assert read_reply("stop", own_words=["geen berichten"]) == OPT_OUT


def test_of_a_word_in_two_lists_the_no_counts() -> None:
    assert read_reply("start", own_words=["start"]) == OPT_OUT


@pytest.mark.parametrize("word", ["basta", "geen berichten", "ne plus me contacter", "no sms"])
def test_a_word_that_only_means_no_may_be_added(word: str) -> None:
    assert word_problem(word) is None


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("", "length"),
        ("a", "length"),
        ("!!", "length"),
        ("x" * 31, "length"),
        ("one two three four five six", "length"),
        ("Yes!", "daily"),
        ("NO", "daily"),
        ("C.O.N.F.I.R.M", "daily"),
        ("12", "daily"),
        ("START", "taken"),
        ("help", "taken"),
    ],
)
def test_a_word_that_people_say_daily_cannot_be_added(word: str, code: str) -> None:
    problem = word_problem(word)
    assert isinstance(problem, Problem)
    assert problem.code == code


def test_no_word_stands_in_two_lists() -> None:
    every = [*lists.OPT_OUT_WORDS, *lists.ALL_CHANNELS, *lists.OPT_IN_WORDS, *lists.HELP_WORDS, *lists.DOUBTFUL_WORDS]
    assert len(every) == len(set(every))
    assert not set(lists.DAILY_REPLIES) & set(every)


def test_every_slot_of_a_sentence_exists() -> None:
    rows = [sentence for sentence, _ in sentences.SENTENCES] + [
        row for rows in sentences.SLOTS.values() for row in rows
    ]
    named = {part.rstrip("?*") for row in rows for part in row.split() if part.rstrip("?*").isupper()}
    assert named <= set(sentences.SLOTS)


def test_a_very_long_reply_is_read_in_a_moment() -> None:
    assert read_reply("please stop texting me and " * 5000).reply is not Reply.NOTHING
