"""Every column that can hold words is accounted for: can it hold a person, and how does an erasing take that away?

A new table or column fails this test until somebody has answered. If it can hold what a contact is called, wrote, or is
reached by, allstop/store/erasing.py must take it away (or a foreign key to the contact that cascades), and a_full_life
in test_erase.py must fill it.
"""

from django.db import connection

from tests.actions.test_erase import may_hold_words

CASCADES = {  # the row goes with the contact's
    "address": "kind label value",
    "contact": "country external_id family_name given_name language zone zones",
    "contact_deletion": "deleted_by",
    "marker": "kind reason set_by",
    "note": "by text",
    "opt_out": "address channel words",
    "appointment_answer": "by channel kind",
    "contact_list_tick": "by",
    "unclear_reply": "settled_by settlement",
    "conversation": "state",
    "talk": "answers step why",
    "lead": "comment ended_by kind note reason source status",
    "lead_event": "by detail title",
}
TAKEN_AWAY = {  # by store/erasing.py or the ledger's erase, cell by cell or row by row
    "attachment": "content name",
    "attempt": "detail ref",
    "bulk_change": "failure reason selection",
    "bulk_slice": "before",
    "call_step": "data",
    "hold": "reason",
    "import": "content failure file_name",
    "import_problem": "problem value",
    "inbound": "provider_id sender subject text",
    "inbound_file": "content name type",
    "inquiry": "answer",
    "job": "name",
    "ledger_personal": "data salt",
    "message": "address body subject",
    "notice": "body subject",
    "outbox": "body channel key sender subject to",
    "override": "reason",
    "receipt": "adapter code ref state",
    "request_key": "digest key",
    "scheduled_stop": "reason",
    "start_plan": "reason",
    "contact_import": "failure file_name",
    "contact_import_piece": "content",
    "contact_import_problem": "cells problem value",
    "contact_import_slice": "before",
    "conversation": "address",
    "messenger_draft": "body key recipients subject",
    "messenger_send": "body digest failure key reason recipients subject",
    "part": "ref",
    "event": "payload",
    "family_visit": "alone_body alone_subject body says subject",
    "webhook_delivery": "answer payload",
    "ticket": "subject",
    "ticket_message": "text",
    "support_visit": "reason",
    "lead_import": "content failure file_name",
    "lead_import_row": "words",
}
NEVER = {  # codes, settings, members of the staff, numbers, ids, digests: no contact stands in them
    "account": "country name zone",
    "attachment": "by digest type",
    "attachment_set": "key",
    "attempt": "adapter code outcome",
    "auth_group": "name",
    "auth_permission": "codename name",
    "bill_run": "amounts by failure state via",
    "billing_setup": "currency issuer suspend_reason",
    "billing_terms": "currency",
    "brake": "channel",
    "bulk_change": "by kind state via",
    "call_step": "adapter kind ref",
    "channel_setup": "broken channel config provider rhythm sender sender_name",
    "component": "by frequency mode name",
    "contact_group": "name",
    "database_identity": "confirmed_by replaced system",
    "delivery_session": "channel",
    "django_content_type": "app_label model",
    "django_migrations": "app name",
    "django_session": "session_data session_key",
    "erasure": "by counts state via",
    # names of files as digests
    "feed": "columns created_by failure kind mark name options rhythm seen settings tell_failure",
    "feed_answer": "channel key kind named",
    "feed_appointment": "core key named",  # its number at the source, which nobody was given
    "feed_file": "digest place state",
    "finish": "status",
    "hold": "blocks by channel lifted_by name scope",
    "import": "created_by digest format options source state",
    "import_problem": "column",
    "inbound": "adapter channel meaning recipient",
    "invoice": "account_name by currency state",
    "invoice_line": "currency kind unit words",  # of packages and usage; of a credit what an operator wrote of it
    "job": "created_by purpose removed_by source",
    "job_window": "channel sessions zone",
    "lane": "channel",
    "ledger": "act after before by hash personal previous reason subject",  # what is personal lies beside it
    "ledger_head": "hash",
    "location": "code name",
    "login": "email name password",
    "member": "mail_assigned mail_written role",
    "limit_count": "channel",
    "mailbox": "config failure",
    "message": "channel exception purpose reason receipt status",
    "notice": "about kind url",
    "notice_reader": "mail_failure",
    "override": "by check_name",
    "package": "currency frequency mode name",
    "payment": "by currency kind undone_by words",  # of the account's own payments to the operator
    "queue": "channel held purpose",
    "rate": "currency unit",
    "ramp": "by ended_by figures state",
    "reply_setup": "auto_reply call_words confirmation help_answer words",
    "scheduled_stop": "by channel scope state",
    "start_plan": "by choices counts ramp state via",
    "start_plan_item": "reason",
    "status_change": "by charge name old_name old_status reason state status via words",
    "status_reason": "text",
    "status_type": "image_url name status",
    "stop": "channel scope",
    "stop_link": "digest made_by name revoked_by",
    "stop_phone": "code_hash phone set_by",
    "suppression": "channel digest key_check kind",
    "tally": "channel status",
    "tally_change": "channel status",
    "template": "body channel name purpose subject",
    "token": "digest name",
    "usage_day": "unit",
    "wake": "channel",
    "mass_end": "by failure member_name replayed_by state via",
    "playbook": "changed_by text",  # what every lead hears
    "worker": "host",
    "contact_import": "by format options state undone_by via",
    "contact_import_problem": "column",
    "credit_entry": "by channel kind note",
    "left_behind": "reason",
    "messenger_draft": "channel purpose",
    "messenger_send": "by channel purpose state via",
    "part": "adapter",
    "lead_import": "by kind state via",
    "lead_import_row": "outcome",
    "lead_setup": "address strangers",
    "refused_lead": "source",
    "provider_test": "asked_by balance channel config provider user words",
    "event": "kind reason",
    "webhook": "kinds name off_why secrets url",
    "webhook_delivery": "kind reason state",
    "member_news": "kind",
    "message_plan": "counts_from created_by name purpose steps thanks",  # wording, filled when a row is read
    "plan_step": "condition",
    "follow_up": "ended purpose",
    "contact_list": "created_by filter name",
    "setup_draft": "passwords settings version",
    "status_image": "content digest kind",  # a picture for a status type, by an operator
    "support_visit": "operator",
    "ticket": "closed_by last_side state",
    "ticket_message": "by side",
}
OF_LOGINS = ("account_emailaddress", "account_emailconfirmation", "mfa_authenticator")  # allauth's own, of members


def columns() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_class c"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace"
        )
        return {(t, c) for t, c, kind in cursor.fetchall() if may_hold_words(kind) and t not in OF_LOGINS}


def answered() -> set[tuple[str, str]]:
    parts = (CASCADES, TAKEN_AWAY, NEVER)
    return {(table, column) for part in parts for table, names in part.items() for column in names.split()}


def test_of_each_column_with_words_it_is_known_whether_it_can_hold_a_person(db: None) -> None:
    assert columns() == answered()


def test_no_column_is_answered_for_twice() -> None:
    total = sum(len(names.split()) for part in (CASCADES, TAKEN_AWAY, NEVER) for names in part.values())
    assert total == len(answered())
