// The chart's crosshair and arrow keys, menus that close, copy buttons. Every page works without this file.
(function () {
  "use strict";

  const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30, Home: -Infinity, End: Infinity };
  const SVG = "http://www.w3.org/2000/svg";

  function readings(figure) {
    return Array.from(figure.querySelectorAll("[data-readings] tbody tr"), (row) => {
      const heads = figure.querySelectorAll("[data-readings] thead th");
      const [date, tokens, mean, events] = Array.from(row.cells, (cell) => cell.textContent.trim());
      const parts = [date, `${heads[1].textContent}: ${tokens}`];
      if (mean) parts.push(`${heads[2].textContent}: ${mean}`);
      if (events) parts.push(events);
      return parts;
    });
  }

  function element(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  }

  function chart(figure) {
    if (figure.dataset.ready) return;
    figure.dataset.ready = "yes";
    const canvas = figure.querySelector("[data-canvas]");
    const picture = canvas.querySelector("svg");
    const points = picture.querySelector("polyline.daily").points;
    const texts = readings(figure);
    const spoken = figure.querySelector("[data-reading]");
    const cursor = element("g", { class: "cursor", visibility: "hidden" }, picture);
    const line = element("line", { y1: 18, y2: 234 }, cursor);
    const dot = element("circle", { r: 4.5 }, cursor);
    const tip = canvas.appendChild(document.createElement("div"));
    tip.className = "tip";
    tip.hidden = true;
    let place = points.numberOfItems - 1;

    function show(next) {
      const last = points.numberOfItems - 1;
      place = Math.max(0, Math.min(last, next));
      const share = (place / Math.max(last, 1)) * 100;
      const x = `${share}%`;
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", points.getItem(place).y);
      cursor.setAttribute("visibility", "visible");
      tip.replaceChildren(...texts[place].map((text, at) => {
        const part = document.createElement(at ? "span" : "strong");
        part.textContent = text;
        return part;
      }));
      tip.hidden = false;
      const free = canvas.clientWidth - tip.offsetWidth;
      tip.style.left = `${Math.max(0, Math.min(free, (canvas.clientWidth * share) / 100 - tip.offsetWidth / 2))}px`;
    }

    function hide() {
      cursor.setAttribute("visibility", "hidden");
      tip.hidden = true;
    }

    canvas.tabIndex = 0;
    canvas.setAttribute("role", "group");
    canvas.setAttribute("aria-label", canvas.dataset.label);
    canvas.addEventListener("pointermove", (event) => {
      const box = canvas.getBoundingClientRect();
      show(Math.round(((event.clientX - box.left) / box.width) * (points.numberOfItems - 1)));
    });
    canvas.addEventListener("pointerleave", () => {
      if (document.activeElement !== canvas) hide();
    });
    canvas.addEventListener("focus", () => {
      if (canvas.matches(":focus-visible")) show(place);
    });
    canvas.addEventListener("blur", hide);
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Escape") return hide();
      const step = STEPS[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      show(place + step);
      spoken.textContent = texts[place].join(", ");
    });
  }

  function copyButton(button) {
    if (!navigator.clipboard) return;
    const before = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = before; }, 2000);
    });
  }

  function start(root) {
    root.querySelectorAll("[data-chart]").forEach(chart);
    root.querySelectorAll("[data-copy]").forEach(copyButton);
  }

  function closeMenus(except) {
    document.querySelectorAll("[data-menu][open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.open = false;
    });
  }

  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("[data-menu][open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  // A range that is not a custom one needs no dates in its address.
  document.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.parameters;
    if (asked.range && asked.range !== "custom") {
      delete asked.since;
      delete asked.until;
    }
  });
  document.addEventListener("htmx:afterSettle", () => {
    const main = document.getElementById("main");
    start(main);
    const news = main.querySelector("[role=alert], [data-announce]");
    document.getElementById("announcer").textContent = news ? news.textContent.trim() : "";
  });
  start(document);
})();
