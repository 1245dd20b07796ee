/**
 * What is checked without running the product.
 * @type {import("./step.mjs").Step[]}
 */
export const checks = [
  { name: "Prisma client", command: ["scripts/generate.mjs"] },
  { name: "Route types", command: ["node_modules/next/dist/bin/next", "typegen"] },
  { name: "Format and lint", command: ["node_modules/@biomejs/biome/bin/biome", "check", "."] },
  { name: "Types", command: ["node_modules/typescript/bin/tsc", "--noEmit"] },
  { name: "Unused code", command: ["node_modules/knip/bin/knip.js", "--no-progress"] },
];
