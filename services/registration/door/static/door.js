// The check-in page: finds a family, ticks who came, keeps it, and brings it when there is network.
"use strict";

const root = document.getElementById("door");
const eventId = root.dataset.event;
const $ = (id) => document.getElementById(id);
const says = (key) => document.querySelector(`#says [data-say="${key}"]`)?.textContent ?? key;
const ONCE = 100, EVERY = 15_000, A_DAY = 86_400_000, REPEATED = 24;
let sheet = null, shown = null, token = root.dataset.csrf, busy = false, verifies = true, looks = 0;

function element(name, more, ...children) {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children);
  return made;
}

function tell(text, kind = "notice") {
  $("answer").replaceChildren(element("div", { className: kind }, element("p", { textContent: text })));
}

// The field is empty by then, so the answer says what it answers to.
function refuse(typed, reason) {
  const text = typed.trim();
  tell(`${text.length > REPEATED ? `${text.slice(0, REPEATED)}…` : text}: ${says(reason)}`, "warning");
}

// Sheet

async function takeSheet() {
  const items = [];
  let next = "", first = null;
  do {
    const answer = await ask(`/check-in/${eventId}/sheet${next && `?cursor=${encodeURIComponent(next)}`}`);
    if (!answer) return;
    token = answer.headers.get("X-Form-Token") ?? token;
    const page = await answer.json();
    first ??= page;
    items.push(...page.items);
    next = page.next;
  } while (next);
  const queued = new Set((await Store.waiting()).flatMap((each) => each.body.person_ids));
  for (const line of items) for (const each of line.members) each.attended ||= queued.has(each.person_id);
  sheet = { id: eventId, staff: root.dataset.staff, event: first.event, keys: first.keys, items, at: Date.now() };
  await Store.keepSheet(sheet);
  show();
}

async function ask(path, more) {
  const answer = await fetch(path, { redirect: "manual", cache: "no-store", ...more });
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    state("signed-out");
    return null;
  }
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer;
}

// Finding

async function find(typed) {
  const code = Ticket.normal(typed);
  if (!sheet) return { fault: "no-sheet" };
  if (Ticket.isSigned(code)) {
    if (!verifies) return { fault: "cannot-verify" };
    const read = await Ticket.read(code, sheet.keys);
    if (read.fault) return read;
    if (read.eventId !== eventId) return { fault: "ticket-of-another-event" };
    const line = sheet.items.find((each) => each.enrolment_id === read.enrolmentId);
    if (!line) return { fault: "ticket-unlisted" };
    if (read.serial < line.serial) return { fault: "ticket-revoked" };
    return { lines: [line], ticket: code };
  }
  const byCode = code.length >= 4 ? sheet.items.filter((each) => each.code.startsWith(code)) : [];
  if (byCode.length) return { lines: byCode };
  const wanted = typed.trim().toLocaleLowerCase("az");
  const byName = sheet.items.filter((each) =>
    each.members.some((one) => one.name.toLocaleLowerCase("az").includes(wanted)));
  return byName.length ? { lines: byName } : { fault: "ticket-unknown" };
}

async function look(typed) {
  const last = ++looks;
  $("family").replaceChildren();
  shown = null;
  if (!typed.trim()) return;
  const found = await find(typed);
  if (last !== looks) return;
  if (found.fault) return refuse(typed, found.fault);
  $("answer").replaceChildren();
  if (found.lines.length === 1) return open(found.lines[0], found.ticket);
  const list = element("ul", { className: "list" });
  for (const line of found.lines.slice(0, 20)) {
    const names = line.members.map((each) => each.name).join(", ");
    const button = element("button", { type: "button", className: "plain", textContent: names });
    button.addEventListener("click", () => open(line));
    list.append(element("li", {}, button));
  }
  $("family").replaceChildren(list);
}

function open(line, ticket = line.code) {
  if (line.status !== "confirmed") return refuse(line.members[0]?.name ?? line.code, "enrolment-waitlisted");
  // One nonce however often the button is pressed: a scanner may send two Enters.
  shown = { line, ticket, nonce: crypto.randomUUID() };
  const ticks = line.members.map((each, place) => {
    const id = `member-${place}`;
    const box = element("input", { type: "checkbox", id, value: each.person_id, checked: true, disabled: each.attended });
    const label = element("label", { htmlFor: id, textContent: each.name });
    if (each.attended) label.append(" ", element("span", { className: "tag go", textContent: says("here") }));
    return element("div", { className: "tick" }, box, label);
  });
  const everybody = line.members.every((each) => each.attended);
  const button = element("button", { textContent: says("check-in"), hidden: everybody });
  const form = element("form", { className: "member" }, ...ticks, element("div", { className: "actions" }, button));
  form.addEventListener("submit", (event) => { event.preventDefault(); checkIn(form); });
  $("family").replaceChildren(form);
  if (everybody) return tell(says("all-here"), "warning");
  if (!$("code").value) button.focus();
}

// A scanner types like a keyboard, wherever the focus is: its letters belong to the field, and then
// so does its Enter, which would otherwise press the button of the family that is shown.
function typedAnywhere(event) {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("textarea, select, input:not([type=checkbox])")) return;
  $("code").value = "";
  $("code").focus();
}

