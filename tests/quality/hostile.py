"""Hostile input: samples of ours changed byte by byte, and files whose structure lies, each with the commands that meet it.

`KINDS` has a hypothesis strategy for each kind of input. Nothing here knows how anything is read.
"""

import gzip
import io
import json
import stat
import tempfile
import warnings
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

SAMPLE = Path(__file__).parents[2] / "corpora" / "sample" / "articles.jsonl"
COLLECTION = "made"
"""The folder of a small collection that a command finds when one of its words is this."""

Files = dict[str, bytes]
Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attack:
    """Files by name, commands that are run in their folder one after the other, and what stands on standard input.

    The command ``GET`` asks a served collection.
    """

    kind: str
    commands: tuple[Command, ...]
    files: Files = field(default_factory=dict)
    stdin: bytes = b""

    def to_json(self) -> dict[str, Any]:
        """What `from_json` makes the same attack of; file names may be no Unicode."""
        return {
            "kind": self.kind,
            "commands": [[b64encode(word.encode("utf-8", "surrogatepass")).decode() for word in c] for c in self.commands],
            "shown": [" ".join(command).encode("ascii", "backslashreplace").decode()[:300] for command in self.commands],
            "files": {ascii(name): [b64encode(name.encode("utf-8", "surrogatepass")).decode(), b64encode(data).decode()]
                      for name, data in self.files.items()},
            "stdin": b64encode(self.stdin).decode(),
        }  # fmt: skip

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Attack":
        """See `to_json`."""
        return cls(
            record["kind"],
            tuple(tuple(b64decode(word).decode("utf-8", "surrogatepass") for word in c) for c in record["commands"]),
            {b64decode(name).decode("utf-8", "surrogatepass"): b64decode(data) for name, data in record["files"].values()},
            b64decode(record["stdin"]),
        )  # fmt: skip


# Words and marks

TERMINAL = (
    "\x1b]52;c;aGk=\x07",
    "\x1b[2J\x1b[1;1H",
    "\x9b31m",
    "\x1b]8;;http://a.example\x1b\\x\x1b]8;;\x1b\\",
    "[red]x[/]",
)
HOSTILE = (
    *TERMINAL, "\0", "\r", "\n", "\t", "\x0b", "\x85", "\u2028", "\ufeff", "\u200b", "\u202e", "\u2066", "\u200f", "\ufffe", "\ud800",
    "<script>alert(1)</script>", "</script>", "</style>", "]]>", "<![CDATA[", "<!--", "-->", "<br", "&x;", "&#0;", "&#xD800;",
    "&#99999999999;", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "<!ENTITY x 'y'>", "=cmd|' /C calc'!A0", "@SUM(1)",
    "javascript:alert(1)", " JaVaScRiPt:x", "data:text/html,x", "//evil.example", "file:///etc/passwd", "http://[", "http://a:b:c",
    "../../../../tmp/x", "/etc/passwd", "C:\\x", "con", "NaN", "-Infinity", "1e999", "-1", "0", "99999999999999999999", "1" * 5000,
    '"', "'", "\\", "\\ud800", "{", "}", "[", "]", "%s%n", "{0}", "{{", "' OR 1=1 --", "\x00%00", "«", "»", "“", "”", "„", "— ",
    "- ", "…", "(" , ")", "e" + "\u0301" * 300, "🏳\u200d🌈", "ﷺ" * 50, "İ", "ß", "ǅ", "٣", "²", "Ⅷ", "א", "http://", "@", "#", "’",
)  # fmt: skip
WORDS = (
    "the", "mayor", "said", "Vira", "Zahaiska", "harbour master", "he", "she", "who", "that", "told", "reporters", "according to", "Mr.",
    "not", "420", "megawatts", "was", "сказал", "сказала", "мэр", "Иван", "Петров", "что", "он", "она", "по словам", "не", "«Мы", "ждём»",
    "заявил", "сказав", "міністр", "Олена", "Шевченко", "що", "вона", "за словами", "пояснила", "не", "Ми", "чекаємо", "—", "–", "-", ",",
    ".", "!", "?", ":", ";", "...", "1,000.50", "$5", "50%", "12.03.2024", "10:30", "U.S.", "т. д.", "грн.", "https://a.example/x?y=1", "a@b.c",
    "#тег", "I", "і", "й", "O’Neil", "д’Артаньян", "об'єкт", "Anna-Maria", "ВВС", "IP-адрес",
)  # fmt: skip


def _text(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


@st.composite
def prose(draw: DrawFn) -> str:
    """Words, marks and worse in any order; sometimes one of them again and again."""
    parts = draw(st.lists(st.sampled_from([*WORDS, *WORDS, *WORDS, *HOSTILE]), min_size=1, max_size=60))
    text = draw(st.sampled_from([" ", " ", " ", "", "\n", ", "])).join(parts)
    if draw(st.integers(0, 9)) == 0:
        unit = draw(st.sampled_from([parts[0], " ".join(parts[:3]), text[:20]]))
        text = unit * draw(st.sampled_from([50, 500, 5_000])) + text
    return text[:200_000]


@st.composite
def news(draw: DrawFn) -> str:
    """A text of the sample with something hostile in several places: long enough that its language is told."""
    text = draw(st.sampled_from([one["text"] for one in sample()]))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(HOSTILE) | prose()) + text[at:]
    return text


