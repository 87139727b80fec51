-- What searches for a section go by beside its number: the paper it rests on, the street it lies in.
CREATE INDEX IF NOT EXISTS ix_property_paper ON cadastre.property (paper_number, paper_series)
    WHERE paper_number IS NOT NULL;
CREATE INDEX IF NOT EXISTS ix_street_folded ON address.street (cadastre.fold_text(name_az));
