// What is needed to run the study again: command, versions, settings, weights, failed trainings.
import type { Architecture, Failure, Json, PageData } from "../data";
import { element, section, type Child } from "../dom";
import { rate } from "../format";
import { definitions, table } from "./table";

function words(key: string): string {
  return key.replaceAll("_", " ");
}

function is_object(value: Json): value is { [key: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function value_text(value: Json): string {
  if (value === null) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length ? value.map(value_text).join(", ") : "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Nested objects become "outer inner". */
function flatten(value: Json, prefix = ""): [string, Child][] {
  if (!is_object(value)) return [[prefix || "value", value_text(value)]];
  return Object.entries(value).flatMap(([key, inner]): [string, Child][] => {
    const name = prefix ? `${prefix} ${words(key)}` : words(key);
    return is_object(inner) ? flatten(inner, name) : [[name, value_text(inner) || "–"]];
  });
}

function command_box(command: string): HTMLElement {
  const code = element("code", {}, command);
  const copy = element("button", { type: "button", class: "copy" }, "Copy");
  copy.addEventListener("click", () => void copy_text(code, copy));
  return element(
    "div",
    { class: "command" },
    element("pre", { tabindex: "0", "aria-label": "Command" }, code),
    copy,
  );
}

/** Where the browser forbids the clipboard (pages from a file, often), the text is selected instead. */
async function copy_text(code: HTMLElement, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    getSelection()?.selectAllChildren(code);
    button.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => {
    button.textContent = "Copy";
  }, 2500);
}

/** Sections of the settings become small headings over their entries. */
function settings(value: Json): Child {
  if (!is_object(value)) return definitions(flatten(value));
  const loose = Object.entries(value).filter(([, inner]) => !is_object(inner));
  return [
    loose.length ? definitions(loose.map(([key, inner]) => [words(key), value_text(inner)])) : null,
    element(
      "div",
      { class: "columns" },
      Object.entries(value)
        .filter(([, inner]) => is_object(inner))
        .map(([key, inner]) =>
          element("div", {}, element("h4", {}, words(key)), definitions(flatten(inner))),
        ),
    ),
  ];
}

function weights_card(architecture: Architecture): HTMLElement {
  return element(
    "div",
    {},
    element("h4", {}, architecture.title),
    definitions([
      ...flatten(architecture.weights_card),
      ["blocks, bottom first", architecture.blocks.join(", ")],
    ]),
  );
}

export function failures_section(failures: Failure[]): HTMLElement | null {
  if (failures.length === 0) return null;
  return section(
    "failures",
    "Failed trainings",
    element("p", {}, "These took no part in any mean above."),
    table({
      caption: "Failed trainings and their reasons",
      columns: [
        { title: "Level", cell: (row) => row.level },
        { title: "Architecture", cell: (row) => row.architecture },
        { title: "Fraction", numeric: true, cell: (row) => String(row.train_fraction) },
        { title: "Seed", numeric: true, cell: (row) => row.seed },
        { title: "Fold", numeric: true, cell: (row) => String(row.fold) },
        { title: "Learning rate", numeric: true, cell: (row) => rate(row.learning_rate) },
        { title: "Reason", cell: (row) => element("span", { class: "reason" }, row.failure) },
      ],
      rows: failures,
    }),
  );
}

export function repeat_section({ study, architectures }: PageData): HTMLElement {
  return section(
    "repeat",
    "To run it again",
    command_box(study.command),
    element("h3", {}, "Versions and machine"),
    definitions(flatten(study.versions)),
    element("h3", {}, "Pretrained weights"),
    element("div", { class: "columns" }, architectures.map(weights_card)),
    element("h3", {}, "Settings"),
    settings(study.settings),
  );
}
