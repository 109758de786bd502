"""How well stain vectors solve Vahadane's objective, beside those that scikit-learn finds.

sparse_stains.py IMAGE.rgb W...: the six numbers are haematoxylin's red, green, blue, then eosin's.
Prints the objective of W, and that of scikit-learn's dictionary, over the stained pixels.
"""
import sys

import numpy as np
from sklearn.decomposition import DictionaryLearning, sparse_encode

with open(sys.argv[1], "rb") as file:
    height, width = np.frombuffer(file.read(8), dtype="<i4")
    pixels = np.frombuffer(file.read(), dtype=np.uint8).reshape(height * width, 3)
density = -np.log((pixels.astype(float) + 1) / 240)
stained = density[density.mean(1) >= 0.15]
PENALTY = 0.1


def objective(stains):
    codes = sparse_encode(stained, stains, algorithm="lasso_cd", alpha=PENALTY, positive=True, max_iter=10000)
    return 0.5 * ((stained - codes @ stains) ** 2).sum() + PENALTY * codes.sum()


start = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]])
start /= np.linalg.norm(start, axis=1, keepdims=True)
learning = DictionaryLearning(
    2, alpha=PENALTY, fit_algorithm="cd", transform_algorithm="lasso_cd", positive_code=True, positive_dict=True,
    max_iter=300, tol=1e-7, dict_init=start,
    code_init=sparse_encode(stained, start, algorithm="lasso_cd", alpha=PENALTY, positive=True), random_state=0)
theirs = learning.fit(stained).components_
print(objective(np.array(sys.argv[2:8], dtype=float).reshape(2, 3)), objective(theirs))
