
"use strict";
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const SPELLED = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]); // JSON has no such numbers
const data = JSON.parse($("#data").textContent, (_, x) => (SPELLED.has(x) ? SPELLED.get(x) : x));
const { steps, nodes, edges, answers = {} } = data;
const last = steps.length - 1;
const still = matchMedia("(prefers-reduced-motion: reduce)");
let now = 0; // the step on show
const solved = new Set(); // of an exercise

// When each number is known: a node's value, an edge's message, and what a node's gradient is after each step.

const made = {}, sent = {}, sums = {}, gradients = {};
steps.forEach((step, k) => {
  if (step.kind === "value") made[step.node] = k;
  if (step.kind === "message") sent[step.edge] = k;
  if (step.step !== undefined) sums[step.step] = k;
  if (step.lines) (gradients[step.node] ??= []).push(step);
  step.k = k;
});

// The texts that change: each remembers what it says once its number is known.

const held = $$("[data-held]").map((element) => {
  const [kind, id, line] = element.dataset.held.split(":");
  const text = element.textContent;
  const fitted = element.closest("[data-width]");
  return { element, kind, id, line: line === undefined ? undefined : +line, text, fitted, isFactor: "factor" in element.dataset };
});
const forms = {
  value: ({ id }) => (made[id] ?? 0) <= now,
  local: ({ id }) => (made[edges[id].to] ?? 0) <= now,
  sum: ({ id }) => sums[id] <= now,
};
const isSent = ({ id }) => (answers[edges[id].from] ? solved.has(edges[id].from) : sent[id] <= now);
forms.message = forms.upstream = forms.times = isSent;

function gradient(id, line) {
  if (solved.has(id)) return answers[id].lines[line] ?? "";
  if (answers[id]) return line ? "" : "?";
  const reached = (gradients[id] ?? []).findLast((step) => step.k <= now);
  return reached ? (reached.lines[line] ?? "") : line ? "" : "–";
}

function write(holder, text) {
  const { element, fitted } = holder;
  if (element.textContent === text) return;
  element.textContent = text;
  if (fitted) fit(fitted);
}

function fit(text) { // where a font is wider than expected, or a slider makes a longer number
  const room = +text.dataset.width;
  const lines = text.dataset.width && text.classList.contains("number") ? [...text.children] : [text];
  for (const line of lines) {
    line.removeAttribute("textLength");
    if (line.getComputedTextLength() <= room) continue;
    line.setAttribute("lengthAdjust", "spacingAndGlyphs");
    line.setAttribute("textLength", room);
  }
}

// One step

const cards = Object.fromEntries($$(".node").map((g) => [g.id.slice(2), g]));

function show(k, speak = true) {
  now = Math.max(0, Math.min(last, k));
  const step = steps[now];
  for (const holder of held) {
    const { kind, id, line, text } = holder;
    if (kind === "grad") write(holder, gradient(id, line));
    else write(holder, forms[kind](holder) || text === "?" ? text : line ? "" : "–");
  }
  $$("article").forEach((article, i) => article.classList.toggle("now", i === now));
  $$(".edge").forEach((g, i) => {
    const id = +g.id.slice(1);
    g.classList.toggle("known", answers[edges[id].from] ? isSent({ id }) : (made[edges[id].to] ?? 0) <= now);
    g.classList.toggle("sent", isSent({ id }) || Boolean(answers[edges[id].from]) && steps[now].kind === "seed");
    g.classList.toggle("now", step.edge === id || (step.kind === "value" && edges[id].to === step.node));
  });
  for (const [id, card] of Object.entries(cards)) {
    card.classList.toggle("now", id === step.node && step.kind !== "start");
    card.classList.toggle("reached", (made[id] ?? 0) <= now);
    const texts = $$("text:not(.letter)", card).flatMap((text) => (text.children.length ? [...text.children] : [text]));
    if (id !== "rest") card.setAttribute("aria-label", texts.map((text) => text.textContent).filter(Boolean).join(" "));
  }
  warm();
  $$("tr[data-step]").forEach((row) => row.classList.toggle("now", +row.dataset.step === now));
  $("#scrub").value = now;
  $("#where").textContent = `step ${now} of ${last}`;
  const sentence = $(`#s${now} h2`).textContent;
  $("#scrub").setAttribute("aria-valuetext", `${now}: ${sentence}`);
  $("[data-to=first]").disabled = $("[data-to=back]").disabled = now === 0;
  $("[data-to=last]").disabled = $("[data-to=on]").disabled = now === last;
  if (!speak) return;
  $("#live").textContent = sentence;
  if (now) bring(current());
  history.replaceState(null, "", now ? `#${now}` : location.pathname + location.search);
}

