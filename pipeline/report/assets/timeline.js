// Who said it first, and who changed what: members by their time of publication, to scale.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const STEPS = [1, 5, 15, 30]
  .map((n) => n * MINUTE)
  .concat(
    [1, 3, 6, 12].map((n) => n * HOUR),
    [1, 2, 7, 14, 30, 91, 182].map((n) => n * DAY),
  );
const YEAR = 365 * DAY;
const TICKS = 4;

/** The span of time that a drawing shows, with room for a mark at either end. */
function scale(times) {
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const room = Math.max((last - first) * 0.04, 10 * MINUTE);
  const [start, end] = [first - room, last + room];
  return { start, end, percent: (time) => (100 * (time - start)) / (end - start) };
}

/** Round times inside a span, at most `TICKS` of them, and the step between them. */
function ticks({ start, end }) {
  const wanted = (end - start) / TICKS;
  const step = STEPS.find((one) => one >= wanted) ?? Math.ceil(wanted / YEAR) * YEAR;
  const first = Math.ceil(start / step);
  return { step, times: range(Math.floor(end / step) - first + 1).map((n) => (first + n) * step) };
}

/** How a tick is written: with the time only where a step is shorter than a day. */
function tickText(time, step, words) {
  const day = { day: "numeric", month: "short", ...(step >= 30 * DAY ? { year: "numeric" } : {}) };
  const clock = step < DAY ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : {};
  return words.format(time * 1000, { ...day, ...clock });
}

/** Whether a member was published on a day, at no time that is told. */
const bareDate = ({ published }) => Moment.of(published)?.timed === false;

/** The mark of a member: its form says the relation, so that it can be told without colour. */
function markOf(member, x) {
  const at = { class: `point ${member.altered.length ? "altered" : member.relation}` };
  const placed = (shape) => svg("svg", { x, y: "50%", overflow: "visible" }, shape);
  if (member.altered.length) return placed(svg("path", { ...at, d: "M0-7L7 0L0 7L-7 0Z" }));
  if (member.relation === "indirect") return placed(svg("rect", { ...at, x: -5, y: -5, width: 10, height: 10 }));
  return svg("circle", { ...at, cx: x, cy: "50%", r: member.relation === "contained" ? 4 : 6 });
}

/** The day that a bare date means, up to its end. */
function dayBar(member, { percent }) {
  const [start, end] = [Math.max(0, percent(member.at - DAY)), percent(member.at)];
  return svg("rect", { class: "day", x: `${start}%`, y: "35%", width: `${end - start}%`, height: "30%" });
}

/** What was altered, on the side of the mark that has more room. */
function changeLabel(member, x, words) {
  const left = x > 60;
  const place = { x: `${x}%`, y: "50%", dx: left ? -14 : 14, dy: "0.35em", "text-anchor": left ? "end" : "start" };
  return svg("text", { class: "altered", ...place }, relationText(member, words));
}

/** One row of the drawing: a line, the mark on it, and what it means. */
function lane(member, span, words) {
  const x = span.percent(member.at);
  return svg(
    "svg",
    { class: "lane", "aria-hidden": "true", focusable: "false" },
    svg("line", { x1: 0, x2: "100%", y1: "50%", y2: "50%" }),
    bareDate(member) && dayBar(member, span),
    markOf(member, `${x}%`),
    member.altered.length > 0 && changeLabel(member, x, words),
  );
}

function axis(span, words) {
  const { step, times } = ticks(span);
  return svg(
    "svg",
    { class: "axis", "aria-hidden": "true", focusable: "false" },
    times.map((time, n) => {
      const x = span.percent(time);
      const anchor = x < 12 ? "start" : x > 88 ? "end" : "middle";
      return svg(
        "g",
        { class: n % 2 ? "odd" : null },
        svg("line", { x1: `${x}%`, x2: `${x}%`, y1: 0, y2: 5 }),
        svg("text", { x: `${x}%`, y: 18, "text-anchor": anchor }, tickText(time, step, words)),
      );
    }),
  );
}

/** The drawing; null when fewer than two members say when they were published. */
function timeline(statement, words, follow) {
  const dated = statement.members.filter((member) => member.at !== null).sort((a, b) => a.at - b.at);
  if (dated.length < 2) return null;
  const span = scale(dated.map((member) => member.at));
  const rows = dated.map((member) =>
    el(
      "li",
      { class: member.article_id === statement.first.article_id ? "first" : null },
      el(
        "button",
        { type: "button", class: "who", click: () => follow(member) },
        el("b", { class: "outlet" }, member.outlet || words.say("no_outlet")),
        el("span", {}, words.say(`languages_short.${member.language}`)),
        member.article_id === statement.first.article_id && el("span", { class: "tag" }, words.say("first")),
        el("span", { class: "unseen" }, `, ${words.time(member.published)}, ${relationText(member, words)}`),
      ),
      lane(member, span, words),
    ),
  );
  const undated = statement.members.length - dated.length;
  return el(
    "section",
    { class: "timeline", "aria-labelledby": "timeline" },
    el("h3", { id: "timeline" }, words.say("timeline")),
    el("ol", { class: "lanes", role: "list" }, rows),
    el("div", { class: "under" }, el("span", {}, words.say("universal_time")), axis(span, words)),
    legend(dated, words),
    undated > 0 && el("p", { class: "note" }, words.plural("undated", undated)),
  );
}

/** What the marks mean, of those that are there. */
function legend(members, words) {
  const kinds = [
    ...new Map(members.map((member) => [member.altered.length ? "altered" : member.relation, member])).entries(),
  ];
  const bare = members.some(bareDate);
  const sign = (content) => svg("svg", { width: 16, height: 16, "aria-hidden": "true", focusable: "false" }, content);
  return el(
    "ul",
    { class: "legend", role: "list" },
    kinds.map(([kind, member]) => el("li", {}, sign(markOf(member, 8)), words.say(`relations.${kind}`))),
    bare && el("li", {}, sign(svg("rect", { class: "day", x: 0, y: 5, width: 16, height: 6 })), words.say("bare_date")),
  );
}
