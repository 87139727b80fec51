-- Keys are registered and revoked by the owner's login: whoever takes over the application signs nothing with it.
REVOKE INSERT, UPDATE ON registry.signing_key FROM cadastre_write;
