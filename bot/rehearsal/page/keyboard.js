// Buttons under a message, and the bot's keyboard at the bottom.

import { $, button, copyText, el, icon } from "./dom.js";
import { t } from "./i18n.js";
import { confirm, toast } from "./overlay.js";
import { phoneText } from "./format.js";

const STYLES = new Set(["primary", "success", "danger"]);
const styled = (one) => (STYLES.has(one.style) ? one.style : "");

export function inlineKeyboard(message, act) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!Array.isArray(rows) || !rows.some((row) => row.length)) return null;
  const box = el("div", { class: "inline-keyboard", role: "group" });
  for (const row of rows) {
    if (!row.length) continue;
    const line = el("div", { class: "inline-row" });
    for (const one of row) line.append(inlineButton(message, one, act));
    box.append(line);
  }
  return box;
}

function inlineButton(message, one, act) {
  const node = button({ class: `inline-button ${styled(one)}`, "data-testid": "inline-button", title: one.text },
    el("span", { class: "inline-label" }, one.text));
  const corner = (name) => node.append(el("span", { class: "inline-corner" }, icon(name)));
  if (one.callback_data !== undefined) {
    node.dataset.callback = one.callback_data;
    if (act.isPending(message.message_id, one.callback_data)) waiting(node, true);
    node.addEventListener("click", () => act.press(message.message_id, one.callback_data));
  } else if (one.url) {
    corner("outward");
    node.dataset.url = one.url;
    node.addEventListener("click", () => act.openLink(one.url, one.text, true));
  } else if (one.copy_text) {
    corner("copy-small");
    node.dataset.copy = one.copy_text.text;
    node.addEventListener("click", async () => { await copyText(one.copy_text.text); toast(t("copied")); });
  } else {
    node.addEventListener("click", () => toast(t("no_such_key")));
  }
  return node;
}

export function waiting(node, on) {
  node.classList.toggle("waiting", on);
  node.setAttribute("aria-busy", String(on));
  const ring = node.querySelector(".ring");
  if (on && !ring) node.append(el("span", { class: "ring", "aria-hidden": "true" }));
  if (!on) ring?.remove();
}

export class ReplyKeyboard {
  #box = $("reply-keyboard");
  #toggle = $("keyboard-toggle");
  #markup = null;
  #open = false;
  #act;

  constructor(act) {
    this.#act = act;
    this.#toggle.addEventListener("click", () => {
      this.#open = !this.#open;
      this.#show();
      if (!this.#open) $("input").focus();
      else $("input").blur();
    });
  }

  get placeholder() { return this.#markup?.input_field_placeholder || ""; }

  set(markup) {
    const next = markup && Array.isArray(markup.keyboard) && markup.keyboard.length ? markup : null;
    this.#markup = next || (markup?.force_reply ? markup : null);
    this.#open = Boolean(next);
    this.#box.replaceChildren();
    if (next) {
      this.#box.classList.toggle("tall", !next.resize_keyboard);
      for (const row of next.keyboard) {
        const line = el("div", { class: "reply-row" });
        for (const raw of row) {
          const one = typeof raw === "string" ? { text: raw } : raw;
          line.append(button({ class: `reply-button ${styled(one)}`, "data-testid": "reply-button",
            onclick: () => this.#press(one) }, one.text));
        }
        this.#box.append(line);
      }
    }
    this.#show();
    if (markup?.force_reply) $("input").focus();
  }

  #show() {
    const there = Boolean(this.#markup?.keyboard);
    this.#box.hidden = !there || !this.#open;
    this.#toggle.hidden = !there || (this.#markup.is_persistent && this.#open);
    const label = t(this.#open ? "keyboard_hide" : "keyboard_show");
    this.#toggle.setAttribute("aria-label", label);
    this.#toggle.title = label;
    this.#toggle.setAttribute("aria-expanded", String(this.#open));
    this.#toggle.replaceChildren(icon(this.#open ? "keyboard-down" : "keyboard"));
    this.#act.keyboardChanged();
  }

  async #press(one) {
    const act = this.#act;
    const markup = this.#markup;
    if (one.request_contact) {
      const person = act.person();
      const yes = await confirm(t("share_ask"),
        t("share_note", { bot: act.botName(), phone: phoneText(person?.phone).replaceAll(" ", "\u00a0") }), t("share_yes"));
      if (!yes || !act.send({ type: "share_contact" })) return;
    } else if (one.request_location || one.request_poll || one.request_users || one.request_chat || one.web_app
        || one.request_managed_bot) {
      toast(t("no_such_key"));
      return;
    } else if (!act.sendText(one.text)) return;
    if (markup === this.#markup && markup.one_time_keyboard) {
      this.#open = false;
      this.#show();
    }
  }
}
