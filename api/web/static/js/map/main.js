// The public map: districts, parcels, one parcel's facts. Everything comes from this server.
import { fetchJson, page, word } from "../page.js";
import { loadDistricts, markDistrict } from "./districts.js";
import { closeFacts, showParcel } from "./facts.js";

const PARCEL_ZOOM = 13;
const SQUARE_ZOOM = 10;
const COUNTRY = [[44.6, 38.2], [51.2, 42.1]];
const note = document.getElementById("map-note");
const answer = document.getElementById("number-answer");
const numberField = document.getElementById("number");
const address = new URL(location.href);

let map = null;
let failure = "";

function select(code, number) {
  map?.setFilter("district-selected", ["==", ["get", "code"], code ?? ""]);
  for (const layer of ["parcel-selected", "parcel-selected-halo"]) {
    map?.setFilter(layer, ["==", ["get", "cadastral_number"], number ?? ""]);
  }
}

function remember(name, value) {
  const next = new URL(location.href);
  if (value) next.searchParams.set(name, value);
  else next.searchParams.delete(name);
  history.replaceState(null, "", next);
  for (const link of document.querySelectorAll(".languages a")) {
    const other = new URL(link.href);
    if (value) other.searchParams.set(name, value);
    else other.searchParams.delete(name);
    link.href = other;
  }
}

async function openParcel(number, { fly }) {
  answer.textContent = "";
  const feature = await showParcel(number, { onClose: closeParcel, onFailure: (text) => forgetParcel(text) });
  if (!feature) return;
  numberField.value = feature.properties.cadastral_number;
  remember("parcel", feature.properties.cadastral_number);
  select(currentDistrict, feature.properties.cadastral_number);
  if (fly && feature.geometry && map) map.fitBounds(boxOf(feature.geometry), { ...view(), maxZoom: 17.5 });
}

function forgetParcel(why) {
  answer.textContent = why;
  remember("parcel", null);
  select(currentDistrict, null);
}

function closeParcel() {
  closeFacts();
  remember("parcel", null);
  select(currentDistrict, null);
  map?.getCanvas().focus({ preventScroll: true });
}

let currentDistrict = null;
function openDistrict(unit) {
  currentDistrict = unit.code;
  markDistrict(unit.code);
  remember("district", unit.code);
  closeFacts();
  remember("parcel", null);
  select(unit.code, null);
  if (unit.box && map) map.fitBounds([unit.box.slice(0, 2), unit.box.slice(2)], { ...view(), maxZoom: 16 });
  failure = unit.box ? "" : `${unit.name}: ${word("no_data")}`;
  tell();
}

function showWhatThereIs(all) {
  const boxes = all.filter((unit) => unit.parcels && unit.box).map((unit) => unit.box);
  if (!boxes.length || !map) return;
  const side = (index, choose) => choose(...boxes.map((box) => box[index]));
  map.fitBounds([[side(0, Math.min), side(1, Math.min)], [side(2, Math.max), side(3, Math.max)]], { ...view(), duration: 0, maxZoom: 15 });
}

function boxOf(geometry) {
  const ring = geometry.coordinates[0];
  const lons = ring.map((point) => point[0]);
  const lats = ring.map((point) => point[1]);
  return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}

function view() {
  const narrow = matchMedia("(max-width: 48rem)").matches;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const facts = !document.getElementById("facts").hidden;
  return {
    duration: still ? 0 : 600,
    padding: narrow ? { top: 30, left: 30, right: 30, bottom: facts ? 260 : 30 } : { top: 50, bottom: 50, right: 60, left: facts ? 430 : 50 },
  };
}

function tell() {
  const zoom = map?.getZoom() ?? PARCEL_ZOOM;
  note.textContent = failure || (zoom < SQUARE_ZOOM ? word("zoom_in") : zoom < PARCEL_ZOOM ? word("squares") : "");
}

function parcelUnder(point) {
  return map.queryRenderedFeatures(point, { layers: ["parcel-fill"] })[0]?.properties.cadastral_number;
}

function choose(point, { fly }) {
  const number = parcelUnder(point);
  failure = number || map.getZoom() < PARCEL_ZOOM ? "" : word("nothing_here");
  tell();
  if (number) openParcel(number, { fly });
}

