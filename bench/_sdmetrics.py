"""sdmetrics' Quality and Diagnostic reports on two parquet files, made and real; run by bench/validation.py."""

import sys

import pandas as pd
from sdmetrics.reports.single_table import DiagnosticReport, QualityReport

made, real = (pd.read_parquet(path) for path in sys.argv[1:3])
kinds = {True: "numerical", False: "categorical"}
columns = {name: {"sdtype": kinds[pd.api.types.is_numeric_dtype(real[name])]} for name in real}
for report in (QualityReport(), DiagnosticReport()):
    report.generate(real, made, {"columns": columns}, verbose=False)
    print(report.get_score())
