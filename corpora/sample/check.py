#!/usr/bin/env python3
"""Verify the sample corpus: articles.jsonl, gold.json and pages/. Standard library only.

usage: python3 check.py        prints what was found; exit status 1 if anything is wrong
"""

import collections
import datetime
import html
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
KEYS = ["id", "outlet", "language", "title", "published", "url", "translation_of", "text"]
LANGUAGES = ("en", "ru", "uk")
KINDS = {"direct", "indirect", "mixed"}
RELATIONS = {"same", "translation", "contained", "reworded", "indirect", "altered"}
CHANGES = {"number", "negation", "name"}
RESERVED = re.compile(r"https://([a-z0-9-]+\.)*(example\.(org|com|net)|[a-z0-9-]+\.example)/\S+$")
JOINT = " … "
ABBREVIATION = re.compile(r"\b(Lt|Col|Sgt|Pte)\.$")
BREAK = re.compile(r"[.!?…][”’“»\"']*[.,]?\s+(?=(?:[—–]\s)?[“‘„«\"'(]*[A-ZА-ЯІЇЄҐЁ0-9—])")

problems = []


def expect(condition, message):
    """Note the message as a problem unless the condition holds; the condition comes back."""
    if not condition:
        problems.append(message)
    return condition


def sentences(paragraph):
    """Rough number of sentences of a paragraph; good enough to check the length of an article."""
    ends = [m for m in BREAK.finditer(paragraph) if not ABBREVIATION.search(paragraph[: m.start() + 1])]
    return len(ends) + 1


def read_articles():
    """The articles by id; every field is checked on the way."""
    articles = {}
    for number, line in enumerate((HERE / "articles.jsonl").read_text("utf-8").splitlines(), 1):
        where = f"articles.jsonl:{number}"
        try:
            article = json.loads(line)
        except ValueError as error:
            problems.append(f"{where}: not JSON: {error}")
            continue
        if not expect(list(article) == KEYS, f"{where}: keys are {list(article)}"):
            continue
        where = f"{where} ({article['id']})"
        expect(article["id"] not in articles, f"{where}: the id occurs twice")
        expect(article["language"] in LANGUAGES, f"{where}: language {article['language']!r}")
        expect(RESERVED.match(article["url"]), f"{where}: {article['url']} is not on a reserved example domain")
        try:
            datetime.datetime.fromisoformat(article["published"].replace("Z", "+00:00"))
            expect(
                "T" not in article["published"] or re.search(r"(Z|[+-]\d\d:\d\d)$", article["published"]),
                f"{where}: published has a time without a zone",
            )
        except ValueError:
            problems.append(f"{where}: published {article['published']!r}")
        paragraphs = article["text"].split("\n\n")
        expect(
            all(p == p.strip() and p and "\n" not in p and "  " not in p for p in paragraphs),
            f"{where}: paragraphs are not separated by exactly one blank line, or have stray spaces",
        )
        count = sum(map(sentences, paragraphs))
        expect(8 <= count <= 18, f"{where}: {count} sentences")
        articles[article["id"]] = article
    expect(len(articles) == 36, f"articles.jsonl: {len(articles)} articles")
    languages = collections.Counter(a["language"] for a in articles.values())
    expect(languages == dict.fromkeys(LANGUAGES, 12), f"articles.jsonl: languages {dict(languages)}")
    urls = collections.Counter(a["url"] for a in articles.values())
    expect(max(urls.values()) == 1, "articles.jsonl: a url occurs twice")
    return articles


def check_editions(articles):
    """Every edition names an original of the same outlet; each original has one edition in each other language."""
    families = collections.defaultdict(list)
    for article in articles.values():
        target = article["translation_of"]
        if target is None:
            continue
        if expect(target in articles, f"{article['id']}: translation_of {target!r} does not exist"):
            original = articles[target]
            expect(original["translation_of"] is None, f"{article['id']}: {target} is itself a translation")
            expect(original["outlet"] == article["outlet"], f"{article['id']}: {target} is of another outlet")
            families[target].append(article["id"])
    for original, editions in families.items():
        languages = sorted(articles[i]["language"] for i in [original, *editions])
        expect(languages == sorted(LANGUAGES), f"{original}: editions in {languages}")
    expect(len(families) == 5, f"{len(families)} articles have editions, expected 5")
    return {original: [original, *editions] for original, editions in families.items()}


