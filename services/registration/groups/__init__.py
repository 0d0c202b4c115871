"""Discussion groups: the people of an event split over N groups."""
