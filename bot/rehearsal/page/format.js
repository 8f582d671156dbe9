// Text with entities → nodes; times, sizes, numbers as people read them.

import { button, copyText, el, icon } from "./dom.js";
import { locale, t } from "./i18n.js";

const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };

// Telegram's servers mark these themselves; a message that came without the marks gets them here.
const FOUND = [
  ["url", /\b(?:https?:\/\/|tg:\/\/)[^\s<>「」（）。，、；！？]+[^\s<>「」（）。，、；！？.,:;!?)\]]/giu],
  ["url", /(?<![\w@.\/])(?:t\.me|telegram\.me)\/[\w?=&\-]+/giu],
  ["email", /(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu],
  ["bot_command", /(?<=^|[\s（(「：:，,。])\/[a-z0-9_]{1,32}(?:@\w+)?(?![\w\/])/giu],
];

function withFound(text, entities) {
  const all = entities.filter((one) => one.length > 0 && one.offset < text.length);
  const taken = all.filter((one) => !["bold", "italic", "underline", "strikethrough", "spoiler", "blockquote",
    "expandable_blockquote"].includes(one.type));
  for (const [type, pattern] of FOUND) {
    for (const match of text.matchAll(pattern)) {
      const offset = match.index;
      const length = match[0].length;
      if (taken.some((one) => one.offset < offset + length && offset < one.offset + one.length)) continue;
      const one = { type, offset, length };
      taken.push(one);
      all.push(one);
    }
  }
  return all;
}

export function renderText(text, entities, act) {
  const list = withFound(text, entities || []).map((one, order) => ({ ...one, order }));
  list.sort((a, b) => a.offset - b.offset || b.length - a.length || a.order - b.order);
  const root = document.createDocumentFragment();
  fill(root, text, 0, text.length, list, act);
  return root;
}

function fill(parent, text, from, to, entities, act) {
  let at = from;
  let afterBlock = false;
  const plain = (end) => {
    let start = at;
    if (afterBlock && text[start] === "\n" && start < end) start += 1;
    if (end > start) parent.append(text.slice(start, end));
    if (end > at) afterBlock = false;
    at = end;
  };
  const queue = entities.slice();
  while (queue.length) {
    const one = queue.shift();
    const start = Math.max(one.offset, at);
    const end = Math.min(one.offset + one.length, to);
    if (start >= end) continue;
    plain(start);
    const inside = [];
    const later = [];
    for (const other of queue) {
      if (other.offset >= end) { later.push(other); continue; }
      inside.push(other);
      const rest = other.offset + other.length - end;
      if (rest > 0) later.push({ ...other, offset: end, length: rest });
    }
    later.sort((a, b) => a.offset - b.offset || b.length - a.length || a.order - b.order);
    const { outer, inner } = wrap(one, text.slice(start, end), act);
    if (inner) fill(inner, text, start, end, inside, act);
    parent.append(outer);
    at = end;
    afterBlock = BLOCKS.has(one.type);
    queue.length = 0;
    queue.push(...later);
  }
  plain(to);
}

function wrap(entity, text, act) {
  const same = (node) => ({ outer: node, inner: node });
  switch (entity.type) {
    case "bold": case "italic": case "underline": case "strikethrough":
      return same(el(TAGS[entity.type]));
    case "spoiler": return same(spoiler());
    case "code":
      return same(el("code", { class: "copyable", role: "button", tabindex: "0", title: t("copy"),
        ...pressed(async () => { await copyText(text); act.toast(t("code_copied")); }) }));
    case "pre": return pre(entity, text, act);
    case "blockquote": return same(el("blockquote"));
    case "expandable_blockquote": return expandable();
    case "text_link": return same(link(entity.url, act));
    case "url": return same(link(/^[a-z][\w+.-]*:/i.test(text) ? text : `https://${text}`, act));
    case "email": return same(el("a", { class: "link", href: `mailto:${text}` }));
    case "bot_command":
      return same(inlineLink(() => act.sendText(text), { "data-command": text }));
    case "hashtag": case "cashtag": case "mention": case "text_mention":
      return same(el("span", { class: "link-like" }));
    case "phone_number":
      return same(inlineLink(async () => { await copyText(text); act.toast(t("copied")); }, { title: t("copy") }));
    case "date_time": return dateTime(entity, text, act);
    default: return same(el("span"));
  }
}

const pressed = (action) => ({
  onclick: action,
  onkeydown: (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); action(event); }
  },
});

function spoiler() {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("spoiler") });
  const reveal = (event) => {
    if (node.classList.contains("revealed")) return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("revealed");
    node.removeAttribute("role");
    node.removeAttribute("tabindex");
    node.removeAttribute("aria-label");
  };
  node.addEventListener("click", reveal, true);
  node.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") reveal(event); });
  return node;
}

function pre(entity, text, act) {
  const inner = el("code");
  const head = el("div", { class: "pre-head" }, el("span", {}, entity.language || ""),
    button({ class: "pre-copy", "aria-label": t("copy"), title: t("copy"),
      onclick: async () => { await copyText(text); act.toast(t("code_copied")); } }, icon("copy-small")));
  return { outer: el("div", { class: "pre" }, head, el("pre", {}, inner)), inner };
}

