"""The end of a contact, what is asked for around it, and guests (CXone wire reference, sections 3.5.15 to 3.5.18)."""

from .. import contacts
from ..model import Contact
from ..news import Initiator, RecipientsChanged
from ..parse import array, obj, word
from .call import Call, Event
from .channel import CXoneChannel

__all__ = ["EVENTS"]


def end(call: Call) -> None:
    """EndContact: ack, CaseStatusChanged closed. It is taken in every mode; the number may be left out."""
    thread = call.thread()
    number = word(obj(call.data, "contact"), "id")
    if thread is None or thread.contact is None or number not in ("", thread.contact.number):
        call.fail("There is no such contact")
        return
    call.ack()
    contacts.close(call.wire.floor, thread.contact, Initiator("external", call.customer.id))


def transcript(call: Call) -> None:
    """SendTranscript: nothing is mailed; the center remembers who asked."""
    contact = call.contact("consumerContact")
    mails = [word(item, "idOnExternalPlatform") for item in array(call.data, "consumerRecipients")]
    if not call.socket.channel.transcripts or contact is None or not any(mails):
        call.fail("The transcript was not sent")
        return
    call.wire.letters.note({"kind": "transcript", "contact": contact.number, "to": mails})
    call.postback("TranscriptSent")


def offline_message(call: Call) -> None:
    """SendOfflineMessage: kept for the operator to look at."""
    text = word(obj(obj(call.data, "messageContent"), "payload"), "text")
    author = obj(call.data, "authorCustomerIdentity")
    mail, name = word(author, "idOnExternalPlatform"), f"{word(author, 'firstName')} {word(author, 'lastName')}".strip()
    if not text or not mail:
        call.fail("The message was not sent")
        return
    call.wire.letters.note({"kind": "offline", "from": mail, "name": name, "text": text})
    call.postback("OfflineMessageSent", {})


def invite(call: Call) -> None:
    """CreateInvitationToGroupChat. The answer's data is not known; the code stands where clients send it back."""
    contact, channel = call.contact("contact"), call.socket.channel
    if contact is None or contact.closed or not _invites(channel):
        call.fail("There is no such contact, or nobody may be invited to it")
        return
    code = contact.invitation = contact.invitation or call.wire.floor.ids.draw(3).hex().upper()
    key = channel.invitation_key
    call.postback("InvitationToGroupChatCreated", {key: {"code": code} if key == "invitation" else code})


def _invites(channel: CXoneChannel) -> bool:
    return channel.group_chat and channel.invitations


def mail_invitation(call: Call) -> None:
    """SendEmailInvitationToGroupChat."""
    contact, code = call.contact("contact"), word(obj(call.data, "invitation"), "code")
    mails = [word(item, "idOnExternalPlatform") for item in array(call.data, "recipients")]
    stands = contact is not None and not contact.closed and code != "" and code == contact.invitation
    if contact is None or not stands or not any(mails) or not _invites(call.socket.channel):
        call.fail("There is no such invitation")
        return
    call.wire.letters.note({"kind": "invitation", "contact": contact.number, "to": mails, "code": code})
    call.postback("EmailInvitationToGroupChatSent", {})


def _invited(call: Call) -> Contact | None:
    code, channel = word(obj(call.data, "invitation"), "code"), call.socket.channel
    known = [c for c in call.wire.floor.contacts.values() if c.thread.channel.id == channel.id and not c.closed]
    return next((contact for contact in known if code and contact.invitation == code), None)


def join(call: Call) -> None:
    """JoinGroupChat: the guest gets the thread's pushes from now on."""
    contact = _invited(call)
    if contact is None or not call.socket.channel.group_chat:
        call.fail("There is no such invitation")
        return
    objects, thread = call.wire.objects, contact.thread
    names = {"contact": objects.case(contact), "thread": objects.thread(thread)}
    call.postback("GroupChatJoined", names if call.socket.channel.names_joined else None)
    if call.customer not in thread.people:
        thread.guests.append(call.customer)
        call.wire.floor.tell(RecipientsChanged(contact, call.customer))


def leave(call: Call) -> None:
    """LeaveGroupChat; the owner of the thread stays."""
    contact = call.contact("contact")
    if contact is None:
        call.fail("There is no such contact")
        return
    call.ack()
    if call.customer in contact.thread.guests:
        contact.thread.guests.remove(call.customer)
        call.wire.floor.tell(RecipientsChanged(contact, call.customer))


EVENTS: dict[str, Event] = {
    "EndContact": end,
    "SendTranscript": transcript,
    "SendOfflineMessage": offline_message,
    "CreateInvitationToGroupChat": invite,
    "SendEmailInvitationToGroupChat": mail_invitation,
    "JoinGroupChat": join,
    "LeaveGroupChat": leave,
}
