"""A phonebook of any size, made set by set: contacts with a number and an email, markers, opt-outs, groups, members.

Also a full queue in the same account, so that stops can be measured while contacts are being changed.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg

from allstop.bench.load import zones_awake
from allstop.rules.words import Channel
from allstop.store.installed_sql import texts_of

_FAMILIES = """
Abbott Adeyemi Alvarez Andersen Baker Becker Bianchi Brown Castillo Chen Clarke Cohen Costa Dubois Dvorak Eriksen Evans
Ferrari Fischer Fontaine Garcia Gomez Grant Gruber Hansen Hughes Ibrahim Ito Ivanov Jansen Jensen Jones Kaplan Kaya
Keller Khan Kim Kovacs Larsen Lee Lopez Mansour Marchetti Martin Meyer Moreau Murphy Nakamura Nguyen Nowak Okafor Olsen
Ortega Park Patel Pereira Petrov Quinn Rahman Ramirez Reyes Rossi Sato Schmidt Silva Singh Smith Tanaka Taylor Toth
Ueda Usman Vargas Virtanen Vogel Wagner Walker Weber Wilson Wong Xu Yamada Yilmaz Young Zeller Zimmer
"""
_GIVEN = """
Ada Ben Cem Dana Emil Fay Gus Hana Ines Jon Kai Lea Max Nia Omar Pat Quy Rae Sam Tom Uma Vera Will Xia Yan Zoe Alma
Boris Clara Dmitri Elif Felix
"""


@dataclass(frozen=True, slots=True)
class Phonebook:
    contacts: int
    queued: int  # messages to the first of them


_LOAD = """
INSERT INTO status_type (name, status) VALUES ('Active', 'active');

INSERT INTO account (id, name, zone, country, quiet_from, quiet_until, created_at,
                     status_type_id)
VALUES (1, 'Account 1', 'UTC', 'US', '20:00', '09:00', %(now)s, (SELECT id FROM status_type));

INSERT INTO channel_setup (account_id, channel, provider, config, sender, sender_name, is_enabled, broken, pace_ms,
                           keeps_quiet_hours)
SELECT 1, c, 'sandbox', '{}', '', '', true, '', 0, false FROM unnest(%(channels)s::text[]) c;

INSERT INTO lane (account_id, channel, by_hand, is_open, number, setup_number, pace_ms, slot_at, head_due_at, head_id)
SELECT 1, c, h, true, 0, 0, 0, 'epoch', 'epoch', 0 FROM unnest(%(channels)s::text[]) c, unnest(ARRAY[false, true]) h;

INSERT INTO location (id, account_id, name, code) SELECT n, 1, 'Location ' || n, n FROM generate_series(1, 20) n;
INSERT INTO login (id, password, email, name, is_operator, is_active)
SELECT n, '!', 'member' || n || '@example.org', 'Member ' || n, false, true FROM generate_series(1, 20) n;
INSERT INTO member (id, account_id, user_id, role) SELECT n, 1, n, 'member' FROM generate_series(1, 20) n;
INSERT INTO contact_group (id, account_id, name, is_sales)
SELECT n, 1, 'Group ' || n, n %% 2 = 0 FROM generate_series(1, 20) n;
INSERT INTO contact_group (id, account_id, name, is_sales) VALUES (21, 1, 'Nobody yet', false);

-- Members, locations and groups of every size: the first has half of the contacts, the next half of the rest.
INSERT INTO contact (id, account_id, given_name, family_name, external_id, language, country, zone, zones, created_at,
                     location_id)
SELECT i, 1, (%(given)s::text[])[1 + abs(hashint8(i)) %% array_length(%(given)s::text[], 1)],
       (%(families)s::text[])[1 + h %% array_length(%(families)s::text[], 1)], 'P' || i, '', '', '',
       ARRAY[(%(zones)s::text[])[i %% 3 + 1]], %(now)s,
       least(20, 1 + floor(-log(2, (1 + (h * 13) %% 1000000) / 1000000.0)))::int
  FROM generate_series(1, %(contacts)s::bigint) i, LATERAL (SELECT (i * 7919) %% 1000003 AS h) x;
