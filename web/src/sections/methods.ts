// What was done, in the paragraphs that the report wrote, and what each figure means. Nothing about
// intervals and tests stands here: the paragraphs say it, from the study's record.
import type { PageData } from "../data";
import { element, section, type Child } from "../dom";
import { definitions } from "./table";

function link(to: string, text: string): HTMLElement {
  return element("a", { href: to, rel: "noreferrer" }, text);
}

function doi(number: string): HTMLElement {
  return link(`https://doi.org/${number}`, `doi:${number}`);
}

/** Text in which "doi:..." and "arXiv:..." lead to the publication. */
function with_links(text: string): Child[] {
  return text.split(/((?:doi|arXiv):\S*[^\s.;,])/).map((part) => {
    if (part.startsWith("doi:")) return doi(part.slice(4));
    if (part.startsWith("arXiv:")) return link(`https://arxiv.org/abs/${part.slice(6)}`, part);
    return part;
  });
}

/** Figures of one class, of each class against the others where there are several. */
function class_figures(binary: boolean, positive: string): [string, Child][] {
  const of_class = binary
    ? `Of the class ${positive}`
    : "Of each class against all others, averaged over the classes for which it is defined";
  return [
    [
      "AUC",
      [
        `${of_class}: the area under the ROC curve, the probability that an image of the class scores higher than another one, ties counting one half (Hanley & McNeil 1982, `,
        doi("10.1148/radiology.143.1.7063747"),
        ").",
      ],
    ],
    [
      "Average precision",
      `${of_class}: precision averaged over the gains in sensitivity, from the highest score down, without interpolation.`,
    ],
    [
      "Sensitivity, specificity, PPV, NPV, F1",
      `${of_class}, which is predicted where it has the largest probability.`,
    ],
    [
      "Sensitivity at 95 % specificity",
      `${of_class}: the highest of all thresholds that reach this specificity on test; the threshold is that of the scored images themselves.`,
    ],
  ];
}

/** Figures of all classes together. */
const kOverallFigures: [string, Child][] = [
  ["Balanced accuracy", "Mean sensitivity over the classes."],
  [
    "Log loss",
    "Mean of −ln of the probability that was given to the true class, clipped at 1e-15.",
  ],
  [
    "Brier score",
    [
      "Mean squared distance of the probabilities from the truth, summed over the classes: 0 to 2, with two classes twice scikit-learn's (Brier 1950, ",
      doi("10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2"),
      ").",
    ],
  ],
  [
    "Matthews corr.",
    [
      "Correlation of predicted and true classes, −1 to 1; with several classes R_K (Gorodkin 2004, ",
      doi("10.1016/j.compbiolchem.2004.09.006"),
      ").",
    ],
  ],
  [
    "Cohen's kappa",
    [
      "Agreement of predicted and true classes beyond chance, unweighted, at most 1 (Cohen 1960, ",
      doi("10.1177/001316446002000104"),
      ").",
    ],
  ],
];

export function methods_section({ data, methods }: PageData): HTMLElement {
  const entries: [string, Child][] = [
    [
      "Training",
      "An architecture at a level, with one seed, on one fold, on one share of the training images (train_fraction).",
    ],
    [
      "Level",
      "The lowest block that is trained, with all above it and the head (pooling and classifier). After each training every frozen parameter and " +
        "buffer is compared with the pretrained weights by its hash; a training in which one moved counts as failed.",
    ],
    ...class_figures(data.classes.length === 2, data.positive),
    ...kOverallFigures,
    [
      "Calibration error",
      "Mean distance, over bins of the predicted class's probability, between that probability and the share that is right; larger by chance in small sets.",
    ],
    [
      "Groups as cases",
      "A patient or slide scored by the mean, or the maximum, of the probabilities of its images; only where all images of each group are of one class.",
    ],
    [
      "LogME",
      "The largest log evidence of a Bayesian linear model on the frozen features, for each image of the training part.",
    ],
    [
      "Linear CKA",
      "Similarity of two networks' features of the same images: 1 where they are the same up to rotation and scale.",
    ],
    [
      "Cost",
      "Wall time of one training on the machine named below, split into the frozen prefix, training and evaluation. One multiply-add counts as two FLOPs.",
    ],
    [
      "Pareto front",
      "The levels to which no other is at least as good and at least as fast, and better in one of the two.",
    ],
  ];
  return section(
    "methods",
    "How this was computed",
    methods.map(({ title, text }) => element("p", {}, element("strong", {}, `${title}. `), with_links(text))),
    element("h3", {}, "Terms"),
    definitions(entries),
  );
}
