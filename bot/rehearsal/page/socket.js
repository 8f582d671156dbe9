// The line to the server: JSON frames, and a new attempt after every break, with growing pauses.

import { BASE } from "./dom.js";

export class Line extends EventTarget {
  #socket = null;
  #pause = 500;
  #timer = 0;
  #closed = false;

  constructor() {
    super();
    addEventListener("online", () => this.#soon(0));
    addEventListener("pagehide", () => { this.#closed = true; this.#socket?.close(); });
    addEventListener("pageshow", (event) => { if (event.persisted) { this.#closed = false; this.#soon(0); } });
    document.addEventListener("visibilitychange", () => { if (!document.hidden && !this.connected) this.#soon(0); });
  }

  get connected() { return this.#socket?.readyState === WebSocket.OPEN; }

  connect() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const address = new URL("socket", BASE);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("open", () => { this.#pause = 500; this.#say("up"); });
    socket.addEventListener("message", (event) => {
      let frame;
      try { frame = JSON.parse(event.data); } catch { return; }
      if (frame && typeof frame.type === "string") this.#say("frame", frame);
    });
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.#say("down");
      this.#soon(this.#pause + Math.random() * 250);
      this.#pause = Math.min(this.#pause * 1.8, 15000);
    });
  }

  send(frame) {
    if (!this.connected) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #soon(pause) {
    if (this.#closed || this.connected || this.#socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), pause);
  }

  #say(kind, detail) { this.dispatchEvent(new CustomEvent(kind, { detail })); }
}
