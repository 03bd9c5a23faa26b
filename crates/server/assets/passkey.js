// Passkeys: enrols one or signs with one, and hands the result on.
//
//   <form method="post" data-passkey="get" data-options="{…}">   or data-options-from="/v1/…"
//     <input type="hidden" name="assertion" data-passkey-into>
//     <button>…</button> <p data-told role="alert"></p> <template data-words>…</template>
//   </form>
//
// With `data-passkey-into` the result goes into that field, and the form is sent as any other. With
// `data-post="/v1/…"` it goes to the API as JSON, named `data-member`, beside the form's other
// fields; then the page `data-then` is opened, or this one again. A button's own data go before
// the form's, and its name and value are sent with it.
//
// Words: waiting, cancelled, already, unsupported, site, offline, failed (%title%, %code%).

import { wordsOf } from "./words.js";

/** The names of what the browser throws, by our words for it. */
const THROWN = Object.entries({
  cancelled: ["NotAllowedError", "AbortError"],
  already: ["InvalidStateError"],
  unsupported: ["NotSupportedError", "ConstraintError"],
  site: ["SecurityError"],
});

/** A refusal of the server: its title and its stable code. */
export class Refused extends Error {
  code = "";
}

/** Enrols a passkey. @param {any} options As the server gave them. */
export async function create(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return /** @type {any} */ (await navigator.credentials.create({ publicKey })).toJSON();
}

/** Signs with a passkey. @param {any} options As the server gave them. */
export async function get(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return /** @type {any} */ (await navigator.credentials.get({ publicKey })).toJSON();
}

/**
 * Asks our own API in the name of who is signed in.
 * @param {string} path @param {object} [body] What to post; without one it is a `GET`.
 * @returns {Promise<any>}
 */
export async function ask(path, body) {
  const answer = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { "Glassbreak-Request": "1", ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
    credentials: "same-origin",
    cache: "no-store",
    redirect: "error",
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Refused(told.title), { code: told.code });
  return told;
}

/** The name of the words for an error. @param {any} error */
export function nameOf(error) {
  if (error instanceof TypeError) return "offline";
  return THROWN.find(([, names]) => names.includes(error?.name))?.[0] ?? "failed";
}

/** @param {DOMStringMap} data */
async function optionsOf({ options, optionsFrom, passkey }) {
  if (options) return JSON.parse(options);
  const told = await ask(optionsFrom ?? "", passkey === "create" ? {} : undefined);
  return told.options;
}

/**
 * @param {HTMLFormElement} form @param {HTMLElement | null} button @param {DOMStringMap} data
 * @param {object} signed
 */
async function handOn(form, button, data, signed) {
  const into = form.querySelector("[data-passkey-into]");
  if (into instanceof HTMLInputElement) {
    into.value = JSON.stringify(signed);
    const [name, value] = ["name", "value"].map((part) => button?.getAttribute(part) ?? "");
    const chosen = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    if (name) form.append(chosen);
    form.submit();
    return;
  }
  const { post = "", member = "assertion", then } = data;
  await ask(post, { ...Object.fromEntries(new FormData(form, button)), [member]: signed });
  window.location.assign(then ?? window.location.href);
}

/** @param {HTMLFormElement} form */
export function enhance(form) {
  const words = wordsOf(form);
  const told = form.querySelector("[data-told]");
  const say = (/** @type {string} */ text) => told && (told.textContent = text);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = [...form.querySelectorAll("button")];
    for (const button of buttons) button.setAttribute("aria-disabled", "true");
    if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
      return void say(words("unsupported"));
    }
    say(words("waiting"));
    try {
      const data = { ...form.dataset, ...event.submitter?.dataset };
      const use = data.passkey === "create" ? create : get;
      await handOn(form, event.submitter, data, await use(await optionsOf(data)));
    } catch (error) {
      const { code = "", message: title = "" } = error instanceof Refused ? error : {};
      say(words(nameOf(error), { title, code }));
      for (const button of buttons) button.removeAttribute("aria-disabled");
    }
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (form instanceof HTMLFormElement) enhance(form);
}
