"""Notes are for colleagues: kept with the contact's history, never sent."""

import pytest

from allstop.actions.actor import Forbidden, Invalid, NotThere
from allstop.actions.notes import LONGEST, add_note
from allstop.store.lists import PastKind, history
from allstop.store.models import Message, Note, QueueEntry
from tests.world import World, contact


def test_a_note_is_kept_with_who_wrote_it_and_nothing_is_sent(world: World) -> None:
    """003-14, TM12."""
    pat = contact(world)
    add_note(world.member, pat.pk, "  Call after five  ", world.now)
    (event,) = history(world.account.pk, pat.pk)
    assert (event.kind, event.by, event.words, event.at) == (
        PastKind.NOTE,
        "Cem Tanaka",
        "Call after five",
        world.now,
    )
    assert not Message.objects.exists()
    assert not QueueEntry.objects.exists()


@pytest.mark.parametrize("text", ["", "  \n", "x" * (LONGEST + 1)])
def test_an_empty_or_endless_note_is_refused_in_words(world: World, text: str) -> None:
    with pytest.raises(Invalid, match="at most 4,000 characters"):
        add_note(world.member, contact(world).pk, text, world.now)
    assert not Note.objects.exists()


def test_a_viewer_and_a_stranger_write_no_notes(world: World) -> None:
    pat = contact(world)
    with pytest.raises(Forbidden):
        add_note(world.viewer, pat.pk, "x", world.now)
    with pytest.raises(NotThere):
        add_note(world.stranger, pat.pk, "x", world.now)
