// The words that a script says. They stand on the page, in a `<template data-words>` inside of the
// part that the script is for, so that they come from the same texts as all others.

/**
 * @param {ParentNode} part
 * @returns {(name: string, values?: Record<string, string | number>) => string} The words of that
 *   name with each `%value%` filled in; nothing if the page has no such words.
 */
export function wordsOf(part) {
  const template = part.querySelector("template[data-words]");
  const words = new Map();
  if (template instanceof HTMLTemplateElement) {
    for (const word of template.content.querySelectorAll("[data-word]")) {
      words.set(word.getAttribute("data-word"), word.textContent?.trim() ?? "");
    }
  }
  return (name, values = {}) =>
    (words.get(name) ?? "").replace(
      /%(\w+)%/g,
      (/** @type {string} */ all, /** @type {string} */ hole) => String(values[hole] ?? all),
    );
}
