// What a child of this family is usually called, once its sex is chosen.
"use strict";

const birth = document.querySelector("[data-birth]");
const child = (name) => birth.querySelector(`[name="member.${name}"]`);

birth.addEventListener("change", () => {
  const sex = child("sex").value;
  propose(child("family_name"), sex && surname(birth.dataset.surname, sex));
  propose(child("patronymic"), patronymic(birth.dataset.father, sex));
});
