"""Judges an extract of the register with the network off and the register dead.

Usage: ``kadastr_verify.py FILE --trust DIR``; exit 0 AUTHENTIC, 1 NOT AUTHENTIC, 2 unusable. FILE is the
sealed PDF, or the JSON that issuing answered with. DIR holds ``*.pem`` (anchors of the seal), ``*.crl``,
``jws.json`` (JWK set; ``nbf``, ``exp`` bound a key) and, where there is a ledger, ``ledger.policy`` (C2SP
tlog-policy). Needs the standard library and ``cryptography``: read it whole before you believe it. Facts come
from the signed statement and the ledger's proof, never from a page; only the register knows what came later.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

MAX_BYTES, OLD_GAP, LEEWAY, NEVER = 32_000_000, 8194, 300, float("inf")
HEADER = b'{"alg":"EdDSA","b64":false,"crit":["b64"],"kid":"%s"}'
SCHEMA = re.compile("urn:kadastr:statement:[1-4]")
STATEMENT, JWS, PROOF, CODE = "statement.json", "statement.jws", "ledger-proof.txt", "verification-code.txt"
DIGEST, TIME_STAMPING = bytes.fromhex("06092a864886f70d010904"), x509.oid.ExtendedKeyUsageOID.TIME_STAMPING
RANGE = re.compile(rb"/ByteRange ?\[0 (\d{1,9}) (\d{1,9}) (\d{1,9})\]")
FILE = re.compile(rb"<</Type/Filespec/F\(([a-z.-]+)\)/UF\(\1\)/EF<</F (\d+) 0 R")
BODY = rb"\n%s 0 obj\n<</Length (\d+)/Type/EmbeddedFile(/Filter/FlateDecode)?/Subtype[^>]*>>>>\nstream\n"
UNFIT = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, StopIteration,
         UnsupportedAlgorithm, InvalidSignature, x509.ExtensionNotFound, zlib.error)  # fmt: skip
VERDICTS = ("AUTHENTIC (həqiqidir, подлинный)", "NOT AUTHENTIC (həqiqi deyil, неподлинный)")


class Refused(Exception):
    """Not authentic, for the reason of this code."""


def require(condition: object, code: str) -> None:
    """Stop with a reason unless a condition holds."""
    if not condition:
        raise Refused(code)


def strict_json(data: bytes | str) -> Any:
    """Parse JSON that names no key twice; all else that is odd cannot equal the canonical bytes we signed."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len(dict(pairs)) == len(pairs), "bad-bundle")
        return dict(pairs)

    return json.loads(data, object_pairs_hook=unique)


def canonical(value: Any) -> bytes:
    """Write what a statement may hold as RFC 8785 does: names are ASCII, and there are no fractions."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def check_statement(payload: bytes, jws: str, trust: dict[str, Any]) -> dict[str, Any]:
    """Check a detached JWS (RFC 7797, Ed25519), in the one spelling we write, over canonical bytes."""
    try:
        protected, signature = jws.encode("ascii").split(b"..")
        require(protected in trust["keys"], "unknown-key")
        jwk = trust["keys"][protected]
        raw = base64.urlsafe_b64decode(signature + b"==")
        jwk["key"].verify(raw, protected + b"." + payload)
        statement: dict[str, Any] = strict_json(payload)
        issued = datetime.fromisoformat(statement["issued_at"]).timestamp()
        spelled = base64.urlsafe_b64encode(raw).rstrip(b"=") == signature and canonical(statement) == payload
    except UNFIT:
        spelled = False
    require(spelled, "jws-mismatch")
    require(SCHEMA.fullmatch(statement["schema"]), "unknown-schema")
    require(issued <= time.time() + LEEWAY, "issued-in-future")
    require(jwk.get("nbf", 0) <= issued < jwk.get("exp", NEVER), "key-out-of-time")
    return statement


def quorum_time(policy: str, lines: list[str], body: bytes) -> float:
    """Moment by which a policy's log and quorum of witnesses had signed a checkpoint, or NEVER."""

    def signed_at(vkey: str) -> float:
        name, key_id, text = vkey.split("+", 2)
        raw = base64.b64decode(text)
        require(hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8] == key_id, "proof-wrong")
        for dash, signer, signature in (line.split(" ") for line in lines):
            signed = base64.b64decode(signature)
            if (dash, signer, signed[:4].hex()) == ("—", name, key_id):
                at = int.from_bytes(signed[4:-64], "big")
                said = b"cosignature/v1\ntime %d\n" % at if raw[0] == 4 else b""
                Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signed[-64:], said + body)
                return at
        return NEVER

    times, quorum, logged = {"none": 0.0}, "none", NEVER
    for word, *rest in (line.split() for line in policy.splitlines() if line.split("#")[0].strip()):
        if word == "log" and body.startswith(rest[0].split("+")[0].encode() + b"\n"):
            logged = min(logged, signed_at(rest[0]))
        elif word == "witness":
            times[rest[0]] = signed_at(rest[1])
        elif word == "group":
            count = {"any": 1, "all": len(rest) - 2}.get(rest[1]) or int(rest[1])
            times[rest[0]] = sorted(times[name] for name in rest[2:])[count - 1]
        elif word == "quorum":
            quorum = rest[0]
    return max(times[quorum], logged)


