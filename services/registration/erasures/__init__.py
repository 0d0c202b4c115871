"""Erasures: who a person was is removed everywhere, and each service confirms it."""
