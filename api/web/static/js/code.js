// Checks the signed part of a QR code by itself: keys come with the page, the part after # is never sent.
import { element, formatNumber, page, word } from "./page.js";

const LABEL = "kadastr-verification-code/1\n";
const FIXED = 70; // version 1, key 4, identifier 16, SHA-256 32, second 5, ledger index 6, area 6
const SIGNATURE = 64;
const answer = document.getElementById("code-answer");

for (const link of document.querySelectorAll(".languages a")) link.hash = location.hash;
if (location.hash.length > 1) answer.replaceChildren(await judged(location.hash.slice(1)));

async function judged(digits) {
  const bytes = bytesOf(digits);
  if (bytes === null) return said("not-authentic", "code_forged");
  const payload = bytes.slice(0, -SIGNATURE);
  const found = await signedBy(payload, bytes.slice(-SIGNATURE));
  if (found === null) return said("failed", "code_unchecked");
  if (!found) return said("not-authentic", "code_forged");
  const facts = factsOf(payload);
  const shown = document.getElementById("digest")?.textContent.trim();
  const isOther = shown === undefined || shown !== facts.digest;
  return said(isOther ? "not-authentic" : "authentic", isOther ? "code_other" : "code_genuine", facts);
}

/** Bytes of the decimal number, or null when it is none of ours. */
function bytesOf(digits) {
  if (!/^[1-9][0-9]{300,720}$/.test(digits)) return null;
  const hex = BigInt(digits).toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  const bytes = Uint8Array.from(even.match(/../g), (pair) => parseInt(pair, 16));
  return bytes[0] === 1 && bytes.length >= FIXED + SIGNATURE ? bytes : null;
}

/** Whether a key of the page signed the payload for the address of this page; null when the browser cannot tell. */
async function signedBy(payload, signature) {
  const address = new TextEncoder().encode(`${LABEL}${page.address}\n`);
  const message = new Uint8Array([...address, ...payload]);
  const hint = String(payload.slice(1, 5));
  try {
    for (const jwk of page.keys.filter((one) => String(bytesOfBase64(one.kid).slice(0, 4)) === hint)) {
      const key = await crypto.subtle.importKey("jwk", { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, "Ed25519", false, ["verify"]);
      if (await crypto.subtle.verify("Ed25519", key, signature, message)) return true;
    }
    return false;
  } catch (error) {
    if (error.name === "NotSupportedError" || error instanceof TypeError) return null;
    throw error;
  }
}

function bytesOfBase64(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}

function factsOf(payload) {
  const number = (start, size) => payload.slice(start, start + size).reduce((sum, byte) => sum * 256 + byte, 0);
  const hex = (start, size) => [...payload.slice(start, start + size)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return {
    digest: hex(21, 32),
    issued: new Date(number(53, 5) * 1000),
    version: number(58, 6),
    area: number(64, 6) / 100,
    register: new TextDecoder().decode(payload.slice(FIXED)),
  };
}

function said(kind, key, facts) {
  const section = element("section", { class: `verdict verdict-${kind}`, "data-code": key }, element("p", {}, word(key)));
  if (!facts) return section;
  const rows = [
    ["code_number", facts.register],
    ["code_area", facts.area ? `${formatNumber(facts.area, 2)} ${word("unit_m2")}` : "—"],
    ["issued_at", facts.issued.toLocaleString(page.lang, { timeZone: "Asia/Baku" })],
    ["code_version", String(facts.version)],
    ["code_digest", facts.digest],
  ];
  section.append(
    element("dl", { class: "fact-list" }, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, word(name)), element("dd", { class: "code digest" }, value)))),
  );
  return section;
}
