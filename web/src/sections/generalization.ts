// How the levels do beyond the images that chose them: the gap from validation to test, external
// sets, corruptions.
import { chosen_level, type Architecture, type Generalization, type Level, type Mean } from "../data";
import { element, type Child } from "../dom";
import { fixed, interval, kNone, signed } from "../format";
import { name_column } from "./levels";
import { table, type Column } from "./table";

function cell(mean: Mean | undefined, range: (mean: Mean) => string, words: string): Child {
  if (!mean || mean.mean === null) return kNone;
  const bounds = range(mean);
  return [
    element("span", { class: "mean" }, words),
    bounds ? element("span", { class: "interval" }, bounds) : null,
  ];
}

function column(
  title: string,
  of: (level: Generalization) => Mean | undefined,
): Column<Level> {
  return {
    title,
    numeric: true,
    cell: ({ generalization }) => {
      const mean = of(generalization);
      return cell(mean, interval, fixed(mean?.mean));
    },
  };
}

/** A difference, which may be below zero. */
function difference(title: string, of: (level: Generalization) => Mean): Column<Level> {
  const range = ({ low, high }: Mean) => (low === null ? "" : `[${signed(low)}, ${signed(high)}]`);
  return {
    title,
    numeric: true,
    cell: ({ generalization }) => {
      const mean = of(generalization);
      return cell(mean, range, signed(mean.mean));
    },
  };
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
      difference("Loss gap", (level) => level.loss_gap),
      difference("AUC gap", (level) => level.auc_gap),
      ...names(architecture, "external").map((name) => by_name("external", name, `AUC on ${name}`)),
      ...(corrupted
        ? [
            column("AUC, not corrupted", (level) => level.uncorrupted),
            column("AUC, corrupted", (level) => level.corrupted),
            difference("Drop", (level) => level.drop),
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
