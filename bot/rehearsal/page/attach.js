// The sheet behind the paper clip: own pictures and files, and the rehearsal's sample documents.

import { $, BASE, button, el, icon } from "./dom.js";
import { t } from "./i18n.js";
import { openSheet, toast } from "./overlay.js";

export class Attach {
  #act;
  #sheet = $("attach-sheet");
  #close = () => {};
  #samples = [];
  #ticked = [];

  constructor(act) {
    this.#act = act;
    $("attach").addEventListener("click", () => this.open());
    $("attach-close").addEventListener("click", () => this.#close());
    this.#sheet.querySelector(".shade").addEventListener("click", () => this.#close());
    for (const [id, as] of [["file-photo", "photo"], ["file-document", "document"]]) {
      $(id).addEventListener("change", () => {
        const files = [...$(id).files];
        $(id).value = "";
        this.#close();
        if (files.length) this.upload(files, as);
      });
    }
    $("send-samples").addEventListener("click", () => this.#sendSamples(false));
    $("send-samples-file").addEventListener("click", () => this.#sendSamples(true));
    this.#watchDrops();
  }

  open() {
    this.#ticked = [];
    this.#marks();
    this.#close = openSheet(this.#sheet, (open) => { this.#sheet.hidden = !open; }, $("attach-close"));
  }

  samples(list) {
    this.#samples = Array.isArray(list) ? list : [];
    $("samples-part").hidden = $("samples-foot").hidden = !this.#samples.length;
    $("samples").setAttribute("aria-label", t("samples"));
    $("samples").replaceChildren(...this.#samples.map((one) => {
      const thumb = el("span", { class: "sample-thumb" });
      const ending = (/\.([a-z0-9]{2,5})(?:$|\?)/i.exec(one.url) || /\.([a-z0-9]{2,5})$/i.exec(one.name) || ["", ""])[1];
      const sign = () => thumb.replaceChildren(el("span", { class: "sample-sign" }, icon("file"), el("b", {}, ending.toUpperCase())));
      if (one.kind === "document" && !/^(png|jpe?g|webp|gif)$/i.test(ending)) sign();
      else {
        const image = el("img", { src: new URL(one.url, BASE).href, alt: "", loading: "lazy", draggable: "false" });
        image.addEventListener("error", sign);
        thumb.append(image);
      }
      return button({ class: "sample", "data-testid": `sample-${one.name}`, "data-name": one.name, "aria-pressed": "false",
        onclick: () => this.#tick(one.name) }, thumb, el("span", { class: "sample-mark", "aria-hidden": "true" }),
      el("span", { class: "sample-label" }, one.label || one.name));
    }));
    this.#ticked = this.#ticked.filter((name) => this.#samples.some((one) => one.name === name));
    this.#marks();
  }

  #tick(name) {
    const at = this.#ticked.indexOf(name);
    if (at < 0) this.#ticked.push(name);
    else this.#ticked.splice(at, 1);
    this.#marks();
  }

  #marks() {
    for (const node of $("samples").children) {
      const at = this.#ticked.indexOf(node.dataset.name);
      node.setAttribute("aria-pressed", String(at >= 0));
      node.querySelector(".sample-mark").textContent = at >= 0 ? at + 1 : "";
    }
    const n = this.#ticked.length;
    $("send-samples").disabled = $("send-samples-file").disabled = n === 0;
    $("send-samples").textContent = n ? t("send_n", { n }) : t("send_pick");
  }

  #sendSamples(asFile) {
    const kind = (name) => (asFile ? "document" : this.#samples.find((one) => one.name === name)?.kind || "photo");
    for (const as of ["photo", "document"]) {
      const names = this.#ticked.filter((name) => kind(name) === as);
      if (names.length && !this.#act.send({ type: "send_sample", names, as })) return;
    }
    this.#close();
  }

  async upload(files, as) {
    const person = this.#act.person();
    if (!person) return;
    const form = new FormData();
    for (const file of files) form.append("file", file, file.name);
    this.#act.busy(t("uploading"));
    try {
      const answer = await fetch(new URL(`upload?person=${encodeURIComponent(person.id)}&as=${as}`, BASE), { method: "POST", body: form });
      if (!answer.ok) {
        const why = (await answer.text().catch(() => "")).trim();
        toast(why && why.length < 160 && !why.startsWith("<") && !/^\d{3}:/.test(why) ? `${t("upload_failed")} (${why})` : t("upload_failed"));
      }
    } catch {
      toast(t("upload_failed"));
    } finally {
      this.#act.busy("");
    }
  }

  #watchDrops() {
    const phone = $("phone");
    const files = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
    phone.addEventListener("dragover", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      phone.dataset.drop = t("drop");
    });
    phone.addEventListener("dragleave", (event) => { if (!phone.contains(event.relatedTarget)) delete phone.dataset.drop; });
    phone.addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      delete phone.dataset.drop;
      const list = [...event.dataTransfer.files];
      if (list.length) this.upload(list, list.every((one) => /^image\/(jpeg|png|webp)$/.test(one.type)) ? "photo" : "document");
    });
  }
}
