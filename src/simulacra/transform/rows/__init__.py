"""Rows of tables and vectors as numbers: distances over mixed columns, interpolation, whether rules are kept."""

from .mixed import MixedRows, fields_fit, smote_vectors

__all__ = ["MixedRows", "fields_fit", "smote_vectors"]
