"use strict";

// Shown only to readers whose browser runs this: see .scripted in the style.
document.documentElement.classList.add("scripting");

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

/** The folded words of all elements inside `item` that `selector` names. */
function folded(item, selector) {
  return fold(Array.from(item.querySelectorAll(selector), (element) => element.textContent).join("\n"));
}

/** A function that remembers its results by item; reading the text of thousands of statements twice would be slow. */
function remembered(read) {
  const known = new WeakMap();
  return (item) => {
    if (!known.has(item)) known.set(item, read(item));
    return known.get(item);
  };
}

const textOf = remembered((item) => folded(item, "[lang], .outlet"));
const speakersOf = remembered((item) => folded(item, "header .speaker"));
const listed = (value, wanted) => value.split(" ").includes(wanted);

/** Whether a statement fits what the form asks for. */
function criterion(asked) {
  const words = fold(asked.text).split(" ").filter(Boolean);
  const speaker = fold(asked.speaker);
  const least = Number(asked.least);
  return (item) => {
    const { outlets, at, languages, altered } = item.dataset;
    return (
      Number(outlets) >= least &&
      (!asked.outlet || listed(at, asked.outlet)) &&
      (!asked.language || listed(languages, asked.language)) &&
      (!asked.altered || (asked.altered === "any" ? altered !== "" : listed(altered, asked.altered))) &&
      (!speaker || speakersOf(item).includes(speaker)) &&
      words.every((word) => textOf(item).includes(word))
    );
  };
}

/** Comparisons by name of the order; what has no date, no speaker or nobody to doubt comes last. */
function comparison(order, language) {
  const number = (text, otherwise) => (text === "" ? otherwise : Number(text));
  const ascending = (read) => (a, b) => read(a) - read(b) || 0; // of two that are infinite, the difference is no number
  const { compare } = new Intl.Collator(language);
  return {
    earliest: ascending((item) => number(item.dataset.first, Infinity)),
    latest: ascending((item) => -number(item.dataset.first, -Infinity)),
    doubtful: ascending((item) => number(item.dataset.sure, Infinity)),
    speaker: (a, b) => (speakersOf(a) === "") - (speakersOf(b) === "") || compare(speakersOf(a), speakersOf(b)),
  }[order];
}

document.addEventListener("DOMContentLoaded", () => {
  const list = document.getElementById("list");
  if (!list) return;
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const foldings = document.getElementById("foldings");
  const items = Array.from(list.children);
  let order = "";

  const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, shown.dataset.thousands);
  const visible = () => items.filter((item) => !item.hidden);

  function filter() {
    const asked = Object.fromEntries(new FormData(form));
    const fits = criterion(asked);
    for (const item of items) item.hidden = !fits(item);
    if (asked.sort !== order) {
      order = asked.sort;
      list.append(...(order ? [...items].sort(comparison(order, document.documentElement.lang)) : items));
    }
    const n = visible().length;
    const { shown: some, none } = shown.dataset;
    shown.textContent = n ? some.replace("{shown}", grouped(n)).replace("{all}", grouped(items.length)) : none;
    foldings.hidden = n === 0;
  }

  /** Opens the statement that the address names, also when a filter hides it. */
  function follow() {
    const item = document.getElementById(location.hash.slice(1));
    if (!items.includes(item)) return;
    if (item.hidden) form.reset();
    item.querySelector("details").open = true;
    item.scrollIntoView();
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  foldings.addEventListener("click", ({ target }) => {
    for (const item of visible()) item.querySelector("details").open = target.name === "open";
  });
  addEventListener("hashchange", follow);

  // On a phone the filters would fill the first screen.
  if (matchMedia("(max-width: 60rem)").matches) document.querySelector("details.filters").open = false;
  filter();
  follow();
});
