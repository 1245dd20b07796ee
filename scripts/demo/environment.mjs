// The configuration that the demo gives Usher.

import { bubblewrapHere } from "../bubblewrap.mjs";

/**
 * @param {Record<string, string>} settings what the demo keeps (settings.mjs)
 * @param {string} publicUrl
 * @param {string} databaseUrl
 * @returns {Record<string, string>}
 */
export function demoEnvironment(settings, publicUrl, databaseUrl) {
  return {
    DATABASE_URL: databaseUrl,
    EMBEDDED_DATABASE: "1",
    PUBLIC_URL: publicUrl,
    SECRETS_ENCRYPTION_KEY: settings.secretsEncryptionKey,
    NEXTAUTH_SECRET: settings.nextAuthSecret,
    CRON_SECRET: settings.cronSecret,
    ADMIN_EMAIL: "admin@usher.example",
    ADMIN_PASSWORD: settings.adminPassword,
    ALLOW_HTTP_LOOPBACK: "1",
    STDIO_SERVERS: process.env.STDIO_SERVERS ?? (bubblewrapHere() === "works" ? "sandbox" : "off"),
    NEXT_TELEMETRY_DISABLED: "1",
  };
}
