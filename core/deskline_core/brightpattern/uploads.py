"""Files on their way: each is a message of its own, uploaded before the chat is told of it (3.10, flow F6, row B61).

An upload is bound to no chat: a loss does not stop it. It stops when its message leaves the state ``uploading``. What
was uploaded stays with the message; if nobody is told of it, it is an orphan at the far side, which does no harm.
"""

from functools import partial
from typing import TYPE_CHECKING

from ..events import UploadFailed
from ..lifecycle import MessageStatus
from ..outgoing import Outgoing, OutgoingFile
from . import encode
from .decode import read_upload
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Uploads"]


class Uploads:
    """Uploads the file of one message at a time."""

    __slots__ = ("_chat",)

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat

    def begin(self, outgoing: Outgoing) -> None:
        """Upload a message's file; then it is posted."""
        chat, policy = self._chat, self._chat.session.policy
        (file,) = outgoing.files
        outgoing.fire("upload")
        if not file.body:
            kind, body = encode.upload(file.name, file.content, file.mime_type, outgoing.id)
            file.packed(body, kind)
        call = chat.replies.ask(
            "POST", chat.site.api_url("files"), partial(self._answered, outgoing, file), body=file.body,
            content_type=file.content_type, timeout=policy.upload_timeout, retries=policy.rest_attempts - 1,
            outlives=True, told=partial(outgoing.progressed, 0),
        )  # fmt: skip
        outgoing.stop = partial(chat.calls.cancel, call)

    def _answered(self, outgoing: Outgoing, file: OutgoingFile, reply: Reply) -> None:
        chat = self._chat
        answer = read_upload(reply.body) if reply.reaction is Reaction.SUCCESS else None
        if answer is not None:
            file.uploaded(chat.site.file_url(outgoing.thread, answer.file_id), answer.file_id)
            chat.delivery.uploaded(outgoing)
        elif reply.unsent:
            outgoing.fire("unwritten")
            chat.connection.fire("poll_lost", cause=reply.cause)
        else:
            self._fail(outgoing, file, reply)

    def _fail(self, outgoing: Outgoing, file: OutgoingFile, reply: Reply) -> None:
        """A file was not taken: its message fails, and by policy all that came with it and goes after it."""
        why = "the answer names no file" if reply.reaction is Reaction.SUCCESS else reply.cause
        cause = f"{file.name!r} was not taken: {why}"
        session = self._chat.session
        session.notify(
            UploadFailed(thread=outgoing.thread, message=outgoing.id, attachment=0, name=file.name, cause=cause)
        )
        outgoing.remote_code = reply.verdict.code
        outgoing.fire("refused", cause)
        if session.policy.attachment_failure == "fail":
            for follower in outgoing.followers:
                is_waiting = self._chat.delivery.outbox.get(follower.id) is follower
                if is_waiting and follower.status == MessageStatus.QUEUED:
                    follower.fire("refused", cause)
        self._chat.delivery.flush()
