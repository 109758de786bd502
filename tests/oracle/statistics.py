"""Statistics by scikit-learn, scipy and statsmodels, or by their formulas in plain numpy where
none of them has one. In: a JSON file of sections, each a list of cases. Out: the same sections,
each a list of expected figures; null where a figure is not defined."""

import json
import sys
import warnings

import numpy as np
import statsmodels.api as sm
from scipy import optimize, special, stats
from sklearn import calibration, metrics
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")


def wilson(case):
    return proportion_confint(case["hits"], case["trials"], 1 - case["confidence"], "wilson")


def clustered_proportion(case):
    """The variance over groups and that of single images are statsmodels' of a regression on a
    constant; their ratio is the design effect."""
    hits, group = np.array(case["hits"], float), np.array(case["group"])
    n, p, sizes = len(hits), hits.mean(), np.unique(group, return_counts=True)[1]
    few, alpha = len(sizes) < 3, 1 - case["confidence"]
    plain = sm.OLS(hits, np.ones(n)).fit() if n > 1 else None
    by_group = None if few else plain.get_robustcov_results("cluster", groups=group)
    out = {"value": p, "variance": None if few else by_group.bse[0] ** 2}
    if few and len(sizes) < n:
        return out
    least = n**2 / (sizes**2).sum()
    effective = least
    if len(sizes) < n and 0 < p < 1:
        parts = np.bincount(group, hits - p) ** 2
        spread = len(parts) * parts.var(ddof=1)
        freedom = len(parts) - 1
        if spread > 0:
            freedom = min(freedom, 2 * parts.sum() ** 2 / spread)
        with np.errstate(all="ignore"):
            effective = n * plain.bse[0] ** 2 / by_group.bse[0] ** 2
        t = stats.t.ppf(1 - alpha / 2, [n - 1, freedom])
        effective = np.clip(effective * (t[0] / t[1]) ** 2, least, n)
    low, high = proportion_confint(p * effective, effective, alpha, "wilson")
    return out | {"low": low, "high": high}


def decisions(case):
    truth, predicted = np.array(case["truth"]), np.array(case["predicted"])
    varied = len(set(truth)) > 1 and len(set(predicted)) > 1
    agreed = len(set(truth)) == 1 and set(truth) == set(predicted)
    return {
        "mcc": metrics.matthews_corrcoef(truth, predicted) if varied else None,
        "kappa": None if agreed else metrics.cohen_kappa_score(truth, predicted),
    }


def predictive_values(truth, found):
    return [
        metrics.precision_score(truth, found) if found.any() else None,
        metrics.precision_score(truth, found, pos_label=0) if not found.all() else None,
    ]


def ranking(case):
    truth, score = np.array(case["truth"]), np.array(case["scores"])
    out = {"ppv_npv": predictive_values(truth, score >= case["threshold"])}
    if truth.any():
        out["average_precision"] = metrics.average_precision_score(truth, score)
    if truth.any() and not truth.all():
        fpr, tpr, thresholds = metrics.roc_curve(truth, score, drop_intermediate=False)
        out["sensitivity"] = tpr[1 - fpr >= case["specificity"]].max()
        out["youden"] = (tpr - fpr)[1:].max()
        out["youden_threshold"] = thresholds[1:][(tpr - fpr)[1:] > out["youden"] - 1e-12][0]
    out["brier"] = 2 * metrics.brier_score_loss(truth, score)
    return out


def clustered_variance(case):
    """Obuchowski 1997, Biometrics 53:567, as written there."""
    truth, score, group = (np.array(case[k]) for k in ("truth", "scores", "groups"))
    x, y = score[truth == 1], score[truth == 0]
    wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    area = wins.mean()
    v10, v01 = wins.mean(axis=1), wins.mean(axis=0)
    names = np.unique(group)
    d10 = np.array([(v10[group[truth == 1] == g] - area).sum() for g in names])
    d01 = np.array([(v01[group[truth == 0] == g] - area).sum() for g in names])
    i10, i01, i = len(set(group[truth == 1])), len(set(group[truth == 0])), len(names)
    s10 = i10 / ((i10 - 1) * len(x)) * (d10**2).sum()
    s01 = i01 / ((i01 - 1) * len(y)) * (d01**2).sum()
    s11 = i / (i - 1) * (d10 * d01).sum()
    return s10 / len(x) + s01 / len(y) + 2 * s11 / (len(x) * len(y))


def holm(case):
    return multipletests(case, method="holm")[1].tolist()


def dunnett(case):
    """By sums over the standard's mean and the logarithm of the common error, on a fine grid."""
    z = np.linspace(-9, 9, 361)
    u = np.linspace(*np.log(stats.chi2(case["freedom"]).ppf([1e-13, 1 - 1e-13])), 3001)
    density = np.exp(stats.chi2.logpdf(np.exp(u), case["freedom"]) + u)
    below = special.log_ndtr(np.sqrt(2 * np.exp(u) / case["freedom"])[:, None] * case["t"] + z)
    above = -np.expm1(case["comparisons"] * below) @ stats.norm.pdf(z) * (z[1] - z[0])
    return (above * density).sum() * (u[1] - u[0])


