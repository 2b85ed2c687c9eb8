// The articles: a list of them, and one with its quotations in place and another edition beside it.

const COLOURS = 8;

const articleAddress = (id, beside) => `#article?${new URLSearchParams(beside ? { id, beside } : { id })}`;

class ArticleList {
  constructor({ source, overview, words, changed }) {
    Object.assign(this, { words });
    this.told = el("p", { class: "told", role: "status" });
    this.list = new GrowingList({
      ask: (from, to) => source.articles(this.asked, from, to),
      show: (one) => articleItem(one, words),
      told: (total) => (this.told.textContent = total ? words.plural("articles", total) : words.say("no_article")),
      words,
    });
    const outlets = overview.outlets.map(({ name }) => [outletKey(name), name || words.say("no_outlet")]);
    const languages = LANGUAGES.map((language) => [language, words.say(`languages.${language}`)]);
    this.form = el(
      "form",
      { class: "in-line", role: "search", "aria-label": words.say("views.articles") },
      labelled(words.say("search_titles"), el("input", { type: "search", name: "text", spellcheck: "false" })),
      labelled(words.say("outlet"), choice("outlet", words.say("any_outlet"), outlets)),
      labelled(words.say("language"), choice("language", words.say("any_language"), languages)),
    );
    this.form.addEventListener("input", () => changed(filled(this.form)));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.element = el(
      "section",
      { "aria-labelledby": "heading" },
      el("div", { class: "bar" }, el("h2", { id: "heading", tabindex: -1 }, words.say("views.articles")), this.told),
      this.form,
      this.list.element,
    );
  }

  async show(asked) {
    if (JSON.stringify(asked) === JSON.stringify(this.asked)) return;
    this.asked = asked;
    fill(this.form, asked);
    await this.list.restart();
  }
}

function articleItem(one, words) {
  return el(
    "li",
    { class: "item line" },
    el("h3", {}, el("a", { class: "open", href: articleAddress(one.id), lang: one.language }, one.title || one.id)),
    articleWhere(one, words),
  );
}

function articleWhere(one, words) {
  return where(
    one,
    words,
    one.translator && el("span", {}, words.say("machine_edition", { model: one.translator })),
    one.quotes > 0 && el("span", {}, words.plural("quotations", one.quotes)),
  );
}

/** An article, and of its editions the one that the reader chose. */
async function articleView(article, beside, source, words) {
  const edition = article.editions.find(({ id }) => id === beside);
  const other = edition && (await source.article(edition.id));
  const colours = speakerColours(article);
  const body = other
    ? sideBySide(article, other, edition.rows, colours, words)
    : el("div", { class: "reading", lang: article.language }, paragraphs(article, colours));
  return [
    el(
      "header",
      { class: "head" },
      el(
        "h2",
        { id: "heading", tabindex: -1, lang: article.title ? article.language : null },
        article.title || article.id,
      ),
      articleWhere(article, words),
      article.retracted && el("p", { class: "retracted" }, words.say("retracted")),
      el("p", { class: "origin" }, article.link && sourceLink({ link: article.link }, words)),
    ),
    speakersLegend(colours, words),
    editionsChoice(article, edition, words),
    body,
  ];
}

/** Speakers by first appearance, each with the number of a colour; who is not named has none. */
function speakerColours({ quotations }) {
  const names = [...new Set(quotations.map(({ speaker }) => speaker).filter(Boolean))];
  return new Map(names.map((name, n) => [name, n % COLOURS]));
}

function speakersLegend(colours, words) {
  if (!colours.size) return null;
  const items = [...colours].map(([name, colour]) => el("li", {}, el("mark", { class: `by-${colour}` }, name)));
  return el("section", { class: "speakers", "aria-label": words.say("speakers") }, el("ul", { role: "list" }, items));
}

