"""What the connection's table names: preparing, getting ready, losing and leaving (rows D601-D637)."""

from typing import TYPE_CHECKING, Final

from ..backoff import delay
from ..calls import Call
from ..errors import RefusalCode
from ..events import ChatStateChanged
from ..inputs import AppRequest
from ..lifecycle import ChatState, Intent
from ..machine import Machine, Row
from .connection_table import ROWS, STATES, TRYING, ConnectionState, project
from .decode import read_availability, read_chat, read_parameters
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["CONNECTION", "Connection"]

_NOWHERE: Final = "nothing at the url of the site answers as a contact center does"


class Connection:
    """Where one session stands with its site: the subject of the connection table.

    ``lost_by`` is why it does not go on by itself, as the code and the sentence of a refusal.
    """

    __slots__ = ("_asking", "_cause", "_chat", "_looked", "_shown", "attempts", "lost_by", "served_before", "state")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self.state: str = ConnectionState.INITIAL
        self.attempts = 0
        self.served_before = False
        self.lost_by: tuple[RefusalCode, str] | None = None
        self._asking: Call | None = None
        self._looked = False
        self._shown = ChatState.INITIAL
        self._cause = ""

    @property
    def is_serving(self) -> bool:
        """Whether what the app sends goes out now."""
        return self.state == ConnectionState.SERVING

    @property
    def shown(self) -> ChatState:
        """The state in the app's words; while the customer's end is not confirmed, ending."""
        if self.is_serving and self._chat.desk.is_ending:
            return ChatState.ENDING
        return project(self.state)

    def fire(self, trigger: str, input: object = None, cause: str = "") -> None:
        """Fire a trigger of the connection table. ``cause`` is a sentence for the app."""
        self._cause = cause
        CONNECTION.fire(trigger, self, input)

    # --- for every row ---

    def entered(self, _input: object) -> None:
        """Show the new state to the app."""
        self._chat.session.deadlines.clear("wait")
        self._chat.session.deadlines.clear("stable")
        self.show()

    def show(self) -> None:
        """Tell the app where the chat stands, if that differs in its words."""
        shown = self.shown
        if shown is not self._shown:
            self._shown = shown
            self._chat.session.notify(ChatStateChanged(state=shown, cause=self._cause))

    def confirm(self, _input: object) -> None:
        """Say it again (S15)."""
        self._chat.session.notify(ChatStateChanged(state=self._shown))

    def refused(self, input: object, row: Row) -> None:
        """Refuse the request that came with the trigger."""
        if isinstance(input, AppRequest) and row.refuse is not None:
            self._chat.session.refuse(input.request, row.refuse, row.says, f"the chat is {self.shown}")

    # --- guards ---

    def is_wanted(self, _input: object) -> bool:
        """The user wants the chat, and the app is in sight."""
        return self._chat.presence.is_wanted

    def misses_nothing(self, _input: object) -> bool:
        """A chat is alive, its poll is open, and nothing may have been lost."""
        return self._chat.desk.is_alive and self._chat.poll.is_whole

    def has_chat(self, _input: object) -> bool:
        """A chat is alive, as far as we know."""
        return self._chat.desk.is_alive

    def is_behind(self, input: object) -> bool:
        """A chat is alive, and something of it may be lost."""
        return self.has_chat(input) and not self.misses_nothing(input)

    def may_have_chat(self, _input: object) -> bool:
        """An earlier run of this client may have left a chat; it is looked for once in a run."""
        desk = self._chat.desk
        is_left = bool(desk.sought_id) or self._chat.identity.is_of_earlier_run
        return not self._looked and is_left and desk.current.is_idle

    def misses_nothing_if_wanted(self, input: object) -> bool:
        """As the name says."""
        return self.is_wanted(input) and self.misses_nothing(input)

    def has_chat_if_wanted(self, input: object) -> bool:
        """As the name says."""
        return self.is_wanted(input) and self.has_chat(input)

    def may_have_chat_if_wanted(self, input: object) -> bool:
        """As the name says."""
        return self.is_wanted(input) and self.may_have_chat(input)

    def is_first(self, _input: object) -> bool:
        """Nothing has ever come of this connect, and it was not tried again yet."""
        return not self.served_before and self.attempts == 0

    def may_retry(self, _input: object) -> bool:
        """The attempts are not used up."""
        return self.attempts < self._chat.session.policy.backoff.attempts

    # --- prepare ---

    def request_parameters(self, _input: object) -> None:
        """Make sure of the client's id, kept before it is used; then ask what the site asks before a chat (3.2)."""
        save = self._chat.identity.ensure()
        if save is None:
            self._ask_parameters()
        else:
            self._chat.saves.after(save, self._ask_parameters)

    def _ask_parameters(self) -> None:
        if self.state == ConnectionState.PREPARING and self._asking is None:
            retries, url = self._chat.session.policy.rest_attempts - 1, self._chat.site.api_url("parameters")
            self._asking = self._chat.replies.ask("GET", url, self._parameters, retries=retries, outlives=True)

    def _parameters(self, reply: Reply) -> None:
        """Take what the site asks; only who we are, or nobody there, stands in the way: the list is optional."""
        self._asking = None
        if reply.reaction in (Reaction.CONFIGURATION, Reaction.LATER, Reaction.UNAVAILABLE, Reaction.CROWDED):
            self.lost_by = (reply.verdict.refusal, reply.cause)
            self.fire("preparation_failed", cause=reply.cause)
            return
        if reply.reaction is Reaction.SUCCESS:
            self._chat.parameters = read_parameters(reply.body)
        self.fire("parameters_known")

    def connect_if_wanted(self, _input: object) -> None:
        """Prepared: tell who waits, and go on."""
        self._chat.waiting.settle_prepared()
        if self._chat.presence.is_wanted:
            self.fire("connect")
        self._chat.waiting.settle_ready()

    def fail_preparation(self, _input: object) -> None:
        """Whoever waits is told why; nothing is tried again by itself."""
        self._chat.presence.detach()
        code, cause = self.lost_by or (RefusalCode.CONNECTION_LOST, self._cause)
        self._chat.waiting.refuse_prepared(code, cause)
        self._chat.waiting.refuse_ready(code, cause)
        self._chat.give_up_held(code, cause)

    # --- towards ready ---

    def find(self, _input: object) -> None:
        """Look for a chat of before: by its id if that is known, else by who we are (3.4, row B10)."""
        desk = self._chat.desk
        desk.current.fire("attach")
        if desk.sought_id:
            desk.current.chat_id = desk.sought_id
            self.fire("found")
        else:
            self._chat.replies.ask("GET", self._chat.site.api_url("chats", "active"), self._found)

    def _found(self, reply: Reply) -> None:
        answer = read_chat(reply.body) if reply.reaction is Reaction.SUCCESS else None
        if answer is not None:
            self._chat.desk.current.chat_id = answer.chat_id
            self._chat.desk.current.word = answer.state
            self.fire("found")
        elif reply.reaction in (Reaction.GONE, Reaction.SUCCESS, Reaction.MISSING, Reaction.REFUSED):
            self._chat.desk.current.fire("history_gone")
            self.fire("found_none")
        else:
            self.failed(reply)

    def failed(self, reply: Reply) -> None:
        """An attempt came to nothing: its refusal stands, or it is tried again. Out of sight, nothing follows."""
        if self.state not in TRYING:
            return
        self._chat.desk.current.fire("attach_failed")
        if reply.reaction is Reaction.CONFIGURATION:
            self.lost_by = (reply.verdict.refusal, reply.cause)
            self.fire("refused", cause=reply.cause)
        else:
            cause = _NOWHERE if reply.reaction is Reaction.GONE else reply.cause
            self.lost_by = (RefusalCode.CONNECTION_LOST, cause)
            self.fire("attempt_failed", cause=cause)

    def check(self, _input: object) -> None:
        """Ask whether the site is open (3.1, row B1); there is no chat of before, or none any more."""
        self._looked = True
        self._chat.desk.current.fire("check", self._checked)

    def _checked(self, reply: Reply) -> None:
        answer = read_availability(reply.body) if reply.reaction is Reaction.SUCCESS else None
        if self._chat.desk.is_alive:  # a chat that was requested before is there: what more is there to ask
            self.fire("available")
        elif answer is not None:
            self.fire("available" if answer.is_open else "unavailable")
        elif reply.reaction is Reaction.UNAVAILABLE:
            self.fire("unavailable", cause=reply.cause)
        else:
            self.failed(reply)

    def be_offline(self, _input: object) -> None:
        """The site is closed."""
        self._chat.waiting.settle_ready()

    def read_history(self, _input: object) -> None:
        """Read the history: at first, and whenever something may have been lost."""
        self._chat.recovery.read()

    def serve(self, _input: object) -> None:
        """Ready: go on polling, open the outbox, settle who waited."""
        session = self._chat.session
        self._looked = True
        self.served_before = True
        self.lost_by = None
        session.deadlines.set("stable", session.now + session.policy.backoff.stable)
        self._chat.desk.current.fire("foreground")
        self._chat.waiting.settle_ready()
        self._chat.serve_held()

    def catch_up(self) -> None:
        """Read the history of the living chat, if nothing reads it yet; in the background, too (B54)."""
        self.fire("doubt")
        if not self._chat.recovery.is_reading:
            self._chat.recovery.read()

    def look_again(self) -> None:
        """A chat that was not known is told of: look for it until it is found, or is not there (B55)."""
        self._looked = False
        self.fire("doubt")

    def conversation_over(self) -> None:
        """The chat of this connection is over: whoever waits for the next one begins it; the history is no matter."""
        if self.state == ConnectionState.RECOVERING:
            self.fire("found_none")
        elif self.is_serving:
            self._chat.serve_held()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is looked for now: ready, or the site is closed."""
        return self.state in (ConnectionState.SERVING, ConnectionState.OFFLINE)

    @property
    def is_under_way(self) -> bool:
        """Whether something is done about a loss."""
        return self.state not in (ConnectionState.PREPARED, ConnectionState.OFFLINE, ConnectionState.LOST)

    def become_stable(self) -> None:
        """Ready for a while: the attempts count anew."""
        self.attempts = 0

    # --- loss ---

    def wait(self, _input: object) -> None:
        """Arm the back-off."""
        session = self._chat.session
        self._chat.reset_volatile()
        pause = delay(session.policy.backoff, self.attempts, session.ids.fraction())
        self.attempts += 1
        session.deadlines.set("wait", session.now + pause)

    def give_up(self, _input: object) -> None:
        """Nothing more is tried by itself."""
        if self.state == ConnectionState.PREPARED:
            self._chat.presence.detach()
        code, cause = self.lost_by or (RefusalCode.CONNECTION_LOST, self._cause)
        self._begin_anew()
        self._chat.poll.stop()
        self._chat.reset_volatile()
        self._chat.waiting.refuse_ready(code, cause)
        self._chat.give_up_held(code, cause)

    # --- away, and no more ---

    def stop_trying(self, _input: object) -> None:
        """Out of sight: what was asked on the way to ready is let go of; the poll of a living chat rests (B52)."""
        self.attempts = 0
        self._chat.calls.cancel_all()
        self._chat.desk.current.fire("attach_failed")
        self._chat.reset_volatile()
        self._chat.desk.current.fire("background")

    def leave(self, _input: object) -> None:
        """No longer wanted: nothing is under way any more. What is to begin a chat waits until it is wanted again."""
        self._begin_anew()
        self._chat.calls.cancel_all()
        self._chat.poll.stop()
        self._chat.desk.current.fire("attach_failed")
        self._chat.reset_volatile()
        self._chat.beginning.lost(RefusalCode.CONNECTION_LOST, "the chat was disconnected")
        self._chat.waiting.settle_ready()
        self._chat.waiting.settle_disconnected()

    def _begin_anew(self) -> None:
        """The next attempt is a first one; but a chat that is only out of sight goes on where it was."""
        self.attempts = 0
        self.served_before = self.served_before and self._chat.presence.intent == Intent.WANTED

    def forget(self, _input: object) -> None:
        """Let go of everything, then forget it; go on when that is stored."""
        self._chat.waiting.refuse_prepared(RefusalCode.CHAT_CLOSED, "the chat was signed out")
        self._chat.waiting.refuse_ready(RefusalCode.CHAT_CLOSED, "the chat was signed out")
        self._chat.beginning.lost(RefusalCode.CHAT_CLOSED, "the chat was signed out")
        self.leave(None)
        self._chat.give_up_held(RefusalCode.CHAT_CLOSED, "the chat was signed out")
        if self._asking is not None:
            self._chat.calls.cancel(self._asking)
            self._asking = None
        self._looked = False
        self.served_before = False
        self._chat.forget_all(lambda: self.fire("cleared"))

    def tell_signed_out(self, _input: object) -> None:
        """All is forgotten: settle who signed out; whoever wants the chat by now begins anew."""
        self._chat.waiting.settle_signed_out()
        if self._chat.presence.is_wanted:
            self.fire("connect")
        self._chat.waiting.settle_ready()


CONNECTION = Machine("connection", states=STATES, rows=ROWS, owner=Connection)
