"""Answers questions about sample pixels from the formula alone, never from the stored arrays.

Reads JSON lines ``[sample, level, t, c, z, y, x]`` on standard input and writes one JSON number a line.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "samples"))

import formula

for line in sys.stdin:
    sample, level, t, c, z, y, x = json.loads(line)
    print(json.dumps(int(formula.value(sample, level, t, c, z, y, x))), flush=True)
