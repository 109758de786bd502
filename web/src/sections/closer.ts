// One level of an architecture seen closely: ROC curves, confusion matrix, scores of each class.
import { figure } from "../chart";
import { confusion_spec, describe_confusion, sum_confusions } from "../charts/confusion";
import { describe_reliability, reliability_spec } from "../charts/reliability";
import { describe_roc, roc_spec } from "../charts/roc";
import type { Architecture, ClassCount, Closer, DataSummary, Level, Scores } from "../data";
import { element, type Child } from "../dom";
import { fixed, plural } from "../format";
import { table } from "./table";

function mean_of(values: (number | null | undefined)[]): number | null {
  const known = values.filter((value): value is number => value !== null && value !== undefined);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

function roc_figure(closer: Closer, level: Level, data: DataSummary): Child {
  const missing = closer.missing.map((reason) => element("p", { class: "note" }, reason));
  if (closer.roc.length === 0) {
    return element(
      "div",
      {},
      missing.length > 0
        ? missing
        : element("p", { class: "note" }, "No ROC curves: the test split has not been scored."),
    );
  }
  const binary = data.classes.length === 2;
  return element(
    "div",
    {},
    figure({
      title: `ROC curves on the test split, level ${level.label}.`,
      caption: [
        binary
          ? `Positive class: ${data.positive}. One line for each training. `
          : "Each class against all others, one line for each training; above each panel the mean area. ",
      ],
      description: describe_roc(closer.roc),
      spec: (frame) => roc_spec(closer.roc, frame),
    }),
    missing,
  );
}

function confusion_figure(level: Level, tests: Scores[], data: DataSummary): Child {
  const confusion = sum_confusions(
    data.classes.map((c) => c.name),
    tests.map((scores) => scores.confusion),
  );
  return figure({
    title: `Confusion matrix on the test split, level ${level.label}.`,
    caption: [`Summed over ${plural(tests.length, "training")}; percent of the true class (row). `],
    description: describe_confusion(confusion),
    spec: (frame) => confusion_spec(confusion, frame),
  });
}

function reliability_figure(closer: Closer, level: Level): Child {
  if (closer.reliability.length === 0) return null;
  const errors = closer.reliability.map(
    ({ as_given, calibrated, temperature }) =>
      `${fixed(as_given.error)} and ${fixed(calibrated.error)} (temperature ${fixed(temperature, 2)})`,
  );
  return figure({
    title: `Reliability on the test split, level ${level.label}.`,
    caption: [
      "Probability given to the predicted class, in 15 bins of equal width, against the share in which it was right; one line for each " +
        "training. The temperature was fitted on validation. Expected calibration error before and after: " +
        `${errors.join("; ")}. `,
    ],
    description: describe_reliability(closer.reliability),
    spec: (frame) => reliability_spec(closer.reliability, frame),
  });
}

function class_table(level: Level, tests: Scores[], data: DataSummary): Child {
  const column = (title: string, of: (scores: Scores) => (number | null)[]) => ({
    title,
    numeric: true,
    cell: (_: unknown, index: number) => fixed(mean_of(tests.map((scores) => of(scores)[index]))),
  });
  return table<ClassCount>({
    caption: `Scores of each class against all others, level ${level.label}, test split, mean over trainings`,
    columns: [
      { title: "Class", cell: (row) => row.name },
      { title: "Test images", numeric: true, cell: (row) => String(row.test) },
      column("AUC", (scores) => scores.class_auc),
      column("Sensitivity", (scores) => scores.class_sensitivity),
      column("Specificity", (scores) => scores.class_specificity),
      column("F1", (scores) => scores.class_f1),
    ],
    rows: data.classes,
  });
}

export function closer_look(architecture: Architecture, data: DataSummary): Child {
  const { closer, recommendation } = architecture;
  const level = closer ? architecture.levels[closer.level] : undefined;
  if (!closer || !level) return null;
  const tests = level.units.flatMap((unit) => (unit.test ? [unit.test] : []));
  // Figures are numbered in the order in which they are made.
  const roc = roc_figure(closer, level, data);
  const confusion =
    tests.length > 0
      ? confusion_figure(level, tests, data)
      : element("p", { class: "note" }, "The test split has not been scored.");
  const reliability = reliability_figure(closer, level);
  return [
    element(
      "h3",
      {},
      recommendation.kind === "depth"
        ? `The recommended level: ${level.label}`
        : `Best level on validation so far (no recommendation): ${level.label}`,
    ),
    data.classes.length === 2
      ? element("div", { class: "pair" }, roc, confusion)
      : [roc, element("div", { class: "pair" }, confusion, class_table(level, tests, data))],
    reliability,
  ];
}
