// Keeps the page as new as the server's: one small message says that something changed, and the
// part of the page that can change is fetched, the same HTML as without scripts.
"use strict";

const search = document.getElementById("q");
const live = document.getElementById("live");
let drawing = false;
let again = false;

function say(state, words) {
  if (live.dataset.state === state) return;
  live.dataset.state = state;
  live.textContent = words;
}

function isInUse(card) {
  return card.contains(document.activeElement) && document.activeElement.closest("details");
}

// A form that someone is filling in keeps its place and its values; only its texts change.
function renew(old, fresh) {
  if (!isInUse(old)) {
    const wasOpen = old.querySelector("details").open;
    const sameMode = old.querySelector("details").dataset.mode
      === fresh.querySelector("details").dataset.mode;
    fresh.querySelector("details").open = wasOpen && sameMode;
    old.replaceWith(fresh);
    return fresh;
  }
  old.querySelector(".screen").replaceWith(fresh.querySelector(".screen"));
  old.querySelector("header").replaceWith(fresh.querySelector("header"));
  return old;
}

function markNew(card, known) {
  for (const bubble of card.querySelectorAll(".bubble")) {
    if (!known.has(bubble.dataset.id)) bubble.classList.add("fresh");
  }
}

function patch(html, highlight) {
  const next = new DOMParser().parseFromString(html, "text/html");
  document.getElementById("summary").replaceWith(next.getElementById("summary"));
  const list = document.getElementById("phones");
  const wanted = [...next.getElementById("phones").children];
  const ids = new Set(wanted.map((card) => card.id));
  const known = new Set([...list.querySelectorAll(".bubble")].map((bubble) => bubble.dataset.id));
  const focused = document.activeElement;
  const busy = [...list.children].some(isInUse);

  for (const card of [...list.children]) {
    if (!ids.has(card.id) && !isInUse(card)) card.remove();
  }
  let place = null;
  for (const fresh of wanted) {
    let card = document.getElementById(fresh.id);
    if (!card) {
      card = fresh;
      list.insertBefore(card, place ? place.nextSibling : list.firstChild);
      if (highlight) markNew(card, known);
    } else if (card.dataset.version !== fresh.dataset.version) {
      card = renew(card, fresh);
      if (highlight) markNew(card, known);
    }
    const expected = place ? place.nextSibling : list.firstChild;
    if (!busy && card !== expected) list.insertBefore(card, expected);
    place = card;
  }
  if (focused && focused.isConnected && focused !== document.activeElement) {
    focused.focus({ preventScroll: true });
  }
}

async function draw(highlight) {
  if (drawing) {
    again = true;
    return;
  }
  drawing = true;
  try {
    do {
      again = false;
      const answer = await fetch("/phones?" + new URLSearchParams({ q: search.value }));
      if (answer.ok) patch(await answer.text(), highlight);
    } while (again);
  } catch {
    say("lost", "Connection lost, trying again…");
  } finally {
    drawing = false;
  }
}

function listen() {
  const source = new EventSource("/live");
  source.onmessage = () => {
    say("live", "Live");
    draw(true);
  };
  source.onerror = () => {
    say("lost", "Connection lost, trying again…");
    // The browser tries again by itself, except after an answer that was an error.
    if (source.readyState !== EventSource.CLOSED) return;
    source.close();
    setTimeout(listen, 2000);
  };
}

let typing = 0;
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const query = search.value ? "?" + new URLSearchParams({ q: search.value }) : "/";
    history.replaceState(null, "", query);
    draw(false);
  }, 200);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== "/switch") return;
  event.preventDefault();
  const details = form.closest("details");
  const answer = await fetch("/switch", { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) {
    const problem = await answer.json();
    form.elements.seconds.setCustomValidity(problem.detail);
    form.reportValidity();
    form.elements.seconds.addEventListener("input", () => form.elements.seconds.setCustomValidity(""), { once: true });
    return;
  }
  details.open = false;
  details.querySelector("summary").focus({ preventScroll: true });
  details.querySelector("summary").blur();
  draw(false);
});

listen();
