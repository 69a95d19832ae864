// The explorer of a report: steps through the traces that #film holds (checker/report/film.cpp says
// what is in it). Everything is drawn with textContent: a name from a spec file stays text.
"use strict";
(() => {
  const film = JSON.parse(document.getElementById("film").textContent);
  const sayWhatGoesOn = () => {
    for (const hint of document.querySelectorAll(".goes-on")) {
      const box = hint.nextElementSibling;
      const wider = box.scrollWidth > box.clientWidth + 1;
      hint.classList.toggle("wider", wider);
      hint.classList.toggle("fits", !wider);
    }
  };
  sayWhatGoesOn();
  addEventListener("resize", sayWhatGoesOn);
  const place = document.getElementById("explorer");
  if (!film.traces.length) return;

  const laneNames = { interrupts: "Interrupts", host: "Host", hardware: "Hardware", guest: "Guest" };
  const lanes = Object.keys(laneNames);
  const compared = ["cpu", "guest view", "reference guest", "reference host"];
  const groupNames = {
    "cpu": "Physical CPU", "vmcb": "VMCB", "kvm": "KVM’s variables", "guest view": "Guest view",
    "reference guest": "Reference guest", "reference host": "Reference host",
    "host save area": "Host save area", "hidden": "What the guest saw",
  };

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  }

  const seeksWitness = (trace) => trace.kind === "reachable" || trace.kind === "symptom";
  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  // ---- A trace, unpacked: a state per step, values as BigInt ----

  function unpack(trace) {
    const variables = trace.shown.map((index) => film.variables[index]);
    const states = [trace.initial.map((value) => BigInt("0x" + value))];
    for (const step of trace.steps) {
      const state = states[states.length - 1].slice();
      for (const [position, value] of step.set) state[position] = BigInt("0x" + value);
      states.push(state);
    }
    return { ...trace, variables, states, last: trace.steps.length };
  }

  /** Bits of the variable at `position` that are wrong in state `at`. */
  function wrongBits(trace, position, at) {
    let bits = 0n;
    for (const each of trace.differences) {
      if (at < each.since || at > each.until) continue;
      if (each.real !== position && each.reference !== position) continue;
      const state = trace.states[at];
      const differing = each.reference < 0 ? ~0n : state[each.real] ^ state[each.reference];
      bits |= BigInt("0x" + each.bits) & differing;
    }
    return bits;
  }

  function hex(value) {
    const digits = value.toString(16).toUpperCase();
    return value < 10n ? digits : digits + "h";
  }

  function valueText(variable, value) {
    if (variable.kind === "enumeration") {
      const found = variable.names.find(([number]) => BigInt("0x" + number) === value);
      return found ? found[1] : hex(value);
    }
    if (variable.kind === "flags") return hex(value);
    return value > 9999n ? "0x" + value.toString(16) : value.toString();
  }

  function placeOf(cause) {
    return cause[0] < 0 ? "" : `${film.files[cause[0]].short}:${cause[1]}`;
  }

  function headline(trace, at) {
    if (at === 0) return "Reset: before anything has run";
    const step = trace.steps[at - 1];
    const lines = step.causes.map((index) => film.causes[index]);
    const main = lines.findLast((cause) => cause[0] >= 0) || lines[0];
    return step.actor + (main ? `: ${placeOf(main)} ${main[2]}` : "");
  }

  // ---- Lanes ----

  function drawLanes(trace) {
    const columns = trace.last + 1;
    const grid = el("div", { class: "lanes", "aria-hidden": "true" });
    grid.style.setProperty("--columns", columns);
    grid.append(el("div", { class: "lane-name corner" }, "Step"));
    lanes.forEach((lane, row) => {
      const label = el("div", { class: "lane-name" }, laneNames[lane]);
      label.style.gridRow = row + 2;
      grid.append(label);
      const line = el("div", { class: "lane-line" });
      line.style.gridRow = row + 2;
      grid.append(line);
    });
    for (let at = 0; at < columns; ++at) {
      const parted = trace.parts >= 0 && at >= trace.parts;
      const column = el("div", { class: "column" + (parted ? " parted" : ""), "data-at": at });
      column.style.gridColumn = at + 2;
      column.append(el("span", { class: "number" }, at === trace.parts ? "≠" : String(at)));
      grid.append(column);
      const step = at === 0 ? { lane: "host", actor: "reset", event: "" } : trace.steps[at - 1];
      const boxes = [[step.lane, step.actor]];
      if (step.event && step.lane !== "hardware") boxes.push(["hardware", step.event]);
      for (const [lane, text] of boxes) {
        const box = el("div", { class: `box ${lane}`, "data-at": at, title: `${at}  ${text}` },
          columns <= 19 ? text : "");
        box.style.gridColumn = at + 2;
        box.style.gridRow = lanes.indexOf(lane) + 2;
        grid.append(box);
      }
    }
    return grid;
  }

  // ---- C source ----

  const token = /(\/\*[\s\S]*?(?:\*\/|(?![\s\S]))|\/\/[^\n]*)|("(?:[^"\\\n]|\\.)*")|\b(if|else|for|while|do|return|switch|case|default|break|continue|goto|static|const|extern|struct|enum|bool|void|true|false|u8|u16|u32|u64|int|unsigned|long)\b|(^[ \t]*#[^\n]*)/gm;

  /** Lines of `text`, each a list of nodes. */
  function colouredLines(text) {
    const lines = [[]];
    const add = (piece, kind) => {
      piece.split("\n").forEach((part, index) => {
        if (index > 0) lines.push([]);
        if (part) lines[lines.length - 1].push(kind ? el("span", { class: kind }, part) : part);
      });
    };
    let end = 0;
    for (const match of text.matchAll(token)) {
      add(text.slice(end, match.index), "");
      add(match[0], match[1] ? "comment" : match[2] ? "string" : match[3] ? "keyword" : "directive");
      end = match.index + match[0].length;
    }
    add(text.slice(end), "");
    return lines;
  }

  const listings = new Map();
  function listingOf(number) {
    if (!listings.has(number)) {
      const list = el("ol", { class: "listing" });
      colouredLines(film.files[number].text).forEach((parts) => {
        list.append(el("li", {}, el("code", {}, ...parts)));
      });
      listings.set(number, list);
    }
    return listings.get(number);
  }

  // ---- Registers ----

  function drawBits(variable, value, before, wrong) {
    const list = el("span", { class: "bits" });
    for (const [number, name, activeLow] of variable.names) {
      const bit = BigInt("0x" + number);
      const digit = (value >> bit) & 1n;
      const on = (digit === 1n) !== Boolean(activeLow);
      const isWrong = ((wrong >> bit) & 1n) === 1n;
      const changed = ((before >> bit) & 1n) !== digit;
      const css = ["bit", on ? "on" : "", changed ? "changed" : "", isWrong ? "wrong" : ""];
      list.append(el("span", {
        class: css.filter(Boolean).join(" "), "data-bit": name,
        title: `${name} is ${digit}${changed ? ", changed in this step" : ""}`,
      }, isWrong ? el("span", { class: "sign" }, "≠") : "", `${name} ${digit}`));
    }
    return list;
  }

  function drawRegister(trace, position, at) {
    const variable = trace.variables[position];
    const value = trace.states[at][position];
    const before = trace.states[Math.max(at - 1, 0)][position];
    const wrong = wrongBits(trace, position, at);
    const changed = value !== before;
    const css = ["register", changed ? "changed" : "", wrong ? "wrong" : ""];
    const text = valueText(variable, value);
    const row = el("div", {
      class: css.filter(Boolean).join(" "), "data-name": variable.name,
      title: changed ? `${variable.name}: ${valueText(variable, before)} → ${text}` : variable.name,
    });
    row.append(el("dt", {}, variable.short));
    const shown = el("dd", {});
    if (wrong && variable.kind !== "flags") shown.append(el("span", { class: "sign" }, "≠ "));
    if (changed && variable.kind !== "flags") {
      shown.append(el("span", { class: "was" }, valueText(variable, before) + " → "));
    }
    shown.append(el("span", { class: "value" }, text));
    if (changed) shown.append(el("span", { class: "unseen" }, " changed in this step"));
    if (wrong) shown.append(el("span", { class: "unseen" }, " breaks the property"));
    row.append(shown);
    if (variable.kind === "flags") {
      row.append(el("dd", { class: "of-bits" }, drawBits(variable, value, before, wrong)));
    }
    return row;
  }

  /** What plays a part; a register does in every column if it does in one of those compared. */
  function playing(trace) {
    const name = (position) => trace.variables[position].short.toLowerCase();
    const inColumns = (position) => compared.includes(trace.variables[position].group);
    const names = new Set(trace.play.filter(inColumns).map(name));
    return trace.variables.map((_, position) => position).filter((position) =>
      trace.play.includes(position) || (inColumns(position) && names.has(name(position))));
  }

  /** "A" or "B" for the variables of a trace of two runs, else "". */
  function runOf(trace, position) {
    const run = /^([AB])\./.exec(trace.variables[position].name);
    return run && trace.variables.some(({ name }) => name.startsWith(run[1] === "A" ? "B." : "A.")) ? run[1] : "";
  }

  function drawState(trace, at, all) {
    const positions = all ? trace.variables.map((_, index) => index) : trace.playing;
    const groups = new Map();
    for (const position of positions) {
      const { group } = trace.variables[position];
      // What the guest saw is true for one state only, and says nothing where it is all zero.
      if (group === "hidden" && !trace.states[at][position]) continue;
      const key = runOf(trace, position) + "|" + group;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(position);
    }
    const order = ["hidden", ...compared, "vmcb", "host save area", "kvm"];
    const groupOf = (key) => key.slice(key.indexOf("|") + 1);
    const rank = (key) => (order.indexOf(groupOf(key)) + order.length + 1) % (order.length + 1);
    const known = [...groups.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    const title = (key) => (key[0] === "|" ? "" : `Run ${key[0]}: `) + (groupNames[groupOf(key)] || groupOf(key) || "Other");
    const card = (key) => el("section", { class: "card", "data-group": groupOf(key) },
      el("h4", {}, title(key)),
      el("dl", {}, ...groups.get(key).map((position) => drawRegister(trace, position, at))));
    const state = el("div", { class: "cards" });
    const seen = known.filter((key) => groupOf(key) === "hidden");
    const side = known.filter((key) => compared.includes(groupOf(key)));
    const rest = known.filter((key) => !seen.includes(key) && !side.includes(key));
    for (const row of [seen, side, rest]) {
      if (row.length) state.append(el("div", { class: "row" }, ...row.map(card)));
    }
    return state;
  }

  // ---- The explorer ----

  let trace = null;
  let at = 0;
  let shownFile = -1;
  let chosenFile = -1;  // by hand, for the step at hand

  const select = el("select", { id: "explorer-trace" });
  for (const each of film.traces) {
    const verb = seeksWitness(each) ? "reached" : "violated";
    select.append(el("option", { value: each.id },
      `${each.fix} · ${each.property} · ${verb} in ${plural(each.steps.length, "step")}`));
  }
  const claim = el("p", { class: "claim" });
  const laneBox = el("div", { class: "lane-scroll" });
  const range = el("input", { type: "range", min: 0, step: 1, "aria-label": "Step of the trace" });
  const button = (text, label, action) => {
    const node = el("button", { type: "button", "aria-label": label, title: label }, text);
    node.addEventListener("click", action);
    return node;
  };
  const counter = el("output", { class: "counter", for: "explorer-range" });
  range.id = "explorer-range";
  const toParting = button("≠", "Go to where real and reference part company", () => go(trace.parts));
  const controls = el("div", { class: "controls" },
    button("|◀", "First step", () => go(0)), button("◀", "Step back", () => go(at - 1)),
    button("▶", "Step forward", () => go(at + 1)), button("▶|", "Last step", () => go(trace.last)),
    toParting, counter);
  const live = el("p", { class: "unseen", "aria-live": "polite" });
  const what = el("div", { class: "what" });
  const files = el("div", { class: "files", role: "group", "aria-label": "Files of this step" });
  const source = el("div", { class: "source", tabindex: 0, role: "region", "aria-label": "C source" });
  const state = el("div", { class: "state" });
  const all = el("input", { type: "checkbox", id: "explorer-all" });
  const verdict = el("p", { class: "parting" });

  place.append(
    el("div", { class: "explorer-head" }, el("h2", { id: "explorer-title" }, "Step through a trace"),
      el("label", { for: "explorer-trace" }, el("span", { class: "unseen" }, "Trace "), select)),
    claim, laneBox, el("div", { class: "scrubber" }, range),
    el("div", { class: "now-bar" }, controls, verdict), live,
    el("div", { class: "panes" },
      el("div", { class: "pane" }, what, files, source),
      el("div", { class: "pane" },
        el("div", { class: "state-head" }, el("h3", {}, "The machine after this step"),
          el("label", { for: "explorer-all" }, all, " everything")),
        state)),
    el("p", { class: "hint" }, "Arrow keys step; Home and End jump. ",
      el("span", { class: "key changed" }, "changed"), " in this step, ",
      el("span", { class: "key wrong" }, "≠ wrong"), " against the reference."));

  function drawWhat() {
    const step = at === 0 ? null : trace.steps[at - 1];
    const title = at === 0 ? "Reset" : `Step ${at}: ${step.actor}`;
    what.replaceChildren(el("h3", {}, title));
    if (!step) {
      what.append(el("p", {}, "The state before anything has run."));
      return;
    }
    const list = el("ol", { class: "causes" });
    for (const index of step.causes) {
      const cause = film.causes[index];
      list.append(el("li", { class: cause[0] < 0 ? "event" : "" },
        el("span", { class: "where" }, cause[0] >= 0 ? placeOf(cause) : cause[3] ? "hardware" : "guest"),
        el("code", {}, cause[2]), cause[3] ? el("span", { class: "manual" }, cause[3]) : ""));
    }
    for (const [where, sentence] of step.untracked || []) {
      list.append(el("li", { class: "untracked" }, el("span", { class: "where" }, where),
        el("strong", {}, sentence)));
    }
    what.append(list);
  }

  /** C lines of step `number`. */
  function linesOf(number) {
    if (number === 0) return [];
    return trace.steps[number - 1].causes.map((index, cause) => [film.causes[index], cause])
      .filter(([cause]) => cause[0] >= 0);
  }

  function drawSource() {
    let number = at;
    while (number > 0 && !linesOf(number).length) --number;
    const lines = linesOf(number);
    const mine = [...new Set(lines.map(([cause]) => cause[0]))];
    files.replaceChildren();
    source.classList.toggle("earlier", number !== at);
    if (!lines.length) {
      source.replaceChildren(el("p", { class: "quiet" }, "No C line has run yet."));
      shownFile = -1;
      return;
    }
    const current = mine.includes(chosenFile) ? chosenFile : lines[lines.length - 1][0][0];
    for (const file of mine) {
      const node = button(film.files[file].short, `Show ${film.files[file].name}`, () => {
        chosenFile = file;
        drawSource();
      });
      node.setAttribute("aria-pressed", file === current);
      files.append(node);
    }
    if (number !== at) files.append(el("span", { class: "quiet" }, `last C line, step ${number}`));
    const listing = listingOf(current);
    if (shownFile !== current) source.replaceChildren(listing);
    shownFile = current;
    for (const item of listing.querySelectorAll("li[class]")) item.removeAttribute("class");
    for (const item of listing.querySelectorAll("[aria-current]")) item.removeAttribute("aria-current");
    let now = null;
    for (const [cause] of lines) {
      const item = listing.children[cause[1] - 1];
      if (cause[0] !== current || !item) continue;
      item.className = "ran";
      now = item;
    }
    if (now) {
      now.className = "ran now";
      now.setAttribute("aria-current", "step");
    }
    if (trace.line) {
      const cause = film.causes[trace.steps[trace.line[0] - 1].causes[trace.line[1]]];
      const item = cause[0] === current ? listing.children[cause[1] - 1] : null;
      if (item) {
        item.classList.add("blamed");
        item.title = "The last C line that could have kept real and reference together";
      }
    }
    if (now) source.scrollTop = Math.max(0, now.offsetTop - source.clientHeight / 2 + 10);
  }

  function drawParting() {
    const now = trace.parts >= 0 && at >= trace.parts;
    verdict.classList.toggle("wrong", now);
    if (now) {
      const active = trace.differences.filter((each) => at >= each.since && at <= each.until);
      const texts = (active.length ? active : trace.differences).map((each) => each.text);
      verdict.replaceChildren(el("b", {}, `≠ Apart since step ${trace.parts}. `),
        texts.join("; ") + (at === trace.last ? ". " + trace.sentence : "."));
    } else if (trace.parts >= 0) {
      verdict.textContent = `= Real and reference agree; they part company in step ${trace.parts}.`;
    } else {
      verdict.textContent = at === trace.last ? trace.sentence : "";
    }
  }

  function go(to) {
    at = Math.min(Math.max(to, 0), trace.last);
    chosenFile = -1;
    range.value = at;
    const text = `Step ${at} of ${trace.last}`;
    counter.textContent = text;
    range.setAttribute("aria-valuetext", `${text}. ${headline(trace, at)}`);
    live.textContent = headline(trace, at);
    for (const node of laneBox.querySelectorAll(".selected")) node.classList.remove("selected");
    for (const node of laneBox.querySelectorAll(`[data-at="${at}"]`)) node.classList.add("selected");
    showColumn();
    drawWhat();
    drawSource();
    drawParting();
    state.replaceChildren(drawState(trace, at, all.checked));
    place.dataset.at = at;
  }

  /** Where the lanes are wider than the window, the column at hand is in the middle. */
  function showColumn() {
    const column = laneBox.querySelector(".column.selected");
    if (column) laneBox.scrollLeft = column.offsetLeft - laneBox.clientWidth / 2;
  }

  /** The thumb as wide as a column, so that it stands under it. */
  function fitThumb() {
    const column = laneBox.querySelector(".column");
    const width = laneBox.scrollWidth > laneBox.clientWidth + 1 ? 24 : column.offsetWidth;
    range.style.setProperty("--thumb", `${Math.max(width, 14)}px`);
  }

  function open(id, step) {
    const found = film.traces.find((each) => each.id === id);
    if (!found) return;
    trace = unpack(found);
    trace.playing = playing(trace);
    select.value = id;
    place.hidden = false;
    place.dataset.trace = id;
    const reached = seeksWitness(trace);
    claim.replaceChildren(
      el("b", { class: reached ? "holds" : "violated" },
        `${reached ? "✓ reached" : "✗ violated"} in ${plural(trace.last, "step")}`),
      " under fix ", el("b", {}, trace.fix), ". ", trace.text);
    range.max = trace.last;
    toParting.hidden = trace.parts < 0;
    laneBox.replaceChildren(drawLanes(trace));
    fitThumb();
    go(step ?? (trace.parts >= 0 ? trace.parts : trace.last));
    for (const link of document.querySelectorAll("a[data-trace]")) {
      if (link.dataset.trace === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  select.addEventListener("change", () => open(select.value));
  range.addEventListener("input", () => go(Number(range.value)));
  all.addEventListener("change", () => go(at));
  laneBox.addEventListener("click", (event) => {
    const target = event.target.closest("[data-at]");
    if (target) go(Number(target.dataset.at));
  });
  addEventListener("resize", () => {
    fitThumb();
    showColumn();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-trace]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.dataset.trace);
    place.scrollIntoView({ block: "start" });
    range.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === range) return;
    if (event.target.closest("select, textarea, pre, .scroll, .source, input:not([type=checkbox])")) return;
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1 };
    if (place.contains(event.target)) Object.assign(steps, { Home: 0, End: trace.last });
    if (event.key in steps) {
      event.preventDefault();
      go(steps[event.key]);
    }
  });

  const first = film.traces.find((each) => !seeksWitness(each)) || film.traces[0];
  open(first.id);
})();
