"""How long the rules take to judge: a sale of a half, a division in two, the sweep of a flat.

    python benchmarks/register_rules.py [--rounds 2000]

No database and no file but the packaged lists; prints the median and the 95th percentile in milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

import shapely

from cadastre.domain.codelist import load_codelist
from cadastre.domain.commands import Acquisition, Divide, Piece, Taking, Transfer
from cadastre.domain.operations import plan_of
from cadastre.domain.party import PartyKind
from cadastre.domain.property_state import (
    Encumbrance,
    ParcelState,
    PartyState,
    PropertyState,
    RestrictionState,
    RightState,
)
from cadastre.domain.share import WHOLE, Share
from cadastre.rules.engine import judge
from cadastre.rules.proposal import Acting, DocumentFacts, Mandate, Proposal, ServiceFacts, Stage

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SPACE = UUID("7d7a3f0e-0000-5000-8000-000000000001")
SELLER, BUYER, BANK, AGENT = (uuid5(SPACE, name) for name in ("seller", "buyer", "bank", "agent"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2000)
    rounds = parser.parse_args().rounds
    for name, proposal in build_proposals().items():
        report = judge(proposal)
        times = sorted(measure(proposal) for _ in range(rounds))
        print(
            f"{name:28} {len(report.asked):3} rules  {report.verdict.value:13} "
            f"median {statistics.median(times):6.3f} ms   p95 {times[int(rounds * 0.95)]:6.3f} ms"
        )


def measure(proposal: Proposal) -> float:
    fresh = replace(proposal)  # what a proposal computes once is computed anew
    start = time.perf_counter()
    judge(fresh)
    return (time.perf_counter() - start) * 1000


def build_proposals() -> Mapping[str, Proposal]:
    flat, land = build_flat(), build_land()
    sale = Transfer(1, (Taking(SELLER, Share(1, 2)),), (Acquisition(BUYER, Share(1, 2)),))
    pieces = (shapely.box(*shift(0, 10)), shapely.box(*shift(10, 20)))
    cut = Divide(2, 7, tuple(Piece(outline) for outline in pieces))
    parties = {party: PartyState(party, PartyKind.NATURAL, party, True) for party in (SELLER, BUYER, AGENT)}
    common = Proposal(Stage.DECISION, TODAY, NOW, {1: flat}, place=41, parties=parties)
    paper = DocumentFacts("basis", "sale_contract", date(2026, 3, 1))
    return {
        "intake of a sale": replace(
            common, stage=Stage.INTAKE, service=service("sale"), commands=(sale,), documents=(paper,)
        ),
        "decision of a sale": replace(
            common,
            service=service("sale"),
            commands=(sale,),
            plan=plan_of(sale, {1: flat}, TODAY),
            documents=(paper,),
            acting=(Acting(AGENT, SELLER),),
            mandates=(Mandate("power_of_attorney", SELLER, AGENT, date(2025, 1, 1)),),
        ),
        "intake of a division": replace(
            common,
            stage=Stage.INTAKE,
            states={2: land},
            service=service("division"),
            commands=(cut,),
            documents=(replace(paper, kind="survey_document"),),
        ),
        "decision of a division": replace(
            common,
            states={2: land},
            service=service("division"),
            commands=(cut,),
            plan=plan_of(cut, {2: land}, TODAY),
            documents=(replace(paper, kind="survey_document"),),
        ),
        "sweep of a flat": replace(common, stage=Stage.SWEEP),
    }


def service(code: str) -> ServiceFacts:
    return ServiceFacts.of(load_codelist("services").entry_at(code, TODAY))


def shift(west: float, east: float) -> tuple[float, float, float, float]:
    return 400_000 + west, 4_470_000, 400_000 + east, 4_470_020


def build_flat() -> PropertyState:
    owner = RightState(1, "ownership", SELLER, WHOLE, "0124000001", TODAY, TODAY, 1)
    lien = Encumbrance("mortgage", beneficiary=BANK, rank=1)
    mortgage = RestrictionState(11, lien, "0124000002", TODAY, TODAY, 2)
    return PropertyState(
        1, "203015000001", "flat", "BAK-XEZ", 3, None, (owner,), (mortgage,), (), unit_ids=(31,)
    )


def build_land() -> PropertyState:
    owner = RightState(2, "ownership", SELLER, WHOLE, "0124000003", TODAY, TODAY, 1)
    outline = shapely.box(*shift(0, 20))
    parcel = ParcelState(7, 70, 700, "585-03-36-001", outline, 32639, None, None, {"land_category": 2})
    return PropertyState(2, "203015000002", "land_parcel", "BAK-XEZ", 1, None, (owner,), (), (parcel,))


if __name__ == "__main__":
    main()
