// One statement, opened: when it appeared, and every wording beside the fullest.

/** What a member is to the fullest one, or what it altered. */
function relationText(member, words) {
  if (member.altered.length) return member.altered.map((change) => words.say(`changes.${change}`)).join(", ");
  return words.say(`relations.${member.relation}`);
}

function statementView(statement, words, follow) {
  const [fullest] = statement.members;
  return [
    statementHead(statement, words),
    wording(fullest),
    rendering(fullest, words),
    timeline(statement, words, follow),
    el(
      "section",
      { class: "wordings", "aria-labelledby": "wordings" },
      el("h3", { id: "wordings" }, words.plural("quoted", statement.members.length)),
      el(
        "ol",
        { class: "members", role: "list" },
        statement.members.map((member, n) => memberItem(member, n === 0, words)),
      ),
      statement.members.length > 1 &&
        el("p", { class: "note" }, `${words.say("confidence")} ${words.decimal(statement.confidence)}`),
      statement.members.some((member) => unread(member, words)) &&
        el("p", { class: "note" }, words.say("no_rendering")),
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

function memberItem(member, isFullest, words) {
  return el(
    "li",
    { class: member.altered.length ? "member altered" : "member", id: member.quote_id, tabindex: -1 },
    el(
      "p",
      { class: "relation" },
      isFullest ? words.say("fullest") : relationText(member, words),
      member.sure !== null && el("span", { class: "sure" }, ` ${words.sure(member.sure)}`),
    ),
    el(
      "div",
      { class: "evidence" },
      where(member, words),
      isFullest ? asAbove(words) : memberWords(member, words),
      origin(member, words),
    ),
  );
}

const asAbove = (words) => el("p", { class: "note" }, words.say("as_above"));

/** The wording with its differences, and how a reader of another language can understand it. */
function memberWords(member, words) {
  const gone = lacking(member);
  return [
    wording(member, differing(member, words)),
    gone.length > 0 &&
      el("p", { class: "note" }, words.say("fullest_has"), " ", joined(gone.map((text) => el("del", {}, text)))),
    rendering(member, words),
  ];
}

/** What the other edition in the reader's language has at this place; null where there is none. */
function rendering(member, words) {
  if (member.language === words.language) return null;
  const found = member.renderings.find(({ language }) => language === words.language);
  if (!found) return null;
  const label = found.translator
    ? words.say("rendered_by_machine", { model: found.translator })
    : words.say("rendered_by_outlet");
  return el(
    "p",
    { class: "rendering" },
    el("span", { class: "note" }, label),
    " ",
    el("span", { lang: found.language }, found.text),
  );
}

/** Whether there is nothing of a member in the reader's language. */
function unread({ language, renderings }, words) {
  return language !== words.language && !renderings.some((one) => one.language === words.language);
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
