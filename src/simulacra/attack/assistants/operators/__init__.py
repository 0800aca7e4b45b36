"""Operators: how a plain ask is turned into an attack, one file per family. Those of one case are applied by stage."""
