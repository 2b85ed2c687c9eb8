// The page: its frame, and which view an address shows.
//
//   #list?outlet=…&text=…   statements        #overview        charts
//   #s-…                    one statement     #articles?text=… articles
//   #find?text=…            what says the same, with a server alone
//                                             #article?id=…&beside=…

class Page {
  constructor(source, strings) {
    Object.assign(this, { source, strings });
    this.addresses = { list: "#list", articles: "#articles" }; // of the lists, as they were left
    this.places = {}; // where the reader was in them
    this.root = document.getElementById("page");
    history.scrollRestoration = "manual"; // views come later than the browser would scroll
    addEventListener("hashchange", () => this.route());
    addEventListener("keydown", (event) => this.key(event));
  }

  async start(language) {
    this.overview = await this.source.overview();
    await this.speak(language);
  }

  /** Makes the frame in a language, and shows the present view in it. */
  async speak(language) {
    this.words = new Words(language, this.strings[language]);
    document.documentElement.lang = language;
    this.main = el("main", { id: "main", tabindex: -1 });
    this.list = this.articles = this.finding = null;
    this.root.replaceChildren(
      el("a", { class: "skip", href: "#main", click: (event) => this.skip(event) }, this.words.say("skip")),
      masthead(this.overview, this.words, this.entries(), (chosen) => this.choose(chosen)),
      this.main,
      foot(this.overview, this.words),
    );
    await this.route({ first: true });
  }

  async choose(language) {
    remember("language", language);
    await this.speak(language);
    this.root.querySelector(`.languages [lang="${language}"]`).focus();
  }

  /** The address is the view's; what is to be read takes the focus without it. */
  skip(event) {
    event.preventDefault();
    this.main.focus();
  }

  // Views

  /** Those that the navigation names. */
  entries() {
    return ["list", ...(this.source.find ? ["find"] : []), "overview", "articles"];
  }

  async route({ first = false } = {}) {
    const [, name, query] = /^#?([^?]*)\??(.*)$/s.exec(location.hash);
    const asked = Object.fromEntries(new URLSearchParams(query));
    const view = name.startsWith("s-") ? "statement" : Object.hasOwn(this.views, name) ? name : "list";
    const before = this.view;
    this.leave();
    this.view = view;
    this.shown = name;
    if (view === "statement") this.opened = name;
    this.root.dataset.view = view;
    this.mark(view);
    const made = await this.views[view](asked, name);
    if (this.shown !== name || this.view !== view) return;
    if (this.main.firstChild !== made[0] || made.length !== this.main.childNodes.length)
      this.main.replaceChildren(...nodes(made));
    document.title = [this.main.querySelector("h2")?.textContent, this.overview.title].filter(Boolean).join(" · ");
    if (!first && (before !== view || view === "statement" || view === "article")) this.settle(before);
  }

  views = {
    list: async (asked) => {
      this.list ??= new StatementList({
        source: this.source,
        overview: this.overview,
        words: this.words,
        changed: (fields) => this.rewrite("list", fields),
      });
      await this.list.show(asked);
      return [this.list.element];
    },
    statement: async (_, id) => {
      const statement = await this.source.statement(id);
      if (!statement) return this.missing();
      return [
        this.back("list"),
        el(
          "article",
          { class: "opened", "aria-labelledby": "heading" },
          nodes(statementView(statement, this.words, new Renderings(this.source, this.overview, this.words), follow)),
        ),
      ];
    },
    overview: async () => nodes(overviewView(this.overview, this.words)),
    articles: async (asked) => {
      this.articles ??= new ArticleList({
        source: this.source,
        overview: this.overview,
        words: this.words,
        changed: (fields) => this.rewrite("articles", fields),
      });
      await this.articles.show(asked);
      return [this.articles.element];
    },
    find: async (asked) => {
      if (!this.source.find) return this.missing();
      this.finding ??= new Finding({
        source: this.source,
        words: this.words,
        changed: (fields) => this.rewrite("find", fields),
      });
      await this.finding.show(asked);
      return [this.finding.element];
    },
    article: async ({ id, beside }) => {
      const article = await this.source.article(id);
      if (!article) return this.missing();
      const content = await articleView(article, beside, this.source, this.words);
      return [this.back("articles"), el("article", { class: "opened", "aria-labelledby": "heading" }, nodes(content))];
    },
  };

  missing() {
    return [this.back("list"), el("h2", { id: "heading", tabindex: -1 }, this.words.say("missing"))];
  }

  /** The way back to the list as it was left. */
  back(list) {
    return el("p", { class: "back" }, el("a", { href: this.addresses[list] }, `← ${this.words.say(`views.${list}`)}`));
  }

