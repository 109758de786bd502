"""Scores by scikit-learn. In: a JSON file, a list of {classes, positive, labels, probabilities}.
Out: one JSON list with the expected figures; null where the measure is not defined."""

import json
import sys
import warnings

import numpy as np
from sklearn import metrics

warnings.simplefilter("ignore")


def mean_of_defined(values):
    defined = [v for v in values if v is not None]
    return float(np.mean(defined)) if defined else None


def roc(truth, score):
    if len(set(truth)) < 2:
        return None
    fpr, tpr, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
    return [fpr.tolist(), tpr.tolist()]


def one_vs_rest(truth, predicted, score):
    auc = metrics.roc_auc_score(truth, score) if len(set(truth)) == 2 else None
    tn, fp, fn, tp = metrics.confusion_matrix(truth, predicted, labels=[0, 1]).ravel()
    return {
        "auc": auc,
        "sensitivity": metrics.recall_score(truth, predicted) if tp + fn else None,
        "specificity": metrics.recall_score(truth, predicted, pos_label=0) if tn + fp else None,
        "f1": metrics.f1_score(truth, predicted) if tp + fp + fn else None,
    }


def expected(case):
    classes, labels = case["classes"], np.array(case["labels"])
    p = np.array(case["probabilities"]).reshape(len(labels), classes)
    predicted = p.argmax(axis=1)
    per_class = [
        one_vs_rest((labels == c).astype(int), (predicted == c).astype(int), p[:, c])
        for c in range(classes)
    ]
    names = ["auc", "sensitivity", "specificity", "f1"]
    out = {"class_" + n: [c[n] for c in per_class] for n in names}
    for n in names:
        overall = out["class_" + n]
        out[n] = overall[case["positive"]] if classes == 2 else mean_of_defined(overall)
    if classes > 2 and set(labels) == set(range(classes)):
        out["auc"] = metrics.roc_auc_score(labels, p, multi_class="ovr", average="macro")
    if classes > 2:
        out["f1"] = metrics.f1_score(labels, predicted, average="macro")
    out["accuracy"] = metrics.accuracy_score(labels, predicted)
    out["balanced_accuracy"] = metrics.balanced_accuracy_score(labels, predicted)
    out["log_loss"] = metrics.log_loss(labels, p, eps=1e-15, labels=list(range(classes)))
    out["confusion"] = (
        metrics.confusion_matrix(labels, predicted, labels=list(range(classes))).ravel().tolist()
    )
    positive = case["positive"]
    out["roc"] = roc((labels == positive).astype(int), p[:, positive])
    return out


print(json.dumps([expected(case) for case in json.load(open(sys.argv[1]))]))
