// The head of the page: what was studied and, in one sentence for each architecture, the answer.
import { chosen_level, type Architecture, type PageData } from "../data";
import { element } from "../dom";
import { count, date, fixed, plural } from "../format";

function progress({ study, failures }: PageData): string {
  const failed = failures.length ? `, ${count(failures.length)} failed` : "";
  return `${count(study.units_finished)} of ${plural(study.units_planned, "training")} finished${failed}`;
}

export function page_header(page: PageData): HTMLElement {
  const { study, data, architectures } = page;
  const facts = [
    date(study.created_at),
    `${plural(data.images, "image")}, ${plural(data.classes.length, "class", "classes")}`,
    architectures.map((architecture) => architecture.title).join(", "),
    progress(page),
  ];
  return element(
    "header",
    {},
    element("p", { class: "eyebrow" }, "Fathom: how deeply to fine-tune"),
    element("h1", {}, study.name),
    element(
      "ul",
      { class: "facts" },
      facts.map((fact) => element("li", {}, fact)),
    ),
  );
}

function answer_of(architecture: Architecture, several: boolean): HTMLElement {
  const { recommendation, title } = architecture;
  const known = recommendation.kind === "depth";
  return element(
    "div",
    { class: known ? "answer" : "answer unknown" },
    element(
      "p",
      { class: "answer-kind" },
      several ? `${title}: ` : "",
      known ? "recommended depth" : "cannot tell yet",
    ),
    element("p", { class: "headline" }, recommendation.headline),
    recommendation.reasons.length > 0
      ? element(
          "ul",
          { class: "reasons" },
          recommendation.reasons.map((reason) => element("li", {}, reason)),
        )
      : null,
    element("p", { class: "rule" }, "Rule: ", recommendation.rule),
  );
}

/** Which architecture's recommended level validation puts first; null unless several are known. */
function comparison(architectures: Architecture[]): HTMLElement | null {
  const known = architectures
    .flatMap((architecture) => {
      const level = chosen_level(architecture);
      return level && level.valid_auc.mean !== null
        ? [{ title: architecture.title, level, auc: level.valid_auc.mean }]
        : [];
    })
    .sort((a, b) => b.auc - a.auc);
  if (known.length < 2) return null;
  const words = known.map(({ title, level, auc }) => `${title} (${level.label}) ${fixed(auc)}`);
  return element(
    "p",
    { class: "comparison" },
    element("strong", {}, "Between the architectures: "),
    `the mean validation AUC of the recommended levels is ${words.join(", ")}. The difference was not tested.`,
  );
}

export function answers(page: PageData): HTMLElement {
  const several = page.architectures.length > 1;
  return element(
    "section",
    { id: "answer", "aria-label": "Answer" },
    page.architectures.map((architecture) => answer_of(architecture, several)),
    comparison(page.architectures),
  );
}

/** Visible notes on what weakens the result: no groups, files left out, damaged journal lines. */
export function warnings({ data, study }: PageData): HTMLElement | null {
  const notes = [...data.warnings];
  if (data.skipped.length > 0) {
    notes.push(
      `${plural(data.skipped.length, "file was", "files were")} left out; the list is under Data.`,
    );
  }
  if (study.damaged_lines > 0) {
    notes.push(
      `${plural(study.damaged_lines, "damaged line", "damaged lines")} of the journal left out.`,
    );
  }
  if (notes.length === 0) return null;
  return element(
    "aside",
    { class: "notes", "aria-label": "Warnings" },
    notes.map((note) => element("p", { class: "note" }, note)),
  );
}
