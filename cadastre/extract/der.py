"""Writes and reads DER (X.690): CMS objects of our profiles, byte for byte the same from the same parts.

Signatures are written here and rebuilt from their free parts when they are
checked, so that no byte of them is left to chance.
"""

from __future__ import annotations

import hashlib

SEQUENCE, SET, OCTET_STRING, OID, INTEGER, NULL = 0x30, 0x31, 0x04, 0x06, 0x02, 0x05
BIT_STRING = 0x03
EXPLICIT_0, IMPLICIT_0, IMPLICIT_1 = 0xA0, 0xA0, 0xA1


def tlv(tag: int, *parts: bytes) -> bytes:
    r"""Write one element from the content that the parts make together.

    Examples
    --------
    >>> tlv(SEQUENCE, tlv(INTEGER, b"\x01")).hex()
    '3003020101'
    >>> tlv(OCTET_STRING, bytes(200))[:3].hex()
    '0481c8'
    """
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def oid(dotted: str) -> bytes:
    """Write an object identifier.

    Examples
    --------
    >>> oid("1.2.840.113549.1.7.2").hex()
    '06092a864886f70d010702'
    """
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    octets = bytearray()
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        octets += bytes(reversed(groups))
    return tlv(OID, bytes(octets))


def set_of(*members: bytes, tag: int = SET) -> bytes:
    """Write a SET OF, its members in DER's order."""
    return tlv(tag, *sorted(members))


def integer(value: int) -> bytes:
    """Write a number that is not negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def members(element: bytes, tag: int) -> list[bytes]:
    """Read the elements that one with a certain tag is made of, each with its header.

    Raises
    ------
    ValueError
        It is another element, or not DER.

    Examples
    --------
    >>> [part.hex() for part in members(bytes.fromhex("3006020101020102"), SEQUENCE)]
    ['020101', '020102']
    """
    content, parts = value(element, tag), []
    place = 0
    while place < len(content):
        header, length = _header(content, place)
        parts.append(content[place : place + header + length])
        place += header + length
    return parts


def value(element: bytes, tag: int) -> bytes:
    """Read what an element with a certain tag holds; nothing may follow it."""
    header, length = _header(element, 0)
    if element[0] != tag or header + length != len(element):
        raise ValueError("another element")
    return element[header:]


def _header(data: bytes, place: int) -> tuple[int, int]:
    """Length of the header and of the content of the element at a place."""
    if place + 2 > len(data) or data[place] & 0x1F == 0x1F:
        raise ValueError("no element")
    first = data[place + 1]
    if first < 0x80:
        header, length = 2, first
    else:
        size = first & 0x7F
        octets = data[place + 2 : place + 2 + size]
        if not 1 <= size <= 4 or len(octets) != size or octets[0] == 0:
            raise ValueError("length")
        header, length = 2 + size, int.from_bytes(octets, "big")
        if length < 0x80:
            raise ValueError("length")
    if place + header + length > len(data):
        raise ValueError("too short")
    return header, length


CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE_V2 = oid("1.2.840.113549.1.9.16.2.47")
TIME_STAMP_TOKEN = oid("1.2.840.113549.1.9.16.2.14")
DATA = oid("1.2.840.113549.1.7.1")
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
TST_INFO = oid("1.2.840.113549.1.9.16.1.4")
SHA256 = tlv(SEQUENCE, oid("2.16.840.1.101.3.4.2.1"), tlv(NULL))
SHA256_RSA = tlv(SEQUENCE, oid("1.2.840.113549.1.1.11"), tlv(NULL))


def attribute(kind: bytes, value: bytes) -> bytes:
    """Write an attribute with one value."""
    return tlv(SEQUENCE, kind, tlv(SET, value))


def certificate_binding(certificate: bytes, issuer: bytes, serial: bytes) -> bytes:
    """Write the value that binds a signature to its certificate (ESSCertIDv2 with issuer and serial)."""
    names = tlv(SEQUENCE, tlv(0xA4, issuer))
    identified = tlv(
        SEQUENCE, tlv(OCTET_STRING, hashlib.sha256(certificate).digest()), tlv(SEQUENCE, names, serial)
    )
    return tlv(SEQUENCE, tlv(SEQUENCE, identified))


def signed_attributes(content_type: bytes, digest: bytes, binding: bytes) -> bytes:
    """Write the signed attributes of our profiles as the SET that is signed."""
    return set_of(
        attribute(CONTENT_TYPE, content_type),
        attribute(MESSAGE_DIGEST, tlv(OCTET_STRING, digest)),
        attribute(SIGNING_CERTIFICATE_V2, binding),
    )


def signer_info(
    issuer_and_serial: bytes,
    attributes: bytes,
    signature: bytes,
    *,
    digest_algorithm: bytes = SHA256,
    signature_algorithm: bytes = SHA256_RSA,
    token: bytes | None = None,
) -> bytes:
    """Write the one signer; ``token`` is the time stamp on his signature."""
    unsigned = b"" if token is None else tlv(IMPLICIT_1, attribute(TIME_STAMP_TOKEN, token))
    return tlv(
        SEQUENCE,
        integer(1),
        issuer_and_serial,
        digest_algorithm,
        tlv(IMPLICIT_0, value(attributes, SET)),
        signature_algorithm,
        tlv(OCTET_STRING, signature),
        unsigned,
    )


def signed_data(
    signer: bytes,
    certificates: list[bytes],
    *,
    content_type: bytes = DATA,
    content: bytes | None = None,
    digest_algorithm: bytes = SHA256,
) -> bytes:
    """Write a CMS object with one signer; ``content`` stays outside when it is None."""
    held = b"" if content is None else tlv(EXPLICIT_0, tlv(OCTET_STRING, content))
    body = tlv(
        SEQUENCE,
        integer(1 if content_type == DATA else 3),
        tlv(SET, digest_algorithm),
        tlv(SEQUENCE, content_type, held),
        set_of(*certificates, tag=IMPLICIT_0) if certificates else b"",
        tlv(SET, signer),
    )
    return tlv(SEQUENCE, SIGNED_DATA, tlv(EXPLICIT_0, body))


def issuer_and_serial_of(issuer: bytes, serial: bytes) -> bytes:
    """Write the name that CMS knows a certificate by."""
    return tlv(SEQUENCE, issuer, serial)


__all__ = [
    "BIT_STRING",
    "CONTENT_TYPE",
    "DATA",
    "EXPLICIT_0",
    "IMPLICIT_0",
    "IMPLICIT_1",
    "INTEGER",
    "MESSAGE_DIGEST",
    "NULL",
    "OCTET_STRING",
    "OID",
    "SEQUENCE",
    "SET",
    "SHA256",
    "SHA256_RSA",
    "SIGNED_DATA",
    "SIGNING_CERTIFICATE_V2",
    "TIME_STAMP_TOKEN",
    "TST_INFO",
    "attribute",
    "certificate_binding",
    "integer",
    "issuer_and_serial_of",
    "members",
    "oid",
    "set_of",
    "signed_attributes",
    "signed_data",
    "signer_info",
    "tlv",
    "value",
]
