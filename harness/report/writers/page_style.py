"""How the page of a report looks, on screen, in the dark and on paper, and how its tables are sorted."""

STYLE = """\
:root { color-scheme: light dark; --page: #fff; --text: #1a1a1a; --quiet: #444; --line: #ccc; --row: #f5f5f5;
  --link: #0060a0; }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #16181b; --text: #ececec; --quiet: #bdbdbd; --line: #4a4d52; --row: #202327; --link: #7db8f0; }
  figure svg { background: #fff; border-radius: .4rem; padding: .4rem; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
p, ul { max-width: 46rem; }
.lead { font-size: 1.1rem; color: var(--quiet); }
nav ol { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 1rem 0 0; padding: 0; }
nav li { margin-left: 1.3rem; }
a { color: var(--link); }
.table { overflow-x: auto; margin: 1.25rem 0 1.75rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; overflow-wrap: normal;
  border-top: 2px solid var(--text); border-bottom: 2px solid var(--text); }
caption { caption-side: top; text-align: left; font-weight: 600; padding: 0 0 .4rem; }
th, td { padding: .25rem .75rem; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid var(--text); vertical-align: bottom; }
thead button { all: unset; cursor: pointer; }
thead button:focus-visible { outline: 2px solid var(--link); }
th[aria-sort=ascending] button::after { content: " \\25B4"; }
th[aria-sort=descending] button::after { content: " \\25BE"; }
tbody th { font-weight: 400; background: var(--page); }
.k { white-space: nowrap; }
tbody tr:nth-child(even), tbody tr:nth-child(even) th { background: var(--row); }
.n { text-align: right; white-space: nowrap; }
.note { font-size: .8125rem; color: var(--quiet); margin: .4rem 0 0; max-width: 60rem; }
figure { margin: 1.25rem 0 1.75rem; }
figure svg { max-width: 100%; height: auto; }
figcaption { font-size: .8125rem; color: var(--quiet); max-width: 60rem; }
@media screen and (max-width: 40rem) {
  main { padding: 1.25rem .9rem 3rem; }
  h1 { font-size: 1.35rem; }
  th, td { padding: .25rem .5rem; }
  caption span { display: block; position: sticky; left: 0; max-width: calc(100vw - 1.8rem); }
  figure { overflow-x: auto; }
  figure svg { max-width: none; }
  figcaption { position: sticky; left: 0; }
  thead th:first-child, tbody th { position: sticky; left: 0; background: var(--page); max-width: 11rem;
    white-space: normal; overflow-wrap: break-word; }
  tbody th:not(.k) { min-width: 9rem; hyphens: auto; }
}
@media print {
  html { font-size: 10pt; }
  body { font-size: 1rem; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2, caption, p:has(+ .table) { break-after: avoid; }
  .table { overflow: visible; }
  .whole { break-inside: avoid; }
  table, .note, figcaption { font-size: 8pt; }
  th, td { padding: .15rem .4rem; }
  tr, figure { break-inside: avoid; }
  figure svg { max-height: 20cm; }
  p, li { orphans: 3; widows: 3; }
  thead { display: table-header-group; }
}
"""

SORTING = """\
"use strict";
// A click on a heading sorts its column; one more turns it around. What is absent stays last.
document.querySelectorAll("table").forEach(table => {
  const body = table.tBodies[0];
  table.querySelectorAll("thead th").forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("thead th").forEach(one => one.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].map(row => [row, row.cells[column].textContent.trim()]);
      const plain = text => text.replace(/\\u2212/g, "-").replace(/^[<>]\\s*/, "").replace(/,(?=\\d{3})/g, "");
      const number = text => Number.parseFloat(plain(text));
      const absent = text => text === "\\u2013" || text === "none" || text === "";
      const numeric = rows.every(([, text]) => absent(text) || Number.isFinite(number(text)));
      rows.sort(([, a], [, b]) => absent(a) - absent(b)
        || (down ? -1 : 1) * (numeric ? (number(a) || 0) - (number(b) || 0) : a.localeCompare(b)));
      body.append(...rows.map(([row]) => row));
    });
  });
});
"""
