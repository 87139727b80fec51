"""The note that lies in every sample."""

from __future__ import annotations

from typing import Final

README: Final = """\
SİNTETİK MƏLUMAT / SYNTHETIC DATA / СИНТЕТИЧЕСКИЕ ДАННЫЕ

az: Bu qovluqdakı bütün sahələr, binalar, küçələr, ünvanlar, şəxslər, hüquqlar və məhdudiyyətlər
    "cadastre sample" əmri ilə uydurulmuşdur. Heç bir real sahə, ünvan və ya şəxs təsvir olunmur.
en: Every parcel, building, street, address, person, right and restriction in this folder was invented
    by "cadastre sample". No real parcel, address or person is described.
ru: Все участки, здания, улицы, адреса, лица, права и ограничения в этой папке придуманы командой
    "cadastre sample". Ни один настоящий участок, адрес или человек не описан.

How to tell:
  district codes and names are real; districts.geojson holds only the extents of the sample
  FIN             begins with ZZ; the alphabet is the real one (no I, no O)
  VOEN            begins with territory 00, which is not issued; the check digit is right
  register number begins with 99
  cadastral number has -S after the district code
  registration number has an office of 90 or more (80 or more in very large samples)
  documents       numbers begin with S- or SINTETIK-
  layers          have the attribute "synthetic" = true and say so in their description

Files (one folder per district when there are several):
  districts.geojson  extents of the sample districts, EPSG:4326
  zones.gpkg         cadastral zones, between the avenues
  parcels.gpkg       parcels; neighbours share their vertices exactly, coordinates to the millimetre
  buildings.gpkg     buildings within their parcels
  streets.gpkg       centre lines from the start to the end of each street
  entrances.gpkg     numbered entrances: odd on the left, even on the right; position = metres from the start
  rights.csv         rights and restrictions; a parcel that is not listed is not in the register
  flats.csv          flats of apartment buildings (cadastre load units); flat_rights.csv their rights (a file
                     of its own, for a register takes the rights on flats only after the flats themselves)
  planted.json       overlapping pairs planted on purpose, if asked for
"""
