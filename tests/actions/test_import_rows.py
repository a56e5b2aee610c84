"""Rows that become a message or none: duplicates, families, no number, a text that is too long."""

from allstop.actions.import_options import Route
from allstop.actions.import_preview import import_forecast, preview
from allstop.actions.imports import upload
from allstop.actions.templates import Wording
from allstop.rules.facts import Channel
from allstop.store.models import Contact, ImportProblem, JobSource, Message, Status
from tests.reminder_files import a_row, changed, run, taken_in
from tests.world import World


def test_two_of_a_family_at_the_same_time_are_two_rows_also_without_ids(world: World) -> None:
    content = (
        "Name,When,Phone\n"
        "Ana Silva,11/24/2026 16:00,2125550131\n"
        "Ben Silva,11/24/2026 16:00,2125550131\n"
        '"Silva, ANA",11/24/2026 16:00,2125550131\n'
    )
    taken = upload(world.member, "family.csv", content.encode(), world.now, JobSource.UPLOAD)
    result = run(world, taken)
    assert [one.body[:10] for one in Message.objects.order_by("id")] == ["Hello Ana,", "Hello Ben,"]
    assert result.problems == 1
    assert ImportProblem.objects.get().problem == "This row is a duplicate of row 2."


def test_those_who_have_no_number_are_not_one_contact(world: World) -> None:
    """Programs write 000-000-0000 for no number."""
    rows = (a_row(n, phone="000-000-0000", patient="", email=email) for n, email in ((1, ""), (2, "two@example.org")))
    result = run(world, taken_in(world, *rows))
    assert [(one.channel, one.address) for one in Message.objects.all()] == [("email", "two@example.org")]
    assert result.problems == 1
    assert not Contact.objects.filter(addresses__value="+10000000000").exists()


def test_a_text_of_too_many_parts_is_a_problem_of_its_row_and_an_email_is_none(world: World) -> None:
    taken = taken_in(world, a_row(1), a_row(2, provider="D" * 40_000))
    named = Wording("See you at {when}, {provider}"), Wording("See you at {when}, {provider}", subject="{date}")
    wording = {Channel.TEXT: named[0], Channel.EMAIL: named[1]}
    taken = changed(world, taken, wording=wording, route=Route.ALL, channels=(Channel.TEXT, Channel.EMAIL))
    shown = preview(world.member, taken.pk, world.now)
    assert [(one.row, one.problem) for one in shown.problems] == [
        (3, "A text has at most 255 parts, and this would have 262. Shorten it.")
    ]
    assert run(world, changed(world, taken, channels=(Channel.EMAIL,))).messages == {Status.WAITING: 2}


def test_the_preview_shows_no_row_that_the_import_leaves_out_as_a_duplicate(world: World) -> None:
    taken = taken_in(world, a_row(1), a_row(2), a_row(1), a_row(3, phone="12"), a_row(2))
    shown = preview(world.viewer, taken.pk, world.now)
    assert [row.row for row in shown.rows] == [2, 3, 5]
    said = [(one.row, one.problem) for one in shown.problems]
    assert (said[0], said[2]) == ((4, "This row is a duplicate of row 2."), (6, "This row is a duplicate of row 3."))
    assert said[1][0] == 5  # its other address is read
    forecast = import_forecast(world.viewer, taken.pk, world.now)
    assert forecast is not None and forecast.forecast.messages == 3
    result = run(world, taken)
    assert (sum(result.messages.values()), result.problems) == (3, 2)
    assert [(one.row, one.problem) for one in ImportProblem.objects.order_by("row")] == said
