// The report page: reads the study's data out of the document and lays the sections out.
import "./style.css";

import { draw_figures, figure, name_study } from "./chart";
import { cost_spec, describe_cost, has_costs } from "./charts/cost";
import { auc_range, depth_spec, describe_depth } from "./charts/depth";
import { describe_forest, forest_spec, has_forest } from "./charts/forest";
import {
  describe_generalization,
  generalization_spec,
  has_generalization,
} from "./charts/generalization";
import { describe_images, images_spec } from "./charts/images";
import { has_history, learning_spec } from "./charts/learning";
import { describe_probe, probe_spec } from "./charts/probe";
import { describe_similarity, has_similarity, similarity_spec } from "./charts/similarity";
import { read_page_data, type Architecture, type PageData } from "./data";
import { element, section, type Child } from "./dom";
import { plural } from "./format";
import { answers, page_header, warnings } from "./sections/answer";
import { closer_look } from "./sections/closer";
import { dataset_section } from "./sections/dataset";
import {
  corruption_table,
  generalization_notes,
  generalization_table,
  robustness_table,
  severity_table,
} from "./sections/generalization";
import { cost_table, csv_button, score_table } from "./sections/levels";
import { methods_section } from "./sections/methods";
import { probe_table } from "./sections/probe";
import {
  calibration_table,
  difference_table,
  error_table,
  further_scores,
  group_scores,
} from "./sections/precision";
import { failures_section, repeat_section } from "./sections/provenance";

function trained(architecture: Architecture): boolean {
  return architecture.levels.some((level) => level.units.length > 0);
}

function depth_section(page: PageData): HTMLElement | null {
  const shown = page.architectures.filter(trained);
  if (shown.length === 0) return null;
  const range = auc_range(shown);
  return section(
    "depth",
    "AUC against depth",
    shown.map((architecture) => [
      figure({
        title: `${architecture.title}: AUC by level.`,
        caption: [
          `Large marks and bars: ${architecture.mean_in_words}, cut where it leaves the frame; small marks: each training (seed and fold). ` +
            (shown.length > 1 ? "The vertical axis is the same for all architectures. " : ""),
        ],
        description: describe_depth(architecture),
        spec: (frame) => depth_spec(architecture, range, frame),
      }),
      forest_figure(architecture),
      probe_figure(architecture),
    ]),
  );
}

function forest_figure(architecture: Architecture): Child {
  const { comparison, levels } = architecture;
  if (!comparison || !has_forest(architecture)) return null;
  return figure({
    title: `${architecture.title}: every level against the best, ${levels[comparison.best]!.label}.`,
    caption: [
      "Differences over the same trainings and images with 95 % intervals, two-sided and not corrected for their number; dashed: the " +
        `margin of ${comparison.margin} AUC. The recommendation compares each level with every other, on validation alone, by one-sided tests that are corrected. `,
    ],
    description: describe_forest(architecture, comparison),
    spec: (frame) => forest_spec(architecture, comparison, frame),
  });
}

/** Learning curves by training images; nothing with one train_fraction. */
function images_section({ architectures }: PageData): HTMLElement | null {
  const figures = architectures.flatMap((architecture) => {
    const curve = architecture.images_curve;
    if (!curve || curve.points.length === 0) return [];
    return [
      figure({
        title: `${architecture.title}: test AUC by number of training images and level.`,
        caption: [
          `Marks and bars: ${curve.mean_in_words}, which does not cover other draws of the training images, cut where it leaves the frame; ` +
            "numbers are those of the first fold. Ringed: the highest validation AUC with as many images. ",
        ],
        description: describe_images(architecture, curve),
        spec: (frame) => images_spec(architecture, curve, frame),
      }),
      element("p", {}, curve.in_words),
    ];
  });
  return figures.length > 0 ? section("images", "How many images", figures) : null;
}

function probe_figure(architecture: Architecture): Child {
  const { probe } = architecture;
  if (!probe) return null;
  return figure({
    title: `${architecture.title}: test AUC after tuning, and of a linear probe before it.`,
    caption: [
      "The probe is a linear classifier on the frozen features where the tuning of a level begins (of the images themselves for all), " +
        `averaged over positions (${probe.scope}). Bars: the 95 % intervals of the tables, cut where they leave the frame. ${probe.agreement.words} `,
    ],
    description: describe_probe(architecture, probe),
    spec: (frame) => probe_spec(architecture, probe, frame),
  });
}

function gain_section({ architectures, time_in_words }: PageData): HTMLElement | null {
  if (!has_costs(architectures)) return null;
  const name = architectures.length > 1 ? "all architectures" : architectures[0]!.title;
  return section(
    "cost",
    "Gain against cost",
    figure({
      title: `Test AUC against training time, ${name}.`,
      caption: [
        "One mark for each level. Dashed: the Pareto front, the most AUC to be had within a given time; levels " +
          "off the front are pale. Ringed: recommended, by validation AUC; the test figures here took no part in the choice and are not for choosing by. " +
          `${time_in_words} `,
      ],
      description: describe_cost(architectures),
      spec: (frame) => cost_spec(architectures, frame),
    }),
  );
}

