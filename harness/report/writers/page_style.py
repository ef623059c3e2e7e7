"""How the page of a report looks, on screen and on paper."""

STYLE = """\
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1a1a1a;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid #ccc; }
p, ul { max-width: 46rem; }
.lead { font-size: 1.1rem; color: #333; }
nav ol { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 1rem 0 0; padding: 0; }
nav li { margin-left: 1.3rem; }
a { color: #0060a0; }
.table { overflow-x: auto; margin: 1.25rem 0 1.75rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums;
  border-top: 2px solid #1a1a1a; border-bottom: 2px solid #1a1a1a; }
caption { caption-side: top; text-align: left; font-weight: 600; padding: 0 0 .4rem; }
th, td { padding: .25rem .75rem; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid #1a1a1a; vertical-align: bottom; }
tbody th { font-weight: 400; }
.k { white-space: nowrap; }
tbody tr:nth-child(even) { background: #f5f5f5; }
.n { text-align: right; white-space: nowrap; }
.note { font-size: .8125rem; color: #444; margin: .4rem 0 0; max-width: 60rem; }
figure { margin: 1.25rem 0 1.75rem; }
figure svg { max-width: 100%; height: auto; }
figcaption { font-size: .8125rem; color: #444; max-width: 60rem; }
@media print {
  html { font-size: 10pt; }
  body { font-size: 1rem; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { break-after: avoid; }
  .table { overflow: visible; }
  table, .note, figcaption { font-size: 8pt; }
  th, td { padding: .15rem .4rem; }
  tr, figure { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""
