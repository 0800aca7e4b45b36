"""Is it good: one file per metric, and what all of them stand on.

`assess.py` runs the metrics and gives the verdict, `gates.py` holds the bounds, `association.py` the matrix that the
report draws. Every other module without a leading underscore is one metric, found by the registry.

Three words used throughout:

floor : the same number between real rows and other real rows: what perfect synthetic data would show.
noise : the standard deviation of (value - floor) when the synthetic rows are as good as fresh real rows.
excess : how far a value lies on the wrong side of its floor.
"""
