/**
 * Of answers that are no page; a page's are in lib/http/security-headers.ts. Said here, as a proxy in
 * front of each request would take as long as reading the database does.
 */
const headersOfAnswers = [
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "same-origin"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
].map(([key, value]) => ({ key, value }));

/** Loaded only where it is switched on. */
const openTelemetry = [
  "@opentelemetry/api",
  "@opentelemetry/sdk-trace-base",
  "@opentelemetry/sdk-metrics",
  "@opentelemetry/resources",
  "@opentelemetry/context-async-hooks",
  "@opentelemetry/exporter-trace-otlp-proto",
  "@opentelemetry/exporter-metrics-otlp-proto",
];

/** @type {import("next").NextConfig} */
export default {
  headers: async () => [{ source: "/api/:path*", headers: headersOfAnswers }],
  // For an image: what the app needs, copied together. `next start` serves a build without it.
  ...(process.env.USHER_STANDALONE === "1" ? { output: "standalone" } : {}),
  reactStrictMode: true,
  poweredByHeader: false,
  // The app's own code; `npm run check` looks at the rest.
  typescript: { tsconfigPath: "tsconfig.build.json" },
  experimental: {
    authInterrupts: true,
    // A page loads when it is first asked for: all of them at once would be a second of each start.
    preloadEntriesOnStart: false,
  },
  serverExternalPackages: [
    "pino",
    "@node-rs/argon2",
    "pg",
    "undici",
    "prom-client",
    ...openTelemetry,
  ],
};
