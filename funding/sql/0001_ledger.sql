-- What each kind of movement does to which column, times its amount. Twin of lifecycle.MOVEMENTS.
CREATE VIEW funding_movement AS
    SELECT * FROM (VALUES
        ('issue',         1,  0,  0,  0,  0,  0,  0),
        ('cancel_issue', -1,  0,  0,  0,  0,  0,  0),
        ('grant',         0,  1,  1,  0,  0,  0,  0),
        ('withdraw',      0, -1, -1,  0,  0,  0,  0),
        ('receive',       0,  0,  0,  1,  0,  0,  0),
        ('return',        0,  0,  0, -1,  0,  0,  0),
        ('pay',           0,  0,  0,  0,  1,  0,  0),
        ('refund',        0,  0,  0,  0, -1,  0,  0),
        ('adjust_quota',  0,  0, -1,  0,  0,  1,  0),
        ('adjust_money',  0,  0, -1, -1,  0,  1,  1)
    ) AS m (kind, issued, allocated, granted, received, paid, target_granted, target_received);

-- Every effect of every transfer on an allocation: the ledger as it is replayed, on any day and as known at any time.
CREATE VIEW funding_posting AS
    SELECT t.id AS transfer_id, t.sequence, t.occurred_on, t.recorded_at, t.source_id, t.allocation_id,
           m.granted * t.sign * t.amount AS granted, m.received * t.sign * t.amount AS received, m.paid * t.sign * t.amount AS paid
      FROM funding_transfer t JOIN funding_movement m ON m.kind = t.kind
     WHERE t.allocation_id IS NOT NULL
    UNION ALL
    SELECT t.id, t.sequence, t.occurred_on, t.recorded_at, t.source_id, t.target_id,
           m.target_granted * t.sign * t.amount, m.target_received * t.sign * t.amount, 0
      FROM funding_transfer t JOIN funding_movement m ON m.kind = t.kind
     WHERE t.target_id IS NOT NULL;

-- NaN is above every number: issued once, it would pay for everything.
ALTER TABLE funding_transfer ADD CONSTRAINT amount_is_a_number CHECK (amount <> 'NaN');

-- The one way in which balances move: the insert of transfers. Everybody locks sources, then allocations, each by id, then two
-- set-based updates follow; the CHECKs on both tables refuse what may not be. Pools that a movement leaves alone are not locked.
-- Foreign keys are judged at commit, so what a movement names must be seen here: else it would never be posted, or never compared.
CREATE FUNCTION funding_post_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows n LEFT JOIN funding_transfer o ON o.id = n.reverses_id
                WHERE n.reverses_id IS NOT NULL
                  AND (n.kind, n.source_id, n.allocation_id, n.target_id, n.amount, 1)
                      IS DISTINCT FROM (o.kind, o.source_id, o.allocation_id, o.target_id, o.amount, o.sign)) THEN
        RAISE EXCEPTION 'a reversal mirrors its original' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_reversal_mirrors_its_original';
    END IF;
    IF EXISTS (SELECT FROM new_rows n
                WHERE n.sign = 1 AND n.entry <> 1
                  AND NOT EXISTS (SELECT FROM funding_transfer o JOIN funding_transfer r ON r.reverses_id = o.id
                                   WHERE o.source_id = n.source_id AND o.voucher_no = n.voucher_no AND o.sign = 1 AND o.entry = n.entry - 1)) THEN
        RAISE EXCEPTION 'a voucher is entered anew only after its reversal' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_voucher_is_entered_once';
    END IF;
    PERFORM 1 FROM funding_fundingsource
      WHERE id IN (SELECT n.source_id FROM new_rows n JOIN funding_movement m ON m.kind = n.kind WHERE m.issued <> 0 OR m.allocated <> 0)
      ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM funding_allocation
      WHERE id IN (SELECT allocation_id FROM new_rows UNION SELECT target_id FROM new_rows)
      ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM new_rows n
                WHERE NOT EXISTS (SELECT FROM funding_fundingsource s WHERE s.id = n.source_id)
                   OR EXISTS (SELECT FROM unnest(ARRAY[n.allocation_id, n.target_id]) AS x (id) LEFT JOIN funding_allocation a ON a.id = x.id
                               WHERE x.id IS NOT NULL AND a.source_id IS DISTINCT FROM n.source_id)) THEN
        RAISE EXCEPTION 'money stays within its source' USING ERRCODE = 'check_violation', CONSTRAINT = 'money_stays_within_its_source';
    END IF;
    UPDATE funding_fundingsource s SET issued = s.issued + d.issued, allocated = s.allocated + d.allocated
      FROM (SELECT n.source_id, sum(m.issued * n.sign * n.amount) AS issued, sum(m.allocated * n.sign * n.amount) AS allocated
              FROM new_rows n JOIN funding_movement m ON m.kind = n.kind GROUP BY n.source_id) d
     WHERE s.id = d.source_id AND (d.issued <> 0 OR d.allocated <> 0);
    UPDATE funding_allocation a SET granted = a.granted + d.granted, received = a.received + d.received, paid = a.paid + d.paid
      FROM (SELECT x.allocation_id, sum(x.granted) AS granted, sum(x.received) AS received, sum(x.paid) AS paid
              FROM (SELECT n.allocation_id, m.granted * n.sign * n.amount AS granted, m.received * n.sign * n.amount AS received,
                           m.paid * n.sign * n.amount AS paid
                      FROM new_rows n JOIN funding_movement m ON m.kind = n.kind WHERE n.allocation_id IS NOT NULL
                    UNION ALL
                    SELECT n.target_id, m.target_granted * n.sign * n.amount, m.target_received * n.sign * n.amount, 0
                      FROM new_rows n JOIN funding_movement m ON m.kind = n.kind WHERE n.target_id IS NOT NULL) x
             GROUP BY x.allocation_id) d
     WHERE a.id = d.allocation_id AND (d.granted <> 0 OR d.received <> 0 OR d.paid <> 0);
    RETURN NULL;
