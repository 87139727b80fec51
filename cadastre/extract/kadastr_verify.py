"""Judges an extract of the register with the network off and the register dead: ``FILE --trust DIR``.

Exit 0 AUTHENTIC, 1 NOT AUTHENTIC, 2 unusable. FILE: sealed PDF, or JSON of issuing. DIR: ``*.pem`` (anchors),
``*.crl``, ``jws.json``, ``ledger.policy``, ``ledger.handovers``. Nothing is believed for the look of a page.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import sys
import zlib
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

MAX_BYTES, OLD_GAP, LEEWAY, NEVER, END, NAMES = 32_000_000, 8194, 300, 1e99, 2**63, ("policy", "handovers")
HEADER, HANDOVER = b'{"alg":"EdDSA","b64":false,"crit":["b64"],"kid":"%s"}', "kadastr key handover v1"
STATEMENT, JWS, PROOF, CODE = "statement.json", "statement.jws", "ledger-proof.txt", "verification-code.txt"
DIGEST, RSA_SHA256 = bytes.fromhex("06092a864886f70d010904"), bytes.fromhex("06092a864886f70d01010b")
OBJECT = re.compile(rb"([1-9]\d*) 0 obj\n(.*?)\nendobj\n", re.DOTALL)
LISTED, STORE = re.compile(rb"(/(?:Annots|Fields)\[[^\]]*) (\d+) 0 R\]"), re.compile(rb"/DSS \d+ 0 R(?=>>\Z)")
WIDGET = rb"<</FT/Sig/T\(\w+\)/Type/Annot/Subtype/Widget/F 132/Rect\[0 0 0 0\]/P[^/]*/TU <\w+>/V[^/]*>>"
TRAILER = re.compile(rb"trailer\n<</Size \d+(/Root.{1,150}<)\w+>\]/Prev (\d+)>>\nstartxref\n(\d+)\n%%EOF\n\Z")
RANGE = re.compile(rb"/ByteRange ?\[0 (\d{1,9}) (\d{1,9}) (\d{1,9})\]")
FILE = re.compile(rb"<</Type/Filespec/F\(([a-z.-]+)\)/UF\(\1\)/EF<</F (\d+) 0 R")
BODY = rb"\n%s 0 obj\n<</Length (\d+)/Type/EmbeddedFile(/Filter/FlateDecode)?/Subtype[^>]*>>>>\nstream\n"
ODD = (AssertionError, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
UNFIT = (*ODD, UnsupportedAlgorithm, InvalidSignature, x509.ExtensionNotFound, zlib.error)
VERDICTS = ("AUTHENTIC (həqiqidir, подлинный)", "NOT AUTHENTIC (həqiqi deyil, неподлинный)")
canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def require(condition: object, code: str) -> None:
    """Stop with the code of a reason unless a condition holds."""
    if not condition:
        raise AssertionError(code)


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice; what else is odd cannot equal canonical bytes we signed."""
    require(len(dict(pairs)) == len(pairs), "bad-bundle")
    return dict(pairs)


def check_statement(payload: bytes, jws: str, trust: dict[str, Any]) -> tuple[str, float]:
    """Check a detached JWS (RFC 7797, Ed25519) in our one spelling over canonical bytes; gives id, time."""
    protected, signature = jws.encode("ascii").split(b"..")
    require(protected in trust["keys"], "unknown-key")
    jwk, raw = trust["keys"][protected], base64.urlsafe_b64decode(signature + b"==")
    jwk["key"].verify(raw, protected + b"." + payload)
    statement = json.loads(payload, object_pairs_hook=unique)
    issued = datetime.fromisoformat(statement["issued_at"]).timestamp()
    spelled = base64.urlsafe_b64encode(raw).rstrip(b"="), canonical(statement).encode()
    require(spelled == (signature, payload), "jws-mismatch")
    require(re.fullmatch("urn:kadastr:statement:[1-5]", statement["schema"]), "unknown-schema")
    require(issued <= datetime.now(UTC).timestamp() + LEEWAY, "issued-in-future")
    require(jwk.get("nbf", 0) <= issued < jwk.get("exp", NEVER), "key-out-of-time")
    return statement["id"], issued


