"""Takes secrets out of what is recorded, and message text if asked, so that a replay takes the same course.

What comes in is *learned*: tokens, codes and signed URLs, found by the names they stand under, are replaced by
placeholders, the same for the same secret. What goes out is *known*: only what was learned is replaced there. So a
session that is fed the replaced inputs gives the replaced commands.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Final
from urllib.parse import quote, quote_plus, unquote

from .disclosure import Disclosure, Hash, Passage, hash_path, loaded

__all__ = ["Redactor", "place_number"]

_NAMES: Final = (
    "token", "secret", "password", "passwd", "authorizationcode", "authorization_code", "codeverifier",
    "code_verifier", "authorization", "apikey", "api_key", "api-key", "cookie", "signature", "credential", "seed",
)  # fmt: skip
"""Names end in one of these where a secret stands under them, whatever their case."""
_STRING: Final = re.compile(r'(\\*)"([A-Za-z0-9_-]{1,64})\1"\s*:\s*\1"')
"""A name and the beginning of its text in JSON, also in JSON within JSON; the group is its depth's backslashes."""
_PARAMETER: Final = re.compile(
    r"(?i)((?:[?&;#]|\\u0026)(?:[\w-]{0,40}(?:token|secret|password|signature|credential)|sig|code|code_?verifier"
    r"|x-(?:amz|goog)-[\w-]{1,40}|key-pair-id|policy)=)([^&#\s\"'<>\\]*[^&#\s\"'<>\\,])"
)
_MEMBERS: Final = Passage(
    within=re.compile("(?s).+"),
    each=re.compile(r'("(?!type")(?:[^"\\]|\\.)*"\s*:\s*")((?:[^"\\]|\\.)*)'),
    holds="text",
)
_BARE: Final = re.compile(r"(?i:\bbearer )[\w.~+/=-]{12,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
"""A bearer token in a text, or one that is recognized by its form (JWT)."""
_PLACEHOLDER: Final = re.compile(r"secret-[0-9a-f]{10}-*")
_URL: Final = re.compile(r"(?s)([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)(.*)")
_STRANGE: Final = re.compile(r"[^!-~]|\\")
_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair."""
_RIGHT_ANGLE: Final = 90.0
_THREE_DIGITS: Final = 100.0
_MOST_DEGREES: Final = 180.0
_LONGEST_URL: Final = 8192
_MOST_KNOWN: Final = 200
_SHORTEST_SOUGHT: Final = 12
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
_FOREIGN: Final = "".join(map(chr, range(0x100, 0x120)))
"""What stands for letters outside ASCII, so that what may hold none, such as an e-mail address, stays wrong."""
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class Redactor:
    """Replaces secrets by placeholders, and text by hashes of the same length where ``hashed``.

    ``key`` of the hashes is a secret itself; ``disclosure`` says what the vendor's traffic holds. ``plain`` are
    texts that stay as they are, since they are no one's. Placeholders are as long as what they stand for, or 17
    characters; empty secrets stay empty. A secret is also found where it stands under no name, once it is known and if
    it has 12 characters or more.
    """

    __slots__ = ("_disclosure", "_key", "_known", "_pattern", "_plain", "_sought", "hashed")

    def __init__(self, key: bytes, disclosure: Disclosure, *, hashed: bool = False, plain: Iterable[str] = ()) -> None:
        self.hashed = hashed
        self._disclosure = disclosure
        self._key = key
        self._plain = frozenset(plain)
        self._known: dict[str, str] = {}
        self._sought: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    # --- what comes in ---

    def learn(self, text: str, *, words: bool = False) -> str:
        """Replace what is secret in a text that comes in, and ``words`` within JSON where they are hashed.

        The addresses of received files are replaced and not learned: they never go out, and there may be very many.
        """
        hashes = words and self.hashed
        for passage in self._disclosure.coming:
            if passage.holds == "address" or hashes:
                text = _within(passage, text, self._coming[passage.holds])
        text = self._in_json(text, self.secret, self.hash if hashes else None)
        text = _PARAMETER.sub(lambda found: found[1] + self.secret(unquote(found[2])), text)
        text = _BARE.sub(lambda found: self._bare(found[0]), text)
        return self._seek(text)

    def secret(self, text: str) -> str:
        """Return the placeholder of a secret."""
        if not text or _PLACEHOLDER.fullmatch(text):
            return text
        return self._known.get(text) or self._learned(text, f"secret-{self._digest(text)}".ljust(len(text), "-"))

    def hash(self, text: str) -> str:
        """Return a text of the same length and layout: white space and punctuation stay, all else is replaced."""
        if text in self._plain:
            return text
        letters: list[str] = []
        whole = stream = blake2b(text.encode("utf-8", "surrogatepass"), key=self._key).digest()
        for position, letter in enumerate(text):
            if position % 64 == 0:
                stream = blake2b(whole + position.to_bytes(8, "big"), key=self._key).digest()
            stays = letter.isspace() or not letter.isprintable() or letter in _PUNCTUATION
            others = _LETTERS if letter.isascii() else _FOREIGN
            letters.append(letter if stays else others[stream[position % 64] & 31])
        return "".join(letters)

    def members(self, text: str) -> str:
        """Return JSON of an app's with the texts in it hashed, but for what its ``type`` is."""
        return _within(_MEMBERS, text, self.hash) if isinstance(loaded(text), dict) else self.hash(text)

    def address(self, text: str) -> str:
        """Return the hash of something short that is found again wherever it stands, such as an e-mail address."""
        return self._known.get(text) or self._learned(text, self.hash(text))

    def spare(self, texts: Iterable[str]) -> None:
        """Leave these texts as they are from now on."""
        self._plain |= frozenset(texts)

    def _bare(self, text: str) -> str:
        lead, space, token = text.rpartition(" ")
        return f"{lead}{space}{self.secret(token)}"

    @property
    def _coming(self) -> "Mapping[str, _Replace]":
        return {"address": self._at_its_place, "text": self.hash, "number": place_number}

    def _at_its_place(self, address: str) -> str:
        url = _URL.fullmatch(address)
        return self._placed(url) if url is not None else address and f"secret-{self._digest(address)}"

    def signed(self, url: str) -> str:
        """Return a URL on the same host; one that no site would trust stays such a one."""
        found = _URL.fullmatch(url)
        if found is None:
            return self.secret(url)
        placed = self._placed(found)
        return placed if placed == url else self._known.get(url) or self._learned(url, placed)

    def _placed(self, found: re.Match[str]) -> str:
        scheme, host, rest = found.groups()
        user, at, name = host.rpartition("@")
        if rest.strip("/") and not _PLACEHOLDER.fullmatch(rest[1:].removesuffix(" ")):
            strange = " " if _STRANGE.search(rest) or len(found[0]) > _LONGEST_URL else ""
            rest = f"/secret-{self._digest(rest)}{strange}"
        return f"{scheme}{self.secret(user)}{at}{name}{rest}"

    def _digest(self, text: str) -> str:
        return blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=5).hexdigest()

    def _learned(self, text: str, placeholder: str) -> str:
        if len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[text] = placeholder
        self._pattern = None
        return placeholder

    # --- what goes out ---

    def known(self, text: str) -> str:
        """Replace what was learned in a text that goes out; hashed texts within JSON by their length."""
        if self.hashed:
            for passage in self._disclosure.going:
                text = _within(passage, text, place_number if passage.holds == "number" else self.measure)
        text = self._in_json(text, self._known_secret, self.measure if self.hashed else None)
        return self._seek(text)

    def known_body(self, body: bytes) -> str:
        """As above, for the body of a request; of one that is a file nothing is left where texts are hashed."""
        if self.hashed and body.startswith(self._disclosure.files):
            return "<file>"
        return self.known(body.decode("utf-8", "surrogateescape"))

    def answer(self, text: str) -> str:
        """As above, for what a request is answered with: it may be a secret as a whole, however short."""
        return self._known.get(text) or self.known(text)

    def asked(self, url: str) -> str:
        """As above, for the URL of a request; of where a file lies only the host where texts are hashed."""
        return hash_path(url, lambda _path: "") if self.hashed and self._disclosure.fetched(url) else self.answer(url)

    @staticmethod
    def measure(text: str) -> str:
        """Return what stands for a text that goes out where texts are hashed: its length."""
        return f"<{len(text)}>" if text else ""

    def _known_secret(self, text: str) -> str:
        return self._known.get(text, text)

    def _seek(self, text: str) -> str:
        """Replace known secrets wherever they stand, in each of the forms that they are written in."""
        if self._pattern is None:
            self._sought = {
                form: placeholder
                for secret, placeholder in self._known.items()
                if len(secret) >= _SHORTEST_SOUGHT or "@" in secret
                for form in (quote_plus(secret), quote(secret, safe=""), json.dumps(secret)[1:-1], secret)
            }
            forms = sorted(self._sought, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, forms)) or r"(?!)")
        return self._pattern.sub(lambda found: self._sought[found[0]], text)

    # --- JSON, read as text: it may be cut, malformed, or stand within other JSON ---

    def _in_json(self, text: str, secret: "_Replace", words: "_Replace | None") -> str:
        parts: list[str] = []
        done = 0
        position = 0
        named = self._named(text, secret, words)
        while found := _STRING.search(text, position):
            position = found.end()
            name = found[2].lower()
            replace = secret if name.endswith(_NAMES) else named.get(name)
            if replace is None:
                continue
            depth = (len(found[1]) + 1).bit_length()
            end = _end(text, position, len(found[1]))
            plain = _unescaped(text[position:end], depth)
            replaced = replace(plain)
            if replaced != plain:
                parts += (text[done:position], _escaped(replaced, depth))
                done = end
            position = end
        return "".join((*parts, text[done:])) if parts else text

    def _named(self, text: str, secret: "_Replace", words: "_Replace | None") -> "dict[str, _Replace]":
        """Return what replaces the texts under these names, but for those of secrets, in a text."""
        disclosure = self._disclosure
        named = {} if words is None else dict.fromkeys(disclosure.texts, words)
        if words is not None and words == self.hash:
            named |= {name: _rewriting(rewrite, words) for name, rewrite in disclosure.rewrite.items()}
        coming = secret == self.secret
        for word, names in disclosure.signed_beside.items():
            if coming and word in text:
                named |= dict.fromkeys(names, self.signed)
        for word, names in disclosure.secret_beside.items():
            if word in text:
                named |= dict.fromkeys(names, secret)
        if coming:
            named |= dict.fromkeys(disclosure.signed, self.signed)
        return named


