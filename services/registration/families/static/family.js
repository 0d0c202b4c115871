// The family form by keyboard: rows are added in place, Enter goes on, what is usual is filled in.
"use strict";

const form = document.querySelector("[data-family]");
const list = form.querySelector("[data-members]");
const blank = list.firstElementChild.cloneNode(true);

const members = () => [...list.querySelectorAll("[data-member]")];
const part = (member, name) => member.querySelector(`[name$=".${name}"]`);

// Names and ids count the rows; the labels and hints point at them.
function number(member, place) {
  for (const attribute of ["name", "id", "for", "aria-describedby", "href"]) {
    for (const each of member.querySelectorAll(`[${attribute}]`)) {
      const value = each.getAttribute(attribute);
      each.setAttribute(attribute, value.replace(/members\.\d+\./g, `members.${place}.`));
    }
  }
  member.querySelector("[data-number]").textContent = place + 1;
  const remove = member.querySelector("[data-remove]");
  if (remove) remove.value = place;
}

function add() {
  const before = members().at(-1);
  const made = blank.cloneNode(true);
  made.querySelector('input[type="hidden"]')?.remove();
  for (const wrong of made.querySelectorAll(".wrong")) wrong.remove();
  for (const bad of made.querySelectorAll(".bad")) bad.classList.remove("bad");
  for (const each of made.querySelectorAll("input")) {
    each.value = "";
    each.removeAttribute("aria-invalid");
  }
  for (const each of made.querySelectorAll("select")) each.selectedIndex = 0;
  part(made, "sex").value = "";
  if (!made.querySelector("[data-remove]")) {
    made.append(document.querySelector("[data-removal]").content.cloneNode(true));
  }
  list.append(made);
  number(made, members().length - 1);
  part(made, "relation").value = members().length === 2 ? "spouse" : "child";
  part(made, "language").value = part(before, "language").value;
  suggest(made);
  part(made, "relation").focus();
}

function remove(member) {
  const place = members().indexOf(member);
  member.remove();
  members().forEach(number);
  part(members()[Math.max(0, place - 1)], "given_name").focus();
}

// Fills in what is usual, only where nobody typed: it stays a proposal.
function suggest(member) {
  const head = members()[0];
  if (member === head) return;
  const sex = part(member, "sex"), relation = part(member, "relation").value;
  const heads = part(head, "sex").value;
  if (relation === "spouse" && !sex.value && heads) {
    sex.value = heads === "male" ? "female" : "male";
  }
  propose(part(member, "family_name"), surname(part(head, "family_name").value, sex.value));
  const father = members().find((each) =>
    part(each, "sex").value === "male" && ["head", "spouse"].includes(part(each, "relation").value));
  const named = father && part(father, "given_name").value;
  propose(part(member, "patronymic"), relation === "child" ? patronymic(named, sex.value) : "");
}

// A father's name that was typed alone gets its ending.
function complete(member) {
  const field = part(member, "patronymic"), father = field.value.trim();
  if (father.includes(" ") || /(?:oğlu|qızı|ovna|evna|ovi[çc]|evi[çc]|вич|вна)$/i.test(father)) return;
  field.value = patronymic(father, part(member, "sex").value) || field.value;
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-add]")) { event.preventDefault(); add(); }
  if (button?.matches("[data-remove]")) {
    event.preventDefault();
    remove(button.closest("[data-member]"));
  }
});

list.addEventListener("change", (event) => {
  const member = event.target.closest("[data-member]");
  if (event.target === part(member, "patronymic")) complete(member);
  suggest(member);
});
list.addEventListener("focusin", (event) => {
  if (event.target.dataset.proposed) event.target.select();
});

// Enter goes on to the next field.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
  if (!event.target.matches("input, select")) return;
  event.preventDefault();
  const order = [...form.querySelectorAll("input, select, button")].filter(
    (each) => each.type !== "hidden" && each.tabIndex >= 0 && !each.matches("[data-remove]"));
  order[order.indexOf(event.target) + 1]?.focus();
});
