"""Mean, standard error and Student-t interval by scipy. In: JSON, a list of lists of numbers.
Out: JSON, a list of [mean, standard error, low, high]."""

import json
import sys

import numpy as np
from scipy import stats


def figures(values):
    mean, error = np.mean(values), stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=error)
    return [mean, error, low, high]


print(json.dumps([figures(values) for values in json.load(open(sys.argv[1]))]))
