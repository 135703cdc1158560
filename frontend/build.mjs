// Builds what the browser loads into hotline/console/static/vendor: scripts, one stylesheet,
// one sprite with only the icons that templates name, and a manifest of content hashes.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const out = path.join(root, "hotline/console/static/vendor");
const require = createRequire(import.meta.url);

// No page loads more than this many bytes of script (compressed, as it travels: ECharts 6 alone is
// 525 kB written out). All scripts together must fit, so every page does.
const SCRIPT_BUDGET = 500_000;
const BROWSERS = ["chrome111", "edge111", "firefox113", "safari16.4"];
// icon('name') in a template, icon="name" or icon_name='name' in a call; and the icon a macro has ready.
const ICON = /\bicon(?:_name)?\s*[(=]\s*["']([a-z0-9-]+)["']|\b(?:empty|notice)\([^()]*?,\s*["']([a-z0-9-]+)["']\)/g;

async function filesUnder(folder, endings) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const name = path.join(folder, entry.name);
    if (entry.isDirectory() && !["vendor", "node_modules", "__pycache__"].includes(entry.name)) {
      found.push(...(await filesUnder(name, endings)));
    } else if (endings.some((ending) => name.endsWith(ending))) found.push(name);
  }
  return found;
}

async function sources() {
  const places = ["hotline", "workorders", "ivr", "frontend/js"].map((p) => path.join(root, p));
  const lists = await Promise.all(places.map((p) => filesUnder(p, [".html", ".py", ".js"])));
  return lists.flat();
}

// Tabler is 635 kB whole; a page needs the few rules whose classes our templates name.
async function trimmedTabler(content) {
  const css = await readFile(require.resolve("@tabler/core/dist/css/tabler.min.css"), "utf8");
  const [result] = await new PurgeCSS().purge({
    content: content.map((file) => ({ raw: file.text, extension: path.extname(file.name).slice(1) })),
    css: [{ raw: css }],
    variables: true,
    keyframes: true,
    safelist: { standard: ["is-invalid", "show", "active", "disabled"] },
    defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
  });
  return result.css.replace(/@charset "UTF-8";/g, "").replace(/\/\*# sourceMappingURL.*\*\//, "");
}

const tabler = (content) => ({
  name: "tabler",
  setup(builder) {
    builder.onResolve({ filter: /^tabler$/ }, () => ({ path: "tabler", namespace: "tabler" }));
    builder.onLoad({ filter: /.*/, namespace: "tabler" }, async () => ({
      contents: await trimmedTabler(content),
      loader: "css",
    }));
  },
});

async function sprite(content) {
  const names = new Set(content.flatMap(({ text }) => [...text.matchAll(ICON)].map((m) => m[1] ?? m[2])));
  const symbols = await Promise.all([...names].sort().map(symbol));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

async function symbol(name) {
  const file = path.join(root, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
  const svg = await readFile(file, "utf8").catch(() => {
    throw new Error(`No icon is called "${name}" (see tabler.io/icons)`);
  });
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").trim()}</symbol>`;
}

async function bundle(content) {
  await build({
    entryPoints: ["app", "desk", "booking", "charts", "dial", "live-worker", "sound-worklet"].map((n) => path.join(here, "js", `${n}.js`)),
    outdir: out,
    bundle: true,
    minify: true,
    format: "esm",
    target: BROWSERS,
    legalComments: "linked",
  });
  await build({
    entryPoints: [path.join(here, "css/app.css")],
    outdir: out,
    bundle: true,
    minify: true,
    target: BROWSERS,
    legalComments: "linked",
    plugins: [tabler(content)],
  });
}

async function manifest() {
  const hashes = {};
  for (const name of (await readdir(out)).filter((n) => /\.(js|css|svg)$/.test(n)).sort()) {
    const body = await readFile(path.join(out, name));
    hashes[name] = createHash("sha256").update(body).digest("hex").slice(0, 12);
  }
  await writeFile(path.join(out, "manifest.json"), `${JSON.stringify(hashes, null, 2)}\n`);
  return Object.keys(hashes);
}

// Compressed once here, not at every request.
async function compress(names) {
  let script = 0;
  for (const name of names) {
    const body = await readFile(path.join(out, name));
    const packed = gzipSync(body, { level: 9 });
    await writeFile(path.join(out, `${name}.gz`), packed);
    if (name.endsWith(".js")) script += packed.length;
    console.log(`${kilobytes(body.length)} written, ${kilobytes(packed.length)} sent  ${name}`);
  }
  console.log(`${kilobytes(script)} sent: all scripts together`);
  if (script > SCRIPT_BUDGET) throw new Error(`Scripts pass ${SCRIPT_BUDGET / 1000} kB`);
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;

const names = await sources();
const content = await Promise.all(
  names.map(async (name) => ({ name, text: await readFile(name, "utf8") })),
);
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await bundle(content);
await writeFile(path.join(out, "icons.svg"), await sprite(content));
await copyFile(path.join(here, "mark.svg"), path.join(out, "mark.svg"));
await compress(await manifest());
