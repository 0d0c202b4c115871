"""The audit log: who did, saw or exported what, when, from where and why."""
