// One statement, opened: when it appeared, and every wording beside the fullest.

/** What a member is to the fullest one, or what it altered. */
function relationText(member, words) {
  if (member.altered.length) return member.altered.map((change) => words.say(`changes.${change}`)).join(", ");
  return words.say(`relations.${member.relation}`);
}

function statementView(statement, words, renderings, follow) {
  const [fullest] = statement.members;
  return [
    statementHead(statement, words),
    wording(fullest),
    renderings.of(fullest),
    timeline(statement, words, follow),
    el(
      "section",
      { class: "wordings", "aria-labelledby": "wordings" },
      el("h3", { id: "wordings" }, words.plural("quoted", statement.members.length)),
      el(
        "ol",
        { class: "members", role: "list" },
        statement.members.map((member, n) => memberItem(member, n === 0, words, renderings)),
      ),
      statement.members.length > 1 &&
        el("p", { class: "note" }, `${words.say("confidence")} ${words.decimal(statement.confidence)}`),
      renderings.notes(statement.members),
    ),
  ];
}

function statementHead(statement, words) {
  const name = speakerName(statement, words.language);
  const others = statement.spellings.filter(({ text }) => text.toLowerCase() !== name?.text.toLowerCase());
  return el(
    "header",
    { class: "head" },
    el("h2", { id: "heading", tabindex: -1 }, named(name, words)),
    others.length > 0 &&
      el("p", { class: "spellings" }, words.say("also"), " ", joined(others.map((one) => named(one, words)))),
    el("ul", { class: "badges", role: "list" }, el("li", {}, spread(statement, words)), badges(statement, words)),
  );
}

/** In how many outlets a statement stands. */
function spread({ outlets, independent_outlets: independent }, words) {
  return [words.plural("outlets", outlets), independent < outlets && ` (${words.plural("independent", independent)})`];
}

/** What became of a statement, in which languages it is known, and since when. */
function badges(statement, words) {
  const { first } = statement;
  return [
    statement.altered.map((change) => el("li", { class: "alarm" }, words.say(`changes.${change}`))),
    el("li", {}, joined(statement.languages.map((language) => words.say(`languages.${language}`)))),
    el(
      "li",
      {},
      words.say("first_seen"),
      " ",
      first.published && [el("time", { datetime: first.published }, words.day(first.published)), ", "],
      el("span", { class: "outlet" }, first.outlet || words.say("no_outlet")),
    ),
  ];
}

function memberItem(member, isFullest, words, renderings) {
  return el(
    "li",
    { class: member.altered.length ? "member altered" : "member", id: member.quote_id, tabindex: -1 },
    el(
      "p",
      { class: "relation" },
      isFullest ? words.say("fullest") : relationText(member, words),
      member.retracted && el("strong", { class: "retracted" }, ` ${words.say("retracted")}`),
      member.sure !== null && el("span", { class: "sure" }, ` ${words.sure(member.sure)}`),
    ),
    el(
      "div",
      { class: "evidence" },
      where(member, words),
      isFullest ? asAbove(words) : memberWords(member, words, renderings),
      origin(member, words),
    ),
  );
}

const asAbove = (words) => el("p", { class: "note" }, words.say("as_above"));

/** The wording with its differences, and how a reader of another language can understand it. */
function memberWords(member, words, renderings) {
  const gone = lacking(member);
  return [
    wording(member, differing(member, words)),
    gone.length > 0 &&
      el("p", { class: "note" }, words.say("fullest_has"), " ", joined(gone.map((text) => el("del", {}, text)))),
    renderings.of(member),
  ];
}

/** The sentences around it, where it stands, and why it is here. */
function origin(member, words) {
  return [
    excerpt(member),
    el(
      "p",
      { class: "origin" },
      sourceLink(member, words),
      " ",
      el("a", { href: articleAddress(member.article_id) }, words.say("in_article")),
      " ",
      el("span", { class: "offsets" }, `${words.say("characters")} ${member.start}–${member.end}`),
    ),
    member.why.length > 0 &&
      el(
        "details",
        { class: "why" },
        el("summary", {}, words.say("why")),
        el(
          "dl",
          {},
          member.why.map(([name, value]) => [el("dt", { lang: "en" }, name), el("dd", {}, words.decimal(value))]),
        ),
      ),
  ];
}
