// Keeps the check-in page and its files, so that it opens without the network.
// The page itself puts them into the cache; here they are only given out.
"use strict";

const KEPT = "qayidis-check-in";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && /^\/check-in\/[0-9a-f-]{36}$/.test(pathname)) {
    event.respondWith(page(request));
  } else if (pathname.startsWith("/static/")) {
    event.respondWith(file(request));
  }
});

async function page(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(new URL(request.url).pathname, answer.clone());
    return answer;
  } catch (away) {
    const kept = await cache.match(new URL(request.url).pathname);
    if (kept) return kept;
    throw away;
  }
}

// An address under /static/ changes with its bytes, so what is kept is never old.
async function file(request) {
  const kept = await caches.match(request, { cacheName: KEPT, ignoreVary: true });
  return kept ?? fetch(request);
}
