"""What is done to a patch once its stain vectors are known, by scikit-learn and numpy.

given_stains.py PATCH VAHADANE... MACENKO...: each six numbers, haematoxylin's red, green, blue, then
eosin's. Reads PATCH.rgb; writes PATCH_vahadane.rgb (normalized by Vahadane et al. 2016: sparse
amounts, stretched to the target's) and PATCH_own.rgb (amounts scaled and shifted along the patch's
own stains and the complement of HistomicsTK).
"""
import sys

import numpy as np
from sklearn.decomposition import sparse_encode

patch = sys.argv[1]
sparse, own = np.array(sys.argv[2:14], dtype=float).reshape(2, 2, 3)
with open(patch + ".rgb", "rb") as file:
    height, width = np.frombuffer(file.read(8), dtype="<i4")
    pixels = np.frombuffer(file.read(), dtype=np.uint8).reshape(-1, 3).astype(float)


def emit(name, values):
    values = np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)
    with open(f"{patch}_{name}.rgb", "wb") as out:
        out.write(np.array([height, width], dtype="<i4").tobytes() + values.tobytes())


density = -np.log((pixels + 1) / 240)
stained = density.mean(1) >= 0.15
amounts = sparse_encode(density, sparse, algorithm="lasso_cd", alpha=0.01, positive=True,
                        max_iter=10000)
target = np.array([[0.5626, 0.7201, 0.4062], [0.2159, 0.8012, 0.5581]])
amounts *= np.array([1.9705, 1.0308]) / np.percentile(amounts[stained], 99, axis=0)
emit("vahadane", 240 * np.exp(-amounts @ target) - 1)

rest = np.cross(own[0], own[1])
space = np.vstack([own, rest / np.linalg.norm(rest)])
amounts = np.linalg.solve(space.T, -np.log((pixels.T + 1) / 256)).T
amounts = amounts * [1.2, 0.85, 1.1] + [0.05, -0.03, 0.02]
emit("own", 256 * np.exp(-amounts @ space) - 1)
