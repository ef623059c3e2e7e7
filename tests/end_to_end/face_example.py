"""The face for Python as a notebook uses it: a script that tests run, from a checkout and from an installed wheel.

``python face_example.py [DATA_FOLDER]``, in a folder that has ``decade.py``. Everything is tiny. Prints where the
package is, and how far a run's lists, given to ``evaluate_lists``, are from the run's own metrics.
"""

import json
import sys
from pathlib import Path

import pandas as pd
import polars as pl

import harness as h
from harness.cli.app import main

DATA = Path(sys.argv[1]) if len(sys.argv) > 1 else None
TINY = {"training": {"max_epochs": 1}, "encoder": {"name": "random"}, "evaluation": {"origins": False}}
MACHINE = {"compute": {"threads": 1}}

# A spec, three ways.
spec = h.RunSpec(method="bifair", dataset="movielens-100k", seed=0, **TINY, **MACHINE)
assert h.build_spec({"method": "bifair", "seed": 0} | TINY | MACHINE) == spec
Path("file.json").write_text(json.dumps(spec.model_dump(mode="json")))
assert h.load_spec("file.json") == spec

# A run and its tables.
run = h.run(spec, data=DATA)
assert run.spec == spec
assert run.metrics["test/ndcg_at_20"] > 0
assert run.to_frame().filter(split="test", grouping="genre", metric="cv").height == 2
assert isinstance(run.to_frame().to_pandas(), pd.DataFrame)
assert {"genre", "popularity"} == {*run.groups["grouping"]}
assert run.top_lists["rank"].max() == 20

# Found again (BiFair's epoch was chosen by comparison with it), compared, scored under another definition.
other = h.run(h.build_spec({"method": "alpharec"} | TINY | MACHINE), data=DATA)
assert run.against.run == other.id
assert h.find_runs(dataset="movielens-100k", evaluated="test") == [run, other]
assert h.load_run(run.id) == run
comparison = h.compare([run, other], resamples=100, data=DATA)
assert comparison.to_frame()["difference"].drop_nulls().len() > 0
assert "bifair on movielens-100k" in repr(comparison)
decades = h.rescore(run, fairness="decade.py", data=DATA)
assert "1990s" in decades.groups["group"]
try:
    h.RunSpec(method="bifare")
except h.HarnessError as error:
    misspelt = str(error)
assert misspelt == "unknown method 'bifare': did you mean 'bifair'?"

# A study.
study = h.run_study("sensitivity", method="bifair", budget="smoke", trials=1, data=DATA, **TINY, **MACHINE)
assert {"curve", "trial"} == {*study.to_frame()["stage"]}
assert study.to_frame()["config.eta"].drop_nulls().len() > 0
assert study.report("folder").is_file()
assert h.load_study("sensitivity").id == study.id

# Data without files: from polars, and the same from pandas; then a study on them in processes of its own.
interactions = pl.DataFrame(
    {"user": [i // 10 for i in range(240)], "item": [(7 * i + i // 10) % 30 for i in range(240)]}
)
genres = [["prose"] if i % 3 else ["verse", "prose"] for i in range(30)]
items = pl.DataFrame({"item": range(30), "title": [f"Book {i}" for i in range(30)], "genres": genres})
users = pl.DataFrame({"user": range(24)})
own = h.dataset_from_frames(interactions, items, users)
assert h.dataset_from_frames(interactions.to_pandas(), items.to_pandas(), users.to_pandas()) == own
mine = h.run(h.build_spec({"method": "ease", "dataset": own} | MACHINE))
assert h.find_runs(dataset=own) == [mine]
many = h.run_study("methods", method="most_popular", budget="smoke", dataset=own, jobs=2, **MACHINE)
assert not [record for record in many.records.runs if not record.finished]

# Anybody's own lists: for a run's, the run's own metrics.
exported = ["data", "export", "movielens-100k", "split", *(["--data", str(DATA)] if DATA else [])]
assert main(exported) == 0
kept = {name: pl.read_parquet(f"split/{name}.parquet") for name in ("interactions", "items")}
part = {name: kept["interactions"].filter(part=name) for name in ("training", "validation", "test")}
scores = h.evaluate_lists(
    run.top_lists.select("user", "item", "rank"),
    part["test"],
    items=kept["items"],
    training=part["training"],
    validation=part["validation"],
    fairness=["genre", "popularity"],
    ks=[10, 20],
)
own = {key: value for key, value in run.metrics.items() if key.startswith("test/")}
assert own.keys() == scores.metrics.keys()
furthest = max(abs(scores.metrics[key] - value) for key, value in own.items())
assert furthest <= 1e-12
print(json.dumps({"package": h.__file__, "version": h.__version__, "furthest": furthest}))
