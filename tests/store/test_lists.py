"""What screens and the API read: exact totals, jobs, messages, today's figures, no other account's rows."""

from datetime import timedelta

from django.db import connection

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel, Purpose
from allstop.store import lists, queue
from allstop.store.models import Status
from tests.world import World, contact, finish, job, texts


def enqueue(world: World, count: int, **changes: object) -> list[int]:
    person = contact(world)
    fields: dict[str, object] = {
        "account_id": world.account.pk,
        "channel": Channel.EMAIL,
        "purpose": Purpose.REMINDER,
        "address": "pat@example.org",
        "body": "See you soon",
        "due_at": world.now,
        "contact_id": person.pk,
        "location_id": world.south.pk,
    }
    message = queue.NewMessage(**(fields | changes))  # type: ignore[arg-type]
    return queue.enqueue([message] * count, world.now)


def hold(world: World, ids: list[int]) -> None:
    """A worker has claimed these."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE queue SET worker_id = 1 WHERE account_id = %s AND id = ANY (%s)", [world.account.pk, ids]
        )


def fold() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_fold_tally()")


def test_an_account_without_anything_totals_nothing(world: World) -> None:
    assert lists.totals(world.account.pk) == lists.Totals(0, 0, 0, dict.fromkeys(Channel, 0), [])


def test_totals_count_jobs_and_messages_pending_or_scheduled_by_channel_and_location(world: World) -> None:
    """000-06, 000-09, TN4."""
    texts(world, 3, of=job(world, "Monday"))
    enqueue(world, 2, job_id=job(world, "Tuesday").pk, due_at=world.now + timedelta(days=1))
    enqueue(world, 1)  # of no job
    for _ in "before and after folding":
        totals = lists.totals(world.account.pk)
        assert (totals.jobs, totals.messages) == (2, 6)
        assert totals.by_channel == {Channel.TEXT: 3, Channel.CALL: 0, Channel.EMAIL: 3}
        assert totals.by_location == [("Northgate", 3), ("Southgate", 3)]
        fold()


def test_totals_leave_out_what_is_finished_removed_or_cancelled_by_rules(world: World) -> None:
    """TN4."""
    done, gone, ruled = job(world, "Done"), job(world, "Gone"), job(world, "Ruled")
    finish(world, texts(world, 2, of=done), Status.SENT)
    texts(world, 4, of=gone)
    enqueue(world, 5, job_id=ruled.pk, status=Status.CANCELED, reason="another_location")
    enqueue(world, 1, status=Status.REFUSED, reason="opted_out_all")
    remove_jobs(world.admin, [gone.pk], world.now)
    totals = lists.totals(world.account.pk)
    assert (totals.jobs, totals.messages, totals.by_location) == (0, 0, [])


def test_what_a_worker_holds_is_in_flight_and_not_pending(world: World) -> None:
    ids = texts(world, 5, of=job(world))
    hold(world, ids[:2])
    totals = lists.totals(world.account.pk)
    assert (totals.jobs, totals.messages, totals.in_flight) == (1, 3, 2)


def test_a_removed_job_is_not_counted_even_while_a_worker_still_holds_one_of_it(world: World) -> None:
    gone = job(world)
    ids = texts(world, 3, of=gone)
    hold(world, ids[:1])
    gone.__class__.objects.filter(pk=gone.pk).update(removed_at=world.now, removed_by="Ada Okafor")
    assert lists.totals(world.account.pk).messages == 0


def test_another_account_sees_none_of_it(world: World) -> None:
    made = job(world)
    [first, *_] = texts(world, 3, of=made)
    rival = world.rival.pk
    assert lists.totals(rival).messages == 0
    assert lists.jobs(rival, world.now) == []
    assert lists.job(rival, made.pk, world.now) is None
    assert lists.old_jobs(rival, world.now + timedelta(days=9)) == []
    assert lists.messages(rival, lists.Filters()) == []
    assert lists.message(rival, first) is None
    assert lists.phonebook(rival, lists.ContactFilter()).rows == []
    assert lists.figures(rival, world.now).waiting == 0


def test_the_switch_is_running_then_stopped_with_its_receipt(world: World) -> None:
    assert lists.switch_state(world.account.pk).state == "running"
    receipt = stop_account(world.member, "wrong wording", world.now)
    assert lists.switch_state(world.account.pk).state == "stopping"
    wait_until_confirmed(receipt.number)
    state = lists.switch_state(world.account.pk)
    assert (state.state, state.by, state.reason, state.since) == (
        "stopped",
        "Cem Tanaka",
        "wrong wording",
        world.now,
    )
    assert (state.number, state.workers, state.in_flight_then) == (receipt.number, 0, 0)
    assert lists.switch_state(world.rival.pk).is_running


def test_jobs_come_newest_first_and_page_by_page(world: World) -> None:
    made = [job(world, f"Job {i}") for i in range(5)]
    first = lists.jobs(world.account.pk, world.now, limit=3)
    rest = lists.jobs(world.account.pk, world.now, after=first[-1].id, limit=3)
    assert [row.id for row in first + rest] == [one.pk for one in reversed(made)]


def test_a_job_knows_its_counts_times_and_channels(world: World) -> None:
    made = job(world)
    ids = texts(world, 4, of=made)
    later = world.now + timedelta(hours=3)
    enqueue(world, 2, job_id=made.pk, due_at=later)
    enqueue(world, 7, job_id=made.pk, status=Status.CANCELED, reason="another_location")
    finish(world, ids[:1], Status.SENT)
    hold(world, ids[1:2])
    row = lists.job(world.account.pk, made.pk, world.now)
    assert row is not None
    assert row.counts == {Status.WAITING: 5, Status.SENT: 1, Status.CANCELED: 7}
    assert (row.total, row.waiting, row.finished, row.in_flight) == (6, 5, 1, 1)
    assert (row.first_due_at, row.last_due_at) == (world.now, later)
    assert row.channels == [Channel.TEXT, Channel.EMAIL]


def test_the_word_for_a_job_follows_what_it_waits_for(world: World) -> None:
    made = job(world)
    ids = texts(world, 1, of=made, due_at=world.now + timedelta(hours=1))

    def word(after: timedelta = timedelta()) -> str:
        row = lists.job(world.account.pk, made.pk, world.now + after)
        assert row is not None
        return row.state

    assert word() == "scheduled"
    assert word(timedelta(hours=2)) == "sending"
    stop_account(world.admin, "", world.now)
    assert word() == "held"
    finish(world, ids, Status.SENT)
    assert word() == "done"
    remove_jobs(world.admin, [made.pk], world.now)
    assert word() == "removed"
    assert lists.jobs(world.account.pk, world.now) == []
    assert [row.id for row in lists.jobs(world.account.pk, world.now, include_removed=True)] == [made.pk]


def test_old_jobs_come_oldest_first_with_what_is_too_late(world: World) -> None:
    """000-11."""
    older, old, fresh = job(world, "Older"), job(world, "Old"), job(world, "Fresh")
    days = timedelta(days=1)
    enqueue(world, 3, job_id=older.pk, due_at=world.now - 3 * days, use_by=world.now - 2 * days)
    enqueue(world, 2, job_id=old.pk, due_at=world.now - 2 * days)
    enqueue(world, 1, job_id=fresh.pk, due_at=world.now - timedelta(hours=1), use_by=world.now + days)
    found = lists.old_jobs(world.account.pk, world.now)
    assert [(row.name, row.waiting, row.past_use_by, row.age) for row in found] == [
        ("Older", 3, 3, 3 * days),
        ("Old", 2, 0, 2 * days),
    ]


def test_every_change_of_a_job_changes_the_version(world: World) -> None:
    seen = [lists.jobs_version(world.account.pk)]
    made = job(world)
    seen.append(lists.jobs_version(world.account.pk))
    ids = texts(world, 2, of=made)
    seen.append(lists.jobs_version(world.account.pk))
    finish(world, ids[:1], Status.SENT)
    seen.append(lists.jobs_version(world.account.pk))
    remove_jobs(world.admin, [made.pk], world.now)
    seen.append(lists.jobs_version(world.account.pk))
    assert len(set(seen)) == len(seen)


def test_messages_are_found_by_job_status_channel_name_number_and_id(world: World) -> None:
    made = job(world)
    ids = texts(world, 3, of=made, to=contact(world, "Zoe Ahmadi", phone="+12125550199"))
    [email] = enqueue(world, 1)
    finish(world, ids[:1], Status.FAILED)

    def found(**filters: object) -> set[int]:
        return {row.id for row in lists.messages(world.account.pk, lists.Filters(**filters))}  # type: ignore[arg-type]

    assert found() == {*ids, email}
    assert found(job=made.pk) == set(ids)
    assert found(status=Status.FAILED) == {ids[0]}
    assert found(status=Status.WAITING) == {*ids[1:], email}
    assert found(channel=Channel.EMAIL) == {email}
    assert found(q="zoe ahm") == set(ids)
    assert found(q="5550199") == set(ids)
    assert email in found(q=str(email))
    assert found(q="nobody") == set()


def test_what_the_rules_cancelled_is_hidden_until_asked_for(world: World) -> None:
    """TN9."""
    made = job(world)
    kept = texts(world, 1, of=made)
    ruled = enqueue(world, 1, job_id=made.pk, status=Status.CANCELED, reason="another_location")
    of_job = lists.messages(world.account.pk, lists.Filters(job=made.pk))
    assert [row.id for row in of_job] == kept
    shown = lists.messages(world.account.pk, lists.Filters(job=made.pk, show_canceled=True))
    assert {row.id for row in shown} == {*kept, *ruled}


def test_the_messages_of_a_job_page_in_the_order_of_leaving(world: World) -> None:
    made = job(world)
    late = enqueue(world, 2, job_id=made.pk, due_at=world.now + timedelta(hours=1))
    early = enqueue(world, 2, job_id=made.pk)
    filters = lists.Filters(job=made.pk)
    first = lists.messages(world.account.pk, filters, limit=3)
    rest = lists.messages(world.account.pk, filters, after=first[-1].id, limit=3)
    assert [row.id for row in first + rest] == early + late


def test_todays_figures_begin_at_the_accounts_own_midnight(world: World) -> None:
    ids = texts(world, 6, of=job(world))
    finish(world, ids[1:3], Status.SENT)
    finish(world, ids[3:4], Status.REFUSED)
    yesterday = world.now - timedelta(hours=13)  # noon in New York: 23:00 of the day before
    finish(world, ids[:1], Status.SENT, yesterday)
    figures = lists.figures(world.account.pk, world.now)
    assert (figures.sent, figures.refused, figures.failed, figures.unknown, figures.waiting) == (
        2,
        1,
        0,
        0,
        2,
    )


def test_a_meter_that_goes_on_counts_the_same_as_one_that_begins_now(world: World) -> None:
    meter = lists.Meter(world.account.pk)
    ids = texts(world, 60)
    at = world.now
    for i, one in enumerate(ids):
        at = world.now + timedelta(seconds=7 * i)
        finish(world, [one], Status.SENT if i % 3 else Status.FAILED, at)
        if i % 2:
            fold()
        assert meter.read(at) == lists.figures(world.account.pk, at)
    assert meter.read(at).sent == 40


def test_the_live_rate_is_sent_a_minute_over_the_last_seconds(world: World) -> None:
    ids = texts(world, 10)
    finish(world, ids, Status.SENT)
    figures = lists.figures(world.account.pk, world.now + timedelta(seconds=1))
    assert len(figures.series) == 120
    assert figures.series[-1] == lists.Rate(world.now, 120.0)
    assert figures.last_minute == 10
    assert lists.figures(world.account.pk, world.now + timedelta(seconds=7)).series[-1].per_minute == 0


def test_contacts_page_by_family_name(world: World) -> None:
    for name in ("Bo Zimmer", "Al Zimmer", "Cy Abel"):
        contact(world, name, phone="", email="")
    first = lists.phonebook(world.account.pk, lists.ContactFilter(), limit=2)
    rest = lists.phonebook(world.account.pk, lists.ContactFilter(), after=first.next, limit=2)
    assert [row.name for row in first.rows + rest.rows] == ["Cy Abel", "Al Zimmer", "Bo Zimmer"]
    found = lists.phonebook(world.account.pk, lists.ContactFilter(q="zim bo"))
    assert [row.name for row in found.rows] == ["Bo Zimmer"]