@cache
def sample() -> list[dict[str, Any]]:
    """Some articles of the sample, the shortest of each language."""
    articles = sorted(map(json.loads, SAMPLE.read_text("utf-8").splitlines()), key=lambda one: len(one["text"]))
    return [one for code in ("en", "ru", "uk") for one in [a for a in articles if a["language"] == code][:2]]


def texts() -> SearchStrategy[str]:
    """Any of these."""
    return news() | prose() | st.text(max_size=50)


# Bytes

Change = Callable[[DrawFn, bytes], bytes]


def _place(draw: DrawFn, data: bytes) -> tuple[int, int]:
    start = draw(st.integers(0, len(data)))
    return start, min(len(data), start + draw(st.sampled_from([1, 2, 3, 8, 40, 400, 4_000])))


def _flipped(draw: DrawFn, data: bytes) -> bytes:
    changed = bytearray(data)
    for at in draw(st.lists(st.integers(0, max(0, len(data) - 1)), max_size=12)) if data else ():
        changed[at] ^= draw(st.integers(1, 255))
    return bytes(changed)


def _without(draw: DrawFn, data: bytes) -> bytes:
    start, end = _place(draw, data)
    return data[:start] + data[end:]


def _cut(draw: DrawFn, data: bytes) -> bytes:
    return data[: draw(st.integers(0, len(data)))]


def _repeated(draw: DrawFn, data: bytes) -> bytes:
    start, end = _place(draw, data)
    times = draw(st.sampled_from([2, 30, 1_000]))
    return data[:start] + (data[start:end] * times)[:400_000] + data[end:]


def _inserted(draw: DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data)))
    return data[:at] + _text(draw(st.sampled_from(HOSTILE))) + data[at:]


def _recoded(draw: DrawFn, data: bytes) -> bytes:
    codec = draw(st.sampled_from(["utf-16", "utf-16-be", "utf-32", "cp1251", "koi8-u", "utf-8-sig", "cp037", "utf-7"]))
    recoded = data.decode("utf-8", "replace").encode(codec, "replace")
    return recoded[draw(st.integers(0, 1)) : len(recoded) - draw(st.integers(0, 1))]


def _number(draw: DrawFn, data: bytes) -> bytes:
    """A number in it is another: lengths, sizes, offsets."""
    digits = [at for at in range(len(data)) if data[at : at + 1].isdigit()]
    if not digits:
        return data
    at = draw(st.sampled_from(digits[:200]))
    return data[:at] + draw(st.sampled_from([b"-1", b"0", b"4294967296", b"9" * 30, b"NaN", b""])) + data[at + 1 :]


CHANGES: tuple[Change, ...] = (_flipped, _without, _cut, _repeated, _inserted, _inserted, _recoded, _number)


@st.composite
def changed(draw: DrawFn, samples: Sequence[bytes]) -> bytes:
    """A sample that was changed in a few ways, or spliced with another."""
    data = draw(st.sampled_from(list(samples)))
    if draw(st.integers(0, 7)) == 0:
        data = data[: len(data) // 2] + draw(st.sampled_from(list(samples)))[len(data) // 3 :]
    for _ in range(draw(st.integers(1, 4))):
        data = draw(st.sampled_from(CHANGES))(draw, data)
    return data[:2_000_000]


# JSON

NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-0",
    "9" * 30,
    "1" * 5_000,
    "1.5",
    "true",
    "null",
    "2024",
    '"\\ud800"',
)
DEEP = ("[" * 10_000, '{"a":' * 10_000, "[" * 200 + "]" * 200, '{"a":' * 150 + "1" + "}" * 150, "[" * 900 + "]" * 900)


def json_value() -> SearchStrategy[str]:
    """The text of a value; not always JSON."""
    plain = st.sampled_from(NUMBERS) | st.sampled_from(HOSTILE).map(json.dumps) | texts().map(json.dumps)
    return plain | st.sampled_from(DEEP) | st.lists(plain, max_size=3).map(lambda some: f"[{','.join(some)}]")


@st.composite
def json_object(draw: DrawFn, names: Sequence[str], good: dict[str, Any]) -> str:
    """The text of an object with some hostile fields, or one of them twice."""
    fields = {name: json.dumps(value, ensure_ascii=draw(st.booleans())) for name, value in good.items()}
    pairs = list(fields.items())
    for _ in range(draw(st.integers(0, 3))):
        pairs.append((draw(st.sampled_from([*names, "", "__proto__", "\x1b"])), draw(json_value())))
    if draw(st.booleans()):
        pairs = draw(st.permutations(pairs))
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in pairs) + "}"


FIELDS = ("text", "id", "outlet", "language", "title", "published", "url", "translation_of", "translator")


@st.composite
def article_line(draw: DrawFn) -> str:
    """An article as JSON Lines have it."""
    good: dict[str, Any] = dict(draw(st.sampled_from(sample())))
    good["text"] = draw(texts() | st.just(good["text"]))
    for name in draw(st.lists(st.sampled_from(FIELDS[1:]), max_size=3)):
        good[name] = draw(
            st.sampled_from(HOSTILE)
            | st.sampled_from(["2024-03-12T10:00:00+99:99", "0001-01-01", "9999-12-31", "de", "UK"])
        )
    return draw(st.just(json.dumps(good, ensure_ascii=False)) | json_object(FIELDS, good))


