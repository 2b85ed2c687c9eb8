// Where the data come from. A source answers six questions, each with a promise; nothing else on the page knows how.
// One that can also translate, or find what says the same as a text, has a method for that.
//
//   strings()                         the interface's words, by language
//   overview()                        the heading, the choices of the filters, the charts
//   statements(asked, from, to)       {total, items}: those that fit, in the order asked for, of them from … to
//   statement(id)                     one statement, or null
//   articles(asked, from, to)         {total, items}: lines of the list of articles
//   article(id)                       one article with its quotations and editions, or null
//
// The shapes are those of pipeline/report/views.py. `asked` are the fields of the filters by name, all strings.

/** What a search should not tell apart: case, ё and е, kinds of apostrophe and space, stress marks, soft hyphens. */
function fold(text) {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("ё", "е")
    .replace(/[\u2018\u2019\u02bc`\u00b4]/g, "'")
    .replace(/[\u0301\u00ad]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The words that are looked for. */
const searched = ({ text }) =>
  fold(text ?? "")
    .split(" ")
    .filter(Boolean);

/** The value of an outlet in a filter; an outlet may have no name. */
const outletKey = (name) => `=${name ?? ""}`;

/** Parts with records that are kept unpacked: twice what a page of a list may need. */
const KEPT = 64;

/** How often a translation is asked for while too many others wait. */
const TRIES = 5;
const TOO_MANY = 429;

/** Numbers from 0 to below `n`. */
const range = (n) => Array.from({ length: n }, (_, i) => i);

/** The data inside this very file, in compressed parts: see pipeline/report/parts.py. */
class EmbeddedSource {
  constructor() {
    this.unpacked = new Map();
    this.recent = new Map();
    this.order = { asked: null, found: null };
  }

  strings() {
    return this.part("strings");
  }

  overview() {
    return this.part("overview");
  }

  async statements(asked, from, to) {
    const found = await this.found(asked);
    const items = await Promise.all(found.slice(from, to).map((position) => this.at("statements", position)));
    return { total: found.length, items };
  }

  async statement(id) {
    const { columns } = await this.part("catalogue");
    const position = columns.id.indexOf(id);
    return position < 0 ? null : this.at("statements", position);
  }

  async articles(asked, from, to) {
    const words = searched(asked);
    const fits = (one) =>
      (!asked.outlet || asked.outlet === outletKey(one.outlet)) &&
      (!asked.language || asked.language === one.language) &&
      words.every((word) => fold(`${one.title ?? ""} ${one.outlet ?? ""}`).includes(word));
    const found = (await this.part("articles")).filter((one) => !one.translator && fits(one));
    return { total: found.length, items: found.slice(from, to) };
  }

  async article(id) {
    const position = (await this.part("articles")).findIndex((one) => one.id === id);
    return position < 0 ? null : this.at("articles", position);
  }

  /** Reads every wording, so that a search that is about to come need not wait. */
  async prepareSearch() {
    this.texts ??= this.everyText();
    await this.texts;
  }

  // How a part is unpacked

  /** A part that is kept. */
  part(name) {
    if (!this.unpacked.has(name)) this.unpacked.set(name, this.unpack(name));
    return this.unpacked.get(name);
  }

  async unpack(name) {
    const id = `data-${name}`;
    if (!document.getElementById(id)) await arrived();
    const packed = document.getElementById(id).textContent;
    const bytes = Uint8Array.fromBase64?.(packed) ?? Uint8Array.from(atob(packed), (one) => one.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  }

  /** The record at a position, out of the part that holds it. */
  async at(kind, position) {
    const { together } = await this.part("catalogue");
    const size = together[kind];
    const records = await this.records(`${kind}-${Math.floor(position / size)}`);
    return records[position % size];
  }

  /** A part that holds records. There are many: only those that were wanted last are kept. */
  records(name) {
    const found = this.recent.get(name) ?? this.unpack(name);
    this.recent.delete(name);
    this.recent.set(name, found);
    if (this.recent.size > KEPT) this.recent.delete(this.recent.keys().next().value);
    return found;
  }

  // How statements are found

  /** Positions of the statements that fit, in the order asked for; the last answer is kept. */
  async found(asked) {
    const key = JSON.stringify(asked);
    if (this.order.asked !== key) this.order = { asked: key, found: this.fitting(asked) };
    return this.order.found;
  }

  async fitting(asked) {
    const catalogue = await this.part("catalogue");
    const fits = criterion(asked, catalogue);
    let found = range(catalogue.columns.id.length).filter(fits);
    const words = searched(asked);
    if (words.length) {
      await this.prepareSearch();
      const texts = await this.texts;
      found = found.filter((position) => words.every((word) => texts[position].includes(word)));
    }
    const compare = comparison(asked, catalogue);
    return compare ? found.sort(compare) : found;
  }

  /** What can be searched in each statement. */
  async everyText() {
    const { columns, together } = await this.part("catalogue");
    const parts = Math.ceil(columns.id.length / together.texts);
    const texts = [];
    for (const n of range(parts)) texts.push(...(await this.unpack(`texts-${n}`)).map(fold));
    return texts;
  }
}

/** A server that answers at /api: see pipeline/serving/api.py. It also finds what says the same as a text. */
class ServedSource {
  /** The interface's words stand in the page all the same. */
  strings() {
    return new EmbeddedSource().strings();
  }

  overview() {
    return this.answer("overview");
  }

  statements(asked, from, to) {
    return this.list("statements", { ...asked, ...page(from, to) });
  }

  statement(id) {
    return this.answer(`statements/${encodeURIComponent(id)}`);
  }

  articles(asked, from, to) {
    return this.list("articles", { ...asked, ...page(from, to) });
  }

  article(id) {
    return this.answer("article", { id });
  }

  /** A quotation in another language, translated now: {language, text, translator}; null where that cannot be. */
  async rendering(quote, into) {
    for (let n = 0; n < TRIES; n++) {
      const answer = await fetch(`api/rendering?${new URLSearchParams({ quote, into })}`);
      if (answer.status !== TOO_MANY) return answer.ok ? answer.json() : null;
      await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("Retry-After"))));
    }
    return null;
  }

  /** {total, items}: quotations in any language, best first; null where the question cannot be answered. */
  find(asked) {
    return this.answer("find", asked);
  }

  /** A question with values that no filter has fits nothing. */
  async list(path, asked) {
    return (await this.answer(path, asked)) ?? { total: 0, items: [] };
  }

  async answer(path, asked = {}) {
    const given = Object.entries(asked).filter(([, value]) => value !== "" && value !== undefined);
    const query = given.map(([name, value]) => [name, ["outlet", "with"].includes(name) ? value.slice(1) : value]);
    const answer = await fetch(`api/${path}?${new URLSearchParams(query)}`);
    return answer.ok ? answer.json() : null;
  }
}

const page = (from, to) => ({ offset: from, limit: to - from });

/** When the whole file is there. */
function arrived() {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

/** Whether the statement at a position fits what is asked, but for the words. */
function criterion(asked, { columns, names, speakers }) {
  const tests = [];
  const outlets = [asked.outlet, asked.with]
    .filter(Boolean)
    .map((key) => names.findIndex((name) => outletKey(name) === key));
  for (const outlet of outlets) tests.push((i) => columns.at[i].includes(outlet));
  if (asked.language) tests.push((i) => columns.languages[i] & (1 << LANGUAGES.indexOf(asked.language)));
  if (asked.altered === "any") tests.push((i) => columns.altered[i]);
  else if (asked.altered) tests.push((i) => columns.altered[i] & (1 << CHANGES.indexOf(asked.altered)));
  if (Number(asked.least) > 1) tests.push((i) => columns.outlets[i] >= Number(asked.least));
  if (asked.speaker) {
    const wanted = fold(asked.speaker);
    const fitting = speakers.map(({ spellings }) => spellings.some((name) => fold(name).includes(wanted)));
    tests.push((i) => columns.speaker[i] !== null && fitting[columns.speaker[i]]);
  }
  const [since, until] = [dayStart(asked.since), dayStart(asked.until) + DAY];
  if (!Number.isNaN(since)) tests.push((i) => columns.first[i] !== null && columns.first[i] >= since);
  if (!Number.isNaN(until)) tests.push((i) => columns.first[i] !== null && columns.first[i] < until);
  return (i) => tests.every((test) => test(i));
}

const DAY = 24 * 60 * 60;

/** Seconds since 1970 at the start of an ISO day (UTC); not a number when there is none. */
const dayStart = (day) => Date.parse(`${day}T00:00Z`) / 1000;

/** How two positions compare in the order asked for; what has no date, no speaker or nobody to doubt comes last. */
function comparison(asked, { columns, speakers }) {
  const ascending = (column, sign = 1) => {
    const key = (i) => (column[i] === null || column[i] === undefined ? Infinity : sign * column[i]);
    return (a, b) => (key(a) === key(b) ? a - b : key(a) - key(b));
  };
  switch (asked.sort) {
    case "earliest":
      return ascending(columns.first);
    case "latest":
      return ascending(columns.first, -1);
    case "doubtful":
      return ascending(columns.sure);
    case "speaker": {
      const rank = alphabetical(speakers, asked.reader);
      return ascending(columns.speaker.map((n) => (n === null ? null : rank[n])));
    }
    default:
      return null;
  }
}

/** The place of each speaker in the alphabet of the reader's language. */
function alphabetical(speakers, language) {
  const { compare } = new Intl.Collator(language);
  const shown = speakers.map((one) => speakerName(one, language).text);
  const rank = [];
  range(speakers.length)
    .sort((a, b) => compare(shown[a], shown[b]))
    .forEach((n, place) => (rank[n] = place));
  return rank;
}

/** The name of a speaker as the reader's language spells it, else the first spelling that is known; null for nobody. */
function speakerName({ speaker, spellings }, language) {
  if (speaker[language]) return { text: speaker[language], language };
  const known = LANGUAGES.find((one) => speaker[one]);
  if (known) return { text: speaker[known], language: known };
  const [first] = spellings;
  return first ? (typeof first === "string" ? { text: first, language: null } : first) : null;
}