function current() { // what the step is about
  const { node, edge } = steps[now];
  return edge === undefined || edge === null ? cards[node] : $(`#e${edge}`);
}

function bring(element) { // into the middle of the canvas, where it is larger than the window on it
  const canvas = $("#canvas");
  if (!element || canvas.hidden) return;
  const a = element.getBoundingClientRect(), b = canvas.getBoundingClientRect();
  if (a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom) return;
  const behavior = still.matches ? "auto" : "smooth";
  canvas.scrollBy({ left: a.left + a.width / 2 - b.left - b.width / 2, top: a.top + a.height / 2 - b.top - b.height / 2, behavior });
}

let timer = null;
function play(on) {
  clearInterval(timer);
  timer = on ? setInterval(() => (now < last ? show(now + 1) : play(false)), 1500) : null;
  $("#play").textContent = on ? "pause" : "play";
  $("#play").setAttribute("aria-pressed", on);
  if (on && now === last) show(0);
}

const moves = { first: () => 0, back: () => now - 1, on: () => now + 1, last: () => last };
const go = (k) => { play(false); show(k); };
$$("[data-to]").forEach((b) => b.addEventListener("click", () => go(moves[b.dataset.to]())));
$$("[data-go]").forEach((b) => b.addEventListener("click", () => go(+b.dataset.go)));
$("#play").addEventListener("click", () => play(!timer));
$("#scrub").addEventListener("input", (event) => go(+event.target.value));
addEventListener("hashchange", () => go(+location.hash.slice(1) || 0));

const keys = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" };
addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not(#scrub)");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") { search(""); cone(null, ""); return; }
  if (typing) return;
  if (keys[event.key]) go(moves[keys[event.key]]());
  else if (event.key === " " && !event.target.matches("button, summary, .node")) play(!timer);
  else if (event.key === "/" && $("#search")) $("#search").focus();
  else if ("+=".includes(event.key)) zoom("in");
  else if (event.key === "-") zoom("out");
  else if (event.key === "0") zoom("fit");
  else if (event.key === "h" && $("#heat")) $("#heat").click();
  else return;
  event.preventDefault();
});

// Zoom

const graph = $("#graph");
const MAP = 0.5, DOTS = 0.18, READABLE = 0.75; // below the first, cards show their letter alone; below the second not even that
let scale = 1, fitted = true;
function zoom(way) {
  if (!graph) return;
  const canvas = $("#canvas");
  const [, , wide, high] = graph.getAttribute("viewBox").split(" ").map(Number);
  const whole = Math.min(1.25, (canvas.clientWidth - 2) / wide, (parseFloat(getComputedStyle(canvas).maxHeight) - 2 || Infinity) / high);
  const opening = whole < DOTS ? READABLE : whole;
  scale = { in: scale * 1.25, out: scale / 1.25, fit: whole, open: opening }[way];
  scale = Math.max(Math.min(0.1, whole), Math.min(4, scale));
  fitted = scale === whole;
  canvas.classList.toggle("map", scale < MAP);
  graph.setAttribute("width", Math.floor(wide * scale));
  graph.setAttribute("height", Math.floor(high * scale));
  if (now) bring(current());
}
addEventListener("resize", () => fitted && zoom("fit"));
$$("[data-zoom]").forEach((b) => b.addEventListener("click", () => zoom(b.dataset.zoom)));

