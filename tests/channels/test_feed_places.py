"""Places of feeds against real peers: OpenSSH's server, Dovecot, and a web server that says all kinds of things."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allstop.channels.email.config import Encryption
from allstop.channels.feeds.attachments import open_attachments
from allstop.channels.feeds.calendar import Calendar
from allstop.channels.feeds.config import AttachmentConfig, CalendarConfig, FhirConfig, SftpConfig
from allstop.channels.feeds.fhir import Fhir
from allstop.channels.feeds.place import PlaceFault
from allstop.channels.feeds.sftp import open_sftp
from allstop.formats import fhir
from allstop.formats.table import Row, Table
from tests.formats.test_calendar import ATTENDEE, EVENT, calendar_of
from tests.formats.test_fhir import APPOINTMENT, PATIENT
from tests.peers import dovecot as imap
from tests.peers.certificates import make_certificate
from tests.peers.sshd import Sshd, sshd
from tests.peers.web_server import WebServer, web_server

TODAY = date(2026, 11, 23)
MB = 1 << 20


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("ssh") / "server") as running:
        yield running


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


def sftp_of(ssh: Sshd, folder: Path, **changes: Any) -> SftpConfig:
    usual: dict[str, Any] = {"private_key": ssh.private_key, "host_key": ssh.fingerprint, "path": str(folder)}
    return SftpConfig(host="127.0.0.1", port=ssh.port, user=ssh.user, **usual | changes)


def test_files_are_listed_read_and_moved_away_on_another_machine(ssh: Sshd, tmp_path: Path) -> None:
    (tmp_path / "monday.csv").write_bytes(b"a,b\r\n1,2\r\n")
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    (tmp_path / "below").mkdir()
    with open_sftp(sftp_of(ssh, tmp_path), private=True) as place:
        place.test()
        assert [(one.name, one.size) for one in place.files()] == [("monday.csv", 10)]
        assert place.read("monday.csv", 3) == b"a,b\r"
        assert place.read("monday.csv", 100) == b"a,b\r\n1,2\r\n"
        assert place.read("gone.csv", 100) is None
        for content in (b"first", b"second"):  # what lies there is replaced
            place.write("done", "monday.csv.result.csv", content)
        for content in (b"1", b"2"):
            (tmp_path / "monday.csv").write_bytes(content)
            assert place.move("monday.csv", "done", "monday-7.csv")
        assert place.files() == []
    assert sorted(one.name for one in (tmp_path / "done").iterdir()) == ["monday-7.csv", "monday.csv.result.csv"]
    assert (tmp_path / "done" / "monday-7.csv").read_bytes() == b"2"
    assert (tmp_path / "done" / "monday.csv.result.csv").read_bytes() == b"second"


def test_a_server_is_known_by_its_key_and_every_refusal_says_what_to_do(ssh: Sshd, tmp_path: Path) -> None:
    other = "SHA256:" + "A" * 43
    wrong_key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"
    for changes, private, words in (
        ({"host_key": ""}, True, f"The server shows the key {ssh.fingerprint}. Compare it"),
        ({"host_key": other}, True, f"shows another key than {other}: {ssh.fingerprint}"),
        ({"private_key": "", "password": "guess"}, True, "does not accept this user name"),
        ({"private_key": wrong_key}, True, "private key cannot be read"),
        ({"path": str(tmp_path / "nowhere")}, True, "There is no such folder"),
        ({}, False, "127.0.0.1 is an address of this machine"),
    ):
        config = sftp_of(ssh, tmp_path, **changes)
        with pytest.raises(PlaceFault, match=re.escape(words)), open_sftp(config, private=private) as place:
            place.files()
    assert not list(tmp_path.iterdir())


def calendar(web: WebServer, path: str = "/calendar.ics", *, private: bool = True, most: int = MB) -> Any:
    return Calendar(CalendarConfig(calendar_url=web.url(path)), private=private).fetch(TODAY, most)


def test_a_calendar_says_the_same_until_an_appointment_changes(web: WebServer) -> None:
    first = calendar_of(f"{EVENT}\nDTSTART:20261124T140000Z\n{ATTENDEE}")
    marks = []
    for content in (
        first,
        first.replace(b"20261101T000000Z", b"20261123T080000Z"),  # DTSTAMP: when it was asked
        first.replace(b"20261124T140000Z", b"20261124T150000Z"),
    ):
        web.says("/calendar.ics", content)
        fetched = calendar(web)
        assert fetched.content == content
        marks.append(fetched.mark)
    assert marks[0] == marks[1] != marks[2]


def test_an_address_is_read_within_limits_and_never_leads_into_the_house(web: WebServer) -> None:
    web.says("/calendar.ics", calendar_of())
    web.says("/there.ics", b"", 302, Location="/calendar.ics")
    web.says("/round.ics", b"", 302, Location="/round.ics")
    web.says("/page.ics", b"<html>Log in")
    web.says("/bomb.ics", gzip.compress(b"x" * 3 * MB), Content_Encoding="gzip")
    assert calendar(web, "/there.ics").content == calendar_of()
    for path, words in (
        ("/round.ics", "from one to the next"),
        ("/page.ics", "no calendar"),
        ("/bomb.ics", "larger than 1 MB"),
        ("/gone.ics", "nothing at this address"),
    ):
        with pytest.raises(PlaceFault, match=words):
            calendar(web, path)
    before = len(web.asked)
    with pytest.raises(PlaceFault, match="https://"):
        calendar(web, private=False)
    for host in ("127.0.0.1", "[::1]", "localhost"):
        config = CalendarConfig(calendar_url=f"webcal://{host}:{web.port}/calendar.ics")
        with pytest.raises(PlaceFault, match="address of this machine"):
            Calendar(config, private=False).fetch(TODAY, MB)
    assert len(web.asked) == before, "nobody was asked"


def bundle(*resources: object, next_page: str = "") -> bytes:
    links = [{"relation": "self", "url": "x"}, *([{"relation": "next", "url": next_page}] if next_page else [])]
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}).encode()


def test_a_fhir_server_is_searched_page_by_page(web: WebServer) -> None:
    second = {**APPOINTMENT, "id": "a2", "start": "2026-11-25T09:30:00-05:00"}
    web.says("/r4/Appointment", bundle(APPOINTMENT, PATIENT, next_page=web.url("/r4?page=2")))
    web.says("/r4?page=2", bundle(second, PATIENT))
    config = FhirConfig(base_url=web.url("/r4"), bearer_token="t0ken", days_ahead=7)
    fetched = Fhir(config, private=True).fetch(TODAY, MB)
    table = fhir.read(fetched.content)
    assert isinstance(table, Table)
    rows = [row for row in table.rows if isinstance(row, Row)]
    assert [row.cells[0] for row in rows] == ["a1", "a2"]
    assert all("Ann" in " ".join(map(str, row.cells)) for row in rows), "whom the second page names is known"
    (first, headers), (_, more) = web.asked
    assert "date=ge2026-11-23&date=le2026-11-30" in first
    assert headers["authorization"] == more["authorization"] == "Bearer t0ken"

    web.says("/r4/Appointment", bundle({**second, "meta": {"versionId": "9"}}, PATIENT, next_page="/r4?page=2"))
    web.says("/r4?page=2", bundle(APPOINTMENT))
    assert Fhir(config, private=True).fetch(TODAY, MB).mark == fetched.mark, "another order, and what the server counts"
    web.says("/r4?page=2", bundle({**APPOINTMENT, "status": "cancelled"}))
    assert Fhir(config, private=True).fetch(TODAY, MB).mark != fetched.mark

    for body, words in (
        (bundle(next_page="http://127.0.0.1:1/elsewhere"), "another server"),
        (b"<html>", "not FHIR as JSON"),
        (b'{"resourceType": "CapabilityStatement"}', "no FHIR Bundle"),
    ):
        web.says("/r4/Appointment", body)
        with pytest.raises(PlaceFault, match=words):
            Fhir(config, private=True).fetch(TODAY, MB)
    web.says("/r4/Appointment", b"", 401)
    with pytest.raises(PlaceFault, match="another token"):
        Fhir(config, private=True).fetch(TODAY, MB)


def a_mail(sender: str, subject: str, *names: str) -> bytes:
    files = "".join(
        f'--cut\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\nof {name}\r\n'
        for name in names
    )
    head = f"From: {sender}\r\nTo: in@example.net\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    text = "--cut\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n"
    return f"{head}Content-Type: multipart/mixed; boundary=cut\r\n\r\n{text}{files}--cut--\r\n".encode()


def test_files_are_taken_from_mails_and_a_mail_leaves_when_all_its_files_are_done_with(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with imap.dovecot(certificate) as peer:
        config = AttachmentConfig(
            host="127.0.0.1",
            port=peer.tls_port,
            encryption=Encryption.TLS,
            user=imap.USER,
            password=imap.PASSWORD,
            ca_file=str(certificate.certificate),
            senders="pms@example.org, @clinic.example",
            subject_word="Heron",
        )
        peer.deliver(a_mail("PMS <pms@Example.org>", "heron: two files", "monday.csv", "to/morrow.csv"))
        peer.deliver(a_mail("any@clinic.example", "HERON one", "third.csv"))
        peer.deliver(a_mail("any@clinic.example", "no word", "no.csv"))
        peer.deliver(a_mail("any@evilclinic.example", "heron", "no.csv"))
        peer.deliver(a_mail("pms@example.org", "heron, and nothing to it"))
        with open_attachments(config) as place:
            place.test()
            names = [one.name for one in place.files()]
            assert [name.split("-", 2)[2] for name in names] == ["monday.csv", "morrow.csv", "third.csv"]
            assert place.read(names[0], 100) == b"of monday.csv"
            assert not place.move(names[0], "done", "x"), "the other file of the same mail is not done with"
        with open_attachments(config) as place:
            assert [one.name for one in place.files()] == names, "so the mail is still there"
            assert [place.move(name, "done", "x") for name in names] == [False, True, True]
            assert place.files() == []
        kept = {path.name: len(list(path.glob("[cn][ue][rw]/*"))) for path in (peer.folder / "mail").glob(".Allstop*")}
        assert kept == {".Allstop done": 2, ".Allstop other": 3}
