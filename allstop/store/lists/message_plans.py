"""The message plans of an account, and what contacts said of their appointments."""

from allstop.store.models import AppointmentAnswer, MessagePlan


def answer_to(account_id: int, message_id: int) -> AppointmentAnswer | None:
    return AppointmentAnswer.objects.filter(account_id=account_id, message_id=message_id).first()


def message_plans(account_id: int) -> list[MessagePlan]:
    """By name (message_plan_name_once)."""
    return list(MessagePlan.objects.filter(account_id=account_id).order_by("name"))
