// The browser's phone: puts the parts together and passes frames between them and the server.

import { Attach } from "./attach.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { $, applyIcons, avatar, BASE } from "./dom.js";
import { clock } from "./format.js";
import { applyWords, has, t } from "./i18n.js";
import { ReplyKeyboard } from "./keyboard.js";
import { isBot } from "./message.js";
import { closeAll, confirm, menuAt, tell, toast } from "./overlay.js";
import { People } from "./people.js";
import { Inbox } from "./sms.js";
import { Line } from "./socket.js";
import { viewPictures } from "./viewer.js";

applyIcons(document);
applyWords(document);

const line = new Line();
const state = { bot: { name: t("bot"), username: "" }, person: null, loaded: false, blocked: false, start: null, busy: "", action: "" };
let actionTimer = 0;

const hashValue = (name) => new URLSearchParams(location.hash.slice(1)).get(name);

// What the parts may do.
const act = {
  person: () => people.find(state.person),
  personWith: (test) => people.with(test),
  botName: () => state.bot.name,
  toast,
  view: viewPictures,
  send(frame) {
    if (state.person === null || !line.send({ person: state.person, ...frame })) { toast(t("offline")); return false; }
    return true;
  },
  sendText(text) {
    if (state.blocked) return false;
    return act.send({ type: "send_text", text });
  },
  press(messageId, data) {
    if (chat.isPending(messageId, data)) return;
    if (act.send({ type: "press", message_id: messageId, data })) chat.wait(messageId, data);
  },
  isPending: (messageId, data) => chat.isPending(messageId, data),
  openLink,
  goTo: (id) => chat.goTo(id),
  edit: (message) => composer.edit(message),
  insert: (text) => composer.insert(text),
  lastOwnText: () => chat.lastOwnText(),
  upload: (files, as) => attach.upload(files, as),
  become,
  busy(text) { state.busy = text; subtitle(); },
  keyboardChanged() { composer.placeholder(keyboard?.placeholder); },
  chatChanged: bar,
  start() {
    if (state.blocked) {
      if (act.send({ type: "unblock" })) { state.blocked = false; bar(); }
      return;
    }
    if (act.sendText(state.start ? `/start ${state.start}` : "/start")) act.forgetStart();
  },
  forgetStart() {
    state.start = null;
    if (hashValue("start")) {
      const hash = new URLSearchParams(location.hash.slice(1));
      hash.delete("start");
      history.replaceState(null, "", `#${hash}`);
    }
    bar();
  },
};

let keyboard = null;
const composer = new Composer(act);
const chat = new Chat(act);
const people = new People(act);
const inbox = new Inbox(act);
const attach = new Attach(act);
keyboard = new ReplyKeyboard(act);

// --- who ----------------------------------------------------------------------------------------------------------

function become(id) {
  const same = String(id) === String(state.person);
  const hash = new URLSearchParams(location.hash.slice(1));
  if (hash.get("person") !== String(id)) {
    hash.set("person", id);
    history.replaceState(null, "", `#${hash}`);
  }
  people.choose(id);
  if (same) return;
  closeAll();
  state.person = people.find(id)?.id ?? id;
  state.loaded = false;
  state.blocked = false;
  state.start = hashValue("start");
  action("");
  composer.person(state.person);
  composer.commands([]);
  keyboard.set(null);
  chat.clear();
  bar();
  subtitle();
  document.title = `${people.find(id)?.name || ""} · ${state.bot.name}`;
  open();
}

function open() {
  if (state.person !== null && line.connected) line.send({ type: "open", person: state.person });
}

addEventListener("hashchange", () => {
  const id = hashValue("person");
  if (id && people.find(id)) become(people.find(id).id);
  state.start = hashValue("start") || state.start;
  bar();
});

// --- links --------------------------------------------------------------------------------------------------------

function startOf(address) {
  let url;
  try { url = new URL(address); } catch { return null; }
  const mine = (name) => name && state.bot.username && name.toLowerCase() === state.bot.username.toLowerCase();
  if (/^(www\.)?(t|telegram)\.me$/i.test(url.hostname) && mine(url.pathname.slice(1))) return url.searchParams.get("start") || "";
  if (url.protocol === "tg:" && /resolve/.test(address) && mine(url.searchParams.get("domain"))) return url.searchParams.get("start") || "";
  return null;
}

