"""Makes the files of the evidence for a statement."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipeline import settings
from pipeline.articles import Found
from pipeline.collection import Collection
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
    versions,
)
from pipeline.publication import Published
from pipeline.records import Member, Provenance, Statement, json_line

CONTEXT = 400
"""Characters of an article before and after a quotation."""

Files = dict[str, bytes]
"""Content by name."""


def gather(collection: Collection, statement: Statement) -> tuple[Files, list[str]]:
    """The files of the evidence for a statement, and what is lacking: the inputs that are not as they were read.

    InputError when there would be more, or larger ones, than `verifying` reads.
    """
    files: Files = {}
    exhibits = dict(_exhibits(collection, statement, files))
    testimonies = _testimonies(collection, statement, exhibits, files)
    manifest = Manifest(
        format=FORMAT,
        versions=versions(),
        collection=_about(collection),
        limits={name: settings.limit(name) for name in sorted(settings.LIMITS)},
        redacted=isinstance(collection, Published),
        statement=statement,
        exhibits=tuple(exhibits.values()),
    )
    files[MANIFEST] = encoded(json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n")
    files[MEMBERS] = encoded("".join(json_line(asdict(one)) for one in testimonies))
    files[PAGE] = encoded(page.render(manifest, testimonies))
    files[SUMS] = "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
    if any(len(files[name]) > settings.limit("page") for name in (MANIFEST, MEMBERS, SUMS)):
        raise InputError(*_too_large("page", "there are so many members that a file is longer than {} bytes"))
    if len(files) > settings.limit("members"):
        raise InputError(*_too_large("members", "more than {} files would be in it"))
    if sum(map(len, files.values())) > settings.limit("evidence"):
        raise InputError(*_too_large("evidence", "it would be larger than {} bytes"))
    return files, list(_lacking(manifest))


def _lacking(manifest: Manifest) -> Iterator[str]:
    """Which inputs are not in the evidence, and why."""
    for one in () if manifest.redacted else manifest.exhibits:
        if one.original is None:
            yield f"what {one.id} was read from: no version noted it that read it; run it again from the articles"
        elif one.original.missing:
            yield f"{one.original.where}: {one.original.missing}"


def _exhibits(collection: Collection, statement: Statement, files: Files) -> Iterator[tuple[str, Exhibit]]:
    """The articles of the members by their ids, in that order; their texts and inputs go into `files`."""
    stems: dict[tuple[bytes, str], str] = {}
    again: dict[str, list[Found]] = {}
    for number, article_id in enumerate(dict.fromkeys(member.article_id for member in statement.members), 1):
        article = collection.article(article_id)
        if article is None:
            raise InputError(
                f"{article_id} is not in {collection.folder} any more", "first: crossquote doctor --in DIR"
            )
        name = f"articles/{number:03}.txt"
        files[name] = article.text.encode()
        exhibit = Exhibit(
            file=name,
            sha256=sha256(files[name]).hexdigest(),
            id=article.id,
            language=article.language,
            outlet=article.outlet,
            title=article.title,
            published=article.published,
            url=article.url,
            translation_of=article.translation_of,
            translator=article.translator,
            normalised=collection.normalised(article_id),
            reprint_of=_original_of(collection, article_id),
            original=None,
        )
        read = collection.provenance(article_id)
        if read is not None:
            exhibit = replace(exhibit, original=_original(read, exhibit, article.text, files, stems, again))
        yield article_id, exhibit


def _original_of(collection: Collection, article_id: str) -> str | None:
    """The id, as it may be published, of the article that one reprints."""
    source = collection.sources([article_id]).get(article_id)
    original = collection.article(source.original) if source and source.original else None
    return original.id if original else None


def _original(
    read: Provenance,
    exhibit: Exhibit,
    text: str,
    files: Files,
    stems: dict[tuple[bytes, str], str],
    again: dict[str, list[Found]],
) -> Original:
    """What an article was read from; inputs that are there go into `files`, one that several articles share once."""
    told = Original(sha256=read.sha256, where=read.where, record_id=read.record_id, read_at=read.read_at)
    found = originals.find(read)
    if isinstance(found, str):
        return replace(told, missing=found)
    stem = stems.setdefault((sha256(found.data).digest(), found.kind), Path(exhibit.file).stem)
    file = f"inputs/{stem}{found.kind}"
    files[file] = found.data
    if found.page is not None:
        told = replace(told, payload=f"payloads/{stem}.html")
        files[f"payloads/{stem}.html"] = found.page
    if file not in again:
        again[file] = originals.read_again(found.data, file)
    return replace(told, file=file, differing=originals.differing(again[file], exhibit, text, read.sha256))


def _testimonies(
    collection: Collection, statement: Statement, exhibits: dict[str, Exhibit], files: Files
) -> list[Testimony]:
    ids = [member.quote_id for member in statement.members]
    quotes, joins = collection.some_quotes(ids), collection.some_joins(ids)
    made = []
    for member in statement.members:
        file, join = exhibits[member.article_id].file, joins.get(member.quote_id)
        start, end = _around(text := files[file].decode(), member)
        made.append(
            Testimony(
                file=file,
                member=member,
                quote=quotes[member.quote_id],
                start=start,
                context=text[start:end],
                probability=join.probability if join else None,
                why=join.why if join else None,
            )
        )
    return made


def _around(text: str, member: Member) -> tuple[int, int]:
    """The stretch around a quotation: whole paragraphs, or whole words where these are long."""
    start, end = max(0, member.start - CONTEXT), min(len(text), member.end + CONTEXT)
    if start:
        cuts = [at for mark in "\n " if (at := text.find(mark, start, member.start)) >= 0]
        start = cuts[0] if cuts else start
    if end < len(text):
        cuts = [at for mark in "\n " if (at := text.rfind(mark, member.end, end)) >= 0]
        end = cuts[0] if cuts else end
    before, after = text[start : member.start], text[member.end : end]
    return member.start - len(before.lstrip()), member.end + len(after.rstrip())


def _about(collection: Collection) -> dict[str, Any]:
    """What made the collection, as the last run told it."""
    account = json.loads(collection.meta("account") or "{}")
    told = {name: account.get(name) for name in ("version", "models", "settings")}
    return {
        "title": collection.title,
        "signature": collection.meta("signature"),
        **told,
        "changed": collection.meta("changed"),
    }


def _too_large(limit: str, told: str) -> tuple[str, str]:
    return (
        f"the evidence is too large: {settings.over_limit(limit, told)}",
        "raise that limit, here and where it is verified",
    )
