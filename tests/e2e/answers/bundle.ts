import { readFile } from "node:fs/promises";
import path from "node:path";
import tailwind from "@tailwindcss/postcss";
import { build } from "esbuild";
import postcss from "postcss";

const root = path.resolve(import.meta.dirname, "../../..");

let page: Promise<string> | undefined;

/** A page with the chat's own components as a production build has them, and their styles. */
export function answerPage(): Promise<string> {
  page ??= makePage();
  return page;
}

async function makePage(): Promise<string> {
  const [script, style] = await Promise.all([bundleScript(), bundleStyle()]);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><style>${style}</style><body></body><script>${script.replaceAll("</script", "<\\/script")}</script></html>`;
}

async function bundleScript(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["tests/e2e/answers/page.tsx"],
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  return outputFiles[0]?.text ?? "";
}

async function bundleStyle(): Promise<string> {
  const from = path.join(root, "app/globals.css");
  const { css } = await postcss([tailwind()]).process(await readFile(from, "utf8"), { from });
  return css;
}
