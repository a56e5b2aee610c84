"""Setup, message plans: the editor, its sample appointment, who may save; and an answer on a message's page."""

from typing import Any

import pytest
from django.utils import timezone

from allstop.actions.message_plans import PlanChoice, save_plan, steps_of, usual_steps
from allstop.store.models import AppointmentAnswer, Import, Message, MessagePlan
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.reminder_files import LATER, a_row, run, taken_in
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def typed(**changes: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"name": "Two steps", "sample": "2036-12-15T10:30"}
    for number, (channel, days, condition) in enumerate((("email", 14, "always"), ("text", 2, "unconfirmed")), start=1):
        said |= {
            f"step{number}_channel": channel,
            f"step{number}_days": str(days),
            f"step{number}_clock": "10:00",
            f"step{number}_condition": condition,
            f"step{number}_words1_subject": "Your appointment",
            f"step{number}_words1_body": "See you on {when}",
        }
    return said | changes


def test_a_plan_is_made_looked_at_changed_and_deleted(world: World) -> None:
    client = logged_in(world.ben)
    assert "No message plans yet" in client.get("/setup/plans").content.decode()
    new = client.get("/setup/plans/new").content.decode()
    assert client.post("/setup/plans/new", typed(sample="0001-01-01T00:00", do="add")).status_code == 200
    bare = {"name": "Bare", "step1_channel": "text", "step1_days": "2", "step1_clock": "10:00", "do": "wording-1"}
    assert client.post("/setup/plans/new", bare).status_code == 200  # without a first wording to begin another with
    assert "Only if they have not confirmed" in new and 'id="step3"' in new
    wrong = client.post("/setup/plans/new", typed(step1_words1_body="Hello {nobody}", step2_days="20"))
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "There is no placeholder {nobody}" in page and "Put the steps in the order" in page
    assert not MessagePlan.objects.filter(account=world.account).exists()
    made = client.post("/setup/plans/new", typed(), follow=True).content.decode()
    assert "The message plan Two steps is saved." in made
    plan = MessagePlan.objects.get(account=world.account)
    path = f"/setup/plans/{plan.pk}"
    shown = client.post(path, typed(), headers=HTMX).content.decode()  # as a person types
    assert "1 Dec" in shown and "13 Dec" in shown and "if not confirmed" in shown
    assert "has begun" in client.post(path, typed(sample="2020-01-01T10:00"), headers=HTMX).content.decode()
    family = client.post(
        path, typed(step2_for_family="yes", step2_words1_family_body="On {date}: all")
    ).content.decode()
    assert "must name {visits}" in family
    kept = {"step2_for_family": "yes", "step2_words1_family_body": "On {date}: {visits}"}
    client.post(path, typed(**kept))
    plan.refresh_from_db()
    assert [one.for_family for one in steps_of(plan)] == [False, True]
    thanks = {"thanks": "yes", "thanks1_confirmed": "Thank you", "thanks1_cancelled": "", **kept}
    assert "thanks2_language" in client.post(path, typed(do="thank", **thanks)).content.decode()
    client.post(path, typed(**thanks))
    plan.refresh_from_db()
    assert plan.thanks == [{"language": "", "confirmed": "Thank you", "cancelled": ""}]
    more = client.post(path, typed(do="wording-1")).content.decode()
    assert "step1_words2_language" in more
    assert 'id="step3"' in client.post(path, typed(do="add")).content.decode()
    assert 'id="step2"' not in client.post(path, typed(do="remove-1")).content.decode()
    words = {"step1_words2_body": "Hola", "step1_words2_subject": "Cita", "step1_words2_language": "es"}
    client.post(path, typed(name="Renamed", **words, step1_words2_location=str(world.north.pk)))
    plan.refresh_from_db()
    assert (plan.name, steps_of(plan)[0].words[1].location) == ("Renamed", world.north.pk)
    assert "Renamed" in client.get("/setup/plans").content.decode()
    assert "Delete the message plan Renamed?" in client.get(f"{path}/delete").content.decode()
    assert client.post(f"{path}/delete").status_code == 302
    assert client.get(path).status_code == 404


