"""A file per noun."""

from allstop.store.models.account import Account, Location, Member, Token, User
from allstop.store.models.attachment import Attachment, AttachmentInSet, AttachmentSet
from allstop.store.models.bulk import BulkChange, BulkSlice, ChangeKind, ChangeState
from allstop.store.models.contact import (
    Address,
    AddressKind,
    Assignment,
    Contact,
    Deletion,
    Group,
    GroupContact,
    Marker,
    Note,
    OptOut,
)
from allstop.store.models.contact_import import (
    ContactImport,
    ContactImportPiece,
    ContactImportProblem,
    ContactImportSlice,
    ContactImportState,
)
from allstop.store.models.contact_list import ContactList, ContactListTick
from allstop.store.models.conversation import Conversation, ConversationState
from allstop.store.models.erasure import Erasure, ErasureState, Suppression, SuppressionKind
from allstop.store.models.feed import Feed, FeedAppointment, FeedFile, FeedFileState, FeedKind
from allstop.store.models.job import Import, ImportProblem, ImportState, Job, JobSource, JobWindow, Template
from allstop.store.models.lead import Lead, LeadEvent, LeadSetup, RefusedLead, StrangersBecome
from allstop.store.models.lead_import import LeadImport, LeadImportRow, LeadImportState, RowOutcome
from allstop.store.models.ledger import LedgerEntry, LedgerHead, LedgerPersonal, LedgerRow
from allstop.store.models.mailbox import InboundFile, LimitCount, Mailbox
from allstop.store.models.member_news import MemberNews
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
from allstop.store.models.message_plan import AnswerKind, AppointmentAnswer, MessagePlan, PlanStep
from allstop.store.models.messenger import LeftBehind, MessengerDraft, MessengerSend, SendState
from allstop.store.models.notice import Notice, NoticeKind, NoticeReader
from allstop.store.models.outside import DatabaseIdentity, StopLink, StopPhone
from allstop.store.models.plan import PlanState, Ramp, RampState, StartPlan, StartPlanItem
from allstop.store.models.queue import Finish, Gate, Hold, Lane, QueueEntry, Stop, Tally, TallyChange, Wake, Worker
from allstop.store.models.repeat import RequestKey
from allstop.store.models.reply import ReplySetup, Settlement, UnclearReply
from allstop.store.models.scheduled import Plan, ScheduledStop
from allstop.store.models.setup import Brake, ChannelSetup, DeliverySession, SendingSetup, SetupDraft
from allstop.store.models.status import ChangeOf, StatusChange, StatusReason, StatusType
from allstop.store.models.talk import Answers, EndState, MassEnd, Playbook, Talk
from allstop.store.models.text_provider import CreditEntry, CreditKind, Part, ProviderTest
from allstop.store.models.webhook import DeliveryState, Event, Webhook, WebhookDelivery

__all__ = [
    "Account",
    "Address",
    "AddressKind",
    "AnswerKind",
    "Answers",
    "AppointmentAnswer",
    "Assignment",
    "Attachment",
    "AttachmentInSet",
    "AttachmentSet",
    "Attempt",
    "Brake",
    "BulkChange",
    "BulkSlice",
    "CallStep",
    "ChangeKind",
    "ChangeOf",
    "ChangeState",
    "ChannelSetup",
    "Contact",
    "ContactImport",
    "ContactImportPiece",
    "ContactImportProblem",
    "ContactImportSlice",
    "ContactImportState",
    "ContactList",
    "ContactListTick",
    "Conversation",
    "ConversationState",
    "CreditEntry",
    "CreditKind",
    "DatabaseIdentity",
    "Deletion",
    "DeliverySession",
    "DeliveryState",
    "EndState",
    "Erasure",
    "ErasureState",
    "Event",
    "Feed",
    "FeedAppointment",
    "FeedFile",
    "FeedFileState",
    "FeedKind",
    "Finish",
    "Gate",
    "Group",
    "GroupContact",
    "Hold",
    "Import",
    "ImportProblem",
    "ImportState",
    "Inbound",
    "InboundFile",
    "Inquiry",
    "Job",
    "JobSource",
    "JobWindow",
    "Lane",
    "Lead",
    "LeadEvent",
    "LeadImport",
    "LeadImportRow",
    "LeadImportState",
    "LeadSetup",
    "LedgerEntry",
    "LedgerHead",
    "LedgerPersonal",
    "LedgerRow",
    "LeftBehind",
    "LimitCount",
    "Location",
    "Mailbox",
    "Marker",
    "MassEnd",
    "Member",
    "MemberNews",
    "Message",
    "MessagePlan",
    "MessengerDraft",
    "MessengerSend",
    "Note",
    "Notice",
    "NoticeKind",
    "NoticeReader",
    "OptOut",
    "OutboxItem",
    "Override",
    "Part",
    "Plan",
    "PlanState",
    "PlanStep",
    "Playbook",
    "ProviderTest",
    "QueueEntry",
    "Ramp",
    "RampState",
    "Receipt",
    "RefusedLead",
    "ReplySetup",
    "RequestKey",
    "RowOutcome",
    "ScheduledStop",
    "SendState",
    "SendingSetup",
    "Settlement",
    "SetupDraft",
    "StartPlan",
    "StartPlanItem",
    "Status",
    "StatusChange",
    "StatusReason",
    "StatusType",
    "Stop",
    "StopLink",
    "StopPhone",
    "StrangersBecome",
    "Suppression",
    "SuppressionKind",
    "Talk",
    "Tally",
    "TallyChange",
    "Template",
    "Token",
    "UnclearReply",
    "User",
    "Wake",
    "Webhook",
    "WebhookDelivery",
    "Worker",
]
