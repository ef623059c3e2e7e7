"use strict";
// Draws the runs in #data three times; a run is the same series and place in each, so that pointing at one shows all.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = id => document.getElementById(id);
  const narrow = window.matchMedia("(max-width: 40rem)"), dark = window.matchMedia("(prefers-color-scheme: dark)");
  const charts = Object.fromEntries(["parallel", "scatter", "groups"].map(id => [id, echarts.init(at(id), null, { renderer: "svg" })]));
  const hidden = new Set(), outside = new Set();
  let chosen = firstChoice();

  function firstChoice() { // the first method's most accurate run, the most accurate of all, and the fairest
    const measured = data.runs.filter(run => run.reached.test && Object.keys(run.groups).length);
    if (!measured.length) return [];
    const best = (runs, value) => runs.reduce((one, other) => value(other) > value(one) ? other : one, runs[0]);
    const ndcg = run => run.reached.test[0], fairness = run => -run.reached.test[1];
    const first = measured.filter(run => run.method === measured[0].method);
    return [...new Set([best(first, ndcg), best(measured, ndcg), best(measured, fairness)])];
  }
  const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colour = method => data.methods[method][dark.matches ? "dark" : "light"];
  const symbol = method => "path://" + data.methods[method].shape;
  const short = value => value === null || value === undefined ? "–" : String(Number(Number(value).toPrecision(4)));
  const shown = () => data.runs.filter(run => run.reached[at("split").value] && !hidden.has(run.method));
  const of = method => shown().filter(run => run.method === method);

  function tip(run, lines) { // built of nodes: nothing in a name is markup
    const box = document.createElement("div"), head = document.createElement("strong");
    box.className = "tip";
    head.textContent = run.name;
    box.append(head, ...lines.flatMap(line => [document.createTextNode(line), document.createElement("br")]));
    return box;
  }
  const about = run => tip(run, [
    "run " + run.id.slice(0, 8),
    ...data.axes.map((axis, i) => [axis.label, run.options[i]]).filter(pair => pair[1] !== null).map(([label, value]) => `${label} = ${short(value)}`),
    ...data.metrics.map((label, i) => `${label} ${short(run.reached[at("split").value][i])}`),
  ]);
  const look = () => ({
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, animation: false,
    tooltip: { confine: true, backgroundColor: css("--page"), borderColor: css("--line"), textStyle: { color: css("--text") },
      formatter: found => found.data && found.data.run ? about(found.data.run) : "" },
  });
  const axisLook = () => ({
    axisLine: { lineStyle: { color: css("--quiet") } }, axisTick: { lineStyle: { color: css("--quiet") } },
    splitLine: { lineStyle: { color: css("--line"), opacity: .5 } }, nameTextStyle: { color: css("--text"), fontSize: 13, textBorderColor: css("--page"), textBorderWidth: 3 },
    axisLabel: { color: css("--quiet"), fontSize: 12, hideOverlap: true, formatter: short,
      textBorderColor: css("--page"), textBorderWidth: 3 },
  });

  function drawParallel() {
    const lines = [...data.axes, ...data.metrics.map(label => ({ label: label.split(" of ")[0], log: false }))];
    const crowded = at("parallel").clientWidth / lines.length < 95; // names then stand in two rows
    const value = run => [...run.options, ...run.reached[at("split").value]].map(one => one === null ? "-" : one);
    charts.parallel.setOption({ ...look(),
      parallel: narrow.matches ? { layout: "vertical", left: 24, right: 24, top: 40, bottom: 24 } : { left: 40, right: 90, top: 60, bottom: 20 },
      parallelAxis: lines.map((axis, dim) => ({ dim, name: axis.label, nameTruncate: { maxWidth: 200 }, type: axis.log ? "log" : "value", scale: true, ...axisLook(),
        nameLocation: narrow.matches ? "start" : "end", nameGap: narrow.matches ? -4 : crowded && dim % 2 ? 32 : 14,
        ...(narrow.matches && { nameTextStyle: { color: css("--text"), fontSize: 13, align: "left", verticalAlign: "bottom", padding: [0, 0, 8, 0] } }),
        areaSelectStyle: { width: 18, borderColor: css("--text"), color: css("--quiet"), opacity: .25 } })),
      series: data.methods.map((method, place) => ({ type: "parallel", name: method.name, inactiveOpacity: .06, activeOpacity: .9,
        lineStyle: { color: colour(place), width: 1.5, opacity: .65 }, emphasis: { lineStyle: { width: 4, opacity: 1 } },
        data: of(place).map(run => ({ value: value(run), run })) })),
    }, true);
    charts.parallel.setOption({ tooltip: { trigger: "item" } });
  }

  function drawScatter() {
    const y = Number(at("against").value), split = at("split").value;
    charts.scatter.setOption({ ...look(),
      grid: { left: 12, right: 24, top: 36, bottom: 36, containLabel: true },
      xAxis: { name: data.metrics[0] + " (more is better)", nameLocation: "middle", nameGap: 30, scale: true, ...axisLook() },
      yAxis: { name: data.metrics[y] + (y === 1 ? " (less is better)" : " (more is better)"), nameLocation: "end", scale: true, ...axisLook(),
        nameTextStyle: { color: css("--text"), fontSize: 13, align: "left" } },
      series: data.methods.map((method, place) => ({ type: "scatter", name: method.name, symbol: symbol(place), symbolSize: 11,
        itemStyle: { color: colour(place), opacity: .85 }, emphasis: { scale: 1.8, itemStyle: { opacity: 1 } },
        data: of(place).map(run => ({ value: [run.reached[split][0], run.reached[split][y]], run,
          symbolSize: chosen.includes(run) ? 17 : 11,
          itemStyle: { opacity: outside.has(run) ? .1 : .85, borderColor: css("--text"), borderWidth: chosen.includes(run) ? 2 : 0 } })) })),
    }, true);
  }

  function drawGroups() {
    const none = !data.runs.some(run => Object.keys(run.groups).length);
    at("of-groups").hidden = document.querySelector(".choosing").hidden = none;
    at("chosen").textContent = chosen.length ? chosen.map(run => run.name).join(" · ") : "No run is chosen.";
    const first = chosen.length ? chosen[0].groups : {};
    const names = [...new Set(chosen.flatMap(run => Object.keys(run.groups)))].sort((a, b) => (first[a] ?? -1) - (first[b] ?? -1));
    at("groups").style.height = `${names.length * (chosen.length * 7 + 12) + 70}px`;
    charts.groups.resize();
    charts.groups.setOption({ ...look(),
      tooltip: { ...look().tooltip, formatter: found => tip(found.data.run, [`${found.name}: ${short(found.value)}`]) },
      grid: { left: 8, right: 24, top: 8, bottom: 36, containLabel: true },
      xAxis: { name: "utility of the group, test data (more is better)", nameLocation: "middle", nameGap: 28, ...axisLook() },
      yAxis: { type: "category", data: names, ...axisLook(), axisLabel: { color: css("--text"), fontSize: 12, interval: 0,
        width: narrow.matches ? 100 : 220, overflow: "truncate" } },
      series: [...chosen].reverse().map(run => ({ type: "bar", name: run.name, barGap: "10%", barCategoryGap: "25%",
        itemStyle: { color: colour(run.method), borderColor: css("--page") },
        data: names.map(name => ({ value: run.groups[name] ?? "-", name, run })) })),
    }, true);
  }

  function draw() {
    document.querySelectorAll("#methods button").forEach(button => {
      button.setAttribute("aria-pressed", String(!hidden.has(Number(button.dataset.method))));
      button.querySelector("path").setAttribute("fill", colour(Number(button.dataset.method)));
    });
    drawParallel(); drawScatter(); drawGroups();
  }
  function redraw() { outside.clear(); draw(); }

  for (const [one, other] of [["parallel", "scatter"], ["scatter", "parallel"]])
    for (const [event, type] of [["mouseover", "highlight"], ["mouseout", "downplay"]])
      charts[one].on(event, found => charts[other].dispatchAction({ type, seriesIndex: found.seriesIndex, dataIndex: found.dataIndex }));
  charts.scatter.on("click", found => {
    const run = found.data.run;
    if (!Object.keys(run.groups).length) return;
    chosen = chosen.includes(run) ? chosen.filter(one => one !== run) : [...chosen, run].slice(-6);
    drawScatter(); drawGroups();
  });
  charts.parallel.on("axisareaselected", () => {
    outside.clear();
    charts.parallel.getModel().getSeries().forEach((series, place) => {
      const kept = new Set(series.getRawIndicesByActiveState("active"));
      const any = series.getRawIndicesByActiveState("inactive").length || kept.size;
      of(place).forEach((run, i) => { if (any && !kept.has(i)) outside.add(run); });
    });
    drawScatter();
  });
  at("methods").addEventListener("click", event => {
    const button = event.target.closest("button");
    if (!button) return;
    const method = Number(button.dataset.method);
    hidden.has(method) ? hidden.delete(method) : hidden.add(method);
    redraw();
  });
  at("split").addEventListener("change", redraw);
  at("against").addEventListener("change", drawScatter);
  for (const query of [dark, narrow]) query.addEventListener("change", redraw);
  new ResizeObserver(() => Object.values(charts).forEach(chart => chart.resize())).observe(document.querySelector("main"));
  draw();
})();
