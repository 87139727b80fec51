"""The questions whose answer must be 0 whoever wins a contest: each counts one kind of fault."""

from __future__ import annotations

NOT_WHOLE = """
    SELECT count(*) FROM (
        SELECT bool_or(joint) AND (NOT bool_and(joint) OR count(*) < 2) OR count(DISTINCT kind) > 1
               OR NOT bool_or(joint) AND sum(share_numerator::numeric / share_denominator) <> 1 AS broken
          FROM cadastre.property_right
         WHERE property_id = :property AND kind IN ('ownership', 'future_ownership')
           AND superseded_leaf IS NULL AND valid_to IS NULL) s WHERE broken
"""
SOLD_UNDER_ARREST = """
    SELECT count(*) FROM cadastre.property_right n JOIN ledger.leaf nl ON nl.leaf_id = n.recorded_leaf
      JOIN cadastre.restriction a USING (property_id) JOIN ledger.leaf al ON al.leaf_id = a.recorded_leaf
     WHERE property_id = :property AND a.kind = 'arrest' AND n.right_id <> :right
       AND nl.closing_number > al.closing_number
"""
OUT_OF_TURN = """
    SELECT count(*) FROM (
        SELECT p.place, lag(p.place) OVER (ORDER BY l.closing_number) AS before
          FROM registry.case_property p JOIN registry.case_step s USING (case_id)
          JOIN ledger.leaf l ON l.leaf_id = s.recorded_leaf
         WHERE s.kind = 'register' AND p.property_id = :property) t WHERE place < before
"""
PAST_A_NOTICE = """
    SELECT count(*) FROM registry.case_property p JOIN registry.case_step s USING (case_id)
      JOIN registry.priority_notice n USING (property_id)
     WHERE s.kind = 'register' AND p.property_id = :property AND n.journal_number < p.place AND n.state = 'held'
"""
QUEUE_BROKEN = """
    SELECT count(*) - count(DISTINCT queue_number) + (max(queue_number) <> count(*))::integer
      FROM registry.priority_notice WHERE property_id = :property AND superseded_leaf IS NULL
"""
NOTICE_USED_TWICE = "SELECT greatest(count(*) - 1, 0) FROM registry.case_property WHERE notice_id = :notice"
NOTICE_TWICE_CURRENT = """
    SELECT abs(count(*) - 1) FROM registry.priority_notice WHERE notice_id = :notice AND superseded_leaf IS NULL
"""
FILED_ON_STALE = """
    SELECT count(*) FROM registry.case_property p JOIN ledger.leaf l ON l.leaf_id = p.recorded_leaf
      JOIN cadastre.property_right r USING (property_id) JOIN ledger.leaf rl ON rl.leaf_id = r.recorded_leaf
     WHERE property_id = :property AND p.version_seen = :version AND r.kind = 'lease'
       AND l.closing_number > rl.closing_number
"""
DECIDED_TWICE = """
    SELECT greatest(count(*) - 1, 0) FROM registry.case_step WHERE case_id = :case AND kind = 'register'
"""
SAME_EYES = """
    SELECT count(*) FROM registry.case_step a JOIN registry.case_step b USING (case_id, actor)
     WHERE case_id = :case AND a.kind = 'prepare' AND b.kind = 'register'
"""
STANDS_IN_CLOSED = """
    SELECT count(*) FROM cadastre.property_closure JOIN cadastre.property_right r USING (property_id)
     WHERE property_id = :property AND r.superseded_leaf IS NULL AND r.valid_to IS NULL
"""
CIRCLE = """
    SELECT count(*) FROM registry.party_link a JOIN registry.party_link b
        ON b.from_party_id = a.to_party_id AND b.to_party_id = a.from_party_id WHERE a.from_party_id = :seller
"""
TWO_SECTIONS = """
    SELECT greatest(count(*) - 1, 0) FROM cadastre.property_object
     WHERE parcel_id = :parcel AND superseded_leaf IS NULL AND valid_to IS NULL
"""
RANK_TWICE = """
    SELECT greatest(count(*) - 1, 0) FROM cadastre.restriction
     WHERE property_id = :property AND kind = 'mortgage' AND rank = 1 AND superseded_leaf IS NULL
"""
VERSIONS = """
    SELECT abs(count(*) - 1) FROM cadastre.parcel_version
     WHERE parcel_id = :parcel AND superseded_leaf IS NULL AND valid_to IS NULL
"""
EFFECTS = "SELECT abs(count(*) - 1) FROM registry.priority_notice WHERE property_id = :property"
