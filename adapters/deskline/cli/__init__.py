"""The command line: ``deskline demo``, ``chat``, ``center``, ``replay``, ``diagram``, ``simulate``."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, TextIO

from deskline_core.errors import DesklineError

__all__ = ["main"]

_INTERRUPTED: Final = 130  # what a shell reports after Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status. What goes wrong is told in one line on standard error."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # whoever read our lines has gone; what is unwritten must not fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (DesklineError, OSError) as error:
        print(f"deskline: {error}", file=sys.stderr)
    except ModuleNotFoundError as missing:
        hint = missing.msg if "pip install" in missing.msg else f"{missing.msg}: pip install 'deskline[all]'"
        print(f"deskline: {hint}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="deskline", description="Chat with a contact center.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _demo(commands.add_parser("demo", help="hold a whole chat with a local center, and check every step"))
    _chat(commands.add_parser("chat", help="chat in the terminal"))
    _center(commands.add_parser("center", help="run a local center"))
    _replay(commands.add_parser("replay", help="replay a recorded chat, and verify that it goes as recorded"))
    _diagram(commands.add_parser("diagram", help="draw a recorded chat as a Mermaid sequence diagram"))
    _simulate(commands.add_parser("simulate", help="run many chats with faults in virtual time, and check each"))
    return parser


def _runtime(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--runtime", choices=("trio", "asyncio"), default="trio", help="default: %(default)s")


def _demo(parser: argparse.ArgumentParser) -> None:
    _runtime(parser)
    parser.add_argument(
        "--mode", choices=("live", "single", "multi"), default="live", help="of a CXone channel; default: %(default)s"
    )
    parser.add_argument("--vendor", choices=("cxone", "bright-pattern"), default="cxone", help="default: %(default)s")
    parser.add_argument("--journal", metavar="FILE", help="record the chat into FILE")
    parser.set_defaults(run=_run_demo)


def _chat(parser: argparse.ArgumentParser) -> None:
    _runtime(parser)
    site = parser.add_argument_group("the site")
    site.add_argument("--vendor", choices=("cxone", "bright-pattern"), default="cxone", help="default: %(default)s")
    site.add_argument("--environment", default="", metavar="NAME", help="a region of CXone, such as EU1")
    site.add_argument("--url", default="", help="in its place: a center, such as http://127.0.0.1:8080")
    site.add_argument("--brand", type=int, default=1386, metavar="ID", help="of CXone; default: %(default)s")
    site.add_argument("--tenant", default="", help="of Bright Pattern, where it is not the host of the URL")
    site.add_argument("--api", choices=("v2", "v1"), default="v2", help="of Bright Pattern; default: %(default)s")
    site.add_argument("--channel", required=True, metavar="ID", help="such as chat_5f1d, or an app id")
    parser.add_argument("--store", metavar="FILE", help="keep the customer's identity in FILE")
    parser.add_argument("--profile", default="", metavar="NAME", help="tells several customers in one store apart")
    parser.add_argument("--journal", metavar="FILE", help="record the chat into FILE")
    parser.add_argument("--answer", action="append", default=[], metavar="ID=TEXT", help="answer a survey question")
    parser.set_defaults(run=_run_chat)


def _center(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one; default: %(default)s")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s, which only this machine reaches")
    parser.add_argument("--script", default="echo", help="what agents do by themselves; default: %(default)s")
    parser.set_defaults(run=_run_center)


def _replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("journal", metavar="JOURNAL", help="a file that --journal has written")
    parser.set_defaults(run=_run_replay)


def _diagram(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("journal", metavar="JOURNAL", help="a file that --journal has written")
    parser.set_defaults(run=_run_diagram)


def _simulate(parser: argparse.ArgumentParser) -> None:
    simulation = parser.add_argument_group("what is run")
    simulation.add_argument("--vendor", choices=("cxone", "bright-pattern"), help="default: both, world by world")
    simulation.add_argument("--chats", type=int, default=2000, metavar="N", help="default: %(default)s")
    simulation.add_argument("--first-seed", type=int, default=0, metavar="N", help="default: %(default)s")
    simulation.add_argument("--processes", type=int, default=1, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, metavar="N", help="only this world; it is drawn if it breaks a promise")
    parser.add_argument("--steps", metavar="N,N,...", help="with --seed: only these of its steps, or none")
    parser.add_argument("--small", action="store_true", help="in their place all worlds of two messages and two faults")
    parser.set_defaults(run=_run_simulate)


# Each command loads what it needs when it runs: `deskline --help` needs no extra.


def _run_demo(options: argparse.Namespace) -> int:
    demo = import_module("deskline.cli.demo")
    status: int = demo.run(options.runtime, options.vendor, options.mode, options.journal)
    return status


def _run_chat(options: argparse.Namespace) -> int:
    talk = import_module("deskline.cli.talk")
    status: int = talk.run(options)
    return status


def _run_center(options: argparse.Namespace) -> int:
    local = import_module("deskline.cli.local")
    local.run(options.port, options.host, options.script)
    return _INTERRUPTED


def _run_replay(options: argparse.Namespace) -> int:
    journal = import_module("deskline_core.journal")
    with _opened(options.journal) as lines:
        report = journal.verify(lines)
    if report.is_good:
        print(f"{options.journal}: {report.inputs} inputs gave the {report.commands} commands that were recorded")
        return 0
    fault = report.fault.removeprefix(f"line {report.line}: ")
    print(f"deskline: {options.journal}, line {report.line}: {fault}", file=sys.stderr)
    return 1


def _run_diagram(options: argparse.Namespace) -> int:
    diagram = import_module("deskline_core.diagram")
    with _opened(options.journal) as lines:
        print(diagram.sequence(lines))
    return 0


def _run_simulate(options: argparse.Namespace) -> int:
    simulate = import_module("deskline.cli.simulate")
    status: int = simulate.run(options)
    return status


def _opened(journal: str) -> TextIO:
    # What is no UTF-8 is no journal either, and is told as that.
    return Path(journal).open(encoding="utf-8", errors="replace")
