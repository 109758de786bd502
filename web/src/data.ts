// What the page is given: the JSON that fathom/report/page_data.cpp writes. Change both together.

import type { DataSummary } from "./data_summary";

export interface Bounds {
  low: number | null;
  high: number | null;
}

/** A mean over units; interval bounds are null for fewer than two units. */
export interface Mean extends Bounds {
  mean: number | null;
  standard_error: number | null;
}

/** A figure of a level: its mean over trainings and how far it is known (results/precision.h). */
export interface LevelFigure {
  mean: number | null;
  /** Other images, the trainings as they are. */
  over_images: Bounds | null;
  /** Other seeds and other images; with several folds other folds. */
  over_all: Bounds | null;
  variance: Record<"seeds" | "seeds_by_images" | "images", number | null>;
}

/** Figures at the threshold that validation chose. */
export type DecisionName =
  | "sensitivity_at_threshold"
  | "specificity_at_threshold"
  | "ppv_at_threshold"
  | "npv_at_threshold";

export type FigureName =
  | "auc"
  | "average_precision"
  | "accuracy"
  | "balanced_accuracy"
  | "sensitivity"
  | "specificity"
  | "ppv"
  | "npv"
  | "sensitivity_at_95_specificity"
  | DecisionName
  | "f1"
  | "matthews_correlation"
  | "cohen_kappa"
  | "log_loss"
  | "brier_score";

/** What counts as a case: an image, or a group by the mean or maximum of its images. */
export type Cases = "image" | "group_mean" | "group_max";

export interface Precision {
  valid_auc: LevelFigure;
  /** Only cases that predictions could be read of. */
  test: Partial<Record<Cases, Record<FigureName, LevelFigure>>>;
}

/** One unit's scores on one split. The lists have one entry per class, against all others. */
export interface Scores {
  auc: number | null;
  class_auc: (number | null)[];
  class_sensitivity: (number | null)[];
  class_specificity: (number | null)[];
  class_f1: (number | null)[];
  /** Rows: true class; columns: predicted class. */
  confusion: number[][];
}

/** One column per figure, one entry per epoch. */
export interface History {
  epoch: number[];
  train_loss: (number | null)[];
  valid_loss: (number | null)[];
  valid_auc: (number | null)[];
}

export interface Unit {
  id: string;
  seed: string;
  fold: number;
  best_epoch: number;
  validation: Scores;
  test: Scores | null;
  history: History;
}

/** Means over the units of a level; FLOPs per image. */
export interface Cost {
  prefix_seconds: number;
  train_seconds: number;
  evaluate_seconds: number;
  /** Beyond the test scores; null: an older study, in whose other times it is. */
  extra_seconds: number | null;
  prefix_flops: number;
  forward_flops: number;
  backward_flops: number;
  trainable_parameters: number;
  total_parameters: number;
  peak_memory_bytes: number;
}

/** A figure of a level with its 95 % interval (results/generalization.h). */
export interface Measured extends Bounds {
  mean: number | null;
  trainings: number;
  /** The interval covers other images as well as other trainings. */
  covers_images: boolean;
}

export interface NamedAuc {
  name: string;
  auc: Measured;
}

/** How a level does beyond the images that chose it (results/generalization.h). */
export interface Generalization {
  /** Of training images scored as validation images are; not measured in older studies. */
  train_auc: Measured;
  train_to_valid: Measured;
  valid_to_test: Measured;
  log_loss_gap: Measured;
  external: NamedAuc[];
  uncorrupted: Measured;
  corrupted: Measured;
  drop: Measured;
  corruptions: NamedAuc[];
  /** From severity 1. */
  severities: Measured[];
}

/** Expected calibration errors on test, as given and at the temperature fitted on validation. */
export interface LevelCalibration {
  error: Mean;
  temperature: Mean;
  calibrated_error: Mean;
}

export interface Level {
  /** The level's name, with the strategy where that is not the plain one. */
  label: string;
  strategy: string;
  depth: number;
  norm_only: boolean;
  /** null: no unit has finished. */
  learning_rate: number | null;
  failed: number;
  on_pareto_front: boolean;
  valid_auc: Mean;
  test_auc: Mean;
  test_accuracy: Mean;
  test_balanced_accuracy: Mean;
  test_sensitivity: Mean;
  test_specificity: Mean;
  test_f1: Mean;
  test_log_loss: Mean;
  seconds: Mean;
  /** Wall time of a training, predicted before any ran; null: not predicted. */
  predicted_seconds: number | null;
  precision: Precision;
  generalization: Generalization;
  /** Minus the level that tunes everything; null where that is the level itself. */
  against_all: Generalization | null;
  calibration: LevelCalibration;
  /** CKA with the pretrained network after each block, mean over trainings; empty: not measured. */
  similarity: (number | null)[];
  cost: Cost | null;
  units: Unit[];
}

export interface Recommendation {
  kind: "depth" | "cannot_tell";
  /** Index into the architecture's levels. */
  chosen: number | null;
  rule: string;
  headline: string;
  reasons: string[];
}

export interface RocCurve {
  seed: string;
  fold: number;
  class: string;
  auc: number | null;
  /** (false positive rate, true positive rate) from (0, 0) to (1, 1). */
  points: [number, number][];
}

