"""The files that came with what somebody wrote, without their contents."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from allstop.store.models import InboundFile


def files_of(account_id: int, inbound_ids: Collection[int]) -> Mapping[int, Sequence[InboundFile]]:
    """By what they came with (inbound_file_list). Their contents are not read."""
    found: defaultdict[int, list[InboundFile]] = defaultdict(list)
    if inbound_ids:
        rows = InboundFile.objects.filter(account_id=account_id, inbound_id__in=inbound_ids).defer("content")
        for row in rows.order_by("inbound_id", "number"):
            found[row.inbound_id].append(row)
    return found
