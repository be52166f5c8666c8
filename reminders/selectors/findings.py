"""What is wrong with the chase itself: who cannot be told, what did not arrive, what the calendar lacks."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.querysets import HOLDS
from accounts.roles import Act, Principal
from common.errors import Denied
from reminders.selectors.addresses import CHANNELS
from reminders.selectors.turns import HELD, made_by, nobody_approves
from reminders.sources import awaited, sources

LOOKED_BACK = dt.timedelta(days=30)
CALENDAR_DUE_MONTH = 10  # the State Council publishes the next year's holidays in autumn
AT_MOST = 100  # of one kind


@dataclass(frozen=True)
class Finding:
    """`level` is error (nobody is told) or warn; `subject` {kind, id, name}; `since` the day it began, as far as is known."""

    code: str
    level: str
    subject: dict[str, Any]
    detail: str
    since: dt.date | None


def findings(actor: Principal, *, today: dt.date) -> list[Finding]:
    """All of them, errors first. Raises Denied."""
    if not (actor.may(Act.SUPERVISE) or actor.may(Act.READ_DELIVERIES)):
        raise Denied
    roles = sorted({str(role) for source in sources() for role in source.roles})
    values: dict[str, Any] = {"today": today, "from": today - LOOKED_BACK, "limit": AT_MOST, "roles": roles, "month": CALENDAR_DUE_MONTH}
    with connection.cursor() as cursor:
        cursor.execute(ALL.replace("{requests}", _to_be_decided()), values)
        found = [_finding(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda one: (one.level != "error", one.code, one.subject["name"]))


def _to_be_decided() -> str:
    """SQL: all that waits for somebody who may decide dates and reports."""
    kinds = {source.kind for source in sources() if source.has_maker}
    return " UNION ALL ".join(f"SELECT q.* FROM ({entry.requests}) q" for entry in awaited() if entry.kind in kinds)


def shape(finding: Finding) -> dict[str, Any]:
    return asdict(finding)


def _finding(code: str, kind: str, key: Any, name: str, count: int, other: str, since: dt.date | None) -> Finding:
    values = {"name": name, "n": count, "other": other}
    level, sentence = {
        "calendar_missing": ("warn", _("%(name)s 年的放假调休尚未录入，暂按周一至周五计工作日。国务院办公厅公布后请在日历中录入。")),
        "nobody_at_all": ("error", _("%(name)s没有可接收提醒的督查人员：下级单位无人时，提醒无处可送。")),
        "audience_fell": ("warn", _("%(name)s无人可接收提醒，%(n)s 条已改送%(other)s。")),
        "dead_letter": ("error", _("给%(name)s的 %(n)s 封未送达：%(other)s")),
        "no_channel": ("warn", _("%(name)s（%(other)s）没有联系渠道，收不到任何提醒。")),
        "nobody_decides": ("error", _("%(name)s有 %(n)s 件申请无人可以审批（申请人不审批自己的申请）：请为该单位或其上级指定审核人。")),
        "admin_decides": ("warn", _("%(name)s及其上级没有可以审批的审核人，%(n)s 件申请由系统管理员审批。")),
        "mute_undecided": ("warn", _("对“%(name)s”的静默等待复核，%(other)s提出。")),
    }[code]
    return Finding(code, level, {"kind": kind, "id": key, "name": name}, sentence % values, since)


# who may be told today: in office, with an address
LISTENS = f"""SELECT FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
                     WHERE m.role = ANY (%(roles)s) AND u.id IN (SELECT user_id FROM ({CHANNELS}) reached)
                       AND {HOLDS}"""

ADMINISTRATORS = f"SELECT FROM {HELD} WHERE m.role = 'admin'"

ALL = f"""
(SELECT 'nobody_at_all', 'office', c.id, c.name, 0::bigint, '', NULL::date FROM accounts_office c
  WHERE c.kind = 'city_office' AND NOT EXISTS ({LISTENS.replace("ANY (%(roles)s)", "ANY ('{supervisor}'::text[])")} AND m.office_id = c.id))
