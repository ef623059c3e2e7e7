"""Studies: many runs that answer one question, each nested in one parent run.

What is declared: :mod:`study_spec`, :mod:`study_files`, :mod:`points`. What is compared: an :mod:`arm`. What is to be
done: :mod:`plan`, :mod:`search_plan`. Doing it: :mod:`grid` compares, after :mod:`tuning`, and :mod:`search` varies,
both by way of :mod:`trials` in Optuna's :mod:`trial_storage`; :mod:`execute` carries out single runs. What remains:
:mod:`records`, each with a :mod:`status`; in an :mod:`archive` they stand for runs made elsewhere.
"""
