"""By which channels a person is reached, and in which order."""

import uuid
from dataclasses import dataclass

from django.db import connection

# user_id, channel, contact_point_id, place: e-mail first, then what is the person's own, then the robots of the nearest
# office above that has any. Of one channel a person has one, the nearest.
CHANNELS = """
SELECT DISTINCT ON (way.user_id, way.channel) way.user_id, way.channel, way.contact_point_id, way.place
  FROM (SELECT u.id AS user_id, 'email' AS channel, NULL::uuid AS contact_point_id, 0 AS place
          FROM accounts_user u WHERE u.is_active AND u.email <> ''
        UNION ALL
        SELECT u.id, own.channel, own.id, 1
          FROM reminders_contactpoint own JOIN accounts_user u ON u.id = own.user_id WHERE own.is_active AND u.is_active
        UNION ALL
        SELECT u.id, shared.channel, shared.id, 2
          FROM accounts_user u JOIN accounts_office o ON o.id = u.office_id
          JOIN LATERAL (SELECT above.id FROM accounts_office above
                         WHERE starts_with(o.path, above.path)
                           AND EXISTS (SELECT FROM reminders_contactpoint p WHERE p.office_id = above.id AND p.is_active)
                         ORDER BY length(above.path) DESC LIMIT 1) nearest ON true
          JOIN reminders_contactpoint shared ON shared.office_id = nearest.id AND shared.is_active
         WHERE u.is_active AND EXISTS (SELECT FROM reminders_contactpoint any_shared WHERE any_shared.office_id IS NOT NULL)) way
 ORDER BY way.user_id, way.channel, way.place, way.contact_point_id
"""

# The first way of each person that has not failed them in this window.
BEST = f"""
SELECT DISTINCT ON (c.user_id) c.user_id, c.channel, c.contact_point_id
  FROM ({CHANNELS}) c
 WHERE NOT EXISTS (SELECT FROM reminders_delivery gone
                    WHERE gone.recipient_id = c.user_id AND gone.channel = c.channel AND gone."window" = %(window_day)s
                      AND gone.gave_up_at IS NOT NULL AND gone.resends_id IS NULL)
 ORDER BY c.user_id, c.place, array_position(ARRAY['email', 'dingtalk', 'wecom', 'feishu', 'webhook'], c.channel)
"""


@dataclass(frozen=True)
class Way:
    channel: str
    contact_point_id: uuid.UUID | None


def ways_to(user_id: uuid.UUID) -> list[Way]:
    """The channels of one person, the first to be tried first."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT channel, contact_point_id FROM ({CHANNELS}) c WHERE user_id = %s ORDER BY place, channel", [user_id])
        return [Way(channel, contact_point_id) for channel, contact_point_id in cursor.fetchall()]
