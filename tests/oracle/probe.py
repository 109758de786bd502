"""LogME, linear probe and linear CKA in plain numpy from the papers, by scipy and by scikit-learn.
In: a JSON file of sections, each a list of cases. Out: the same sections with expected figures."""

import json
import sys
import warnings

import numpy as np
from scipy import optimize, stats
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")


def evidence(features, y, alpha, beta):
    """Equation 2 of You et al. 2021, with the matrices as they stand there."""
    n, d = features.shape
    a = alpha * np.eye(d) + beta * features.T @ features
    m = beta * np.linalg.solve(a, features.T @ y)
    value = d / 2 * np.log(alpha) + n / 2 * np.log(beta) - n / 2 * np.log(2 * np.pi)
    value -= np.linalg.slogdet(a)[1] / 2
    value -= beta / 2 * np.sum((features @ m - y) ** 2) + alpha / 2 * m @ m
    return value / n


def by_iteration(features, y):
    """Algorithm 1 of You et al. 2021."""
    n = len(y)
    sigma, v = np.linalg.eigh(features.T @ features)
    alpha = beta = 1.0
    for _ in range(2000):
        gamma = np.sum(beta * sigma / (alpha + beta * sigma))
        m = beta * v @ ((v.T @ (features.T @ y)) / (alpha + beta * sigma))
        alpha = gamma / (m @ m)
        beta = (n - gamma) / np.sum((features @ m - y) ** 2)
        if alpha > 1e10 * beta:  # the features tell nothing: alpha goes to infinity
            break
    return evidence(features, y, alpha, beta)


def by_search(features, y):
    """The same evidence as the density of y, normal with covariance F F' / alpha + I / beta."""

    values, vectors = np.linalg.eigh(features @ features.T)
    along = vectors.T @ y  # independent normals

    def negative(logs):
        spread = np.sqrt(np.maximum(values, 0) * np.exp(-logs[0]) + np.exp(-logs[1]))
        return -stats.norm.logpdf(along / spread).mean() + np.log(spread).mean()

    start = optimize.brute(negative, ((-6, 14), (-4, 8)), Ns=9, finish=None)
    found = optimize.minimize(negative, start, method="Nelder-Mead",
                              options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 10000})
    return -found.fun


def logme(case):
    features, labels = np.array(case["features"]), np.array(case["labels"])
    targets = [(labels == c).astype(float) for c in range(case["classes"]) if c in labels]
    return {
        "iteration": np.mean([by_iteration(features, y) for y in targets]),
        "search": np.mean([by_search(features, y) for y in targets]),
    }


def linear_probe(case):
    features, labels = np.array(case["features"]), np.array(case["labels"])
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=1 / (case["strength"] * len(labels)), solver="newton-cg", tol=1e-6,
                               max_iter=10000)
    model.fit(scaler.transform(features), labels)
    return model.predict_proba(scaler.transform(np.array(case["others"]))).ravel().tolist()


def hsic(k, l):
    """Equation 5 of Song et al. 2012."""
    n, one = len(k), np.ones(len(k))
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    value = np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
    return (value - 2 / (n - 2) * one @ k @ l @ one) / (n * (n - 3))


def cka(case):
    """Kornblith et al. 2019, with that estimate."""
    a, b = np.array(case["a"]), np.array(case["b"])
    k, l = a @ a.T, b @ b.T
    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


SECTIONS = {"logme": logme, "linear_probe": linear_probe, "cka": cka}

with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
print(json.dumps({name: [SECTIONS[name](case) for case in part] for name, part in cases.items()}))
