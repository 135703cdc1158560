// Charts weigh as much as everything else together: they load on pages that have one.
let library = null;

async function drawAll() {
  const places = document.querySelectorAll("[data-chart]:not([data-drawn])");
  if (!places.length) return;
  library ??= import(document.body.dataset.charts);
  const { draw, tidy } = await library;
  tidy();
  places.forEach(draw);
}

export function startCharts() {
  drawAll();
  document.addEventListener("htmx:afterSettle", async () => {
    await drawAll();
  });
}