def check_statements(articles, statements):
    """Every quotation stands in its article exactly once, in order; the numbers of statements once and altered members."""
    seen = set()
    for statement in statements:
        where = f"gold.json {statement.get('id')}"
        if not expect(list(statement) == ["id", "speaker", "members"], f"{where}: keys are {list(statement)}"):
            continue
        expect(statement["id"] not in seen, f"{where}: the id occurs twice")
        seen.add(statement["id"])
        expect(
            sorted(statement["speaker"]) == sorted(LANGUAGES) and all(statement["speaker"].values()),
            f"{where}: speaker {statement['speaker']}",
        )
        members = statement["members"]
        expect(any(m["relation"] == "same" for m in members), f"{where}: no member is the reference (same)")
        expect(len({m["article_id"] for m in members}) == len(members), f"{where}: an article occurs twice")
        for member in members:
            at = f"{where} in {member.get('article_id')}"
            expect(
                list(member) == ["article_id", "quote", "kind", "relation", "altered"], f"{at}: keys are {list(member)}"
            )
            expect(member["kind"] in KINDS, f"{at}: kind {member['kind']!r}")
            expect(member["relation"] in RELATIONS, f"{at}: relation {member['relation']!r}")
            expect(set(member["altered"]) <= CHANGES, f"{at}: altered {member['altered']}")
            expect(bool(member["altered"]) == (member["relation"] == "altered"), f"{at}: relation and altered disagree")
            if not expect(member["article_id"] in articles, f"{at}: no such article"):
                continue
            text, position = articles[member["article_id"]]["text"], 0
            for piece in member["quote"].split(JOINT):
                expect(text.count(piece) == 1, f"{at}: occurs {text.count(piece)} times: {piece!r}")
                found = text.find(piece, position)
                expect(found >= position, f"{at}: not in order: {piece!r}")
                expect("\n" not in piece, f"{at}: a piece runs over a paragraph: {piece!r}")
                position = max(found, position) + len(piece)
    once = sum(len(s["members"]) == 1 for s in statements)
    altered = [m["altered"] for s in statements for m in s["members"] if m["altered"]]
    expect(once == 10, f"gold.json: {once} statements occur once, expected 10")
    expect(len(altered) == 5, f"gold.json: {len(altered)} altered members, expected 5")
    quoted = {m["article_id"] for s in statements for m in s["members"]}
    expect(quoted == set(articles), f"gold.json: no statement in {sorted(set(articles) - quoted)}")
    return once, altered


def check_alignment(articles, families, alignment):
    """Every pair of editions is listed, and every omitted sentence stands in its article once."""
    pairs = set()
    for entry in alignment:
        if not expect(
            list(entry) == ["left", "right", "omitted_left", "omitted_right"], f"alignment: keys {list(entry)}"
        ):
            continue
        left, right = entry["left"], entry["right"]
        where = f"alignment {left} – {right}"
        pairs.add(frozenset((left, right)))
        expect(any({left, right} <= set(f) for f in families.values()), f"{where}: not editions of one article")
        for side, omitted in ((left, entry["omitted_left"]), (right, entry["omitted_right"])):
            for sentence in omitted:
                expect(articles[side]["text"].count(sentence) == 1, f"{where}: not once in {side}: {sentence!r}")
    wanted = {frozenset((a, b)) for f in families.values() for a in f for b in f if a != b}
    expect(
        pairs == wanted and len(alignment) == len(wanted),
        f"alignment: {len(alignment)} entries for {len(wanted)} pairs",
    )


