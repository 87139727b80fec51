// The list of districts: filtered while typing, in the order of the reader's alphabet.
import { element, fetchJson, page, word } from "../page.js";

const list = document.getElementById("district-list");
const filter = document.getElementById("filter");
const count = document.getElementById("district-count");
const collator = new Intl.Collator(page.lang);
let units = [];
let chosen = null;

/** Fill the list; `choose` is called with a unit. */
export async function loadDistricts(choose) {
  filter.addEventListener("input", () => draw(choose));
  try {
    const answer = await fetchJson("/map/districts");
    units = answer.districts.map((unit) => ({ ...unit, name: unit.names[page.lang] }));
    if (page.lang !== "az") units.sort((a, b) => collator.compare(a.name, b.name));
    draw(choose);
  } catch {
    const retry = element("button", { type: "button", onclick: () => location.reload() }, word("retry"));
    count.replaceChildren(word("districts_failed"), " ", retry);
  }
  return units;
}

export function markDistrict(code) {
  chosen = code;
  for (const button of list.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.code === code));
  }
}

function draw(choose) {
  const wanted = fold(filter.value);
  const found = units.filter((unit) => Object.values(unit.names).some((name) => fold(name).includes(wanted)) || fold(unit.code).includes(wanted));
  const held = found.filter((unit) => unit.parcels > 0);
  const others = found.filter((unit) => unit.parcels === 0);
  list.replaceChildren(...group("districts_with_data", held, choose), ...group("districts_without_data", others, choose));
  count.textContent = found.length ? word("districts_found", found.length) : word("districts_none");
}

function group(title, members, choose) {
  if (!members.length) return [];
  const head = element("li", { class: "group" }, word(title));
  return [head, ...members.map((unit) => item(unit, choose))];
}

function item(unit, choose) {
  const held = unit.parcels ? element("small", {}, word("parcels_count", unit.parcels)) : null;
  const button = element(
    "button",
    { type: "button", "data-code": unit.code, "aria-pressed": String(unit.code === chosen), class: unit.parcels ? null : "without", onclick: () => choose(unit) },
    element("span", {}, unit.name),
    held,
  );
  return element("li", {}, button);
}

// Typing without Azerbaijani letters finds names with them.
const PLAIN = { ə: "e", ı: "i", ö: "o", ü: "u", ş: "s", ç: "c", ğ: "g" };
function fold(text) {
  return text.normalize("NFC").replace(/İ/g, "i").replace(/I/g, "ı").toLowerCase().replace(/[əıöüşçğ]/g, (letter) => PLAIN[letter]).trim();
}
