// The levels of one architecture in numbers: scores with intervals, costs, and the same as CSV.
import {
  chosen_level,
  type Architecture,
  type Cases,
  type FigureName,
  type Level,
  type LevelFigure,
  type Mean,
  type PageData,
} from "../data";
import { element, file_name, save_file, type Child } from "../dom";
import { bytes, duration, fixed, interval, kNone, rate, scaled } from "../format";
import { table, type Column } from "./table";

export function mean_cell(mean: number | null, range: string): Child {
  return [
    element("span", { class: "mean" }, fixed(mean)),
    range ? element("span", { class: "interval" }, range) : null,
  ];
}

/** The mean with its widest interval: over seeds and images, or of one training over images. */
export function figure_cell(figure: LevelFigure | undefined, lowest = 0, highest = Infinity): Child {
  if (!figure) return kNone;
  return mean_cell(figure.mean, interval(figure.over_all ?? figure.over_images, highest, lowest));
}

export function of_test(level: Level, name: FigureName, cases: Cases = "image"): LevelFigure | undefined {
  return level.precision.test[cases]?.[name];
}

/** A column of figures between 0 and 1. Where predictions are missing `mean` stands in, with its
 * interval over trainings alone. */
function score(
  title: string,
  figure: (level: Level) => LevelFigure | undefined,
  mean: (level: Level) => Mean,
  highest = 1,
): Column<Level> {
  return {
    title,
    numeric: true,
    cell: (level) => {
      if (!level.units.length) return kNone;
      const known = figure(level);
      if (known && known.mean !== null) return figure_cell(known, 0, highest);
      return mean_cell(mean(level).mean, interval(mean(level), highest));
    },
  };
}

function cost(title: string, of: (level: Level) => string): Column<Level> {
  return { title, numeric: true, cell: (level) => (level.cost ? of(level) : kNone) };
}

export function name_column(architecture: Architecture): Column<Level> {
  return {
    title: "Level",
    cell: (level) => [
      level.label,
      level === chosen_level(architecture)
        ? element("span", { class: "badge" }, "recommended")
        : null,
    ],
  };
}

function trainings(level: Level): Child {
  return [
    String(level.units.length),
    level.failed ? element("span", { class: "interval" }, `${level.failed} failed`) : null,
  ];
}

export function score_table(architecture: Architecture): HTMLElement {
  return table({
    caption: `${architecture.title}: scores by level, ${architecture.mean_in_words}`,
    columns: [
      name_column(architecture),
      {
        title: "Blocks tuned",
        numeric: true,
        cell: (level) => (level.norm_only ? "norm" : String(level.depth)),
      },
      { title: "Trainings", numeric: true, cell: trainings },
      score(
        "Validation AUC",
        (level) => level.precision.valid_auc,
        (level) => level.valid_auc,
      ),
      score(
        "Test AUC",
        (level) => of_test(level, "auc"),
        (level) => level.test_auc,
      ),
      score(
        "Accuracy",
        (level) => of_test(level, "accuracy"),
        (level) => level.test_accuracy,
      ),
      score(
        "Balanced acc.",
        (level) => of_test(level, "balanced_accuracy"),
        (level) => level.test_balanced_accuracy,
      ),
      score(
        "Sensitivity",
        (level) => of_test(level, "sensitivity"),
        (level) => level.test_sensitivity,
      ),
      score(
        "Specificity",
        (level) => of_test(level, "specificity"),
        (level) => level.test_specificity,
      ),
      score(
        "F1",
        (level) => of_test(level, "f1"),
        (level) => level.test_f1,
      ),
      score(
        "Log loss",
        (level) => of_test(level, "log_loss"),
        (level) => level.test_log_loss,
        Infinity,
      ),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

export function cost_table(architecture: Architecture, time_in_words: string): HTMLElement {
  return table({
    caption:
      `${architecture.title}: cost of one training by level (mean; FLOPs per image and pass; largest memory). ` +
      `${time_in_words} Beyond: what the study scores and checks after the test scores; ${kNone}: part of the other times`,
    columns: [
      name_column(architecture),
      { title: "Learning rate", numeric: true, cell: (level) => rate(level.learning_rate) },
      cost("Frozen prefix", (level) => duration(level.cost!.prefix_seconds)),
      cost("Training", (level) => duration(level.cost!.train_seconds)),
      cost("Evaluation", (level) => duration(level.cost!.evaluate_seconds)),
      {
        title: "Wall time",
        numeric: true,
        cell: (level) => element("strong", {}, duration(level.seconds.mean)),
      },
      cost("Beyond", (level) => duration(level.cost!.extra_seconds)),
      ...(architecture.levels.some((level) => level.predicted_seconds !== null)
        ? [cost("Predicted", (level) => duration(level.predicted_seconds))]
        : []),
      cost("Prefix FLOPs", (level) => scaled(level.cost!.prefix_flops)),
      cost("Forward FLOPs", (level) => scaled(level.cost!.forward_flops)),
      cost("Backward FLOPs", (level) => scaled(level.cost!.backward_flops)),
      cost("Trainable parameters", (level) => scaled(level.cost!.trainable_parameters)),
      cost(
        "Share of all",
        (level) =>
          `${(
            (100 * level.cost!.trainable_parameters) /
            Math.max(1, level.cost!.total_parameters)
          ).toPrecision(3)} %`,
      ),
      cost("Peak memory", (level) => bytes(level.cost!.peak_memory_bytes)),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

const kCsvMeans = [
  "valid_auc",
  "test_auc",
  "test_accuracy",
  "test_balanced_accuracy",
  "test_sensitivity",
  "test_specificity",
  "test_f1",
  "test_log_loss",
  "seconds",
] as const;
const kCsvCosts = [
  "prefix_seconds",
  "train_seconds",
  "evaluate_seconds",
  "extra_seconds",
  "prefix_flops",
  "forward_flops",
  "backward_flops",
  "trainable_parameters",
  "total_parameters",
  "peak_memory_bytes",
] as const;

function csv_cell(value: string | number | boolean | null | undefined): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One row per level of every architecture. */
export function levels_csv(architectures: Architecture[]): string {
  const header = [
    "architecture",
    "level",
    "blocks_tuned",
    "norm_only",
    "learning_rate",
    "trainings",
    "failed",
    "recommended",
    "on_pareto_front",
    ...kCsvMeans.flatMap((name) => [name, `${name}_low`, `${name}_high`]),
    ...kCsvCosts,
  ];
  const rows = architectures.flatMap((architecture) =>
    architecture.levels.map((level) => [
      architecture.name,
      level.label,
      level.depth,
      level.norm_only,
      level.learning_rate,
      level.units.length,
      level.failed,
      level === chosen_level(architecture),
      level.on_pareto_front,
      ...kCsvMeans.flatMap((name) => [level[name].mean, level[name].low, level[name].high]),
      ...kCsvCosts.map((name) => level.cost?.[name]),
    ]),
  );
  return [header, ...rows].map((cells) => `${cells.map(csv_cell).join(",")}\n`).join("");
}

export function csv_button({ study, architectures }: PageData): HTMLElement {
  const made = element(
    "button",
    { type: "button", class: "download" },
    "Download all levels as CSV",
  );
  made.addEventListener("click", () =>
    save_file(
      `${file_name(study.name, "levels")}.csv`,
      new Blob([levels_csv(architectures)], { type: "text/csv" }),
    ),
  );
  return made;
}
