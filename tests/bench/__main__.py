"""`python3 -m engine bench [names]`: benchmarks, each against a floor in the same run. Ratios and medians: machines are noisy."""

import sys

from tests.bench import (
    adventureworks,
    hot_key,
    ledger_reads,
    ledger_rebuild,
    posting,
    replenishment,
    rules,
    structures,
    tryton,
)

BENCHMARKS = {
    "rules": rules.main,
    "posting": posting.main,
    "hot_key": hot_key.main,
    "ledger_reads": ledger_reads.main,
    "ledger_rebuild": ledger_rebuild.main,
    "replenishment": replenishment.main,
    "structures": structures.main,
    "adventureworks": adventureworks.main,
    "tryton": tryton.main,
}


def main() -> None:
    """Run the named benchmarks, or all."""
    names = sys.argv[1:] or list(BENCHMARKS)
    for name in names:
        if name not in BENCHMARKS:
            raise SystemExit(f"There is no benchmark {name}: {', '.join(BENCHMARKS)}.")
        print(f"\n== {name}")
        BENCHMARKS[name]()


main()
