"""What a word of the vocabulary may say is told, member by member, where the word is defined."""

import re
from enum import StrEnum

import pytest

from deskline import ChatState, EndReason, MessageStatus, OfferKind, PartyRole, ThreadState

WORDS = (ChatState, EndReason, MessageStatus, OfferKind, PartyRole, ThreadState)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: str(word.__name__))
def test_every_member_says_what_it_means(word: type[StrEnum]) -> None:
    told = re.findall(r"^ *- ``(\w+)``: \S", word.__doc__ or "", re.MULTILINE)  # 3.13 takes the indentation away
    assert told == [member.name for member in word]
