"""Robustness of text classifiers: changes that must not matter, changes that must, texts whose class is known."""