function editionsChoice(article, chosen, words) {
  if (!article.editions.length) return null;
  const entry = (text, address, current) =>
    el("li", {}, el("a", { href: address, "aria-current": current ? "true" : null }, text));
  const editions = article.editions.map((one) => {
    const text = [words.say(`languages.${one.language}`), one.translator && words.say("machine")]
      .filter(Boolean)
      .join(", ");
    return entry(text, articleAddress(article.id, one.id), one === chosen);
  });
  return el(
    "nav",
    { class: "editions", "aria-label": words.say("beside") },
    el("span", {}, words.say("beside")),
    el("ul", { role: "list" }, entry(words.say("no_edition"), articleAddress(article.id), !chosen), editions),
  );
}

// Text with its quotations

/** What is quoted from `start` to `end`: stretches that one quotation (or none) covers, direct speech over reported. */
function stretches({ quotations }, start, end) {
  const pieces = quotations
    .flatMap((quote) => quote.pieces.map(([a, b]) => ({ a: Math.max(a, start), b: Math.min(b, end), quote })))
    .filter(({ a, b }) => a < b);
  const cuts = [...new Set([start, end, ...pieces.flatMap(({ a, b }) => [a, b])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((a, n) => {
    const over = pieces.filter((piece) => piece.a <= a && cuts[n + 1] <= piece.b).map(({ quote }) => quote);
    return { a, b: cuts[n + 1], quote: over.find(({ kind }) => kind !== "indirect") ?? over[0] ?? null };
  });
}

/** The text from `start` to `end` with its quotations marked; those of a statement lead to it. */
function quoted(article, characters, colours, start, end) {
  return stretches(article, start, end).map(({ a, b, quote }) => {
    const text = characters.slice(a, b);
    if (!quote) return text;
    const colour = colours.has(quote.speaker) ? `by-${colours.get(quote.speaker)}` : "by-nobody";
    const attributes = { class: `${colour} ${quote.kind}`, title: quote.speaker };
    return el("mark", attributes, quote.statement ? el("a", { href: `#${quote.statement}` }, text) : text);
  });
}

/** The whole text by paragraphs. */
function paragraphs(article, colours) {
  const characters = new Characters(article.text);
  let at = 0;
  return article.text.split(/(\n\s*)/u).flatMap((text, n) => {
    const start = at;
    at += new Characters(text).length;
    return n % 2 || !text ? [] : [el("p", {}, quoted(article, characters, colours, start, at))];
  });
}

/** Two editions, a row for each pair of sentences; what one leaves out faces a hatched gap. */
function sideBySide(article, other, rows, colours, words) {
  const [ours, theirs] = [article, other].map(({ text }) => new Characters(text));
  const theirColours = new Map(
    [...speakerColours(other)].map(([name]) => [name, colours.get(name) ?? matching(article, other, name, colours)]),
  );
  const cell = (one, characters, shades, start, end) =>
    start < end
      ? el("td", { lang: one.language }, quoted(one, characters, shades, start, end))
      : el("td", { class: "omitted" }, words.say("omitted"));
  let last = 0;
  const lines = rows.map(([a, b, c, d, moved]) => {
    const opens = a < b && ours.slice(last, a).includes("\n");
    if (a < b) last = b;
    const right = cell(other, theirs, theirColours, c, d);
    if (moved) right.prepend(el("span", { class: "tag" }, words.say("moved")), " ");
    return el("tr", { class: opens ? "opens" : null }, cell(article, ours, colours, a, b), right);
  });
  const head = (one) =>
    el(
      "th",
      { scope: "col" },
      words.say(`languages.${one.language}`),
      one.translator && ` · ${words.say("machine_edition", { model: one.translator })}`,
    );
  const omissions = rows.filter(([a, b, c, d]) => a >= b || c >= d).length;
  return [
    el("p", { class: "note" }, omissions ? words.plural("omissions", omissions) : words.say("no_omissions")),
    el(
      "table",
      { class: "beside-table" },
      el("thead", {}, el("tr", {}, head(article), head(other))),
      el("tbody", {}, lines),
    ),
  ];
}

/** The colour that a speaker of the other edition has here: that of whoever says the same statement. */
function matching(article, other, name, colours) {
  const statements = new Set(
    other.quotations.filter(({ speaker }) => speaker === name).map(({ statement }) => statement),
  );
  const same = article.quotations.find(({ statement, speaker }) => statement && speaker && statements.has(statement));
  return same ? colours.get(same.speaker) : undefined;
}