def signed_at(vkey: str, lines: list[str], body: bytes) -> float:
    """Moment by which a key signed a text (0: it does not say), or NEVER."""
    name, key_id, text = vkey.split("+", 2)
    raw = base64.b64decode(text)
    require(sha256(name.encode() + b"\n" + raw).hexdigest()[:8] == key_id, "proof-wrong")
    for dash, signer, signature in (line.split(" ") for line in lines):
        signed = base64.b64decode(signature)
        if (dash, signer, signed[:4].hex()) == ("—", name, key_id):
            at = int.from_bytes(signed[4:-64], "big")
            said = b"cosignature/v1\ntime %d\n" % at if raw[0] == 4 else b""
            Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signed[-64:], said + body)
            return at
    return NEVER


def quorum_time(trust: dict[str, Any], lines: list[str], body: bytes) -> float:
    """Moment by which a policy's log and quorum of witnesses had signed a checkpoint, or NEVER."""
    origin, size, *_ = body.decode().split("\n")
    spans, times, quorum = dict[str, range](), {"none": 0.0}, "none"
    for word, *rest in (line.split() for line in trust["policy"].splitlines() if line.split("#")[0].strip()):
        if word == "log":
            spans[rest[0]] = range(END)
        elif word == "witness":
            times[rest[0]] = signed_at(rest[1], lines, body)
        elif word == "group":
            count = {"any": 1, "all": len(rest) - 2}.get(rest[1]) or int(rest[1])
            times[rest[0]] = sorted(times[name] for name in rest[2:])[count - 1]
        elif word == "quorum" and int(rest[-1] if rest[1:] else 0) <= int(size):
            quorum = rest[0]
    for text, told in zip(trust["told"][::2], trust["told"][1::2], strict=False):  # handovers, signed by both
        heading, named, last, _, old, new = text.split("\n")
        if old in spans and named == origin:
            when = [signed_at(key, told.strip().split("\n"), text.encode() + b"\n") for key in (old, new)]
            require((heading, *when, spans[old].stop) == (HANDOVER, 0, 0, END), "handover")
            spans |= {old: range(spans[old].start, int(last) + 1), new: range(int(last), END)}
    known = [signed_at(k, lines, body) for k in spans if int(size) in spans[k] and k.split("+")[0] == origin]
    return max(times[quorum], min(known, default=NEVER))


def check_proof(proof: str, payload: bytes, extract_id: str, trust: dict[str, Any]) -> str:
    """Check that this very statement is in the ledger (C2SP tlog-proof); says when the quorum saw it."""
    if not (proof and trust["policy"]):
        return "proof-unchecked" if proof else "proof-absent"
    head, text, lines = proof.removesuffix("\n").split("\n\n")
    magic, opening, numbered, *path = head.split("\n")
    _, size, root = text.split("\n")[:3]
    made_of, index, last = json.loads(base64.b64decode(opening[6:])), int(numbered[6:]), int(size) - 1
    leaf, salt, rows = made_of["payload"], bytes.fromhex(made_of["salt"]), bytes.fromhex(made_of["rows"])
    said = {"statement_sha256": sha256(payload).hexdigest(), "extract_id": extract_id}
    require(said.items() <= json.loads(leaf).items() and 0 <= index <= last, "proof-other")
    node = sha256(b"\0" + sha256(b"\0" + salt[:16] + leaf.encode()).digest() + rows[:32]).digest()
    for sibling in map(base64.b64decode, path):  # RFC 9162, 2.1.3.2
        right = index & 1 or index == last
        node = sha256(b"\1" + (sibling + node if right else node + sibling)).digest()
        while right and index and not index & 1:
            index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    require((magic, last, node) == ("c2sp.org/tlog-proof@v1", 0, base64.b64decode(root)), "proof-wrong")
    seen = quorum_time(trust, lines.split("\n"), text.encode() + b"\n")
    require(seen < NEVER, "proof-unwitnessed")
    return f"proof-valid, seen by {datetime.fromtimestamp(seen, UTC)}" if seen else "proof-valid"


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
        with contextlib.suppress(*UNFIT):
            leaf.verify_directly_issued_by(issuer)
            if issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                return True
    return False