// Heat: the size of each gradient as a tint, from the step on at which it has all its messages

const complete = Object.fromEntries(Object.entries(gradients).map(([id, sums]) => [id, sums.at(-1).k]));
function level(norms) { // as heat.py says it; of a box the least, but the worst word
  const seed = data.heat.seed;
  const said = norms.map((n) => (!Number.isFinite(n) ? "broken" : n === 0 ? "zero" : n < data.heat.vanishing * seed ? "vanishing"
    : n > data.heat.exploding * seed ? "exploding" : `h${data.heat.ends.filter((end) => Math.log10(n) > end).length}`));
  return ["broken", "zero", "vanishing", "exploding"].find((word) => said.includes(word)) ?? said[0];
}
function warm() {
  const on = $("#heat")?.getAttribute("aria-pressed") === "true";
  for (const [id, card] of Object.entries(cards)) {
    const { norms } = nodes[id];
    const known = on && norms?.length && (answers[id] ? solved.has(id) : complete[id] <= now);
    if (known) card.dataset.heat = level(norms);
    else delete card.dataset.heat;
  }
}
$("#heat")?.addEventListener("click", ({ currentTarget }) => {
  const on = currentTarget.getAttribute("aria-pressed") !== "true";
  currentTarget.setAttribute("aria-pressed", on);
  $("#scale").hidden = !on;
  warm();
});

// Search, hover, and the part of the graph above or below a card

function search(text) {
  const sought = text.trim().toLowerCase();
  const matches = Object.keys(cards).filter((id) => {
    const said = [nodes[id].label, ...nodes[id].about.map(([, fact]) => fact)].join(" ").toLowerCase();
    const hit = sought !== "" && said.includes(sought);
    cards[id].classList.toggle("match", hit);
    return hit;
  });
  $("#found").textContent = sought ? `${matches.length} found` : "";
  $("#search").value = text;
  return matches;
}
let turn = 0;
$("#search").addEventListener("input", (event) => { turn = 0; const [first] = search(event.target.value); if (first) bring(cards[first]); });
$("#search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const matches = search(event.target.value);
  if (matches.length) bring(cards[matches[++turn % matches.length]]);
});

let chosen = null;
function choose(id) {
  chosen = id;
  for (const [other, card] of Object.entries(cards)) card.classList.toggle("chosen", other === id);
  $("#cone").hidden = id === null;
  $("#about").hidden = id === null;
  if (id !== null) $("#about").textContent = [nodes[id].label, ...nodes[id].about.map(([name, fact]) => `${name} ${fact}`)].join(" · ");
  if (answers[id]) $(`#a_${id}`).focus();
}
function cone(id, way) {
  const [near, far] = way === "up" ? ["to", "from"] : ["from", "to"];
  const inside = new Set([id]);
  for (let grown = -1; grown !== inside.size && way;) {
    grown = inside.size;
    for (const edge of edges) if (inside.has(edge[near])) inside.add(edge[far]);
  }
  const out = (...ids) => Boolean(way) && !ids.every((i) => inside.has(i));
  for (const [other, card] of Object.entries(cards)) card.classList.toggle("dim", out(other));
  edges.forEach((edge, i) => $(`#e${i}`)?.classList.toggle("dim", out(edge.from, edge.to)));
  if (!way) choose(null);
}
$$("[data-cone]").forEach((b) => b.addEventListener("click", () => cone(chosen, b.dataset.cone)));
for (const [id, card] of Object.entries(cards)) {
  if (id === "rest") continue;
  const near = (on) => edges.forEach((edge, i) => (edge.from === id || edge.to === id) && $(`#e${i}`).classList.toggle("near", on));
  card.addEventListener("click", () => choose(id));
  card.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(id); } });
  card.addEventListener("pointerenter", () => near(true));
  card.addEventListener("pointerleave", () => near(false));
}

// Sliders: forward and backward over again, by the formulas that Python exported

