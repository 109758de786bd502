// Test AUC by level beside the AUC on external sets and under corruptions, with intervals.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { Architecture, Bounds, Level } from "../data";
import { fixed } from "../format";
import { bounds_of, level_axis, range_of } from "./depth";

interface Row {
  level: string;
  where: string;
  auc: number;
  low: number | null;
  high: number | null;
  line: boolean;
  strategy: string;
}

/** What beside the test part the levels were scored on. */
function series(level: Level): [string, number | null, Bounds][] {
  const { external, corruptions, uncorrupted, corrupted } = level.generalization;
  return [
    ["test", level.test_auc.mean, bounds_of(level, "test")],
    ...external.map(({ name, auc }): [string, number | null, Bounds] => [
      `external: ${name}`,
      auc.mean,
      auc,
    ]),
    ...(corruptions.length > 0
      ? ([
          ["some test images, as they are", uncorrupted.mean, uncorrupted],
          ["the same, corrupted", corrupted.mean, corrupted],
        ] as [string, number | null, Bounds][])
      : []),
  ];
}

function rows(levels: Level[]): Row[] {
  return levels.flatMap((level) =>
    series(level).flatMap(([where, auc, { low, high }]) =>
      auc === null || level.units.length === 0
        ? []
        : [
            {
              level: level.label,
              where,
              auc,
              low,
              high,
              line: !level.norm_only,
              strategy: level.strategy,
            },
          ],
    ),
  );
}

export function has_generalization({ levels }: Architecture): boolean {
  return rows(levels).some(({ where }) => where !== "test");
}

/** The channels that the layers share. */
function channels(labels: string[], values: Row[], { width, theme }: Frame) {
  const names = [...new Set(values.map((row) => row.where))];
  const ends = values.flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high]));
  const range = range_of(
    values.map((row) => row.auc),
    ends,
  );
  return {
    x: level_axis(labels, width),
    xOffset: {
      field: "where",
      type: "nominal",
      scale: { domain: names, paddingInner: 0.3, paddingOuter: 0.8 },
    },
    color: {
      field: "where",
      type: "nominal",
      legend: { title: null, orient: "top", columns: width < 520 ? 1 : 4, labelLimit: 260 },
      scale: { domain: names, range: theme.series },
    },
    y: (field: string) => ({
      field,
      type: "quantitative",
      title: "mean AUC",
      scale: { domain: [range.low, range.high], zero: false, nice: false },
    }),
  };
}

export function generalization_spec({ levels }: Architecture, frame: Frame): TopLevelSpec {
  const values = rows(levels);
  const labels = levels.map((level) => level.label);
  const { x, xOffset, color, y } = channels(labels, values, frame);
  return {
    width: frame.width,
    height: 280,
    autosize: { type: "fit-x", contains: "padding" },
    data: { values },
    layer: [
      {
        data: { values: values.filter((row) => row.line) },
        mark: { type: "line", opacity: 0.55, strokeWidth: 1.5, clip: true },
        encoding: { x, xOffset, y: y("auc"), color, detail: { field: "strategy" } },
      },
      {
        mark: { type: "rule", strokeWidth: 1.5, clip: true },
        encoding: { x, xOffset, y: y("low"), y2: { field: "high" }, color },
      },
      {
        mark: { type: "point", filled: true, size: 60, opacity: 1, clip: true },
        encoding: {
          x,
          xOffset,
          y: y("auc"),
          color,
          tooltip: [
            { field: "level" },
            { field: "where" },
            { field: "auc", title: "mean AUC", format: ".4f" },
            { field: "low", title: "95 % from", format: ".4f" },
            { field: "high", title: "to", format: ".4f" },
          ],
        },
      },
    ],
  } as unknown as TopLevelSpec;
}

export function describe_generalization({ levels }: Architecture): string {
  const parts = rows(levels).map((row) => `${row.level}, ${row.where}: ${fixed(row.auc)}`);
  return `Mean AUC by level. ${parts.join("; ")}.`;
}
