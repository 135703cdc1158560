// htmx, set up for this house: the form token on every request, morphing swaps that keep focus and
// typed text, validation answers shown in place, and refusals said in words.
import { toast } from "./toasts.js";

export const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

export function startExchange(htmx, Idiomorph) {
  window.htmx = htmx;
  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap(style, target, fragment) {
      if (!style.startsWith("morph")) return false;
      const whole = style !== "morph:innerHTML";
      return Idiomorph.morph(target, fragment.children, {
        morphStyle: whole ? "outerHTML" : "innerHTML",
        // What is being typed stays; a button that merely has the focus changes like the rest.
        ignoreActiveValue: document.activeElement?.matches("input, textarea, select") ?? false,
        callbacks: { beforeNodeMorphed: keepWhatPeopleOpened },
      });
    },
  });
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = token();
  });
  document.addEventListener("htmx:beforeSwap", sayRefusal);
  document.addEventListener("htmx:sendError", () => toast("连接中断，未能提交。请稍后重试。", "danger"));
  document.addEventListener("htmx:timeout", () => toast("服务器没有及时答复，请重试。", "danger"));
}

// A fresh copy from the server knows nothing of a menu that was opened here.
function keepWhatPeopleOpened(before, after) {
  if (before instanceof HTMLDetailsElement && before.open) after.open = true;
  return !(before instanceof HTMLElement && before.hasAttribute("data-keep"));
}

function sayRefusal(event) {
  const { xhr, shouldSwap } = event.detail;
  if (xhr.status < 400) return;
  const json = (xhr.getResponseHeader("Content-Type") ?? "").includes("json");
  if (!json && shouldSwap) return;
  event.detail.shouldSwap = false;
  if (xhr.status === 401) sayEnded();
  if (event.detail.requestConfig?.verb === "get" && xhr.status !== 401) return;
  toast(messageOf(xhr.responseText, xhr.status), "danger");
}

// Whoever is not signed in any more is shown the way back; what was typed is kept by then.
const sayEnded = () => document.body.dispatchEvent(new CustomEvent("signed-out"));

// The sentence of an error answer {code, message, request_id}. 503 is expected: the sentence says all.
export function messageOf(text, status) {
  if (status === 401) return "登录已结束，请重新登录。";
  try {
    const { message, request_id: id } = JSON.parse(text);
    return id && status >= 500 && status !== 503 ? `${message}（编号 ${id}）` : message;
  } catch {
    return "没有成功，请重试。";
  }
}

// For our own modules: posts a form's worth of fields, gives the JSON answer, throws {message}.
export async function send(url, fields, { method = "POST", keepalive = false } = {}) {
  const response = await fetch(url, {
    method,
    keepalive,
    credentials: "same-origin",
    headers: { "X-CSRF-Token": token(), Accept: "application/json" },
    body: new URLSearchParams(fields),
  });
  const text = await response.text();
  if (!response.ok) {
    if (response.status === 401) sayEnded();
    throw Object.assign(new Error(messageOf(text, response.status)), { status: response.status, text });
  }
  return text ? JSON.parse(text) : {};
}
