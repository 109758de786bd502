// Gain against cost: test AUC over the wall time of one training, with the Pareto front.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import { chosen_level, type Architecture } from "../data";
import { duration } from "../format";
import { place_labels, type Box } from "./labels";
import type { Theme } from "../theme";

interface Row {
  architecture: string;
  level: string;
  seconds: number;
  time: string;
  auc: number;
  low: number | null;
  high: number | null;
  front: boolean;
  recommended: boolean;
}

const kHeight = 320;
const kShapes = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"];

function cost_rows(architectures: Architecture[]): Row[] {
  return architectures.flatMap((architecture) =>
    architecture.levels.flatMap((level) => {
      const seconds = level.seconds.mean;
      const auc = level.test_auc.mean;
      if (seconds === null || auc === null || level.units.length === 0 || seconds <= 0) return [];
      return [
        {
          architecture: architecture.title,
          level: level.label,
          seconds,
          auc,
          time: duration(seconds),
          low: level.test_auc.low,
          high: level.test_auc.high,
          front: level.on_pareto_front,
          recommended: chosen_level(architecture) === level,
        },
      ];
    }),
  );
}

export function has_costs(architectures: Architecture[]): boolean {
  return cost_rows(architectures).length > 0;
}

/** Round durations (seconds, minutes, hours) within the range. */
function time_ticks(low: number, high: number, room: number): number[] {
  const steps = [1, 2, 5, 10, 20, 30];
  const all = [
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    ...steps,
    ...steps.map((s) => 60 * s),
    ...[1, 2, 5, 10, 24, 48, 120, 240].map((s) => 3600 * s),
  ];
  const inside = all.filter((tick) => tick >= low && tick <= high);
  const every = Math.ceil(inside.length / room);
  return inside.filter((_, i) => i % every === 0);
}

interface Plot {
  width: number;
  x: [number, number];
  y: [number, number];
  log: boolean;
}

/** Pixels from the plot's top left corner. */
function position(plot: Plot, { seconds, auc }: Row): { x: number; y: number } {
  const scale = (value: number) => (plot.log ? Math.log(value) : value);
  const [x0, x1] = plot.x.map(scale) as [number, number];
  return {
    x: ((scale(seconds) - x0) / (x1 - x0)) * plot.width,
    y: (1 - (auc - plot.y[0]) / (plot.y[1] - plot.y[0])) * kHeight,
  };
}

/** The steps of the Pareto front as boxes that labels keep off. */
function front_boxes(plot: Plot, front: Row[]): Box[] {
  return front.slice(1).flatMap((row, i) => {
    const from = position(plot, front[i]!);
    const to = position(plot, row);
    return [
      { left: from.x, right: to.x, top: from.y - 1, bottom: from.y + 1 },
      { left: to.x - 1, right: to.x + 1, top: to.y, bottom: from.y },
    ];
  });
}

/** The recommended level first, then the front, then the two ends. */
function label_priority(row: Row): number {
  if (row.recommended) return 0;
  if (row.front) return 1;
  return row.level === "head" || row.level === "all" ? 2 : 3;
}

function with_labels(rows: Row[], front: Row[], plot: Plot) {
  const points = rows.map((row) => ({
    ...position(plot, row),
    text: row.level,
    priority: label_priority(row),
    radius: row.recommended ? 10 : 6,
  }));
  return place_labels(points, front_boxes(plot, front), plot.width, kHeight).map(
    ({ index, dx, dy, align }) => ({ ...rows[index]!, dx, dy, align }),
  );
}

/** Logarithmic in time when the slowest takes much longer than the fastest. */
function plot_of(rows: Row[], width: number): Plot {
  const seconds = rows.map((row) => row.seconds);
  const aucs = rows.map((row) => row.auc);
  const [fastest, slowest] = [Math.min(...seconds), Math.max(...seconds)];
  const [lowest, highest] = [Math.min(...aucs), Math.max(...aucs)];
  const spread = highest - lowest || 0.02;
  const log = slowest > 6 * fastest;
  return {
    width: width - 66,
    x: log ? [fastest / 1.25, slowest * 1.25] : [fastest * 0.85, slowest * 1.1],
    y: [lowest - 0.12 * spread, highest + 0.15 * spread],
    log,
  };
}

