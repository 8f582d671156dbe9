// One message, or one album, as it stands in the chat.

import { avatar, button, copyText, el, fileUrl, icon } from "./dom.js";
import { clock, fileSize, fullTime, onlyEmoji, phoneText, renderText } from "./format.js";
import { t } from "./i18n.js";
import { inlineKeyboard } from "./keyboard.js";
import { ask, toast } from "./overlay.js";

export const isBot = (message) => message.from?.is_bot !== false;
const nameOf = (user) => [user?.first_name, user?.last_name].filter(Boolean).join(" ") || user?.username || "";

// --- service messages -------------------------------------------------------------------------------------------

export function serviceText(message) {
  if (message.pinned_message) return t("service_pinned", { name: nameOf(message.from) });
  if (message.message_auto_delete_timer_changed) return t("service_timer");
  if (message.write_access_allowed || message.connected_website) return t("service_allowed");
  if (message.users_shared || message.chat_shared) return t("service_shared");
  if (message.web_app_data) return message.web_app_data.button_text || t("service_other");
  for (const key of ["new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
    "group_chat_created", "successful_payment", "refunded_payment", "passport_data", "chat_background_set",
    "boost_added", "gift", "unique_gift", "video_chat_started", "video_chat_ended", "proximity_alert_triggered"]) {
    if (message[key]) return t("service_other");
  }
  return null;
}

// --- pictures ---------------------------------------------------------------------------------------------------

function sizeFor(sizes, width) {
  const wanted = width * (devicePixelRatio || 1) * 0.9;
  const sorted = sizes.slice().sort((a, b) => a.width * a.height - b.width * b.height);
  return sorted.find((one) => one.width >= wanted) || sorted.at(-1);
}
const largest = (sizes) => sizes.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));

function picture(message, width, open, label) {
  const size = sizeFor(message.photo, width);
  const image = el("img", { src: fileUrl(size.file_id), alt: "", draggable: "false", decoding: "async" });
  const node = button({ class: "picture", "data-testid": "photo", "aria-label": label, onclick: open }, image);
  image.addEventListener("error", () => {
    node.classList.add("broken");
    image.replaceWith(el("span", { class: "picture-gone" }, icon("photo"), el("span", {}, t("photo_gone"))));
  });
  if (message.has_media_spoiler) {
    node.classList.add("veiled");
    node.setAttribute("aria-label", t("spoiler_media"));
    node.addEventListener("click", (event) => {
      if (!node.classList.contains("veiled")) return;
      event.stopImmediatePropagation();
      node.classList.remove("veiled");
      node.setAttribute("aria-label", label);
    }, true);
  }
  return node;
}

const ROWS = { 1: [1], 2: [2], 3: [1, 2], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [2, 2, 3], 8: [2, 3, 3], 9: [3, 3, 3], 10: [3, 3, 4] };
const ALBUM = 282;

function photoGrid(group, act) {
  const shown = group.filter((one) => one.photo?.length);
  const all = shown.map((one) => ({ url: fileUrl(largest(one.photo).file_id), caption: one.caption }));
  if (shown.length === 1) {
    const best = largest(shown[0].photo);
    const ratio = Math.max(0.5, Math.min(2.6, best.width / best.height || 1));
    const least = shown[0].caption || shown[0].reply_markup?.inline_keyboard ? 250 : 120;
    const width = Math.round(Math.max(least, Math.min(ALBUM, 340 * ratio, Math.max(best.width, 180))));
    const height = Math.round(Math.max(90, Math.min(340, width / ratio)));
    const node = picture(shown[0], width, () => act.view(all, 0), t("photo_n", { n: 1 }));
    node.style.aspectRatio = `${width} / ${height}`;
    return { node: el("div", { class: "pictures" }, node), width };
  }
  const rows = ROWS[shown.length] || Array.from({ length: Math.ceil(shown.length / 3) }, () => 3);
  const grid = el("div", { class: "pictures album" });
  let at = 0;
  for (const count of rows) {
    const line = shown.slice(at, at + count);
    if (!line.length) break;
    const ratios = line.map((one) => {
      const best = largest(one.photo);
      return Math.max(0.7, Math.min(1.8, best.width / best.height || 1));
    });
    const sum = ratios.reduce((a, b) => a + b, 0);
    const height = Math.max(78, Math.min(count === 1 ? 190 : 160, ALBUM / sum));
    const row = el("div", { class: "album-row", style: { height: `${Math.round(height)}px` } });
    line.forEach((one, index) => {
      const n = at + index;
      const node = picture(one, (ALBUM * ratios[index]) / sum, () => act.view(all, n), t("photo_n", { n: n + 1 }));
      node.style.flexGrow = ratios[index];
      node.dataset.messageId = one.message_id;
      row.append(node);
    });
    grid.append(row);
    at += count;
  }
  return { node: grid, width: ALBUM };
}

