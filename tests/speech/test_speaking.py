"""Words become sound for a telephone: right in length, rate and content, in many languages, and after a crash."""

import cmath
import math
import os
import signal
import wave
from array import array
from collections.abc import Iterator
from io import BytesIO

import pytest

from allstop.speech import speaking
from allstop.speech.languages import LANGUAGES, USUAL, spoken_language
from allstop.speech.resampling import FROM, TO, to_telephone
from allstop.speech.speaking import LONGEST, Speaking, Unspeakable, wav

WORDS = "This is a safety recall. Press 1 to confirm."


@pytest.fixture(scope="module")
def speech() -> Iterator[Speaking]:
    made = Speaking()
    yield made
    made.close()


def loudness(sound: bytes) -> float:
    samples = array("h")
    samples.frombytes(sound)
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def tone(hertz: int, rate: int = FROM) -> "array[int]":
    return array("h", [round(10_000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(rate)])


def test_words_become_as_much_sound_as_it_takes_to_say_them(speech: Speaking) -> None:
    sound = speech.say(WORDS, USUAL)
    assert 2.0 < len(sound) / (2 * TO) < 6.0
    assert loudness(sound) > 1_000
    assert len(speech.say(f"{WORDS} {WORDS}", USUAL)) > 1.7 * len(sound)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_voice(speech: Speaking, language: str) -> None:
    assert loudness(speech.say("Tomorrow at 10", language)) > 500


def test_the_same_words_are_rendered_once_and_another_voice_is_another_sound(speech: Speaking) -> None:
    assert speech.say(WORDS, "de") is speech.say(f"  {WORDS}\n", "de")
    assert speech.say(WORDS, "de") != speech.say(WORDS, "fr")


def test_what_was_kept_too_long_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Speaking()
    first = made.say("One", USUAL)
    monkeypatch.setattr(speaking, "KEPT", len(first) + 10)
    made.say("Two", USUAL)
    assert made.say("One", USUAL) is not first
    made.close()


def test_when_the_speaking_process_is_killed_another_one_speaks(speech: Speaking) -> None:
    speech.say("Before", USUAL)
    assert speech._process is not None
    os.kill(speech._process.pid, signal.SIGKILL)
    assert speech.say("After the crash", USUAL)


@pytest.mark.parametrize("words", ["", "  \n", "...!?", "word " * LONGEST])
def test_what_cannot_be_spoken_is_refused_in_words(speech: Speaking, words: str) -> None:
    with pytest.raises(Unspeakable) as why:
        speech.say(words, USUAL)
    assert str(why.value).endswith(".")


@pytest.mark.parametrize("hertz", [300, 1_000, 2_000, 3_000])
def test_what_a_telephone_carries_stays_as_loud_as_it_was(hertz: int) -> None:
    heard = to_telephone(tone(hertz))
    assert len(heard) == TO
    difference = 20 * math.log10(loudness(heard[200:-200].tobytes()) / loudness(tone(hertz).tobytes()))
    assert -1.0 < difference < 0.3


@pytest.mark.parametrize("hertz", [4_500, 5_000, 6_000, 8_000, 10_000])
def test_what_a_telephone_cannot_carry_is_gone_and_does_not_come_back_as_another_tone(hertz: int) -> None:
    heard = to_telephone(tone(hertz))
    assert loudness(heard[200:-200].tobytes()) < loudness(tone(hertz).tobytes()) / 300


def share_of(hertz: int, sound: "array[int]") -> float:
    """How loud this tone is in it."""
    turns = (cmath.exp(-2j * math.pi * hertz * i / TO) for i in range(len(sound)))
    return abs(sum(sample * turn for sample, turn in zip(sound, turns, strict=True))) * 2 / len(sound)


def test_a_tone_comes_out_at_its_own_pitch_and_nowhere_else() -> None:
    heard = to_telephone(tone(1_000))
    assert 9_700 < share_of(1_000, heard) < 10_100
    assert all(share_of(hertz, heard) < 30 for hertz in (500, 900, 1_100, 2_000, 3_000, 3_900))


def test_the_loudest_sound_is_not_turned_over() -> None:
    square = array("h", ([32_767] * 100 + [-32_768] * 100) * 20)
    heard = to_telephone(square)
    assert max(heard) > 32_000
    assert min(heard) < -32_000
    middle = heard[50 * TO // FROM]
    assert middle > 25_000


@pytest.mark.parametrize("count", [0, 1, 2, 100, 441, 442, 22_051])
def test_any_number_of_samples_will_do(count: int) -> None:
    assert len(to_telephone(array("h", [0] * count))) == count * 160 // 441


def test_a_browser_gets_a_file_that_says_what_it_is(speech: Speaking) -> None:
    sound = speech.say(WORDS, USUAL)
    with wave.open(BytesIO(wav(sound))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (TO, 1, 2)
        assert file.readframes(file.getnframes()) == sound


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("en", "en-us"), ("en_GB", "en-gb"), ("de-AT", "de"), ("fr-CH", "fr-ch"), ("pt-BR", "pt-br"), ("es-MX", "es-419")],
)
def test_the_closest_voice_is_taken(wanted: str, found: str) -> None:
    assert spoken_language(wanted) == found


@pytest.mark.parametrize("wanted", ["", "tlh", "x-unknown", "-"])
def test_a_language_without_a_voice_is_spoken_in_the_usual_one(wanted: str) -> None:
    assert spoken_language(wanted, "fr") == "fr"