END $$;
CREATE TRIGGER balance_post AFTER INSERT ON funding_transfer REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION funding_post_transfers();

-- Nobody else moves a balance, nor what it belongs to: an UPDATE that does not come from the trigger above is refused.
CREATE FUNCTION funding_guard_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'balances of % change only by a transfer', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER balance_guard_insert BEFORE INSERT ON funding_fundingsource FOR EACH ROW
    WHEN (NEW.issued <> 0 OR NEW.allocated <> 0) EXECUTE FUNCTION funding_guard_balance();
CREATE TRIGGER balance_guard_update BEFORE UPDATE ON funding_fundingsource FOR EACH ROW
    WHEN ((OLD.issued, OLD.allocated, OLD.is_demonstration) IS DISTINCT FROM (NEW.issued, NEW.allocated, NEW.is_demonstration)
          OR (OLD.kind <> NEW.kind AND OLD.issued <> 0)) EXECUTE FUNCTION funding_guard_balance();
CREATE TRIGGER balance_guard_insert BEFORE INSERT ON funding_allocation FOR EACH ROW
    WHEN (NEW.granted <> 0 OR NEW.received <> 0 OR NEW.paid <> 0) EXECUTE FUNCTION funding_guard_balance();
CREATE TRIGGER balance_guard_update BEFORE UPDATE ON funding_allocation FOR EACH ROW
    WHEN ((OLD.granted, OLD.received, OLD.paid, OLD.source_id, OLD.project_id, OLD."use")
          IS DISTINCT FROM (NEW.granted, NEW.received, NEW.paid, NEW.source_id, NEW.project_id, NEW."use")) EXECUTE FUNCTION funding_guard_balance();

-- Transfers are append-only. Only generated money, which its source has said from the beginning, may be taken away again.
CREATE TRIGGER balance_refuse_update BEFORE UPDATE ON funding_transfer FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
ALTER TABLE funding_transfer ENABLE ALWAYS TRIGGER balance_refuse_update;

CREATE FUNCTION funding_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows o LEFT JOIN funding_fundingsource s ON s.id = o.source_id WHERE s.is_demonstration IS NOT TRUE) THEN
        RAISE EXCEPTION 'DELETE of % is refused', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balance_refuse_delete AFTER DELETE ON funding_transfer REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION funding_refuse_delete();
ALTER TABLE funding_transfer ENABLE ALWAYS TRIGGER balance_refuse_delete;
