// The confusion matrix of one level on the test split, summed over its trainings.
import type { TopLevelSpec } from "vega-lite";

import type { Frame } from "../chart";
import { count, percent } from "../format";

export interface Confusion {
  classes: string[];
  /** Rows: true class; columns: predicted class. */
  counts: number[][];
}

export function sum_confusions(classes: string[], matrices: number[][][]): Confusion {
  const counts = classes.map((_, row) =>
    classes.map((_, column) =>
      matrices.reduce((sum, matrix) => sum + (matrix[row]?.[column] ?? 0), 0),
    ),
  );
  return { classes, counts };
}

function cells(confusion: Confusion) {
  return confusion.counts.flatMap((row, truth) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    return row.map((value, predicted) => {
      const share = total > 0 ? value / total : 0;
      return {
        truth: confusion.classes[truth]!,
        predicted: confusion.classes[predicted]!,
        images: value,
        share,
        text: count(value),
        share_text: total > 0 ? percent(share) : "",
      };
    });
  });
}

export function confusion_spec(confusion: Confusion, { width, theme }: Frame): TopLevelSpec {
  const { classes } = confusion;
  const label_limit = Math.min(150, width * 0.25);
  const longest = Math.min(label_limit, Math.max(...classes.map((name) => name.length)) * 6.3);
  const cell = Math.floor(
    Math.min((width - longest - 55) / classes.length, classes.length === 2 ? 176 : 104),
  );
  const small = cell < 52;
  const axis = { domain: false, ticks: false, labelLimit: label_limit, labelFontSize: 12 };
  const label_angle = Math.max(...classes.map((name) => name.length)) * 6.6 > cell ? -40 : 0;
  const text_color = {
    condition: {
      test: "datum.share > 0.55",
      value: theme.name === "light" ? "#ffffff" : "#0b0e11",
    },
    value: theme.ink,
  };
  return {
    data: { values: cells(confusion) },
    width: cell * classes.length,
    height: cell * classes.length,
    encoding: {
      x: {
        field: "predicted",
        type: "nominal",
        sort: classes,
        title: "predicted",
        axis: { ...axis, labelAngle: label_angle },
        scale: { padding: 0.03 },
      },
      y: {
        field: "truth",
        type: "nominal",
        sort: classes,
        title: "truth",
        axis,
        scale: { padding: 0.03 },
      },
      tooltip: [
        { field: "truth" },
        { field: "predicted" },
        { field: "images" },
        { field: "share_text", title: "of the true class" },
      ],
    },
    layer: [
      {
        mark: { type: "rect", cornerRadius: 3 },
        encoding: {
          color: {
            field: "share",
            type: "quantitative",
            legend: null,
            scale: { domain: [0, 1], range: theme.ramp },
          },
        },
      },
      {
        mark: { type: "text", fontSize: small ? 10 : 15, fontWeight: 600, dy: small ? -5 : -9 },
        encoding: { text: { field: "text" }, color: text_color },
      },
      {
        mark: { type: "text", fontSize: small ? 9 : 12, dy: small ? 7 : 11 },
        encoding: { text: { field: "share_text" }, color: text_color },
      },
    ],
  } as TopLevelSpec;
}

export function describe_confusion(confusion: Confusion): string {
  const rows = cells(confusion).map(
    (cell) => `${cell.truth} as ${cell.predicted}: ${cell.text} (${cell.share_text})`,
  );
  return `Confusion matrix on the test split, truth by prediction. ${rows.join("; ")}.`;
}
