// Small improvements of pages that work without them. Nothing here is needed to do the work.
"use strict";

// What is wrong is read out and reached first.
document.querySelector("[data-focus]")?.focus();

// A second click waits for the answer to the first; the server does a form once in any case.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "file" in form.dataset) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    delete form.dataset.changed;
  }
});

// Long forms: Ctrl+Enter saves from anywhere, and the browser asks before what was typed is lost.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest("form[data-asks]");
  if (!form || event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-save]"));
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-asks]");
  if (form) form.dataset.changed = "yes";
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("a[data-leave]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  for (const form of document.querySelectorAll("form[data-changed]")) delete form.dataset.changed;
});
addEventListener("beforeunload", (event) => {
  if (!document.querySelector("form[data-changed]:not([data-sent])")) return;
  event.preventDefault();
  // Who stays may send what took them away, such as signing out, once more.
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Printing, where there is something to print.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Seats as they change; the numbers of the page stand where the stream is not to be had.
const live = document.querySelector("[data-live-seats]");
if (live && "EventSource" in window) {
  const source = new EventSource(live.dataset.liveSeats);
  const written = new Intl.NumberFormat(document.documentElement.lang);
  const show = (element, number) => {
    const text = written.format(number);
    if (element.textContent === text) return;
    element.textContent = text;
    element.classList.remove("fresh");
    void element.offsetWidth;
    element.classList.add("fresh");
  };
  source.addEventListener("message", (message) => {
    for (const [id, seats] of Object.entries(JSON.parse(message.data))) {
      for (const each of document.querySelectorAll(`[data-free="${id}"]`)) show(each, seats.free);
      for (const each of document.querySelectorAll(`[data-waiting="${id}"]`)) show(each, seats.waiting);
    }
  });
  addEventListener("pagehide", () => source.close());
}

// Results while one types, in the place of the results of a whole page.
for (const search of document.querySelectorAll("[data-live-search]")) {
  const box = search.querySelector("[type=search]"), found = document.getElementById("found");
  let asked = 0, waiting;
  const ask = async () => {
    const mine = ++asked, body = new URLSearchParams(new FormData(search));
    const answer = await fetch(search.dataset.liveSearch, { method: "POST", body }).catch(() => null);
    if (!answer || mine !== asked) return;
    if (answer.redirected || !answer.ok) { if (answer.redirected) location.reload(); return; }
    found.innerHTML = await answer.text();
    // Going back shows it again; the history does not tell what was typed.
    history.replaceState(null, "", answer.headers.get("Search-Address"));
  };
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 150); });
  // Somebody quick has typed before this ran.
  if (box.value !== box.defaultValue) ask();
}
// Names that the check-in page keeps on this device leave it with who signs out; what was checked
// in and not sent yet stays.
document.querySelector("form.leave")?.addEventListener("submit", () => {
  indexedDB.deleteDatabase("qayidis-check-in-sheets");
  caches?.delete("qayidis-check-in");
});