// Checking in

async function checkIn(form) {
  const came = [...form.querySelectorAll("input:checked:not(:disabled)")].map((each) => each.value);
  if (!came.length || !shown) return;
  const { line, ticket, nonce } = shown;
  const names = line.members.filter((each) => came.includes(each.person_id)).map((each) => each.name).join(", ");
  const body = { ticket, person_ids: came, nonce, at: new Date().toISOString() };
  await Store.queue({ nonce, eventId, body });
  // The list may be a newer one than that of the family shown.
  for (const one of sheet.items) for (const each of one.members) each.attended ||= came.includes(each.person_id);
  await Store.keepSheet(sheet);
  tell(`${says("checked-in")} ${names}`);
  if (form.isConnected) {
    shown = null;
    $("family").replaceChildren();
    $("code").focus();
  }
  await show();
  bring();
}

// Bringing

async function bring() {
  if (busy) return;
  busy = true;
  try {
    for (let batch = await mine(); batch.length; batch = await mine()) {
      const form = new FormData();
      form.set("csrf", token);
      form.set("batch", JSON.stringify({ desk: await Store.desk(), check_ins: batch.map((each) => each.body) }));
      const answer = await ask(`/check-in/${eventId}/sync`, { method: "POST", body: form });
      if (!answer) return;
      const { items } = await answer.json();
      for (const item of items) {
        if (item.result === "conflict") {
          await Store.refuse({ nonce: item.nonce, eventId, persons: item.conflicting, reason: item.reason });
        }
        await Store.settle(item.nonce);
      }
    }
    state("online");
  } catch {
    state("offline");
  } finally {
    busy = false;
    await show();
  }
}

const mine = async () => (await Store.waiting()).filter((each) => each.eventId === eventId).slice(0, ONCE);

// Showing

function state(name) {
  for (const each of document.querySelectorAll("[data-state]")) each.hidden = each.dataset.state !== name;
}

async function show() {
  const waiting = (await Store.waiting()).filter((each) => each.eventId === eventId);
  const refused = (await Store.refused()).filter((each) => each.eventId === eventId);
  const members = sheet ? sheet.items.filter((each) => each.status === "confirmed").flatMap((each) => each.members) : [];
  $("here").textContent = members.filter((each) => each.attended).length;
  $("expected").textContent = members.length;
  $("waiting").textContent = waiting.length;
  $("another-day").hidden = !sheet || isToday(sheet.event);
  root.dataset.ready = sheet ? "yes" : "no";
  $("refused").hidden = !refused.length;
  $("refused-list").replaceChildren(...refused.map((each) =>
    element("li", { textContent: `${namesOf(each.persons)}: ${says(each.reason)}` })));
}

function isToday({ starts_at: starts, ends_at: ends }) {
  const days = new Intl.DateTimeFormat("sv", { timeZone: "Asia/Baku" });  // 2026-12-01
  const [first, last, now] = [starts, ends, Date.now()].map((at) => at && days.format(new Date(at)));
  return !first || !last || (first <= now && now <= last);
}

function namesOf(persons) {
  const names = new Map(sheet?.items.flatMap((each) => each.members).map((each) => [each.person_id, each.name]));
  return persons.map((each) => names.get(each) ?? says("unknown")).join(", ");
}

// Camera, where the browser can read codes

async function camera() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const formats = await BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return;
  $("scan").hidden = false;
  $("scan").addEventListener("click", async () => {
    const video = $("video");
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    while (!video.hidden) {
      const [seen] = await detector.detect(video);
      if (seen) { video.hidden = true; await look(seen.rawValue); }
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    for (const track of stream.getTracks()) track.stop();
  });
}

async function start() {
  if (!window.isSecureContext || !("serviceWorker" in navigator)) return state("insecure");
  verifies = await Ticket.canVerify();
  const kept = await Store.sheet(eventId);
  const over = kept?.event.ends_at && Date.parse(kept.event.ends_at) + A_DAY < Date.now();
  if (kept && (kept.staff !== root.dataset.staff || over)) await Store.forgetNames();
  else sheet = kept ?? null;
  $("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = $("code").value;
    $("code").value = "";
    look(typed);
  });
  document.addEventListener("keydown", typedAnywhere);
  await navigator.serviceWorker.register("/check-in/worker.js", { scope: "/check-in/" });
  await show();
  try {
    await bring();
    await takeSheet();
    const files = [...document.querySelectorAll("script[src], link[href]")].map((each) => new URL(each.src || each.href).pathname);
    await Store.keepPage([location.pathname, ...files]);
    root.dataset.kept = "yes";
  } catch { state("offline"); }
  camera();
  $("seen").addEventListener("click", async () => { await Store.forgetRefused(); location.reload(); });
  addEventListener("online", async () => { await bring(); await takeSheet().catch(() => state("offline")); });
  addEventListener("offline", () => state("offline"));
  setInterval(bring, EVERY);
  root.dataset.started = "yes";
}

start();
