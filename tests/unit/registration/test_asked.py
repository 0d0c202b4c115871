"""The summary of mistakes: each field by its label, in the page's order."""

from services.registration.desk.asked import Asked


def test_mistakes_are_listed_from_top_to_bottom_with_the_labels_of_their_fields() -> None:
    asked = Asked()
    asked.within("Person 1")
    asked.note("members.0.sex", "Sex")
    asked.within()
    asked.note("head_id", "Who is the head now?")
    errors = {"head_id": "Fill this in.", "members.0.sex": "Fill this in.", "consent": "Not right."}
    assert asked.summed(errors) == [
        ("consent", "Not right."),
        ("members.0.sex", "Person 1, Sex: Fill this in."),
        ("head_id", "Who is the head now? Fill this in."),
    ]