  /** Another question of the same view: no new entry in the history for every key. */
  rewrite(view, fields) {
    const query = new URLSearchParams(fields).toString();
    history.replaceState(null, "", query ? `#${view}?${query}` : `#${view}`);
    this.route();
  }

  /** Remembers where the reader was in a list. */
  leave() {
    if (this.view in this.addresses) this.places[this.view] = scrollY;
  }

  /** Moves to what is new: back in a list to where it was left, elsewhere to the heading. */
  settle(before) {
    scrollTo(0, this.places[this.view] ?? 0);
    const opened = before === "statement" && this.view === "list" && document.getElementById(`in-list-${this.opened}`);
    (opened ? opened.querySelector(".open") : document.getElementById("heading"))?.focus({ preventScroll: true });
  }

  /** The view's entry in the navigation is the current one. */
  mark(view) {
    const entry = { statement: "list", article: "articles" }[view] ?? view;
    if (view in this.addresses) this.addresses[view] = location.hash || "#list";
    for (const link of this.root.querySelectorAll(".views a")) {
      if (link.hash === `#${entry}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  // Keys

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key === "Escape") this.escape(typing);
    else if (!typing && event.key === "/") {
      event.preventDefault();
      this.search();
    } else if (!typing && event.key === "j") this.step(1);
    else if (!typing && event.key === "k") this.step(-1);
  }

  escape(typing) {
    if (typing) typing.blur();
    else if (this.view === "statement") location.hash = this.addresses.list;
    else if (this.view === "article") location.hash = this.addresses.articles;
  }

  async search() {
    if (this.view !== "list" && this.view !== "articles") {
      this.rewrite("list", {});
      await this.list.show({});
    }
    const field = this.main.querySelector("input[name=text]");
    const details = field?.closest("details");
    if (details) details.open = true;
    field?.focus();
  }

  /** To the next or the last one of what is listed: items of a list, wordings of a statement. */
  async step(by) {
    const items = () => Array.from(this.main.querySelectorAll(".item, .member"));
    const current = document.activeElement.closest(".item, .member");
    const at = items().indexOf(current) + by;
    if (at >= items().length) await { list: this.list, articles: this.articles }[this.view]?.list.grow();
    const next = items()[Math.max(at, 0)];
    (next?.querySelector(".open") ?? next)?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
}

/** To a wording of the statement that is shown. */
function follow(member) {
  const item = document.getElementById(member.quote_id);
  item?.focus({ preventScroll: true });
  item?.scrollIntoView({ block: "center" });
}

function masthead({ title, coverage, figures }, words, entries, choose) {
  const views = entries.map((view) =>
    el("li", {}, el("a", { href: `#${view}` }, words.say(`views.${view}`))),
  );
  const languages = LANGUAGES.map((language) =>
    el(
      "button",
      {
        type: "button",
        lang: language,
        "aria-pressed": String(language === words.language),
        click: () => choose(language),
      },
      NAMES[language],
    ),
  );
  const published = coverage && [...new Set(coverage.map((day) => words.day(day)))].join(" – ");
  return el(
    "header",
    { class: "masthead" },
    el(
      "div",
      { class: "top" },
      el("p", { class: "kicker" }, words.say("kicker")),
      el("div", { class: "languages", role: "group", "aria-label": words.say("interface") }, languages),
    ),
    el("h1", {}, title),
    published && el("p", { class: "coverage" }, `${words.say("coverage")} ${published}`),
    el(
      "dl",
      { class: "figures" },
      Object.entries(figures).map(([name, n]) => figure(name, n, words)),
    ),
    el("nav", { class: "views", "aria-label": words.say("navigation") }, el("ul", { role: "list" }, views)),
  );
}

const NAMES = { en: "English", ru: "Русский", uk: "Українська" };

function figure(name, n, words) {
  return el(
    "div",
    { class: name === "altered" && n ? "altered" : null },
    el("dt", {}, words.plural(`unit.${name}`, n)),
    el("dd", {}, words.number(n)),
  );
}

function foot({ signature }, words) {
  const explained = words.table.explained.map(({ term, meaning }) =>
    el("div", {}, el("dt", {}, term), el("dd", {}, meaning)),
  );
  return el(
    "footer",
    {},
    el(
      "section",
      { "aria-labelledby": "about" },
      el("h2", { id: "about" }, words.say("about")),
      el("p", { class: "keys" }, words.say("keys")),
      el("dl", { class: "explained" }, explained),
    ),
    el("p", { class: "signature" }, words.say("made_with"), " ", el("code", {}, signature)),
  );
}

async function start() {
  const source = document.getElementById("data-overview") ? new EmbeddedSource() : new ServedSource();
  const page = new Page(source, await source.strings());
  await page.start(preferredLanguage());
}

start();
