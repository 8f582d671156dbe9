// Who to be: the list beside the phone, or behind the back button on a small screen.

import { $, avatar, button, copyText, el, icon } from "./dom.js";
import { phoneText } from "./format.js";
import { t } from "./i18n.js";
import { openSheet } from "./overlay.js";

// Somebody's ID number, which the rehearsal writes behind the role.
function numberIn(text) {
  const [, role, number] = /^(.*?)(?: · )?([1-9]\d{16}[\dX])?$/.exec(text);
  return { role, number };
}

export class People {
  #act;
  #panel = $("people-panel");
  #list = $("people");
  #people = [];
  #current = null;
  #close = () => {};

  constructor(act) {
    this.#act = act;
    $("open-people").addEventListener("click", () => this.open());
    this.#panel.querySelector(".panel-close").addEventListener("click", () => this.#close());
    $("panel-shade").addEventListener("click", () => this.#close());
  }

  open() {
    const current = this.#list.querySelector("[aria-current='true']");
    if (matchMedia("(min-width: 1080px)").matches) { current?.focus(); return; }
    this.#close = openSheet(this.#panel, (open) => this.#panel.classList.toggle("open", open), current);
  }

  find(id) { return this.#people.find((one) => String(one.id) === String(id)) || null; }
  get first() { return this.#people[0] || null; }
  with(test) { return this.#people.find(test) || null; }

  set(people) {
    this.#people = people;
    this.#draw();
  }

  choose(id) {
    this.#current = id;
    const person = this.find(id);
    if (person) person.unread = 0;
    this.#draw();
    this.#close();
  }

  unread(id) {
    const person = this.find(id);
    if (!person) return;
    person.unread = (person.unread || 0) + 1;
    this.#draw();
  }

  // Into the line where it is to be typed, as with the code of a text message.
  async #use(one, number) {
    this.#act.become(one.id);
    await copyText(number);
    this.#act.toast(t(this.#act.insert(number) ? "number_inserted" : "copied"));
  }

  #draw() {
    const held = document.activeElement?.closest?.("[data-person]")?.dataset.person;
    this.#list.replaceChildren(...this.#people.map((one) => {
      const here = String(one.id) === String(this.#current);
      const n = here ? 0 : one.unread || 0;
      const hash = new URLSearchParams(location.hash.slice(1));
      hash.set("person", one.id);
      hash.delete("start");
      const { role, number } = numberIn(one.role || "");
      return el("li", { class: `person-line${here ? " here" : ""}${number ? " numbered" : ""}` },
        button({ class: "person", "data-testid": `person-${one.id}`, "data-person": one.id, "aria-current": here ? "true" : null,
          onclick: () => this.#act.become(one.id) }, avatar(one.name, one.id),
        el("span", { class: "person-main" },
          el("span", { class: "person-name" }, el("b", {}, one.name), one.language_code ? el("small", {}, /^zh/i.test(one.language_code) ? "中文" : one.language_code.toUpperCase()) : null),
          el("span", { class: "person-role" }, role),
          el("span", { class: "person-phone" }, phoneText(one.phone)),
          number ? el("span", { class: "person-number" }, number) : null),
        n ? el("span", { class: "badge", "aria-label": t("unread", { n }) }, n > 99 ? "99+" : n) : null),
        number ? button({ class: "person-copy", "data-testid": `copy-number-${one.id}`, title: t("copy_number", { name: one.name }),
          "aria-label": t("copy_number", { name: one.name }), onclick: () => this.#use(one, number) }, icon("copy")) : null,
        el("a", { class: "person-tab", href: `#${hash}`, target: "_blank", rel: "noopener", title: t("open_in_tab", { name: one.name }),
          "aria-label": t("open_in_tab", { name: one.name }) }, icon("new-tab")));
    }));
    if (held) this.#list.querySelector(`[data-person="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    const others = this.#people.reduce((sum, one) => sum + (String(one.id) === String(this.#current) ? 0 : one.unread || 0), 0);
    $("people-badge").hidden = !others;
    $("people-badge").textContent = others > 99 ? "99+" : others || "";
    const me = this.find(this.#current);
    $("me").textContent = me?.name || "";
    $("open-people").setAttribute("aria-label", t("now_person", { name: me?.name || "" }));
    $("open-people").title = t("now_person", { name: me?.name || "" });
  }
}
