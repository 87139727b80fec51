"""How settings reach what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from address_registry import AddressBook
from api.cli import main
from api.desks import CodelistLabels, open_desks
from api.settings import ApiSettings
from cadastre.db.unit_of_work import Database
from cadastre.kernel.clock import SystemClock
from cadastre.kernel.errors import Conflict

NOWHERE = "postgresql+psycopg2://nobody@127.0.0.1:1/nowhere"


def test_office_and_validity_come_from_the_settings(tmp_path: Path) -> None:
    settings = ApiSettings(
        home=tmp_path,
        office_name_az="Gəncə Ərazi İdarəsi",
        office_head="R. Nümunə",
        validity_az="30 gün",
        verify_base_url="https://reyestr.example/",
    )
    desks = open_desks(settings, Database(NOWHERE), SystemClock(), AddressBook())
    parts = desks.extracts.parts
    assert parts.office is not None
    assert (parts.office.name.az, parts.office.head) == ("Gəncə Ərazi İdarəsi", "R. Nümunə")
    assert parts.validity is not None
    assert "hüquqi qüvvəsi yoxdur" in parts.validity.az, "development keys void whatever is configured"
    assert parts.verify_base_url == "https://reyestr.example/verify"


def test_a_running_process_takes_up_rotated_keys_and_believes_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CADASTRE_HOME", str(tmp_path))
    desks = open_desks(ApiSettings(home=tmp_path), Database(NOWHERE), SystemClock(), AddressBook())
    (first,) = desks.verification.statement_keys
    assert desks.signing.cabinet.jws_key().kid == first["kid"]
    for which in ("jws", "seal"):
        with pytest.raises(SystemExit) as left:
            main(["key", "rotate", which])
        assert not left.value.code
        assert "from now on" in capsys.readouterr().out
    assert len(desks.verification.statement_keys) == 2
    assert desks.signing.cabinet.jws_key().kid != first["kid"]
    assert sorted(path.name for path in (tmp_path / "secrets/signing").glob("*.key")) == [
        "jws-2.key",
        "seal-2.key",
    ]
    with pytest.raises(SystemExit) as left:
        main(["key", "revoke-seal", "seal-1", "--reason", "superseded"])
    assert not left.value.code
    assert len(desks.signing.cabinet.trust().revocations) == 1
    with pytest.raises(SystemExit) as left:
        main(["key", "revoke-seal", "seal-9", "--reason", "superseded"])
    assert left.value.code == 2


def test_labels_speak_three_languages_and_an_unlisted_code_is_the_registers_fault() -> None:
    labels = CodelistLabels()
    name = labels.label("right_kind", "ownership")
    assert all((name.az, name.en, name.ru))
    with pytest.raises(Conflict) as refusal:
        labels.label("right_kind", "feudal_tenure")
    assert refusal.value.code == "unlisted-code"
