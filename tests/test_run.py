"""The start script, as far as it can be tried without installing anything."""

import os
import re
import subprocess
from pathlib import Path

from tests.peers.ports import free_port

ROOT = Path(__file__).parent.parent
RUN = ROOT / "run"


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RUN, *arguments], capture_output=True, text=True, check=False, cwd="/", env={**os.environ, **environ}
    )


def a_copy_of_the_script(folder: Path) -> Path:
    """Without a .venv beside it, so that it looks for Python."""
    copy = folder / "a place with spaces" / "run"
    copy.parent.mkdir()
    copy.write_bytes(RUN.read_bytes())
    copy.chmod(0o755)
    (copy.parent / "requirements.lock").write_text("")
    return copy


def a_path_where_every_python_is(version: str, folder: Path) -> str:
    programs = folder / "programs"
    programs.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        fake = programs / name
        fake.write_text(f'#!/bin/sh\ncase "$2" in *version_info*) exit 1;; *) echo {version};; esac\n')
        fake.chmod(0o755)
    return f"{programs}:/usr/bin:/bin"


def test_both_scripts_are_plain_shell_and_can_be_executed() -> None:
    for script in (RUN, ROOT / ".ci" / "run"):
        assert os.access(script, os.X_OK)
        assert script.read_text().startswith("#!/bin/sh\n")
        subprocess.run(["sh", "-n", script], check=True)


def test_an_unknown_word_is_refused_with_the_known_ones() -> None:
    done = run("sevre")
    assert done.returncode == 2
    assert "Unknown: sevre" in done.stderr
    assert "./run test" in done.stderr


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    copy = a_copy_of_the_script(tmp_path)
    done = subprocess.run(
        [copy],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": a_path_where_every_python_is("3.9.2", tmp_path), "HOME": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "Allstop needs Python 3.11 or newer. Python found here: 3.9.2." in done.stderr
    assert not (copy.parent / ".venv").exists()
    assert not (copy.parent / ".venv.lock").exists(), "a failed start must not keep the next one waiting"


def test_a_lock_left_by_a_killed_start_is_taken_over(tmp_path: Path) -> None:
    copy = a_copy_of_the_script(tmp_path)
    left = copy.parent / ".venv.lock"
    left.mkdir()
    ended = subprocess.Popen(["true"])
    ended.wait()
    (left / "pid").write_text(str(ended.pid))
    done = subprocess.run(
        [copy],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        env={"PATH": a_path_where_every_python_is("3.9.2", tmp_path), "HOME": str(tmp_path)},
    )
    assert "Python found here: 3.9.2" in done.stderr


def test_a_port_in_use_is_said_before_anything_is_started(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("allstop", "serve", ALLSTOP_PORT=str(port), ALLSTOP_HOME=str(tmp_path / "home"))
    assert done.returncode == 1
    assert f"port {port}: Address already in use" in done.stdout
    assert not (tmp_path / "home").exists()


def test_a_database_that_cannot_be_reached_is_said_in_words(tmp_path: Path) -> None:
    """The port's owner never listens, so nothing answers there for as long as it is held."""
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"postgresql://ada:secret@127.0.0.1:{held.getsockname()[1]}/desk"
        environ = {"DATABASE_URL": url, "ALLSTOP_HOME": str(tmp_path / "home"), "ALLSTOP_PORT": str(free_port())}
        done = run("allstop", "serve", **environ)
        examined = run("allstop", "doctor", **environ)
    for one in (done, examined):
        assert one.returncode == 1
        assert "The database cannot be reached" in one.stderr
        assert "Traceback" not in one.stderr
        assert "secret" not in one.stdout + one.stderr
    assert "It answers" not in examined.stdout


def test_all_tests_are_run_by_one_call_that_chooses_none() -> None:
    (arguments,) = [said.split() for said in re.findall(r"\bstage pytest (--[^)]*)\)", RUN.read_text())]
    options, values = arguments[::2], arguments[1::2]
    assert options == ["--numprocesses", "--dist"], "neither a marker nor a folder is chosen"
    assert values == ["4", "loadfile"]
