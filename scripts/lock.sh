#!/usr/bin/env bash
# Makes requirements/*.txt (exact versions of everything) from requirements/*.in.
set -euo pipefail
cd "$(dirname "$0")/.."
for name in demo test; do
  .venv/bin/python -m pip install -q --dry-run --ignore-installed --report .cache/report.json -r "requirements/$name.in"
  .venv/bin/python - "$name" <<'PY'
import json
import sys

name = sys.argv[1]
report = json.load(open(".cache/report.json"))
rows = sorted((i["metadata"]["name"].lower().replace("_", "-"), i["metadata"]["version"]) for i in report["install"])
with open(f"requirements/{name}.txt", "w") as out:
    out.write(f"# Made from {name}.in by scripts/lock.sh; exact versions of everything.\n")
    out.writelines(f"{package}=={version}\n" for package, version in rows)
PY
done
