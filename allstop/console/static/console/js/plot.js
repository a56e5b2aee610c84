// Line plots over time, drawn by uPlot. <figure data-plot data-source="ELEMENT-ID"> holds a .plot-canvas; the element named is
// a JSON block {"x": [unix seconds], "series": [{"name", "label", "y": [...]}]}. Colours come from the tokens and follow the
// theme. data-plot-live="TOPIC" appends one point for each live message of that topic (its `t`, else now, and a value for
// each series by name); data-zone is the time zone of the axis; data-plot-keep is how many points stay. The same numbers are offered as a table.
import uPlot from "../../vendor/uPlot.esm.js";

const DASHES = [[], [8, 4], [3, 4]];
const plots = new Map(); // figure: Plot

export function adoptPlots(root) {
  for (const [figure, plot] of plots) {
    if (!figure.isConnected) {
      plot.leave();
      plots.delete(figure);
    }
  }
  for (const figure of root.querySelectorAll("[data-plot]")) if (!plots.has(figure)) plots.set(figure, new Plot(figure));
}

// A canvas takes no var() and no light-dark(): a probe element lets the browser work the colour out.
function colour(figure, token) {
  const probe = document.createElement("i");
  probe.hidden = true;
  figure.append(probe);
  probe.style.color = `var(${token})`;
  const answer = getComputedStyle(probe).color;
  probe.remove();
  return answer;
}

const clock = (seconds, timeZone, withSeconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    second: withSeconds ? "2-digit" : undefined,
    hourCycle: "h23",
  });

class Plot {
  constructor(figure) {
    this.figure = figure;
    this.zone = figure.dataset.zone;
    this.canvas = figure.querySelector(".plot-canvas");
    const { x, series } = JSON.parse(document.getElementById(figure.dataset.source).textContent);
    this.series = series;
    this.points = [x, ...series.map((one) => one.y)];
    this.keep = Number(figure.dataset.plotKeep ?? x.length);
    this.redraw = () => this.draw();
    this.append = (event) => this.add(event.detail);
    document.addEventListener("theme", this.redraw);
    if (figure.dataset.plotLive) document.addEventListener(`live:${figure.dataset.plotLive}`, this.append);
    this.sizes = new ResizeObserver(() => this.drawing?.setSize(this.size));
    this.sizes.observe(this.canvas);
    figure.querySelector("details")?.addEventListener("toggle", (event) => event.target.open && this.tabulate());
    this.draw();
    this.showLatest();
    document.fonts.ready.then(this.redraw); // labels are painted with the typeface of that moment
  }

  get size() {
    return { width: Math.floor(this.canvas.clientWidth), height: this.canvas.clientHeight };
  }

  get spansLong() {
    const [x] = this.points;
    return x.length > 1 && x.at(-1) - x[0] > 1800;
  }

  draw() {
    this.drawing?.destroy();
    const axis = colour(this.figure, "--dim");
    const grid = { stroke: colour(this.figure, "--plot-grid"), width: 1 };
    const font = `12px ${getComputedStyle(this.figure).fontFamily}`;
    const shared = { stroke: axis, grid, ticks: { show: false }, font };
    this.drawing = new uPlot(
      {
        ...this.size,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), this.zone), // where the axis puts its marks
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        padding: [8, 24, 0, 0],
        scales: { y: { range: (_plot, _least, most) => [0, Math.max(10, (most ?? 0) * 1.15)] } },
        axes: [
          { ...shared, space: 62, size: 28, values: (plot, at) => at.map((second) => this.hour(plot, second)) },
          { ...shared, space: 34, size: 46, values: (_plot, at) => at.map((value) => value.toLocaleString("en")) },
        ],
        series: [{}, ...this.series.map((_one, index) => this.stroke(index))],
        hooks: { setCursor: [(plot) => this.showAt(plot.cursor.idx)] },
      },
      this.points,
      this.canvas,
    );
  }

  // The label of the very first second would lie under the figures of the other axis.
  hour(plot, second) {
    const { min, max } = plot.scales.x;
    return (second - min) / (max - min) < 0.03 ? "" : clock(second, this.zone, !this.spansLong);
  }

  stroke(index) {
    return {
      stroke: colour(this.figure, `--plot-${index + 1}`),
      fill: index === 0 && this.series.length === 1 ? colour(this.figure, "--plot-fill") : undefined,
      width: 2,
      dash: DASHES[index],
      points: { show: false },
    };
  }

  add(detail) {
    const [x] = this.points;
    x.push(detail.t ?? Date.now() / 1000);
    this.series.forEach((one, index) => this.points[index + 1].push(detail[one.name] ?? null));
    while (x.length > this.keep) for (const column of this.points) column.shift();
    this.drawing.setData(this.points);
    this.showLatest();
  }

  showLatest() {
    this.showAt(this.points[0].length - 1);
  }

  // The key names the value under the pointer, or the latest.
  showAt(index) {
    const at = index ?? this.points[0].length - 1;
    this.figure.querySelectorAll("[data-plot-value]").forEach((place, series) => {
      place.textContent = this.points[series + 1][at]?.toLocaleString("en") ?? "";
    });
  }

  // Drawn when it is opened and left alone then, so that it holds still while it is read.
  tabulate() {
    const body = this.figure.querySelector("tbody");
    body.replaceChildren(
      ...this.points[0].map((second, index) => {
        const row = document.createElement("tr");
        row.insertCell().textContent = clock(second, this.zone, true);
        for (const column of this.points.slice(1)) {
          const cell = row.insertCell();
          cell.className = "n";
          cell.textContent = column[index]?.toLocaleString("en") ?? "";
        }
        return row;
      }).reverse(),
    );
  }

  leave() {
    document.removeEventListener("theme", this.redraw);
    if (this.figure.dataset.plotLive) document.removeEventListener(`live:${this.figure.dataset.plotLive}`, this.append);
    this.sizes.disconnect();
    this.drawing.destroy();
  }
}
