"""The message plans of an account, and what contacts said of their appointments."""

from allstop.rules.message_plan import CountsFrom
from allstop.store.models import AppointmentAnswer, MessagePlan


def answer_to(account_id: int, message_id: int) -> AppointmentAnswer | None:
    return AppointmentAnswer.objects.filter(account_id=account_id, message_id=message_id).first()


def message_plans(account_id: int, counts_from: CountsFrom | None = None) -> list[MessagePlan]:
    """By name (message_plan_name_once); None: both kinds."""
    mine = MessagePlan.objects.filter(account_id=account_id)
    return list((mine if counts_from is None else mine.filter(counts_from=counts_from.value)).order_by("name"))
