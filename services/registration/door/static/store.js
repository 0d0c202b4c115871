// What stays on this device. Two databases: names leave it with the person who signs out, what was
// checked in stays until it was brought.
"use strict";

const Store = (() => {
  const SHEETS = "qayidis-check-in-sheets", QUEUE = "qayidis-check-in-queue", KEPT = "qayidis-check-in";

  function open(name, stores) {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(name, 1);
      asked.onupgradeneeded = () => {
        for (const [store, keyPath] of stores) asked.result.createObjectStore(store, { keyPath });
      };
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        resolve(asked.result);
      };
      asked.onerror = () => reject(asked.error);
    });
  }
  const opened = new Map();
  function database(name) {
    if (!opened.has(name)) {
      const stores = name === SHEETS ? [["sheets", "id"]] : [["waiting", "nonce"], ["refused", "nonce"], ["facts", "id"]];
      opened.set(name, open(name, stores));
    }
    return opened.get(name);
  }
  async function run(name, store, mode, work) {
    const transaction = (await database(name)).transaction(store, mode);
    const asked = work(transaction.objectStore(store));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
  const reads = (name, store, work) => run(name, store, "readonly", work);
  const writes = (name, store, work) => run(name, store, "readwrite", work);

  return {
    sheet: (id) => reads(SHEETS, "sheets", (each) => each.get(id)),
    keepSheet: (sheet) => writes(SHEETS, "sheets", (each) => each.put(sheet)),
    waiting: () => reads(QUEUE, "waiting", (each) => each.getAll()),
    refused: () => reads(QUEUE, "refused", (each) => each.getAll()),
    queue: (item) => writes(QUEUE, "waiting", (each) => each.put(item)),
    settle: (nonce) => writes(QUEUE, "waiting", (each) => each.delete(nonce)),
    refuse: (item) => writes(QUEUE, "refused", (each) => each.put(item)),
    forgetRefused: () => writes(QUEUE, "refused", (each) => each.clear()),
    async desk() {
      const known = await reads(QUEUE, "facts", (each) => each.get("desk"));
      if (known) return known.name;
      const name = crypto.randomUUID();
      await writes(QUEUE, "facts", (each) => each.put({ id: "desk", name }));
      return name;
    },
    async keepPage(files) {
      const cache = await caches.open(KEPT);
      await Promise.all(files.map(async (file) => {
        if (!file.startsWith("/static/") || !await cache.match(file, { ignoreVary: true })) await cache.add(file);
      }));
    },
    async forgetNames() {
      if (opened.has(SHEETS)) { (await opened.get(SHEETS)).close(); opened.delete(SHEETS); }
      indexedDB.deleteDatabase(SHEETS);
      await caches.delete(KEPT);
    },
  };
})();
