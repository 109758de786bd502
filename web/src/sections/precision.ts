// How far the figures of a level are known: further scores with intervals, groups as cases, seeds
// and images apart, every level against the best.
import {
  chosen_level,
  type Architecture,
  type Bounds,
  type Cases,
  type Comparison,
  type FigureName,
  type Level,
  type LevelFigure,
} from "../data";
import { element, type Child } from "../dom";
import { fixed, interval, kNone, signed } from "../format";
import { figure_cell, mean_cell, name_column, of_test } from "./levels";
import { table, type Column } from "./table";

/** A figure that only predictions give. */
function test_column(
  title: string,
  name: FigureName,
  cases: Cases = "image",
  lowest = 0,
): Column<Level> {
  return {
    title,
    numeric: true,
    cell: (level) => figure_cell(of_test(level, name, cases), lowest),
  };
}

function has_cases({ levels }: Architecture, cases: Cases): boolean {
  return levels.some((level) => level.precision.test[cases]);
}

/** The figures of test that the first table has no room for; nothing without predictions. */
export function further_scores(architecture: Architecture): Child {
  if (!has_cases(architecture, "image")) return null;
  return table({
    caption: `${architecture.title}: further scores on test, ${architecture.mean_in_words}`,
    columns: [
      name_column(architecture),
      test_column("Average precision", "average_precision"),
      test_column("PPV", "ppv"),
      test_column("NPV", "npv"),
      test_column("Sensitivity at 95 % specificity", "sensitivity_at_95_specificity"),
      test_column("Matthews corr.", "matthews_correlation", "image", -1),
      test_column("Cohen's kappa", "cohen_kappa", "image", -1),
      test_column("Brier score", "brier_score"),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

/** Calibration before and after temperature scaling; nothing without predictions. */
export function calibration_table(architecture: Architecture, trainings_in_words: string): Child {
  if (!has_cases(architecture, "image")) return null;
  const column = (
    title: string,
    figure: keyof Level["calibration"],
    highest = 1,
  ): Column<Level> => ({
    title,
    numeric: true,
    cell: ({ calibration }) => {
      const mean = calibration[figure];
      return mean_cell(mean.mean, interval(mean, highest));
    },
  });
  return table({
    caption:
      `${architecture.title}: calibration on test, [95 % interval over ${trainings_in_words}]: expected calibration error over 15 bins of equal width of ` +
      "the predicted class's probability, before and after the logits are divided by the temperature that validation fitted",
    columns: [
      name_column(architecture),
      column("Calibration error", "error"),
      column("Temperature", "temperature", Infinity),
      column("After scaling", "calibrated_error"),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

/** Whole groups as cases; nothing where they are not scored. */
export function group_scores(architecture: Architecture): Child {
  if (!has_cases(architecture, "group_mean")) return null;
  const at_threshold = architecture.levels.some(
    (level) => (of_test(level, "sensitivity_at_threshold", "group_mean")?.mean ?? null) !== null,
  );
  return table({
    caption:
      `${architecture.title}: test scores with whole groups (patients, slides) as cases, by the mean or the maximum of their images' probabilities, ${architecture.mean_in_words}` +
      (at_threshold
        ? "; at threshold: that of each training with the largest Youden index on its validation groups"
        : ""),
    columns: [
      name_column(architecture),
      test_column("AUC of images", "auc"),
      test_column("AUC, mean", "auc", "group_mean"),
      test_column("AUC, max", "auc", "group_max"),
      test_column("Accuracy, mean", "accuracy", "group_mean"),
      test_column("Accuracy, max", "accuracy", "group_max"),
      test_column("Sensitivity, mean", "sensitivity", "group_mean"),
      test_column("Sensitivity, max", "sensitivity", "group_max"),
      test_column("Specificity, mean", "specificity", "group_mean"),
      test_column("Specificity, max", "specificity", "group_max"),
      ...(at_threshold
        ? [
            test_column("Sensitivity at threshold, mean", "sensitivity_at_threshold", "group_mean"),
            test_column("Sensitivity at threshold, max", "sensitivity_at_threshold", "group_max"),
            test_column("Specificity at threshold, mean", "specificity_at_threshold", "group_mean"),
            test_column("Specificity at threshold, max", "specificity_at_threshold", "group_max"),
          ]
        : []),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

function deviation(
  title: string,
  figure: (level: Level) => LevelFigure | undefined,
  part: keyof LevelFigure["variance"],
): Column<Level> {
  return {
    title,
    numeric: true,
    cell: (level) => {
      const variance = figure(level)?.variance[part] ?? null;
      return variance === null ? kNone : fixed(Math.sqrt(variance), 4);
    },
  };
}

/** Seeds and images apart; nothing without predictions or with several folds. */
export function error_table(architecture: Architecture): Child {
  const valid = (level: Level) => level.precision.valid_auc;
  const test = (level: Level) => of_test(level, "auc");
  if (architecture.levels.every((level) => !test(level)?.over_images)) return null;
  return table({
    caption:
      `${architecture.title}: what the AUC's error is made of: 95 % intervals over seeds, images and both, and the standard deviation of ` +
      "one training's AUC in its parts",
    columns: [
      name_column(architecture),
      {
        title: "Test AUC",
        numeric: true,
        cell: (level) => fixed(test(level)?.mean),
      },
      {
        title: "Over seeds alone",
        numeric: true,
        cell: (level) => interval(level.test_auc) || kNone,
      },
      {
        title: "Over images alone",
        numeric: true,
        cell: (level) => interval(test(level)?.over_images ?? null) || kNone,
      },
      {
        title: "Over both",
        numeric: true,
        cell: (level) => interval(test(level)?.over_all ?? null) || kNone,
      },
      deviation("SD of seeds", test, "seeds"),
      deviation("SD of seeds × images", test, "seeds_by_images"),
      deviation("SD of images", test, "images"),
      deviation("Validation: SD of seeds", valid, "seeds"),
      deviation("SD of seeds × images", valid, "seeds_by_images"),
      deviation("SD of images", valid, "images"),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

function p_value(value: number | null): string {
  if (value === null) return kNone;
  return value < 0.001 ? "< 0.001" : value.toPrecision(2);
}

function difference_cell(difference: number | null, bounds: Bounds | null): Child {
  const range =
    bounds && bounds.low !== null && bounds.high !== null
      ? `[${signed(bounds.low)}, ${signed(bounds.high)}]`
      : "";
  return [
    element("span", { class: "mean" }, signed(difference)),
    range ? element("span", { class: "interval" }, range) : null,
  ];
}

type ComparisonRow = Comparison["rows"][number];

function alone(
  title: string,
  cell: (images_alone: NonNullable<ComparisonRow["test_images_alone"]>) => Child,
): Column<ComparisonRow> {
  return {
    title,
    numeric: true,
    cell: (row) => (row.test_images_alone ? cell(row.test_images_alone) : kNone),
  };
}

/** Every other level against the best, in numbers. */
export function difference_table(architecture: Architecture): Child {
  const { comparison, levels } = architecture;
  if (!comparison) return null;
  const rows = comparison.rows.filter((row) => row.level !== comparison.best);
  if (rows.length === 0) return null;
  return table<ComparisonRow>({
    caption:
      `${architecture.title}: AUC of each level minus that of ${levels[comparison.best]!.label}, [95 % interval, two-sided, not corrected]; p on validation: that another ` +
      "level is better by the margin or more, corrected after Dunnett; p on test: of no difference, by DeLong, the trainings as they are, Holm-corrected",
    columns: [
      { title: "Level", cell: (row) => levels[row.level]!.label },
      {
        title: "Validation",
        numeric: true,
        cell: ({ valid }) => difference_cell(valid.difference, valid),
      },
      {
        title: `p (margin ${comparison.margin})`,
        numeric: true,
        cell: (row) => p_value(row.p_value),
      },
      {
        title: "Test",
        numeric: true,
        cell: ({ test }) => difference_cell(test.difference, test),
      },
      alone("Test, images alone (DeLong)", (one) => difference_cell(one.difference, one.delong)),
      alone("The same (bootstrap)", (one) => difference_cell(one.difference, one.bootstrap)),
      alone("p of no difference", (one) => p_value(one.p_value)),
    ],
    rows,
    highlighted: (row) => levels[row.level] === chosen_level(architecture),
  });
}
