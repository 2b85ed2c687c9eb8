const LANGUAGES = ["en", "ru", "uk"];
const CHANGES = ["number", "negation", "name"];

/** The interface in one language: its strings, numbers, dates and plurals. */
class Words {
  constructor(language, table) {
    this.language = language;
    this.table = table;
    this.locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
    this.numbers = new Intl.NumberFormat(this.locale);
    this.digits = new Intl.NumberFormat(this.locale, { maximumFractionDigits: 2 });
    this.lists = new Intl.ListFormat(language, { type: "conjunction" });
    this.percents = new Intl.NumberFormat(this.locale, { style: "percent" });
    this.rules = new Intl.PluralRules(language);
  }

  /** A string by its path, with {names} replaced. */
  say(path, values = {}) {
    const text = path.split(".").reduce((table, key) => table[key], this.table);
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** The form that goes with a number; {n} is the number. */
  plural(path, n, values = {}) {
    return this.say(`${path}.${this.rules.select(n)}`, { n: this.number(n), ...values });
  }

  /** Several words as one: "a, b and c". */
  list(several) {
    return this.lists.format(several);
  }

  number(n) {
    return this.numbers.format(n);
  }

  decimal(n) {
    return this.digits.format(n);
  }

  /** How sure something is. What a model finds is never told as certain: the ends are "over" and "under". */
  sure(probability) {
    const percent = Math.round(100 * probability);
    const form = percent < 1 ? "under" : percent > 99 ? "over" : "about";
    return this.say(`sure.${form}`, { n: this.percents.format(Math.min(Math.max(percent, 1), 99) / 100) });
  }

  /** An ISO date as a day; what is none comes back as it is. */
  day(published) {
    const moment = Moment.of(published);
    return moment ? this.format(moment.clock, { day: "numeric", month: "long", year: "numeric" }) : published;
  }

  /** As `day`, with the time by the outlet's clock and its distance from UTC, as far as the outlet gave them. */
  time(published) {
    const moment = Moment.of(published);
    if (!moment || !moment.timed) return this.day(published);
    const clock = this.format(moment.clock, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return `${this.day(published)}, ${clock}${moment.zone}`;
  }

  /** A clock time, given as if it were UTC. */
  format(clock, options) {
    return new Intl.DateTimeFormat(this.locale, { timeZone: "UTC", ...options }).format(clock);
  }
}

/** An ISO 8601 date, or date and time, by the clock that it was given in. */
class Moment {
  static FORM = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

  /** Null when `published` is no such date. */
  static of(published) {
    const found = Moment.FORM.exec(published ?? "");
    const clock = found && Date.parse(`${found[1]}T${found[2] ?? "00:00"}Z`);
    return found && !Number.isNaN(clock) ? new Moment(clock, Boolean(found[2]), found[3]) : null;
  }

  constructor(clock, timed, zone) {
    this.clock = clock;
    this.timed = timed;
    this.zone = zone ? Moment.distance(zone) : "";
  }

  /** " UTC", " UTC+3", " UTC−3:30". */
  static distance(zone) {
    if (zone === "Z" || /^[+-]00:?00$/.test(zone)) return " UTC";
    const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)/.exec(zone);
    return ` UTC${sign === "-" ? "−" : "+"}${Number(hours)}${minutes === "00" ? "" : `:${minutes}`}`;
  }
}

/** Which interface language to begin with: the reader's last choice, else the browser's first that we have. */
function preferredLanguage() {
  const wanted = [remembered("language"), ...navigator.languages.map((tag) => tag.split("-")[0])];
  return wanted.find((language) => LANGUAGES.includes(language)) ?? "en";
}

/** A choice of the reader's; browsers may forbid a file to keep any. */
function remembered(name) {
  try {
    return localStorage.getItem(`crossquote ${name}`);
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`crossquote ${name}`, value);
  } catch {
    // then the browser's choice holds next time
  }
}