def check_proof(proof: str, payload: bytes, extract_id: str, policy: str) -> float:
    """Check that this very statement is in the ledger (C2SP tlog-proof); gives when the quorum saw it."""
    try:
        head, text, lines = proof.removesuffix("\n").split("\n\n")
        magic, opening, numbered, *path = head.split("\n")
        _, size, root = text.split("\n")[:3]
        made_of, index, last = strict_json(base64.b64decode(opening[6:])), int(numbered[6:]), int(size) - 1
        leaf, salt, rows = made_of["payload"], bytes.fromhex(made_of["salt"]), bytes.fromhex(made_of["rows"])
        said = {"statement_sha256": hashlib.sha256(payload).hexdigest(), "extract_id": extract_id}
        fits = said.items() <= strict_json(leaf).items() and 0 <= index <= last
        entry = hashlib.sha256(b"\0" + salt[:16] + leaf.encode()).digest() + rows[:32]
        node = hashlib.sha256(b"\0" + entry).digest()
        for sibling in map(base64.b64decode, path):  # RFC 9162, 2.1.3.2
            right = index & 1 or index == last
            node = hashlib.sha256(b"\1" + (sibling + node if right else node + sibling)).digest()
            while right and index and not index & 1:
                index, last = index >> 1, last >> 1
            index, last = index >> 1, last >> 1
        seen = quorum_time(policy, lines.split("\n"), text.encode() + b"\n")
        fits = (
            fits
            and (magic, last, node) == ("c2sp.org/tlog-proof@v1", 0, base64.b64decode(root))
            and seen < NEVER
        )
    except (*UNFIT, Refused):
        fits = False
    require(fits, "proof-wrong")
    return seen


def der(data: bytes) -> list[tuple[bytes, bytes]]:
    """Split DER into its elements, each with its content."""
    found: list[tuple[bytes, bytes]] = []
    while data:
        head = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
        end = head + int.from_bytes(data[2:head], "big") if head > 2 else 2 + data[1]
        found, data = [*found, (data[:end], data[head:end])], data[end:]
    return found


def issued_by(leaf: x509.Certificate, issuers: list[x509.Certificate]) -> bool:
    """Whether one of some CAs issued a certificate."""
    for issuer in issuers:
        try:
            leaf.verify_directly_issued_by(issuer)
            if issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                return True
        except UNFIT:
            continue
    return False


def read_cms(cms: bytes, digest: bytes, trust: dict[str, Any]) -> tuple[x509.Certificate, bytes, bytes]:
    """Check a CMS object of one signer and its chain; gives certificate, signature and what is not signed."""
    _, _, _, bag, *_, signers = der(der(der(der(cms)[0][1])[1][1])[0][1])
    _, named, _, attributes, _, signature, *rest = der(der(signers[1])[0][1])
    said = {oid[0]: value[1] for oid, value in (der(one[1]) for one in der(attributes[1]))}
    certificates = [x509.load_der_x509_certificate(one[0]) for one in der(bag[1])]
    cas = [*trust["anchors"], *(one for one in certificates if issued_by(one, trust["anchors"]))]
    (name, _), (_, serial) = der(named[1])
    signer = next(one for one in certificates if one.serial_number == int.from_bytes(serial, "big"))
    require(issued_by(signer, cas) and signer.issuer.public_bytes() == name, "seal-untrusted")
    key: Any = signer.public_key()
    key.verify(signature[1], b"\x31" + attributes[0][1:], padding.PKCS1v15(), SHA256())
    require(der(said[DIGEST])[0][1] == digest, "seal-broken")
    return signer, signature[1], rest[0][1] if rest else b""


def read_token(token: bytes, stamped: bytes, trust: dict[str, Any]) -> float:
    """Check an RFC 3161 token over some bytes; gives its time."""
    content = der(der(der(der(der(der(token)[0][1])[1][1])[0][1])[2][1])[1][1])[0][1]  # TSTInfo
    authority, _, _ = read_cms(token, hashlib.sha256(content).digest(), trust)
    _, _, (_, imprint), _, (_, generated), *_ = der(der(content)[0][1])
    purposes = authority.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    at = datetime.strptime(generated.decode()[:14] + "+0000", "%Y%m%d%H%M%S%z").timestamp()
    require(der(imprint)[1][1] == hashlib.sha256(stamped).digest(), "time-stamp-broken")
    require(TIME_STAMPING in purposes, "time-stamp-untrusted")
    require_in_time(authority, at, trust)
    return at


def require_in_time(certificate: x509.Certificate, at: float, trust: dict[str, Any]) -> None:
    """Refuse a certificate that was not valid, or was revoked, at a moment."""
    begin, end = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    require(begin <= at <= end, "seal-out-of-time")
    for crl in trust["crls"]:
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        known = entry and crl.issuer == certificate.issuer and entry.revocation_date_utc.timestamp() <= at
        require(not known, "seal-revoked")


