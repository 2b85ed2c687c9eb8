"""Checks evidence: that nothing was changed since it was exported, and that what it says agrees with itself.

Nothing that it says is believed: neither names and offsets nor that there are few of them.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from pydantic import TypeAdapter, ValidationError

from pipeline import files
from pipeline.articles import Found
from pipeline.errors import InputError
from pipeline.evidence import originals, page
from pipeline.evidence.manifest import (
    FORMAT,
    MANIFEST,
    MEMBERS,
    PAGE,
    SUMS,
    Exhibit,
    Manifest,
    Original,
    Testimony,
    encoded,
    others,
)
from pipeline.evidence.unpacking import Damaged, Unpacked, unpacked
from pipeline.records import ELLIPSIS, Span, join_pieces

SUM = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")
LONGEST = 500  # characters of what is told of a fault: names and values in it come from outside


@dataclass(slots=True)
class Examined:
    """What came of checking a file: `sha256` is its own, `faults` what was changed, `notes` what could not be compared."""

    sha256: str
    manifest: Manifest | None = None
    inputs: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(path: Path) -> Examined:
    """Check the evidence in a zip; InputError when it is none, or not to be trusted with being read."""
    with unpacked(path) as inside:
        check = _Check(inside)
        manifest = check.all()
    return Examined(files.sha256(path), manifest, check.inputs, [*check.faults], [*check.notes])


class _Lacking(Exception):
    """A file that cannot be looked into; it was named as a fault before."""


class _Check:
    """The checks of one zip, in the order in which one relies on another."""

    def __init__(self, inside: Unpacked) -> None:
        self._files = inside
        self._lacking: set[str] = set()
        self._hashes: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._read_again: dict[str, list[Found]] = {}
        self.inputs = 0
        self.faults: dict[str, None] = {}  # each once, in order
        self.notes: dict[str, None] = {}

    def all(self) -> Manifest | None:
        """Check everything; the manifest, if there is one."""
        self._sums()
        manifest = self._manifest()
        if manifest is None:
            return None
        testimonies = self._testimonies()
        for exhibit in manifest.exhibits:
            with suppress(_Lacking):
                self._exhibit(exhibit, manifest)
        if testimonies is not None and self._members(manifest, testimonies):
            with suppress(_Lacking):
                self._page(manifest, testimonies)
        known = {MANIFEST, MEMBERS, PAGE, SUMS, *(name for one in manifest.exhibits for name in _named(one))}
        for name in sorted(self._files.names - known):
            self._fault(f"{name} is of nothing that {MANIFEST} names")
        return manifest

    def _fault(self, told: str) -> None:
        self.faults[_line(told)] = None

    def _note(self, told: str) -> None:
        self.notes[_line(told)] = None

    def _read(self, name: str) -> bytes:
        """The content of a file; _Lacking when there is none, which is a fault."""
        if name in self._lacking:
            raise _Lacking
        if name in self._files.names:
            try:
                return self._files.read(name)
            except Damaged as error:
                self._fault(f"{name} is damaged: {error}")
        else:
            self._fault(f"{name} is missing")
        self._lacking.add(name)
        raise _Lacking

    def _hash(self, name: str) -> str:
        """The SHA-256 of a file, taken once; _Lacking as `_read`."""
        if name not in self._hashes:
            self._hashes[name] = sha256(self._read(name)).hexdigest()
        return self._hashes[name]

    def _text(self, name: str) -> str:
        if name not in self._texts:
            self._texts[name] = self._read(name).decode("utf-8", "replace")
        return self._texts[name]

    # Every file is in the list with its hash, and every file of the list is there

    def _sums(self) -> None:
        with suppress(_Lacking):
            listed = self._listed()
            for name in sorted({*listed, *self._files.names} - {SUMS}):
                with suppress(_Lacking):
                    if name not in listed:
                        self._fault(f"{name} was added: it is not in {SUMS}")
                    elif self._hash(name) != listed[name]:
                        self._fault(f"{name} was changed")

    def _listed(self) -> dict[str, str]:
        """Hashes by name."""
        listed = {}
        for line in self._text(SUMS).split("\n")[:-1]:
            found = SUM.fullmatch(line)
            if found is None:
                self._fault(f"{SUMS} was changed: it has a line that is none")
                break
            listed[found[2]] = found[1]
        return listed

    # What they say can be read

    def _manifest(self) -> Manifest | None:
        with suppress(_Lacking):
            found: Manifest | None = self._parsed(MANIFEST, self._read(MANIFEST), Manifest)
            if found is not None and found.format > FORMAT:
                raise InputError(
                    f"it was made by version {found.versions.get('crossquote')}", "verify it with that, or a newer one"
                )
            if found is not None and len({one.file for one in found.exhibits}) < len(found.exhibits):
                self._fault(f"{MANIFEST} has an article twice")
                return None
            return found
        return None

    def _testimonies(self) -> list[Testimony] | None:
        found = []
        with suppress(_Lacking):
            for number, line in enumerate(self._read(MEMBERS).split(b"\n")[:-1], 1):
                one = self._parsed(f"{MEMBERS}:{number}", line, Testimony)
                if one is None:
                    return None
                found.append(one)
            return found
        return None

    def _parsed(self, where: str, data: bytes, kind: Any) -> Any:
        try:
            return _adapter(kind).validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            self._fault(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
        return None

    # The texts are those of the manifest, and their inputs give them

    def _exhibit(self, exhibit: Exhibit, manifest: Manifest) -> None:
        if self._hash(exhibit.file) != exhibit.sha256:
            self._fault(f"{exhibit.file} is not the text whose hash {MANIFEST} has")
        original = exhibit.original
        if original is not None and original.file is not None:
            self._original(exhibit, original, original.file, manifest)
        elif not manifest.redacted:
            reason = original.missing if original else "it was read by a version that did not note it"
            self._note(f"{exhibit.file}: there is no input to compare it with: {reason}")

    def _original(self, exhibit: Exhibit, told: Original, name: str, manifest: Manifest) -> None:
        hashed = told.payload or name
        if self._hash(hashed) != told.sha256:
            self._fault(f"{hashed} is not the input whose hash {MANIFEST} has")
            return
        if name not in self._read_again:
            self._read_again[name] = originals.read_again(self._read(name), name)
            self.inputs += 1
        differing = originals.differing(self._read_again[name], exhibit, self._text(exhibit.file), told.sha256)
        what = f"{exhibit.file}: {name} gives another {' and '.join(differing)}"
        if not differing:
            return
        if differing == told.differing:
            self._note(f"{what}, as it did when it was exported: an earlier version had read it")
        elif changed := others(manifest):
            self._note(f"{what}, to another version than it was exported with: {', '.join(changed)}")
        else:
            self._fault(what)

    # The members are those of the statement, and their words stand where they say

    def _members(self, manifest: Manifest, testimonies: Sequence[Testimony]) -> bool:
        """Whether all of them are."""
        before = len(self.faults)
        if tuple(one.member for one in testimonies) != manifest.statement.members:
            self._fault(f"{MEMBERS} and {MANIFEST} differ in the members of the statement")
        exhibits = {exhibit.file: exhibit for exhibit in manifest.exhibits}
        for number, one in enumerate(testimonies, 1):
            with suppress(_Lacking):
                for told in self._wrong(one, exhibits.get(one.file)):
                    self._fault(f"{MEMBERS}:{number}: {told}")
        return len(self.faults) == before and self._lacking.isdisjoint(exhibits)

    def _wrong(self, one: Testimony, exhibit: Exhibit | None) -> Iterator[str]:
        """What a member says that is not so."""
        member, quote = one.member, one.quote
        if exhibit is None or not exhibit.id == member.article_id == quote.article_id:
            yield f"{one.file} is not the article that it is of"
            return
        for name in ("outlet", "published", "language"):
            if getattr(member, name) != getattr(exhibit, name):
                yield f"{name} is not that of the article"
        text = self._text(one.file)
        if not (
            member.quote_id == quote.id
            and member.text == quote.text == _words(text, quote.pieces, len(member.text))
            and (member.start, member.end) == (quote.start, quote.end)
        ):
            yield f"its words do not stand in {one.file} from {member.start} to {member.end}"
        if one.start < 0 or not text.startswith(one.context, one.start):
            yield f"its context does not stand in {one.file} at {one.start}"

    # The page shows what manifest and members say

    def _page(self, manifest: Manifest, testimonies: Sequence[Testimony]) -> None:
        shown = self._read(PAGE)
        with suppress(ValueError, TemplateError):
            if encoded(page.render(manifest, testimonies)) == shown:
                return
        told = f"{PAGE} does not show what {MANIFEST} and {MEMBERS} say"
        if changed := others(manifest):
            self._note(f"{told}, as another version shows it: {', '.join(changed)}")
        else:
            self._fault(told)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _line(told: str) -> str:
    return " ".join(told.split())[:LONGEST]


def _named(exhibit: Exhibit) -> Iterator[str]:
    """The files that an article has."""
    yield exhibit.file
    if exhibit.original is not None:
        yield from filter(None, (exhibit.original.file, exhibit.original.payload))


def _words(text: str, pieces: Sequence[Span], length: int) -> str | None:
    """The words of pieces that follow one another; None when they do not, or are not that long."""
    ends = [at for piece in pieces for at in piece]
    within = ends == sorted(ends) and ends[:1] >= [0] and ends[-1] <= len(text)
    long = sum(end - start for start, end in pieces) + len(ELLIPSIS) * (len(pieces) - 1)
    return join_pieces(text, pieces) if within and long == length else None
