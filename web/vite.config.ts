// One HTML file with everything inside. Its content security policy allows no network, no eval and
// no script but the built one (by hash): data can never run as code, whatever they contain.
import { createHash } from "node:crypto";

import { defineConfig, type Plugin } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

function policy(script: string): string {
  const hash = createHash("sha256").update(script, "utf8").digest("base64");
  return (
    `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; ` +
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
  );
}

function seal(): Plugin {
  return {
    name: "content-security-policy",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const page = bundle["index.html"];
        if (page?.type !== "asset") throw new Error("the build made no index.html");
        const html = String(page.source);
        const scripts = [...html.matchAll(/<script type="module"[^>]*>([\s\S]*?)<\/script>/g)];
        if (scripts.length !== 1) throw new Error(`one script expected, found ${scripts.length}`);
        const meta = `<meta http-equiv="Content-Security-Policy" content="${policy(scripts[0]![1]!)}" />`;
        page.source = html.replace(
          '<meta charset="utf-8" />',
          (charset) => `${charset}\n    ${meta}`,
        );
      },
    },
  };
}

export default defineConfig({
  plugins: [viteSingleFile({ useRecommendedBuildConfig: true }), seal()],
  build: {
    target: "es2022",
    emptyOutDir: false,
    reportCompressedSize: false,
    modulePreload: false,
  },
  logLevel: "warn",
});
