"""The invariants of M4 as queries over the database and the logs. Each returns its offenders, and there must be none."""

import datetime as dt
from typing import Any, NamedTuple

import psycopg

from reminders.channels.message import LINES_IN_A_CHAT
from tests.storm import log, simulated


class Invariant(NamedTuple):
    number: int
    name: str
    offenders: str


TABLES = """
CREATE UNLOGGED TABLE storm_mail (
    number int, channel text, at timestamptz, message_id text, recipient text, claimed timestamptz, judged timestamptz, whole bool);
CREATE UNLOGGED TABLE storm_item (number int, reminder_id uuid);
CREATE UNLOGGED TABLE storm_death (message_id text, at timestamptz, place text);
CREATE UNLOGGED TABLE storm_over (deed text, key uuid, user_id uuid, since timestamptz, until timestamptz, due_on date);
CREATE UNLOGGED TABLE storm_kill (at timestamptz);
CREATE VIEW storm_told AS
    SELECT m.number, m.at, m.message_id, m.claimed, m.judged, r.*, g.kind AS rung_kind, g.audience, g.days
      FROM storm_mail m JOIN storm_item i USING (number)
      JOIN reminders_reminder r ON r.id = i.reminder_id JOIN reminders_rung g ON g.id = r.rung_id;
CREATE VIEW storm_open AS  -- what is owed, in our own words
    SELECT m.id, m.due_on FROM milestones_milestone m JOIN projects_project p ON p.id = m.project_id
     WHERE m.achieved_on IS NULL AND m.due_on IS NOT NULL AND p.stage NOT IN ('reserve', 'suspended', 'cancelled');
"""

OF_THE_END = {1, 10}  # what is owed must be told by the last day: a storm cut short says nothing of it

