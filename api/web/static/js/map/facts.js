// The panel with a parcel's public facts.
import { element, fetchJson, formatDate, formatNumber, page, word } from "../page.js";

const panel = document.getElementById("facts");
let asked = 0;

/** Address of a parcel's facts. */
export function parcelAddress(number) {
  return `/v1/parcels/${number.split("/").map(encodeURIComponent).join("/")}`;
}

/** Load a parcel and show it; gives the GeoJSON feature, or null when another question came first. */
export async function showParcel(number, { onClose, onFailure }) {
  const turn = ++asked;
  show(number, onClose, element("p", { class: "pending" }, word("loading")));
  try {
    const feature = await fetchJson(parcelAddress(number));
    if (turn !== asked) return null;
    show(number, onClose, ...content(feature.properties, feature.geometry));
    panel.focus({ preventScroll: true });
    return feature;
  } catch (error) {
    if (turn !== asked) return null;
    closeFacts();
    onFailure(word(error.status === 404 ? "parcel_not_found" : "parcel_failed"));
    return null;
  }
}

export function closeFacts() {
  asked += 1;
  panel.hidden = true;
  panel.replaceChildren();
}

function show(number, onClose, ...body) {
  const close = element("button", { type: "button", class: "facts-close", "aria-label": word("close"), onclick: onClose }, "×");
  const title = element("div", {}, element("p", { class: "eyebrow" }, word("parcel")), element("h2", { id: "facts-title" }, number));
  panel.replaceChildren(element("div", { class: "facts-head" }, title, close), ...body);
  panel.hidden = false;
}

function content(facts, geometry) {
  const list = element("dl", { class: "fact-list" });
  for (const [key, value] of rows(facts)) {
    const stated = value ?? element("span", { class: "absent" }, word("not_stated"));
    list.append(element("div", { "data-fact": key }, element("dt", {}, word(key)), element("dd", {}, stated)));
  }
  const links = element("p", { class: "links" },
    element("a", { href: parcelAddress(facts.cadastral_number) }, word("download")),
    element("a", { href: `/surveys/${facts.district_code}?lang=${page.lang}` }, word("survey")));
  return [geometry ? null : element("p", { class: "hint" }, word("no_geometry")), list, links].filter(Boolean);
}

function rows(facts) {
  return [
    ["address", facts.address_text],
    ["district", page.districts[facts.district_code] ?? facts.district_code],
    ["land_category", page.categories[facts.land_category] ?? null],
    ["ownership_form", page.ownership_forms[facts.ownership_form] ?? null],
    ["purpose", facts.purpose],
    ["surveyed_area", area(facts.surveyed_area_m2)],
    ["documentary_area", area(facts.documentary_area_m2)],
    ["accuracy", facts.accuracy_m === null ? null : `± ${formatNumber(facts.accuracy_m, 2)} ${word("unit_m")}`],
    ["valid_from", formatDate(facts.valid_from)],
    ["registered", word(facts.has_property ? "yes" : "no")],
  ];
}

function area(value) {
  return value === null ? null : `${formatNumber(value, 2)} ${word("unit_m2")}`;
}