DELETE FROM contact_assignment;  -- those of the trigger, where this user may not do without it
INSERT INTO contact_assignment (contact_id, account_id, member_id)
SELECT i, 1, nullif(least(21, 1 + floor(-log(2, (1 + (h * 17) %% 1000000) / 1000000.0)))::int, 21)
  FROM generate_series(1, %(contacts)s::bigint) i, LATERAL (SELECT (i * 7919) %% 1000003 AS h) x;

INSERT INTO address (account_id, contact_id, kind, value, label, position)
SELECT 1, i, 'phone', '+1' || (2000000000 + (i * 7919317) %% 7999999999), 'mobile', 0
  FROM generate_series(1, %(contacts)s::bigint) i;
INSERT INTO address (account_id, contact_id, kind, value, label, position)
SELECT 1, id, 'email', lower(given_name || '.' || family_name) || id || '@example.org', '', 0
  FROM contact WHERE id %% 5 <> 0;

INSERT INTO marker (account_id, contact_id, kind, set_by, set_at, reason)
SELECT 1, id, kind, 'Member 1', %(now)s, '' FROM contact,
       (VALUES ('flag', 20), ('stop_all', 1000), ('stop_promotions', 50)) AS m(kind, every)
 WHERE hashint8(id) %% every = 0;
INSERT INTO opt_out (account_id, contact_id, channel, address, words, at)
SELECT 1, id, 'text', '', 'STOP', %(now)s FROM contact WHERE id %% 100 = 7;
INSERT INTO contact_group_contact (group_id, contact_id)
SELECT g, id FROM contact, generate_series(1, 20) g WHERE (id * 7919 + g) %% (2 ^ g)::bigint = 0
   AND NOT (g %% 2 = 0 AND EXISTS (SELECT FROM marker WHERE contact_id = id AND kind = 'stop_promotions'));
"""
_QUEUE = """
INSERT INTO message (account_id, id, contact_id, channel, purpose, address, subject, body, recipients, due_at,
                     created_at, status, reason, receipt)
SELECT 1, i, i %% %(contacts)s + 1, (%(channels)s::text[])[i %% 3 + 1], 'reminder', '+12125550123', '', 'Hello', 1,
       %(now)s::timestamptz - interval '1 minute', %(now)s, 'waiting', '', ''
  FROM generate_series(1, %(queued)s::bigint) i;
INSERT INTO queue (account_id, id, channel, by_hand, due_at, purpose, recipients, contact_id, attempt)
SELECT account_id, id, channel, false, due_at, purpose, recipients, contact_id, 0 FROM message;
INSERT INTO tally (account_id, channel, status, count)
SELECT account_id, channel, 'waiting', count(*) FROM message GROUP BY 1, 2;
UPDATE lane SET next_due_at = %(now)s WHERE NOT by_hand;
SELECT setval('message_id', %(queued)s + 1);
"""
_SEQUENCES = ("contact", "location", "login", "member", "contact_group", "account")


def load(address: str, wanted: Phonebook, now: datetime) -> None:
    """Into a database that is migrated and empty."""
    values = {
        "contacts": wanted.contacts,
        "queued": wanted.queued,
        "given": _GIVEN.split(),
        "families": _FAMILIES.split(),
        "channels": [channel.value for channel in Channel],
        "zones": zones_awake(now),
        "now": now,
    }
    with psycopg.connect(address, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET maintenance_work_mem = '256MB'")
        # Foreign keys of rows that are made to fit are not checked, where this user may say so: it is most of the time.
        with suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET session_replication_role = replica")
        connection.execute("DROP INDEX contact_words; DROP INDEX address_words")  # building them at the end is quicker
        connection.execute(_LOAD, values)
        if wanted.queued:
            connection.execute(_QUEUE, values)
        for table in _SEQUENCES:
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
        for text in texts_of("search.sql"):
            connection.execute(text)
        connection.execute("VACUUM ANALYZE")