UNION ALL  -- from October on the next year must be official: till then its days are Monday to Friday
(SELECT 'calendar_missing', 'calendar', NULL, next.year::text, 0, '', make_date(next.year - 1, %(month)s, 1)
   FROM (SELECT extract(year FROM %(today)s::date)::integer + 1 AS year) next
  WHERE extract(month FROM %(today)s::date) >= %(month)s
    AND NOT EXISTS (SELECT FROM common_workday w
                     WHERE w.is_official AND w.day BETWEEN make_date(next.year, 1, 1) AND make_date(next.year, 12, 31)))
UNION ALL
(SELECT 'audience_fell', 'office', f.id, f.name, count(DISTINCT (r.subject_kind, r.subject_id)), min(t.name),
        (min(r.created_at) AT TIME ZONE 'Asia/Shanghai')::date
   FROM reminders_reminder r JOIN accounts_office f ON f.id = r.fell_from_id JOIN accounts_office t ON t.id = r.recipient_office_id
  WHERE r.fell_from_id IS NOT NULL AND r.due_at >= %(from)s AND NOT EXISTS ({LISTENS} AND m.office_id = f.id)
  GROUP BY f.id, f.name LIMIT %(limit)s)
UNION ALL
(SELECT 'dead_letter', 'person', p.id, p.name, count(*), (array_agg(d.last_error ORDER BY d.updated_at DESC))[1], min(d."window")
   FROM reminders_delivery d JOIN accounts_user p ON p.id = d.recipient_id
  WHERE d.state = 'dead' AND d.updated_at >= %(from)s
    AND NOT EXISTS (SELECT FROM reminders_delivery s WHERE s.recipient_id = d.recipient_id AND s.state = 'sent' AND s.sent_at > d.updated_at)
  GROUP BY p.id, p.name LIMIT %(limit)s)
UNION ALL
(SELECT 'no_channel', 'person', p.id, p.name, 0, coalesce(o.name, ''), NULL
   FROM accounts_user p LEFT JOIN accounts_office o ON o.id = p.office_id
  WHERE p.is_active AND p.id NOT IN (SELECT user_id FROM ({CHANNELS}) reached)
    AND (EXISTS (SELECT FROM accounts_membership m WHERE m.user_id = p.id AND m.role = ANY (%(roles)s) AND {HOLDS})
      OR EXISTS (SELECT FROM projects_assignment a WHERE a.user_id = p.id AND a.part IN ('lead', 'patron')
                    AND (a.valid_from_on IS NULL OR a.valid_from_on <= %(today)s) AND (a.valid_until_on IS NULL OR a.valid_until_on >= %(today)s)))
  ORDER BY p.name LIMIT %(limit)s)
UNION ALL
(SELECT 'mute_undecided', 'mute', m.id, coalesce(nullif(m.subject_name, ''), p.name, o.name), 0, m.requested_by_name, m.from_on
   FROM reminders_mute m LEFT JOIN projects_project p ON p.id = m.project_id LEFT JOIN accounts_office o ON o.id = m.office_id
  WHERE m.state = 'requested' AND m.until_on >= %(today)s LIMIT %(limit)s)
UNION ALL
(SELECT CASE WHEN w.has_admin THEN 'admin_decides' ELSE 'nobody_decides' END, 'office', f.id, f.name, count(*), '',
        (min(w.asked_at) AT TIME ZONE 'Asia/Shanghai')::date
   FROM (SELECT p.office_id, q.asked_at, EXISTS ({ADMINISTRATORS} AND {made_by("u.id", "q.asked_by_id")} IS NOT TRUE) AS has_admin
           FROM ({{requests}}) q JOIN projects_project p ON p.id = q.project_id
          WHERE {nobody_approves("p.office_id", "q.asked_by_id")} AND {nobody_approves("p.authority_id", "q.asked_by_id")}) w
   JOIN accounts_office f ON f.id = w.office_id GROUP BY w.has_admin, f.id, f.name ORDER BY count(*) DESC LIMIT %(limit)s)
"""