// --- the other kinds --------------------------------------------------------------------------------------------

const KINDS = { pdf: "red", doc: "blue", docx: "blue", xls: "green", xlsx: "green", csv: "green", zip: "amber", rar: "amber",
  jpg: "violet", jpeg: "violet", png: "violet", webp: "violet", heic: "violet", txt: "grey" };

function documentCard(message, act) {
  const file = message.document;
  const name = file.file_name || t("document");
  const ending = (/\.([a-z0-9]{1,5})$/i.exec(name)?.[1] || file.mime_type?.split("/")[1]?.slice(0, 4) || "").toLowerCase();
  const address = fileUrl(file.file_id);
  const shows = /^image\/(jpeg|png|webp|gif|avif|bmp)$/.test(file.mime_type || "");
  const pdf = file.mime_type === "application/pdf" || ending === "pdf";
  const sign = el("span", { class: `doc-icon ${KINDS[ending] || "blue"}` }, el("span", {}, ending || "?"));
  const small = file.thumbnail || file.thumb;
  if (small || (shows && (file.file_size || 0) < 12e6)) {
    const image = el("img", { src: small ? fileUrl(small.file_id) : address, alt: "", decoding: "async", draggable: "false" });
    image.addEventListener("load", () => { sign.classList.add("pictured"); sign.replaceChildren(image); }, { once: true });
  }
  const node = el("a", { class: "doc", href: address, "data-testid": "document", "data-file-name": name, "data-mime-type": file.mime_type,
    "aria-label": t("file_too", { name }), target: pdf ? "_blank" : null, rel: "noopener", download: pdf || shows ? null : name }, sign,
  el("span", { class: "doc-main" }, el("span", { class: "doc-name" }, name),
    el("span", { class: "doc-size" }, [fileSize(file.file_size), ending.toUpperCase()].filter(Boolean).join(" · "))));
  if (shows) {
    node.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      act.view([{ url: address, caption: message.caption, name }], 0);
    });
  }
  return node;
}

function mapCard(message) {
  const place = message.venue?.location || message.location;
  const title = message.venue?.title || t("location");
  const address = message.venue?.address || "";
  const where = place ? `${Number(place.latitude).toFixed(5)}, ${Number(place.longitude).toFixed(5)}` : "";
  const map = document.getElementById("map").content.firstElementChild.cloneNode(true);
  const seed = Math.abs(Math.round(((place?.latitude || 0) * 7919 + (place?.longitude || 0) * 6101) * 100));
  map.setAttribute("viewBox", `${(seed % 17) * 6 - 50} ${(seed % 11) * 6 - 34} 280 150`);
  map.setAttribute("aria-hidden", "true");
  const picked = async () => {
    const copy = await ask({ title, text: [address, where].filter(Boolean).join("\n"), testid: "place", buttons: [
      { label: t("close"), value: false, testid: "confirm-cancel" },
      { label: t("copy_address"), value: true, kind: "strong", testid: "confirm-ok" }] });
    if (copy) { await copyText([title, address || where].join(" ")); toast(t("copied")); }
  };
  return button({ class: "place", "data-testid": "venue", onclick: picked, "aria-label": [t("location"), title, address].join(" ") },
    el("span", { class: "place-map" }, map, el("span", { class: "place-pin" }, icon("pin"))),
    message.venue ? el("span", { class: "place-text" }, el("b", {}, title), el("span", {}, address)) : null);
}

function contactCard(message) {
  const who = message.contact;
  const name = nameOf(who) || phoneText(who.phone_number);
  return el("div", { class: "contact", "data-testid": "contact" }, avatar(name, who.user_id ?? 3),
    el("span", { class: "contact-main" }, el("b", {}, name), el("span", {}, phoneText(who.phone_number))));
}

function placeholder(message) {
  const length = (one) => (one?.duration ? `${Math.floor(one.duration / 60)}:${String(one.duration % 60).padStart(2, "0")}` : "");
  for (const [key, sign] of [["voice", "play"], ["audio", "play"], ["video", "play"], ["video_note", "play"],
    ["animation", "play"], ["game", "play"], ["story", "photo"], ["invoice", "file"], ["poll", "menu"], ["checklist", "menu"]]) {
    const one = message[key];
    if (!one || (key === "animation" && message.document && !one)) continue;
    const detail = one.question || one.title || one.file_name || length(one);
    return el("div", { class: "kind" }, el("span", { class: "kind-icon" }, icon(sign)),
      el("span", { class: "kind-main" }, el("b", {}, t(key)), detail ? el("span", {}, detail) : null));
  }
  return null;
}

// --- the message ------------------------------------------------------------------------------------------------

