-- The section of a claim that is given back is closed: its unit can be claimed again.

ALTER TABLE cadastre.property_closure DROP CONSTRAINT ck_property_closure_reason;
ALTER TABLE cadastre.property_closure ADD CONSTRAINT ck_property_closure_reason CHECK (reason IN ('division', 'merger',
    'partial_transfer', 'demolition', 'cancellation', 'renumbering', 'completion', 'dissolution'));
