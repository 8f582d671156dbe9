// Pictures over the whole screen: close, previous and next, tap to zoom.

import { $, button, el, icon } from "./dom.js";
import { t } from "./i18n.js";
import { openSheet } from "./overlay.js";

export function viewPictures(pictures, start = 0) {
  let at = Math.max(0, Math.min(start, pictures.length - 1));
  const image = el("img", { alt: "", draggable: "false" });
  const caption = el("p", { class: "viewer-caption" });
  const count = el("span", { class: "viewer-count" });
  const save = el("a", { class: "viewer-save", download: "" }, t("save_file"));
  const closer = button({ class: "round", "aria-label": t("close"), "data-testid": "viewer-close" }, icon("close"));
  const back = button({ class: "viewer-turn before", "aria-label": t("previous") }, icon("chevron"));
  const on = button({ class: "viewer-turn after", "aria-label": t("next") }, icon("chevron"));
  const stage = el("div", { class: "viewer-stage" }, image);
  const node = el("div", { class: "viewer", role: "dialog", "aria-modal": "true", "aria-label": t("viewer"), "data-testid": "viewer" },
    el("div", { class: "viewer-head" }, closer, count, save), stage, back, on, caption);
  const show = () => {
    const one = pictures[at];
    stage.classList.remove("zoomed");
    image.src = one.url;
    image.alt = one.caption || t("photo");
    caption.textContent = one.caption || "";
    caption.hidden = !one.caption;
    count.textContent = pictures.length > 1 ? `${at + 1} / ${pictures.length}` : "";
    save.href = one.url;
    save.setAttribute("download", one.name || "");
    back.hidden = at === 0;
    on.hidden = at === pictures.length - 1;
  };
  const turn = (by) => { const next = at + by; if (next >= 0 && next < pictures.length) { at = next; show(); } };
  $("overlays").append(node);
  const close = openSheet(node, (open) => { if (!open) node.remove(); }, closer);
  closer.addEventListener("click", close);
  back.addEventListener("click", () => turn(-1));
  on.addEventListener("click", () => turn(1));
  image.addEventListener("click", () => stage.classList.toggle("zoomed"));
  stage.addEventListener("click", (event) => { if (event.target === stage) close(); });
  node.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  });
  let from = null;
  stage.addEventListener("pointerdown", (event) => { from = [event.clientX, event.clientY]; });
  stage.addEventListener("pointerup", (event) => {
    if (!from || stage.classList.contains("zoomed")) return;
    const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
    from = null;
    if (Math.abs(dx) > 50 && Math.abs(dx) > Math.abs(dy)) turn(dx < 0 ? 1 : -1);
    else if (dy > 80) close();
  });
  show();
}
