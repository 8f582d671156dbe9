// Text messages: the inbox beside the phone, and the notification that drops from the top.

import { $, button, copyText, el } from "./dom.js";
import { codeIn, phoneText, samePhone, shortWhen } from "./format.js";
import { t } from "./i18n.js";
import { banner, openSheet, toast } from "./overlay.js";

const WIDE = "(min-width: 1080px)";

export class Inbox {
  #act;
  #panel = $("sms-panel");
  #all = [];
  #new = 0;
  #known = false;
  #close = () => {};

  constructor(act) {
    this.#act = act;
    $("open-sms").addEventListener("click", () => this.open());
    this.#panel.querySelector(".panel-close").addEventListener("click", () => this.#close());
    $("panel-shade").addEventListener("click", () => this.#close());
    this.#draw();
  }

  open() {
    this.#new = 0;
    this.#badge();
    if (matchMedia(WIDE).matches) { this.#panel.querySelector("button")?.focus(); return; }
    this.#close = openSheet(this.#panel, (open) => this.#panel.classList.toggle("open", open), this.#panel.querySelector(".panel-close"));
  }

  // The whole inbox comes with every greeting; what was missed while the line was down counts as new.
  set(list) {
    const before = this.#all.length;
    this.#all = list.slice();
    if (this.#known && list.length > before) this.#new += list.length - before;
    this.#known = true;
    this.#draw();
    this.#badge();
  }

  add(sms) {
    this.#all.push(sms);
    this.#new += 1;
    this.#draw();
    this.#badge();
    const code = codeIn(sms.text);
    banner({ title: this.#to(sms), when: t("sms_now"), text: sms.text, label: t("copy"),
      act: () => this.#use(sms, code) });
  }

  #to(sms) {
    const person = this.#act.personWith((one) => samePhone(one.phone, sms.phone));
    return person ? `${person.name} · ${phoneText(sms.phone)}` : phoneText(sms.phone) || t("sms_title");
  }

  async #use(sms, code) {
    this.#close();
    this.#new = 0;
    this.#badge();
    await copyText(code || sms.text);
    toast(code && this.#act.insert(code) ? t("code_inserted", { code }) : t("copied"));
  }

  #draw() {
    const newest = this.#all.map((one, order) => [one, order]).sort((a, b) => b[0].at - a[0].at || b[1] - a[1]).map(([one]) => one);
    $("sms-list").replaceChildren(...newest.map((one) => {
      const code = codeIn(one.text);
      return el("li", { class: "sms-item", "data-testid": "sms-item", "data-phone": one.phone, "data-code": code },
        el("div", { class: "sms-head" }, el("b", {}, this.#to(one)), el("time", {}, shortWhen(one.at))),
        el("p", { class: "sms-text" }, one.text),
        button({ class: "sms-copy", "data-testid": "sms-copy", onclick: () => this.#use(one, code) },
          code ? t("copy_code", { code }) : t("copy")));
    }));
    if (!newest.length) $("sms-list").append(el("li", { class: "sms-none" }, t("sms_none")));
  }

  #badge() {
    const n = this.#new;
    $("sms-badge").hidden = !n;
    $("sms-badge").textContent = n > 99 ? "99+" : n || "";
    $("open-sms").setAttribute("aria-label", n ? t("sms_new", { n }) : t("sms"));
  }
}
