// What every page script starts from: the data the server put into the page, and its words.

/** @type {{lang: string, words: Record<string, string>}} */
export const page = JSON.parse(document.getElementById("page-data").textContent);

/** Word of the page's language, with {n} filled in. */
export function word(key, n) {
  const text = page.words[key] ?? key;
  return n === undefined ? text : text.replace("{n}", formatNumber(n));
}

// Chromium has no Azerbaijani number marks of its own in every build; Turkish uses the same.
const numbers = (digits) =>
  new Intl.NumberFormat(page.lang === "az" ? "tr" : page.lang, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });

export function formatNumber(value, digits = 0) {
  return numbers(digits).format(value);
}

/** 2020-01-15 → 15.01.2020 */
export function formatDate(iso) {
  return iso.split("-").reverse().join(".");
}

/** Make an element; text is never read as markup. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Fetch JSON; give the status as error when it is not fine. */
export async function fetchJson(address, options) {
  const response = await fetch(address, options);
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail ?? response.statusText), { status: response.status });
  }
  return response.json();
}
