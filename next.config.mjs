/** @type {import("next").NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // The app's own code; `npm run check` looks at the rest.
  typescript: { tsconfigPath: "tsconfig.build.json" },
  experimental: {
    authInterrupts: true,
    // A page loads when it is first asked for: all of them at once would be a second of each start.
    preloadEntriesOnStart: false,
  },
  serverExternalPackages: ["pino", "@node-rs/argon2", "pg", "undici"],
};
