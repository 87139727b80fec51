"""Maps of the register: vector tiles, styles, district surveys. Reads schema ``publish`` and nothing else."""

from tiles.layers import LAYERS, Layer
from tiles.mvt import Tile, TileServer
from tiles.styles import category_colours, map_style
from tiles.survey import DistrictSurvey, SurveyMap, SurveyWords, draw_survey, read_survey
from tiles.units import Unit, UnitDirectory, list_units

__all__ = [
    "LAYERS",
    "DistrictSurvey",
    "Layer",
    "SurveyMap",
    "SurveyWords",
    "Tile",
    "TileServer",
    "Unit",
    "UnitDirectory",
    "category_colours",
    "draw_survey",
    "list_units",
    "map_style",
    "read_survey",
]
