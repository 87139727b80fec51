"""Builds the desks: extracts, their verification, cases and the steps of cases."""

from __future__ import annotations

from dataclasses import dataclass

from api.settings import ApiSettings
from api.signing import Signing, open_signing
from api.verifying import open_verifier
from cadastre.db.places import font_dir
from cadastre.db.unit_of_work import Database
from cadastre.domain.codelist import load_codelist
from cadastre.extract import (
    Issuer,
    IssuingKeys,
    IssuingOffice,
    PdfRenderer,
    PdfSeal,
    Text3,
)
from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import Conflict, NotFound
from cadastre.kernel.ids import TimeOrderedIds
from cadastre.services.addresses import AddressBook
from cadastre.services.case_steps import StepDesk
from cadastre.services.cases import CaseDesk
from cadastre.services.clock_watch import watch_clock
from cadastre.services.extracts import DeskParts, ExtractDesk
from cadastre.services.judgement import RuleJudge
from cadastre.services.offices import Officials
from cadastre.services.verification import VerificationDesk


@dataclass(frozen=True, slots=True)
class CodelistLabels:
    """Names of codes from the packaged codelists; old codes keep their last name."""

    def label(self, codelist: str, code: str) -> Text3:
        """Give the name of a code in three languages."""
        try:
            entry = load_codelist(codelist).latest(code)
        except NotFound as error:  # not the caller's mistake: the register's entry does not fit the lists
            raise Conflict(error.message, code="unlisted-code", codelist=codelist) from None
        return Text3(entry.az, entry.en, entry.ru)


@dataclass(frozen=True, slots=True)
class Desks:
    """Extracts and verification, which share keys and printer; cases and their steps; what signs."""

    extracts: ExtractDesk
    verification: VerificationDesk
    cases: CaseDesk
    steps: StepDesk
    signing: Signing

    def close(self) -> None:
        """End what was started for them."""
        self.signing.close()


def open_desks(settings: ApiSettings, database: Database, clock: Clock, addresses: AddressBook) -> Desks:
    """Open the desks; the development keys are made at the first call.

    Raises
    ------
    Unavailable
        The fonts are missing, or the keys cannot be read or made.
    """
    signing = open_signing(settings, clock)
    keys = signing.cabinet.current()
    renderer = PdfRenderer(font_dir())
    seal = PdfSeal(signing.cabinet.seal, signing.stamper)
    watched = watch_clock(clock, database)
    parts = DeskParts(
        database=database,
        issuer=Issuer(renderer, seal, signing.cabinet.jws_key, CodelistLabels()),
        clock=watched,
        ids=TimeOrderedIds(clock),
        office=_office(settings),
        officials=Officials(settings.office_head, settings.office_executor),
        verify_base_url=f"{settings.base_url}/verify",
        addresses=addresses,
        validity=_validity(settings, keys),
    )
    judged = open_verifier(settings, signing.cabinet.trust, renderer)
    return Desks(
        ExtractDesk(parts),
        VerificationDesk(database, judged.verifier, addresses, clock),
        CaseDesk(database, watched, parts.ids, settings.signature_policy),
        StepDesk(database, watched, RuleJudge(watched)),
        signing,
    )


_NO_LEGAL_FORCE = Text3(
    "Sınaq sertifikatı ilə möhürlənib: sənədin hüquqi qüvvəsi yoxdur.",
    "Sealed with a development certificate: this document has no legal force.",
    "Опечатано сертификатом разработки: документ не имеет юридической силы.",
)


def _validity(settings: ApiSettings, keys: IssuingKeys) -> Text3 | None:
    """What is printed about validity: the configured sentence, unless the keys make it void."""
    if keys.are_for_development:
        return _NO_LEGAL_FORCE
    if settings.validity_az is None:
        return None
    return Text3(settings.validity_az, settings.validity_en, settings.validity_ru)


def _office(settings: ApiSettings) -> IssuingOffice | None:
    """Office that the deployment names for all documents, or None: each district has its own."""
    if settings.office_name_az is None:
        return None
    name = Text3(settings.office_name_az, settings.office_name_en, settings.office_name_ru)
    return IssuingOffice(settings.office_code or "01", name, settings.office_head, settings.office_executor)


__all__ = ["CodelistLabels", "Desks", "open_desks"]
