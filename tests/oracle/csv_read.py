"""Prints a CSV file as JSON, read by Python's csv module: csv_read.py FILE."""

import csv
import json
import sys

with open(sys.argv[1], newline="", encoding="utf-8") as text:
    print(json.dumps(list(csv.reader(text, strict=True))))
