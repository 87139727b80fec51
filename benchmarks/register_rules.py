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
    parties = {party: PartyState(party, PartyKind.NATURAL, party, True) for party in (SELLER, BUYER, AGENT)}
    decision = Proposal(Stage.DECISION, TODAY, NOW, {1: build_flat()}, place=41, parties=parties)
    sale, division = build_sale(decision), build_division(decision)
    return {
        "intake of a sale": replace(sale, stage=Stage.INTAKE, plan=None),
        "decision of a sale": sale,
        "intake of a division": replace(division, stage=Stage.INTAKE, plan=None),
        "decision of a division": division,
        "sweep of a flat": replace(decision, stage=Stage.SWEEP),
    }


def build_sale(common: Proposal) -> Proposal:
    sale = Transfer(1, (Taking(SELLER, Share(1, 2)),), (Acquisition(BUYER, Share(1, 2)),))
    return replace(
        common,
        service=service("sale"),
        commands=(sale,),
        plan=plan_of(sale, common.states, TODAY),
        documents=(DocumentFacts("basis", "sale_contract", date(2026, 3, 1)),),
        acting=(Acting(AGENT, SELLER),),
        mandates=(Mandate("power_of_attorney", SELLER, AGENT, date(2025, 1, 1)),),
    )


def build_division(common: Proposal) -> Proposal:
    states = {2: build_land()}
    pieces = (Piece(shapely.box(*shift(0, 10))), Piece(shapely.box(*shift(10, 20))))
    cut = Divide(2, 7, pieces)
    return replace(
        common,
        states=states,
        service=service("division"),
        commands=(cut,),
        plan=plan_of(cut, states, TODAY),
        documents=(DocumentFacts("basis", "survey_document", date(2026, 3, 1)),),
    )


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
