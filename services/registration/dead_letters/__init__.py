"""Dead letters of all services, for the operator: a page, and what is done in the audit log."""
