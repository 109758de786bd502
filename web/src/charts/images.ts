// Test AUC against the number of training images, a line for each level.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { Architecture, ImagesCurve } from "../data";
import { fixed } from "../format";
import { range_of } from "./depth";

const kHeight = 320;
/** Between the levels at one number of images, as a share of it: their intervals stay apart. */
const kStep = 0.025;

/** Colours from `shallow` to `deep`, "#rrggbb", in equal steps. */
function ramp(shallow: string, deep: string, count: number): string[] {
  const parts = (color: string) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  const [from, to] = [parts(shallow), parts(deep)];
  return Array.from({ length: count }, (_, i) => {
    const share = count > 1 ? i / (count - 1) : 0;
    const mixed = from.map((value, c) => Math.round(value + share * (to[c]! - value)));
    return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
  });
}

function rows({ points }: ImagesCurve, labels: string[]) {
  return points.map((point) => ({
    ...point,
    place: point.images * (1 + kStep * (labels.indexOf(point.level) - (labels.length - 1) / 2)),
  }));
}

const kTooltip = [
  { field: "level" },
  { field: "images", title: "training images" },
  { field: "train_fraction", title: "train_fraction" },
  { field: "mean", title: "mean test AUC", format: ".4f" },
  { field: "low", title: "95 % from", format: ".4f" },
  { field: "high", title: "to", format: ".4f" },
  { field: "trainings" },
];

export function images_spec(
  { levels }: Architecture,
  curve: ImagesCurve,
  { width, theme }: Frame,
): TopLevelSpec {
  const labels = levels.map((level) => level.label);
  const values = rows(curve, labels);
  const numbers = [...new Set(values.map(({ images }) => images))];
  const range = range_of(
    values.map(({ mean }) => mean),
    values.flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high])),
  );
  const y = (field: string) => ({
    field,
    type: "quantitative",
    scale: { domain: [range.low, range.high], zero: false, nice: false },
    title: "test AUC",
  });
  return {
    width,
    height: kHeight,
    autosize: { type: "fit-x", contains: "padding" },
    data: { values },
    encoding: {
      x: {
        field: "place",
        type: "quantitative",
        title: "training images (log scale)",
        scale: {
          type: "log",
          domain: [Math.min(...numbers) / 1.3, Math.max(...numbers) * 1.3],
          nice: false,
        },
        axis: { values: numbers, format: ",d" },
      },
      color: {
        field: "level",
        type: "nominal",
        legend: { title: "shallow to deep", columns: Math.floor(width / 95), symbolOpacity: 1 },
        scale: { domain: labels, range: ramp(theme.validation, theme.test, labels.length) },
      },
    },
    layer: [
      {
        mark: { type: "line", strokeWidth: 2, opacity: 0.8, clip: true },
        encoding: { y: y("mean") },
      },
      {
        mark: { type: "rule", strokeWidth: 1.3, opacity: 0.7, clip: true },
        encoding: { y: y("low"), y2: { field: "high" } },
      },
      {
        transform: [{ filter: "datum.best" }],
        mark: { type: "point", shape: "circle", size: 230, filled: false, strokeWidth: 2 },
        encoding: { y: y("mean"), color: { value: theme.accent } },
      },
      {
        mark: { type: "point", size: 70, filled: true, opacity: 1, stroke: theme.paper },
        encoding: { y: y("mean"), tooltip: kTooltip },
      },
    ],
  } as unknown as TopLevelSpec;
}

export function describe_images({ title }: Architecture, { points }: ImagesCurve): string {
  const parts = points.map(
    ({ level, images, mean }) => `${level} with ${images}: ${fixed(mean)}`,
  );
  return `Mean test AUC of ${title} by level and number of training images. ${parts.join("; ")}.`;
}
