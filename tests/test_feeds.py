"""Feeds give articles; XML may do no harm."""

from pathlib import Path

import pytest

from pipeline import articles, feeds
from pipeline.records import Article, Refusal

RSS = """<?xml version="1.0" encoding="windows-1251"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Утренний паром</title>
<language>ru</language><item><title>Шторм &laquo;Анна&raquo; &amp; паром</title><link>https://ferry.example/1</link>
<pubDate>Tue, 12 Mar 2024 18:40:00 +0200</pubDate><description>Коротко&nbsp;о шторме.</description>
<content:encoded><![CDATA[<p>Паром не выйдет из гавани, сказал капитан.</p><p>&laquo;Ждём&raquo;, &mdash; добавил он.<br>Все
ждут.</p><p>Читайте также: Другое</p><script>x()</script>]]></content:encoded></item>
<item><title>Только заголовок</title></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk"><title>Гребля</title><entry>
<title type="html">Пором &lt;b&gt;стоїть&lt;/b&gt;</title><link rel="self" href="/s"/><link href="https://dam.example/2"/>
<updated>2024-05-02T10:00:00Z</updated><published>2024-05-01T10:00:00Z</published><content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>Пором не вийде.</p><p>Другий <b>абзац</b>.</p></div></content></entry></feed>"""
JSON = """{"version": "https://jsonfeed.org/version/1.1", "title": "Pier", "items": [{"id": "1", "url": "https://pier.example/3",
"content_html": "<p>The ferry stays, the captain said.</p><p>“We wait.”</p>", "date_published": "2024-01-02T03:04:05Z"}, 5]}"""


def read(path: Path, data: bytes) -> list[Article | Refusal]:
    path.write_bytes(data)
    return list(articles.read(articles.inputs([str(path)]).files))


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        (
            "a.rss",
            RSS.encode("cp1251"),
            ("Паром не выйдет из гавани, сказал капитан.\n\n«Ждём», — добавил он.\n\nВсе ждут.", "Шторм «Анна» & паром",
             "Утренний паром", "ru", "2024-03-12T18:40:00+02:00", "https://ferry.example/1"),
        ),
        (
            "a.xml",
            ATOM.encode(),
            ("Пором не вийде.\n\nДругий абзац.", "Пором стоїть", "Гребля", "uk", "2024-05-01T10:00:00Z", "https://dam.example/2"),
        ),
        (
            "a.json",
            JSON.encode("utf-16"),
            ("The ferry stays, the captain said.\n\n“We wait.”", None, "Pier", "en", "2024-01-02T03:04:05Z",
             "https://pier.example/3"),
        ),
    ],
)  # fmt: skip
def test_the_articles_of_a_feed(tmp_path: Path, name: str, data: bytes, wanted: tuple[str | None, ...]) -> None:
    found, *rest = read(tmp_path / name, data)
    assert isinstance(found, Article)
    assert (found.text, found.title, found.outlet, found.language, found.published, found.url) == wanted
    assert [str(item) for item in rest] == ([] if name == "a.xml" else [f"{tmp_path / name}:2: text: missing"])


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.rss", b'<!DOCTYPE r [<!ENTITY a "b">]><rss><channel><item><description>&a;</description></item></channel></rss>', "entities"),
        ("a.rss", b"<html><body>no feed</body></html>", "neither RSS nor Atom"),
        ("a.rss", b"", "not XML"),
        ("a.rss", b"<rss><channel></channel></rss>", "no entry"),
        ("a.json", b'{"text": "The ferry stays."}', "not a JSON Feed"),
        ("a.json", b'{"items": [', "not JSON"),
        ("a.atom", bytes(range(256)), "binary"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (refused,) = read(tmp_path / name, data)
    assert isinstance(refused, Refusal)
    assert reason in refused.reason


def test_nothing_is_fetched_and_no_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY a "a secret">', "utf-8")
    data = f'<!DOCTYPE rss SYSTEM "{secret.as_uri()}"><rss><channel><item><description>It is &a; here, he said.</description></item></channel></rss>'
    (fields,) = feeds.entries(data.encode())
    assert "secret" not in str(fields["text"])


def test_in_folders_other_xml_and_json_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(ATOM, "utf-8")
    (tmp_path / "feed.json").write_text(JSON, "utf-8")
    (tmp_path / "sitemap.xml").write_text("<urlset/>", "utf-8")
    (tmp_path / "package.json").write_text("{}", "utf-8")
    found = articles.inputs([str(tmp_path)])
    assert [Path(file).name for file in found.files] == ["feed.json", "feed.xml"]
    assert found.passed_over == 2


@pytest.mark.parametrize("reference", ["&#xD800;", "&#0;", "&#99999999999;", "&#xFFFE;", "&#" + "0" * 5_000 + "1;"])
def test_a_reference_to_no_character_is_replaced(tmp_path: Path, reference: str) -> None:
    data = f"<rss><channel><title>x</title><item><title>a {reference} b</title><description>He left at 5 &#39;today&#x27;, {reference} she said.</description></item></channel></rss>"
    (found,) = read(tmp_path / "a.rss", data.encode())
    assert isinstance(found, Article)
    assert found.text == "He left at 5 'today', \ufffd she said."
