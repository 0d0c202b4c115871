// Reads a ticket's signed code and verifies it, without the network (see tickets/domain.py).
"use strict";

const Ticket = (() => {
  const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const LENGTH = 178;

  const normal = (typed) => typed.replace(/[\s-]/g, "").toUpperCase()
    .replace(/O/g, "0").replace(/[IL]/g, "1");
  const isSigned = (code) => code.startsWith("Q1.");

  function bytesOf(letters) {
    const bytes = new Uint8Array(Math.floor(letters.length * 5 / 8));
    let bits = 0, held = 0, at = 0;
    for (const letter of letters) {
      const value = LETTERS.indexOf(letter);
      if (value < 0) return null;
      held = (held << 5) | value;
      bits += 5;
      if (bits >= 8) { bits -= 8; bytes[at++] = held >> bits; held &= (1 << bits) - 1; }
    }
    return held === 0 ? bytes : null;
  }

  const hex = (bytes) => Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
  const uuid = (bytes) => hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const fromUrl = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));

  // Gives {fault} or {eventId, enrolmentId, serial}.
  async function read(code, keys) {
    const letters = code.slice(3);
    if (code.length < LENGTH && /^[0-9A-HJKMNP-TV-Z]*$/.test(letters)) return { fault: "ticket-incomplete" };
    const bytes = code.length === LENGTH ? bytesOf(letters) : null;
    if (!bytes) return { fault: "ticket-unreadable" };
    const claim = bytes.slice(0, 45);
    const key = keys.find((each) => hex(fromUrl(each.kid).slice(0, 4)) === hex(claim.slice(0, 4)));
    if (!key) return { fault: "ticket-unknown-key" };
    const known = await crypto.subtle.importKey(
      "jwk", { kty: "OKP", crv: "Ed25519", x: key.x }, { name: "Ed25519" }, false, ["verify"]);
    const signed = new Uint8Array([...new TextEncoder().encode("Q1."), ...claim]);
    if (!await crypto.subtle.verify({ name: "Ed25519" }, known, bytes.slice(45, 109), signed)) {
      return { fault: "ticket-forged" };
    }
    return {
      eventId: uuid(claim.slice(4, 20)),
      enrolmentId: uuid(claim.slice(20, 36)),
      serial: new DataView(claim.buffer, claim.byteOffset + 36, 4).getUint32(0),
    };
  }

  // Some browsers have no Ed25519: then a code is judged when it is brought.
  async function canVerify() {
    try {
      await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, false, ["verify"]);
      return true;
    } catch { return false; }
  }

  return { normal, isSigned, read, canVerify };
})();
