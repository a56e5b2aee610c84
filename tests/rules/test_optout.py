"""Opt-out words: the whole message, folded, and nothing else (TM9, TN10)."""

import pytest

from allstop.rules.optout import HELP_WORDS, OPT_IN_WORDS, OPT_OUT_WORDS, Reply, reply_meaning


@pytest.mark.parametrize("word", OPT_OUT_WORDS)
def test_each_word_opts_out_in_any_case_and_dress(word: str) -> None:
    dressed = [word, word.upper(), word.title(), f"  {word}\n", f"{word}!", f"{word}.", f'"{word}"']
    dressed.append(word.replace("'", "\u2019"))
    assert {reply_meaning(one) for one in dressed} == {Reply.OPT_OUT}


@pytest.mark.parametrize(
    "text",
    ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "STOPALL", "OPTOUT", "OPT-OUT"],
)
def test_the_words_of_law_and_carriers_are_in_the_list(text: str) -> None:
    assert reply_meaning(text) is Reply.OPT_OUT


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("please stop", Reply.UNCLEAR),
        ("stop by later", Reply.UNCLEAR),
        ("STOP this terrible bill", Reply.UNCLEAR),
        ("Don\u2019t text me at work", Reply.UNCLEAR),
        ("how do I unsubscribe?", Reply.UNCLEAR),
        ("S.T.O.P", Reply.OPT_OUT),
        ("Stop \U0001f6d1", Reply.OPT_OUT),
        ("ARR\u00caT", Reply.OPT_OUT),
        ("\uff33\uff34\uff2f\uff30", Reply.OPT_OUT),  # full-width letters
        ("RESUME", Reply.OPT_IN),
        ("unstop", Reply.OPT_IN),
        ("Start!", Reply.OPT_IN),
        ("help", Reply.HELP),
        ("INFO?", Reply.HELP),
        ("Yes", Reply.NONE),
        ("No", Reply.NONE),
        ("I need to cancel my appointment", Reply.NONE),
        ("the weekend", Reply.NONE),
        ("nonstop", Reply.NONE),
        ("", Reply.NONE),
        ("\U0001f44d", Reply.NONE),
    ],
)
def test_what_a_reply_means(text: str, meaning: Reply) -> None:
    assert reply_meaning(text) is meaning


def test_an_account_may_add_words() -> None:
    assert reply_meaning("Basta!") is Reply.NONE
    assert reply_meaning("Basta!", extra_opt_out=["basta"]) is Reply.OPT_OUT
    assert reply_meaning("YES") is Reply.NONE
    assert reply_meaning("YES", extra_opt_in=["yes"]) is Reply.OPT_IN


def test_opting_out_wins_where_a_word_stands_in_two_lists() -> None:
    assert reply_meaning("stop", extra_opt_in=["stop"]) is Reply.OPT_OUT


def test_the_lists_do_not_overlap() -> None:
    assert not set(OPT_OUT_WORDS) & set(OPT_IN_WORDS) & set(HELP_WORDS)
