// One level of an architecture seen closely: ROC curves, confusion matrix, scores of each class.
import { figure } from "../chart";
import { confusion_spec, describe_confusion, sum_confusions } from "../charts/confusion";
import { describe_reliability, reliability_spec } from "../charts/reliability";
import { describe_roc, roc_spec } from "../charts/roc";
import type { Architecture, AtThreshold, Closer, DecisionName, Level, Scores } from "../data";
import type { ClassCount, DataSummary } from "../data_summary";
import { element, type Child } from "../dom";
import { fixed, interval, percent, plural, signed } from "../format";
import { figure_cell, mean_cell, of_test } from "./levels";
import { table, type Column } from "./table";

function mean_of(values: (number | null | undefined)[]): number | null {
  const known = values.filter((value): value is number => value !== null && value !== undefined);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

function roc_figure(closer: Closer, level: Level, data: DataSummary): Child {
  const missing = closer.missing.map((reason) => element("p", { class: "note" }, reason));
  const curves = closer.roc.filter((curve) => curve.points.length > 0);
  if (curves.length === 0) {
    const why =
      closer.roc.length > 0 && level.units.some((unit) => unit.test)
        ? "has images of one class only"
        : "has not been scored";
    return element(
      "div",
      {},
      missing.length > 0
        ? missing
        : element("p", { class: "note" }, `No ROC curves: the test split ${why}.`),
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
      description: describe_roc(curves),
      spec: (frame) => roc_spec(curves, frame),
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
        "training. The temperature was fitted on validation. Expected calibration error before and after, without intervals: " +
        `${errors.join("; ")}. `,
    ],
    description: describe_reliability(closer.reliability),
    spec: (frame) => reliability_spec(closer.reliability, "share that is right", frame),
  });
}

/** Whether probabilities of the positive class come true; nothing with several classes. */
function positive_calibration(closer: Closer, level: Level, { positive }: DataSummary): Child {
  const trainings = closer.decisions.calibration;
  if (trainings.length === 0) return null;
  type Training = (typeof trainings)[number];
  const column = (
    title: string,
    part: "as_given" | "calibrated",
    of: "intercept" | "slope",
  ): Column<Training> => ({
    title,
    numeric: true,
    cell: (row) => (of === "slope" ? fixed(row[part].slope, 2) : signed(row[part].intercept)),
  });
  return [
    figure({
      title: `Reliability of the probability of ${positive} on the test split, level ${level.label}.`,
      caption: [
        `Probability given to ${positive}, in 15 bins of equal width, against the share of such images; one line for each training. `,
      ],
      description: `Reliability of the probability of ${positive} on the test split, as given and after temperature scaling.`,
      spec: (frame) => reliability_spec(trainings, `share that is ${positive}`, frame),
    }),
    table<Training>({
      caption:
        `Calibration of the probability of ${positive} on the test split, level ${level.label}, before and after temperature scaling, without intervals. ` +
        `Intercept: 0 is right on the whole, below 0 ${positive} is stated too likely. Slope: 1 is right, below 1 probabilities are too extreme`,
      columns: [
        { title: "Training", cell: (row) => name_of(row, trainings) },
        column("Intercept", "as_given", "intercept"),
        column("Slope", "as_given", "slope"),
        column("Intercept after", "calibrated", "intercept"),
        column("Slope after", "calibrated", "slope"),
      ],
      rows: trainings,
    }),
  ];
}

/** Folds are named where there are several. */
function name_of(training: { seed: string; fold: number }, all: { fold: number }[]): string {
  const several = all.some(({ fold }) => fold !== training.fold);
  return `Seed ${training.seed}${several ? `, fold ${training.fold}` : ""}`;
}

/** Trainings at their own thresholds, and the mean over them; nothing with several classes. */
function threshold_table(
  closer: Closer,
  { mean_in_words }: Architecture,
  level: Level,
  data: DataSummary,
): Child {
  const trainings = closer.decisions.at_threshold;
  if (trainings.length === 0) return null;
  const tested = data.classes.reduce((sum, one) => sum + one.test, 0);
  const positives = data.classes.find((one) => one.name === data.positive)?.test ?? 0;
  const column = (title: string, name: DecisionName): Column<AtThreshold | null> => ({
    title,
    numeric: true,
    cell: (training) =>
      training
        ? mean_cell(training[name].value, interval(training[name].interval))
        : figure_cell(of_test(level, name), 0, 1),
  });
  return table<AtThreshold | null>({
    caption:
      `At the threshold chosen on validation, level ${level.label}, test split: an image counts as ${data.positive} from this probability on, the one with ` +
      "the largest sensitivity + specificity − 1 on the training's validation images (Youden 1950). [95 % interval]: of a training over other images " +
      `(Wilson, with the effective number of images where they come in groups); in the last of several rows: ${mean_in_words}. PPV and NPV hold where ` +
      `${percent(positives / tested)} of images are ${data.positive}, as in the test split`,
    columns: [
      {
        title: "Training",
        cell: (training) =>
          training ? name_of(training, trainings) : `Mean of ${trainings.length}`,
      },
      { title: "Threshold", numeric: true, cell: (training) => fixed(training?.threshold) },
      column("Sensitivity", "sensitivity_at_threshold"),
      column("Specificity", "specificity_at_threshold"),
      column("PPV", "ppv_at_threshold"),
      column("NPV", "npv_at_threshold"),
    ],
    rows: trainings.length > 1 ? [...trainings, null] : trainings,
  });
}

function class_table(
  closer: Closer,
  { mean_in_words }: Architecture,
  level: Level,
  tests: Scores[],
  data: DataSummary,
): Child {
  const { classes } = closer.decisions;
  const column = (
    title: string,
    name: keyof (typeof classes)[number],
    of: (scores: Scores) => (number | null)[],
  ): Column<ClassCount> => ({
    title,
    numeric: true,
    cell: (_, index) => {
      const known = classes[index]?.[name];
      // Without predictions the records' scores stand in.
      return known && known.mean !== null
        ? figure_cell(known, 0, 1)
        : fixed(mean_of(tests.map((scores) => of(scores)[index])));
    },
  });
  return table<ClassCount>({
    caption: `Scores of each class against all others, level ${level.label}, test split, ${mean_in_words}; F1 without an interval`,
    columns: [
      { title: "Class", cell: (row) => row.name },
      { title: "Test images", numeric: true, cell: (row) => String(row.test) },
      column("AUC", "auc", (scores) => scores.class_auc),
      column("Sensitivity", "sensitivity", (scores) => scores.class_sensitivity),
      column("Specificity", "specificity", (scores) => scores.class_specificity),
      {
        title: "F1",
        numeric: true,
        cell: (_, index) => fixed(mean_of(tests.map((scores) => scores.class_f1[index]))),
      },
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
      : [roc, element("div", { class: "pair" }, confusion, class_table(closer, architecture, level, tests, data))],
    threshold_table(closer, architecture, level, data),
    reliability,
    positive_calibration(closer, level, data),
  ];
}
