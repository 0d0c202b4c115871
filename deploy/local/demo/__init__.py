"""The demo: the information seminar in Barda, played over the public API alone.

families   who comes: 14 families of Ağdam, Laçın and Kəlbəcər who live in Bərdə
seminar    what they come to, and the reason why it moves
play       the story, step by step: `play_seminar`
desk       the calls of the registration desk and the organiser, as a client makes them
texts      waiting until everybody has been told
printout   what each phone and mailbox received, as a table

`python -m deploy.local.demo` waits for the services and plays it. It can be played again and
again on one system: every time other families come.
"""
