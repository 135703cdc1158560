// Charts drawn from the small descriptions that the `chart` macro writes beside their table twin.
import { BarChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart,
  LineChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

const COLOURS = ["#1763b8", "#8a97a5", "#0f7b6c", "#9a5b00", "#6b4fa0", "#b5476f", "#5d7a1f"];
const GREYS = ["#333333", "#999999", "#666666", "#bbbbbb", "#444444", "#808080", "#cccccc"];
const INK = "#51606e";
const drawn = new Map();

function series(one, kind, marks) {
  const made = {
    name: one.name,
    type: one.kind ?? kind,
    data: one.values,
    barMaxWidth: 28,
    symbol: "circle",
    symbolSize: 5,
    showSymbol: one.values.length < 40,
    lineStyle: { width: 2, type: one.dashed ? "dashed" : "solid" },
    stack: one.stack,
    emphasis: { focus: "series" },
  };
  return marks ? { ...made, ...marked(marks) } : made;
}

// Weekends, holidays and changes of definition: bands and lines with a word on them.
function marked(marks) {
  const bands = marks.filter((m) => m.to !== undefined);
  const lines = marks.filter((m) => m.to === undefined);
  return {
    markArea: {
      silent: true,
      itemStyle: { color: "rgba(81, 96, 110, .10)" },
      label: { color: INK, fontSize: 12 },
      data: bands.map((m) => [{ name: m.label, xAxis: m.from }, { xAxis: m.to }]),
    },
    markLine: {
      silent: true,
      symbol: "none",
      lineStyle: { color: INK, type: "dashed" },
      label: { formatter: "{b}", color: INK, fontSize: 12 },
      data: lines.map((m) => (m.y === undefined ? { name: m.label, xAxis: m.from } : { name: m.label, yAxis: m.y })),
    },
  };
}

export function option(spec, colours = COLOURS) {
  const number = (value) => (value == null ? "—" : `${Number(value).toLocaleString("zh-CN")}${spec.unit ?? ""}`);
  const names = {
    type: "category",
    data: spec.x,
    axisLabel: { color: INK, fontSize: 13, hideOverlap: !spec.across, interval: spec.across ? 0 : "auto" },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: "#c4ccd4" } },
  };
  const values = {
    type: "value",
    minInterval: spec.whole === false ? undefined : 1,
    axisLabel: { color: INK, fontSize: 13, hideOverlap: true },
    splitLine: { lineStyle: { color: "#e6eaee" } },
  };
  return {
    color: colours,
    animation: false,
    textStyle: { fontFamily: "inherit", fontSize: 13, color: INK },
    grid: { left: 8, right: 16, top: spec.series.length > 1 ? 34 : 12, bottom: 4, containLabel: true },
    legend: { show: spec.series.length > 1, left: 0, top: 0, itemHeight: 10, textStyle: { color: INK, fontSize: 13 } },
    // Drawn on the canvas: an HTML tooltip would need inline styles, which the page forbids.
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: number },
    // Long names stand beside their bars, not under them.
    xAxis: spec.across ? values : names,
    yAxis: spec.across ? { ...names, inverse: true } : values,
    series: spec.series.map((one, index) => series(one, spec.kind, index === 0 && spec.marks)),
  };
}

export function draw(element) {
  const spec = JSON.parse(element.dataset.chart);
  const chart = drawn.get(element) ?? init(element);
  drawn.set(element, chart);
  chart.setOption(option(spec), true);
}

// Charts whose place was swapped out are let go; the others follow their place's size.
export function tidy() {
  for (const [element, chart] of drawn) {
    if (!element.isConnected) {
      chart.dispose();
      drawn.delete(element);
    }
  }
}

// The paper's width between its margins, and a chart's height there, in CSS pixels: what is drawn
// for the screen and then shrunk cannot be read.
const PAPER = { width: 695, height: 220 };

export function onPaper(element) {
  const whole = element.closest(".report-body");
  if (!whole) return { width: "auto", height: "auto" };
  return { width: Math.floor((PAPER.width * element.clientWidth) / whole.clientWidth), height: PAPER.height };
}

function repaint(colours, size) {
  for (const [element, chart] of drawn) {
    chart.resize(size(element)); // first: only the options are painted at once
    chart.setOption(option(JSON.parse(element.dataset.chart), colours), true);
  }
}

addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
addEventListener("beforeprint", () => repaint(GREYS, onPaper));
addEventListener("afterprint", () => repaint(COLOURS, () => ({ width: "auto", height: "auto" })));
