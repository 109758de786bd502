"""Tells how well simple features separate the classes of a synthetic data set.

tissue_task.py FOLDER: prints three areas under the ROC curve by logistic regression in five-fold
cross-validation with whole slides: of the mean colour, of the mean and standard deviation of the
colour, and of the sizes of nuclei (blobs of the dark stain, by thresholding). Each is that of the
class that is told best from all others.
"""
import csv
import sys

import numpy as np
from PIL import Image
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def nuclear_features(rgb):
    """Sizes of dark blobs: red light is what haematoxylin takes away."""
    red = ndimage.gaussian_filter(rgb[..., 0].astype(float), 1)
    low, high = np.percentile(red, [2, 90])
    mask = ndimage.binary_opening(red < (low + high) / 2, iterations=1)
    labels, count = ndimage.label(mask)
    if count == 0:
        return np.zeros(6)
    areas = np.bincount(labels.ravel())[1:]
    areas = areas[areas >= 12]
    if len(areas) == 0:
        return np.zeros(6)
    depth = ndimage.distance_transform_edt(mask)
    thickest = np.sort(ndimage.maximum(depth, labels, range(1, count + 1)))[::-1]
    inner = rgb[..., 0][depth > 2]
    grain = np.std(np.diff(rgb[..., 0].astype(float), axis=1)[depth[:, 1:] > 2.5]) if len(inner) > 9 else 0
    return np.array([np.log(np.median(areas)), np.log(areas.max()), np.mean(thickest[:5]),
                     np.std(thickest), len(areas), grain])


def main():
    folder = sys.argv[1]
    with open(f"{folder}/labels.csv") as manifest:
        rows = list(csv.DictReader(manifest))
    images = [np.array(Image.open(f"{folder}/{row['path']}")) for row in rows]
    labels = np.array([row["label"] for row in rows])
    slides = np.array([row["group"] for row in rows])
    means = np.array([image.mean((0, 1)) for image in images])
    spreads = np.array([image.std((0, 1)) for image in images])
    nuclei = np.array([nuclear_features(image) for image in images])
    for features in (means, np.hstack([means, spreads]), nuclei):
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        scores = cross_val_predict(model, features, labels, groups=slides, cv=GroupKFold(5),
                                   method="predict_proba")
        areas = [roc_auc_score(labels == name, scores[:, c])
                 for c, name in enumerate(np.unique(labels))]
        print(f"{max(areas):.4f}")


main()
