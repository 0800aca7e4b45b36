"""Unclipped ROC-AUC of a default XGBoost, 3 folds, synthetic rows against train and against test; run by quality.py."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from xgboost import XGBClassifier


def auc(real, made, categories):
    rows = min(len(real), len(made))
    rng = np.random.default_rng(0)
    parts = [frame.iloc[rng.permutation(len(frame))[:rows]] for frame in (real, made)]
    both = pd.concat(parts, ignore_index=True)
    for name in both.columns:
        both[name] = (
            both[name].astype(str).astype("category")
            if name in categories
            else pd.to_numeric(both[name], errors="coerce").astype("float32")
        )
    truth = np.r_[np.ones(rows), np.zeros(rows)]
    scores = []
    for fit, test in StratifiedKFold(3, shuffle=True, random_state=0).split(both, truth):
        model = XGBClassifier(tree_method="hist", enable_categorical=True, random_state=0, n_jobs=1)
        model.fit(both.iloc[fit], truth[fit])
        scores.append(roc_auc_score(truth[test], model.predict_proba(both.iloc[test])[:, 1]))
    return float(np.mean(scores))


train, test, made = (pd.read_parquet(path) for path in sys.argv[1:4])
columns = json.loads(Path(sys.argv[4]).read_text())["columns"]
categories = {name for name, told in columns.items() if told["type"] == "categorical"}
print(f"{auc(train, made, categories):.3f} {auc(test, made, categories):.3f}")
