// Build the modules into the integration, each with a .gz beside it that Home Assistant serves.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "vite";
import { narrowTemplates } from "./narrow.mjs";

const out = fileURLToPath(new URL("../custom_components/voice_privacy/frontend/", import.meta.url));

const packedBefore = new Map();
for (const file of existsSync(out) ? readdirSync(out) : []) {
  if (file.endsWith(".gz")) packedBefore.set(file.slice(0, -".gz".length), readFileSync(`${out}${file}`));
}

// Another zlib or another processor packs the same code into other bytes. What still holds the code stays as
// it was, so that building the same sources changes no file on any machine.
function pack(file, code) {
  const before = packedBefore.get(file);
  try {
    if (before && gunzipSync(before).equals(code)) return before;
  } catch {
    // Damaged, and so replaced.
  }
  return gzipSync(code, { level: 9 });
}

rmSync(out, { recursive: true, force: true });
const shared = { configFile: false, logLevel: "warn", plugins: [narrowTemplates] };

// What the page and the card have in common is a file of its own, named by its content: its URL has no version.
await build({
  ...shared,
  build: {
    outDir: out,
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      input: { page: "src/elements/page.ts", card: "src/elements/card.ts" },
      preserveEntrySignatures: "strict",
      output: {
        minify: true,
        entryFileNames: "[name].js",
        chunkFileNames: "shared-[hash].js",
        codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
      },
    },
  },
});
await build({
  ...shared,
  build: {
    outDir: out,
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/loader.ts", formats: ["es"], fileName: () => "loader.js" },
    rollupOptions: { external: [/card\.js/], output: { minify: true } },
  },
});

for (const file of readdirSync(out).sort()) {
  const code = readFileSync(`${out}${file}`);
  const packed = pack(file, code);
  writeFileSync(`${out}${file}.gz`, packed);
  console.log(`${file} ${code.length} bytes, ${packed.length} gzipped`);
}
