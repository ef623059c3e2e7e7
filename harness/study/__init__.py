"""Studies: many runs that answer one question, each nested in one parent run.

:mod:`spec` says what a study declares, :mod:`files` where its file is; :mod:`grid` compares methods, :mod:`search`
lets Optuna vary parameters; :mod:`isolate` carries a run out in a process of its own.
"""
