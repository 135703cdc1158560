// The note that saves itself. What was typed is on this machine at once (sessionStorage) and on the
// server within a second; a version number tells whether somebody else saved in between.
import { send } from "./exchange.js";

const PAUSE_MS = 600; // after the last key
const LONGEST_MS = 4000; // while typing without a pause
const RETRY_MS = [1000, 2000, 4000, 8000];

export class Note {
  constructor(field, { onState, onConflict, onSaved }) {
    this.field = field;
    this.url = field.dataset.noteUrl;
    this.version = Number(field.dataset.version);
    this.saved = field.value;
    this.key = `hotline.note:${this.url}`;
    this.hooks = { onState, onConflict, onSaved };
    this.tries = 0;
    this.sending = null;
    this.isStuck = false;
    this.tabs = new BroadcastChannel(this.key);
    this.tabs.onmessage = ({ data }) => this.hearOtherTab(data);
    field.addEventListener("input", () => this.typed());
    addEventListener("pagehide", () => this.leave());
    addEventListener("online", () => this.save());
    this.restore();
  }

  get isDirty() {
    return this.field.value !== this.saved;
  }

  // Text that never reached the server, from before a reload or a crash of the page.
  restore() {
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    if (!kept || kept.text === this.saved) return sessionStorage.removeItem(this.key);
    if (kept.version === this.version || kept.text.startsWith(this.saved)) {
      this.field.value = kept.text;
      return this.typed();
    }
    const theirs = this.saved;
    this.field.value = kept.text;
    return this.conflict(theirs, this.version);
  }

  typed() {
    sessionStorage.setItem(this.key, JSON.stringify({ text: this.field.value, version: this.version }));
    if (this.isStuck) return;
    this.hooks.onState("unsaved");
    this.firstTyped ??= Date.now();
    const wait = Math.max(0, Math.min(PAUSE_MS, this.firstTyped + LONGEST_MS - Date.now()));
    this.later(wait);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  // Resolves true once everything typed so far is on the server.
  async save() {
    clearTimeout(this.timer);
    if (this.sending) await this.sending;
    if (!this.isDirty || this.isStuck) return !this.isDirty;
    this.firstTyped = null;
    this.sending = this.put(this.field.value);
    const isSaved = await this.sending;
    this.sending = null;
    return isSaved && (this.isDirty ? this.save() : true);
  }

  async put(text) {
    try {
      const answer = await send(this.url, { text, version: this.version }, { method: "PUT" });
      this.accept(text, answer.version);
      this.tabs.postMessage({ text, version: answer.version });
      this.hooks.onSaved(answer);
      return true;
    } catch (error) {
      if (error.status === 409) return this.meet(text);
      return this.failed(error);
    }
  }

  accept(text, version) {
    this.saved = text;
    this.version = version;
    this.tries = 0;
    if (!this.isDirty) sessionStorage.removeItem(this.key);
  }

  failed(error) {
    const isHopeless = error.status >= 400 && error.status < 500 && error.status !== 429;
    this.hooks.onState(isHopeless ? "refused" : "lost", error.message);
    if (!isHopeless) this.later(RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]);
    return false;
  }

  // Somebody saved in between. The same words: no conflict. Else a person decides.
  async meet(mine) {
    const response = await fetch(this.url, { headers: { Accept: "application/json" } });
    if (!response.ok) return this.failed({ status: response.status, message: "" });
    const { text, version } = await response.json();
    if (text === mine || mine.startsWith(text)) {
      this.accept(text, version);
      if (text !== mine) return this.put(mine);
      this.hooks.onState("saved");
      return true;
    }
    this.conflict(text, version);
    return false;
  }

  conflict(theirs, version) {
    this.isStuck = true;
    this.theirs = { text: theirs, version };
    this.hooks.onState("conflict");
    this.hooks.onConflict(theirs);
  }

  append(words) {
    this.field.value = [this.field.value.trimEnd(), words].filter(Boolean).join("\n");
    this.field.dispatchEvent(new Event("input"));
  }

  resolve(choice) {
    const { text, version } = this.theirs;
    const mine = this.field.value;
    this.isStuck = false;
    this.accept(text, version);
    if (choice === "theirs") this.field.value = text;
    if (choice === "both") this.field.value = `${text.trimEnd()}\n${mine}`;
    this.field.dispatchEvent(new Event("input"));
    return this.save();
  }

  hearOtherTab({ text, version }) {
    if (this.isDirty || this.sending || version <= this.version) return;
    this.field.value = text;
    this.accept(text, version);
    this.hooks.onState("saved");
  }

  leave() {
    if (!this.isDirty || this.isStuck) return;
    const fields = { text: this.field.value, version: this.version };
    send(this.url, fields, { method: "PUT", keepalive: true }).catch(() => {});
  }
}