function followPointer() {
  let hovered = null;
  const forget = () => {
    if (hovered !== null) map.setFeatureState({ source: "parcels", sourceLayer: "parcels", id: hovered }, { hover: false });
    hovered = null;
    map.getCanvas().style.cursor = "";
  };
  map.on("mousemove", "parcel-fill", (event) => {
    const id = event.features[0].id;
    if (id === hovered) return;
    forget();
    hovered = id;
    map.setFeatureState({ source: "parcels", sourceLayer: "parcels", id }, { hover: true });
    map.getCanvas().style.cursor = "pointer";
  });
  map.on("mouseleave", "parcel-fill", forget);
}

function followKeyboard() {
  const canvas = map.getCanvas();
  const stage = canvas.closest(".stage");
  canvas.setAttribute("aria-label", document.getElementById("map").dataset.label);
  canvas.addEventListener("keydown", (event) => {
    stage.classList.add("by-keyboard");
    if (event.key === "Enter") choose(map.project(map.getCenter()), { fly: false });
    if (event.key === "Escape") closeParcel();
  });
  canvas.addEventListener("pointerdown", () => stage.classList.remove("by-keyboard"));
  document.getElementById("facts").addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeParcel();
  });
}

async function buildMap() {
  maplibregl.setWorkerUrl("/static/vendor/maplibre-gl/maplibre-gl-csp-worker.js");
  // labels are drawn from the page's own font, so it has to be there first
  const fonts = ["1em 'Noto Sans'", "bold 1em 'Noto Sans'"].map((font) => document.fonts.load(font, "Əğışöüç"));
  const [style] = await Promise.all([fetchJson(`/map/style.json?lang=${page.lang}`), ...fonts]);
  for (const source of Object.values(style.sources)) source.tiles = source.tiles.map((path) => location.origin + path);
  map = new maplibregl.Map({
    container: "map",
    style,
    bounds: COUNTRY,
    hash: true,
    attributionControl: false,
    maxZoom: 20,
    minZoom: 4,
    dragRotate: false,
    pitchWithRotate: false,
    locale: {
      "NavigationControl.ZoomIn": word("zoom_in_button"),
      "NavigationControl.ZoomOut": word("zoom_out_button"),
    },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-right");
  map.addControl(new maplibregl.AttributionControl({ compact: matchMedia("(max-width: 48rem)").matches, customAttribution: page.attribution }), "bottom-right");
  map.touchZoomRotate.disableRotation();
  map.on("error", (event) => {
    failure = word("tiles_failed");
    tell();
    console.warn(event.error?.message ?? event);
  });
  map.on("click", (event) => choose(event.point, { fly: false }));
  map.on("click", "cell-fill", (event) => map.easeTo({ center: event.lngLat, zoom: PARCEL_ZOOM + 1.5, ...view() }));
  map.on("zoomend", tell);
  map.on("dragstart", () => { failure = ""; tell(); });
  map.on("idle", () => { document.getElementById("map").dataset.state = "idle"; });
  map.on("movestart", () => { document.getElementById("map").dataset.state = "moving"; });
  followPointer();
  followKeyboard();
  await map.once("load");
  tell();
}

document.getElementById("number-form").addEventListener("submit", (event) => {
  event.preventDefault();
  openParcel(numberField.value.trim(), { fly: true });
});
if (matchMedia("(min-width: 48.01rem)").matches) document.getElementById("legend").open = true;
else document.getElementById("districts").open = false;

const districts = loadDistricts(openDistrict);
const drawn = buildMap().catch((error) => {
  note.textContent = word("map_failed");
  console.warn(error.message);
});
const [units] = await Promise.all([districts, drawn]);
const wanted = units.find((unit) => unit.code === address.searchParams.get("district"));
if (wanted && !address.searchParams.get("parcel")) {
  const hash = address.hash;
  if (hash) { currentDistrict = wanted.code; markDistrict(wanted.code); select(wanted.code, null); }
  else openDistrict(wanted);
}
if (!wanted && !address.hash && !address.searchParams.get("parcel")) showWhatThereIs(units);
if (address.searchParams.get("parcel")) openParcel(address.searchParams.get("parcel"), { fly: !address.hash });
document.documentElement.dataset.ready = "true";
