"""What the tests read back from a page: functions that run in the browser."""

# The lines of value and gradient on every card
CARDS = """() => Object.fromEntries([...document.querySelectorAll(".node:not(.rest)")].map((card) => [card.id.slice(2),
  [".value", ".grad"].map((kind) => [...card.querySelectorAll(`.number${kind} tspan`)].map((line) => line.textContent)
    .filter((line) => line))]))"""

# The messages that can be seen
MESSAGES = """() => Object.fromEntries([...document.querySelectorAll(".edge .message")]
  .filter((text) => getComputedStyle(text).visibility === "visible")
  .map((text) => [text.closest(".edge").id, text.textContent]))"""

# What sticks out of its card, or lies over something else
LAYOUT = """() => {
  const box = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return { left, right, top, bottom };
  };
  const inside = (a, b) =>
    a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
  const apart = (a, b) =>
    a.right <= b.left + .5 || b.right <= a.left + .5 || a.bottom <= b.top + .5 || b.bottom <= a.top + .5;
  const tight = (text) => { // without the room that a line has above and below its letters
    const r = box(text), cut = (r.bottom - r.top) * .2;
    return { ...r, top: r.top + cut, bottom: r.bottom - cut };
  };
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
  const cards = [...document.querySelectorAll(".node")], labels = [...document.querySelectorAll(".label")];
  const faults = [];
  for (const card of cards) {
    const texts = [...card.querySelectorAll("text")].filter((text) => text.textContent && isSeen(text));
    for (const text of texts)
      if (!inside(box(text), box(card.querySelector("rect")))) faults.push(`${card.id}: ${text.textContent}`);
    texts.forEach((a, i) => texts.slice(i + 1).forEach((b) => {
      if (!apart(tight(a), tight(b))) faults.push(`${card.id}: ${a.textContent} over ${b.textContent}`);
    }));
  }
  const boxes = [...cards.map((card) => card.querySelector("rect")), ...labels.filter(isSeen)];
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    if (!apart(box(a), box(b))) faults.push(`${a.parentNode.id} ${a.textContent} over ${b.parentNode.id}`);
  }));
  if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is wider than the window");
  return faults;
}"""

# Each text with its own colour and the one behind it
INKS = """() => {
  const paper = getComputedStyle(document.body).backgroundColor;
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = getComputedStyle(element).backgroundColor;
      if (color !== "rgba(0, 0, 0, 0)") return color;
    }
    return paper;
  };
  const drawn = [...document.querySelectorAll("#graph text")].map((text) => [text.textContent,
    getComputedStyle(text).fill,
    text.closest(".node") ? getComputedStyle(text.closest(".node").querySelector("rect")).fill : paper]);
  const said = "h1, h2, li, .note, summary, button:not(:disabled), dt, dd p, mn, mi, label, b, kbd, th, td, output";
  return [...drawn, ...[...document.querySelectorAll(said)].map((element) =>
    [element.textContent, getComputedStyle(element).color, behind(element)])];
}"""

# What Tab should come to
REACHABLE = """() => {
  const every = [...document.querySelectorAll("button, input, summary, .node, #canvas")];
  every.forEach((element, i) => (element.dataset.i = i));
  return every.filter((element) => element.checkVisibility() && !element.disabled).map((element) => element.dataset.i);
}"""
