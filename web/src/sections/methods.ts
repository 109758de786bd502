// How each figure is computed, with its source, and what it does not say.
import type { PageData } from "../data";
import { element, section, type Child } from "../dom";
import { definitions } from "./table";

function doi(number: string): HTMLElement {
  return element("a", { href: `https://doi.org/${number}`, rel: "noreferrer" }, `doi:${number}`);
}

export function methods_section({ data, methods }: PageData): HTMLElement {
  const binary = data.classes.length === 2;
  const entries: [string, Child][] = [
    [
      "Unit",
      "One training: an architecture at a level, with one seed, on one fold, on one share of the training images (train_fraction). For one seed, all levels see the same splits and the " +
        "same order of images.",
    ],
    [
      "Level",
      [
        "The head (pooling and classifier) is always trained; a level names the lowest block that is " +
          "trained with it. Everything below is frozen: after each training every frozen parameter and buffer is hashed and " +
          "compared with the pretrained weights, and a training in which one moved counts as failed.",
      ],
    ],
    [
      "AUC",
      [
        binary
          ? "Area under the ROC curve: the probability that an image of the positive class scores higher than one of the other, ties " +
            "counting one half (Hanley & McNeil 1982, "
          : "Area under the ROC curve of each class against all others, averaged over the classes (macro); ties count one half (Hanley & McNeil 1982, ",
        doi("10.1148/radiology.143.1.7063747"),
        ").",
      ],
    ],
    [
      "Interval",
      [
        "95 %. Of a level it covers other seeds and other images: the variance is that between trainings over their number plus the covariance " +
          "between trainings that the images cause, on validation by DeLong's method, on test by 2,000 bootstrap draws of the groups " +
          "(images where no groups are known); Student's t (Obuchowski & Rockette 1995, ",
        doi("10.1080/03610919508813243"),
        "; Hillis 2007, ",
        doi("10.1002/sim.2532"),
        "), on the scale of log odds where a figure has bounds. Over images alone: the expanded percentile interval of those draws (Hesterberg 2015, ",
        doi("10.1080/00031305.2015.1089789"),
        "). Over seeds alone: Student's t. Over several folds: the corrected resampled t-test. " +
          "Of a single training: the AUC by DeLong's method; proportions by Wilson's (1927) with the effective number of images, which groups " +
          "make smaller (Rao & Scott 1992, ",
        doi("10.2307/2532311"),
        "; Korn & Graubard 1998); with the bootstrap's in results.json and results.csv.",
      ],
    ],
    [
      "Groups as cases",
      "A patient or slide scored by the mean, or the maximum, of the probabilities of its images; only where all images of each group are of one class.",
    ],
    [
      "Recommendation",
      [
        "The shallowest level that is shown, at the stated confidence, to lose less than the stated margin of validation AUC against every " +
          "other level. Levels are compared over the same seeds and images; the error of a difference covers other seeds and other images " +
          "(Obuchowski & Rockette 1995, ",
        doi("10.1080/03610919508813243"),
        "; degrees of freedom: Hillis 2007, ",
        doi("10.1002/sim.2532"),
        "; images clustered by group where groups are known: Obuchowski 1997, ",
        doi("10.2307/2533958"),
        "). The variance between seeds is the pair's own or that pooled over all pairs, whichever is larger. Over several folds it is the corrected " +
          "resampled t-test (Nadeau & Bengio 2003, ",
        doi("10.1023/A:1024068626366"),
        "). Holm's correction over the levels. The test split takes no part in it; over folds, an image tested in one may validate in another.",
      ],
    ],
    [
      "Calibration",
      [
        "Expected calibration error over 15 bins of equal width of the probability of the predicted class (Guo et al. 2017, ",
        element("a", { href: "https://arxiv.org/abs/1706.04599", rel: "noreferrer" }, "arXiv:1706.04599"),
        "), stated without an interval; the temperature minimizes the log loss on validation." +
          (binary
            ? " Calibration intercept (with the slope fixed at 1) and slope: of a logistic regression of the label on the logit of the probability (Cox 1958; Van Calster et al. 2019, "
            : ""),
        binary ? [doi("10.1186/s12916-019-1466-7"), ")."] : null,
      ],
    ],
    [
      "Generalization",
      "Training images are scored like validation images, as many of each class as validation has, without augmentation and dropout, by the network " +
        "of the epoch that validation chose. Intervals of validation minus test and of external sets cover images by DeLong's method, as " +
        "above; figures of which no predictions image by image are kept (training images, corruptions) have Student's interval over trainings. Over several " +
        "folds: the corrected resampled t-test over the means of seeds, with the error by the images of an external set, which all folds share, added.",
    ],
    [
      "Probe",
      [
        "Logistic regression with an L2 penalty, chosen on validation, on standardized features of the frozen network, averaged over " +
          "positions. LogME: the largest log evidence of a Bayesian linear model for each image of the training part (You et al. 2021, ",
        element("a", { href: "https://arxiv.org/abs/2102.11005", rel: "noreferrer" }, "arXiv:2102.11005"),
        "). Rank correlation: Spearman's, with the interval of Bonett & Wright 2000 (",
        doi("10.1007/BF02294183"),
        ").",
      ],
    ],
    [
      "Similarity to the pretrained network",
      [
        "Linear CKA of features averaged over positions (Kornblith et al. 2019, ",
        element("a", { href: "https://arxiv.org/abs/1905.00414", rel: "noreferrer" }, "arXiv:1905.00414"),
        "), with the unbiased estimate of HSIC (Song et al. 2012), of both networks on the same test images.",
      ],
    ],
    [
      "Test split",
      "Sealed: scored once for each training, at the epoch that validation chose. The learning rate of a level, too, is chosen on validation.",
    ],
    [
      "Sensitivity, specificity, F1",
      binary
        ? `For the class ${data.positive}, an image counting as predicted when the class has the larger probability.`
        : "Of each class against all others, averaged over the classes; the predicted class has the largest probability.",
    ],
    [
      "Balanced accuracy, log loss",
      "Mean recall over the classes; mean −ln of the probability given to the true class, clipped at 1e-15.",
    ],
    [
      "Cost",
      "Wall time of one training on the machine named below, split into the frozen prefix, training and evaluation. One " +
        "multiply-add counts as two FLOPs. A level is on the Pareto front when no other is at least as good and at least as fast, and better in one of the two.",
    ],
  ];
  return section(
    "methods",
    "How this was computed",
    methods.map(({ title, text }) => element("p", {}, element("strong", {}, `${title}. `), text)),
    definitions(entries),
  );
}
