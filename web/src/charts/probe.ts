// Test AUC by level after tuning, beside that of a linear probe of the frozen features where the
// level's tuning begins.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { Architecture, Level, Probe } from "../data";
import { fixed } from "../format";
import { bounds_of, level_axis, range_of } from "./depth";

interface Row {
  level: string;
  what: string;
  auc: number;
  low: number | null;
  high: number | null;
  boundary: string;
  logme: number | null;
}

const kTuned = "tuned";
const kProbe = "linear probe, not tuned";

/** The plain level that a boundary's name stands for. */
export function level_of({ levels }: Architecture, name: string): Level | undefined {
  return levels.find((level) => level.label === name);
}

function rows_of(architecture: Architecture, probe: Probe): Row[] {
  return [...probe.boundaries].reverse().flatMap(({ level, below, test, logme }) => {
    const tuned = level_of(architecture, level);
    const shared = { level, boundary: below, logme };
    const mean = tuned?.test_auc.mean ?? null;
    return [
      ...(tuned && mean !== null
        ? [{ ...shared, what: kTuned, auc: mean, ...bounds_of(tuned, "test") }]
        : []),
      ...(test.auc === null ? [] : [{ ...shared, what: kProbe, auc: test.auc, ...test.interval }]),
    ];
  });
}

export function probe_spec(
  architecture: Architecture,
  probe: Probe,
  { width, theme }: Frame,
): TopLevelSpec {
  const rows = rows_of(architecture, probe);
  const labels = probe.boundaries.map(({ level }) => level).reverse();
  const range = range_of(
    rows.map((row) => row.auc),
    rows.flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high])),
  );
  const x = level_axis(labels, width);
  const xOffset = {
    field: "what",
    type: "nominal",
    scale: { domain: [kTuned, kProbe], paddingOuter: 0.8 },
  };
  const y = (field: string) => ({
    field,
    type: "quantitative",
    title: "test AUC",
    scale: { domain: [range.low, range.high], zero: false, nice: false },
  });
  const color = {
    field: "what",
    type: "nominal",
    legend: { title: null, symbolOpacity: 1 },
    scale: { domain: [kTuned, kProbe], range: [theme.test, theme.accent] },
  };
  const tooltip = [
    { field: "level" },
    { field: "what" },
    { field: "auc", title: "AUC", format: ".4f" },
    { field: "low", title: "95 % from", format: ".4f" },
    { field: "high", title: "to", format: ".4f" },
    { field: "boundary", title: "tuning begins above" },
    { field: "logme", title: "LogME there", format: ".4f" },
  ];
  return {
    width,
    height: 280,
    autosize: { type: "fit-x", contains: "padding" },
    data: { values: rows },
    layer: [
      {
        mark: { type: "line", opacity: 0.55, strokeWidth: 1.5, clip: true },
        encoding: { x, xOffset, y: y("auc"), color },
      },
      {
        mark: { type: "rule", strokeWidth: 1.5, clip: true },
        encoding: { x, xOffset, y: y("low"), y2: { field: "high" }, color },
      },
      {
        mark: { type: "point", size: 80, filled: true, opacity: 1, stroke: theme.paper },
        encoding: { x, xOffset, y: y("auc"), color, tooltip },
      },
    ],
  } as unknown as TopLevelSpec;
}

export function describe_probe(architecture: Architecture, probe: Probe): string {
  const parts = rows_of(architecture, probe).map(
    (row) => `${row.level}, ${row.what}: ${fixed(row.auc)}`,
  );
  return `Test AUC of ${architecture.title} by level, shallow to deep. ${parts.join("; ")}.`;
}
