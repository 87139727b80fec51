"""Long proofs: contested writes, faults, histories; run by make proof."""