const RULES = {
  add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b,
  power: (a, b) => (a === 1 || b === 0 ? 1 : a ** b), negative: (x) => -x, square: (x) => x * x, reciprocal: (x) => 1 / x,
  absolute: Math.abs, sqrt: Math.sqrt, exp: Math.exp, expm1: Math.expm1, log: Math.log, log1p: Math.log1p,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, arcsin: Math.asin, arccos: Math.acos, arctan: Math.atan,
  sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, sign: (x) => Math.sign(x), step: (x) => +(x >= 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)), softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  silu: (x) => x / (1 + Math.exp(-x)), relu: (x) => Math.max(x, 0), leaky_relu: (x, slope) => (x > 0 ? x : slope * x),
  maximum: (a, b) => Math.max(a, b), minimum: (a, b) => Math.min(a, b),
  where: (condition, a, b) => (condition ? a : b), logical_and: (a, b) => Boolean(a && b), logical_or: (a, b) => Boolean(a || b),
  logical_not: (x) => !x, greater: (a, b) => a > b, greater_equal: (a, b) => a >= b, less: (a, b) => a < b,
  less_equal: (a, b) => a <= b, equal: (a, b) => Number(a) === Number(b), not_equal: (a, b) => Number(a) !== Number(b),
};
const CHOICES = new Set(["relu", "sign", "step", "maximum", "minimum", "where"]); // a zero of theirs lets nothing through
const isKnown = (tree) =>
  Array.isArray(tree)
    ? Object.hasOwn(RULES, tree[0]) && RULES[tree[0]].length === tree.length - 1 && tree.slice(1).every(isKnown)
    : typeof tree === "number" || Object.hasOwn(nodes, tree);
const compute = (tree, v) =>
  Array.isArray(tree) ? RULES[tree[0]](...tree.slice(1).map((part) => compute(part, v))) : typeof tree === "number" ? tree : v[tree];

function figure(x) { // as Python writes it: six digits, a true minus
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x < 0 ? "−∞" : "∞";
  if (x === 0) return "0";
  const [digits, exponent] = x.toExponential(5).split("e");
  const text = exponent < -4 || exponent >= 6 ? `${+digits}e${+exponent}` : `${+x.toPrecision(6)}`;
  return text.replaceAll("-", "−");
}
const factor = (text) => (text.startsWith("−") ? `(${text})` : text);

function recompute(leaves) {
  const v = { ...leaves }, P = {}, texts = {};
  for (const [id, node] of Object.entries(nodes)) {
    if (node.tree !== null) v[id] = Number(compute(node.tree, v));
    texts[`value:${id}`] = figure(v[id]);
  }
  for (const step of steps) {
    if (step.step === undefined) continue;
    let message = { value: 1, passes: true };
    if (step.kind === "message") {
      const { to, tree } = edges[step.edge];
      const upstream = P[to], local = Number(compute(tree, v));
      const passes = upstream.passes && !(local === 0 && CHOICES.has(nodes[to].tree[0]));
      message = { value: passes ? upstream.value * local : 0, passes };
      texts[`upstream:${step.edge}`] = figure(upstream.value);
      texts[`local:${step.edge}`] = texts[`times:${step.edge}`] = figure(local);
      texts[`message:${step.edge}`] = figure(message.value);
    } else message.value = data.seed;
    const before = P[step.node] ?? { value: 0, passes: false };
    P[step.node] = { value: before.value + message.value, passes: before.passes || message.passes };
    step.lines = [texts[`sum:${step.step}`] = figure(P[step.node].value)];
    nodes[step.node].norms = [Math.abs(P[step.node].value)];
  }
  for (const holder of held) {
    const text = texts[`${holder.kind}:${holder.id}`];
    if (text !== undefined) holder.text = holder.isFactor ? factor(text) : text;
  }
  show(now, false);
}

