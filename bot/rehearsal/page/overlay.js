// Everything that lies over the screen: dialogs, context menus, sheets, toasts, notifications.

import { $, button, el, icon } from "./dom.js";
import { t } from "./i18n.js";

const layers = [];      // what is open, the topmost last: {node, close, from}
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function push(node, close, first) {
  layers.push({ node, close, from: document.activeElement });
  $("screen").inert = true;
  for (const layer of layers.slice(0, -1)) layer.node.inert = true;
  (first || node.querySelector("button, [tabindex]"))?.focus({ preventScroll: true });
}

function pop(node) {
  const index = layers.findIndex((layer) => layer.node === node);
  if (index < 0) return;
  const [layer] = layers.splice(index, 1);
  if (layers.length) layers.at(-1).node.inert = false;
  else $("screen").inert = false;
  if (layer.from?.isConnected) layer.from.focus({ preventScroll: true });
}

addEventListener("keydown", (event) => {
  const top = layers.at(-1);
  if (!top) return;
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); top.close(); }
  if (event.key === "Tab") {
    const stops = [...top.node.querySelectorAll("button:not([disabled]), a[href], input, [tabindex='0']")]
      .filter((one) => one.offsetParent !== null || one === document.activeElement);
    if (!stops.length) return;
    const first = stops[0];
    const last = stops.at(-1);
    if (!top.node.contains(document.activeElement)) { event.preventDefault(); first.focus(); }
    else if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last.focus(); }
    else if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first.focus(); }
  }
}, true);

export const anythingOpen = () => layers.length > 0;
export function closeAll() { for (const layer of layers.slice().reverse()) layer.close(); }

// A question in the middle. Resolves with the value of the button, or null.
export function ask({ title = "", text = "", buttons, testid = "dialog" }) {
  return new Promise((resolve) => {
    const done = (value) => { pop(layer); layer.remove(); resolve(value); };
    const titleNode = title ? el("h2", { id: "dialog-title" }, title) : null;
    const textNode = text ? el("p", { id: "dialog-text" }, text) : null;
    const row = el("div", { class: buttons.length > 2 ? "dialog-buttons tall" : "dialog-buttons" });
    for (const one of buttons) {
      row.append(button({ class: `dialog-button ${one.kind || ""}`, "data-testid": one.testid, onclick: () => done(one.value) }, one.label));
    }
    const box = el("div", { class: "dialog", role: "alertdialog", "aria-modal": "true", "data-testid": testid,
      "aria-labelledby": title ? "dialog-title" : "dialog-text", "aria-describedby": text ? "dialog-text" : null },
    el("div", { class: "dialog-body" }, titleNode, textNode), row);
    const layer = el("div", { class: "layer layer-dialog" }, el("div", { class: "shade" }), box);
    $("overlays").append(layer);
    push(layer, () => done(null), row.lastElementChild);
  });
}

export const tell = (text, title = "") => ask({ title, text, testid: "alert",
  buttons: [{ label: t("ok"), value: true, kind: "strong", testid: "confirm-ok" }] });

export const confirm = (title, text, label, kind = "strong") => ask({ title, text, testid: "confirm", buttons: [
  { label: t("cancel"), value: false, testid: "confirm-cancel" },
  { label, value: true, kind, testid: "confirm-ok" },
] });

// A small menu at a point of the phone. items: [{label, icon, kind, act, testid}]
export function menuAt(x, y, items, under = null) {
  const phone = $("phone").getBoundingClientRect();
  const list = el("div", { class: "menu", role: "menu", "data-testid": "context-menu" });
  const layer = el("div", { class: "layer layer-menu" }, el("div", { class: "shade shade-thin", onclick: () => close() }), list);
  const close = () => { pop(layer); layer.remove(); under?.classList.remove("held"); };
  for (const one of items) {
    list.append(button({ class: `menu-item ${one.kind || ""}`, role: "menuitem", "data-testid": one.testid,
      onclick: () => { close(); one.act(); } }, el("span", {}, one.label), icon(one.icon)));
  }
  list.addEventListener("keydown", (event) => {
    const all = [...list.children];
    const at = all.indexOf(document.activeElement);
    if (event.key === "ArrowDown") { event.preventDefault(); all[(at + 1) % all.length].focus(); }
    if (event.key === "ArrowUp") { event.preventDefault(); all[(at - 1 + all.length) % all.length].focus(); }
  });
  layer.addEventListener("contextmenu", (event) => event.preventDefault());
  under?.classList.add("held");
  $("overlays").append(layer);
  const size = list.getBoundingClientRect();
  list.style.left = `${Math.max(8, Math.min(x - phone.left, phone.width - size.width - 8))}px`;
  list.style.top = `${Math.max(8, Math.min(y - phone.top, phone.height - size.height - 12))}px`;
  push(layer, close);
}

// Sheets and panels that are in the page already.
export function openSheet(node, shown, first) {
  const close = () => {
    if (!layers.some((layer) => layer.node === node)) return;
    pop(node);
    shown(false);
  };
  shown(true);
  push(node, close, first);
  return close;
}

let toastTimer = 0;
export function toast(text) {
  clearTimeout(toastTimer);
  const node = el("div", { class: "toast", "data-testid": "toast" }, text);
  $("toasts").replaceChildren(node);
  const gone = () => { node.classList.add("gone"); setTimeout(() => node.remove(), calm() ? 0 : 220); };
  toastTimer = setTimeout(gone, Math.min(9000, 3200 + text.length * 90));
}

export function banner({ title, when, text, label, act, dismissed }) {
  const body = button({ class: "banner-body", "data-testid": "sms-banner" },
    el("span", { class: "banner-icon" }, icon("sms")),
    el("span", { class: "banner-main" },
      el("span", { class: "banner-head" }, el("b", {}, title), el("small", {}, when)),
      el("span", { class: "banner-text" }, text)));
  const copy = label ? button({ class: "banner-copy", "data-testid": "sms-banner-copy" }, label) : null;
  const node = el("div", { class: "banner", role: "alert" }, body, copy);
  let timer = 0;
  const gone = () => {
    clearTimeout(timer);
    node.classList.add("gone");
    setTimeout(() => node.remove(), calm() ? 0 : 260);
  };
  const wait = () => { clearTimeout(timer); timer = setTimeout(gone, 9000); };
  const go = () => { gone(); act(); };
  body.addEventListener("click", go);
  copy?.addEventListener("click", go);
  node.addEventListener("pointerenter", () => clearTimeout(timer));
  node.addEventListener("pointerleave", wait);
  node.addEventListener("focusin", () => clearTimeout(timer));
  node.addEventListener("focusout", wait);
  let from = null;
  node.addEventListener("pointerdown", (event) => { from = event.clientY; });
  node.addEventListener("pointermove", (event) => {
    if (from !== null && event.clientY < from - 24) { from = null; gone(); dismissed?.(); }
  });
  $("banners").replaceChildren(node);
  wait();
}