def check_seal(pdf: bytes, trust: dict[str, Any]) -> tuple[x509.Certificate, float]:
    """Check that a seal of ours covers every byte of a file; gives certificate and time stamp (0: none)."""
    ranges = [tuple(map(int, found)) for found in RANGE.findall(pdf)]
    whole = [(start, end) for start, end, rest in ranges if 0 < start < end and end + rest == len(pdf)]
    require(len(whole) == 1, "changed-after-seal" if ranges else "no-seal")
    start, end = whole[0]
    try:
        raw = bytes.fromhex(pdf[start + 1 : end - 1].decode())
        cms = raw[: 4 + int.from_bytes(raw[2:4], "big")]
        spelled = b"<" + cms.hex().upper().encode().ljust(end - start - 2, b"0") + b">"
        require(pdf[start:end] == spelled, "seal-broken")
        signer, signature, unsigned = read_cms(cms, hashlib.sha256(pdf[:start] + pdf[end:]).digest(), trust)
        usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
        require(usage.content_commitment, "seal-untrusted")
        token = der(der(der(unsigned)[0][1])[1][1])[0][0] if end - start > OLD_GAP else b""
        return signer, read_token(token, signature, trust) if token else 0
    except UNFIT:
        raise Refused("seal-broken") from None


def attachments(pdf: bytes) -> dict[str, bytes]:
    """Read the files in a PDF that is under our seal: nobody but us wrote what is matched here."""
    found = {}
    for name, number in FILE.findall(pdf):
        objects = list(re.finditer(BODY % number, pdf))
        require(len(objects) == 1 and name.decode() not in found, "attachments")
        data = pdf[objects[0].end() :][: int(objects[0][1])]
        found[name.decode()] = zlib.decompressobj().decompress(data, MAX_BYTES) if objects[0][2] else data
    require({STATEMENT, JWS} <= set(found) <= {STATEMENT, JWS, PROOF, CODE}, "attachments")
    return found


def judge(data: bytes, trust: dict[str, Any]) -> list[str]:
    """Judge a document; gives the reasons to believe it."""
    if data.startswith(b"%PDF-"):
        (signer, stamped), files, reasons = check_seal(data, trust), attachments(data), ["seal-valid"]
        payload, jws, proof = (files.get(name, b"") for name in (STATEMENT, JWS, PROOF))
        statement = check_statement(payload, jws.decode(errors="replace"), trust)
        issued = datetime.fromisoformat(statement["issued_at"]).timestamp()
        require_in_time(signer, stamped or issued, trust)
        require(not stamped or stamped >= issued - LEEWAY, "seal-out-of-time")
    else:
        try:
            body, reasons = strict_json(data), []
            payload, proof = canonical(body["statement"]), (body.get("proof") or "").encode()
            statement = check_statement(payload, body["jws"], trust)
            same = all(body.get(name, statement[name]) == statement[name] for name in ("id", "issued_at"))
        except UNFIT:
            raise Refused("bad-bundle") from None
        require(same, "bundle-mismatch")
    proven = "proof-unchecked" if proof else "proof-absent"
    if proof and trust["policy"]:
        seen = check_proof(proof.decode(errors="replace"), payload, statement["id"], trust["policy"])
        proven = f"proof-valid, seen by {datetime.fromtimestamp(seen, UTC)}" if seen else "proof-valid"
    return [*reasons, "statement-signed", proven]


def read_trust(folder: Path) -> dict[str, Any]:
    """Read a trust directory."""
    keys = {}
    for jwk in json.loads((folder / "jws.json").read_bytes())["keys"]:
        keys[base64.urlsafe_b64encode(HEADER % jwk["kid"].encode()).rstrip(b"=")] = jwk
        jwk["key"] = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk["x"] + "="))
    anchors = x509.load_pem_x509_certificates(b"\n".join(path.read_bytes() for path in folder.glob("*.pem")))
    crls = [x509.load_der_x509_crl(path.read_bytes()) for path in folder.glob("*.crl")]
    policy = "".join(path.read_text("utf-8") for path in folder.glob("ledger.policy"))
    return {"anchors": anchors, "crls": crls, "keys": keys, "policy": policy}


def main() -> int:
    """Judge one file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--trust", type=Path, required=True)
    asked = parser.parse_args()
    try:
        trust, data = read_trust(asked.trust), asked.file.open("rb").read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES or not data.lstrip().startswith((b"{", b"%PDF-")):
            raise ValueError("neither a PDF nor a JSON object of at most 32 MB")
    except (OSError, *UNFIT) as error:
        print(f"{asked.file}: {error}", file=sys.stderr)
        return 2
    try:
        print(VERDICTS[0], *judge(data, trust), sep="\n  ")
    except (Refused, *UNFIT) as refused:
        print(VERDICTS[1], refused, sep="\n  ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
