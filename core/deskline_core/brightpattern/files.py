"""Files and pictures that an app asks for: the far side's own, or at an address that it named (3.11, 3.12, flow F7)."""

from typing import TYPE_CHECKING, NamedTuple

from ..calls import Call
from ..errors import RefusalCode
from ..inputs import FetchFile, FetchPhoto
from ..model import Attachment, Download
from .conversation import Conversation
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Files"]

_ANY_TYPE = "application/octet-stream"


class _Place(NamedTuple):
    """Where a file is, and what is known of it. A ``foreign`` place is not told who we are."""

    url: str
    name: str
    mime_type: str
    is_foreign: bool


class Files:
    """Fetches for the app, each request by a call of its own, which nothing but the caller stops."""

    __slots__ = ("_calls", "_chat")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._calls: dict[int, Call] = {}

    def fetch(self, conversation: Conversation, input: FetchFile | FetchPhoto) -> None:
        """Fetch a file of a message, or someone's picture."""
        chat, policy = self._chat, self._chat.session.policy
        is_file = isinstance(input, FetchFile)
        place = self._file(conversation, input) if isinstance(input, FetchFile) else self._photo(conversation, input)
        if place is None:
            return

        def answered(reply: Reply) -> None:
            del self._calls[input.request]
            self._answered(input.request, place, reply, "the file" if is_file else "the picture")

        self._calls[input.request] = chat.replies.ask(
            "GET", place.url, answered, timeout=policy.download_timeout, limit=policy.max_download, is_file=True,
            is_foreign=place.is_foreign, outlives=True,
        )  # fmt: skip

    def _file(self, conversation: Conversation, input: FetchFile) -> _Place | None:
        session = self._chat.session
        outgoing = self._chat.delivery.outbox.get(input.message)
        message = outgoing.message if outgoing is not None else conversation.history.get(input.message)
        if message is None or message.thread != conversation.chat_id:
            session.refuse(input.request, RefusalCode.UNKNOWN_MESSAGE, f"there is no message {input.message!r:.100}")
        elif not 0 <= input.attachment < len(message.attachments):
            says = f"there is no file {input.attachment!r:.20} in the message"
            session.refuse(input.request, RefusalCode.INVALID_VALUE, says, f"it has {len(message.attachments)}")
        else:
            return self._place(input.request, message.attachments[input.attachment])
        return None

    def _place(self, request: int, file: Attachment) -> _Place | None:
        """Return where a file is. One with an id is the far side's own; of all others it named only an address."""
        session = self._chat.session
        if not file.url:
            session.refuse(request, RefusalCode.ILLEGAL_STATE, "the file is not uploaded yet", "wait for its message")
        elif not file.id and not self._chat.site.trusts(file.url, session.policy.foreign_urls):
            session.refuse(
                request, RefusalCode.NOT_SUPPORTED, "the file lies at an address that is not fetched",
                "that takes https and a host's name, and the policy's foreign_urls",
            )  # fmt: skip
        else:
            return _Place(file.url, file.name, file.mime_type, is_foreign=not file.id)
        return None

    def _photo(self, conversation: Conversation, input: FetchPhoto) -> _Place | None:
        chat = self._chat
        party = conversation.parties_by_id.get(input.party) or chat.news.people.get(input.party)
        if party is None:
            wrote = (message.party for message in conversation.history.messages if not message.mine)
            party = next((party for party in wrote if party.id == input.party), None)
        if party is None:
            says = f"there is nobody {input.party!r:.100} of the other side in the thread"
            chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, says, "its parties lists who takes part")
            return None
        url = chat.site.photo_url(conversation.chat_id, party.id)
        return _Place(url, party.name or party.id, "image/*", is_foreign=False)

    def _answered(self, request: int, place: _Place, reply: Reply, what: str) -> None:
        response = reply.response
        if reply.reaction is Reaction.SUCCESS and response is not None:
            kind = next((value for name, value in response.headers if name == "content-type" and value), "")
            known = "" if place.mime_type.endswith("/*") else place.mime_type
            self._chat.session.requests.answer(
                request, Download(name=place.name, content=response.body, mime_type=kind or known or _ANY_TYPE)
            )
        elif reply.reaction is Reaction.GONE and not reply.verdict.code:  # of a file, a mere 404 says no more
            says = f"{what} was not fetched: {reply.cause}"
            self._chat.session.requests.refuse(request, RefusalCode.REFUSED_BY_CENTER, says)
        else:
            self._chat.replies.refuse(request, reply, f"{what} was not fetched")

    def withdrawn(self, request: int) -> None:
        """Nobody waits for it any more."""
        call = self._calls.pop(request, None)
        if call is not None:
            self._chat.calls.cancel(call)
