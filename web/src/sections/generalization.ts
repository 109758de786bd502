// How the levels do beyond the images that chose them: the gap from validation to test, external
// sets, corruptions.
import { chosen_level, type Architecture, type Generalization, type Level, type Mean } from "../data";
import { element, type Child } from "../dom";
import { fixed, interval, kNone, signed } from "../format";
import { name_column } from "./levels";
import { table, type Column } from "./table";

function mean_cell(mean: Mean | undefined, words: (value: number | null) => string): Child {
  if (!mean || mean.mean === null) return kNone;
  const range = interval(mean);
  return [
    element("span", { class: "mean" }, words(mean.mean)),
    range ? element("span", { class: "interval" }, range) : null,
  ];
}

function column(
  title: string,
  of: (level: Generalization) => Mean | undefined,
  words: (value: number | null) => string = fixed,
): Column<Level> {
  return { title, numeric: true, cell: ({ generalization }) => mean_cell(of(generalization), words) };
}

function names(architecture: Architecture, of: "external" | "corruptions"): string[] {
  const first = architecture.levels.find((level) => level.generalization[of].length > 0);
  return first ? first.generalization[of].map(({ name }) => name) : [];
}

function by_name(of: "external" | "corruptions", name: string, title = name): Column<Level> {
  return column(title, (level) => level[of].find((one) => one.name === name)?.auc);
}

/** Gaps and external sets; the corrupted images in all. */
export function generalization_table(architecture: Architecture): Child {
  const corrupted = names(architecture, "corruptions").length > 0;
  return table({
    caption:
      `${architecture.title}: generalization, [95 % interval over trainings]. Loss gap: validation minus training, at the ` +
      "epoch that validation chose; AUC gap: validation minus test" +
      (corrupted ? "; corrupted: mean over all corruptions at five severities" : ""),
    columns: [
      name_column(architecture),
      column("Loss gap", (level) => level.loss_gap, signed),
      column("AUC gap", (level) => level.auc_gap, signed),
      ...names(architecture, "external").map((name) => by_name("external", name, `AUC on ${name}`)),
      ...(corrupted
        ? [
            column("AUC, not corrupted", (level) => level.uncorrupted),
            column("AUC, corrupted", (level) => level.corrupted),
            column("Drop", (level) => level.drop),
          ]
        : []),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}

/** The AUC under every corruption; nothing where no images were corrupted. */
export function corruption_table(architecture: Architecture): Child {
  const kinds = names(architecture, "corruptions");
  if (kinds.length === 0) return null;
  return table({
    caption: `${architecture.title}: test AUC under each corruption, mean over five severities, [95 % interval over trainings]`,
    columns: [
      name_column(architecture),
      column("As they are", (level) => level.uncorrupted),
      ...kinds.map((kind) => by_name("corruptions", kind)),
    ],
    rows: architecture.levels,
    highlighted: (level) => level === chosen_level(architecture),
  });
}
