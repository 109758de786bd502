// How the levels do beyond the images that chose them: the gaps from training to validation to test,
// external sets, corruptions.
import { chosen_level, type Architecture, type Generalization, type Level, type Measured } from "../data";
import { element, type Child } from "../dom";
import { interval, kNone, signed } from "../format";
import { mean_cell, name_column } from "./levels";
import { table, type Column } from "./table";

type Of = (level: Generalization) => Measured | undefined;
type OfLevel = (level: Level) => Measured | undefined;

/** An AUC, or a dash. */
function column(title: string, of: Of): Column<Level> {
  return {
    title,
    numeric: true,
    cell: ({ generalization }) => {
      const auc = of(generalization);
      return auc && auc.mean !== null ? mean_cell(auc.mean, interval(auc)) : kNone;
    },
  };
}

/** A difference, which may be below zero. */
function difference_of(title: string, of: OfLevel): Column<Level> {
  return {
    title,
    numeric: true,
    cell: (level) => {
      const gap = of(level);
      if (!gap || gap.mean === null) return kNone;
      return [
        element("span", { class: "mean" }, signed(gap.mean)),
        gap.low === null
          ? null
          : element("span", { class: "interval" }, `[${signed(gap.low)}, ${signed(gap.high)}]`),
      ];
    },
  };
}

function difference(title: string, of: Of): Column<Level> {
  return difference_of(title, ({ generalization }) => of(generalization));
}

function trained_levels({ levels }: Architecture): Level[] {
  return levels.filter((level) => level.units.length > 0);
}

function external_names(architecture: Architecture): string[] {
  return trained_levels(architecture)[0]?.generalization.external.map(({ name }) => name) ?? [];
}

function corruption_names(architecture: Architecture): string[] {
  return trained_levels(architecture)[0]?.generalization.corruptions.map(({ name }) => name) ?? [];
}

function by_name(of: "external" | "corruptions", name: string, title = name): Column<Level> {
  return column(title, (level) => level[of].find((one) => one.name === name)?.auc);
}

/** The columns of the training images; one that says so where they were not scored. */
function train_columns(architecture: Architecture): Column<Level>[] {
  const measured = trained_levels(architecture).some(
    ({ generalization }) => generalization.train_auc.trainings > 0,
  );
  if (!measured) {
    return [{ title: "Training AUC", numeric: true, cell: () => "not measured" }];
  }
  return [
    column("Training AUC", (level) => level.train_auc),
    difference("Training minus validation AUC", (level) => level.train_to_valid),
    difference("Validation minus training log loss", (level) => level.log_loss_gap),
  ];
}

/** ", [95 % interval ...]", or nothing where no figure has one. */
function intervals(coverage: string): string {
  return coverage ? `, [95 % interval ${coverage}]` : "";
}

/** Gaps and external sets. */
export function generalization_table(architecture: Architecture): Child {
  return table({
    caption:
      `${architecture.title}: generalization${intervals(architecture.generalization_coverage)}. Training: images that ` +
      "the network was trained on, scored as validation images are, without augmentation and dropout, at the epoch that validation chose",
    columns: [
      name_column(architecture),
      ...train_columns(architecture),
      difference("Validation minus test AUC", (level) => level.valid_to_test),
      ...external_names(architecture).map((name) => by_name("external", name, `AUC on ${name}`)),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

export function generalization_notes({ generalization_notes }: Architecture): Child {
  return generalization_notes.map((note) => element("p", {}, note));
}

/** The AUC over all corruptions, its drop and whether it is above that of full tuning; nothing where
 * no images were corrupted. */
export function robustness_table(architecture: Architecture): Child {
  if (corruption_names(architecture).length === 0) return null;
  const compared = architecture.levels.some(({ against_all }) => against_all);
  return table({
    caption:
      `${architecture.title}: robustness${intervals(architecture.corruption_coverage)}: AUC of some test images as they are, and its mean over all corruptions of the same ` +
      "images at five severities" +
      (compared ? "; differences to all, where everything is tuned, are over the same trainings and images" : ""),
    columns: [
      name_column(architecture),
      column("AUC, not corrupted", (level) => level.uncorrupted),
      column("AUC, corrupted", (level) => level.corrupted),
      difference("Drop", (level) => level.drop),
      ...(compared
        ? [
            difference_of("Corrupted, minus all", (level) => level.against_all?.corrupted),
            difference_of("Drop, minus all", (level) => level.against_all?.drop),
          ]
        : []),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

/** The AUC under every corruption; nothing where no images were corrupted. */
export function corruption_table(architecture: Architecture): Child {
  const kinds = corruption_names(architecture);
  if (kinds.length === 0) return null;
  return table({
    caption: `${architecture.title}: test AUC under each corruption, mean over five severities${intervals(architecture.corruption_coverage)}`,
    columns: [
      name_column(architecture),
      column("As they are", (level) => level.uncorrupted),
      ...kinds.map((kind) => by_name("corruptions", kind)),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

/** The AUC at every severity; nothing where no images were corrupted. */
export function severity_table(architecture: Architecture): Child {
  const severities = trained_levels(architecture)[0]?.generalization.severities ?? [];
  if (severities.length === 0) return null;
  return table({
    caption: `${architecture.title}: test AUC at each severity, mean over the corruptions${intervals(architecture.corruption_coverage)}`,
    columns: [
      name_column(architecture),
      column("As they are", (level) => level.uncorrupted),
      ...severities.map((_, i) => column(`Severity ${i + 1}`, (level) => level.severities[i])),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}
