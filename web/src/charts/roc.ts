// ROC curves of one level on the test split: one line per training, one panel per class.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { RocCurve } from "../data";
import { fixed } from "../format";
import type { Theme } from "../theme";

/** The mean of the defined ones, or null. */
function mean_auc(curves: RocCurve[]): number | null {
  const known = curves.flatMap((curve) => (curve.auc === null ? [] : [curve.auc]));
  return known.length ? known.reduce((sum, auc) => sum + auc, 0) / known.length : null;
}

/** What the lines and the panels are called. */
class Names {
  readonly classes: string[];
  readonly trainings: string[];
  readonly single: boolean;

  constructor(private readonly curves: RocCurve[]) {
    this.classes = [...new Set(curves.map((curve) => curve.class))];
    this.single = this.classes.length === 1;
    this.trainings = [...new Set(curves.map((curve) => this.training(curve)))];
  }

  training(curve: RocCurve): string {
    const folds = new Set(this.curves.map(({ fold }) => fold)).size > 1;
    const name = `seed ${curve.seed}${folds ? `, fold ${curve.fold}` : ""}`;
    return this.single ? `${name}: AUC ${fixed(curve.auc)}` : name;
  }

  panel(class_name: string): string {
    return `${class_name}\nAUC ${fixed(mean_auc(this.curves.filter((c) => c.class === class_name)))}`;
  }
}

/** Every point of every curve, and the diagonal of every panel (without a training). */
function rows_of(curves: RocCurve[], names: Names) {
  const rows = curves.flatMap((curve) =>
    curve.points.map(([fpr, tpr], order) => ({
      panel: names.panel(curve.class),
      training: names.training(curve),
      fpr,
      tpr,
      order,
    })),
  );
  const diagonals = names.classes.flatMap((name) =>
    [0, 1].map((v) => ({ panel: names.panel(name), training: "", fpr: v, tpr: v, order: v })),
  );
  return [...diagonals, ...rows];
}

function axis_of(field: string, title: string) {
  const axis = { values: [0, 0.25, 0.5, 0.75, 1], grid: true, format: ".2~f" };
  return { field, type: "quantitative", title, axis, scale: { domain: [0, 1] } };
}

function panel_spec(size: number, names: Names, legend: object, theme: Theme) {
  const small = size < 220;
  const range = names.trainings.map((_, i) => theme.series[i % theme.series.length]!);
  const color = {
    field: "training",
    type: "nominal",
    scale: { domain: names.trainings, range },
    legend: { title: null, symbolType: "stroke", ...legend },
  };
  return {
    width: size,
    height: size,
    encoding: {
      x: axis_of("fpr", small ? "1 − specificity" : "false positive rate (1 − specificity)"),
      y: axis_of("tpr", small ? "sensitivity" : "true positive rate (sensitivity)"),
      order: { field: "order", type: "quantitative" },
    },
    layer: [
      {
        transform: [{ filter: "datum.training === ''" }],
        mark: { type: "line", strokeDash: [4, 4], strokeWidth: 1, color: theme.muted },
      },
      {
        transform: [{ filter: "datum.training !== ''" }],
        mark: { type: "line", strokeWidth: 1.8, opacity: 0.9 },
        encoding: { color },
      },
    ],
  };
}

export function roc_spec(curves: RocCurve[], { width, theme }: Frame): TopLevelSpec {
  const names = new Names(curves);
  const data = { values: rows_of(curves, names) };
  if (names.single) {
    const inside = {
      orient: "bottom-right",
      direction: "vertical",
      fillColor: theme.paper,
      padding: 6,
    };
    const panel = panel_spec(Math.min(400, width - 70), names, inside, theme);
    return { data, ...panel } as unknown as TopLevelSpec;
  }
  const columns = Math.min(names.classes.length, width >= 900 ? 4 : width >= 560 ? 3 : 2);
  const size = Math.floor((width - 96 - 24 * (columns - 1)) / columns);
  const sort = names.classes.map((name) => names.panel(name));
  const header = { labelExpr: "split(datum.value, '\\n')", labelLimit: size };
  return {
    data,
    facet: { field: "panel", type: "nominal", sort, title: null, header },
    columns,
    spacing: { row: 16, column: 24 },
    spec: panel_spec(size, names, { columns: width < 500 ? 2 : 5 }, theme),
  } as unknown as TopLevelSpec;
}

export function describe_roc(curves: RocCurve[]): string {
  const parts = curves.map((curve) => `${curve.class}, seed ${curve.seed}: ${fixed(curve.auc)}`);
  return `ROC curves on the test split. Areas: ${parts.join("; ")}.`;
}
