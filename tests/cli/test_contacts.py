"""`allstop contacts ...`: listing, marking by numbers and by filters, groups, and taking it back."""

from allstop.actions.groups import create_group
from allstop.store.models import Contact, Deletion, GroupContact, Marker
from tests.cli.runner import allstop
from tests.world import World, contact


def test_contacts_are_listed_filtered_and_marked(committed_world: World) -> None:
    world = committed_world
    account = ("--account", world.account.pk)
    pat, kim = contact(world).pk, contact(world, "Kim Ito", phone="+12125550199", email="").pk
    assert [row["id"] for row in allstop("contacts", "list", "--json", *account).json["items"]] == [kim, pat]
    done = allstop("contacts", "mark", "stop_all", pat, "--reason", "asked", "--json", *account)
    assert (done.code, done.json["changed"], done.json["state"]) == (0, 1, "done")
    assert Marker.objects.get().reason == "asked"
    listed = allstop("contacts", "list", "--with", "stop_all", *account)
    assert "Pat Moreau" in listed.out
    assert "Kim Ito" not in listed.out
    back = allstop("contacts", "undo", done.json["id"], *account)
    assert back.out.startswith("Changed 1 contact of 1.")
    assert not Marker.objects.exists()
    assert allstop("contacts", "undo", done.json["id"], *account).code == 3


def test_all_is_counted_and_asked_first(committed_world: World) -> None:
    world = committed_world
    account = ("--account", world.account.pk)
    ids = [contact(world, f"Pat {number}", phone="", email="").pk for number in range(3)]
    refused = allstop("contacts", "delete", "--all", "--search", "pat", *account, typed="n\n")
    assert "3 contacts" in refused.err
    assert not Deletion.objects.exists()
    assert allstop("contacts", "delete", "--all", "--search", "pat", "--yes", *account).code == 0
    assert set(Deletion.objects.values_list("contact_id", flat=True)) == set(ids)
    assert allstop("contacts", "delete", "--restore", *ids, *account).code == 0
    assert not Deletion.objects.exists()
    assert allstop("contacts", "delete", *account).code == 2
    assert allstop("contacts", "delete", 10**9, *account).code == 4


def test_contacts_are_assigned_and_grouped(committed_world: World) -> None:
    world = committed_world
    account = ("--account", world.account.pk)
    pat = contact(world).pk
    group = create_group(world.member, "Spring offers", True, world.now)
    assert allstop("contacts", "assign", "ben@northgate.example", pat, *account).code == 0
    assert Contact.objects.get(pk=pat).assigned_to == world.ben
    assert allstop("contacts", "group", "spring offers", pat, *account).code == 0
    assert GroupContact.objects.get(group=group).contact_id == pat
    assert allstop("contacts", "list", "--group", "Spring offers", "--json", *account).json["items"][0]["id"] == pat
    assert allstop("contacts", "group", "Spring offers", "--remove", "--all", "--yes", *account).code == 0
    assert not GroupContact.objects.exists()
    assert allstop("contacts", "assign", "nobody", pat, *account).code == 0
    assert Contact.objects.get(pk=pat).assigned_to is None
    assert allstop("contacts", "assign", "rae@rival.example", pat, *account).code == 4
