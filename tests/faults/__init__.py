"""The fault suite: a system under load, harm done to it by a schedule, and a judge outside."""
