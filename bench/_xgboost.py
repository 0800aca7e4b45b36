"""What XGBoost says of a synthetic table, as JSON; run by quality.py in the peers' environment.

train, unseen : unclipped AUC of a default model, 3 folds, made rows against the rows learned from and the test rows.
utility : trained on the made rows, tested on the test rows: AUC (mean over classes), or the RMSE of the log target, cut
to 1..20,000 as TabSyn does; of three depths the best on a tenth of the made rows. real : trained on the real rows.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from xgboost import XGBClassifier, XGBRegressor


def matrices(frames, categories):
    both = pd.concat(frames, ignore_index=True)
    for name in both.columns:
        both[name] = (
            both[name].astype(str).astype("category")
            if name in categories
            else pd.to_numeric(both[name], errors="coerce").astype("float32")
        )
    ends = np.cumsum([0, *map(len, frames)])
    return [both.iloc[start:end] for start, end in pairwise(ends)]


def detection(real, made, categories):
    rows = min(len(real), len(made))
    rng = np.random.default_rng(0)
    parts = [frame.iloc[rng.permutation(len(frame))[:rows]] for frame in (real, made)]
    both = pd.concat(matrices(parts, categories), ignore_index=True)
    truth = np.r_[np.ones(rows), np.zeros(rows)]
    scores = []
    for fit, test in StratifiedKFold(3, shuffle=True, random_state=0).split(both, truth):
        model = XGBClassifier(tree_method="hist", enable_categorical=True, random_state=0, n_jobs=1)
        model.fit(both.iloc[fit], truth[fit])
        scores.append(roc_auc_score(truth[test], model.predict_proba(both.iloc[test])[:, 1]))
    return float(np.mean(scores))


def utility(learn, test, target, categories):
    if learn is None:
        return None
    numeric = target not in categories
    a, b = matrices([learn, test], categories - {target})
    x, unseen = (side.drop(columns=target) for side in (a, b))
    if numeric:
        y, truth = (np.log(np.clip(side[target].to_numpy(float), 1, 20_000)) for side in (learn, test))
        kept, known = ~np.isnan(y), ~np.isnan(truth)
        x, y, unseen, truth = x[kept], y[kept], unseen[known], truth[known]
    else:
        names, codes = np.unique(pd.concat([learn[target], test[target]]).astype(str), return_inverse=True)
        y, truth = codes[: len(learn)], codes[len(learn) :]
    order = np.random.default_rng(0).permutation(len(y))
    check, fit = order[: len(y) // 10], order[len(y) // 10 :]
    kind = XGBRegressor if numeric else XGBClassifier
    told = {"tree_method": "hist", "enable_categorical": True, "random_state": 0, "n_jobs": 1}
    models = []
    for depth in (4, 6, 9):
        model = kind(max_depth=depth, learning_rate=0.1, n_estimators=400, early_stopping_rounds=20, **told)
        models.append(model.fit(x.iloc[fit], y[fit], eval_set=[(x.iloc[check], y[check])], verbose=False))
    best = min(models, key=lambda model: model.best_score)
    if numeric:
        return float(np.sqrt(np.mean((best.predict(unseen) - truth) ** 2)))
    chances = best.predict_proba(unseen)
    return float(np.mean([roc_auc_score(truth == k, chances[:, k]) for k in range(len(names))]))


train, test, made = (pd.read_parquet(path) for path in sys.argv[1:4])
info = json.loads(Path(sys.argv[4]).read_text())
categories = {name for name, told in info["columns"].items() if told["type"] == "categorical"}
found = {
    "train": detection(train, made, categories),
    "unseen": detection(test, made, categories),
    "utility": utility(made, test, info["target"], categories),
}
if sys.argv[5:] == ["real"]:
    found["utility"] = utility(train, test, info["target"], categories)
print(json.dumps(found))
