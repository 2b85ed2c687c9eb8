"use strict";
// Hides the rows that do not fit; the page reads without it.
const form = document.getElementById("search");
const shown = document.getElementById("shown");
const rows = [...document.querySelectorAll("tbody tr")];
const plain = text => text.normalize("NFC").toLowerCase();
let texts;

function search() {
  texts ??= rows.map(row => plain([...row.querySelectorAll("td[lang]")].map(cell => cell.textContent).join("\n")));
  const words = plain(form.elements.text.value).split(/\s+/).filter(Boolean);
  let count = 0;
  rows.forEach((row, number) => {
    const fits = words.every(word => texts[number].includes(word))
      && !(form.elements.omitted.checked && !row.classList.contains("omitted"))
      && !(form.elements.moved.checked && !row.classList.contains("moved"));
    row.hidden = !fits;
    count += fits;
  });
  for (const section of document.querySelectorAll(".editions")) section.hidden = !section.querySelector("tbody tr:not([hidden])");
  shown.textContent = `${count} of ${rows.length}`;
}

form.hidden = false;
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("input", search);
search();
