// The charts: tables that can be read aloud, shaded by number, and lists with bars.

function overviewView(overview, words) {
  return [
    el("h2", { id: "heading", tabindex: -1 }, words.say("views.overview")),
    outletsTable(overview, words),
    sharedTable(overview, words),
    bestList(
      "most_repeated",
      overview.repeated,
      (one) => one.outlets,
      (one) => words.plural("outlets", one.outlets),
      words,
    ),
    bestList(
      "most_altered",
      overview.altered,
      (one) => one.altered,
      (one) => words.plural("altered_of", one.members, { altered: words.number(one.altered) }),
      words,
    ),
  ];
}

/** A section with a heading; null when there is nothing to show. */
function chart(name, words, content) {
  return (
    content &&
    el("section", { class: "chart", "aria-labelledby": name }, el("h3", { id: name }, words.say(name)), content)
  );
}

const link = (asked) => `#list?${new URLSearchParams(asked)}`;

/** A cell whose shade grows with the root of its number: a few large ones would leave the rest white. */
function shaded(n, most, address, words) {
  if (!n) return el("td", {}, el("span", { class: "none" }, "·"));
  const cell = el("td", { class: "shaded" }, address ? el("a", { href: address }, words.number(n)) : words.number(n));
  cell.style.setProperty("--shade", `${Math.round(8 + 42 * Math.sqrt(n / most))}%`);
  return cell;
}

function outletsTable({ outlets, languages }, words) {
  const columns = Object.keys(languages);
  const most = Math.max(...outlets.flatMap((one) => Object.values(one.languages)));
  if (!outlets.length) return null;
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, words.say("outlet")),
    columns.map((language) => el("th", { scope: "col" }, words.say(`languages.${language}`))),
    el("th", { scope: "col" }, words.say("together")),
  );
  const rows = outlets.map(({ name, statements, languages: counts }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, el("span", { class: "outlet" }, name || words.say("no_outlet"))),
      columns.map((language) => shaded(counts[language], most, link({ outlet: outletKey(name), language }), words)),
      el("td", {}, el("a", { href: link({ outlet: outletKey(name) }) }, words.number(statements))),
    ),
  );
  return chart(
    "by_outlet",
    words,
    scrolling("by_outlet", el("table", { class: "counts" }, el("thead", {}, head), el("tbody", {}, rows))),
  );
}

/** Which outlets share statements. Columns are numbered, since names would not fit above them. */
function sharedTable({ shared: { outlets, counts } }, words) {
  if (outlets.length < 2) return null;
  const most = Math.max(...counts.flat());
  const name = (outlet) => outlet || words.say("no_outlet");
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, words.say("outlet")),
    outlets.map((outlet, n) => el("th", { scope: "col" }, el("abbr", { title: name(outlet) }, words.number(n + 1)))),
  );
  const rows = outlets.map((outlet, i) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, `${words.number(i + 1)}. `, el("span", { class: "outlet" }, name(outlet))),
      outlets.map((other, k) =>
        i === k
          ? el("td", { class: "self" })
          : shaded(counts[i][k], most, link({ outlet: outletKey(outlet), with: outletKey(other) }), words),
      ),
    ),
  );
  return chart(
    "shared",
    words,
    scrolling("shared", el("table", { class: "counts matrix" }, el("thead", {}, head), el("tbody", {}, rows))),
  );
}

/** Wide tables scroll by themselves; those who have no mouse can reach them. */
const scrolling = (name, table) =>
  el("div", { class: "scrolling", tabindex: 0, role: "group", "aria-labelledby": name }, table);

function bestList(name, statements, value, told, words) {
  if (!statements.length) return null;
  const most = Math.max(...statements.map(value));
  const items = statements.map((one) =>
    el(
      "li",
      {},
      el(
        "p",
        {},
        el("a", { href: `#${one.id}` }, named(speakerName({ ...one, spellings: [] }, words.language), words)),
        " ",
        wording(one, [shortened(one.text)], "q"),
      ),
      el(
        "p",
        { class: "bar-line" },
        svg(
          "svg",
          { class: "bar", "aria-hidden": "true", focusable: "false" },
          svg("rect", { width: `${(100 * value(one)) / most}%`, height: "100%" }),
        ),
        el("span", {}, told(one)),
      ),
    ),
  );
  return chart(name, words, el("ol", { class: `best ${name}` }, items));
}