INVARIANTS = [
    Invariant(1, "open and due, highest rung not told", """
        WITH reached AS (
            SELECT DISTINCT ON (o.id, g.audience) o.id, o.due_on, g.id AS rung_id, g.audience, g.days
              FROM storm_open o JOIN common_workday w ON w.day = o.due_on
              JOIN reminders_rung g ON g.kind = 'after' AND g.subject_kind IS NULL
             WHERE w.nth <= (SELECT nth FROM common_workday WHERE day = %(last)s) - g.days
             ORDER BY o.id, g.audience, g.days DESC)
        SELECT * FROM reached x
         WHERE NOT EXISTS (
            SELECT FROM reminders_reminder r
             WHERE r.subject_id = x.id AND r.due_on = x.due_on AND r.rung_id = x.rung_id
               AND (r.state IN ('sent', 'acknowledged')
                    OR (r.state = 'superseded' AND EXISTS (
                        SELECT FROM reminders_reminder s WHERE s.subject_id = r.subject_id AND s.due_on = r.due_on
                           AND s.recipient_id = r.recipient_id AND s.sent_at IS NOT NULL))))"""),
    Invariant(2, "recorded as sent, and no mail in the log", """
        SELECT id FROM reminders_reminder r
         WHERE sent_at IS NOT NULL AND NOT EXISTS (SELECT FROM storm_item i WHERE i.reminder_id = r.id)
        UNION ALL
        SELECT id FROM reminders_delivery d
         WHERE state = 'sent' AND NOT EXISTS (SELECT FROM storm_mail m WHERE m.message_id = d.message_id)"""),
    Invariant(3, "copies beyond the crashes between send and record", """
        SELECT m.message_id FROM storm_mail m GROUP BY m.message_id
        HAVING count(*) - 1 > (SELECT count(*) FROM storm_death d WHERE d.message_id = m.message_id AND d.place = 'sent')
                            + (SELECT count(*) FROM storm_kill k WHERE EXISTS (
                                SELECT FROM storm_mail c WHERE c.message_id = m.message_id AND k.at BETWEEN c.claimed AND c.at + %(lease)s))
            OR count(DISTINCT m.recipient) > 1"""),
    Invariant(4, "one item in two different messages", """
        SELECT t.id FROM storm_told t
         WHERE NOT EXISTS (  -- its record died, then it was over and came back, or was put off: nobody can know that it was told
            SELECT FROM (SELECT message_id, at FROM storm_death WHERE place = 'sent' UNION SELECT NULL, at FROM storm_kill) d
             WHERE coalesce(d.message_id, t.message_id) = t.message_id AND d.at BETWEEN t.claimed AND t.at + %(lease)s
               AND (t.snoozed_until_on > (t.claimed AT TIME ZONE 'Asia/Shanghai')::date
                    OR EXISTS (SELECT FROM storm_over o WHERE o.key IN (t.subject_id, t.project_id) AND o.since >= t.claimed)))
         GROUP BY t.id HAVING count(DISTINCT t.message_id) > 1"""),
    Invariant(5, "mailed after it was achieved, judged at the claim", """
        SELECT t.id FROM storm_told t
          JOIN storm_over o ON o.deed = 'achieve' AND o.key = t.subject_id AND t.judged >= o.since AND t.judged < o.until"""),
    Invariant(6, "superior told before an earlier day's message to the answerable office", """
        SELECT t.id FROM storm_told t
         WHERE t.audience IN ('authority', 'patron')
           AND NOT EXISTS (
            SELECT FROM storm_told f
             WHERE f.subject_id = t.subject_id AND f.due_on = t.due_on AND f.rung_kind = 'after' AND f.audience = 'office'
               AND (f.claimed AT TIME ZONE 'Asia/Shanghai')::date < (t.claimed AT TIME ZONE 'Asia/Shanghai')::date)
           AND NOT EXISTS (  -- the office said that it knows, or put it off
            SELECT FROM reminders_reminder a JOIN reminders_rung g ON g.id = a.rung_id
             WHERE a.subject_id = t.subject_id AND a.due_on = t.due_on AND g.audience = 'office'
               AND (a.state = 'acknowledged' OR a.snoozed_until_on IS NOT NULL))"""),
    Invariant(7, "two digests of one person, channel and window", """
        SELECT recipient, day FROM (
            SELECT m.recipient, m.message_id, coalesce(min(d.window), min((m.claimed AT TIME ZONE 'Asia/Shanghai')::date)) AS day
              FROM storm_mail m LEFT JOIN reminders_delivery d USING (message_id) GROUP BY 1, 2) x
         GROUP BY 1, 2 HAVING count(*) > 1"""),
    Invariant(8, "mails outside the window or on free days", """
        SELECT m.number FROM storm_mail m
         WHERE NOT EXISTS (SELECT FROM common_workday w WHERE w.is_working AND w.day = (m.claimed AT TIME ZONE 'Asia/Shanghai')::date)
            OR (m.claimed AT TIME ZONE 'Asia/Shanghai')::time NOT BETWEEN %(opens)s AND %(closes)s
            OR m.at - m.claimed > %(lease)s"""),
    Invariant(9, "two rows of one subject, date, rung and person", """
        SELECT subject_kind, subject_id, due_on, rung_id, recipient_id
          FROM reminders_reminder GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1"""),
    Invariant(10, "left sending, failed, or ready without an open delivery", """
        SELECT id FROM reminders_delivery WHERE state IN ('sending', 'failed') OR (state = 'waiting' AND attempts > 0)
        UNION ALL
        SELECT r.id FROM reminders_reminder r JOIN reminders_rung g ON g.id = r.rung_id
          LEFT JOIN reminders_delivery d ON d.id = r.delivery_id
         WHERE r.state = 'pending' AND r.due_at <= %(end)s AND coalesce(d.state, 'none') NOT IN ('waiting', 'sending', 'failed')
           AND (g.audience IN ('office', 'filer') OR EXISTS (
                SELECT FROM storm_told f
                 WHERE f.subject_id = r.subject_id AND f.due_on = r.due_on AND f.rung_kind = 'after' AND f.audience = 'office'
                   AND (f.at AT TIME ZONE 'Asia/Shanghai')::date < %(last)s))"""),
    Invariant(11, "mailed about what was suspended, or to whom it was hidden", """
        SELECT t.id FROM storm_told t JOIN storm_over o ON o.key = t.project_id AND t.judged >= o.since AND t.judged < o.until
         WHERE o.deed = 'suspend' OR (o.deed = 'hide' AND o.user_id = t.recipient_id
               AND NOT EXISTS (SELECT FROM projects_assignment a WHERE a.user_id = t.recipient_id AND a.project_id = t.project_id))"""),
    Invariant(12, "one obligation twice in one message on the same side, or a message not whole", """
        SELECT number, subject_id, string_agg(rung_kind || days || audience || state || delivery_id, ' ') FROM storm_told
         GROUP BY number, subject_id, audience IN ('authority', 'patron') HAVING count(*) > 1
        UNION ALL SELECT number, NULL, 'not whole' FROM storm_mail WHERE NOT whole"""),
    Invariant(13, "told of a date that had moved away before the message was judged", """
        SELECT t.id FROM storm_told t
          JOIN storm_over o ON o.deed = 'move' AND o.key = t.subject_id AND o.due_on = t.due_on
           AND t.judged >= o.since AND t.judged < o.until"""),
    Invariant(14, "told of a project that was muted, judged at the claim", """
        SELECT t.id FROM storm_told t
          JOIN storm_over o ON o.deed = 'mute' AND o.key = t.project_id AND t.judged >= o.since AND t.judged < o.until"""),
]  # fmt: skip


