// What says the same as a text, in any language: only where the source can find that.

class Finding {
  constructor({ source, words, changed }) {
    Object.assign(this, { source, words });
    this.told = el("p", { class: "told", role: "status" });
    this.list = el("ol", { class: "items", role: "list" });
    this.form = el(
      "form",
      { class: "in-line", role: "search", "aria-label": words.say("views.find") },
      labelled(words.say("find_text"), el("input", { type: "search", name: "text", maxlength: 5000 })),
      labelled(words.say("speaker"), el("input", { type: "search", name: "speaker", spellcheck: "false" })),
      labelled(words.say("since"), el("input", { type: "date", name: "since" })),
      labelled(words.say("until"), el("input", { type: "date", name: "until" })),
      el("button", { type: "submit" }, words.say("views.find")),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      changed(filled(this.form));
    });
    this.element = el(
      "section",
      { "aria-labelledby": "heading" },
      el("div", { class: "bar" }, el("h2", { id: "heading", tabindex: -1 }, words.say("views.find")), this.told),
      this.form,
      this.list,
    );
  }

  /** Shows what an address asks for; an answer that comes after a later question is dropped. */
  async show(asked) {
    const { words } = this;
    if (JSON.stringify(asked) === JSON.stringify(this.asked)) return;
    this.asked = asked;
    fill(this.form, asked);
    this.list.replaceChildren();
    this.told.textContent = asked.text ? words.say("searching") : words.say("find_about");
    if (!asked.text) return;
    const found = await this.source.find({ ...asked, k: PAGE });
    if (asked !== this.asked) return;
    this.list.replaceChildren(...(found?.items ?? []).map((hit) => hitItem(hit, words)));
    this.told.textContent = words.say(found ? (found.total ? "found_best" : "found_none") : "find_failed");
  }
}

function hitItem(hit, words) {
  const name = hit.speaker && { text: hit.speaker, language: hit.language };
  const address = hit.statement ? `#${hit.statement}` : articleAddress(hit.article_id);
  return el(
    "li",
    { class: "item line" },
    el("h3", {}, el("a", { class: "open", href: address }, named(name, words))),
    wording({ ...hit, kind: hit.relation }, [shortened(hit.text)]),
    where(hit, words, el("span", {}, `${words.say(`relations.${hit.relation}`)}, ${words.sure(hit.confidence)}`)),
  );
}
