"""What must hold of the books, as queries that return their offenders: there must be none."""

from typing import NamedTuple


class Invariant(NamedTuple):
    number: int
    name: str
    offenders: str


INVARIANTS = [
    Invariant(1, "rows out of bounds", """
        SELECT id, allocated, issued FROM funding_fundingsource
         WHERE NOT (0 <= allocated AND allocated <= issued AND issued < 'NaN')
        UNION ALL
        SELECT id, paid, received FROM funding_allocation WHERE NOT (0 <= paid AND paid <= received AND received <= granted)"""),
    Invariant(2, "allocations that differ from the replay of their transfers", """
        SELECT a.id, a.granted - p.granted, a.received - p.received, a.paid - p.paid
          FROM funding_allocation a
          LEFT JOIN (SELECT allocation_id, sum(granted) AS granted, sum(received) AS received, sum(paid) AS paid
                       FROM funding_posting GROUP BY 1) p ON p.allocation_id = a.id
         WHERE (a.granted, a.received, a.paid) IS DISTINCT FROM (coalesce(p.granted, 0), coalesce(p.received, 0), coalesce(p.paid, 0))"""),
    Invariant(3, "sources that differ from the replay of their transfers", """
        SELECT s.id, s.issued - t.issued, s.allocated - t.allocated
          FROM funding_fundingsource s
          LEFT JOIN (SELECT source_id,
                            sum(CASE kind WHEN 'issue' THEN 1 WHEN 'cancel_issue' THEN -1 ELSE 0 END * sign * amount) AS issued,
                            sum(CASE kind WHEN 'grant' THEN 1 WHEN 'withdraw' THEN -1 ELSE 0 END * sign * amount) AS allocated
                       FROM funding_transfer GROUP BY 1) t ON t.source_id = s.id
         WHERE (s.issued, s.allocated) IS DISTINCT FROM (coalesce(t.issued, 0), coalesce(t.allocated, 0))"""),
    Invariant(4, "sources whose allocated is not what was granted from them", """
        SELECT s.id, s.allocated, sum(a.granted)
          FROM funding_fundingsource s LEFT JOIN funding_allocation a ON a.source_id = s.id
         GROUP BY s.id HAVING s.allocated <> coalesce(sum(a.granted), 0)"""),
    Invariant(5, "status rows that differ from their allocations", """
        SELECT s.project_id, s.allocated - sum(a.granted), s.received - sum(a.received), s.paid - sum(a.paid), s.funding_kinds
          FROM projects_status s
          JOIN funding_allocation a ON a.project_id = s.project_id JOIN funding_fundingsource c ON c.id = a.source_id
         GROUP BY s.project_id
        HAVING (s.allocated, s.received, s.paid) IS DISTINCT FROM (sum(a.granted), sum(a.received), sum(a.paid))
            OR s.funding_kinds <> coalesce(array_agg(DISTINCT c.kind ORDER BY c.kind) FILTER (WHERE a.granted > 0), '{}')"""),
    Invariant(6, "vouchers that stand twice in one source", """
        SELECT t.source_id, t.voucher_no, count(*) FROM funding_transfer t
         WHERE t.sign = 1 AND t.voucher_no <> '' AND NOT EXISTS (SELECT FROM funding_transfer r WHERE r.reverses_id = t.id)
         GROUP BY 1, 2 HAVING count(*) > 1"""),
    Invariant(7, "reversals that are no mirror of their original, or the second one", """
        SELECT r.id, o.id, o.kind FROM funding_transfer r LEFT JOIN funding_transfer o ON o.id = r.reverses_id
         WHERE r.sign = -1 AND (r.kind, r.source_id, r.allocation_id, r.target_id, r.amount, 1)
                               IS DISTINCT FROM (o.kind, o.source_id, o.allocation_id, o.target_id, o.amount, o.sign)
            OR EXISTS (SELECT FROM funding_transfer b WHERE b.reverses_id = r.reverses_id AND b.id <> r.id)"""),
    Invariant(8, "transfers without request where a second person must agree, or with one made by one person", """
        SELECT t.id, t.kind, r.state FROM funding_transfer t LEFT JOIN funding_transferrequest r ON r.id = t.request_id
         WHERE (t.sign = -1 OR t.kind NOT IN ('receive', 'pay', 'refund')) AND (r.decided_by_id = r.requested_by_id) IS NOT FALSE"""),
]  # fmt: skip
