"""Seals and archive copies with real services on loopback: good for decades, and never without the services."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
from sqlalchemy import text

from cadastre.db.unit_of_work import UnitOfWork
from cadastre.domain.archive_guard import Guard
from cadastre.extract.archive import HttpStatus, NotArchived
from cadastre.extract.issue import Issuer
from cadastre.extract.pdf import PdfRenderer
from cadastre.extract.pki import IssuingKeys, load_or_create_keys
from cadastre.extract.seal_check import read_seal
from cadastre.extract.signer import PdfSeal
from cadastre.extract.time_stamp import NoTimeStamp, TimeStampClient
from cadastre.extract.verify import Verdict, verify_pdf
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.errors import NotFound, Unavailable
from cadastre.pki.authority import load_authority
from cadastre.pki.process import PkiProcess
from cadastre.services.archive import ArchiveDesk, Archivist
from cadastre.services.archive_renewal import RenewalDesk, end_of
from cadastre.services.extracts import ExtractDesk
from tests.cadastre.services.conftest import CodelistLabels, Office
from tests.cadastre.services.test_extracts import NOTARY, REQUEST, STRANGER, found, list_issued, write

PROOF = "c2sp.org/tlog-proof@v1\nindex 0\n\nsample\n"


@pytest.fixture(scope="module")
def real_keys(tmp_path_factory: pytest.TempPathFactory) -> IssuingKeys:
    return load_or_create_keys(tmp_path_factory.mktemp("pki") / "keys", now=datetime.now(UTC))


@pytest.fixture(scope="module")
def services(real_keys: IssuingKeys) -> Iterator[PkiProcess]:
    """Time stamps, OCSP and lists: a process of their own."""
    process = PkiProcess(real_keys.authority_dir)
    yield process
    process.close()


@dataclass
class Room:
    office: Office
    desk: ExtractDesk
    archive: ArchiveDesk
    keys: IssuingKeys
    services: PkiProcess
    stamper: TimeStampClient


@pytest.fixture
def room(office: Office, renderer: PdfRenderer, real_keys: IssuingKeys, services: PkiProcess) -> Room:
    write(office, found)
    stamper = TimeStampClient(f"{services.url}/tsa", patience_s=2.0, rest_s=0.0)
    issuer = Issuer(renderer, PdfSeal(lambda: real_keys.seal, stamper), real_keys.jws_key, CodelistLabels())
    clock = SystemClock()
    desk = ExtractDesk(replace(office.desk.parts, issuer=issuer, clock=clock))
    archivist = Archivist(issuer, stamper, HttpStatus(services.url), real_keys.trust, clock)
    archive = ArchiveDesk(office.database, archivist, lambda _: PROOF, settle=timedelta())
    return Room(office, desk, archive, real_keys, services, stamper)


def attachments(pdf: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {name: held.get_file().read_bytes() for name, held in document.attachments.items()}


class TestArchiveCopy:
    def test_it_says_the_same_carries_the_proof_and_is_good_for_the_long_term(self, room: Room) -> None:
        issued = room.desk.issue(REQUEST, NOTARY)
        assert read_seal(issued.pdf, room.keys.trust()).level == "B-T"
        with pytest.raises(Unavailable) as pending:
            room.desk.get_archive(issued.id, NOTARY)
        assert pending.value.facts["retry_after_s"] == 60
        assert room.archive.archive_some(20) == 1
        assert room.archive.archive_some(20) == 0
        copy = room.desk.get_archive(issued.id, NOTARY)
        seal = read_seal(copy, room.keys.trust())
        assert seal.level == "B-LTA"
        files = attachments(copy)
        assert files["statement.json"] == issued.canonical
        assert files["statement.jws"] == issued.jws.encode()
        assert files["ledger-proof.txt"] == PROOF.encode()
        assert verify_pdf(copy, room.keys.trust()).verdict is Verdict.AUTHENTIC

    def test_whoever_may_not_open_the_extract_may_not_open_its_copy(self, room: Room) -> None:
        issued = room.desk.issue(REQUEST, NOTARY)
        room.archive.archive(issued.id)
        with pytest.raises(NotFound):
            room.desk.get_archive(issued.id, STRANGER)
        with pytest.raises(NotFound):
            room.desk.get_archive(uuid.uuid4(), NOTARY)

    def test_a_changed_byte_in_the_archive_revision_is_seen(self, room: Room) -> None:
        issued = room.desk.issue(REQUEST, NOTARY)
        room.archive.archive(issued.id)
        copy = room.desk.get_archive(issued.id, NOTARY)
        begin = read_seal(copy, room.keys.trust()).sealed_bytes
        for offset in [*range(begin, len(copy), 997), len(copy) - 3]:
            changed = copy[:offset] + bytes([copy[offset] ^ 1]) + copy[offset + 1 :]
            assert verify_pdf(changed, room.keys.trust()).verdict is Verdict.NOT_AUTHENTIC, offset

    def test_a_certificate_revoked_since_is_not_archived_as_good(self, room: Room, tmp_path) -> None:
        keys = load_or_create_keys(tmp_path / "keys", now=datetime.now(UTC))
        services = PkiProcess(keys.authority_dir)
        try:
            stamper = TimeStampClient(f"{services.url}/tsa")
            parts = room.archive.archivist
            issuer = Issuer(
                parts.issuer._renderer, PdfSeal(lambda: keys.seal, stamper), keys.jws_key, CodelistLabels()
            )
            archivist = Archivist(issuer, stamper, HttpStatus(services.url), keys.trust, SystemClock())
            issued = room.desk.issue(REQUEST, NOTARY)
            archivist.make(issued.canonical, issued.jws, PROOF)
            load_authority(keys.authority_dir).revoke(
                keys.seal.certificate, datetime.now(UTC) - timedelta(minutes=1), "key-compromise"
            )
            archivist.status._lists.clear()  # type: ignore[attr-defined]
            with pytest.raises(NotArchived, match="long term"):
                archivist.make(issued.canonical, issued.jws, PROOF)
        finally:
            services.close()


class TestRenewal:
    def test_a_copy_is_due_half_a_year_before_its_guard_ends_and_is_renewed_by_a_longer_one(
        self, room: Room
    ) -> None:
        issued = room.desk.issue(REQUEST, NOTARY)
        room.archive.archive(issued.id)
        first, desk = room.desk.get_archive(issued.id, NOTARY), _renewals(room)
        (guard,) = [each for each in desk.survey() if each.copies]
        assert guard.ended_by == "certificate"
        assert guard.ends_at - guard.due_at == timedelta(days=180)
        assert desk.list_due(guard.due_at - timedelta(seconds=1)) == ()
        assert desk.renew_due(20) == 0, "nothing is due"
        (due,) = desk.list_due(guard.due_at)
        assert (due.extract_id, due.revision, due.ends_at) == (issued.id, 0, guard.ends_at)

        with pytest.raises(NotArchived, match="another time-stamp service"):
            desk._renew([due])
        assert room.desk.get_archive(issued.id, NOTARY) == first, (
            "a stamp of the same certificate gains nothing"
        )

        authority = load_authority(room.keys.authority_dir)
        authority.renew_stamps(datetime.now(UTC) + timedelta(hours=12))
        assert desk._renew([due]) == 1
        assert desk._renew([due]) == 0, "somebody else did it first"
        longer = room.desk.get_archive(issued.id, NOTARY)
        assert longer.startswith(first)
        seal = read_seal(longer, room.keys.trust())
        assert len(seal.archived) == 2
        assert verify_pdf(longer, room.keys.trust()).verdict is Verdict.AUTHENTIC
        assert desk.list_due(guard.due_at) == ()
        (newer,) = [each for each in desk.survey() if each.copies]
        assert newer.ends_at > guard.ends_at
        kinds = _ask(room, "SELECT kind FROM ledger.leaf ORDER BY leaf_id")
        assert kinds.count("extract.archive-renewed") == 1
        for offset in range(len(first), len(longer), 6007):
            changed = longer[:offset] + bytes([longer[offset] ^ 1]) + longer[offset + 1 :]
            assert verify_pdf(changed, room.keys.trust()).verdict is Verdict.NOT_AUTHENTIC, offset

    def test_copies_of_before_there_were_terms_are_examined_once(self, room: Room) -> None:
        issued = room.desk.issue(REQUEST, NOTARY)
        room.archive.archive(issued.id)
        copy = room.desk.get_archive(issued.id, NOTARY)
        other = room.desk.issue(REQUEST, NOTARY)
        old = text("SELECT evidence.attach_archive(:archived, :copy, now())")
        room.office.database.run(
            lambda uow: uow.connection.execute(old, {"archived": other.id, "copy": copy}).scalar_one()
        )
        desk = _renewals(room)
        assert desk.renew_due(20) == 1
        assert desk.renew_due(20) == 0
        assert sum(each.copies for each in desk.survey()) == 2
        assert _ask(room, "SELECT kind FROM ledger.leaf").count("extract.archives-examined") == 1


@pytest.mark.parametrize(
    ("algorithms", "why"),
    [
        (("rsa-3072", "sha256"), "certificate"),
        (("rsa-2048", "sha256"), "rsa-2048"),
        (("md5", "rsa-3072"), "md5"),
    ],
)
def test_a_guard_ends_with_its_weakest_part(algorithms: tuple[str, ...], why: str) -> None:
    ends_at = datetime(2032, 1, 1, tzinfo=UTC)
    end, by = end_of(Guard(bytes(32), "x", ends_at, algorithms))
    assert by == why
    assert end <= ends_at


class TestServicesGone:
    def test_without_a_time_stamp_no_extract_leaves_and_the_worker_completes_it_later(
        self, room: Room
    ) -> None:
        room.services.close()
        with pytest.raises(NoTimeStamp) as refused:
            room.desk.issue(REQUEST, NOTARY)
        assert refused.value.facts["retry_after_s"] == 60
        (extract_id,) = list_issued(room.office)
        canonical = _stored(room, extract_id)
        with pytest.raises(NoTimeStamp):
            room.desk.get(extract_id, NOTARY)
        with pytest.raises(NoTimeStamp):
            room.desk.complete_unsigned()
        assert _kinds(room).count("extract.issued") == 1, "what was decided is in the ledger"
        room.stamper.url = f"{room.services.url}/tsa"  # it is started again
        assert room.desk.complete_unsigned() == 1
        issued = room.desk.get(extract_id, NOTARY)
        assert issued.canonical == canonical, "the same statement, byte for byte"
        assert verify_pdf(issued.pdf, room.keys.trust()).verdict is Verdict.AUTHENTIC

    def test_a_service_that_answers_rubbish_is_no_service(self, room: Room) -> None:
        room.stamper.url = f"{room.services.url}/ocsp"
        with pytest.raises(NoTimeStamp, match="unusable"):
            room.desk.issue(REQUEST, NOTARY)
        room.stamper.url = f"{room.services.url}/nothing"
        with pytest.raises(NoTimeStamp):
            room.desk.issue(REQUEST, NOTARY)

    def test_after_a_failure_it_is_left_alone_for_a_while(self, room: Room) -> None:
        client = TimeStampClient("http://127.0.0.1:9/tsa", patience_s=1.0, rest_s=60.0)
        with pytest.raises(NoTimeStamp, match="ConnectionRefused"):
            client.stamp(bytes(32))
        with pytest.raises(NoTimeStamp, match="a moment ago"):
            client.stamp(bytes(32))

    def test_without_the_status_services_nothing_is_archived_and_later_all_is(self, room: Room) -> None:
        issued = room.desk.issue(REQUEST, NOTARY)
        good = room.archive.archivist
        room.archive.archivist = replace(good, status=HttpStatus("http://127.0.0.1:9"))
        with pytest.raises(NotArchived):
            room.archive.archive_some(20)
        room.archive.archivist = good
        assert room.archive.archive_some(20) == 0, "it rests"
        room.archive._resting.clear()
        assert room.archive.archive_some(20) == 1
        assert room.desk.get_archive(issued.id, NOTARY)


def _stored(room: Room, extract_id: uuid.UUID) -> bytes:
    def look(uow: UnitOfWork) -> bytes:
        from cadastre.store.ledger import append_leaf

        append_leaf(uow.connection, kind="access.test", actor="test", payload={})
        query = text("SELECT statement FROM evidence.extract WHERE extract_id = :known")
        return bytes(uow.connection.execute(query, {"known": extract_id}).scalar_one())

    return room.office.database.run(look)


def _kinds(room: Room) -> list[str]:
    query = text("SELECT kind FROM ledger.leaf ORDER BY leaf_id")
    return room.office.database.run(lambda uow: list(uow.connection.execute(query).scalars()))


def _renewals(room: Room) -> RenewalDesk:
    return RenewalDesk(room.office.database, room.archive.archivist)


def _ask(room: Room, query: str) -> list[object]:
    def ask(uow: UnitOfWork) -> list[object]:
        return list(uow.connection.execute(text(query)).scalars())

    return room.office.database.run(ask)