def check_pages(articles):
    """Each page is one of the articles: every paragraph in it, date and outlet in its JSON-LD."""
    by_url = {a["url"]: a for a in articles.values()}
    report = []
    for number in (1, 2, 3, 4):
        path = HERE / "pages" / f"{number}.html"
        raw = path.read_bytes()
        declared = re.search(rb"charset=[\"']?([\w-]+)", raw)
        if not expect(declared, f"{path.name}: no charset"):
            continue
        source = raw.decode(declared[1].decode("ascii"))
        canonical = re.search(r'<link rel="canonical" href="([^"]+)"', source)
        if not expect(canonical and canonical[1] in by_url, f"{path.name}: canonical url is not that of an article"):
            continue
        article = by_url[canonical[1]]
        shown = [html.unescape(p) for p in re.findall(r"<p>(.*?)</p>", source)]
        at = -1
        for paragraph in article["text"].split("\n\n"):
            if expect(
                paragraph in shown[at + 1 :], f"{path.name}: paragraph missing or out of order: {paragraph[:60]!r}"
            ):
                at = shown.index(paragraph, at + 1)
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', source, re.S)[1])
        news = next(node for node in data.get("@graph", [data]) if node["@type"] == "NewsArticle")
        expect(news["datePublished"] == article["published"], f"{path.name}: another date")
        expect(news["publisher"]["name"] == article["outlet"], f"{path.name}: another outlet")
        expect(news["headline"] == article["title"], f"{path.name}: another title")
        expect(len(re.findall(r">\s*(?:Advert|Реклама)\s*<", source)) >= 3, f"{path.name}: hardly any advert lines")
        stated = re.search(r'<html[^>]* lang="(\w+)"', source)
        anywhere = stated or "inLanguage" in source or "og:locale" in source or "content-language" in source.lower()
        expect(
            not anywhere or (stated and stated[1] == article["language"] == news.get("inLanguage")),
            f"{path.name}: language",
        )
        report.append((path.name, article["id"], declared[1].decode("ascii"), stated[1] if stated else "not stated"))
    expect(
        sum(encoding == "windows-1251" for _, _, encoding, _ in report) == 1, "pages: one page should be windows-1251"
    )
    expect(
        sum(language == "not stated" for *_, language in report) == 1, "pages: one page should not state its language"
    )
    return report


def main():
    """Check everything and print what was found; 1 if anything is wrong."""
    articles = read_articles()
    families = check_editions(articles)
    gold = json.loads((HERE / "gold.json").read_text("utf-8"))
    expect(list(gold) == ["statements", "alignment"], f"gold.json: keys are {list(gold)}")
    once, altered = check_statements(articles, gold["statements"])
    check_alignment(articles, families, gold["alignment"])
    pages = check_pages(articles)

    languages = collections.Counter(a["language"] for a in articles.values())
    members = [m for s in gold["statements"] for m in s["members"]]
    lengths = [sum(map(sentences, a["text"].split("\n\n"))) for a in articles.values()]

    def count(values):
        return ", ".join(f"{n} {name}" for name, n in collections.Counter(values).most_common())

    print(
        f"articles    {len(articles)} ({', '.join(f'{n} {language}' for language, n in sorted(languages.items()))}), "
        f"{len({a['outlet'] for a in articles.values()})} outlets, {min(lengths)} to {max(lengths)} sentences each, {sum(lengths)} together"
    )
    print(
        f"editions    {len(families)} articles in three languages, {len(gold['alignment'])} aligned pairs, "
        f"{sum(len(e['omitted_left']) + len(e['omitted_right']) for e in gold['alignment'])} omitted sentences named"
    )
    print(f"statements  {len(gold['statements'])}, of which {once} occur once; {len(members)} members")
    print(f"kinds       {count(m['kind'] for m in members)}")
    print(f"relations   {count(m['relation'] for m in members)}")
    print(f"altered     {count(change for changes in altered for change in changes)}")
    for name, article, encoding, language in pages:
        print(f"page        {name}: {article}, {encoding}, language {language}")
    for problem in problems:
        print("PROBLEM", problem)
    print("clean" if not problems else f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