function metaOf(message, mine) {
  const edited = Boolean(message.edit_date);
  const node = el("span", { class: "meta" },
    edited ? el("span", { class: "edited", "data-testid": "edited" }, t("edited")) : null,
    el("time", { datetime: new Date(message.date * 1000).toISOString(), title: fullTime(message.date) }, clock(message.date)),
    mine ? icon("ticks") : null);
  return { node, space: `meta-space${edited ? " with-edited" : ""}${mine ? " with-ticks" : ""}` };
}

function originName(origin) {
  return origin.sender_user_name || nameOf(origin.sender_user) || origin.chat?.title || origin.sender_chat?.title || "?";
}

function preview(message) {
  return message.text || message.caption || (message.photo && t("photo")) || message.document?.file_name
    || (message.venue && message.venue.title) || (message.contact && t("contact")) || t("message");
}

export function renderGroup(group, act) {
  const lead = group[0];
  const service = group.length === 1 ? serviceText(lead) : null;
  if (service !== null) {
    return el("div", { class: "service", "data-testid": "message", "data-message-id": lead.message_id,
      "data-from": isBot(lead) ? "bot" : "me", role: "note" }, el("span", { class: "pill" }, service));
  }
  const bot = isBot(lead);
  const told = group.find((one) => one.caption) || lead;
  const text = lead.text ?? told.caption ?? "";
  const entities = lead.text !== undefined ? lead.entities : told.caption_entities;
  const captions = group.filter((one) => one.caption).length;
  const bubble = el("div", { class: "bubble" });
  const { node: meta, space } = metaOf(group.find((one) => one.edit_date) || lead, !bot);
  const stack = el("div", { class: "stack" }, bubble);
  const photos = group.filter((one) => one.photo?.length);
  const rest = el("div", { class: "body" });
  let pictures = null;
  let media = null;

  if (lead.forward_origin) bubble.append(el("div", { class: "forwarded" }, t("forwarded", { name: originName(lead.forward_origin) })));
  if (lead.reply_to_message) {
    const to = lead.reply_to_message;
    bubble.append(button({ class: "reply-to", onclick: () => act.goTo(to.message_id) },
      el("b", {}, isBot(to) ? act.botName() : t("me")), el("span", {}, preview(to))));
  }

  if (photos.length) {
    pictures = photoGrid(photos, act);
    stack.style.width = `${pictures.width}px`;
    bubble.classList.add("with-pictures");
    media = pictures.node;
  } else if (lead.document && !lead.animation) {
    media = el("div", { class: "docs" });
    for (const one of group) {
      if (!one.document) continue;
      media.append(documentCard(one, act));
      if (captions > 1 && one.caption) media.append(el("div", { class: "text" }, renderText(one.caption, one.caption_entities, act)));
    }
  } else if (lead.venue || lead.location) {
    media = mapCard(lead);
    stack.style.width = "280px";
    bubble.classList.add("with-pictures", "with-place");
  } else if (lead.contact) {
    media = contactCard(lead);
  } else if (lead.sticker || lead.dice) {
    bubble.classList.add("bare");
    media = el("div", { class: "sticker", role: "img", "aria-label": t(lead.sticker ? "sticker" : "dice") },
      lead.sticker?.emoji || lead.dice?.emoji || "🙂", el("small", {}, lead.dice ? `${t("dice")} ${lead.dice.value}` : t("sticker")));
  } else {
    media = placeholder(lead);
  }

  const said = captions > 1 && !photos.length ? "" : text;
  if (said) {
    const big = media ? 0 : onlyEmoji(said);
    const words = el("div", { class: `text${big ? ` emoji-${big}` : ""}`, dir: "auto" }, renderText(said, entities, act));
    words.append(el("span", { class: space, "aria-hidden": "true" }));
    rest.append(words, meta);
    if (big) bubble.classList.add("bare");
  } else if (!media) {
    rest.append(el("div", { class: "text unsupported" }, t("unsupported"), el("span", { class: space, "aria-hidden": "true" })), meta);
  }
  if (media && lead.show_caption_above_media && said) bubble.append(rest, media);
  else {
    if (media) bubble.append(media);
    if (rest.childNodes.length) bubble.append(rest);
  }
  if (!rest.childNodes.length) {
    bubble.classList.add("no-text");
    if (lead.venue || lead.contact || (media && !pictures && !lead.location && !bubble.classList.contains("bare"))) bubble.classList.add("meta-below");
    bubble.append(meta);
  }

  const keys = inlineKeyboard(group.find((one) => one.reply_markup?.inline_keyboard) || lead, act);
  if (keys) { stack.append(keys); stack.classList.add("with-keys"); }

  return el("div", { class: `row ${bot ? "in" : "out"}`, "data-testid": "message", "data-message-id": lead.message_id,
    "data-message-ids": group.map((one) => one.message_id).join(" "), "data-from": bot ? "bot" : "me", tabindex: "-1",
    role: "article", "aria-label": `${bot ? act.botName() : t("me")}, ${clock(lead.date)}` }, stack);
}
