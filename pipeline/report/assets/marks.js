// Words of articles, and what is marked in them.

/** A text by characters, as Python counts them: a character outside the basic plane is one. */
class Characters {
  constructor(text) {
    this.characters = /[\ud800-\udfff]/.test(text) ? Array.from(text) : null;
    this.text = text;
  }

  get length() {
    return (this.characters ?? this.text).length;
  }

  slice(start, end) {
    return this.characters ? this.characters.slice(start, end).join("") : this.text.slice(start, end);
  }
}

/** The marks that a language sets around quoted words. */
const MARKS = { en: ["“", "”"], ru: ["«", "»"], uk: ["«", "»"] };

/** Quoted words; reported speech stands without marks: those are the article's words, not the speaker's. */
function wording({ text, language, kind }, content = [text], name = "blockquote") {
  const [open, close] = kind === "indirect" ? ["", ""] : MARKS[language];
  return el(name, { class: "wording", lang: language }, open, content, close);
}

/** The wording of a member with what differs from the fullest one marked. */
function differing(member, words) {
  if (wordByWord(member))
    return joined(
      member.diff.map((stretch) => stretchOf(stretch, words)),
      () => " ",
    );
  return member.altered.length ? factsIn(member, words) : [member.text];
}

/** A stretch of a difference: words of both, words that are gone, words that are new. */
function stretchOf([kind, text, altered], words) {
  if (kind === "=") return text;
  const name = kind === "-" ? "del" : "ins";
  return el(name, { title: words.say(kind === "-" ? "gone" : "new") }, emphasised(text, altered, words));
}

/** A text with the spans that alter a fact marked by what they alter. */
function emphasised(text, altered, words) {
  const characters = new Characters(text);
  const parts = [];
  let done = 0;
  for (const [start, end, change] of altered) {
    parts.push(characters.slice(done, start));
    parts.push(
      el("strong", { class: `fact ${change}`, title: words.say(`changes.${change}`) }, characters.slice(start, end)),
    );
    done = end;
  }
  return [...parts, characters.slice(done, characters.length)];
}

/** Across languages: the member's own words, with the numbers and names marked that the fullest one lacks. */
function factsIn(member, words) {
  const found = (member.diff ?? [])
    .filter(([kind, text]) => kind === "+" && text)
    .map(([, text]) => [member.text.indexOf(text), text])
    .filter(([at]) => at >= 0)
    .sort(([a], [b]) => a - b);
  const parts = [];
  let done = 0;
  for (const [at, text] of found) {
    if (at < done) continue;
    parts.push(
      member.text.slice(done, at),
      el("ins", { title: words.say("new") }, el("strong", { class: "fact" }, text)),
    );
    done = at + text.length;
  }
  return [...parts, member.text.slice(done)];
}

/** Across languages: the numbers and names of the fullest wording that an altered member lacks. */
function lacking(member) {
  if (!member.altered.length || wordByWord(member)) return [];
  return (member.diff ?? []).filter(([kind]) => kind === "-").map(([, text]) => text);
}

/** Whether the difference is one of wordings in one language, not of the facts in two. */
const wordByWord = ({ diff }) => Boolean(diff?.some(([kind]) => kind === "="));

/** The sentences around a quotation. */
function excerpt(member) {
  const tags = { quote: "mark", speaker: "b" };
  const parts = member.excerpt.map(([role, text]) => (tags[role] ? el(tags[role], {}, text) : text));
  return parts.length ? el("p", { class: "excerpt", lang: member.language }, parts) : null;
}

/** A speaker's name with its language. */
function named(name, words) {
  return name ? el("span", { class: "speaker", lang: name.language }, name.text) : words.say("no_speaker");
}

/** In which outlet and language something was published, and when; `more` follows. */
function where({ outlet, language, published }, words, ...more) {
  const parts = [
    el("b", { class: "outlet" }, outlet || words.say("no_outlet")),
    el("span", {}, words.say(`languages.${language}`)),
    published && el("time", { datetime: published }, words.time(published)),
    ...more,
  ];
  return el(
    "p",
    { class: "where" },
    joined(parts.filter(Boolean), () => " "),
  );
}

/** Nothing is told to the page that a link leads to. */
function sourceLink({ link, title, language }, words) {
  if (link) {
    const lang = title ? language : null;
    return el("a", { href: link, rel: "noopener noreferrer", target: "_blank", lang }, title || words.say("source"));
  }
  return title ? el("cite", { lang: language }, title) : null;
}
