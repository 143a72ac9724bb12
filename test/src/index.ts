export type { LineChart, Series } from "./attention/line-chart.js";
export { chartSheet, lineChart } from "./attention/line-chart.js";
