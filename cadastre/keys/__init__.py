"""Signing keys: what can be done with one, wherever it is kept.

``kinds`` says what a key can do; ``token`` keeps keys behind PKCS#11;
``softhsm`` provides the token of development.
"""