@st.composite
def jsonl(draw: DrawFn) -> bytes:
    """A file of articles."""
    lines = draw(st.lists(article_line() | st.sampled_from([*DEEP, "", "5", "null", "[]"]), min_size=1, max_size=4))
    return _text(draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n"])).join(lines) + draw(st.sampled_from(["", "\n"])))


# Pages and feeds

TAGS = ("p", "div", "table", "td", "article", "h1", "a href=x", "script", "style", "template", "svg", "math", "noscript", "br", "li", "b",
        "iframe", "select", "title", "body", "html", "head", "base href=//x", "meta charset=utf-16", "time datetime=x", "!doctype", "?xml")  # fmt: skip
OPENED = ("<div>", "<table><tr><td>", "<b>", "<p><span>", "<ul><li>", "<font>", "<a href=x>", "<blockquote>")


@st.composite
def page(draw: DrawFn) -> str:
    """A page with hostile words where words are, elements without end, or data of its own that lie."""
    body = draw(texts())
    paragraphs = "".join(f"<p>{line}</p>" for line in body.split("\n")[:300])
    soup = "".join(
        f"<{'/' if closing else ''}{tag}>"
        for tag, closing in draw(st.lists(st.tuples(st.sampled_from(TAGS), st.booleans()), max_size=20))
    )
    deep = draw(st.sampled_from(OPENED)) * draw(st.sampled_from([0, 0, 0, 40, 250, 1_000, 10_000]))
    many = draw(st.sampled_from(["<i>x</i>", "<p>Да.</p>", "<br>", "<p class=", "<a>", "<!--", "<![CDATA["])) * draw(
        st.sampled_from([0, 0, 0, 500, 20_000, 60_000])
    )
    data = draw(
        json_object(("datePublished", "inLanguage", "publisher", "@graph", "headline"), {"datePublished": "2024-03-12"})
    )
    attribute = draw(st.sampled_from(HOSTILE)) * draw(st.sampled_from([1, 1, 1, 300]))
    return (
        f'<html lang="{draw(st.sampled_from(["en", "uk", attribute]))}"><head><title>{draw(st.sampled_from(HOSTILE))}</title>'
        f'<meta property="article:published_time" content="{attribute}"><meta property="og:url" content="{attribute}">'
        f'<meta property="og:site_name" content="{attribute}"><script type="application/ld+json">{data}</script></head>'
        f"<body>{soup}{deep}<article>{paragraphs}{many}</article></body></html>"
    )


@st.composite
def feed(draw: DrawFn) -> str:
    """RSS, Atom or JSON Feed."""
    form = draw(st.integers(0, 2))
    if form == 2:
        item = draw(
            json_object(("content_html", "content_text", "title", "url", "language"), {"content_text": draw(texts())})
        )
        return (
            draw(
                json_object(("version", "title", "items", "language"), {"version": "https://jsonfeed.org/version/1.1"})
            )[:-1]
            + f',"items":[{item}]}}'
        )
    inside = draw(texts()) if draw(st.booleans()) else f"<![CDATA[{draw(page())}]]>"
    head = draw(
        st.sampled_from(
            ["", '<?xml version="1.0" encoding="utf-16"?>', BOMB, '<!DOCTYPE rss SYSTEM "http://x.example/a.dtd">']
        )
    )
    deep = "<description>" * draw(st.sampled_from([0, 0, 255, 300, 10_000]))
    link, when = (
        draw(st.sampled_from(HOSTILE)),
        draw(st.sampled_from([*HOSTILE, "Tue, 12 Mar 99999 18:40:00 +9999", "12 Mar 2024"])),
    )
    if form == 1:
        return f'{head}<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><link href="{link}"/><updated>{when}</updated><content type="xhtml">{deep}{inside}</content></entry></feed>'
    return f"{head}<rss><channel><title>{link}</title><item><link>{link}</link><pubDate>{when}</pubDate><description>{deep}{inside}</description></item></channel></rss>"


BOMB = (
    "<!DOCTYPE a ["
    + '<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


def good_page(article: dict[str, Any], charset: str = "utf-8") -> bytes:
    """An article of the sample as a page."""
    paragraphs = "".join(f"<p>{line}</p>" for line in article["text"].split("\n\n"))
    head = f'<meta charset="{charset}"><title>{article.get("title")}</title>'
    return f"<!doctype html><html><head>{head}</head><body><article>{paragraphs}</article></body></html>".encode(
        charset, "replace"
    )


# Archives

PACKINGS: dict[bytes, Callable[[bytes], bytes]] = {
    b"": bytes, b"gzip": gzip.compress, b"deflate": zlib.compress, b"gzip, gzip": gzip.compress, b"br": bytes, b"zstd": bytes, b"x": bytes,
}  # fmt: skip


@st.composite
def warc_record(draw: DrawFn) -> bytes:
    """A record of a WARC file; lengths, packing and headers may lie."""
    body = _text(draw(page())) if draw(st.booleans()) else draw(changed(pages()))
    packing = draw(st.sampled_from(list(PACKINGS)))
    packed = PACKINGS[packing](body)
    packed = packed[: draw(st.integers(0, len(packed)))] if draw(st.integers(0, 4)) == 0 else packed
    headers = [
        b"Content-Type: "
        + draw(st.sampled_from([b"text/html", b"text/html; charset=utf-16", b"", b"image/png", b"x" * 9_000]))
    ]
    if packing:
        headers.append(b"Content-Encoding: " + packing)
    if draw(st.booleans()):
        headers.append(b"Transfer-Encoding: chunked")
        size = draw(st.sampled_from([b"%x" % len(packed), b"-5", b"ffffffffffffffff", b"", b"zz", b"0"]))
        packed = size + b"\r\n" + packed + draw(st.sampled_from([b"\r\n0\r\n\r\n", b"", b"\r\n-1\r\n"]))
    status = draw(
        st.sampled_from(
            [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK", b"HTTP/1.1 999", b"HTTP/1.1", b"ICY 200", b"\xff\xfe", b""]
        )
    )
    block = b"\r\n".join([status, *headers]) + b"\r\n\r\n" + packed
    length = draw(
        st.sampled_from(
            [b"%d" % len(block)] * 6 + [b"-1", b"0", b"99999999999999", b"x", b"", b"%d" % (len(block) // 2)]
        )
    )
    kind = draw(st.sampled_from([b"response", b"response", b"resource", b"revisit", b"warcinfo", b"x"]))
    url = _text(draw(st.sampled_from(["https://a.example/1", *HOSTILE])))
    return (
        draw(st.sampled_from([b"WARC/1.1", b"WARC/1.0", b"WARC/9", b"WARC/", b"ARC"])) + b"\r\nWARC-Type: " + kind
        + b"\r\nWARC-Target-URI: " + url + b"\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: " + length
        + b"\r\n\r\n" + block + b"\r\n\r\n"
    )  # fmt: skip


def good_record(body: bytes) -> bytes:
    """A record of a WARC file."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body
    return (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/2\r\nContent-Type: application/http\r\n"
        b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block), block)
    )


@st.composite
def warc(draw: DrawFn, *, packed: bool) -> bytes:
    """A WARC file, packed record by record or not."""
    records = draw(
        st.lists(warc_record() | st.sampled_from([good_record(one) for one in pages()]), min_size=1, max_size=3)
    )
    data = b"".join(map(gzip.compress, records) if packed else records)
    return draw(changed([data])) if draw(st.booleans()) else data


NAMES = (
    "../x",
    "/x",
    "a/../../x",
    "C:\\x",
    "a\\..\\x",
    "\x1b[2J",
    "a" * 300,
    "",
    ".",
    "..",
    "a/b",
    "con",
    "x\n",
    "\u202egnp.exe",
    "a/./b",
    "a//b",
)


@st.composite
def zipped(draw: DrawFn, good: Files) -> bytes:
    """A zip file of these members, and of some that should not be there; what it says of them may be wrong."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, data in good.items():
            archive.writestr(name, data, zipfile.ZIP_DEFLATED)
        for name in draw(st.lists(st.sampled_from(NAMES), max_size=2)):
            info = zipfile.ZipInfo(next(iter(good)).partition("/")[0] + "/" + name if draw(st.booleans()) else name)
            info.external_attr = (
                draw(st.sampled_from([0, stat.S_IFLNK, stat.S_IFREG, stat.S_IFIFO, stat.S_IFDIR])) << 16
            )
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, draw(st.sampled_from([b"x", b"/etc/passwd", b"\0" * 3_000_000])))
    data = out.getvalue()
    return draw(changed([data]) | _directory_lies(data)) if draw(st.integers(0, 2)) else data


@st.composite
def _directory_lies(draw: DrawFn, data: bytes) -> bytes:
    """A zip whose directory says other sums, sizes, methods, flags or places than it holds."""
    lied, at = bytearray(data), data.find(b"PK\1\2")
    offset, size = draw(
        st.sampled_from([(8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (38, 4), (42, 4)])
    )
    while at >= 0:
        lied[at + offset : at + offset + size] = draw(st.sampled_from([b"\xff", b"\0", b"\x01", b"\x63"])) * size
        at = data.find(b"PK\1\2", at + 1)
    return bytes(lied)


# Samples of every kind


@cache
def pages() -> list[bytes]:
    return [*map(good_page, sample()), good_page(sample()[2], "cp1251")]


def _mhtml(body: bytes) -> bytes:
    return (
        b'From: <Saved by Blink>\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
        b"Content-Transfer-Encoding: 8bit\r\nContent-Location: https://a.example/3\r\n\r\n" + body + b"\r\n--b--\r\n"
    )


def _front_matter() -> SearchStrategy[str]:
    values = st.sampled_from([*HOSTILE, "2024-03-12", "[1, 2]", "{a: b}", "*x", "&x [*x]", "!!python/object:os.system x", "!!binary x", "|", ">",
                              "2024-13-45", ".inf", "0x" + "f" * 5_000, "1" * 5_000, "? a", "<<: *x", "[" * 1_000, "1:2:3", "~"])  # fmt: skip
    line = st.builds("{}: {}".format, st.sampled_from([*FIELDS, "? x", "&a a", "<<", "text"]), values)
    return st.lists(line, max_size=5).map(lambda lines: "---\n" + "\n".join(lines) + "\n---\n")


def _text_file() -> SearchStrategy[bytes]:
    return st.builds("{}{}".format, _front_matter() | st.just(""), texts()).map(_text)


TMX_UNIT = '<tu><tuv xml:lang="en"><seg>We wait.</seg></tuv><tuv xml:lang="uk"><seg>Ми чекаємо.</seg></tuv></tu>'


@st.composite
def tmx(draw: DrawFn) -> bytes:
    """A TMX file: without a header, with entities, with languages that nobody knows, nested, endless."""
    head = draw(
        st.sampled_from(
            [
                '<?xml version="1.0"?>',
                '<?xml version="1.0" encoding="utf-16"?>',
                "",
                BOMB,
                "<!DOCTYPE tmx SYSTEM 'http://x.example/'>",
            ]
        )
    )
    header = draw(
        st.sampled_from(
            ['<header srclang="en"/>', '<header srclang="*all*"/>', "<header/>", "", '<header srclang="xx">']
        )
    )
    units = []
    for _ in range(draw(st.integers(0, 3))):
        codes = draw(st.lists(st.sampled_from(["en", "uk", "ru", "EN-us", "xx", "", "*all*", "uk_UA"]), max_size=3))
        seg = (
            draw(st.sampled_from([*HOSTILE, "<ph><sub>x</sub></ph>", "<bpt>", "&l9;", "<seg>", "x" * 1_100_000]))
            if draw(st.booleans())
            else draw(prose())
        )
        prop = f'<prop type="{draw(st.sampled_from(["x-model", "x-origin", ""]))}">{draw(st.sampled_from(["human", "machine", "<b/>", "&lt;"]))}</prop>'
        units.append(
            "<tu>" + prop + "".join(f'<tuv xml:lang="{code}"><seg>{seg}</seg></tuv>' for code in codes) + "</tu>"
        )
    deep = "<tu>" * draw(st.sampled_from([0, 0, 10_000]))
    return _text(f'{head}<tmx version="1.4">{header}<body>{TMX_UNIT}{deep}{"".join(units)}</body></tmx>')


def _table(columns: SearchStrategy[str], most: int) -> SearchStrategy[bytes]:
    """Lines of tab-separated columns, as many as there are or not."""
    line = st.lists(columns, max_size=most).map("\t".join)
    return st.lists(line | st.sampled_from(["# x", "", '"a', "\t\t\t\t"]), max_size=6).map(
        lambda lines: _text("\n".join(lines))
    )


COLUMN = st.sampled_from([*HOSTILE, *WORDS, "en", "ru", "uk", "de", "", "Верховна Рада"]) | prose()
NAME = st.sampled_from(
    [
        *HOSTILE,
        "Віра Загайська",
        "Vira Zahaiska",
        "Ivan Petrov",
        "Иван Петров",
        "А. Б.",
        "x" * 3_000,
        "Anna " * 400,
        "# x",
    ]
)


def _list() -> SearchStrategy[bytes]:
    return st.lists(NAME, max_size=6).map(lambda names: _text("\n".join(names)))


def _either(strategy: SearchStrategy[bytes], samples: Sequence[bytes]) -> SearchStrategy[bytes]:
    """Made from nothing, or from samples."""
    return strategy | changed(list(samples))


# What commands meet them

FORMATS = ("csv", "html", "jsonl", "moses", "parquet", "tmx", "tsv", "xliff")
SHOWN = (("quotes", "--no-tagger", "--jsonl"), ("quotes", "--no-tagger", "--context", "30"))
USED = (
    *SHOWN, *SHOWN, ("translate", "--to", "uk", "--to", "ru", "--out", "out", "-q"), ("translate", "--to", "uk", "--jsonl"), ("translate", "--to", "ru"),
    ("translate", "--to", "uk", "--from", "ru", "--out", "out"), ("run", "--into", "new", "--to", "uk", "-q"), ("run", "--into", "new", "-q"),
)  # fmt: skip
AFTER_RUN = (
    ("export", "--in", "new", "--format", "jsonl", "--what", "quotes", "--out", "o"), ("export", "--in", "new", "--format", "csv", "--what", "statements", "--out", "o"),
    ("duplicates", "--in", "new", "--min-outlets", "1", "--why"), ("refused", "--in", "new"), ("refused", "--in", "new", "--jsonl"), ("doctor", "--in", "new"),
    ("export", "--in", "new", "--what", "evidence", "--statement", "s-", "--out", "o"), ("duplicates", "--in", "new", "--min-outlets", "1", "--jsonl"), ("tm", "export", "--in", "new", "o.tmx"),
    ("find", "Nobody argued about that", "--in", "new"), ("align", "--quotes", "--in", "new"), ("align", "--editions", "--in", "new"), ("judge", "--in", "new", "list"),
    ("report", "--in", "new", "--out", "o.html"), *(("export", "--in", "new", "--format", form, "--out", "o") for form in FORMATS),
)  # fmt: skip


@st.composite
def read(draw: DrawFn, kind: str, name: str, data: SearchStrategy[bytes]) -> Attack:
    """A file that one of the commands reads articles from; after `run` something that shows what came of it."""
    content = draw(data)
    first, *options = draw(st.sampled_from(USED))
    commands: list[Command] = [(first, name, *options)]
    if first == "run":
        commands.append(draw(st.sampled_from(AFTER_RUN)))
    if draw(st.integers(0, 9)) == 0:
        form = draw(st.sampled_from(["html", "tmx", "xliff", "tsv", "csv", "ladder", "moses", "parquet"]))
        lines = draw(st.sampled_from([(), ("--lines",)]))
        commands = [
            ("align", name, "other.txt", "--format", form, "--out", "o", *lines),
            ("align", "other.txt", name, "--format", "jsonl"),
        ]
    return Attack(kind, tuple(commands), {name: content, "other.txt": _text(sample()[-1]["text"])})


def _fixed(kind: str, name: str, data: SearchStrategy[bytes], *commands: Command) -> SearchStrategy[Attack]:
    """A file that has a command of its own."""
    return st.builds(
        lambda content, command: Attack(kind, (command,), {name: _some_lines(content), **others()}),
        data,
        st.sampled_from(commands),
    )


def _some_lines(data: bytes) -> bytes:
    """So few lines that a command which does something for each has time for all of them."""
    return b"\n".join(data.split(b"\n")[:200])


@cache
def others() -> Files:
    """Files that are as they should be."""
    return {"story.txt": _text(sample()[0]["text"]), "people.txt": _text("Vira Zahaiska\nІван Петров\n")}


@st.composite
def stdin(draw: DrawFn) -> Attack:
    """JSON Lines on standard input."""
    first, *options = draw(st.sampled_from([*SHOWN, ("translate", "--to", "uk"), ("run", "--into", "new")]))
    return Attack("stdin", ((first, "-", *options),), stdin=draw(_either(jsonl(), samples_of_jsonl())))


def samples_of_jsonl() -> list[bytes]:
    return [
        _text("\n".join(json.dumps(one, ensure_ascii=False) for one in some))
        for some in (sample(), sample()[:1], sample()[2:4])
    ]


@st.composite
def folder(draw: DrawFn) -> Attack:
    """A folder of files whose names are not nice, with contents of other kinds."""
    ends = (".txt", ".jsonl", ".html", ".warc.gz", ".wacz", ".json", ".xml", ".mhtml", ".md", "", ".TXT")
    names = st.builds(
        "in/{}{}".format,
        st.sampled_from(
            ["-x", "a b", "\x1b[31m", "\udcff", "x\ny", "\u202e", "[red]", "🙂", "'", "a" * 200, "README", ".a"]
        ),
        st.sampled_from(ends),
    )
    files = {name: draw(changed(mixed())) for name in draw(st.lists(names, min_size=1, max_size=4))}
    return Attack(
        "folder",
        (
            (
                *draw(
                    st.sampled_from(
                        [("quotes", "--no-tagger"), ("run", "--into", "new"), ("translate", "--to", "uk", "--out", "o")]
                    )
                ),
                "in",
            ),
        ),
        files,
    )


@cache
def mixed() -> list[bytes]:
    """A sample of each kind."""
    text, feeds = (
        _text(sample()[1]["text"]),
        [b"<rss><channel><item><description>He left.</description></item></channel></rss>"],
    )
    return [
        text,
        *pages()[:2],
        *samples_of_jsonl()[:1],
        *feeds,
        gzip.compress(good_record(pages()[0])),
        _mhtml(pages()[0]),
        _wacz(gzip.compress(good_record(pages()[0]))),
    ]


def _wacz(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/a.warc.gz", data)
    return out.getvalue()


@st.composite
def asked(draw: DrawFn) -> Attack:
    """Words of the command line: searches, names, options."""
    word = draw(texts() | st.sampled_from(HOSTILE)).replace("\0", "")[:20_000]
    word = word.encode("utf-8", "surrogatepass").decode("utf-8", draw(st.sampled_from(["surrogateescape", "replace"])))
    number = draw(st.sampled_from(["0", "1", "-1", "999999999999999999999", "nan", "inf", "1e-9", "x", word]))
    place = "w" + word.replace("/", "_")  # to write to: a user may name any place, we stay in ours
    forms: list[Command] = [
        ("find", word, "--in", COLLECTION), ("find", word, "--in", COLLECTION, "--jsonl", "--why", "--speaker", word), ("find", "wait", "--in", COLLECTION, "-k", number),
        ("find", "wait", "--in", COLLECTION, "--since", number), ("find", "wait", "--in", word or "x"), ("duplicates", "--in", COLLECTION, "--speaker", word, "--min-outlets", "1"),
        ("duplicates", "--in", COLLECTION, "--languages", word), ("duplicates", "--in", COLLECTION, "--min-outlets", number), ("compare", word, "We waited nine days"),
        ("compare", word, word, "--jsonl"), ("compare", "We wait", word), ("judge", "--in", COLLECTION, word, "accept"), ("judge", "--in", COLLECTION, word, "merge", word),
        ("judge", "--in", COLLECTION, "s", "split", number), ("judge", "--in", COLLECTION, "s-", "accept", "--who", word), ("export", "--in", COLLECTION, "--languages", word),
        ("export", "--in", COLLECTION, "--filter", f"length-ratio={number}"), ("export", "--in", COLLECTION, "--filter", word), ("export", "--in", COLLECTION, "--min-similarity", number),
        ("export", "--in", COLLECTION, "--format", "tmx", "--out", place), ("translate", "story.txt", "--to", "uk", "--model", word), ("quotes", word), ("run", word, "--into", "n"),
        ("run", "story.txt", "--into", place, "-q"), ("translate", "story.txt", "--to", "uk", "--out", place), ("models", "install", word), ("models", "path", word),
        ("models", "install", "starter", "--from", word), ("models", "verify", word), ("align", "story.txt", word), ("remove", "--in", COLLECTION, word), ("history", "--in", COLLECTION, word), ("retract", "--in", COLLECTION, word, "--reason", word), ("verify", word),
        ("refused", "--in", COLLECTION), ("doctor", "--in", COLLECTION), ("tm", "import", word, "--in", COLLECTION), ("tm", "export", place, "--in", COLLECTION),
    ]  # fmt: skip
    return Attack("words", (draw(st.sampled_from(forms)),), others())


@st.composite
def served(draw: DrawFn) -> Attack:
    """Questions to a server."""
    word, number = (
        draw(st.sampled_from(HOSTILE) | prose())[:3_000],
        draw(st.sampled_from(["0", "-1", "9" * 30, "NaN", "1", "\x00"])),
    )
    paths = [
        ("/api/statements", "text", word), ("/api/statements", "speaker", word), ("/api/statements", "outlet", word), ("/api/statements", "since", word),
        ("/api/statements", "offset", number), ("/api/statements", "limit", number), ("/api/statements", "least", number), ("/api/articles", "text", word),
        ("/api/articles", "outlet", word), ("/api/find", "text", word), ("/api/find", "speaker", word), ("/api/article", "id", word), (f"/api/statements/{word}", "", ""),
        (f"/{word}", "", ""), ("/api/statements", "with", word), ("/api/find", "k", number), ("/api/statements", "until", number),
    ]  # fmt: skip
    return Attack("served", (("GET", *draw(st.sampled_from(paths))),))


@st.composite
def collection_file(draw: DrawFn) -> Attack:
    """A collection whose file was damaged."""
    form = draw(
        st.sampled_from(
            [
                *AFTER_RUN,
                ("run", "story.txt", "--into", "new"),
                ("doctor", "--in", "new"),
                ("refused", "--in", "new"),
                ("judge", "--in", "new", "s", "accept"),
            ]
        )
    )
    place, length, byte = draw(st.floats(0, 1)), draw(st.sampled_from([1, 8, 100, 4_096])), draw(st.integers(0, 255))
    files = {"new/damage": f"{place} {length} {byte}".encode(), **others()}
    if draw(st.integers(0, 3)) == 0:
        files = {"new/collection.sqlite": draw(changed([b"SQLite format 3\0" + bytes(100)])), **others()}
    return Attack("collection", (form,), files)


@cache
def _good_evidence() -> Files:
    """The files of the evidence for a statement of the sample."""
    from conftest import FakeEmbedder, FakeTranslator, fake_matcher

    from pipeline.collection import Collection
    from pipeline.engines import Engines
    from pipeline.evidence import gathering
    from pipeline.run import run

    translator = FakeTranslator()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        source, into = Path(folder) / "a.jsonl", Path(folder) / "made"
        source.write_bytes(samples_of_jsonl()[0])
        run([str(source)], into, Engines(FakeEmbedder(), lambda *_: translator, fake_matcher()))
        with Collection.open(into) as collection:
            return gathering.gather(collection, next(collection.statements()))[0]


@st.composite
def evidence(draw: DrawFn) -> bytes:
    """Evidence in which files were changed, added, or lie about themselves."""
    files = dict(_good_evidence())
    for name in draw(st.lists(st.sampled_from(sorted(files)), max_size=2)):
        files[name] = draw(changed([files[name]]))
    return draw(zipped(files))


METADATA = json.dumps({"from_code": "en", "to_code": "uk", "package_version": "1.0"}).encode()
PACKAGE = {
    "translate-en_uk/metadata.json": METADATA,
    "translate-en_uk/model/model.bin": b"weights",
    "translate-en_uk/sentencepiece.model": b"pieces",
}
INSTALLS: tuple[Command, ...] = (
    ("models", "install", "a.argosmodel"),
    ("translate", "story.txt", "--to", "uk", "--model", "a.argosmodel"),
)


@st.composite
def package(draw: DrawFn) -> Attack:
    """An Argos package: a zip with anything in it, of any metadata."""
    metadata = draw(
        st.just(METADATA.decode())
        | json_object(("type", "from_code", "to_code", "package_version", "target_prefix"), json.loads(METADATA))
    )
    data = draw(zipped({**PACKAGE, "translate-en_uk/metadata.json": _text(metadata)}))
    return Attack("package", (draw(st.sampled_from(INSTALLS)), ("models", "list")), {"a.argosmodel": data, **others()})


@st.composite
def model_folder(draw: DrawFn) -> Attack:
    """A folder that says that it is a translation model."""
    values = st.sampled_from(
        [
            '["en-uk"]',
            '["en-uk", "../x"]',
            '"x"',
            "5",
            "nan",
            "[]",
            "{}",
            '"{text}"',
            '"\\u001b[2J"',
            "1979-05-27",
            "[" * 2_000,
            '""',
            "9" * 30,
        ]
    )
    lines = draw(
        st.lists(
            st.builds(
                "{} = {}".format,
                st.sampled_from(["pairs", "name", "version", "prompt", "end", "beam", "x", "pairs.x"]),
                values,
            ),
            max_size=5,
        )
    )
    files = {
        "m/translator.toml": draw(
            _either(st.just(_text("\n".join(['pairs = ["en-uk"]', *lines]))), [b'pairs = ["en-uk"]\nbeam = 2\n'])
        ),
        "m/model.bin": b"x",
    }
    if draw(st.integers(0, 3)) == 0:
        files = {
            "m/model.bin": b"x",
            "m/config.json": draw(changed([b'{"add_source_eos": true}'])),
            "m/source.spm": b"x",
            "m/tokenizer_config.json": _text(draw(json_value())),
        }
    return Attack("model folder", (("translate", "story.txt", "--to", "uk", "--model", "m"),), {**files, **others()})


@st.composite
def limits(draw: DrawFn) -> Attack:
    """Settings of the environment."""
    name = draw(
        st.sampled_from(
            [
                "CROSSQUOTE_MAX_ARTICLE",
                "CROSSQUOTE_MAX_RECORD",
                "CROSSQUOTE_MAX_ELEMENTS",
                "CROSSQUOTE_THREADS",
                "SOURCE_DATE_EPOCH",
                "CROSSQUOTE_MAX_NESTING",
            ]
        )
    )
    value = draw(
        st.sampled_from(["1", "0", "-1", "x", "²", "٣", "9" * 30, "9" * 5_000, "1.5", " 1", ""])
        | st.integers().map(str)
    )
    return Attack(
        "settings", ((f"{name}={value}", "run", "a.jsonl", "--into", "new", "-q"),), {"a.jsonl": samples_of_jsonl()[0]}
    )


COMPARED = ["en\tWe wait\tuk\tМи чекаємо\nru\tМы ждали шесть дней\ten\tWe waited nine days\n".encode()]
GLOSSARY = [b"source\ttarget\tlanguage\nPier Post\t\t\nharbour\t\xd0\xbf\xd0\xbe\xd1\x80\xd1\x82\tuk\n"]
QUERIES = [
    b'{"query": 1, "text": "Nobody argued"}\n{"query": "b", "text": "\xd0\x9c\xd1\x8b \xd0\xb6\xd0\xb4\xd0\xb0\xd0\xbb\xd0\xb8"}\n'
]
VERDICTS = [b'{"one":"q-1","other":"q-2","together":true,"who":"x","at":"2024-03-12T10:00:00+00:00"}\n']
LISTED = ["Віра Загайська\nIvan Petrov\n# x\nПётр\n".encode()]


def _lines(objects: SearchStrategy[str]) -> SearchStrategy[bytes]:
    return st.lists(objects | json_value(), max_size=4).map("\n".join).map(_text)


KINDS: dict[str, SearchStrategy[Attack]] = {
    "html": read("html", "a.html", _either(page().map(_text), pages())),
    "mhtml": read("mhtml", "a.mhtml", _either(page().map(_text).map(_mhtml), [_mhtml(one) for one in pages()])),
    "jsonl": read("jsonl", "a.jsonl", _either(jsonl(), samples_of_jsonl())),
    "stdin": stdin(),
    "text": read("text", "a.txt", _either(_text_file(), [b"---\ntitle: x\npublished: 2024-03-12\n---\n" + _text(one["text"]) for one in sample()])),
    "feed": read("feed", "a.rss", _either(feed().map(_text), mixed()[4:5])) | read("feed", "a.json", feed().map(_text)),
    "warc": read("warc", "a.warc", warc(packed=False)) | read("warc", "a.warc.gz", warc(packed=True)),
    "wacz": read("wacz", "a.wacz", warc(packed=True).flatmap(lambda data: zipped({"archive/a.warc.gz": data}))),
    "folder": folder(),
    "tmx": _fixed("tmx", "a.tmx", _either(tmx(), [_text(f"<tmx><header srclang='en'/><body>{TMX_UNIT * 3}</body></tmx>")]), ("tm", "import", "a.tmx", "--in", COLLECTION), ("tm", "import", "a.tmx")),
    "package": package(),
    "model folder": model_folder(),
    "glossary": _fixed("glossary", "a.tsv", _either(_table(COLUMN, 4), GLOSSARY), ("translate", "story.txt", "--to", "uk", "--glossary", "a.tsv"), ("translate", "story.txt", "--to", "ru", "--glossary", "a.tsv", "--jsonl")),
    "names": _fixed("names", "a.txt", _either(_list(), LISTED), ("names", "--match", "a.txt", "--among", "people.txt"), ("names", "--match", "people.txt", "--among", "a.txt")),
    "redact": _fixed("redact", "a.txt", _either(_list(), LISTED), ("report", "--in", COLLECTION, "--redact", "a.txt", "--out", "o"), ("export", "--in", COLLECTION, "--what", "statements", "--format", "csv", "--redact", "a.txt")),
    "compare": _fixed("compare", "a.tsv", _either(_table(COLUMN, 5) | _table(st.sampled_from(["en", "uk", "ru"]) | prose(), 4), COMPARED), ("compare", "--pairs", "a.tsv")),
    "queries": _fixed("queries", "a.jsonl", _either(_lines(json_object(("query", "text"), {"query": 1, "text": "wait"})), QUERIES), ("find", "--queries", "a.jsonl", "--in", COLLECTION), ("find", "--queries", "a.jsonl", "--in", COLLECTION, "--why", "-k", "3")),
    "verdicts": _fixed("verdicts", "a.jsonl", _either(_lines(json_object(("one", "other", "together", "who", "at", "quotes"), json.loads(VERDICTS[0]))), VERDICTS), ("judge", "--in", COLLECTION, "import", "a.jsonl")),
    "collection": collection_file(),
    "evidence": st.deferred(lambda: _fixed("evidence", "a.zip", evidence(), ("verify", "a.zip"))),
    "words": asked(),
    "served": served(),
    "settings": limits(),
}  # fmt: skip
"""A strategy for each kind."""
