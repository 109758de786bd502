// AUC against depth for one architecture: the mean and interval of every level, every training as
// a point, validation beside test.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import { chosen_level, type Architecture, type Bounds, type Level } from "../data";
import type { Theme } from "../theme";

type Split = "validation" | "test";

interface Range {
  low: number;
  high: number;
}

const kSplits: Split[] = ["validation", "test"];
/** Side by side within a level: each split's trainings, then their mean. */
const kPlaces = kSplits.flatMap((split) => [`${split} trainings`, split]);

function unit_auc(
  level: Level,
  split: Split,
): { auc: number | null; seed: string; fold: number }[] {
  return level.units.map((unit) => ({
    auc: (split === "test" ? unit.test?.auc : unit.validation.auc) ?? null,
    seed: unit.seed,
    fold: unit.fold,
  }));
}

/** The widest interval that is known: over seeds and images, else over trainings. */
export function bounds_of(level: Level, split: Split): Bounds {
  const { valid_auc, test } = level.precision;
  const figure = split === "test" ? test.image?.auc : valid_auc;
  const over_trainings = split === "test" ? level.test_auc : level.valid_auc;
  if (!figure || figure.mean === null) return over_trainings;
  return figure.over_all ?? figure.over_images ?? { low: null, high: null };
}

/** Holds every point; the ends of intervals (wide with few seeds) stretch it by at most half. */
export function range_of(points: number[], ends: number[]): Range {
  if (points.length === 0) return { low: 0.5, high: 1 };
  const low = Math.min(...points);
  const high = Math.max(...points);
  const margin = Math.max(0.02, (high - low) / 4);
  return {
    low: Math.max(0, Math.min(low - 0.01, Math.max(low - margin, Math.min(...ends)) - 0.005)),
    high: Math.min(1, Math.max(high + 0.01, Math.min(high + margin, Math.max(...ends)) + 0.005)),
  };
}

/** One range for all architectures, so that their charts compare. */
export function auc_range(architectures: Architecture[]): Range {
  const levels = architectures.flatMap((architecture) => architecture.levels);
  const points = levels
    .flatMap((level) => kSplits.flatMap((split) => unit_auc(level, split)))
    .flatMap((point) => (point.auc === null ? [] : [point.auc]));
  const ends = levels
    .flatMap((level) => kSplits.map((split) => bounds_of(level, split)))
    .flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high]));
  return range_of(points, ends);
}

function mean_rows(levels: Level[]) {
  return levels.flatMap((level) =>
    kSplits.flatMap((split) => {
      const { mean } = split === "test" ? level.test_auc : level.valid_auc;
      const { low, high } = bounds_of(level, split);
      if (mean === null || level.units.length === 0) return [];
      const row = {
        level: level.label,
        split,
        place: split,
        mean,
        low,
        high,
        units: level.units.length,
        line: !level.norm_only,
        strategy: level.strategy,
      };
      return [row];
    }),
  );
}

function seed_rows(levels: Level[]) {
  return levels.flatMap((level) =>
    kSplits.flatMap((split) =>
      unit_auc(level, split)
        .filter((point) => point.auc !== null)
        .map((point) => ({ level: level.label, split, place: `${split} trainings`, ...point })),
    ),
  );
}

/** Slanted where the names would not fit beside each other. */
export function label_angle(labels: string[], width: number): number {
  const longest = Math.max(...labels.map((label) => label.length));
  return longest * 6.4 > width / labels.length ? -50 : 0;
}

/** Levels from shallow to deep, as the charts of depth show them side by side. */
export function level_axis(labels: string[], width: number) {
  return {
    field: "level",
    type: "nominal" as const,
    sort: labels,
    scale: { domain: labels, paddingInner: 0.2 },
    axis: {
      title: "lowest tuned block, shallow to deep",
      labelAngle: label_angle(labels, width - 60),
      labelLimit: 130,
    },
  };
}

const kHeight = 300;

