"""The commands of the README, as a person runs them: in a process of their own, over real sockets."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deskline.center import serve
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import AgentJoins
from deskline_center.cxone import channel_id, default_channels
from deskline_core.journal import verify
from tests.core.recorded import Recorded, visit
from tests.house.product import ROOT

PATIENCE = 300.0
RUNTIMES = ("trio", "asyncio")


def deskline(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "deskline", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Terminal:
    """A command that somebody sits in front of; ``shown`` are the lines so far."""

    def __init__(self, *arguments: str) -> None:
        self.shown: list[str] = []
        pipe = subprocess.PIPE
        self._running = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "deskline", *arguments],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )

    def waits_for(self, text: str) -> None:
        assert self._running.stdout is not None
        for line in self._running.stdout:
            self.shown.append(line)
            if text in line:
                return
        raise AssertionError((text, self.shown, self._running.communicate(timeout=PATIENCE)))

    def types(self, *lines: str) -> None:
        assert self._running.stdin is not None
        self._running.stdin.write("".join(f"{line}\n" for line in lines))
        self._running.stdin.flush()

    def ends(self) -> None:
        """See that it ends by itself, and has nothing to complain of."""
        shown, errors = self._running.communicate(timeout=PATIENCE)
        self.shown += shown.splitlines(keepends=True)
        assert (self._running.returncode, errors) == (0, "")


@pytest.mark.parametrize("mode", ["live", "single", "multi"])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_step_of_the_demo_happens(runtime: str, mode: str, tmp_path: Path) -> None:
    journal = tmp_path / "demo.jsonl"
    ran = deskline("demo", "--runtime", runtime, "--mode", mode, "--journal", str(journal))
    assert ran.stderr == ""
    assert ran.returncode == 0, ran.stdout
    assert "ok: what was said meanwhile is recovered" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("All ")
    assert verify(journal.read_text("utf-8").splitlines()).is_good


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_step_of_the_demo_on_bright_pattern_happens(runtime: str, tmp_path: Path) -> None:
    journal = tmp_path / "demo.jsonl"
    ran = deskline("demo", "--vendor", "bright-pattern", "--runtime", runtime, "--journal", str(journal))
    assert ran.stderr == ""
    assert ran.returncode == 0, ran.stdout
    assert "ok: what was said meanwhile is recovered" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("All ")
    assert verify(journal.read_text("utf-8").splitlines()).is_good


def test_a_recorded_chat_is_replayed_and_a_change_is_found(tmp_path: Path) -> None:
    journal = tmp_path / "chat.jsonl"
    chat = visit(Recorded(channel_id("live", "legacy")), "live")
    lines = [f"{line}\n" for line in chat.lines]
    journal.write_text("".join(lines), "utf-8")
    ran = deskline("replay", str(journal))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{journal}: {len(lines) - 1} inputs gave the {len(chat.log)} commands that were recorded\n"

    lines[9] = lines[9].replace('"at":1', '"at":2')
    journal.write_text("".join(lines), "utf-8")
    ran = deskline("replay", str(journal))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"deskline: {journal}, line 10: the line was changed, or one before it is missing\n"

    journal.write_text("".join(lines[:5]) + lines[5][:40], "utf-8")  # the program was killed
    ran = deskline("replay", str(journal))
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"deskline: {journal}, line 6: this is no JSON")

    journal.write_bytes(b"\xff\xfe no journal")
    for command in ("replay", "diagram"):
        ran = deskline(command, str(journal))
        assert ran.returncode == 1
        assert ran.stderr == "deskline: line 1: this is no JSON: the journal is damaged, cut, or none\n"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_interrupt_ends_the_demo_in_order(runtime: str) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "deskline", "demo", "--runtime", runtime],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    for line in running.stdout:
        if "joined" in line:
            running.send_signal(signal.SIGINT)
            break
    _, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert errors == ""


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_person_chats_in_the_terminal(runtime: str, tmp_path: Path) -> None:
    channel = channel_id("live", "legacy")
    with serve() as center:
        arguments = ("chat", "--runtime", runtime, "--url", center.url, "--channel", channel)
        store = ("--store", str(tmp_path / "chats.db"))
        ran = deskline(*arguments, *store, typed="Good morning\n/help\n/name x\n/qiut\nOne more thing")
        assert ran.stderr == ""
        assert ran.returncode == 0
        assert "  ! only threads of a multi-thread channel have names" in ran.stdout
        assert "  ! there is no /qiut; /help" in ran.stdout
        ran = deskline(*arguments, *store, typed="/end\n")
        assert "me: Good morning" in ran.stdout
        assert "me: One more thing" in ran.stdout
        assert "thread ended: customer" in ran.stdout
        [thread] = center.control.overview()["threads"]
    assert "/qiut" not in str(thread["messages"])
    assert [message["direction"] for message in thread["messages"]][-2:] == ["inbound", "inbound"]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_person_chats_with_a_bright_pattern_site_in_the_terminal(runtime: str) -> None:
    entry = BrightPatternChannel(id="harbour-chat", greeting="Welcome")
    with serve(channels=(entry,)) as center:
        site = ("--vendor", "bright-pattern", "--url", center.url, "--channel", entry.id)
        chat = Terminal("chat", "--runtime", runtime, *site)
        chat.waits_for("scenario: Welcome")
        center.control.do(AgentJoins())
        chat.waits_for("thread connected")
        chat.types("Good morning", "/place 52.5 13.4", "/place here", "/form", "/name x")
        chat.waits_for("  ! this site has no RenameThread")
        chat.types("/done")
        chat.waits_for("asks for a form: survey_form")
        chat.types("/form service=1, remark=well, not bad,really,  helpful=8")
        chat.waits_for("thread ended: customer")
        chat.ends()
        assert "  ! a place is two numbers, such as 52.52 13.405\n" in chat.shown
        assert "  ! you are asked for no form\n" in chat.shown
        overview = center.control.overview()
    [answer] = overview["chats"][0]["answers"]
    assert answer["data"] == {"service": "1", "remark": "well, not bad,really", "helpful": "8"}
    mine = [m["content"] for m in overview["threads"][0]["messages"] if m["direction"] == "inbound"]
    assert [content.get("msg_text") or content["latitude"] for content in mine] == ["Good morning", "52.5"]


def test_every_command_has_its_line_in_the_docs() -> None:
    listed = re.findall(r"^    (\w+) ", deskline("--help").stdout, re.MULTILINE)
    page = (ROOT / "docs" / "reference" / "command-line.md").read_text("utf-8")
    assert sorted(re.findall(r"^\| `deskline (\w+)", page, re.MULTILINE)) == sorted(listed)
    assert len(listed) == 6


def test_what_goes_wrong_is_one_clear_line() -> None:
    for arguments, told in (
        (("chat", "--url", "http://127.0.0.1:9", "--channel", "chat_1"), "deskline: "),
        (("chat", "--environment", "XX9", "--channel", "chat_1"), "deskline: unknown environment"),
        (("chat", "--environment", "EU1", "--channel", "chat_1", "--answer", "x"), "deskline: an answer is written"),
        (("chat", "--url", "http://127.0.0.1:9", "--channel", "harbour-chat"), "deskline: a channel of CXone begins"),
        (("diagram", "missing.jsonl"), "deskline: "),
        (("replay", "missing.jsonl"), "deskline: "),
        (("center", "--port", "1", "--host", "192.0.2.1"), "deskline: "),
    ):
        ran = deskline(*arguments)
        assert ran.returncode == 1, arguments
        assert ran.stderr.startswith(told)
        assert len(ran.stderr.splitlines()) == 1


def test_the_center_tells_where_it_is_and_ends_on_an_interrupt() -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "deskline", "center", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    told = [running.stdout.readline() for _ in range(len(default_channels()) + 3)]
    assert "A center at http://127.0.0.1:" in told[0]
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert errors == ""
    assert all(channel.id in line for channel, line in zip(default_channels(), told[1:], strict=False))
