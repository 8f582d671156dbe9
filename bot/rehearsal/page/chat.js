// The messages of one chat: order, days, runs and albums; scrolling; what a long press offers.

import { $, button, copyText, el } from "./dom.js";
import { dayKey, dayName } from "./format.js";
import { t } from "./i18n.js";
import { waiting } from "./keyboard.js";
import { isBot, renderGroup, serviceText } from "./message.js";
import { anythingOpen, confirm, menuAt, toast } from "./overlay.js";

const STEP = 150;

export class Chat {
  #act;
  #box = $("messages");
  #down = $("down");
  #list = el("div", { class: "list" });
  #more = button({ class: "pill earlier", onclick: () => this.#showEarlier() }, t("earlier"));
  #messages = new Map();
  #nodes = new Map();
  #days = new Map();
  #pending = new Map();
  #shown = STEP;
  #stick = true;
  #missed = 0;
  #ready = false;

  constructor(act) {
    this.#act = act;
    this.#box.setAttribute("aria-label", t("messages"));
    this.#box.append(this.#list);
    this.#box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#down.addEventListener("click", () => this.toBottom(true));
    const keep = new ResizeObserver(() => { if (this.#stick) this.toBottom(); });
    keep.observe(this.#list);
    keep.observe(this.#box);
    this.#watchPresses();
    this.#watchKeys();
  }

  get empty() { return this.#messages.size === 0; }

  clear() {
    this.#messages.clear();
    this.#nodes.clear();
    this.#days.clear();
    for (const one of this.#pending.values()) clearTimeout(one.timer);
    this.#pending.clear();
    this.#list.replaceChildren();
    this.#shown = STEP;
    this.#missed = 0;
    this.#ready = false;
    this.#stick = true;
    this.#count();
  }

  snapshot(messages) {
    this.#box.setAttribute("aria-busy", "true");
    const again = this.#ready;
    const stick = this.#stick || !again;
    this.#messages = new Map(messages.map((one) => [one.message_id, one]));
    this.#layout(false);
    this.#ready = true;
    if (stick) this.toBottom();
    requestAnimationFrame(() => this.#box.setAttribute("aria-busy", "false"));
  }

  upsert(message) {
    const fresh = !this.#messages.has(message.message_id);
    this.#messages.set(message.message_id, message);
    const mine = fresh && !isBot(message);
    const stick = this.#stick || mine;
    this.#layout(true);
    if (stick) this.toBottom();
    else if (fresh) { this.#missed += 1; this.#count(); }
  }

  remove(id) {
    if (!this.#messages.delete(id)) return;
    this.#layout(true);
    if (this.#stick) this.toBottom();
  }

  // --- presses that wait for their answer -----------------------------------------------------------------------

  isPending(id, data) { return this.#pending.has(`${id}|${data}`); }

  wait(id, data) {
    const key = `${id}|${data}`;
    if (this.#pending.has(key)) return false;
    this.#pending.set(key, { id, data, timer: setTimeout(() => this.#settle(key), 15000) });
    this.#mark(id, data, true);
    return true;
  }

  answered(id) {
    for (const [key, one] of this.#pending) {
      if (id === null || id === undefined || one.id === id) {
        this.#settle(key);
        if (one.id === id) return;
      }
    }
  }

  settleAll() { for (const key of [...this.#pending.keys()]) this.#settle(key); }

  #settle(key) {
    const one = this.#pending.get(key);
    if (!one) return;
    clearTimeout(one.timer);
    this.#pending.delete(key);
    this.#mark(one.id, one.data, false);
  }

  #mark(id, data, on) {
    const row = this.#rowOf(id);
    for (const node of row?.querySelectorAll(".inline-button") || []) {
      if (node.dataset.callback === data) waiting(node, on);
    }
  }

  // --- drawing ----------------------------------------------------------------------------------------------------

  #groups() {
    const sorted = [...this.#messages.values()].sort((a, b) => a.message_id - b.message_id);
    const groups = [];
    for (const one of sorted) {
      const last = groups.at(-1);
      if (one.media_group_id && last && last[0].media_group_id === one.media_group_id && isBot(last[0]) === isBot(one)) last.push(one);
      else groups.push([one]);
    }
    return groups;
  }

  #layout(lively) {
    const all = this.#groups();
    const groups = all.slice(-this.#shown);
    const used = new Set();
    const days = new Set();
    const focus = this.#focusNow();
    const wanted = all.length > groups.length ? [this.#more] : [];
    let section = null;
    let inside = [];
    const closeDay = () => { if (section) place(section, [section.firstElementChild, ...inside]); };

    groups.forEach((group, index) => {
      const lead = group[0];
      const day = dayKey(lead.date);
      if (!section || section.dataset.day !== day) {
        closeDay();
        const key = days.has(day) ? `${day} ${lead.message_id}` : day;
        days.add(key);
        section = this.#days.get(key);
        if (!section) {
          section = el("section", { class: "day", "data-day": day }, el("div", { class: "day-name", role: "separator" },
            el("span", { class: "pill" }, dayName(lead.date))));
          this.#days.set(key, section);
        }
        inside = [];
        wanted.push(section);
      }
      const key = lead.message_id;
      used.add(key);
      const look = JSON.stringify(group);
      let kept = this.#nodes.get(key);
      if (!kept || kept.look !== look) {
        const node = renderGroup(group, this.#act);
        if (!kept && lively) node.classList.add("fresh");
        kept?.node.replaceWith(node);
        kept = { look, node };
        this.#nodes.set(key, kept);
      }
      const before = groups[index - 1]?.[0];
      const after = groups[index + 1]?.[0];
      const runs = (other) => other && isBot(other) === isBot(lead) && dayKey(other.date) === day && serviceText(other) === null
        && Math.abs(other.date - lead.date) < 900;
      kept.node.classList.toggle("first", !runs(before));
      kept.node.classList.toggle("tail", !runs(after));
      inside.push(kept.node);
    });
    closeDay();
    for (const key of [...this.#nodes.keys()]) if (!used.has(key)) { this.#nodes.get(key).node.remove(); this.#nodes.delete(key); }
    for (const key of [...this.#days.keys()]) if (!days.has(key)) { this.#days.get(key).remove(); this.#days.delete(key); }
    if (!groups.length) wanted.push(this.#welcome());
    place(this.#list, wanted);
    this.#focusAgain(focus);
    this.#act.chatChanged();
  }

  #welcome() {
    const bot = this.#act.botName();
    return el("div", { class: "welcome" }, el("div", { class: "welcome-card" },
      el("b", {}, t("empty_title")), el("span", {}, t("empty_text", { bot }))));
  }

  #showEarlier() {
    const height = this.#box.scrollHeight - this.#box.scrollTop;
    this.#shown += STEP;
    this.#stick = false;
    this.#layout(false);
    this.#box.scrollTop = this.#box.scrollHeight - height;
  }

  #rowOf(id) {
    const direct = this.#nodes.get(id);
    if (direct) return direct.node;
    return this.#list.querySelector(`[data-message-ids~="${CSS.escape(String(id))}"]`);
  }

  #focusNow() {
    const active = document.activeElement;
    const row = active?.closest?.("[data-testid='message']");
    if (!row || !this.#list.contains(row)) return null;
    return { id: Number(row.dataset.messageId), at: [...row.querySelectorAll(".inline-button")].indexOf(active) };
  }

  #focusAgain(focus) {
    if (!focus || (document.activeElement && document.activeElement !== document.body)) return;
    const row = this.#rowOf(focus.id);
    if (!row) { this.#box.focus({ preventScroll: true }); return; }
    const keys = row.querySelectorAll(".inline-button");
    (keys[Math.min(Math.max(focus.at, 0), keys.length - 1)] || row).focus({ preventScroll: true });
  }

  goTo(id) {
    const row = this.#rowOf(id);
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.classList.add("found");
    setTimeout(() => row.classList.remove("found"), 1400);
  }

  // --- scrolling --------------------------------------------------------------------------------------------------

  toBottom(gently = false) {
    this.#stick = true;
    this.#missed = 0;
    const smooth = gently && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#box.scrollTo({ top: this.#box.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.#count();
  }

  #scrolled() {
    const rest = this.#box.scrollHeight - this.#box.clientHeight - this.#box.scrollTop;
    this.#stick = rest < 90;
    if (this.#stick) this.#missed = 0;
    this.#count();
  }

  #count() {
    this.#down.hidden = this.#stick;
    const badge = $("down-badge");
    badge.hidden = !this.#missed;
    badge.textContent = this.#missed || "";
    this.#down.setAttribute("aria-label", this.#missed ? t("scroll_down_n", { n: this.#missed }) : t("scroll_down"));
  }

  // --- long press, right click, keys ------------------------------------------------------------------------------

  #watchPresses() {
    let timer = 0;
    let start = null;
    const stop = () => { clearTimeout(timer); start = null; };
    this.#box.addEventListener("contextmenu", (event) => {
      const row = event.target.closest(".row");
      if (!row || String(getSelection())) return;
      event.preventDefault();
      stop();
      if (anythingOpen()) return;
      const box = row.querySelector(".bubble").getBoundingClientRect();
      const byKey = event.clientX === 0 && event.clientY === 0;
      this.#menu(row, byKey ? box.left + 16 : event.clientX, byKey ? box.top + 16 : event.clientY);
    });
    this.#box.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse") return;
      const row = event.target.closest(".row");
      if (!row || event.target.closest(".inline-button")) return;
      start = [event.clientX, event.clientY];
      timer = setTimeout(() => {
        if (!start) return;
        const [x, y] = start;
        stop();
        navigator.vibrate?.(10);
        // The click that ends a long press must not open what lies under the finger.
        const swallow = (click) => { click.preventDefault(); click.stopPropagation(); };
        addEventListener("click", swallow, { capture: true, once: true });
        addEventListener("pointerup", () => setTimeout(() => removeEventListener("click", swallow, { capture: true }), 80), { once: true });
        addEventListener("pointercancel", () => removeEventListener("click", swallow, { capture: true }), { once: true });
        this.#menu(row, x, y);
      }, 480);
    });
    this.#box.addEventListener("pointermove", (event) => {
      if (start && Math.hypot(event.clientX - start[0], event.clientY - start[1]) > 10) stop();
    });
    for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, stop);
  }

  #watchKeys() {
    this.#box.addEventListener("keydown", (event) => {
      const rows = [...this.#list.querySelectorAll(".row")];
      const row = document.activeElement.closest?.(".row");
      const at = rows.indexOf(row);
      const own = document.activeElement === row || document.activeElement === this.#box;
      if (event.key === "ArrowUp" && own) { event.preventDefault(); rows[at < 0 ? rows.length - 1 : Math.max(0, at - 1)]?.focus(); }
      if (event.key === "ArrowDown" && own && at >= 0) { event.preventDefault(); rows[Math.min(rows.length - 1, at + 1)]?.focus(); }
      if (event.key === "Enter" && document.activeElement === row) {
        event.preventDefault();
        const box = row.querySelector(".bubble").getBoundingClientRect();
        this.#menu(row, box.left + 16, box.top + 16);
      }
    });
  }

  #menu(row, x, y) {
    const ids = row.dataset.messageIds.split(" ").map(Number);
    const messages = ids.map((id) => this.#messages.get(id)).filter(Boolean);
    if (!messages.length) return;
    const lead = messages[0];
    const mine = !isBot(lead);
    const text = lead.text ?? messages.find((one) => one.caption)?.caption ?? "";
    const items = [];
    if (text && !lead.has_protected_content) {
      items.push({ label: t("copy"), icon: "copy", testid: "menu-copy",
        act: async () => { await copyText(text); toast(t("copied")); } });
    }
    if (mine && lead.text !== undefined) {
      items.push({ label: t("edit"), icon: "edit", testid: "menu-edit", act: () => this.#act.edit(lead) });
    }
    if (mine) {
      items.push({ label: t("delete"), icon: "trash", kind: "danger", testid: "menu-delete", act: async () => {
        if (await confirm(t("delete_ask"), t("delete_note"), t("delete"), "danger")) {
          for (const one of messages) this.#act.send({ type: "delete", message_id: one.message_id });
        }
      } });
    }
    if (items.length) menuAt(x, y, items, row);
  }

  lastOwnText() {
    return [...this.#messages.values()].sort((a, b) => b.message_id - a.message_id)
      .find((one) => !isBot(one) && one.text !== undefined) || null;
  }
}

// Puts the children in this order, moving only what is out of place.
function place(parent, children) {
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] || null);
  });
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}