/** The channels that the layers share. */
function channels(labels: string[], range: Range, { width, theme }: Frame) {
  return {
    x: level_axis(labels, width),
    xOffset: {
      field: "place",
      type: "nominal" as const,
      scale: { domain: kPlaces, paddingInner: 0.3, paddingOuter: 0.8 },
    },
    color: {
      field: "split",
      type: "nominal" as const,
      legend: { title: null, symbolOpacity: 1, offset: 24 },
      scale: { domain: kSplits, range: [theme.validation, theme.test] },
    },
    shape: {
      field: "split",
      type: "nominal" as const,
      scale: { domain: kSplits, range: ["circle", "diamond"] },
    },
    y: (field: string) => ({
      field,
      type: "quantitative" as const,
      scale: { domain: [range.low, range.high], zero: false, nice: false },
      title: "AUC",
    }),
  };
}

/** A band behind the recommended level. */
function recommended_layer(level: Level, x: object, theme: Theme) {
  return {
    data: { values: [{ level: level.label, text: "recommended" }] },
    encoding: { x },
    layer: [
      {
        mark: { type: "bar", color: theme.accent, opacity: 0.13, width: { band: 1.12 } },
        encoding: { y: { value: 0 }, y2: { value: kHeight } },
      },
      {
        mark: { type: "text", color: theme.accent, dy: -8, fontWeight: 600, fontSize: 12 },
        encoding: { y: { value: 0 }, text: { field: "text" } },
      },
    ],
  };
}

const kMeanTooltip = [
  { field: "level" },
  { field: "split" },
  { field: "mean", title: "mean AUC", format: ".4f" },
  { field: "low", title: "95 % from", format: ".4f" },
  { field: "high", title: "to", format: ".4f" },
  { field: "units", title: "trainings" },
];

const kSeedTooltip = [
  { field: "level" },
  { field: "split" },
  { field: "seed" },
  { field: "fold" },
  { field: "auc", title: "AUC", format: ".4f" },
];

export function depth_spec(architecture: Architecture, range: Range, frame: Frame): TopLevelSpec {
  const { levels } = architecture;
  const labels = levels.map((level) => level.label);
  const chosen = chosen_level(architecture);
  const { x, xOffset, color, shape, y } = channels(labels, range, frame);
  const { theme } = frame;
  const means = mean_rows(levels);
  return {
    width: frame.width,
    height: kHeight,
    autosize: { type: "fit-x", contains: "padding" },
    data: { values: means },
    layer: [
      ...(chosen ? [recommended_layer(chosen, x, theme)] : []),
      {
        data: { values: means.filter((row) => row.line) },
        mark: { type: "line", opacity: 0.55, strokeWidth: 1.5, clip: true },
        encoding: { x, xOffset, y: y("mean"), color, detail: { field: "strategy" } },
      },
      {
        mark: { type: "rule", strokeWidth: 1.5, clip: true },
        encoding: { x, xOffset, y: y("low"), y2: { field: "high" }, color },
      },
      {
        data: { values: seed_rows(levels) },
        mark: { type: "point", size: 20, opacity: 0.75, filled: true, clip: true },
        encoding: { x, xOffset, y: y("auc"), color, shape, tooltip: kSeedTooltip },
      },
      {
        mark: { type: "point", size: 80, filled: true, opacity: 1, stroke: theme.paper },
        encoding: { x, xOffset, y: y("mean"), color, shape, tooltip: kMeanTooltip },
      },
    ],
  } as TopLevelSpec;
}

/** The chart in words. */
export function describe_depth({ title, levels }: Architecture): string {
  const parts = levels
    .filter((level) => level.units.length > 0)
    .map(
      (level) =>
        `${level.label}: validation ${level.valid_auc.mean?.toFixed(3) ?? "not known"}, ` +
        `test ${level.test_auc.mean?.toFixed(3) ?? "not known"}`,
    );
  return `Mean AUC of ${title} by depth, shallow to deep. ${parts.join("; ")}.`;
}
