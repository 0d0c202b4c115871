// The names a family usually gives: proposals alone, which stay where nobody types another.
"use strict";

// A family name in -ov, -yev and the like ends in -a for women; other endings stay.
function surname(name, sex) {
  if (sex === "female" && /(?:[oe]v|in)$/i.test(name)) return `${name}a`;
  if (sex === "male" && /(?:[oe]v|in)a$/i.test(name)) return name.slice(0, -1);
  return name;
}

// Rauf's son is "Rauf oğlu", his daughter "Rauf qızı".
function patronymic(father, sex) {
  const ending = { male: "oğlu", female: "qızı" }[sex];
  return father && ending ? `${father} ${ending}` : "";
}

function propose(field, value) {
  if (field.value && field.value !== field.dataset.proposed) return;
  field.value = field.dataset.proposed = value;
}
