"""Running scripts: one at a time per contact, driven by time and by what the customer writes."""

from collections import deque
from collections.abc import Callable
from typing import Any

from . import contacts, conversation, inactivity
from .floor import Floor
from .model import Agent, Contact
from .news import ContactQueued, Initiator, MessageStored, News, StatusChanged, TalkEnded
from .scripts import (
    Again,
    Close,
    Expect,
    Join,
    Leave,
    Lose,
    Read,
    Say,
    Script,
    Stream,
    Type,
    Wait,
    Warn,
)

__all__ = ["Run", "Runs"]

_STEPS_AT_ONCE = 1000


class Run:
    """One script at work on one contact.

    A step returns whether the next one may follow at once; those that wait see to it themselves that the run goes on.
    """

    def __init__(self, floor: Floor, script: Script, contact: Contact) -> None:
        self.floor = floor
        self.script = script
        self.contact = contact
        self.position = 0
        self.expecting: str | None = None
        self.unheard: deque[str] = deque(maxlen=1000)
        self.heard = ""
        self.stopped = False

    def advance(self) -> None:
        """Do steps until one has to wait. A script that loops without waiting is stopped."""
        for _ in range(_STEPS_AT_ONCE):
            if self.stopped or self.position >= len(self.script.steps):
                return
            step = self.script.steps[self.position]
            self.position += 1
            if not _STEPS[type(step)](self, step):
                return
        self.stopped = True

    def hear(self, text: str) -> None:
        """Take note of a message of the customer, and go on if the script waits for it."""
        self.unheard.append(text)
        if self.expecting is not None:
            self.floor.later(0.0, self._look)

    def _look(self) -> None:
        if self.expecting is not None and self._found(self.expecting):
            self.expecting = None
            self.advance()

    def _found(self, wanted: str) -> bool:
        while self.unheard:
            self.heard = self.unheard.popleft()
            if wanted.casefold() in self.heard.casefold():
                return True
        return False

    @property
    def agent(self) -> Agent:
        """Who acts: the agent of the contact, else the center's first."""
        return self.contact.agent or self.floor.agent

    def wait(self, step: Wait) -> bool:
        """Go on later."""
        self.floor.later(step.seconds, self.advance)
        return False

    def join(self, step: Join) -> bool:
        """Take the contact."""
        contacts.assign(self.floor, self.contact, self.floor.agents.get(step.agent, self.floor.agent))
        return True

    def leave(self, _step: Leave) -> bool:
        """Leave the contact."""
        contacts.release(self.floor, self.contact)
        return True

    def type(self, step: Type) -> bool:
        """Begin typing, and stop later."""
        conversation.type_in(self.floor, self.contact.thread, self.agent, typing=True)
        self.floor.later(step.seconds, self._stop_typing)
        return False

    def _stop_typing(self) -> None:
        if not self.stopped:
            conversation.type_in(self.floor, self.contact.thread, self.agent, typing=False)
            self.advance()

    def say(self, step: Say) -> bool:
        """Send a message."""
        language = self.floor.language(self.contact.thread.channel)
        content = step.content or language.text(step.text.replace("{heard}", self.heard))
        given = (language.attachment(self.contact.thread.channel, file) for file in step.attachments)
        files = tuple(file for file in given if file is not None)
        draft = conversation.Draft(external_id="", outbound=True, content=content, agent=self.agent, attachments=files)
        conversation.store(self.floor, self.contact, draft)
        return True

    def stream(self, step: Stream) -> bool:
        """Send a message that comes in pieces."""
        language = self.floor.language(self.contact.thread.channel)
        language.stream(self.contact, self.agent, step.pieces, step.seconds)
        return True

    def expect(self, step: Expect) -> bool:
        """Wait for the customer, unless the message is there already."""
        if self._found(step.text):
            return True
        self.expecting = step.text
        return False

    def read(self, _step: Read) -> bool:
        """Read the customer's messages."""
        conversation.read(self.floor, self.contact.thread)
        return True

    def warn(self, step: Warn) -> bool:
        """Ask whether the customer is still there."""
        inactivity.warn(self.floor, self.contact, step.seconds)
        return True

    def close(self, _step: Close) -> bool:
        """Close the contact."""
        contacts.close(self.floor, self.contact, Initiator("user", str(self.agent.id)))
        return True

    def lose(self, step: Lose) -> bool:
        """End the sockets of the thread."""
        thread = self.contact.thread
        self.floor.language(thread.channel).dropped(thread, step.code, "")
        return True

    def again(self, step: Again) -> bool:
        """Go on elsewhere."""
        self.position = max(0, step.step)
        return True


_STEPS: dict[type, Callable[[Run, Any], bool]] = {
    Wait: Run.wait,
    Join: Run.join,
    Leave: Run.leave,
    Type: Run.type,
    Say: Run.say,
    Stream: Run.stream,
    Expect: Run.expect,
    Read: Run.read,
    Warn: Run.warn,
    Close: Run.close,
    Lose: Run.lose,
    Again: Run.again,
}


class Runs:
    """The scripts at work, by contact number."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._runs: dict[str, Run] = {}

    def start(self, script: Script, contact: Contact) -> None:
        """Run a script for a contact; one that ran before is stopped. It begins after the present input."""
        self._stop(contact)
        run = self._runs[contact.number] = Run(self._floor, script, contact)
        self._floor.later(0.0, run.advance)

    def _hear_opening(self, contact: Contact) -> None:
        """Let the script hear the message that opened the contact; a live chat is opened by one that nobody wrote."""
        if contact.thread.channel.mode != "live":
            for message in [m for m in contact.thread.messages if m.contact is contact and not m.outbound][-1:]:
                words = self._floor.language(contact.thread.channel).words(message.content)
                self._runs[contact.number].hear(words)

    def _stop(self, contact: Contact) -> None:
        run = self._runs.pop(contact.number, None)
        if run is not None:
            run.stopped = True

    def tell(self, news: News) -> None:
        """Start, feed and end scripts as things happen."""
        match news:
            case ContactQueued(contact) if contact.number not in self._runs:
                script = self._floor.scripts.get(contact.thread.channel.script)
                if script is not None:
                    self.start(script, contact)
                    self._hear_opening(contact)
            case MessageStored(message) if not message.outbound:
                run = self._runs.get(message.contact.number)
                if run is not None:
                    run.hear(self._floor.language(message.thread.channel).words(message.content))
            case StatusChanged(contact) if contact.closed:
                self._stop(contact)
            case TalkEnded(contact):
                self._stop(contact)
            case _:
                pass
