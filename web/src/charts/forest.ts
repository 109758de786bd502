// Forest plot: the difference of every level to the best one, with its interval and the margin.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { Architecture, Comparison } from "../data";
import { fixed } from "../format";
import type { Theme } from "../theme";

interface Row {
  level: string;
  part: "validation" | "test";
  difference: number;
  low: number;
  high: number;
  p_value: number;
  verdict: string;
}

function rows_of({ levels }: Architecture, { rows, best }: Comparison): Row[] {
  return rows.flatMap((row) =>
    (["validation", "test"] as const).flatMap((part) => {
      const { difference, low, high } = part === "test" ? row.test : row.valid;
      if (difference === null || low === null || high === null || row.level === best) return [];
      const verdict = row.good_enough ? "loses less than the margin" : "not shown to be good enough";
      const level = levels[row.level]!.label;
      return [{ level, part, difference, low, high, p_value: row.p_value, verdict }];
    }),
  );
}

export function has_forest(architecture: Architecture): boolean {
  const { comparison } = architecture;
  return comparison !== null && rows_of(architecture, comparison).length > 0;
}

/** From the lowest interval to the highest, with the margin and zero in it. */
function domain_of(rows: Row[], margin: number): [number, number] {
  const ends = rows.flatMap((row) => [row.low, row.high, row.difference]);
  const [low, high] = [Math.min(-1.5 * margin, ...ends), Math.max(0.5 * margin, ...ends)];
  const edge = 0.04 * (high - low);
  return [low - edge, high + edge];
}

/** A line over the whole height. */
function rule_at(value: number, dash: number[], color: string) {
  return {
    data: { values: [{ at: value }] },
    mark: { type: "rule", strokeDash: dash, strokeWidth: 1.5, color },
    encoding: { x: { field: "at", type: "quantitative" } },
  };
}

function encoding_of(labels: string[], domain: [number, number], best: string, theme: Theme) {
  const parts = ["validation", "test"];
  return {
    y: {
      field: "level",
      type: "nominal",
      sort: labels,
      title: null,
      scale: { domain: labels },
    },
    yOffset: { field: "part", type: "nominal", scale: { domain: parts, paddingOuter: 0.6 } },
    x: {
      field: "difference",
      type: "quantitative",
      title: `AUC minus that of ${best}`,
      scale: { domain, nice: false, zero: false },
      axis: { grid: true, tickCount: 6, format: "+.2~f" },
    },
    color: {
      field: "part",
      type: "nominal",
      legend: { title: null },
      scale: { domain: parts, range: [theme.validation, theme.test] },
    },
  };
}

export function forest_spec(
  architecture: Architecture,
  comparison: Comparison,
  { width, theme }: Frame,
): TopLevelSpec {
  const rows = rows_of(architecture, comparison);
  const labels = [...new Set(rows.map((row) => row.level))];
  const best = architecture.levels[comparison.best]!.label;
  const encoding = encoding_of(labels, domain_of(rows, comparison.margin), best, theme);
  const tooltip = [
    { field: "level" },
    { field: "part" },
    { field: "difference", format: "+.4f" },
    { field: "low", title: "95 % from", format: "+.4f" },
    { field: "high", title: "to", format: "+.4f" },
    { field: "p_value", title: "corrected p (validation)", format: ".2g" },
    { field: "verdict" },
  ];
  return {
    width,
    height: 90 + 40 * labels.length,
    autosize: { type: "fit", contains: "padding" },
    layer: [
      rule_at(0, [1, 0], theme.muted),
      rule_at(-comparison.margin, [5, 4], theme.accent),
      {
        data: { values: rows },
        encoding,
        layer: [
          {
            mark: { type: "rule", strokeWidth: 2 },
            encoding: { x: { ...encoding.x, field: "low" }, x2: { field: "high" } },
          },
          { mark: { type: "point", filled: true, size: 70, opacity: 1 }, encoding: { tooltip } },
        ],
      },
    ],
  } as unknown as TopLevelSpec;
}

export function describe_forest(architecture: Architecture, comparison: Comparison): string {
  const parts = rows_of(architecture, comparison)
    .filter((row) => row.part === "validation")
    .map((r) => `${r.level} ${fixed(r.difference)} (${fixed(r.low)} to ${fixed(r.high)})`);
  return `Validation AUC of ${architecture.title} minus that of the best level: ${parts.join("; ")}.`;
}
