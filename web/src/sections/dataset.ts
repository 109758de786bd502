// What the study was run on: classes and splits, groups, fingerprint, sample images.
import type { Architecture } from "../data";
import type { ClassCount, DataSummary } from "../data_summary";
import { element, section, type Child } from "../dom";
import { count, percent } from "../format";
import { definitions, table } from "./table";

const kBase64 = /^[A-Za-z0-9+/=]+$/;

function total({ train, valid, test }: ClassCount): number {
  return train + valid + test;
}

function split_table(data: DataSummary): HTMLElement {
  const number = (title: string, of: (row: ClassCount) => string) => ({
    title,
    numeric: true,
    cell: of,
  });
  const sum: ClassCount = { name: "All", train: 0, valid: 0, test: 0 };
  for (const { train, valid, test } of data.classes) {
    sum.train += train;
    sum.valid += valid;
    sum.test += test;
  }
  const positive = data.classes.length === 2 ? data.positive : null;
  return table({
    caption: "Images by class and split",
    columns: [
      {
        title: "Class",
        cell: (row) => [
          row.name,
          row.name === positive && row !== sum
            ? element("span", { class: "badge plain" }, "positive")
            : null,
        ],
      },
      number("Training", (row) => count(row.train)),
      number("Validation", (row) => count(row.valid)),
      number("Test", (row) => count(row.test)),
      number("Total", (row) => count(total(row))),
      number("Share", (row) => percent(total(sum) ? total(row) / total(sum) : 0)),
    ],
    rows: [...data.classes, sum],
  });
}

/** By class; what is not base64 is left out, so that the address can only be an image. */
function samples(data: DataSummary): Child {
  const rows = data.classes.map(({ name }) => {
    const images = data.samples.filter(
      (sample) => sample.class === name && kBase64.test(sample.png),
    );
    return images.length === 0
      ? null
      : element(
          "div",
          { class: "samples" },
          element("h4", {}, name),
          element(
            "div",
            { class: "strip" },
            images.map((sample, i) =>
              element("img", {
                src: `data:image/png;base64,${sample.png}`,
                alt: `Sample image ${i + 1} of class ${name}`,
                loading: "lazy",
              }),
            ),
          ),
        );
  });
  return rows.some((row) => row) ? [element("h3", {}, "Sample images"), rows] : null;
}

/** Data of other origin; nothing where the study has none. */
function external_table({ external, classes }: DataSummary): Child {
  if (external.length === 0) return null;
  return table<DataSummary["external"][number]>({
    caption: "External sets: scored by every training, trained on by none",
    columns: [
      { title: "Name", cell: ({ name }) => name },
      { title: "Path", cell: ({ path }) => element("code", {}, path) },
      ...classes.map(({ name }) => ({
        title: name,
        numeric: true,
        cell: (set: DataSummary["external"][number]) =>
          count(set.classes.find(([own]) => own === name)?.[1] ?? 0),
      })),
      { title: "Images", numeric: true, cell: ({ images }) => count(images) },
    ],
    rows: external,
  });
}

/** In what size each network is given the images. */
function inputs(architectures: Architecture[]): string {
  return architectures
    .map(({ title, input }) => `${title}: ${input || "not recorded"}`)
    .join("; ");
}

export function dataset_section(data: DataSummary, architectures: Architecture[]): HTMLElement {
  return section(
    "data",
    "Data and splits",
    split_table(data),
    definitions([
      ["Path", element("code", {}, data.path)],
      ["Source", data.source],
      ["Image size", data.sizes || "not recorded"],
      ["Input of the network", inputs(architectures)],
      [
        "Groups",
        data.groups > 0
          ? count(data.groups)
          : "none given: images of one patient or slide may be in several splits",
      ],
      ["Fingerprint (SHA-256)", element("code", {}, data.fingerprint)],
    ]),
    external_table(data),
    samples(data),
    data.skipped.length > 0
      ? element(
          "details",
          {},
          element("summary", {}, `Files left out (${count(data.skipped.length)})`),
          element(
            "ul",
            {},
            data.skipped.map((line) => element("li", {}, line)),
          ),
        )
      : null,
  );
}
