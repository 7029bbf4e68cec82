"""Run scripts/soak."""

import argparse
import asyncio
import json
import logging
import sys

from .report import report, text
from .run import RECORDERS, NotPossible, Plan, soak


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="Let a household of many satellites live, crash it, and tell what it kept, deleted, heard and cost.",
        epilog="exit status: 0 if no expectation was missed, 1 if one was, 2 if nothing could be run",
    )
    parser.add_argument("--minutes", type=float, default=20.0, help="of life, for each recorder (20)")
    parser.add_argument("--satellites", type=int, default=16, help="two of them hostile (16, at least 4)")
    parser.add_argument("--recorder", choices=(*RECORDERS, "all"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    return parser


def main() -> int:
    """Run what is asked for and print it; return the exit status."""
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.satellites < 4 or arguments.minutes <= 0:
        parser.error("at least 4 satellites, and some time")
    # A satellite goes on sending for a moment when its house was killed.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    reports = []
    for recorder in RECORDERS if arguments.recorder == "all" else (arguments.recorder,):
        plan = Plan(
            minutes=arguments.minutes,
            satellites=arguments.satellites,
            recorder=recorder,
            seed=arguments.seed,
        )
        try:
            told = report(asyncio.run(soak(plan)))
        except NotPossible as err:
            print(f"{recorder}: not possible here: {err}", file=sys.stderr)  # noqa: T201
            continue
        reports.append(told)
        if not arguments.json:
            print(text(told), flush=True)  # noqa: T201
    if arguments.json:
        print(json.dumps(reports, indent=2))  # noqa: T201
    if not reports:
        return 2
    return 0 if all(told["passed"] for told in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
