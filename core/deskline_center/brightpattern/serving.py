"""What each request does and how it is answered (Bright Pattern reference, section 3)."""

from typing import cast

import msgspec

from .. import contacts
from ..floor import Floor
from ..parse import obj, word
from ..replies import HARMLESS, Reply, json_reply
from . import life, on_events
from .asked import Asked
from .channel import BrightPatternChannel
from .chat import Chat, Wire, party_of
from .chats import Chats
from .configuration import configuration
from .contents import name_of
from .files import MOST_BYTES, PORTRAIT, Files, read_upload
from .refusals import refused
from .subscriptions import asked_for, objection

__all__ = ["Serving"]

_VERSION = "5.20.1.40077 (Stable)"
_ASKED = ("phone_number", "from", "parameters")


class Serving:
    """Answers requests of whom is known who they are."""

    def __init__(self, floor: Floor, chats: Chats, files: Files) -> None:
        self._floor = floor
        self._chats = chats
        self._files = files

    def channel(self, app: str) -> BrightPatternChannel | None:
        """Return the channel with that app id."""
        channel = self._floor.channels.get(app)
        return channel if isinstance(channel, BrightPatternChannel) else None

    def _found(self, asked: Asked) -> Chat | None:
        """Return the chat that is named, be it over, if who asks may know of it."""
        chat = self._chats.get(asked.parts["chat"])
        if chat is None or chat.channel is not asked.channel:
            return None
        return chat if asked.client == chat.client or asked.channel.foreign_client == "accept" else None

    def _living(self, asked: Asked) -> Chat | None:
        """Return the chat that is named, or where none is the client's, if it goes on; else refuse."""
        chat = self._found(asked) if "chat" in asked.parts else self._chats.living(asked.channel, asked.client)
        if chat is None or chat.thread.over:
            asked.refuse("5005")
            return None
        return chat

    # ahead of a chat

    def availability(self, asked: Asked) -> None:
        """Whether the service is open; whether anyone is there does not count (3.1)."""
        channel, is_open = asked.channel, self._floor.online[asked.channel.id]
        answer = {"chat": "available" if is_open else "notAvailable"}
        if is_open and channel.ewt is not None:
            answer["ewt"] = str(channel.ewt)
        asked.answer(json_reply(answer))

    def parameters(self, asked: Asked) -> None:
        """The parameters that are expected, each in an object of its own (3.2)."""
        asked.answer(json_reply({"parameters": [{one.name: one.type} for one in asked.channel.expected]}))

    def version(self, asked: Asked) -> None:
        """The version of the server (3.14)."""
        asked.answer(json_reply({"server_version": _VERSION}))

    def ice_servers(self, asked: Asked) -> None:
        """The servers for calls, in plain (3.15): for the encrypted form there is no cipher in the standard library."""
        asked.answer(json_reply({"servers": [msgspec.to_builtins(one) for one in asked.channel.ice_servers]}))

    def configuration(self, asked: Asked) -> None:
        """The look of the widget (3.16)."""
        asked.answer(json_reply(configuration(asked.channel)))

    # a chat

    def request_chat(self, asked: Asked) -> None:
        """A new chat, or the one that goes on (3.3)."""
        channel, body = asked.channel, asked.body()
        if body is None:
            asked.refuse("5003")
            return
        chat = self._chats.living(channel, asked.client) if channel.second_chat == "same" else None
        is_new = chat is None
        if chat is None and not self._floor.online[channel.id] and channel.closed_start == "refuse":
            asked.refuse("5001")
            return
        if chat is None:
            chat = self._begin(asked, body)
        quoted = channel.is_new_chat == "string"
        new: object = str(is_new).lower() if quoted else is_new
        asked.answer(json_reply({**self._summary(chat, asked), "is_new_chat": new}))

    def _begin(self, asked: Asked, body: Wire) -> Chat:
        customer = self._floor.customer(asked.channel, asked.client)
        parameters = obj(body, "parameters")
        customer.first_name = word(parameters, "first_name") or word(body, "from")
        customer.last_name = word(parameters, "last_name")
        given = {key: body[key] for key in _ASKED if key in body}
        chat = life.begin(self._floor, customer, asked.channel, asked.version, given)
        self._chats.add(chat)
        contacts.announce(self._floor, chat.thread.contacts[-1])
        initial = obj(body, "initial_message")
        if name_of(initial) == "chat_session_message" and on_events.objection(chat, initial) is None:
            on_events.take(chat, initial)
        life.greet(chat)
        return chat

    def _summary(self, chat: Chat, asked: Asked) -> Wire:
        state = chat.stage if asked.version != 1 else chat.channel.v1_stage or chat.stage
        answer = {"chat_id": chat.id, "state": state, "phone_number": word(chat.asked, "phone_number")}
        return answer | ({"ewt": chat.wait} if chat.wait else {})

    def active_chat(self, asked: Asked) -> None:
        """The chat of this client that goes on, if there is one (3.4)."""
        if (chat := self._living(asked)) is not None:
            asked.answer(json_reply(self._summary(chat, asked)))

    def poll(self, asked: Asked) -> None:
        """What has happened since the last poll, now or as soon as something does (3.5)."""
        if (chat := self._found(asked)) is None:
            asked.refuse("5005")
        else:
            chat.line.poll(asked)

    def send(self, asked: Asked) -> None:
        """Events of the customer (3.6). By default a bad one among them spoils all."""
        chat = self._living(asked)
        if chat is None:
            return
        events = (asked.body() or {}).get("events")
        if not isinstance(events, list):
            asked.refuse("5003")
            return
        given: list[object] = list(cast("list[object]", events))
        if chat.channel.several_events == "atomic":
            wrong = next((wrong for event in given if (wrong := on_events.objection(chat, event))), None)
            if wrong is not None:
                asked.answer(wrong)
                return
        reply = self._taken(chat, asked)
        for event in given:
            if (wrong := on_events.objection(chat, event)) is not None:
                asked.answer(wrong)
                return
            if not chat.thread.over:
                on_events.take(chat, on_events.as_event(event))
        asked.answer(reply)

    def _taken(self, chat: Chat, asked: Asked) -> Reply:
        """Return the answer to a POST of events: by v1 it brings what waits for the poll, else it is empty.

        What the events themselves bring about is left to the poll: no client reads this answer (section 3.6).
        """
        if asked.version != 1:
            return msgspec.structs.replace(json_reply(None), body=b"")
        line = chat.line
        return json_reply({"events": line.take() if chat.channel.v1_answer == "removed" else line.copy()})

    def history(self, asked: Asked) -> None:
        """All events of the chat so far; of one that is over only for a while, if at all (3.7)."""
        chat = self._found(asked)
        if chat is None or (
            chat.ended_at is not None and self._floor.now - chat.ended_at >= chat.channel.history_after_end
        ):
            asked.refuse("5005")
        else:
            asked.answer(json_reply({"events": list(chat.history)}))

    # cases

    def _with_case(self, asked: Asked) -> Chat | None:
        """Return the chat that has a case; else refuse."""
        chat = self._living(asked)
        if chat is not None and not chat.case:
            asked.refuse("5601")
            return None
        return chat

    def case_history(self, asked: Asked) -> None:
        """The chats of the case, the oldest first (3.8); with the id of the chat or, as documented, without."""
        chat = self._with_case(asked)
        if chat is None:
            return
        if not chat.channel.case_history_allowed:
            asked.answer(refused("", status=403, message="the scenario does not allow it"))
            return
        sessions = [
            {"chat_id": one.id, "created_time": int(one.thread.created_at), "events": list(one.history)}
            for one in self._chats.of_case(chat)
        ]
        asked.answer(json_reply({"sessions": sessions}))

    def close_case(self, asked: Asked) -> None:
        """The case is closed; the chat goes on (3.9). Whatever the body holds is not looked at."""
        if (chat := self._with_case(asked)) is not None:
            if chat.channel.case_gone_after_close:
                life.set_case(chat, "")
            asked.answer(json_reply({}))

    # files and pictures

    def upload(self, asked: Asked) -> None:
        """A file, which belongs to no chat yet (3.10)."""
        file = read_upload(asked.headers.get("content-type", ""), asked.request.body)
        if file is None:
            asked.refuse("5003")
        elif len(file.content) > MOST_BYTES:
            asked.refuse("5501")
        else:
            asked.answer(json_reply({"file_id": self._files.keep(file), "file_name": file.name}))

    def file(self, asked: Asked) -> None:
        """A file comes back (3.11): by the chat it is in, or by its display address."""
        chat = self._chats.get(asked.parts.get("chat") or "")
        if "chat" in asked.parts and (chat is None or (chat.thread.over and not chat.channel.files_after_end)):
            asked.refuse("5005")
        elif (file := self._files.get(asked.parts["file"])) is None:
            asked.refuse("5502")
        else:
            asked.answer(file.reply())

    def photo(self, asked: Asked) -> None:
        """The picture of an agent (3.12)."""
        if asked.parts["party"] in {party_of(self._floor, agent) for agent in self._floor.agents.values()}:
            asked.answer(_PICTURE)
        else:
            asked.refuse("5502")

    def icon(self, asked: Asked) -> None:
        """The picture of a chat."""
        if self._chats.get(asked.parts["chat"]) is None:
            asked.refuse("5005")
        else:
            asked.answer(_PICTURE)

    def notifications(self, asked: Asked) -> None:
        """A push subscription, or its end (3.13)."""
        chat, body = self._living(asked), asked.body()
        if chat is None:
            return
        if body is None:
            asked.refuse("5603")
        elif code := objection(chat.channel, body):
            asked.refuse(code)
        else:
            chat.subscription = asked_for(body)
            asked.answer(json_reply({}))


_PICTURE = Reply(status=200, headers=(("content-type", "image/png"), *HARMLESS), body=PORTRAIT)
