// The statements to read through: filters, and as many as have been asked for.

const PAGE = 30;

/** A list that grows: its `more` button, and coming near its end, ask for the next page. */
class GrowingList {
  /** `ask(from, to)` gives {total, items}; `show(item, n)` an element of the list. */
  constructor({ ask, show, told, words }) {
    Object.assign(this, { ask, show, told, words });
    this.list = el("ol", { class: "items", role: "list" });
    this.more = el(
      "button",
      { type: "button", class: "more", hidden: true, click: () => this.grow() },
      words.say("more"),
    );
    this.element = el("div", {}, this.list, this.more);
    this.near = new IntersectionObserver(([entry]) => entry.isIntersecting && this.grow(), { rootMargin: "100%" });
  }

  /** Begins anew; an answer that comes after a later question is dropped. */
  async restart() {
    this.near.disconnect();
    this.asked = Symbol("asked");
    this.shown = 0;
    await this.append(true);
  }

  /** The next page, unless it is on its way. */
  grow() {
    this.growing ??= this.append(false).finally(() => (this.growing = null));
    return this.growing;
  }

  async append(anew) {
    const asked = this.asked;
    const { total, items } = await this.ask(this.shown, this.shown + PAGE);
    if (asked !== this.asked) return;
    const elements = items.map((item, n) => this.show(item, this.shown + n));
    if (anew) this.list.replaceChildren(...elements);
    else this.list.append(...elements);
    this.shown += items.length;
    this.total = total;
    this.more.hidden = this.shown >= total;
    if (this.more.hidden) this.near.disconnect();
    else if (anew) this.near.observe(this.more);
    this.told(total);
  }
}

/** A statement in the list. */
function card(statement, words) {
  const { outlets, independent_outlets: independent, members } = statement;
  const [fullest] = members;
  const name = speakerName(statement, words.language);
  const others = statement.spellings.filter(({ text }) => text !== name?.text).map(({ text }) => text);
  return el(
    "li",
    { class: "item statement", id: `in-list-${statement.id}` },
    el(
      "p",
      { class: "spread" },
      el("b", {}, words.number(outlets)),
      ` ${words.plural("unit.outlets", outlets)}`,
      independent < outlets && el("span", {}, ` ${words.plural("independent", independent)}`),
    ),
    el(
      "h3",
      {},
      el(
        "a",
        {
          href: `#${statement.id}`,
          class: "open",
          title: others.length ? `${words.say("also")} ${others.join(", ")}` : null,
        },
        named(name, words),
      ),
    ),
    wording(fullest, [shortened(fullest.text)]),
    el("ul", { class: "badges", role: "list" }, badges(statement, words)),
  );
}

const LONGEST = 400;

/** A wording cut at a word where it would fill the screen. */
function shortened(text) {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/\s+\S*$/u, "")} …`;
}

/** The list with its filters; `asked` is what the address says. */
class StatementList {
  constructor({ source, overview, words, changed }) {
    Object.assign(this, { source, overview, words, changed });
    this.told = el("p", { class: "told", role: "status" });
    this.list = new GrowingList({
      ask: (from, to) => source.statements({ ...this.asked, reader: words.language }, from, to),
      show: (statement) => card(statement, words),
      told: (total) => this.tell(total),
      words,
    });
    this.form = filters(overview, words);
    this.form.addEventListener("input", () => this.later());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("reset", () => setTimeout(() => this.changed(filled(this.form))));
    this.form.elements.text.addEventListener("focus", () => source.prepareSearch?.());
    this.element = el(
      "div",
      { class: "beside" },
      el(
        "search",
        { class: "filters" },
        el("details", { open: !matchMedia(NARROW).matches }, el("summary", {}, words.say("filters")), this.form),
      ),
      el(
        "section",
        { "aria-labelledby": "heading" },
        el("div", { class: "bar" }, el("h2", { id: "heading", tabindex: -1 }, words.say("views.list")), this.told),
        this.list.element,
      ),
    );
  }

  /** A moment after the last key: every letter would search anew. */
  later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.changed(filled(this.form)), 150);
  }

  /** Shows what an address asks for; nothing happens when that is shown. */
  async show(asked) {
    if (JSON.stringify(asked) === JSON.stringify(this.asked)) return;
    this.asked = asked;
    if (JSON.stringify(asked) !== JSON.stringify(filled(this.form))) fill(this.form, asked);
    if (asked.text) this.told.textContent = this.words.say("searching");
    await this.list.restart();
  }

  tell(total) {
    const { words, overview } = this;
    const all = overview.figures.statements;
    const key = total ? "shown" : overview.figures.articles ? (all ? "none_shown" : "no_statements") : "no_articles";
    const text = words.say(key, { shown: words.number(total), all: words.number(overview.shown) });
    const rest = this.source.find ? "only_found" : "only_counted";
    const more = all > overview.shown ? ` ${words.say(rest, { all: words.number(all) })}` : "";
    this.told.textContent = text + more;
  }
}

const NARROW = "(max-width: 60rem)";

/** The fields of a form that are filled in. */
const filled = (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));

function fill(form, asked) {
  for (const field of form.elements) if (field.name) field.value = asked[field.name] ?? "";
}

function filters(overview, words) {
  const outlets = overview.outlets.map(({ name, statements }) => [
    outletKey(name),
    `${name || words.say("no_outlet")} (${words.number(statements)})`,
  ]);
  const languages = Object.entries(overview.languages).map(([language, n]) => [
    language,
    `${words.say(`languages.${language}`)} (${words.number(n)})`,
  ]);
  const least = overview.thresholds.filter((n) => n > 1).map((n) => [n, words.plural("at_least", n)]);
  const altered = ["any", ...CHANGES].map((change) => [
    change,
    words.say(change === "any" ? "any_altered" : `changes.${change}`),
  ]);
  const orders = ["earliest", "latest", "speaker", "doubtful"].map((order) => [order, words.say(`sort.${order}`)]);
  return el(
    "form",
    { autocomplete: "off" },
    labelled(words.say("search"), el("input", { type: "search", name: "text", spellcheck: "false" })),
    labelled(
      words.say("speaker"),
      el("input", { type: "search", name: "speaker", spellcheck: "false", placeholder: words.say("any_speaker") }),
    ),
    labelled(words.say("outlet"), choice("outlet", words.say("any_outlet"), outlets)),
    labelled(words.say("with"), choice("with", words.say("any_outlet"), outlets)),
    labelled(words.say("language"), choice("language", words.say("any_language"), languages)),
    labelled(words.say("since"), el("input", { type: "date", name: "since" })),
    labelled(words.say("until"), el("input", { type: "date", name: "until" })),
    labelled(words.say("repeated"), choice("least", words.say("any_number"), least)),
    labelled(words.say("altered"), choice("altered", words.say("any_wording"), altered)),
    labelled(words.say("order"), choice("sort", words.say("sort.repeated"), orders)),
    el("button", { type: "reset" }, words.say("reset")),
  );
}

const labelled = (text, control) => el("label", {}, el("span", {}, text), control);

function choice(name, any, options) {
  return el(
    "select",
    { name },
    el("option", { value: "" }, any),
    options.map(([value, text]) => el("option", { value }, text)),
  );
}
