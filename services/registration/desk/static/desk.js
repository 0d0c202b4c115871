// Small improvements of pages that work without them. Nothing here is needed to do the work.
"use strict";

// What is wrong is read out and reached first.
document.querySelector("[data-focus]")?.focus();

// A second click waits for the answer to the first; the server does a form once in any case.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
