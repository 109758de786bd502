"""Python's word on exported models, by the code that docs/tuned-models.md shows.

  tuned_model.py MODEL IO ...  for each pair prints the largest absolute difference between the logits
                               of the model for IO's "pixels" (bytes, N x size x size x 3) and IO's
                               "logits"
"""
import pathlib
import re
import sys
import warnings

import torch

import zoo_oracle

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "tuned-models.md"


def code_of(document):
    return re.search(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL).group(1)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_num_threads(2)
    shown = {}
    exec(compile(code_of(DOCS), str(DOCS), "exec"), shown)
    with torch.no_grad():
        for model_file, io_file in zip(sys.argv[1::2], sys.argv[2::2]):
            model, card = shown["load_tuned"](model_file)
            io = zoo_oracle.read_safetensors(io_file)
            logits = model(shown["preprocess"](io["pixels"], card))
            print((logits - io["logits"]).abs().max().item())
