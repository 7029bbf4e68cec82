import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    include: ["test/**/*.test.ts"],
    // Tests use Lit as it is developed with, which says so once a file.
    onConsoleLog: (log) => !log.includes("Lit is in dev mode"),
  },
});
