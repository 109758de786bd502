// Test AUC by level beside the AUC on external sets and under corruptions.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { Architecture, Level, Mean } from "../data";
import { fixed } from "../format";
import { label_angle } from "./depth";

interface Row {
  level: string;
  where: string;
  auc: number;
}

/** What beside the test part the levels were scored on. */
function series(level: Level): [string, Mean][] {
  const { external, corruptions, uncorrupted, corrupted } = level.generalization;
  return [
    ["test", level.test_auc],
    ...external.map(({ name, auc }): [string, Mean] => [`external: ${name}`, auc]),
    ...(corruptions.length > 0
      ? ([
          ["some test images, as they are", uncorrupted],
          ["the same, corrupted", corrupted],
        ] as [string, Mean][])
      : []),
  ];
}

function rows(levels: Level[]): Row[] {
  return levels.flatMap((level) =>
    series(level).flatMap(([where, { mean }]) =>
      mean === null || level.units.length === 0 ? [] : [{ level: level.label, where, auc: mean }],
    ),
  );
}

export function has_generalization({ levels }: Architecture): boolean {
  return levels.some(
    ({ generalization: g }) => g.external.length > 0 || g.corruptions.length > 0,
  );
}

export function generalization_spec(
  { levels }: Architecture,
  { width, theme }: Frame,
): TopLevelSpec {
  const values = rows(levels);
  const labels = levels.map((level) => level.label);
  const names = [...new Set(values.map((row) => row.where))];
  const aucs = values.map((row) => row.auc);
  return {
    width,
    height: 280,
    autosize: { type: "fit-x", contains: "padding" },
    data: { values },
    mark: { type: "line", point: { filled: true, size: 60 }, strokeWidth: 2 },
    encoding: {
      x: {
        field: "level",
        type: "ordinal",
        sort: labels,
        scale: { domain: labels },
        axis: {
          title: "lowest tuned block, shallow to deep",
          labelAngle: label_angle(labels, width - 60),
          labelLimit: 130,
        },
      },
      y: {
        field: "auc",
        type: "quantitative",
        title: "mean AUC",
        scale: { domain: [Math.min(...aucs) - 0.01, Math.max(...aucs) + 0.01], zero: false },
      },
      color: {
        field: "where",
        type: "nominal",
        legend: { title: null, orient: "top", columns: width < 520 ? 1 : 4, labelLimit: 260 },
        scale: { domain: names, range: theme.series },
      },
      tooltip: [
        { field: "level" },
        { field: "where" },
        { field: "auc", title: "mean AUC", format: ".4f" },
      ],
    },
  } as unknown as TopLevelSpec;
}

export function describe_generalization({ levels }: Architecture): string {
  const parts = rows(levels).map((row) => `${row.level}, ${row.where}: ${fixed(row.auc)}`);
  return `Mean AUC by level. ${parts.join("; ")}.`;
}
