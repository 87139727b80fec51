"""SQL of the loaders: sets in, sets out."""
