"""Studies: many runs that answer one question, each nested in one parent run.

What is declared: :mod:`spec`, :mod:`files`, :mod:`points`. What is to be done: :mod:`plan`, :mod:`search_plan`. Doing
it: :mod:`run` is the way in; :mod:`grid` compares, after :mod:`tuning`, and :mod:`search` varies, both by way of
:mod:`trials` in Optuna's :mod:`storage`; :mod:`runner` carries out single runs, here or in the processes of
:mod:`parallel` and :mod:`worker`. What remains: :mod:`records`, written by :mod:`outcome`, read by :mod:`again`,
:mod:`archive` and :mod:`results`.
"""