def read_cms(cms: bytes, digest: bytes, trust: dict[str, Any]) -> tuple[x509.Certificate, bytes, bytes]:
    """Check a CMS object of one signer and its chain; gives certificate, signature and what is not signed."""
    _, _, _, bag, *_, signers = der(der(der(der(cms)[0][1])[1][1])[0][1])
    _, named, _, attributes, (_, rsa), signature, *rest = der(der(signers[1])[0][1])
    said = {oid[0]: value[1] for oid, value in (der(one[1]) for one in der(attributes[1]))}
    certificates = [x509.load_der_x509_certificate(one[0]) for one in der(bag[1]) if not der(one[1])[2][1][0]]
    cas = [*trust["anchors"], *(one for one in certificates if issued_by(one, trust["anchors"]))]
    (name, _), (_, serial) = der(named[1])
    (signer,) = (one for one in certificates if one.serial_number == int.from_bytes(serial, "big"))
    require(issued_by(signer, cas) and signer.issuer.public_bytes() == name, "seal-untrusted")
    key: Any = signer.public_key()
    key.verify(signature[1], b"\x31" + attributes[0][1:], padding.PKCS1v15(), SHA256())
    require((der(said[DIGEST])[0][1], rsa[:11]) == (digest, RSA_SHA256), "seal-broken")
    return signer, signature[1], rest[0][1] if rest else b""


def read_token(token: bytes, digest: bytes, trust: dict[str, Any]) -> float:
    """Check an RFC 3161 token over a digest; gives its time."""
    content = der(der(der(der(der(der(token)[0][1])[1][1])[0][1])[2][1])[1][1])[0][1]  # TSTInfo
    authority, _, _ = read_cms(token, sha256(content).digest(), trust)
    _, _, (_, imprint), _, (_, generated), *_ = der(der(content)[0][1])
    purposes = authority.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    require(der(imprint)[1][1] == digest and x509.OID_TIME_STAMPING in purposes, "time-stamp-broken")
    at = datetime.strptime(generated.decode()[:14] + "+0000", "%Y%m%d%H%M%S%z").timestamp()
    require_in_time(authority, at, trust)
    return at


def require_in_time(certificate: x509.Certificate, at: float, trust: dict[str, Any]) -> None:
    """Refuse a certificate that was not valid, or was revoked, at a moment."""
    begin, end = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    require(begin <= at <= end, "seal-out-of-time")
    for crl in trust["crls"]:
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        old = not entry or crl.issuer != certificate.issuer or entry.revocation_date_utc.timestamp() > at
        require(old, "certificate-revoked")


def read_gap(pdf: bytes) -> tuple[bytes, bytes, int]:
    """Find the one signature that covers every byte of a file; gives it, digest of the rest, its room."""
    ranges = [tuple(map(int, found)) for found in RANGE.findall(pdf)]
    whole = [(start, end) for start, end, rest in ranges if 0 < start < end and end + rest == len(pdf)]
    require(len(whole) == 1, "changed-after-seal" if ranges else "no-seal")
    start, end = whole[0]
    raw = bytes.fromhex(pdf[start + 1 : end - 1].decode())
    cms = raw[: 4 + int.from_bytes(raw[2:4], "big")]
    written = b"<%s>" % cms.hex().upper().encode().ljust(end - start - 2, b"0")
    require(pdf[start:end] == written, "seal-broken")
    return cms, sha256(pdf[:start] + pdf[end:]).digest(), end - start


def check_seal(pdf: bytes, trust: dict[str, Any]) -> tuple[x509.Certificate, float, bytes]:
    """Check our seal over every byte of a file; gives certificate, time stamp (0: none), sealed file."""
    begin, (cms, digest, room) = pdf.rfind(b"%%EOF\n", 0, -6) + 6, read_gap(pdf)
    if b"/Type/DocTimeStamp" in pdf[begin:]:
        read_token(cms, digest, trust)
        require_evidence_only(pdf[:begin], pdf[begin:])
        return check_seal(pdf[:begin], trust)
    signer, signature, unsigned = read_cms(cms, digest, trust)
    usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
    require(usage.content_commitment, "seal-untrusted")
    token = der(der(der(unsigned)[0][1])[1][1])[0][0] if room > OLD_GAP else b""
    return signer, read_token(token, sha256(signature).digest(), trust) if token else 0, pdf