function expandable() {
  const inner = el("div", { class: "quote-text" });
  const toggle = button({ class: "quote-toggle", "aria-expanded": "false", "aria-label": t("expand") }, icon("chevron"));
  const outer = el("blockquote", { class: "expandable" }, inner, toggle);
  const turn = () => {
    const open = outer.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.setAttribute("aria-label", t(open ? "collapse" : "expand"));
  };
  toggle.addEventListener("click", (event) => { event.stopPropagation(); turn(); });
  outer.addEventListener("click", (event) => {
    if (outer.classList.contains("short") || event.target.closest("button, a, .spoiler:not(.revealed)")) return;
    if (!String(getSelection())) turn();
  });
  // Three lines or fewer need no switch.
  const measure = () => outer.classList.toggle("short", !outer.classList.contains("open")
    && inner.scrollHeight <= inner.clientHeight + 2);
  new ResizeObserver(measure).observe(inner);
  return { outer, inner };
}

// A <button> would break the line around it; a link flows with the words.
const inlineLink = (action, props = {}) => el("a", { class: "link", href: "#", ...props,
  onclick: (event) => { event.preventDefault(); action(); } });

function link(address, act) {
  const node = el("a", { class: "link", href: /^(https?|mailto|tel|tg):/i.test(address) ? address : "#", rel: "noopener noreferrer" });
  node.addEventListener("click", (event) => { event.preventDefault(); act.openLink(address, node.textContent); });
  return node;
}

// --- dates ------------------------------------------------------------------------------------------------------

const formatters = new Map();
function dated(options, seconds) {
  const key = JSON.stringify(options);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat(locale, options));
  return formatters.get(key).format(new Date(seconds * 1000));
}

export const clock = (seconds) => dated({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, seconds);
export const fullTime = (seconds) => dated({ year: "numeric", month: "long", day: "numeric", weekday: "long",
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }, seconds);

export const dayKey = (seconds) => new Date(seconds * 1000).toDateString();
export function dayName(seconds) {
  const key = dayKey(seconds);
  const now = Date.now() / 1000;
  if (key === dayKey(now)) return t("today");
  if (key === dayKey(now - 86400)) return t("yesterday");
  const thisYear = new Date(seconds * 1000).getFullYear() === new Date().getFullYear();
  return dated({ month: "long", day: "numeric", ...(thisYear ? {} : { year: "numeric" }) }, seconds);
}

export function shortWhen(seconds) {
  return dayKey(seconds) === dayKey(Date.now() / 1000) ? clock(seconds)
    : dated({ month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, seconds);
}

function relative(seconds) {
  const away = Math.round(seconds - Date.now() / 1000);
  const side = away >= 0 ? "in" : "ago";
  const n = Math.abs(away);
  if (n < 60) return t(`${side}_seconds`, { n });
  if (n < 3600) return t(`${side}_minutes`, { n: Math.floor(n / 60) });
  if (n < 86400) return t(`${side}_hours`, { n: Math.floor(n / 3600) });
  return t(`${side}_days`, { n: Math.floor(n / 86400) });
}

function formatted(format, seconds) {
  if (format === "r") return relative(seconds);
  const options = {};
  if (format.includes("w")) options.weekday = "long";
  if (format.includes("d")) Object.assign(options, { year: "2-digit", month: "2-digit", day: "2-digit" });
  if (format.includes("D")) Object.assign(options, { year: "numeric", month: "long", day: "numeric" });
  if (format.includes("t")) Object.assign(options, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (format.includes("T")) Object.assign(options, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  return dated(options, seconds);
}

function dateTime(entity, text, act) {
  const seconds = Number(entity.unix_time);
  const node = el("time", { class: "date-time", datetime: new Date(seconds * 1000 || 0).toISOString(), title: fullTime(seconds || 0) });
  const press = inlineLink(() => act.toast(fullTime(seconds)));
  node.append(press);
  const format = entity.date_time_format || "";
  if (!/^(r|w?[dD]?[tT]?)$/.test(format) || !format || !seconds) return { outer: node, inner: press };
  press.textContent = formatted(format, seconds);
  if (format === "r") {
    const timer = setInterval(() => {
      if (!node.isConnected) clearInterval(timer);
      else press.textContent = formatted(format, seconds);
    }, 15000);
  }
  return { outer: node, inner: null };
}

// --- numbers ----------------------------------------------------------------------------------------------------

export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function phoneText(phone) {
  const digits = String(phone || "").replace(/\D/g, "");
  const own = digits.replace(/^86(?=1\d{10}$)/, "");
  if (/^1\d{10}$/.test(own)) return `+86 ${own.slice(0, 3)} ${own.slice(3, 7)} ${own.slice(7)}`;
  return digits ? `+${digits}` : "";
}

export const samePhone = (a, b) => {
  const last = (one) => String(one || "").replace(/\D/g, "").slice(-11);
  return last(a) !== "" && last(a) === last(b);
};

// The code in a text message: the digits after the word, else the only run of 4 to 8 digits.
export function codeIn(text) {
  const after = /(?:验证码|校验码|动态码|code)\D{0,12}?(\d{4,8})(?!\d)/i.exec(text);
  if (after) return after[1];
  const before = /(?<!\d)(\d{4,8})(?!\d)\D{0,6}(?:验证码|校验码|code)/i.exec(text);
  if (before) return before[1];
  const runs = text.match(/(?<![\da-z])\d{4,8}(?![\da-z])/gi) || [];
  return runs.length === 1 ? runs[0] : null;
}

export const onlyEmoji = (text) => {
  const parts = [...new Intl.Segmenter().segment(text.trim())].map((one) => one.segment);
  return parts.length >= 1 && parts.length <= 3
    && parts.every((one) => /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/u.test(one)) ? parts.length : 0;
};