def test_only_leaders_save_plans_and_strangers_see_none(world: World) -> None:
    plan = save_plan(world.leader, PlanChoice(name="Steps", steps=usual_steps()), world.now)
    path = f"/setup/plans/{plan.pk}"
    for member, status in ((world.cem, 403), (world.dot, 403), (world.rae, 404)):
        client = logged_in(member)
        assert client.get(path).status_code == (404 if status == 404 else 200)
        assert client.post(path, typed()).status_code == status
        assert client.post(f"{path}/delete").status_code == status
    assert MessagePlan.objects.get(pk=plan.pk).name == "Steps"


def test_a_file_is_imported_by_a_plan_and_an_answer_is_written_down(world: World) -> None:
    plan = save_plan(world.leader, PlanChoice(name="Steps", steps=usual_steps()), world.now)
    taken = taken_in(world, a_row(1, at=LATER))
    client = logged_in(world.cem)
    page = client.get(f"/import/{taken.pk}").content.decode()
    assert "The steps of Steps" in page
    fields = {"name": "December", "purpose": "reminder", "route": "first", "start": "before", "plan_id": plan.pk}
    columns = {f"column.{field}": index for field, index in Import.objects.get(pk=taken.pk).options["columns"].items()}
    assert client.post(f"/import/{taken.pk}", {**fields, **columns}).status_code == 302
    run(world, taken)
    email, text, call = Message.objects.filter(account=world.account).order_by("id")
    assert "Does not come" in client.get(f"/messages/{text.id}").content.decode()
    said = client.post(f"/messages/{text.id}/answer", {"answer": "confirmed"}, follow=True).content.decode()
    assert "Noted: confirmed." in said and "Cem Tanaka" in said
    call = Message.objects.get(account=world.account, id=call.id)
    assert (call.status, call.reason) == ("canceled", "appointment_confirmed")
    assert client.post(f"/messages/{email.id}/answer", {"answer": "perhaps"}).status_code == 404
    assert logged_in(world.dot).post(f"/messages/{email.id}/answer", {"answer": "confirmed"}).status_code == 403
    assert logged_in(world.rae).post(f"/messages/{email.id}/answer", {"answer": "confirmed"}).status_code == 404
    assert AppointmentAnswer.objects.filter(account=world.account).count() == 1


def test_a_plan_for_lists_counts_from_the_sending(world: World) -> None:
    client = logged_in(world.ben)
    new = client.get("/setup/plans/new?for=list").content.decode()
    assert "Days after the sending" in new and "Only if they have not confirmed" not in new and "Welcome" not in new
    forward = {"counts_from": "sending", "step1_words1_body": "Hello {names}", "step2_words1_body": "Again, {names}"}
    days = {"step1_days": "0", "step2_days": "7", "step2_condition": "always"}
    added = client.post("/setup/plans/new", typed(do="add", **forward, **days)).context["steps"]
    assert [(one["days"], one["condition"]) for one in added] == [
        (0, "always"),
        (7, "unconfirmed"),
        (14, "unconfirmed"),
    ]
    wrong = client.post("/setup/plans/new", typed(**forward, step1_days="7", step2_days="7")).content.decode()
    assert "on a later day than step 1" in wrong
    client.post("/setup/plans/new", typed(**forward, **days))
    plan = MessagePlan.objects.get(account=world.account)
    assert [(one.days, one.condition) for one in steps_of(plan)] == [(0, "always"), (7, "unconfirmed")]
    assert "7 days after the sending" in client.get("/setup/plans").content.decode()
    shown = client.post(f"/setup/plans/{plan.pk}", typed(**forward, **days), headers=HTMX).content.decode()
    assert "while they have not answered" in shown and "Sent now" in shown
