// Durations that run: <time data-since="RFC 3339"> counts up, <time data-until="…"> counts down, by
// the server's clock. An office machine's own clock may be minutes off.
let offset = 0;

export const serverNow = () => Date.now() + offset;

// 45秒, 3分20秒, 1小时02分, 2天3小时
export function spell(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (h >= 24) return `${Math.floor(h / 24)}天${h % 24}小时`;
  const two = (n) => String(n).padStart(2, "0");
  if (h) return `${h}小时${two(m)}分`;
  return m ? `${m}分${two(s)}秒` : `${s}秒`;
}

function tick(element) {
  const { since, until, soon, over } = element.dataset;
  const seconds = since
    ? (serverNow() - Date.parse(since)) / 1000
    : (Date.parse(until) - serverNow()) / 1000;
  element.textContent = seconds < 0 && until ? `已超 ${spell(-seconds)}` : spell(seconds);
  if (soon) element.classList.toggle("is-soon", seconds >= Number(soon));
  if (over) element.classList.toggle("is-over", seconds >= Number(over));
  if (until) element.classList.toggle("is-over", seconds < 0);
}

const tickAll = (scope = document) => scope.querySelectorAll("[data-since], [data-until]").forEach(tick);

export function startClocks() {
  const { serverTime } = document.body.dataset;
  if (serverTime) offset = Date.parse(serverTime) - performance.timeOrigin - loadedAfter();
  tickAll();
  setInterval(tickAll, 1000);
  document.addEventListener("htmx:afterSettle", () => tickAll());
}

// The page was written about when its answer began to arrive.
function loadedAfter() {
  return performance.getEntriesByType("navigation")[0]?.responseStart ?? performance.now();
}
