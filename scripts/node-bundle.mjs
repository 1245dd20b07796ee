// How esbuild bundles a replica of Usher, for benchmarks and trials: as a production build would, with
// packages left outside as Next leaves those of a server.

/** @type {import("esbuild").BuildOptions} */
export const nodeBundle = {
  bundle: true,
  packages: "external",
  alias: { "next/server": "next/server.js" },
  platform: "node",
  target: "node20",
  format: "esm",
  logLevel: "error",
};