_Replace = Callable[[str], str]


def _rewriting(rewrite: Callable[[str, Hash], str], hashed: Hash) -> _Replace:
    return lambda text: rewrite(text, hashed)


def place_number(text: str) -> str:
    """Return a latitude or longitude without its place, as long as it was; one that can be none stays so."""
    try:
        degrees = abs(float(text))
    except ValueError:
        return text
    if degrees > _MOST_DEGREES:
        return text
    return re.sub("[0-9]", "9" if _RIGHT_ANGLE < degrees < _THREE_DIGITS else "1", text)


def _within(passage: Passage, text: str, replace: _Replace) -> str:
    """Replace what a passage holds, wherever it stands in a text."""

    def replaced(found: re.Match[str]) -> str:
        return found[1] + _escaped(replace(_unescaped(found[2], 1)), 1)

    def searched(found: re.Match[str]) -> str:
        start = found.start(passage.within.groups) - found.start()
        return found[0][:start] + passage.each.sub(replaced, found[0][start:])

    return passage.within.sub(searched, text)


def _end(text: str, start: int, backslashes: int) -> int:
    """Return where a text of JSON ends: at the next quote of its own depth, or of a lower one, or at the very end."""
    position = start
    while (quote_at := text.find('"', position)) >= 0:
        before = quote_at
        while before > start and text[before - 1] == "\\":
            before -= 1
        count = quote_at - before
        if count < backslashes or count % (2 * backslashes + 2) == backslashes:
            return quote_at - min(count, backslashes)
        position = quote_at + 1
    return len(text)


def _unescaped(text: str, depth: int) -> str:
    for _ in range(depth):
        try:
            text = json.loads(f'"{text}"', strict=False)
        except ValueError:  # cut or malformed: as it stands
            break
    return text


def _escaped(text: str, depth: int) -> str:
    """Return a text as it stands in JSON of a depth, as short as it can be: what was no frame too large stays none."""
    is_cut = _HALF.search(text) is not None
    for _ in range(depth):
        text = json.dumps(text, ensure_ascii=is_cut)[1:-1]
    return text
