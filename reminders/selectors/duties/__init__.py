"""What a person owes, over every kind of obligation: the rows, how many by when, what was done; and what one waits for."""

from reminders.selectors.duties.mine import answers
from reminders.selectors.duties.owed import Duty, duties, page
from reminders.selectors.duties.standing import Tally, overdue, spans, standing, tally

__all__ = ["Duty", "Tally", "answers", "duties", "overdue", "page", "spans", "standing", "tally"]
