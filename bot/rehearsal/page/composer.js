// The line people write in: text, edits, commands, and the START button.

import { $, button, el } from "./dom.js";
import { t } from "./i18n.js";

export class Composer {
  #act;
  #input = $("input");
  #form = $("composer");
  #popup = $("popup");
  #menu = $("commands");
  #commands = [];
  #drafts = new Map();
  #person = null;
  #editing = null;
  #before = "";
  #mode = "";          // what the popup shows: "", "menu" or "slash"
  #at = -1;

  constructor(act) {
    this.#act = act;
    this.#input.setAttribute("aria-label", t("message"));
    this.#form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.#input.addEventListener("input", () => { this.#typed(); this.#offer(); });
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("paste", (event) => this.#paste(event));
    this.#menu.addEventListener("click", () => this.#toggleMenu());
    this.#menu.setAttribute("aria-label", t("menu_label"));
    this.#popup.addEventListener("keydown", (event) => this.#popupKey(event));
    $("edit-cancel").addEventListener("click", () => this.stopEditing());
    $("start").addEventListener("click", () => this.#act.start());
    $("start-cancel").addEventListener("click", () => this.#act.forgetStart());
    document.addEventListener("pointerdown", (event) => {
      if (this.#mode && !this.#popup.contains(event.target) && !this.#menu.contains(event.target)
        && event.target !== this.#input) this.#hidePopup();
    });
  }

  // --- whose line it is -----------------------------------------------------------------------------------------

  person(id) {
    if (this.#person === id) return;
    if (this.#editing) this.stopEditing();
    if (this.#person !== null) this.#drafts.set(this.#person, this.#input.value);
    this.#person = id;
    this.#input.value = this.#drafts.get(id) || "";
    this.#typed();
    this.#hidePopup();
  }

  placeholder(text) { this.#input.placeholder = text || t("message"); }

  // What stands at the bottom: the line itself, or one big button.
  bar(label, cancellable = false) {
    this.#form.hidden = Boolean(label);
    $("start-bar").hidden = !label;
    $("start").textContent = label || "";
    $("start-cancel").hidden = !cancellable;
    if (label) this.#hidePopup();
    else this.#typed();          // what was measured while hidden has no height
  }

  commands(list) {
    this.#commands = Array.isArray(list) ? list : [];
    this.#menu.hidden = !this.#commands.length;
    if (this.#mode === "menu") this.#showPopup("menu", this.#commands);
    else if (this.#mode === "slash") this.#offer();
  }

  insert(text) {
    if (this.#form.hidden) return false;
    const field = this.#input;
    if (!field.value.trim()) field.value = text;
    else field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    this.#typed();
    this.focus();
    return true;
  }

  focus() { this.#input.focus({ preventScroll: true }); }

  // --- sending --------------------------------------------------------------------------------------------------

  #submit() {
    const text = this.#input.value.trim();
    if (!text) return;
    if (this.#editing) {
      if (text !== this.#editing.text
        && !this.#act.send({ type: "edit_text", message_id: this.#editing.message_id, text })) return;
      this.stopEditing();
      return;
    }
    if (!this.#act.sendText(text)) return;
    this.#input.value = "";
    this.#typed();
    this.#hidePopup();
    this.focus();
  }

  #typed() {
    const field = this.#input;
    const filled = Boolean(field.value.trim());
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 132)}px`;
    this.#form.classList.toggle("filled", field.value !== "");
    $("send").disabled = !filled;
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (this.#mode === "slash") {
      const items = [...this.#popup.querySelectorAll(".command")];
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const by = event.key === "ArrowDown" ? 1 : -1;
        this.#at = this.#at < 0 && by < 0 ? items.length - 1 : (this.#at + by + items.length) % items.length;
        items.forEach((one, index) => one.classList.toggle("at", index === this.#at));
        this.#input.setAttribute("aria-activedescendant", items[this.#at].id);
        items[this.#at].scrollIntoView({ block: "nearest" });
        return;
      }
      if (event.key === "Tab" && items.length && !event.shiftKey) {
        event.preventDefault();
        this.#input.value = `/${items[Math.max(0, this.#at)].dataset.command}`;
        this.#typed();
        this.#offer();
        return;
      }
      if (event.key === "Enter" && !event.shiftKey && this.#at >= 0) {
        event.preventDefault();
        items[this.#at].click();
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) { event.preventDefault(); this.#submit(); }
    else if (event.key === "Escape") {
      if (this.#mode) this.#hidePopup();
      else if (this.#editing) this.stopEditing();
    } else if (event.key === "ArrowUp" && !this.#input.value && !this.#editing) {
      const last = this.#act.lastOwnText();
      if (last) { event.preventDefault(); this.edit(last); }
    }
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files || [])];
    if (!files.length) return;
    event.preventDefault();
    this.#act.upload(files, files.every((one) => one.type.startsWith("image/")) ? "photo" : "document");
  }

  // --- editing --------------------------------------------------------------------------------------------------

  edit(message) {
    if (!this.#editing) this.#before = this.#input.value;
    this.#editing = message;
    this.#form.classList.add("editing");
    $("edit-bar").hidden = false;
    $("edit-text").textContent = message.text;
    $("send").setAttribute("aria-label", t("save"));
    this.#input.value = message.text;
    this.#typed();
    this.focus();
  }

  stopEditing() {
    if (!this.#editing) return;
    this.#editing = null;
    this.#form.classList.remove("editing");
    $("edit-bar").hidden = true;
    $("send").setAttribute("aria-label", t("send"));
    this.#input.value = this.#before;
    this.#typed();
    this.focus();
  }

  gone(id) { if (this.#editing?.message_id === id) this.stopEditing(); }

  // --- commands -------------------------------------------------------------------------------------------------

  #toggleMenu() {
    if (this.#mode === "menu") { this.#hidePopup(); return; }
    this.#showPopup("menu", this.#commands);
    this.#popup.querySelector("button")?.focus({ preventScroll: true });
  }

  #offer() {
    const typed = /^\/([a-z0-9_]*)$/i.exec(this.#input.value);
    const found = typed && !this.#editing ? this.#commands.filter((one) => one.command.startsWith(typed[1].toLowerCase())) : [];
    const whole = found.length === 1 && typed && found[0].command === typed[1].toLowerCase();
    if (!found.length || whole) { if (this.#mode === "slash") this.#hidePopup(); return; }
    this.#showPopup("slash", found);
  }

  #showPopup(mode, list) {
    this.#mode = mode;
    this.#at = -1;
    this.#popup.hidden = false;
    this.#menu.setAttribute("aria-expanded", String(mode === "menu"));
    this.#popup.setAttribute("role", mode === "menu" ? "menu" : "listbox");
    this.#popup.setAttribute("aria-label", t("menu_label"));
    this.#popup.setAttribute("data-testid", "command-list");
    this.#popup.replaceChildren(...list.map((one) => button({ class: "command", id: `command-${one.command}`,
      "data-testid": `command-${one.command}`, "data-command": one.command, role: mode === "menu" ? "menuitem" : "option",
      tabindex: mode === "slash" ? "-1" : null,
      onclick: () => this.#chosen(one.command) },
    el("span", { class: "command-name" }, `/${one.command}`), el("span", { class: "command-text" }, one.description || ""))));
  }

  #chosen(command) {
    if (!this.#act.sendText(`/${command}`)) return;
    const slash = this.#mode === "slash";
    if (slash) { this.#input.value = ""; this.#typed(); }
    this.#hidePopup();
    if (slash) this.focus();
  }

  #hidePopup() {
    this.#mode = "";
    this.#popup.hidden = true;
    this.#popup.replaceChildren();
    this.#menu.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }

  #popupKey(event) {
    const items = [...this.#popup.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape") { this.#hidePopup(); this.#menu.focus(); }
    if (event.key === "ArrowDown") { event.preventDefault(); items[(at + 1) % items.length]?.focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); items[(at - 1 + items.length) % items.length]?.focus(); }
  }
}
