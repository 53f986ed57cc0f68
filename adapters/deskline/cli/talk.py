"""``deskline chat``: a person's chat in the terminal."""

import argparse
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final, final

from deskline.cli.narration import message_line, told
from deskline.cli.runtimes import Runtime, runtime_named
from deskline.cli.terminal import TypedLines, clean, say
from deskline.host import Host
from deskline.listeners import Events
from deskline.thread import MessageHandle, Thread
from deskline_core import events as news
from deskline_core.brightpattern.site import BrightPattern
from deskline_core.cxone.site import CXone
from deskline_core.errors import DesklineError, InvalidValue
from deskline_core.lifecycle import MessageStatus
from deskline_core.session import Site

__all__ = ["run"]

_LAST_WORDS: Final = 5.0  # seconds to deliver what was typed before the end
_NEXT_FIELD: Final = re.compile(r",\s*(?=[^\s,=]+=)")  # other commas belong to the text
_TROUBLE: Final = frozenset({MessageStatus.FAILED, MessageStatus.UNCERTAIN})

_HELP = """What you type is sent. Commands:
  /stay            say that you are still there, when asked
  /end             end the chat
  /more            show older messages
  /name TEXT       name the thread
  /transcript ADDRESS   have it sent by e-mail
  /done            you have no more questions to the agent
  /form FIELD=TEXT, FIELD=TEXT   answer the form that you are asked for; /form alone declines it
  /place LATITUDE LONGITUDE   send a place
  /quit            leave; the chat stays open at the far side"""


def run(options: argparse.Namespace) -> int:
    """Chat until the thread ends, the input ends or ``/quit``."""
    site = _site(options)
    answers = [_answer(given) for given in options.answer]
    runtime = runtime_named(options.runtime)
    return runtime.run(partial(_talk, runtime, site, answers, options))


def _site(options: argparse.Namespace) -> Site:
    if options.vendor == "bright-pattern":
        return BrightPattern(url=options.url, app_id=options.channel, tenant=options.tenant, version=options.api)
    if not options.channel.startswith("chat_"):
        says = f"a channel of CXone begins with chat_, not {options.channel!r:.100}"
        raise InvalidValue(says, hint="an app id is of --vendor bright-pattern")
    if options.url:
        return CXone.local(options.url, options.brand, options.channel)
    return CXone(environment=options.environment, brand_id=options.brand, channel_id=options.channel)


def _answer(given: str) -> tuple[str, str]:
    id, equals, text = given.partition("=")
    if not equals:
        raise InvalidValue(f"an answer is written as ID=TEXT, not {given!r}")
    return id, text


def _degrees(given: str) -> tuple[float, float]:
    try:
        latitude, longitude = map(float, given.split())
    except ValueError:
        raise InvalidValue("a place is two numbers, such as 52.52 13.405") from None
    return latitude, longitude


async def _talk(runtime: Runtime, site: Site, answers: list[tuple[str, str]], options: argparse.Namespace) -> int:
    settings = {"store": options.store, "profile": options.profile, "journal": options.journal}
    async with runtime.open_chat(site, **settings) as chat, runtime.host() as host:
        events = chat.events()
        lines = TypedLines(host, runtime.poster())
        say("Connecting. /help tells what you can do.")
        try:
            thread = await chat.thread(answers=answers)
        except InvalidValue:
            for question in chat.questions:
                say(f"  --answer {clean(question.id)}=...   {clean(question.label)}{' *' if question.required else ''}")
            raise
        for message in thread.messages:
            say(message_line(message))
        over = host.signal()
        host.spawn(partial(_print, thread, events, over.set))
        host.spawn(partial(_Person(host, thread).type, lines, over.set))
        await over.wait()
        await host.stop()
    return 0


async def _print(thread: Thread, events: Events, over: Callable[[], None]) -> None:
    async for event in events:
        if isinstance(event, news.StreamFailed) and (message := thread.message(event.message).message) is not None:
            say(message_line(message))  # what came of it
        for line in _lines(event):
            say(line)
        if isinstance(event, news.ThreadEnded):
            break
    over()


@final
class _Person:
    """Whoever sits at the terminal."""

    def __init__(self, host: Host, thread: Thread) -> None:
        self._host = host
        self._thread = thread
        self._sent: list[MessageHandle] = []

    async def type(self, lines: TypedLines, over: Callable[[], None]) -> None:
        """Do what is typed, until the end of the input or ``/quit``."""
        while (line := await lines.next()) is not None and line.strip() != "/quit":
            try:
                await self._do(line.strip())
            except DesklineError as error:
                say(f"  ! {clean(str(error))}")
        if not await self._host.within(_LAST_WORDS, self._settle):
            say("  ! not all that you typed was delivered")
        over()

    async def _do(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        command = self._commands().get(word)
        if command is not None:
            await command(rest)
        elif word == "/help":
            say(_HELP)
        elif word.startswith("/"):  # a slip of the finger is not for the other side
            say(f"  ! there is no {clean(word)}; /help lists what there is")
        elif word:
            self._sent.append(await self._thread.send(line))

    def _commands(self) -> Mapping[str, Callable[[str], Awaitable[object]]]:
        """Return what stands behind each command that is for the thread."""
        thread = self._thread
        return {
            "/stay": lambda _rest: thread.stay(),
            "/end": lambda _rest: thread.end(),
            "/more": lambda _rest: thread.load_more(),
            "/name": thread.rename,
            "/transcript": thread.send_transcript,
            "/done": lambda _rest: thread.wrap_up(),
            "/form": self._answer_form,
            "/place": lambda rest: thread.send_location(*_degrees(rest)),
        }

    async def _answer_form(self, given: str) -> None:
        if not self._thread.forms:
            raise InvalidValue("you are asked for no form")
        form = self._thread.forms[0]
        if given:
            await self._thread.submit_form(form, dict(map(_answer, _NEXT_FIELD.split(given.strip()))))
        else:
            await self._thread.cancel_form(form)

    async def _settle(self) -> None:
        for message in self._sent:
            with suppress(DesklineError):
                await message.settled()


def _lines(event: object) -> Iterable[str]:
    match event:
        case news.MessageReceived(message=message) | news.MessageUpdated(message=message):
            return [message_line(message)]
        case news.HistoryLoaded(messages=messages):
            return map(message_line, messages)
        case news.MessageStatusChanged(status=status) if status not in _TROUBLE:
            return []
        case _:
            who, what = told(event)
            return [f"  - {who} {what}"] if what else []
