// Live progress; without this script the page loads itself again every few seconds.
"use strict";

const list = document.querySelector("[data-live-import]");
if (list && "EventSource" in window) {
  const source = new EventSource(list.dataset.liveImport);
  const written = new Intl.NumberFormat(document.documentElement.lang);
  const take = (message) => {
    const found = JSON.parse(message.data);
    if (found.state !== list.dataset.state) { source.close(); location.reload(); return; }
    for (const [name, count] of Object.entries(found.counts)) {
      const place = list.querySelector(`[data-count="${name}"]`);
      if (place) place.textContent = written.format(count);
    }
  };
  const states = ["waiting", "checking", "unmapped", "checked", "refused", "committing", "paused",
    "committed", "cancelled", "failed"];
  for (const state of states) source.addEventListener(state, take);
  addEventListener("pagehide", () => source.close());
}
