"""The run of a send: slice by slice, each in a short transaction of its own, here or in another process.

The rule that it guards: a slice's messages, and whom it left behind, are committed together with where the send has
come to. So whoever goes on after the end of a process sends nobody a second one and leaves nobody out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.db import transaction

from allstop.actions.contact_ticks import tick_reached
from allstop.actions.messenger_people import Person, Said, Wording, parsed, people
from allstop.actions.messenger_series import Made, write_series
from allstop.actions.messenger_steps import MOST_PEOPLE, series_of
from allstop.actions.runs import Runs
from allstop.rules import answer_link
from allstop.rules.facts import Channel, Facts, LaneFacts, Purpose, Standing
from allstop.rules.markers import MarkerKind
from allstop.store import facts, ledger, lists, own_windows, queue
from allstop.store.assigning import assign
from allstop.store.models import Assignment, Contact, LeftBehind, MessengerSend, Override, SendState

SLICE = 2000  # contacts of one transaction
DIED_ONCE = "The program that made these messages ended in the middle. It goes on where it was."
DIED_TWICE = "The program that made these messages ended in the middle, twice. Those that it made stand."
REMOVED = "Its job was removed while the messages were being made. None of them leaves any more."
OPEN = (SendState.QUEUED, SendState.RUNNING)


def run_here(send_id: int) -> MessengerSend:
    """Run it in this process, to the end. Does nothing when another process runs it, or it is done."""
    with RUNS.held(send_id) as is_mine:
        if is_mine:
            RUNS.take(send_id, datetime.now(UTC))
            while _next_slice(send_id):
                pass
    return MessengerSend.objects.get(pk=send_id)


def _died_twice(send_id: int) -> None:
    going = MessengerSend.objects.filter(pk=send_id, state=SendState.RUNNING)
    going.update(state=SendState.FAILED, failure=DIED_TWICE, finished_at=datetime.now(UTC))


RUNS = Runs(table=MessengerSend, died_once=DIED_ONCE, fail=_died_twice)


def _next_slice(send_id: int) -> bool:
    """One transaction. False: there was nothing left, or it is not to be run."""
    with transaction.atomic():
        send = MessengerSend.objects.select_for_update(of=("self",)).select_related("account", "job").get(pk=send_id)
        if send.state != SendState.RUNNING:
            return False
        now = datetime.now(UTC)
        if send.job is not None and send.job.removed_at is not None:
            MessengerSend.objects.filter(pk=send_id).update(
                state=SendState.FAILED, failure=REMOVED, finished_at=now, taken_at=now
            )
            return False
        of_series = not series_of(send.recipients).is_plain
        limit = MOST_PEOPLE if of_series else SLICE
        ids = _next_ids(send, limit)
        if ids:
            _Slice(send).write(ids)
            send.position = ids[-1]
        if len(ids) < limit or of_series:
            send.state, send.finished_at = SendState.DONE, now
        send.taken_at = now
        send.save(update_fields=_MOVING)
        return send.state == SendState.RUNNING


_MOVING = ("position", "done", "accepted", "stayed", "message_ids", "state", "taken_at", "finished_at")


def _next_ids(send: MessengerSend, limit: int) -> list[int]:
    said = send.recipients
    many = [
        *(lists.Many(filter=lists.ContactFilter(group=group)) for group in said["groups"]),
        *(
            lists.Many(filter=lists.filter_from_json(one["filter"]), without=tuple(one["except"]))
            for one in said["filters"]
        ),
    ]
    named = [one[0] for one in said["contacts"]]
    return lists.next_in_to(send.account_id, named, many, beyond=send.position, until=send.until_id, limit=limit)


@dataclass
class _Slice:
    send: MessengerSend
    lanes: dict[Channel, LaneFacts] = field(default_factory=dict)

    def write(self, ids: list[int]) -> None:
        send, said = self.send, self._said()
        found = people(send.account_id, ids)
        made = self._plain(found, said) if series_of(send.recipients).is_plain else write_series(send, found, said)
        if said.override is not None:
            self._record_overrides(said.override, made.numbers, made.persons)
        LeftBehind.objects.bulk_create(
            LeftBehind(send=send, contact_id=pk, reason=reason) for pk, reason in made.left.items()
        )
        send.done += len(ids)
        send.accepted += made.accepted
        send.stayed += len(made.left)
        if send.total <= SLICE:
            send.message_ids = made.numbers
        reached = list(dict.fromkeys(person.of.id for person in made.persons))
        self._hand_over(reached)
        if (list_id := send.recipients.get("ticks")) is not None:
            tick_reached(send.account_id, list_id, reached, send.by, send.created_at)

    def _plain(self, found: Mapping[int, Person], said: Said) -> Made:
        """One message to each."""
        send = self.send
        left: dict[int, str] = {}
        outgoing: list[tuple[Person, queue.NewMessage]] = []
        for pk, channel, address in self._ways(found):
            reason = found[pk].why_not(channel, said, send.created_at, address)
            if reason:
                left[pk] = reason
            else:
                outgoing.append((found[pk], self._message(found[pk], channel, address, said)))
        if send.job_id is not None:
            outgoing = self._in_slots(send.job_id, outgoing, said)
        numbers = queue.enqueue([message for _, message in outgoing], send.created_at)
        return Made(numbers, [person for person, _ in outgoing], left, len(numbers))

    def _ways(self, found: Mapping[int, Person]) -> Iterator[tuple[int, Channel, str]]:
        """Each contact with the channel, and the address if one was chosen."""
        chosen = {pk: (channel, address) for pk, channel, address in self.send.recipients["contacts"]}
        for pk in found:
            channel, address = chosen.get(pk, ("", ""))
            yield pk, Channel(channel or self.send.channel), address

    def _said(self) -> Said:
        send = self.send
        more = (answer_link.NAME,) if series_of(send.recipients).steps else ()
        wording = parsed(send.subject, send.body, *more)
        assert isinstance(wording, Wording)  # checked when it was asked for
        override = Standing("override", send.by, send.created_at, send.reason)
        return Said(
            Purpose(send.purpose),
            send.total,
            override if send.despite_stop_promotions else None,
            wording,
            send.account.name,
        )

    def _message(self, person: Person, channel: Channel, address: str, said: Said) -> queue.NewMessage:
        send = self.send
        words = person.words(said)
        assert words is not None  # why_not has asked
        asked = send.created_at if send.due_at is None else max(send.due_at, send.created_at)
        return queue.NewMessage(
            account_id=send.account_id,
            channel=channel,
            purpose=said.purpose,
            address=address or person.address(channel),
            subject=words[0][:300] if channel is Channel.EMAIL else "",
            body=words[1],
            due_at=facts.due_time(self._facts(person, channel, said), asked),
            contact_id=person.of.id,
            job_id=send.job_id,
            location_id=person.of.location_id,
            recipients=send.total,
            attachment_set=send.attachment_set_id,
        )

    def _in_slots(
        self, job_id: int, outgoing: list[tuple[Person, queue.NewMessage]], said: Said
    ) -> list[tuple[Person, queue.NewMessage]]:
        """Of a send with a window of its own each message gets its slot: rules/own_window.py."""
        due: dict[int, datetime] = {}
        for channel in Channel:
            line = [number for number, (_, message) in enumerate(outgoing) if message.channel is channel]

            def allowed(at_place: int, at: datetime, line: list[int] = line, channel: Channel = channel) -> datetime:
                return facts.due_time(self._facts(outgoing[line[at_place]][0], channel, said), at)

            asked = [outgoing[number][1].due_at for number in line]
            slots = own_windows.slots_for(self.send.account_id, job_id, channel, asked, allowed) if line else ()
            if slots is None:
                return outgoing
            due |= dict(zip(line, slots, strict=True))
        return [
            (person, replace(message, due_at=due[number], by_hand=True))
            for number, (person, message) in enumerate(outgoing)
        ]

    def _facts(self, person: Person, channel: Channel, said: Said) -> Facts:
        if channel not in self.lanes:
            self.lanes[channel] = facts.lane_setup(self.send.account_id, channel).facts
        return replace(person.facts_of(channel, said), lane=self.lanes[channel])

    def _record_overrides(self, said: Standing, numbers: list[int], persons: list[Person]) -> None:
        """Only of those who have the marker now: one that is set later is nobody's decision to override."""
        Override.objects.bulk_create(
            Override(
                account_id=self.send.account_id,
                message_id=number,
                check_name="contact_marker",
                by=said.by,
                reason=said.reason,
                at=said.at,
            )
            for number, person in zip(numbers, persons, strict=True)
            if MarkerKind.STOP_PROMOTIONS in person.facts.markers
        )

    def _hand_over(self, ids: list[int]) -> None:
        """To the sender, whose contacts they are now."""
        send = self.send
        if send.owner_id is None:
            return
        list(Contact.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
        others = Assignment.objects.filter(contact_id__in=ids).exclude(member_id=send.owner_id)
        was = dict(others.order_by("contact_id").values_list("contact_id", "member_id"))
        assign(dict.fromkeys(was, send.owner_id))
        for pk, owner in was.items():
            ledger.append(
                account_id=send.account_id,
                at=send.created_at,
                by=send.by,
                act="take_ownership",
                subject=f"contact:{pk}",
                before={"assigned_to": owner},
                after={"assigned_to": send.owner_id, "send": send.pk, "via": send.via},
            )
