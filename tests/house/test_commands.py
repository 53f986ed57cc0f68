"""The README promises two commands; the gate runs these and no others."""

import re
import subprocess

from tests.house.product import ROOT

GATE = ROOT / ".ci" / "run"


def test_the_gate_runs_the_commands_of_the_readme() -> None:
    fences = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    promised = [line for line in "".join(fences).splitlines() if ".venv" in line]
    run = subprocess.run(["bash", str(GATE), "commands"], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == promised
    assert len(promised) == 2


def test_the_gate_does_not_repeat_them() -> None:
    assert "pip install -q " not in GATE.read_text("utf-8")
