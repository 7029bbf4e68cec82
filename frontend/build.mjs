// Build the three modules into the integration, each with a .gz beside it that Home Assistant serves.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "vite";

const out = fileURLToPath(new URL("../custom_components/voice_privacy/frontend/", import.meta.url));
const entries = { page: "elements/page", card: "elements/card", loader: "loader" };
const names = Object.keys(entries);

const packedBefore = new Map();
for (const name of names) {
  const path = `${out}${name}.js.gz`;
  if (existsSync(path)) packedBefore.set(name, readFileSync(path));
}

// Another zlib or another processor packs the same code into other bytes. What still holds the code stays as
// it was, so that building the same sources changes no file on any machine.
function pack(name, code) {
  const before = packedBefore.get(name);
  try {
    if (before && gunzipSync(before).equals(code)) return before;
  } catch {
    // Damaged, and so replaced.
  }
  return gzipSync(code, { level: 9 });
}

// Style sheets are template strings, which the minifier leaves as they are.
const narrowStyles = {
  name: "narrow-styles",
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith(".ts")) return null;
    return code.replace(/\bcss`[^`]*`/g, (sheet) => sheet.replace(/\/\*.*?\*\//gs, "").replace(/\s+/g, " "));
  },
};

rmSync(out, { recursive: true, force: true });
for (const name of names) {
  await build({
    configFile: false,
    logLevel: "warn",
    plugins: [narrowStyles],
    build: {
      outDir: out,
      emptyOutDir: false,
      target: "es2022",
      lib: { entry: `src/${entries[name]}.ts`, formats: ["es"], fileName: () => `${name}.js` },
      rollupOptions: { ...(name === "loader" ? { external: [/card\.js/] } : {}), output: { minify: true } },
    },
  });
  const code = readFileSync(`${out}${name}.js`);
  const packed = pack(name, code);
  writeFileSync(`${out}${name}.js.gz`, packed);
  console.log(`${name}.js ${code.length} bytes, ${packed.length} gzipped`);
}
