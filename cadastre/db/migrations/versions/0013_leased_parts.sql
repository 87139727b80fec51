-- One lessee may lease two parts of one plot: a holder has one current entry of a kind for the whole, and one for
-- each part. Whether parts overlap is a rule (holder-repeated); what is entered twice alike is refused here.
DROP INDEX cadastre.uq_property_right_holder;
CREATE UNIQUE INDEX uq_property_right_holder ON cadastre.property_right
    (property_id, kind, party_id, (coalesce(md5(part_geom::text), '')))
    WHERE superseded_leaf IS NULL AND valid_to IS NULL;
