"""A file per noun."""

from allstop.store.models.account import Account, Location, Member, Token, User
from allstop.store.models.bulk import BulkChange, BulkSlice, ChangeKind, ChangeState
from allstop.store.models.contact import (
    Address,
    AddressKind,
    Contact,
    Deletion,
    Group,
    GroupContact,
    Marker,
    Note,
    OptOut,
)
from allstop.store.models.job import Import, ImportProblem, ImportState, Job, JobSource, Template
from allstop.store.models.ledger import LedgerEntry, LedgerHead
from allstop.store.models.message import (
    Attempt,
    CallStep,
    Inbound,
    Inquiry,
    Message,
    OutboxItem,
    Override,
    Receipt,
    Status,
)
from allstop.store.models.notice import Notice, NoticeKind, NoticeReader
from allstop.store.models.outside import DatabaseIdentity, StopLink, StopPhone
from allstop.store.models.plan import PlanState, Ramp, RampState, StartPlan, StartPlanItem
from allstop.store.models.queue import Finish, Gate, Hold, Lane, QueueEntry, Stop, Tally, TallyChange, Wake, Worker
from allstop.store.models.repeat import RequestKey
from allstop.store.models.reply import ReplySetup, Settlement, UnclearReply
from allstop.store.models.scheduled import Plan, ScheduledStop
from allstop.store.models.setup import Brake, ChannelSetup, DeliverySession

__all__ = [
    "Account",
    "Address",
    "AddressKind",
    "Attempt",
    "Brake",
    "BulkChange",
    "BulkSlice",
    "CallStep",
    "ChangeKind",
    "ChangeState",
    "ChannelSetup",
    "Contact",
    "DatabaseIdentity",
    "Deletion",
    "DeliverySession",
    "Finish",
    "Gate",
    "Group",
    "GroupContact",
    "Hold",
    "Import",
    "ImportProblem",
    "ImportState",
    "Inbound",
    "Inquiry",
    "Job",
    "JobSource",
    "Lane",
    "LedgerEntry",
    "LedgerHead",
    "Location",
    "Marker",
    "Member",
    "Message",
    "Note",
    "Notice",
    "NoticeKind",
    "NoticeReader",
    "OptOut",
    "OutboxItem",
    "Override",
    "Plan",
    "PlanState",
    "QueueEntry",
    "Ramp",
    "RampState",
    "Receipt",
    "ReplySetup",
    "RequestKey",
    "ScheduledStop",
    "Settlement",
    "StartPlan",
    "StartPlanItem",
    "Status",
    "Stop",
    "StopLink",
    "StopPhone",
    "Tally",
    "TallyChange",
    "Template",
    "Token",
    "UnclearReply",
    "User",
    "Wake",
    "Worker",
]
