// Learning curves, one panel per level: loss on both splits and AUC on validation, every training.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import { chosen_level, type Architecture } from "../data";
import type { Theme } from "../theme";

interface Row {
  panel: string;
  unit: string;
  series: string;
  epoch: number;
  value: number;
  best: boolean;
}

type Kind = "loss" | "auc";

const kSolid = [1, 0];
const kDashed = [3, 2];
const kTraining = "training";
const kValidation = "validation";

/** The titles of the panels by level; a star marks the recommended one. */
function panel_titles(architecture: Architecture): string[] {
  const chosen = chosen_level(architecture);
  return architecture.levels.map((level) => (level === chosen ? `★ ${level.label}` : level.label));
}

function rows_of(architecture: Architecture, kind: Kind): Row[] {
  const titles = panel_titles(architecture);
  return architecture.levels.flatMap((level, index) =>
    level.units.flatMap((unit) => {
      const { history } = unit;
      const series =
        kind === "loss"
          ? ([
              [kTraining, history.train_loss],
              [kValidation, history.valid_loss],
            ] as const)
          : ([[kValidation, history.valid_auc]] as const);
      return series.flatMap(([name, values]) =>
        history.epoch.flatMap((epoch, i) => {
          const value = values[i];
          if (value === null || value === undefined) return [];
          return [
            {
              panel: titles[index]!,
              unit: `seed ${unit.seed}, fold ${unit.fold}`,
              series: name,
              epoch,
              value,
              best: epoch === unit.best_epoch && name === kValidation,
            },
          ];
        }),
      );
    }),
  );
}

export function has_history(architecture: Architecture): boolean {
  return architecture.levels.some((level) =>
    level.units.some((unit) => unit.history.epoch.length > 0),
  );
}

function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** At most `most` columns, as few as fill the same rows: eleven panels in 4 + 4 + 3, not 5 + 5 + 1. */
function even_columns(panels: number, most: number): number {
  return Math.ceil(panels / Math.ceil(panels / most));
}

/** Holds all values, except those of a runaway training, which would flatten the others. */
function value_range(values: number[]): [number, number] {
  const [low, high] = [quantile(values, 0.1), quantile(values, 0.9)];
  const reach = 2 * (high - low) || 0.05;
  const bottom = Math.max(Math.min(...values), low - reach);
  const top = Math.min(Math.max(...values), high + reach);
  const margin = (top - bottom) / 20;
  return [bottom - margin, top + margin];
}

/** The channels of all panels. */
function channels(rows: Row[], kind: Kind, theme: Theme) {
  const names = kind === "loss" ? [kTraining, kValidation] : [kValidation];
  const dashes = kind === "loss" ? [kDashed, kSolid] : [kSolid];
  const colors = kind === "loss" ? [theme.muted, theme.validation] : [theme.validation];
  const legend = { title: null, symbolType: "stroke", symbolSize: 260, symbolOpacity: 1 };
  const series = {
    field: "series",
    type: "nominal",
    legend: names.length > 1 ? legend : null,
  };
  return {
    x: {
      field: "epoch",
      type: "quantitative",
      title: "epoch",
      axis: { tickMinStep: 1, tickCount: 4, format: "d" },
      scale: { nice: false, zero: false, padding: 5 },
    },
    y: {
      field: "value",
      type: "quantitative",
      title: kind === "loss" ? "loss" : "AUC",
      axis: { tickCount: 4 },
      scale: { domain: value_range(rows.map((row) => row.value)), zero: false, nice: false },
    },
    color: { ...series, scale: { domain: names, range: colors } },
    strokeDash: { ...series, scale: { domain: names, range: dashes } },
  };
}

const kBestTooltip = [
  { field: "unit", title: "training" },
  { field: "epoch", title: "best epoch" },
  { field: "value", format: ".4f" },
];

export function learning_spec(
  architecture: Architecture,
  kind: Kind,
  { width, theme }: Frame,
): TopLevelSpec {
  const rows = rows_of(architecture, kind);
  const panels = panel_titles(architecture).filter(
    (_, index) => architecture.levels[index]!.units.length > 0,
  );
  const columns = even_columns(panels.length, width >= 900 ? 5 : width >= 600 ? 4 : 2);
  const spacing = 18;
  const size = Math.floor((width - 62 - spacing * (columns - 1)) / columns);
  const { strokeDash, ...encoding } = channels(rows, kind, theme);
  const header = { labelLimit: size };
  return {
    data: { values: rows },
    columns,
    spacing: { row: 14, column: spacing },
    facet: { field: "panel", type: "nominal", sort: panels, title: null, header },
    spec: {
      width: size,
      height: Math.round(Math.max(90, size * 0.62)),
      encoding,
      layer: [
        {
          mark: { type: "line", strokeWidth: 1.4, opacity: 0.85, clip: true },
          encoding: { detail: { field: "unit" }, strokeDash },
        },
        {
          transform: [{ filter: "datum.best" }],
          mark: {
            type: "point",
            filled: true,
            size: 42,
            opacity: 1,
            stroke: theme.paper,
            clip: true,
          },
          encoding: { tooltip: kBestTooltip },
        },
      ],
    },
  } as unknown as TopLevelSpec;
}
