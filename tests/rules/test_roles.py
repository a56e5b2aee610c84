"""Roles: the whole table, role by role."""

import pytest

from allstop.rules.roles import ALLOWED, Act, Role, allowed, roles_that_may

MAY = {
    Role.ADMIN: set(Act),
    Role.LEADER: set(Act) - {Act.MANAGE_MEMBERS, Act.MANAGE_TOKENS, Act.HANDLE_TICKETS},
    Role.MEMBER: {
        Act.VIEW,
        Act.STOP,
        Act.REMOVE_JOBS,
        Act.IMPORT_REMINDERS,
        Act.SEND_MESSAGE,
        Act.HANDLE_INBOX,
        Act.HANDLE_LEADS,
        Act.EDIT_CONTACTS,
        Act.MARK_CONTACTS,
        Act.IMPORT_CONTACTS,
    },
    Role.VIEWER: {Act.VIEW},
}


@pytest.mark.parametrize("role", Role)
def test_what_each_role_may_do(role: Role) -> None:
    assert {act for act in Act if allowed(role, act)} == MAY[role]


def test_the_roles_of_an_act_are_named_in_order() -> None:
    assert roles_that_may(Act.START) == (Role.ADMIN, Role.LEADER)
    assert roles_that_may(Act.VIEW) == tuple(Role)


def test_every_act_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Act)
