// Colours of the charts, light and dark, from the palette of Okabe & Ito (2008, "Color Universal
// Design"), which people with any common colour blindness can tell apart.
import type { Config } from "vega-lite";

export interface Theme {
  name: "light" | "dark";
  paper: string;
  ink: string;
  muted: string;
  rule: string;
  accent: string;
  validation: string;
  test: string;
  /** For architectures and seeds, in this order. */
  series: string[];
  /** From nothing to everything, for the confusion matrix. */
  ramp: [string, string];
}

export const kLight: Theme = {
  name: "light",
  paper: "#ffffff",
  ink: "#1b2025",
  muted: "#5b6570",
  rule: "#e3e6ea",
  accent: "#009e73",
  validation: "#0072b2",
  test: "#d55e00",
  series: ["#0072b2", "#d55e00", "#009e73", "#b5548a", "#a67c00", "#2a9bd6", "#555555"],
  ramp: ["#f4f8fb", "#0072b2"],
};

export const kDark: Theme = {
  name: "dark",
  paper: "#14181c",
  ink: "#e8ebee",
  muted: "#a0aab4",
  rule: "#2d343b",
  accent: "#2cc79b",
  validation: "#56b4e9",
  test: "#f0883e",
  series: ["#56b4e9", "#f0883e", "#2cc79b", "#e08fc0", "#e6c229", "#8ab4f8", "#bbbbbb"],
  ramp: ["#1b242c", "#2f8fc9"],
};

const kDarkQuery = matchMedia("(prefers-color-scheme: dark)");

export function current_theme(): Theme {
  return kDarkQuery.matches ? kDark : kLight;
}

export function on_theme_change(action: () => void): void {
  kDarkQuery.addEventListener("change", action);
}

const kFont =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

export function vega_config(theme: Theme): Config {
  return {
    background: theme.paper,
    font: kFont,
    padding: 4,
    view: { stroke: null },
    axis: {
      labelColor: theme.muted,
      titleColor: theme.ink,
      labelFontSize: 11,
      titleFontSize: 12,
      titleFontWeight: 500,
      titlePadding: 10,
      labelPadding: 5,
      domainColor: theme.muted,
      tickColor: theme.muted,
      gridColor: theme.rule,
      tickSize: 4,
    },
    axisX: { grid: false },
    axisY: { domain: false, ticks: false },
    legend: {
      labelColor: theme.ink,
      titleColor: theme.muted,
      labelFontSize: 12,
      titleFontSize: 11,
      titleFontWeight: 400,
      orient: "top",
      symbolSize: 70,
      labelLimit: 320,
      columnPadding: 18,
      offset: 10,
      symbolStrokeWidth: 2,
    },
    header: {
      labelColor: theme.ink,
      labelFontSize: 12,
      labelFontWeight: 600,
      labelPadding: 6,
      title: null,
      labelLimit: 260,
    },
    text: { color: theme.ink, fontSize: 11 },
    range: { category: theme.series },
  };
}
