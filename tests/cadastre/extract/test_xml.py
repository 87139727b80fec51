"""XML of statements: the same bytes always, and what xmllint accepts against the published schema."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cadastre.extract import build_statement
from cadastre.extract.xml import write_xml
from cadastre.extract.xml_schema import write_xml_schema
from cadastre.kernel.errors import NotFound
from tests.cadastre.extract.builders import CASES, LABELS

GOLDEN = Path(__file__).parent / "golden"


def statement_of(name: str) -> dict[str, object]:
    return build_statement(CASES[name], LABELS, rendering="extract/test typst/test fonts/test")


def judge(folder: Path, xml: bytes, version: int = 5) -> subprocess.CompletedProcess[str]:
    (folder / "s.xsd").write_bytes(write_xml_schema(version))
    (folder / "s.xml").write_bytes(xml)
    xmllint = shutil.which("xmllint")
    if xmllint is None:
        return judge_in_process(folder)
    command = [xmllint, "--noout", "--nonet", "--schema", str(folder / "s.xsd"), str(folder / "s.xml")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def judge_in_process(folder: Path) -> subprocess.CompletedProcess[str]:
    """Where there is no xmllint: its library, which lxml carries."""
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(folder / "s.xsd"))
    found = schema.validate(etree.parse(folder / "s.xml"))
    return subprocess.CompletedProcess([], 0 if found else 3, "", str(schema.error_log))


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_kind_is_valid_and_the_same_each_time(name: str, tmp_path: Path) -> None:
    statement = statement_of(name)
    xml = write_xml(statement)
    assert write_xml(json.loads(json.dumps(statement))) == xml
    found = judge(tmp_path, xml)
    assert found.returncode == 0, found.stderr


def test_what_does_not_belong_is_refused(tmp_path: Path) -> None:
    xml = write_xml(statement_of("plain"))
    assert judge(tmp_path, xml.replace(b"<kind>", b"<sort>").replace(b"</kind>", b"</sort>")).returncode != 0


def test_names_are_those_of_ladm_and_inspire() -> None:
    xml = write_xml(statement_of("burdened")).decode()
    for name in ("LA_BAUnit", "LA_Right", "LA_Restriction", "LA_Party", "CadastralParcel", "posList"):
        assert f"<{name}>" in xml, name
    assert "nationalCadastralReference" in xml


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    statement = statement_of("plain")
    statement["office"]["head"] = '</head><x a="1">\u0001 & ]]>'  # type: ignore[index]
    xml = write_xml(statement)
    assert b"&lt;/head&gt;" in xml
    assert b"[U+0001]" in xml
    assert judge(tmp_path, xml).returncode == 0


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_older_forms_have_schemas_too(version: int) -> None:
    assert f"statement-xml:{version}".encode() in write_xml_schema(version)


def test_a_form_that_never_was_has_none() -> None:
    with pytest.raises(NotFound):
        write_xml_schema(99)
