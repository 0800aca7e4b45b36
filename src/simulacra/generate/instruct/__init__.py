"""Data written by models under an instruction: a sentence becomes a plan, the plan is filled row by row.

`compile` turns the sentence into a recipe's entries; `plan` says which cell each slot fills; `draw`, `templates` and
`write` make the fields; `build` puts them together as a flow for the row runner.
"""
