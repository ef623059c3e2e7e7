"use strict";
// Sorts the tables of a board, and hides what a filter or the slider leaves out, in tables and pictures alike.
(() => {
  const at = id => document.getElementById(id);
  const rows = [...document.querySelectorAll(".board tbody tr")];
  const sorted = cell => cell.dataset.value;

  document.querySelectorAll(".board").forEach(table => {
    const body = table.tBodies[0], headings = [...table.querySelectorAll("thead th")];
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach(one => one.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        const keyed = [...body.rows].map(row => [row, sorted(row.cells[column])]);
        const text = heading.dataset.sort === "text";
        keyed.sort(([, a], [, b]) => (a === "") - (b === "") // what is absent stays last
          || (down ? -1 : 1) * (text ? a.localeCompare(b) : a - b));
        body.append(...keyed.map(([row]) => row));
      });
    });
  });

  const controls = at("controls");
  if (!controls) return;
  const word = at("word"), slider = at("lost"), families = [...controls.querySelectorAll("[name=family]")];
  const most = () => slider.value === slider.max ? Infinity : Number(slider.value);

  function chosen(row) {
    const named = row.dataset.name.toLowerCase().includes(word.value.trim().toLowerCase());
    const own = row.dataset.families.split(" ");
    return named && families.some(box => box.checked && own.includes(box.value));
  }
  const within = row => row.dataset.lost === "" || Number(row.dataset.lost) <= most();

  function drawSteps(svg) { // what is beaten by nobody, of the marks that are shown
    const points = [...svg.querySelectorAll(".mark")].filter(mark => !mark.hasAttribute("hidden"))
      .map(mark => ({ mark, x: Number(mark.dataset.x), y: Number(mark.dataset.y) * (svg.dataset.better === "up" ? 1 : -1) }));
    const beaten = one => points.some(other => other.x >= one.x && other.y <= one.y && (other.x > one.x || other.y < one.y));
    const front = points.filter(one => { one.mark.classList.toggle("on", !beaten(one)); return !beaten(one); })
      .map(one => [one.x, Number(one.mark.dataset.y)]).sort((a, b) => a[0] - b[0]);
    const path = front.flatMap((point, i) => i ? [[front[i - 1][0], point[1]], point] : [point]);
    svg.querySelector(".steps").setAttribute("points", path.map(point => point.join(",")).join(" "));
  }

  function show() {
    const kept = rows.filter(chosen), lose = kept.filter(row => !within(row));
    rows.forEach(row => { row.hidden = !chosen(row) || !within(row); });
    document.querySelectorAll(".comparison").forEach(part => {
      const shown = new Set([...part.querySelectorAll(".board tbody tr:not([hidden])")].map(row => row.dataset.name));
      part.querySelectorAll("svg.front").forEach(svg => {
        svg.querySelectorAll(".mark").forEach(mark => mark.toggleAttribute("hidden", !shown.has(mark.dataset.name)));
        drawSteps(svg);
      });
    });
    const share = most() === Infinity ? "any" : `${slider.value} %`;
    at("share").textContent = share;
    slider.setAttribute("aria-valuetext", share === "any" ? "any loss" : `at most ${share}`);
    const more = lose.length ? `; ${lose.length} ${lose.length === 1 ? "loses" : "lose"} more NDCG` : "";
    at("told").textContent = `${kept.length - lose.length} of ${rows.length} rows are shown${more}.`;
  }

  controls.hidden = false;
  for (const field of [word, slider, ...families]) field.addEventListener("input", show);
  show();
})();
