"use strict";

// Everything on the page is made here: names of elements are ours, texts go in as texts. There is no innerHTML, and the
// page's policy (trusted types) would not let one pass.

const SVG = "http://www.w3.org/2000/svg";

/** Sets attributes: null and false are left out, true has no value, functions listen to the event of that name. */
function dress(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  return element;
}

/** Children as nodes: lists are taken apart, null and false are nothing. */
function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** An HTML element. */
function el(name, attributes = {}, ...children) {
  const element = dress(document.createElement(name), attributes);
  element.append(...nodes(children));
  return element;
}

/** An SVG element. */
function svg(name, attributes = {}, ...children) {
  const element = dress(document.createElementNS(SVG, name), attributes);
  element.append(...nodes(children));
  return element;
}

/** `items` with what `between` makes between each two of them. */
function joined(items, between = () => ", ") {
  return items.flatMap((item, n) => (n ? [between(), item] : [item]));
}
