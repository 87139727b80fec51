"""What the keys of a statement are called in XML: ISO 19152 (LADM) and INSPIRE names where there are such."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "property": "LA_BAUnit",
        "party": "LA_Party",
        "burdened": "burdenedLA_Party",
        "unit": "LA_LegalSpaceBuildingUnit",
        "cadastral_number": "nationalCadastralReference",
        "cadastral_zone": "cadastralZoning",
        "surveyed_area": "areaValue",
        "documentary_area": "documentaryAreaValue",
        "opened": "beginLifespanVersion",
        "valid_time": "validFrom",
        "recorded_time": "beginLifespanVersion",
    }
)
_ITEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "parcels": "CadastralParcel",
        "rights": "LA_Right",
        "restrictions": "LA_Restriction",
        "servitudes": "LA_Restriction",
        "holders": "LA_RightHolder",
        "beneficiaries": "LA_Party",
        "bases": "LA_AdministrativeSource",
        "buildings": "Building",
        "rings": "LA_BoundaryFaceString",
        "points": "LA_Point",
        "unit_areas": "LA_AreaValue",
    }
)


def element_name(key: str) -> str:
    """Name of the element of a key.

    Examples
    --------
    >>> element_name("property"), element_name("ledger_index")
    ('LA_BAUnit', 'ledgerIndex')
    """
    head, *rest = key.split("_")
    return _KEYS.get(key) or head + "".join(word.capitalize() for word in rest)


def item_name(key: str) -> str:
    """Name of each element of a list.

    Examples
    --------
    >>> item_name("rights"), item_name("successors")
    ('LA_Right', 'item')
    """
    return _ITEMS.get(key, "item")


def namespace_of(schema: str) -> str:
    """Namespace of a statement of a schema.

    Examples
    --------
    >>> namespace_of("urn:kadastr:statement:4")
    'urn:kadastr:statement-xml:4'
    """
    return schema.replace(":statement:", ":statement-xml:")


__all__ = ["element_name", "item_name", "namespace_of"]
