// Making elements. Whatever people or the bot wrote only ever becomes text nodes and attributes.

export const BASE = new URL(".", import.meta.url);
export const fileUrl = (id) => new URL(`file/${encodeURIComponent(id)}`, BASE).href;
export const $ = (id) => document.getElementById(id);

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [name, one] of Object.entries(value)) node.style.setProperty(name, one);
    else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const button = (props, ...children) => el("button", { type: "button", ...props }, ...children);

export function icon(name) {
  const found = $("icons").content.querySelector(`[data-name="${name}"]`);
  const copy = found.cloneNode(true);
  copy.removeAttribute("data-name");
  copy.setAttribute("aria-hidden", "true");
  copy.setAttribute("focusable", "false");
  copy.classList.add("icon");
  return copy;
}

export function applyIcons(root) {
  for (const node of root.querySelectorAll("[data-icon]")) node.prepend(icon(node.dataset.icon));
}

export function avatar(name, seed, extra = "") {
  const colour = Math.abs(Number(seed) || 0) % 7;
  const first = [...(name || "?").trim()][0] || "?";
  return el("span", { class: `avatar avatar-${colour} ${extra}`, "aria-hidden": "true" }, first.toUpperCase());
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    const before = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { /* nothing more to try */ }
    area.remove();
    before?.focus?.({ preventScroll: true });
    return done;
  }
}
