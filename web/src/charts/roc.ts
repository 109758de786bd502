// ROC curves of one level on the test split: one line per training, one panel per class.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import type { RocCurve } from "../data";
import { fixed } from "../format";

function training_name(curve: RocCurve, folds: boolean): string {
  return folds ? `seed ${curve.seed}, fold ${curve.fold}` : `seed ${curve.seed}`;
}

/** The mean of the defined ones, or null. */
function mean_auc(curves: RocCurve[]): number | null {
  const known = curves.flatMap((curve) => (curve.auc === null ? [] : [curve.auc]));
  return known.length ? known.reduce((sum, auc) => sum + auc, 0) / known.length : null;
}

export function roc_spec(curves: RocCurve[], { width, theme }: Frame): TopLevelSpec {
  const folds = new Set(curves.map((curve) => curve.fold)).size > 1;
  const classes = [...new Set(curves.map((curve) => curve.class))];
  const single = classes.length === 1;
  const panel_of = (name: string) => `${name}\nAUC ${fixed(mean_auc(curves.filter((c) => c.class === name)))}`;
  const series_of = (curve: RocCurve) => training_name(curve, folds) + (single ? `: AUC ${fixed(curve.auc)}` : "");
  const rows = curves.flatMap((curve) => curve.points.map(([x, y], order) => (
    { panel: panel_of(curve.class), training: series_of(curve), fpr: x, tpr: y, order })));
  const diagonal = classes.flatMap((name) => [0, 1].map((v) => (
    { panel: panel_of(name), training: "", fpr: v, tpr: v, order: v })));
  const columns = single ? 1 : Math.min(classes.length, width >= 900 ? 4 : width >= 560 ? 3 : 2);
  const size = single ? Math.min(400, width - 70) : Math.floor((width - 96 - 24 * (columns - 1)) / columns);
  const axis = { values: [0, 0.25, 0.5, 0.75, 1], grid: true, format: ".2~f" };
  const names = [...new Set(curves.map(series_of))];
  const chart = {
    width: size, height: size,
    encoding: {
      x: { field: "fpr", type: "quantitative", title: size < 220 ? "1 − specificity" : "false positive rate (1 − specificity)",
        axis, scale: { domain: [0, 1] } },
      y: { field: "tpr", type: "quantitative", title: size < 220 ? "sensitivity" : "true positive rate (sensitivity)", axis,
        scale: { domain: [0, 1] } },
      order: { field: "order", type: "quantitative" },
    },
    layer: [
      { transform: [{ filter: "datum.training === ''" }],
        mark: { type: "line", strokeDash: [4, 4], strokeWidth: 1, color: theme.muted } },
      { transform: [{ filter: "datum.training !== ''" }], mark: { type: "line", strokeWidth: 1.8, opacity: 0.9 },
        encoding: { color: { field: "training", type: "nominal",
          scale: { domain: names, range: names.map((_, i) => theme.series[i % theme.series.length]!) },
          legend: { title: null, ...(single ? { orient: "bottom-right", direction: "vertical", fillColor: theme.paper, padding: 6 } : { columns: width < 500 ? 2 : 5 }), symbolType: "stroke" } } } },
    ],
  };
  return (single ? { data: { values: [...diagonal, ...rows] }, ...chart } : {
    data: { values: [...diagonal, ...rows] },
    facet: { field: "panel", type: "nominal", sort: classes.map(panel_of), title: null,
      header: { labelExpr: "split(datum.value, '\\n')", labelLimit: size } },
    columns, spacing: { row: 16, column: 24 }, spec: chart,
  }) as unknown as TopLevelSpec;
}

export function describe_roc(curves: RocCurve[]): string {
  const parts = curves.map((curve) => `${curve.class}, seed ${curve.seed}: ${fixed(curve.auc)}`);
  return `ROC curves on the test split. Areas: ${parts.join("; ")}.`;
}
