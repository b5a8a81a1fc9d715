// Charts read by pointer and keys, menus and dialogs, search, copy buttons. Every page works without this file.
(function () {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  // A note taller than this stands beside its place, this far away, so that it does not cover it.
  const TALL = 96;
  const BESIDE = 16;
  const ASKED = "[data-range-form], [data-ask], [role=search]";

  function make(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  }

  // What is said of each place of a chart stands in the table under it: its date or name, then what each column says.
  function said(table, row) {
    const heads = table.tHead.rows[0].cells;
    const parts = [];
    Array.from(row.cells).forEach((cell, at) => {
      const text = cell.textContent.trim();
      if (!text || "quiet" in cell.dataset) return;
      parts.push(at === 0 || "bare" in heads[at].dataset ? text : `${heads[at].textContent.trim()}: ${text}`);
    });
    return parts;
  }

  // Where a place stands in the picture, and the sign that shows it: a line with a dot, or a band behind it.
  const SPREADS = {
    points(picture, places) {
      const drawn = Array.from(picture.querySelectorAll("polyline.daily, polyline.ahead"));
      const heights = drawn.flatMap((line, at) => Array.from(line.points, (point) => point.y).slice(at ? 1 : 0));
      const cursor = make("g", { class: "cursor", visibility: "hidden" }, picture);
      const line = make("line", { y1: picture.dataset.top, y2: picture.dataset.floor }, cursor);
      const dot = make("circle", { r: 4.5 }, cursor);
      const last = Math.max(places - 1, 1);
      return {
        cursor,
        middle: (place) => place / last,
        at: (x) => Math.round(x * last),
        move(place) {
          const x = `${(place / last) * 100}%`;
          line.setAttribute("x1", x);
          line.setAttribute("x2", x);
          dot.setAttribute("cx", x);
          dot.setAttribute("cy", heights[place]);
        },
      };
    },
    bands(picture, places) {
      const top = Number(picture.dataset.top);
      const size = { width: `${100 / places}%`, y: top, height: Number(picture.dataset.floor) - top };
      const cursor = make("rect", { class: "cursor", visibility: "hidden", ...size }, picture);
      return {
        cursor,
        middle: (place) => (place + 0.5) / places,
        at: (x) => Math.floor(x * places),
        move: (place) => cursor.setAttribute("x", `${(place / places) * 100}%`),
      };
    },
    rows(picture, places) {
      const size = { width: "100%", height: `${100 / places}%` };
      const cursor = make("rect", { class: "cursor", visibility: "hidden", ...size }, picture);
      return {
        cursor,
        middle: () => 0.5,
        at: (_x, y) => Math.floor(y * places),
        move: (place) => cursor.setAttribute("y", `${(place / places) * 100}%`),
      };
    },
  };

  function steps(spread, places) {
    const leap = Math.max(Math.round(places / 12), 1);
    const found = { ArrowLeft: -1, ArrowRight: 1, PageUp: -leap, PageDown: leap, Home: -Infinity, End: Infinity };
    return spread === "rows" ? { ...found, ArrowUp: -1, ArrowDown: 1 } : found;
  }

  function chart(figure) {
    const canvas = figure.querySelector("[data-canvas]");
    if (!canvas || figure.dataset.ready) return;
    figure.dataset.ready = "yes";
    const picture = canvas.querySelector("svg");
    const table = figure.querySelector("[data-readings]");
    const rows = table.tBodies[0].rows;
    const places = rows.length;
    const spread = SPREADS[canvas.dataset.spread](picture, places);
    const keys = steps(canvas.dataset.spread, places);
    const spoken = figure.querySelector("[data-reading]");
    const tip = canvas.appendChild(document.createElement("div"));
    tip.className = "tip";
    tip.hidden = true;
    let place = canvas.dataset.spread === "points" ? places - 1 : 0;

    function show(next) {
      place = Math.max(0, Math.min(places - 1, next));
      spread.move(place);
      spread.cursor.setAttribute("visibility", "visible");
      tip.replaceChildren(...said(table, rows[place]).map((text, at) => {
        const part = document.createElement(at ? "span" : "strong");
        part.textContent = text;
        return part;
      }));
      tip.hidden = false;
      stand();
    }

    function stand() {
      const free = canvas.clientWidth - tip.offsetWidth;
      const middle = canvas.clientWidth * spread.middle(place);
      const half = tip.offsetWidth / 2 + BESIDE;
      const aside = tip.offsetHeight < TALL || canvas.dataset.spread === "rows" ? 0 : middle + 2 * half < canvas.clientWidth ? half : -half;
      tip.style.left = `${Math.max(0, Math.min(free, middle + aside - tip.offsetWidth / 2))}px`;
      if (canvas.dataset.spread !== "rows") return;
      const height = canvas.clientHeight / places;
      const above = place * height - tip.offsetHeight - 2;
      tip.style.top = `${above < 0 ? (place + 1) * height + 2 : above}px`;
    }

    function tell(next) {
      show(next);
      spoken.textContent = said(table, rows[place]).join(", ");
    }

    function hide() {
      spread.cursor.setAttribute("visibility", "hidden");
      tip.hidden = true;
    }

    canvas.tabIndex = 0;
    canvas.setAttribute("role", "group");
    canvas.setAttribute("aria-label", canvas.dataset.label);
    canvas.addEventListener("pointermove", (event) => {
      const box = picture.getBoundingClientRect();
      show(spread.at((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height));
    });
    canvas.addEventListener("pointerleave", () => {
      if (document.activeElement !== canvas) hide();
    });
    canvas.addEventListener("focus", () => {
      if (canvas.matches(":focus-visible")) tell(place);
    });
    canvas.addEventListener("blur", hide);
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return hide();
      const step = keys[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      tell(place + step);
    });
  }

  function copyButton(button) {
    if (!navigator.clipboard || button.dataset.ready) return;
    button.dataset.ready = "yes";
    const before = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = before; }, 2000);
    });
  }

  // A page that comes with its dialog open shows it over the page, where the rest cannot be reached.
  function dialog(box) {
    if (box.dataset.ready) return;
    box.dataset.ready = "yes";
    if (box.open) {
      box.close();
      box.showModal();
    } else {
      box.dataset.here = "yes";
    }
  }

  function start(root) {
    root.querySelectorAll("[data-chart]").forEach(chart);
    root.querySelectorAll("[data-copy]").forEach(copyButton);
    root.querySelectorAll("dialog[data-dialog]").forEach(dialog);
    root.querySelectorAll("[data-shows]").forEach(showButton);
  }

  // A password that one chooses can be looked at while it is typed; the button says whether it is shown.
  function showButton(button) {
    const field = document.getElementById(button.dataset.shows);
    button.hidden = !field;
    button.addEventListener("click", () => {
      const shown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(shown));
      field.type = shown ? "text" : "password";
    });
  }

  function closeMenus(except) {
    document.querySelectorAll("[data-menu][open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.open = false;
    });
  }

  function plainClick(event) {
    return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  }

  // A link to a page with a dialog opens the dialog that is here already; a link out of one that was opened here closes it.
  function dialogClick(event) {
    const opener = event.target.closest("[data-opens]");
    const opened = opener && document.getElementById(opener.dataset.opens);
    if (opened && plainClick(event)) {
      event.preventDefault();
      opened.showModal();
    }
    const closer = event.target.closest("[data-closes]");
    const box = closer ? closer.closest("dialog") : event.target.matches("dialog[data-dialog]") && event.target;
    if (box && (box.dataset.here || !closer || !closer.href)) {
      event.preventDefault();
      box.close();
    }
  }

  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    dialogClick(event);
  });

  function isTyping(target) {
    return target.isContentEditable || target.matches("input, select, textarea");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
      const search = document.querySelector("[data-search]");
      if (!search || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key !== "Escape") return;
    const open = document.querySelector("[data-menu][open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  // An address says what was asked and no more: no dates beside a range that has its own, nothing that is empty.
  document.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.parameters;
    if (asked.range && asked.range !== "custom") {
      delete asked.since;
      delete asked.until;
    }
    if (!event.detail.elt.closest(ASKED)) return;
    for (const [name, value] of Object.entries(asked)) if (value === "") delete asked[name];
  });
  // What is typed while an answer is on its way stays, and is asked for in its turn.
  let typed = null;
  const asSearched = (text) => text.trim().replace(/\s+/g, " ");

  document.addEventListener("htmx:beforeSwap", () => {
    const search = document.querySelector("[data-search]");
    typed = search && search === document.activeElement ? search.value : null;
  });

  function goOnTyping(main) {
    const search = main.querySelector("[data-search]");
    if (typed === null || !search || search.value === typed) return;
    const isNews = asSearched(search.value) !== asSearched(typed);
    search.value = typed;
    if (isNews) search.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("htmx:afterSettle", () => {
    const main = document.getElementById("main");
    start(main);
    goOnTyping(main);
    const alarm = main.querySelector("[role=alert]");
    const news = alarm ? [alarm] : Array.from(main.querySelectorAll("[data-announce]"));
    document.getElementById("announcer").textContent = news.map((one) => one.textContent.trim()).join(". ");
  });
  start(document);
})();
