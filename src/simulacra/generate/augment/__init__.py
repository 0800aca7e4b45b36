"""Augmentation that helps or says no: variants, checks with reasons, a policy by grouped cross-validation."""
