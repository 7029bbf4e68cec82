// Build the three modules into the integration, each with a .gz beside it that Home Assistant serves.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const out = fileURLToPath(new URL("../custom_components/voice_privacy/frontend/", import.meta.url));
rmSync(out, { recursive: true, force: true });
for (const name of ["page", "card", "loader"]) {
  await build({
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: out,
      emptyOutDir: false,
      target: "es2022",
      lib: { entry: `src/${name}.ts`, formats: ["es"], fileName: () => `${name}.js` },
      rollupOptions: name === "loader" ? { external: [/card\.js/] } : {},
    },
  });
  const path = `${out}${name}.js`;
  const code = readFileSync(path);
  const packed = gzipSync(code, { level: 9 });
  // The header names the system that packed it; the same sources must give the same bytes everywhere.
  packed[9] = 255;
  writeFileSync(`${path}.gz`, packed);
  console.log(`${name}.js ${code.length} bytes, ${packed.length} gzipped`);
}
