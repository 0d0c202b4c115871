"""A made-up populace: names, places and households with the frequencies of real ones."""
