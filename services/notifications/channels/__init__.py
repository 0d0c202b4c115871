"""How a notification leaves: SMS and e-mail, and what a text costs."""
