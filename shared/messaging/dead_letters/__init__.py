"""Dead letters: parked with their reason, looked at in their queue, replayed or dropped on record.

`<queue>.dead` is the one place that holds a dead letter. Looking gives every message back; nothing
leaves without a committed record. `qayidis dead`, the API and the console all go through here.
"""
