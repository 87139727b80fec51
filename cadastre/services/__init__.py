"""What the register can be asked: extracts and their verification, properties, parcels, districts."""