async function openLink(address, text, known = false) {
  const payload = startOf(address);
  if (payload !== null) {
    if (payload) { state.start = payload; bar(); $("start").focus(); }
    return;
  }
  if (/^(mailto|tel):/i.test(address)) { location.href = address; return; }
  if (!/^https?:\/\//i.test(address)) { toast(t("link_blocked")); return; }
  const plain = text === address || `https://${text}` === address;
  const own = address.startsWith(BASE.href);
  if (!plain && !own && !(known && !text)) {
    if (!(await confirm(t("open_link"), address, t("open")))) return;
  }
  window.open(address, "_blank", "noopener");
}

// --- the header and the bar ---------------------------------------------------------------------------------------

function subtitle() {
  const node = $("subtitle");
  const text = !line.connected ? t("connecting") : state.busy || state.action || (state.loaded ? t("bot") : t("loading"));
  node.textContent = text;
  node.classList.toggle("live", line.connected && Boolean(state.busy || state.action));
  const spoken = !line.connected || state.busy ? text : "";
  if ($("status").textContent !== spoken) $("status").textContent = spoken;
}

function action(name) {
  clearTimeout(actionTimer);
  const key = `action_${name}`;
  state.action = name ? t(has(key) ? key : "action_typing") : "";
  if (name) actionTimer = setTimeout(() => action(""), 5000);
  subtitle();
}

function bar() {
  if (state.blocked) composer.bar(t("restart"));
  else if (state.loaded && (chat?.empty || state.start)) composer.bar(t("start"), Boolean(state.start) && !chat.empty);
  else composer.bar(null);
}

$("title").addEventListener("click", () => chat.toBottom(true));
$("open-menu").addEventListener("click", () => {
  const box = $("open-menu").getBoundingClientRect();
  menuAt(box.right - 220, box.bottom + 6, [
    { label: t("people"), icon: "user", testid: "menu-people", act: () => people.open() },
    { label: t("sms"), icon: "sms", testid: "menu-sms", act: () => inbox.open() },
    state.blocked
      ? { label: t("unblock"), icon: "check", testid: "menu-unblock", act: () => act.start() }
      : { label: t("block"), icon: "block", kind: "danger", testid: "menu-block", act: block },
  ]);
});

async function block() {
  if (!(await confirm(t("block_ask"), t("block_note"), t("block"), "danger"))) return;
  if (act.send({ type: "block" })) { state.blocked = true; bar(); }
}

// --- the line -----------------------------------------------------------------------------------------------------

const FRAMES = {
  hello(frame) {
    state.bot = { name: frame.bot?.name || t("bot"), username: frame.bot?.username || "" };
    $("bot-name").textContent = state.bot.name;
    $("bot-avatar").textContent = [...state.bot.name][0] || "";
    people.set((frame.people || []).map((one) => ({ ...one })));
    attach.samples(frame.samples || []);
    inbox.set(frame.sms || []);
    const wanted = people.find(state.person) || people.find(hashValue("person")) || people.first;
    if (!wanted) { subtitle(); return; }
    if (String(wanted.id) === String(state.person)) people.choose(wanted.id);
    else become(wanted.id);
  },
  chat(frame) {
    if (!here(frame)) return;
    state.loaded = true;
    state.blocked = Boolean(frame.blocked);
    chat.snapshot(frame.messages || []);
    composer.commands(frame.commands);
    keyboard.set(frame.keyboard);
    people.choose(state.person);
    bar();
    subtitle();
  },
  message(frame) {
    const message = frame.message;
    if (!message) return;
    if (!here(frame)) { if (isBot(message) && !message.edit_date) people.unread(frame.person); return; }
    if (isBot(message)) action("");
    chat.upsert(message);
  },
  deleted(frame) {
    if (!here(frame)) return;
    chat.remove(frame.message_id);
    composer.gone(frame.message_id);
  },
  keyboard(frame) { if (here(frame)) keyboard.set(frame.keyboard); },
  commands(frame) { if (here(frame)) composer.commands(frame.commands); },
  toast(frame) {
    if (!here(frame)) return;
    chat.answered(frame.message_id);
    if (frame.text) { if (frame.alert) tell(frame.text, state.bot.name); else toast(frame.text); }
    if (frame.url) openLink(frame.url, "", true);
  },
  action(frame) { if (here(frame)) action(frame.action); },
  refused() { chat.settleAll(); },
  sms(frame) { if (frame.sms) inbox.add(frame.sms); },
};
const here = (frame) => String(frame.person) === String(state.person);

line.addEventListener("frame", (event) => FRAMES[event.detail.type]?.(event.detail));
line.addEventListener("up", () => { subtitle(); open(); });
line.addEventListener("down", () => { chat.settleAll(); action(""); });

// --- the glass ----------------------------------------------------------------------------------------------------

function tick() { $("clock").textContent = clock(Date.now() / 1000); }
tick();
setInterval(tick, 10000);

function fit() {
  const height = window.visualViewport?.height;
  if (height && (window.visualViewport.scale || 1) < 1.05) document.documentElement.style.setProperty("--app-height", `${Math.round(height)}px`);
}
window.visualViewport?.addEventListener("resize", fit);
fit();

$("bot-avatar").replaceWith(Object.assign(avatar(state.bot.name, 4, "avatar-bot"), { id: "bot-avatar" }));
composer.placeholder("");
subtitle();
line.connect();
