"""Jobs by the API: the list in pages, and removing."""

from datetime import timedelta

from allstop.store.models import Job, Message
from tests.doors.caller import caller
from tests.world import World, contact, job, texts


def test_the_list_goes_in_pages_newest_first(world: World) -> None:
    made = [job(world, f"Job {number}").pk for number in range(5)]
    for number, pk in enumerate(made):
        Job.objects.filter(pk=pk).update(created_at=world.now + timedelta(minutes=number))
    ask = caller(world, world.dot)
    seen: list[int] = []
    after = ""
    while True:
        page = ask("GET", f"/jobs?limit=2{after}").body
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == made[::-1]


def test_a_job_shows_its_counts(world: World) -> None:
    made = job(world)
    texts(world, 2, of=made, to=contact(world))
    body = caller(world, world.dot)("GET", f"/jobs/{made.pk}").body
    assert (body["total"], body["waiting"], body["counts"], body["channels"]) == (2, 2, {"waiting": 2}, ["text"])


def test_removing_takes_the_messages_and_twice_changes_nothing(world: World) -> None:
    made = job(world)
    texts(world, 2, of=made, to=contact(world))
    ask = caller(world, world.cem)
    assert ask("POST", "/jobs/remove", {"ids": [made.pk]}).body == {"jobs": 1, "messages": 2}
    assert set(Message.objects.values_list("status", flat=True)) == {"removed"}
    assert ask("POST", "/jobs/remove", {"ids": [made.pk]}).body == {"jobs": 0, "messages": 0}
    assert ask("GET", "/jobs").body["items"] == []
    (shown,) = ask("GET", "/jobs?include_removed=true").body["items"]
    assert shown["removed_by"] == "Cem Tanaka's program (token)"


def test_one_unknown_id_removes_nothing(world: World) -> None:
    made = job(world)
    ask = caller(world, world.ada)
    assert ask("POST", "/jobs/remove", {"ids": [made.pk, 999]}).status == 404
    assert ask("POST", "/jobs/remove", {"ids": []}).status == 422
    assert Job.objects.get(pk=made.pk).removed_at is None
