"""Random tables as Python's csv module writes them: csv_tables.py FOLDER COUNT writes N.csv and
N.json (a list of rows, the header first) for N below COUNT."""

import csv
import json
import pathlib
import random
import sys

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
rng = random.Random(7)
PIECES = ["a", "slide 3", ",", '"', '""', "\n", "\r\n", "é", "", " ", "0.25", "'", ";"]

for number in range(count):
    columns = rng.randint(1, 5)
    header = [f"column {i}" for i in range(columns)]
    rows = [["".join(rng.choices(PIECES, k=rng.randint(0, 4))) for _ in range(columns)]
            for _ in range(rng.randint(0, 8))]
    with open(folder / f"{number}.csv", "w", newline="", encoding="utf-8") as out:
        csv.writer(out, lineterminator=rng.choice(["\n", "\r\n"]),
                   quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])).writerows([header, *rows])
    (folder / f"{number}.json").write_text(json.dumps([header, *rows]), encoding="utf-8")
