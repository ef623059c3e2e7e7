"""Examples of commands, as their help shows them; the tests parse each and build what it asks for."""

from collections.abc import Mapping

OF_A_RUN: Mapping[str, tuple[str, ...]] = {
    "What": (
        "harness run --method bifair               # on MovieLens-100K, beside AlphaRec",
        "harness run --method joint --group popularity --set config.loss=erm",
        "harness run --method lightgcn --seed 1 --dry-run   # what it would be and take",
    ),
    "Study": (
        "harness run --study main --budget smoke --jobs 2",
        "harness run --study sensitivity --method bifair",
        "harness run --study main --seeds 5 --trials 30",
    ),
    "Where": (
        "harness run --method bifair --tracking-uri http://localhost:5000",
        "harness run --method bifair --home /tmp/try --experiment first-try",
        "harness run --method bifair --register fair-movies",
    ),
    "Machine": (
        "harness run --method bifair --threads 1 --device cpu",
        "harness run --study main --jobs 4 --offline",
        "harness run --study main --cluster tcp://SERVER:8786",
    ),
}
"""By the heading of options that they use."""
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "run": tuple(example for examples in OF_A_RUN.values() for example in examples),
    "evaluate": (
        "harness evaluate last --fairness popularity",
        "harness evaluate last --fairness popularity --set bins=10",
        "harness evaluate RUN --fairness mine.py --json",
    ),
    "compare": (
        "harness compare RUN last                  # ids, their beginnings or names",
        "harness compare RUN RUN RUN --all",
        "harness compare RUN last --html runs.html",
    ),
    "recommend": (
        "harness recommend last --user 57 --k 20",
        "harness recommend last --items 12,99,105  # for somebody new",
        "harness recommend RUN --all --to lists.parquet",
    ),
    "export-vectors": (
        "harness export-vectors last --to vectors.parquet",
        "harness export-vectors last --of items --to items.csv",
        "harness export-vectors RUN --of users --to users.jsonl",
    ),
    "report": (
        "harness report main                       # of the budget that ran last",
        "harness report main --budget smoke --to report",
        "harness report results/main-default       # of a folder of records",
    ),
    "export": (
        "harness export main --to records",
        "harness export main --budget full --to records",
        "harness export results/main-default --to copy",
    ),
    "results make": (
        "harness results results --dry-run         # what is missing, how long it takes",
        "harness results results --jobs 2 --hours 1   # the next call goes on",
        "harness results results --to RESULTS.md --site site",
    ),
    "results verify": (
        "harness results verify results            # three runs of all",
        "harness results verify results --sample 10 --seed 1",
        "harness results verify results --only main-default",
    ),
    "results add": (
        "harness results add records",
        "harness results add records --name ours --to results",
        "harness results add records --to results",
    ),
    "list": (
        "harness list                              # everything there is",
        "harness list methods",
        "harness list groupings --plugin mine.py",
    ),
    "ui": (
        "harness ui",
        "harness ui --port 0 --no-browser",
        "harness ui --host 0.0.0.0 --allowed-hosts lab.example",
    ),
    "data new": (
        "harness data new books loans.csv books.csv",
        "harness data new books loans.csv --user reader --item book --dry-run",
        "harness data new books loans.parquet books.parquet --force",
    ),
    "data audit": (
        "harness data audit movielens-100k",
        "harness data audit movielens-100k --plot tail.pdf",
        "harness data audit long-tail --set dataset_options.n_items=500 --seed 1",
    ),
    "data export": (
        "harness data export movielens-100k folder",
        "harness data export movielens-100k folder --vectors",
        "harness data export long-tail folder --set dataset_options.n_users=500",
    ),
}
"""By the words of the command."""