function generalization_figure(architecture: Architecture): Child {
  if (!has_generalization(architecture)) return null;
  return figure({
    title: `${architecture.title}: generalization by level.`,
    caption: [
      "Mean AUC over trainings on the test part, on external sets and under corruptions, with the 95 % intervals of the " +
        "tables, cut where they leave the frame. ",
    ],
    description: describe_generalization(architecture),
    spec: (frame) => generalization_spec(architecture, frame),
  });
}

function similarity_figure(architecture: Architecture): Child {
  if (!has_similarity(architecture)) return null;
  return figure({
    title: `${architecture.title}: where tuning changed the network.`,
    caption: [
      "Similarity (linear CKA) of the features after each block with those of the pretrained network on some test images, mean over " +
        "trainings. 1: the same up to rotation and scale; the darker, the more they changed. Cells without a number are frozen blocks, 1 by construction. ",
    ],
    description: describe_similarity(architecture),
    spec: (frame) => similarity_spec(architecture, frame),
  });
}

function learning_figures(architecture: Architecture): Child {
  if (!has_history(architecture)) return null;
  const note = "One line for each training; dots: the epoch that validation chose. ";
  return [
    element("h3", {}, "Learning curves"),
    figure({
      title: `${architecture.title}: loss by epoch and level.`,
      caption: ["Dashed: training; solid: validation. ", note],
      description: `Training and validation loss of ${architecture.title} by epoch, one panel for each level.`,
      spec: (frame) => learning_spec(architecture, "loss", frame),
    }),
    figure({
      title: `${architecture.title}: validation AUC by epoch and level.`,
      caption: [note],
      description: `Validation AUC of ${architecture.title} by epoch, one panel for each level.`,
      spec: (frame) => learning_spec(architecture, "auc", frame),
    }),
  ];
}

function architecture_section(
  architecture: Architecture,
  index: number,
  { data, no_group_scores, time_in_words, trainings_in_words }: PageData,
): HTMLElement {
  return section(
    `architecture-${index}`,
    architecture.title,
    trained(architecture)
      ? [
          score_table(architecture),
          further_scores(architecture),
          group_scores(architecture),
          no_group_scores ? element("p", { class: "note" }, no_group_scores) : null,
          calibration_table(architecture, trainings_in_words),
          generalization_table(architecture),
          generalization_notes(architecture),
          generalization_figure(architecture),
          robustness_table(architecture),
          corruption_table(architecture),
          severity_table(architecture),
          similarity_figure(architecture),
          probe_table(architecture),
          error_table(architecture),
          difference_table(architecture),
          closer_look(architecture, data),
          learning_figures(architecture),
          element("h3", {}, "Cost of one training"),
          cost_table(architecture, time_in_words),
        ]
      : element("p", { class: "note" }, "No training of this architecture has finished."),
  );
}

function contents(sections: HTMLElement[]): HTMLElement {
  return element(
    "nav",
    { "aria-label": "Contents" },
    element(
      "ul",
      {},
      sections.map((part) =>
        element(
          "li",
          {},
          element("a", { href: `#${part.id}` }, part.querySelector("h2")?.textContent ?? ""),
        ),
      ),
    ),
  );
}

function build(page: PageData): Node[] {
  name_study(page.study.name);
  document.title = `${page.study.name} – Fathom study`;
  const sections = [
    depth_section(page),
    images_section(page),
    gain_section(page),
    ...page.architectures.map((architecture, i) => architecture_section(architecture, i, page)),
    dataset_section(page.data, page.architectures),
    failures_section(page.failures),
    methods_section(page),
    repeat_section(page),
  ].filter((part): part is HTMLElement => part !== null);
  const footer = element(
    "footer",
    {},
    element(
      "p",
      {},
      `Made by Fathom from the study's journal: ${plural(page.study.units_finished, "finished training")}. ` +
        "This file needs no network.",
    ),
    csv_button(page),
  );
  return [
    page_header(page),
    answers(page),
    warnings(page),
    contents(sections),
    ...sections,
    footer,
  ].filter((part): part is HTMLElement => part !== null);
}

function show(): void {
  const place = document.getElementById("page")!;
  try {
    place.replaceChildren(...build(read_page_data()));
    draw_figures();
  } catch (error) {
    place.replaceChildren(
      element(
        "p",
        { class: "page-error", role: "alert" },
        `This report cannot be shown: ${String(error)}. The numbers are in results.csv and results.json beside it.`,
      ),
    );
  }
}

show();
