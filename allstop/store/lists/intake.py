"""Whether leads come in, and what a pause has refused."""

from dataclasses import dataclass
from datetime import datetime

from allstop.rules.holds import PAUSED
from allstop.rules.leads import SOURCE_WORDS, LeadSource, LeadStatus
from allstop.store.models import Hold, Lead, Member, RefusedLead


@dataclass(frozen=True, slots=True)
class Refused:
    source: LeadSource
    count: int

    @property
    def words(self) -> str:
        return f"{self.count:,} {SOURCE_WORDS[self.source]}"


@dataclass(frozen=True, slots=True)
class Intake:
    active: int  # leads that are new
    members: int
    by: str = ""  # of the pause; "" = open
    reason: str = ""
    since: datetime | None = None
    refused: tuple[Refused, ...] = ()  # the most first

    @property
    def is_paused(self) -> bool:
        return self.since is not None

    @property
    def refused_total(self) -> int:
        return sum(one.count for one in self.refused)

    @property
    def refused_words(self) -> str:
        """12 leads refused since paused: 9 API, 3 email"""
        if not self.refused:
            return "No lead was refused since paused."
        total = self.refused_total
        parts = ", ".join(one.words for one in self.refused)
        return f"{total:,} lead{'' if total == 1 else 's'} refused since paused: {parts}"


def intake(account_id: int) -> Intake:
    active = Lead.objects.filter(account_id=account_id, status=LeadStatus.NEW.value).count()  # lead_by_status
    members = Member.objects.filter(account_id=account_id).count()
    hold = Hold.objects.filter(account_id=account_id, scope="account", name=PAUSED, lifted_at=None).first()
    if hold is None:
        return Intake(active, members)
    counted = RefusedLead.objects.filter(account_id=account_id, hold_id=hold.pk).order_by("-count", "source")
    refused = tuple(Refused(LeadSource(source), count) for source, count in counted.values_list("source", "count"))
    return Intake(active, members, hold.by, hold.reason, hold.at, refused)
