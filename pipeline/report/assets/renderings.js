// Wordings for those who do not read their language: what the data hold, what a server translates while they are looked at,
// or why there is nothing.

class Renderings {
  /** `translates` are the pairs of languages that can be translated where the page was made, or is served. */
  constructor(source, { translates }, words) {
    Object.assign(this, { source, translates, words });
    this.members = new Map();
    this.turn = Promise.resolve();
    this.near = new IntersectionObserver((entries) => this.look(entries), { rootMargin: "200px" });
  }

  /** What a reader gets beside a wording; null when it needs nothing or there is nothing. */
  of(member) {
    if (this.isReadable(member)) return null;
    const found = this.found(member);
    if (found) return this.shown(found, member);
    return this.isMadeNow(member) ? this.place(member) : null;
  }

  /** Why some wordings of a statement cannot be read in the reader's language: a paragraph for each reason. */
  notes(members) {
    const lacking = members.filter((one) => !this.isReadable(one) && !this.found(one) && !this.isMadeNow(one));
    const beyond = LANGUAGES.filter((language) =>
      lacking.some((one) => one.language === language && !this.isTranslatable(one)),
    );
    return [
      lacking.some((one) => this.isTranslatable(one)) &&
        el(
          "p",
          { class: "note" },
          this.words.say("not_translated"),
          " ",
          el("code", {}, `crossquote report --translate --to ${this.words.language}`),
        ),
      beyond.length > 0 && this.noModel(beyond),
    ];
  }

  /** Says what nothing translates, and how that is mended. */
  noModel(languages) {
    const { words } = this;
    const from = words.list(languages.map((language) => words.say(`from.${language}`)));
    const commands = packagesFor(languages, words.language).map((pair) =>
      el("code", {}, `crossquote models install ${pair}`),
    );
    return el("p", { class: "note" }, words.say("no_model", { languages: from }), " ", joined(commands));
  }

  /** A translation that changes nothing is not shown: articles also quote in the reader's language. */
  shown(made, { text }) {
    return made.text === text ? null : renderingOf(made, this.words);
  }

  // What can be read, and what can be made so

  isReadable({ language, text }) {
    return language === this.words.language || !text;
  }

  found({ renderings }) {
    return renderings.find(({ language }) => language === this.words.language);
  }

  isTranslatable({ language }) {
    return this.translates.includes(`${language}-${this.words.language}`);
  }

  isMadeNow(member) {
    return Boolean(this.source.rendering) && this.isTranslatable(member);
  }

  // What a server translates: one wording after another, those that the reader comes near to

  place(member) {
    const place = el("p", { class: "rendering awaited note" }, this.words.say("translating"));
    this.members.set(place, member);
    this.near.observe(place);
    return place;
  }

  look(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      this.near.unobserve(target);
      this.turn = this.turn.then(() => this.fill(target));
    }
  }

  /** Nobody waits any more where the reader has gone on. */
  async fill(place) {
    if (!place.isConnected) return;
    const member = this.members.get(place);
    const made = await this.source.rendering(member.quote_id, this.words.language).catch(() => null);
    if (made) {
      member.renderings.push(made);
      place.replaceWith(...nodes([this.shown(made, member)]));
    } else place.textContent = this.words.say("not_translated_now");
  }
}

/** Argos packages that lead from some languages into another, those by way of English too. */
function packagesFor(languages, into) {
  const legs = languages.flatMap((from) =>
    [from, into].includes("en") ? [`${from}-${into}`] : [`${from}-en`, `en-${into}`],
  );
  return [...new Set(legs)];
}

function renderingOf({ language, text, translator, flags }, words) {
  return el(
    "p",
    { class: "rendering" },
    el("span", { class: "note" }, renderedBy(translator, flags, words)),
    " ",
    el("span", { lang: language }, text),
  );
}

/** Who translated something, and what is wrong with what a machine made of it. */
function renderedBy(model, flags, words) {
  if (!model) return words.say("rendered_by_outlet");
  const doubts = words.list(flags.map((flag) => words.say(`doubts.${flag}`)));
  return words.say(doubts ? "rendered_doubtfully" : "rendered_by_machine", { model, doubts });
}
