/** @type {import("next").NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // The app's own code; `npm run check` looks at the rest.
  typescript: { tsconfigPath: "tsconfig.build.json" },
  experimental: { authInterrupts: true },
  serverExternalPackages: ["pino", "@node-rs/argon2", "pg", "undici"],
};