def require_evidence_only(base: bytes, tail: bytes) -> None:
    """Refuse a revision that adds anything that could be seen: an unseen field and certificates are added."""
    offsets, listed, widgets, at = dict[int, int](), set[int](), set[int](), 0
    while found := OBJECT.match(tail, at):
        number, body, place = int(found[1]), found[2], base.rfind(b"\n%s 0 obj\n" % found[1])
        old = base[place:].partition(b" obj\n")[2].partition(b"\nendobj\n")[0]
        require(place < 0 or STORE.sub(b"", LISTED.sub(rb"\1]", body)) == STORE.sub(b"", old), "archive")
        listed |= {int(one[2]) for one in LISTED.finditer(body)}
        widgets |= {number} if re.fullmatch(WIDGET, body) else set()
        offsets[number], at = len(base) + at, found.end()
    table = b"xref\n"
    for number in sorted(offsets):
        run = next(count for count in range(1, len(offsets) + 1) if number + count not in offsets)
        table += b"" if number - 1 in offsets else b"%d %d\n" % (number, run)
        table += b"%010d 00000 n \n" % offsets[number]
    (before,), (after,) = TRAILER.findall(base[-500:]), TRAILER.findall(tail[at + len(table) :])
    require(after == (before[0], before[2], b"%d" % (len(base) + at)), "archive")
    require(tail[at:].startswith(table + b"trailer") and listed == widgets, "archive")


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
        (signer, stamped, sealed), reasons = check_seal(data, trust), ["seal-valid"]
        files = attachments(sealed)
        payload, jws, proof = (files.get(name, b"") for name in (STATEMENT, JWS, PROOF))
        extract_id, issued = check_statement(payload, jws.decode(), trust)
        require_in_time(signer, stamped or issued, trust)
        require(not stamped or stamped >= issued - LEEWAY, "seal-out-of-time")
    else:
        body, reasons = json.loads(data, object_pairs_hook=unique), []
        payload, proof = canonical(body["statement"]).encode(), (body.get("proof") or "").encode()
        extract_id, _ = check_statement(payload, body["jws"], trust)
        said = {name: body["statement"][name] for name in ("id", "issued_at") if name in body}
        require(said.items() <= body.items(), "bundle-mismatch")
    return [*reasons, "statement-signed", check_proof(proof.decode(), payload, extract_id, trust)]


def read_trust(folder: Path) -> dict[str, Any]:
    """Read a trust directory."""
    keys = {}
    for jwk in json.loads((folder / "jws.json").read_bytes())["keys"]:
        keys[base64.urlsafe_b64encode(HEADER % jwk["kid"].encode()).rstrip(b"=")] = jwk
        jwk["key"] = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk["x"] + "="))
    anchors = x509.load_pem_x509_certificates(b"\n".join(path.read_bytes() for path in folder.glob("*.pem")))
    crls = [x509.load_der_x509_crl(path.read_bytes()) for path in folder.glob("*.crl")]
    policy, told = ("".join(p.read_text("utf-8") for p in folder.glob(f"ledger.{name}")) for name in NAMES)
    return {"anchors": anchors, "crls": crls, "keys": keys, "policy": policy, "told": told.split("\n\n")}


def main() -> int:
    """Judge one file."""
    try:
        file, _, folder = sys.argv[1:]
        require(Path(file).stat().st_size <= MAX_BYTES, "larger than 32 MB")
        trust, data = read_trust(Path(folder)), Path(file).read_bytes()
        require(data.lstrip().startswith((b"{", b"%PDF-")), "neither PDF nor JSON")
    except (OSError, *UNFIT) as error:
        print(f"kadastr_verify.py FILE --trust DIR: {error}", file=sys.stderr)
        return 2
    try:
        print(VERDICTS[0], *judge(data, trust), sep="\n  ")
    except UNFIT as why:
        print(VERDICTS[1], why if isinstance(why, AssertionError) else f"unreadable {why!r:.60}", sep="\n  ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