function axes({ x, y, width, log }: Plot) {
  return {
    x: {
      field: "seconds",
      type: "quantitative",
      title: `wall time of one training${log ? " (log scale)" : ""}`,
      scale: { type: log ? "log" : "linear", domain: x, nice: false },
      axis: {
        ...(log ? { values: time_ticks(x[0], x[1], width / 70) } : { tickCount: 6 }),
        labelExpr:
          "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 " +
          "? format(datum.value / 60, '.3~r') + ' min' : format(datum.value / 3600, '.3~r') + ' h'",
      },
    },
    y: {
      field: "auc",
      type: "quantitative",
      title: "mean test AUC",
      scale: { domain: y, zero: false, nice: false },
    },
  };
}

/** One mark for each level, pale when off the front. */
function level_layer(rows: Row[], titles: string[], theme: Theme) {
  const channel = { field: "architecture", type: "nominal" };
  return {
    data: { values: rows },
    mark: { type: "point", filled: true, size: 85, opacity: 1 },
    encoding: {
      color: {
        ...channel,
        legend: titles.length > 1 ? { title: null } : null,
        scale: { domain: titles, range: theme.series.slice(0, titles.length) },
      },
      shape: { ...channel, scale: { domain: titles, range: kShapes } },
      opacity: {
        condition: { test: "datum.front || datum.recommended", value: 1 },
        value: 0.45,
      },
      tooltip: [
        { field: "architecture" },
        { field: "level" },
        { field: "auc", title: "mean test AUC", format: ".4f" },
        { field: "low", title: "95 % from", format: ".4f" },
        { field: "high", title: "to", format: ".4f" },
        { field: "time", title: "time per training" },
      ],
    },
  };
}

const kLabelMark = {
  type: "text",
  baseline: "middle",
  dx: { expr: "datum.dx" },
  dy: { expr: "datum.dy" },
  align: { expr: "datum.align" },
  fontWeight: { expr: "datum.recommended ? 700 : 400" },
};

export function cost_spec(architectures: Architecture[], { width, theme }: Frame): TopLevelSpec {
  const rows = cost_rows(architectures);
  const titles = architectures.map((architecture) => architecture.title);
  const front = rows.filter((row) => row.front).sort((a, b) => a.seconds - b.seconds);
  const plot = plot_of(rows, width);
  const steps = { type: "line", interpolate: "step-after", strokeDash: [5, 4], strokeWidth: 1.5 };
  const ring = { type: "point", shape: "circle", size: 330, filled: false, strokeWidth: 2.5 };
  return {
    width,
    height: kHeight,
    autosize: { type: "fit-x", contains: "padding" },
    encoding: axes(plot),
    layer: [
      { data: { values: front }, mark: { ...steps, color: theme.muted } },
      {
        data: { values: rows.filter((row) => row.recommended) },
        mark: { ...ring, color: theme.accent },
      },
      level_layer(rows, titles, theme),
      {
        data: { values: with_labels(rows, front, plot) },
        mark: kLabelMark,
        encoding: { text: { field: "level" } },
      },
    ],
  } as unknown as TopLevelSpec;
}

export function describe_cost(architectures: Architecture[]): string {
  const rows = cost_rows(architectures)
    .filter((row) => row.front)
    .sort((a, b) => a.seconds - b.seconds);
  const parts = rows.map(
    (row) => `${row.architecture} ${row.level}: test AUC ${row.auc.toFixed(3)} in ${row.time}`,
  );
  return `Mean test AUC against the wall time of one training. On the Pareto front: ${parts.join("; ")}.`;
}
