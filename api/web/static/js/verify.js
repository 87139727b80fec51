// Sends a PDF, or the JSON of an extract, to the register and shows the verdict.
import { element, page, word } from "./page.js";

const form = document.getElementById("verify-form");
const file = document.getElementById("file");
const answer = document.getElementById("verify-answer");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [chosen] = file.files;
  if (!chosen) return;
  const button = form.querySelector("button");
  button.disabled = true;
  answer.replaceChildren(element("p", { class: "hint" }, word("verifying")));
  try {
    answer.replaceChildren(await verdictOf(chosen));
  } catch (error) {
    answer.replaceChildren(failed(word("verify_failed") + error.message));
  } finally {
    button.disabled = false;
  }
});

async function verdictOf(chosen) {
  const start = String.fromCharCode(...new Uint8Array(await chosen.slice(0, 64).arrayBuffer()));
  const isJson = start.trimStart().startsWith("{");
  if (!isJson && !start.startsWith("%PDF-")) return failed(word("not_pdf"));
  const response = await fetch("/v1/verify", {
    method: "POST",
    headers: { "Content-Type": isJson ? "application/json" : "application/pdf", "Accept-Language": page.lang },
    body: chosen,
  });
  const body = await response.json();
  if (!response.ok) return failed(word("verify_failed") + (body.detail ?? response.statusText));
  return verdict(body);
}

function verdict(body) {
  const kind = body.verdict.toLowerCase().replaceAll(" ", "-");
  const section = element("section", { class: `verdict verdict-${kind}`, "data-verdict": body.verdict },
    element("p", { class: "verdict-word" }, word(body.verdict)));
  if (body.issued_at) {
    const moment = new Date(body.issued_at).toLocaleString(page.lang, { timeZone: "Asia/Baku" });
    section.append(element("p", {}, `${word("issued_at")}: ${moment}`));
  }
  if (body.ledger) {
    section.append(element("p", {}, `${word("ledger_place")}: ${body.ledger.index} / ${body.ledger.tree_size}`));
  }
  if (body.reasons.length) {
    section.append(element("p", {}, `${word("reasons")}:`), element("ul", {}, ...body.reasons.map((reason) => element("li", {}, reason))));
  }
  return section;
}

function failed(text) {
  return element("section", { class: "verdict verdict-failed" }, element("p", {}, text));
}