def load(owner: psycopg.Connection, kills: list[float]) -> None:
    """Put the logs beside the tables, in simulated time."""
    owner.execute(TABLES)
    mails = log.read("mails.log")
    with owner.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO storm_mail VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    number,
                    m["channel"],
                    simulated.at(m["at"]),
                    m["message_id"],
                    m["to"][0],
                    m["claimed"],
                    simulated.at(m["judged"]),
                    _whole(m),
                )
                for number, m in enumerate(mails)
            ],
        )
        cursor.executemany(
            "INSERT INTO storm_item VALUES (%s, %s)", [(number, item) for number, m in enumerate(mails) for item in m["items"]]
        )
        cursor.executemany(
            "INSERT INTO storm_death VALUES (%s, %s, %s)",
            [(d["message_id"], simulated.at(d["at"]), d["place"]) for d in log.read("deaths.log")],
        )
        cursor.executemany("INSERT INTO storm_over VALUES (%s, %s, %s, %s, %s, %s)", _spans())
        cursor.executemany("INSERT INTO storm_kill VALUES (%s)", [(simulated.at(moment),) for moment in kills])


def _whole(mail: dict[str, Any]) -> bool:
    """A chat shows at most twenty lines, and links the rest."""
    items = len(mail["items"])
    shown = items if mail["channel"] == "email" else min(items, LINES_IN_A_CHAT)
    return len(mail["to"]) == 1 and mail["html"] and mail["lines"] == mail["links"] == shown and items == len(set(mail["items"]))


AGAIN = {"reopen": "achieve", "resume": "suspend", "unmute": "mute", "move to": "move"}
FOR_EVER = dt.datetime.max.replace(tzinfo=dt.UTC)


def _spans() -> list[tuple[Any, ...]]:
    """From when to when something was over: each beginning with the next end of its kind, of a move with the next to that date."""
    spans: list[tuple[Any, ...]] = []
    begun: dict[tuple[str, str, str | None], dict[str, Any]] = {}
    for deed in log.read("deeds.log"):
        kind, key, on = deed["deed"], deed["key"], deed.get("on")
        if kind == "hide":
            spans.append((kind, key, deed["user"], simulated.at(deed["at"]), FOR_EVER, None))
        elif deed["over"]:
            if first := begun.get((kind, key, on)):  # a mute that ran out, and the next
                spans.append(_span(first, None))
            begun[kind, key, on] = deed
        elif first := begun.pop((AGAIN[kind], key, on), None):
            spans.append(_span(first, simulated.at(deed["at"])))
    return spans + [_span(first, None) for first in begun.values()]


def _span(first: dict[str, Any], ended: dt.datetime | None) -> tuple[Any, ...]:
    """A mute ends by itself after its last day."""
    until = ended or FOR_EVER
    if last := first.get("until"):
        until = min(until, dt.datetime.combine(dt.date.fromisoformat(last) + dt.timedelta(days=1), dt.time(), simulated.CITY))
    return first["deed"], first["key"], None, simulated.at(first["at"]), until, first.get("on")


def offenders(owner: psycopg.Connection, invariant: Invariant) -> list[Any]:
    values = {
        "last": simulated.LAST_WORKING_DAY,
        "end": simulated.END,
        "opens": simulated.OPENS,
        "closes": simulated.CLOSES,
        "lease": simulated.real_span(simulated.LEASE_SECONDS),
    }
    return owner.execute(invariant.offenders.encode(), values).fetchall()
