// The configuration that the demo gives Usher.

import { stdioVariables } from "./stdio-servers.mjs";

/** Whether people sign in at the practice identity provider, rather than at one that was set up here. */
export const signsInAtPractice = () => !process.env.OIDC_ISSUER;

/**
 * @param {{ ports: Record<string, number> } & Record<string, any>} settings what the demo keeps (settings.mjs)
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
    ...(signsInAtPractice() ? signIn(settings) : {}),
    ALLOW_HTTP_LOOPBACK: "1",
    ...stdioVariables(),
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

/** @param {{ ports: Record<string, number> } & Record<string, any>} settings */
function signIn({ ports, identityClientSecret }) {
  return {
    OIDC_ISSUER: `http://127.0.0.1:${ports.identity}`,
    OIDC_CLIENT_ID: "usher",
    OIDC_CLIENT_SECRET: identityClientSecret,
    OIDC_NAME: "Practice ID",
    OIDC_KEEP_TOKENS: "1",
  };
}
