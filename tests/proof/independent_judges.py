"""Judges that are not ours: poppler's ``pdfsig``, and OpenSSL's ``cms`` and ``ts``."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from asn1crypto import cms

from cadastre.db.system_packages import require


def pdfsig_says_valid(pdf: bytes, folder: Path) -> bool:
    """Whether every byte is signed and the signature fits; whose it is, it cannot know."""
    file = folder / "judged.pdf"
    file.write_bytes(pdf)
    program = require("poppler").program("pdfsig")
    said = subprocess.run([program, "-nocert", file], capture_output=True, text=True, check=False).stdout
    return (
        "Signature is Valid." in said and "Total document signed" in said and said.count("Signature #") == 1
    )


def openssl_says_valid(pdf: bytes, anchors: Path, at: int, folder: Path) -> tuple[bool, bool]:
    """Whether the seal over the file, and the time stamp over the seal, verify up to the anchors."""
    match = re.search(rb"/ByteRange ?\[0 (\d+) (\d+) (\d+)\]", pdf)
    assert match is not None
    start, end = int(match[1]), int(match[2])
    info = cms.ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode()))
    signer = info["content"]["signer_infos"][0]
    token = signer["unsigned_attrs"][0]["values"][0]
    seal, content, stamp, bag = (folder / name for name in ("seal.der", "content", "stamp.der", "bag.pem"))
    seal.write_bytes(info.dump())
    content.write_bytes(pdf[:start] + pdf[end:])
    stamp.write_bytes(token.dump())
    program = shutil.which("openssl")
    assert program is not None
    trusted = ["-CAfile", str(anchors), "-attime", str(at)]
    sealed = [program, "cms", "-verify", "-inform", "DER", "-in", seal, "-content", content, "-binary"]
    first = subprocess.run(
        [*sealed, *trusted, "-purpose", "any", "-out", "/dev/null"], capture_output=True, check=False
    )
    listed = [program, "pkcs7", "-inform", "DER", "-in", stamp, "-print_certs", "-out", bag]
    subprocess.run(listed, capture_output=True, check=True)
    digest = hashlib.sha256(signer["signature"].native).hexdigest()
    stamped = [program, "ts", "-verify", "-token_in", "-in", stamp, "-digest", digest, "-untrusted", bag]
    second = subprocess.run([*stamped, *trusted], capture_output=True, check=False)
    return first.returncode == 0, second.returncode == 0
