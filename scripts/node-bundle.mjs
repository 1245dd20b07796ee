// How esbuild bundles a replica of Usher, for benchmarks and trials: like a production build, with
// packages left outside, as in Next's server builds.

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