export interface Difference extends Bounds {
  difference: number | null;
}

/** The difference of test AUCs with the trainings as they are: what other images could change. */
export interface ImagesAlone {
  difference: number | null;
  delong: Bounds | null;
  bootstrap: Bounds | null;
  p_value: number | null;
}

/** Every compared level against the best one; levels are indices into the architecture's. */
export interface Comparison {
  margin: number;
  best: number;
  rows: {
    level: number;
    good_enough: boolean;
    p_value: number;
    valid: Difference;
    test: Difference;
    /** null: several folds. */
    test_images_alone: ImagesAlone | null;
  }[];
}

export interface Calibration {
  /** Expected calibration error. */
  error: number | null;
  /** (mean probability stated, share that came true, images) of the bins that hold any. */
  bins: [number, number, number][];
}

export interface Reliability {
  seed: string;
  fold: number;
  temperature: number | null;
  as_given: Calibration;
  calibrated: Calibration;
}

/** A figure of one training, with its interval over other images. */
export interface UnitFigure {
  value: number | null;
  interval: Bounds | null;
}

/** One training, of two classes, at its threshold of the positive class's probability. */
export type AtThreshold = { seed: string; fold: number; threshold: number } & Record<
  DecisionName,
  UnitFigure
>;

/** Whether probabilities of the positive class come true (stats/calibration_line.h). */
export interface PositiveCalibration {
  intercept: number | null;
  slope: number | null;
  bins: [number, number, number][];
}

/** What decisions and probabilities are worth (report/page_decisions.h); with several classes of
 * each class alone, with two of the positive one. */
export interface DecisionsOfLevel {
  at_threshold: AtThreshold[];
  calibration: {
    seed: string;
    fold: number;
    as_given: PositiveCalibration;
    calibrated: PositiveCalibration;
  }[];
  classes: Record<"auc" | "sensitivity" | "specificity", LevelFigure>[];
}

/** The level whose model is shown closer: the recommended one, else the best on validation. */
export interface Closer {
  level: number;
  roc: RocCurve[];
  reliability: Reliability[];
  decisions: DecisionsOfLevel;
  /** Why curves are missing, one sentence per unit. */
  missing: string[];
}

/** Test AUC of every level by the number of training images (results/learning_curve.h). */
export interface ImagesCurve {
  in_words: string;
  mean_in_words: string;
  points: {
    level: string;
    train_fraction: number;
    images: number;
    trainings: number;
    mean: number;
    low: number | null;
    high: number | null;
    /** The highest validation AUC with as many images. */
    best: boolean;
  }[];
}

/** What the frozen features at one boundary tell, and the level whose tuning begins there. */
export interface ProbedBoundary {
  /** The block below; "image" for the images themselves. */
  below: string;
  level: string;
  features: number;
  /** Of the linear probe's L2 penalty; null: folds chose differently. */
  strength: number | null;
  validation: ProbedAuc;
  test: ProbedAuc;
  logme: number | null;
}

export interface ProbedAuc {
  auc: number | null;
  interval: Bounds;
}

export interface Probe {
  /** Which folds and images the figures are of, and what their intervals cover. */
  scope: string;
  seconds: number;
  /** Bottom first. */
  boundaries: ProbedBoundary[];
  agreement: { levels: number; words: string };
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Architecture {
  name: string;
  title: string;
  blocks: string[];
  /** In what size it was given the images, in words; "" where older studies do not say. */
  input: string;
  weights_card: Json;
  recommendation: Recommendation;
  /** null: no two units of a level can be compared. */
  comparison: Comparison | null;
  levels: Level[];
  /** "mean over trainings [95 % interval over ...]": what figures and their intervals are over. */
  mean_in_words: string;
  /** The recommended level against full tuning, and what could not be read. */
  generalization_notes: string[];
  /** What intervals of corrupted images cover; empty where none has one. */
  corruption_coverage: string;
  /** The same of the gaps between parts and of external sets. */
  generalization_coverage: string;
  /** null: the study has one train_fraction. */
  images_curve: ImagesCurve | null;
  /** null: not probed. */
  probe: Probe | null;
  closer: Closer | null;
}

export interface Failure {
  architecture: string;
  level: string;
  train_fraction: number;
  seed: string;
  fold: number;
  learning_rate: number | null;
  failure: string;
}

export interface PageData {
  study: {
    name: string;
    command: string;
    created_at: string;
    settings: Json;
    versions: Json;
    units_planned: number;
    units_finished: number;
    damaged_lines: number;
  };
  data: DataSummary;
  architectures: Architecture[];
  failures: Failure[];
  /** Why groups are not scored as cases; "" where they are or none are known. */
  no_group_scores: string;
  /** What the time of a level is and what it is not. */
  time_in_words: string;
  /** What standard errors and Student's intervals over trainings are over. */
  trainings_in_words: string;
  methods: { title: string; text: string }[];
}

/** The level that is recommended, if one is. */
export function chosen_level({ levels, recommendation }: Architecture): Level | undefined {
  return recommendation.chosen === null ? undefined : levels[recommendation.chosen];
}

/** The data in the page. Throws when there are none: the page is then the bare template. */
export function read_page_data(): PageData {
  const text = document.getElementById("study-data")?.textContent ?? "";
  return JSON.parse(text) as PageData;
}