def not_inferior(case):
    """Pairs are [a, b, a - b, its error, degrees of freedom]. Of every level the largest adjusted
    p over its pairs; the levels step by step from the smallest."""
    margin, levels = case["margin"], case["levels"]
    tests = [[] for _ in range(levels)]
    for a, b, difference, error, freedom in case["pairs"]:
        tests[a].append(((difference + margin) / error, freedom))
        tests[b].append(((margin - difference) / error, freedom))

    def hardest(level, comparisons):
        return max(
            dunnett({"t": t, "freedom": freedom, "comparisons": comparisons})
            for t, freedom in tests[level]
        )

    order = sorted(range(levels), key=lambda level: hardest(level, levels - 1))
    steps = [hardest(k, min(levels - rank, levels - 1)) for rank, k in enumerate(order)]
    p_values = np.empty(levels)
    p_values[order] = np.maximum.accumulate(steps)
    return p_values.tolist()


def resampled(case):
    d = np.array(case["differences"])
    error = np.sqrt((1 / len(d) + case["ratio"]) * d.var(ddof=1))
    t = d.mean() / error
    interval = stats.t.interval(0.95, len(d) - 1, d.mean(), error)
    return [error, 2 * stats.t.sf(abs(t), len(d) - 1), *interval]


def paired_t(case):
    return stats.ttest_1samp(case, 0).pvalue


def seeds(case):
    """Obuchowski & Rockette's parts and Hillis's degrees of freedom from a covariance matrix."""
    auc, influence = np.array(case["auc"]), np.array(case["influence"])
    n = len(auc)
    covariance = influence @ influence.T
    pairs = [(s, t) for s in range(n) for t in range(n) if s != t]
    parts = np.mean([influence[s] * influence[t] for s, t in pairs], axis=0)
    groups = len(parts)
    freedom = min(groups - 1, 2 * parts.sum() ** 2 / (groups * parts.var(ddof=1)))
    shared = max(0, covariance[~np.eye(n, dtype=bool)].mean())
    between = auc.var(ddof=1)
    variance = between / n + shared
    df = variance**2 / ((between / n) ** 2 / (n - 1) + shared**2 / freedom)
    p = stats.t.sf((auc.mean() - case["bound"]) / np.sqrt(variance), df)
    return [auc.mean(), between, shared, np.sqrt(variance), df, p]


def percentile(case):
    """Hesterberg 2015, section 4.5, as written there."""
    n = case["groups"]
    outwards = np.sqrt(n / (n - 1)) * stats.t.ppf(0.975, n - 1)
    return np.quantile(case["draws"], stats.norm.cdf([-outwards, outwards])).tolist()


def within(case):
    """By numbers: the slope of the scale by differences, its inverse by scipy."""
    low, high, value = case["low"], case["high"], case["value"]

    def scale(v):
        return np.log(v - low) if high is None else special.logit((v - low) / (high - low))

    slope = (scale(value + 1e-6) - scale(value - 1e-6)) / 2e-6
    ends = stats.t.interval(0.95, case["freedom"], scale(value), slope * case["error"])
    if high is None:
        return [low + np.exp(end) for end in ends]
    return [low + (high - low) * special.expit(end) for end in ends]


def reliability(case):
    truth, p, bins = np.array(case["truth"]), np.array(case["stated"]), case["bins"]
    observed, stated = calibration.calibration_curve(truth, p, n_bins=bins)
    images = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], p), minlength=bins)
    filled = images[images > 0]
    error = (filled * abs(observed - stated)).sum() / len(p)
    return {"images": images.tolist(), "stated": stated.tolist(), "observed": observed.tolist(),
            "error": error}


def calibration_line(case):
    """The intercept with the logit as an offset, and the slope beside a free intercept."""
    truth, p = np.array(case["truth"]), np.array(case["stated"])
    x = np.log(np.maximum(p, 1e-15)) - np.log(np.maximum(1 - p, 1e-15))
    tight = {"maxiter": 500, "tol": 1e-14}
    of_offset = sm.GLM(truth, np.ones(len(x)), sm.families.Binomial(), offset=x).fit(**tight)
    free = sm.GLM(truth, sm.add_constant(x), sm.families.Binomial()).fit(**tight)
    return [of_offset.params[0], free.params[1]]


def temperature(case):
    p = np.array(case["probabilities"]).reshape(len(case["labels"]), -1)
    labels = case["labels"]

    def loss(t):
        return -special.log_softmax(np.log(p) / t, axis=1)[np.arange(len(p)), labels].sum()

    best = optimize.minimize_scalar(loss, bounds=(0.05, 20), method="bounded",
                                    options={"xatol": 1e-9}).x
    return [best, special.softmax(np.log(p) / best, axis=1).ravel().tolist()]


def spearman(case):
    a, b = case
    r = stats.spearmanr(a, b).statistic
    if np.isnan(r):
        return [None, None, None]
    if len(a) < 4 or abs(r) == 1:
        return [r, None, None]
    error = np.sqrt((1 + r**2 / 2) / (len(a) - 3))  # Bonett & Wright 2000
    return [r, *np.tanh(np.arctanh(r) + stats.norm.ppf([0.025, 0.975]) * error)]


cases = json.load(open(sys.argv[1]))
functions = [wilson, clustered_proportion, decisions, ranking, clustered_variance, holm,
             dunnett, not_inferior, resampled, paired_t, seeds, percentile, within, reliability,
             calibration_line, temperature, spearman]
expected = {f.__name__: [f(case) for case in cases[f.__name__]]
            for f in functions if f.__name__ in cases}
print(json.dumps(expected))