const trees = data.live ? [...Object.values(nodes).map((n) => n.tree), ...Object.keys(sent).map((i) => edges[i].tree)] : [null];
if ($("#sliders") && trees.every((tree) => tree === null || isKnown(tree)) && data.live) {
  const first = Object.fromEntries(Object.entries(nodes).filter(([, n]) => n.tree === null).map(([id, n]) => [id, n.value]));
  let leaves = { ...first };
  const set = () => { $$("[data-leaf]").forEach((i) => { if (i !== document.activeElement) i.value = leaves[i.dataset.leaf]; }); recompute(leaves); };
  $("#sliders").hidden = false;
  $$("[data-leaf]").forEach((input) => input.addEventListener("input", () => {
    if (!Number.isFinite(input.valueAsNumber)) return;
    leaves[input.dataset.leaf] = input.valueAsNumber;
    $$(".check").forEach((p) => (p.hidden = true)); // Python checked it at other numbers
    set();
  }));
  $("#reset").addEventListener("click", () => { leaves = { ...first }; $$(".check").forEach((p) => (p.hidden = false)); set(); });
}

// The exercise

function read(text) { // "−8", "1/3", "[[1, 2], [3, 4]]"
  const plain = text.trim().replaceAll("−", "-").replaceAll("∞", "Infinity");
  const quotient = plain.match(/^([-+.\de]+)\s*\/\s*([-+.\de]+)$/);
  if (quotient) return quotient[1] / quotient[2];
  try { return plain === "" ? NaN : plain.startsWith("[") ? JSON.parse(plain) : Number(plain); } catch { return NaN; }
}
const isClose = (a, b, sign = 1) =>
  Array.isArray(b)
    ? Array.isArray(a) && a.length === b.length && b.every((x, i) => isClose(a[i], x, sign))
    : typeof a === "number" && Math.abs(sign * a - b) <= 5e-3 * Math.abs(b) + 1e-12;

function verdict(id, given) {
  const { P, edges: messages } = answers[id];
  const several = Object.values(messages).length > 1;
  if (isClose(given, P)) return "right";
  if (given !== given) return "Write a number, such as −8 or 0.036.";
  if (isClose(given, P, -1)) return "Not yet: the sign is the other way round.";
  if (several && Object.values(messages).some((m) => isClose(given, m.message)))
    return "Not yet: that is one of its messages. It has several, and its gradient is their sum.";
  return "Not yet. Multiply the gradient that comes from above by the local derivative.";
}
function solve(id) {
  solved.add(id);
  for (const [i, texts] of Object.entries(answers[id].edges))
    for (const holder of held)
      if (holder.id === i) {
        if (holder.kind === "message") holder.text = texts.text;
        if (holder.kind === "upstream") holder.text = texts.upstream;
        if (holder.kind === "times") holder.text = factor(texts.local);
      }
  show(last, false);
  score();
}
function score() { $("#score").textContent = `${solved.size} of ${Object.keys(answers).length}`; }

$$("[data-asked]").forEach((item) => {
  const id = item.dataset.asked, input = $("input", item), said = $(".verdict", item);
  let tries = 0;
  const hint = () => { tries += 1; $(".rule", item).hidden = false; $(".locally", item).hidden = tries < 2; };
  $("form", item).addEventListener("submit", (event) => {
    event.preventDefault();
    const text = verdict(id, read(input.value));
    if (text !== "right") { said.textContent = text; hint(); return; }
    said.textContent = "Right.";
    item.classList.add("right");
    $(".rule", item).hidden = false;
    solve(id);
    const open = $$("[data-asked]").find((other) => !solved.has(other.dataset.asked));
    if (open) $("input", open).focus({ preventScroll: true });
  });
  $(".hint", item).addEventListener("click", hint);
  $(".tell", item).addEventListener("click", () => { input.value = answers[id].lines.join(" "); $(".rule", item).hidden = $(".locally", item).hidden = false; said.textContent = "Shown."; solve(id); });
});
if (Object.keys(answers).length) score();

// Begin

document.body.classList.add("stepping");
$$("#graph [data-width]").forEach(fit);
show(Object.keys(answers).length ? last : +location.hash.slice(1) || 0, false);
zoom("open");
