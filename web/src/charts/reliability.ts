// Reliability: how often a class is the true one against how probable it was said to be, as the
// network gave it and after temperature scaling.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { Reliability } from "../data";
import { fixed } from "../format";

const kPanels = ["as given", "after temperature scaling"];

type Bins = { bins: [number, number, number][] };

/** What is drawn of a training. */
interface Training {
  seed: string;
  fold: number;
  as_given: Bins;
  calibrated: Bins;
}

function rows_of(trainings: Training[]) {
  return trainings.flatMap(({ seed, fold, as_given, calibrated }) =>
    [as_given, calibrated].flatMap(({ bins }, i) =>
      bins.map(([stated, observed, images]) => ({
        panel: kPanels[i]!,
        training: `seed ${seed}, fold ${fold}`,
        stated,
        observed,
        images,
      })),
    ),
  );
}

function axis_of(field: string, title: string) {
  const axis = { values: [0, 0.25, 0.5, 0.75, 1], grid: true, format: ".2~f" };
  return { field, type: "quantitative", title, axis, scale: { domain: [0, 1] } };
}

/** `came_true`: what the vertical axis counts. */
export function reliability_spec(
  trainings: Training[],
  came_true: string,
  { width, theme }: Frame,
): TopLevelSpec {
  const names = [...new Set(trainings.map(({ seed, fold }) => `seed ${seed}, fold ${fold}`))];
  const size = Math.min(260, Math.floor((width - 120) / 2));
  const diagonals = kPanels.flatMap((panel) =>
    [0, 1].map((v) => ({ panel, training: "", stated: v, observed: v, images: 0 })),
  );
  const color = {
    field: "training",
    type: "nominal",
    legend: null,
    scale: { domain: names, range: names.map((_, i) => theme.series[i % theme.series.length]!) },
  };
  const tooltip = [
    { field: "training" },
    { field: "stated", title: "mean probability stated", format: ".3f" },
    { field: "observed", title: "came true", format: ".3f" },
    { field: "images", format: "," },
  ];
  return {
    data: { values: [...diagonals, ...rows_of(trainings)] },
    facet: { field: "panel", type: "nominal", sort: kPanels, title: null },
    columns: 2,
    spec: {
      width: size,
      height: size,
      encoding: {
        x: axis_of("stated", "stated probability"),
        y: axis_of("observed", came_true),
      },
      layer: [
        {
          transform: [{ filter: "datum.training === ''" }],
          mark: { type: "line", strokeDash: [4, 4], strokeWidth: 1, color: theme.muted },
        },
        {
          transform: [{ filter: "datum.training !== ''" }],
          mark: { type: "line", strokeWidth: 1.5, point: { filled: true, size: 40 } },
          encoding: { color, tooltip },
        },
      ],
    },
  } as unknown as TopLevelSpec;
}

export function describe_reliability(trainings: Reliability[]): string {
  const parts = trainings.map(
    (one) =>
      `seed ${one.seed}: ${fixed(one.as_given.error)} as given, ${fixed(one.calibrated.error)} at ` +
      `temperature ${fixed(one.temperature, 2)}`,
  );
  return `Reliability of the predicted class on the test split. Calibration errors: ${parts.join("; ")}.`;
}
