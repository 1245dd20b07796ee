import { similarName } from "@/lib/contracts/similar-name";

/** Every variable that Usher reads, except those of OpenTelemetry's own library. */
export const ownVariables = [
  ...["PORT", "REQUIRE_TWO_FACTOR", "SMTP_URL", "EMAIL_FROM"],
  ...["DATABASE_URL", "DATABASE_POOL_SIZE", "DIRECT_DATABASE_URL", "EMBEDDED_DATABASE"],
  ...["PUBLIC_URL", "NEXTAUTH_SECRET", "CRON_SECRET", "SECRETS_ENCRYPTION_KEY"],
  ...["SECRETS_ENCRYPTION_KEY_FILE", "SECRETS_ENCRYPTION_KEY_COMMAND"],
  ...["SECRETS_ENCRYPTION_KEYS_OLD", "SECRETS_ENCRYPTION_KEYS_OLD_FILE"],
  ...["SECRETS_ENCRYPTION_KEYS_OLD_COMMAND", "AI_MODEL", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"],
  ...["OPENAI_COMPATIBLE_BASE_URL", "OPENAI_COMPATIBLE_API_KEY", "AI_GATEWAY_API_KEY"],
  ...["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "OIDC_TRUST_EMAIL"],
  ...["OIDC_GROUPS_CLAIM", "OIDC_JOIN_DOMAINS", "OIDC_KEEP_TOKENS", "OIDC_SCOPE"],
  ...["ADMIN_EMAIL", "ADMIN_PASSWORD", "ALLOW_HTTP_LOOPBACK", "ALLOWED_PRIVATE_HOSTS"],
  ...["OUTBOUND_PROXY_URL", "OUTBOUND_NO_PROXY", "AUDIT_RETENTION_DAYS", "FLOW_RETENTION_DAYS"],
  ...["CONVERSATION_RETENTION_DAYS", "LOG_LEVEL", "METRICS_TOKEN", "OTEL_EXPORTER_OTLP_ENDPOINT"],
  ...["SHUTDOWN_SECONDS", "VERCEL", "STDIO_SERVERS", "STDIO_USER", "STDIO_FOLDER"],
  ...["STDIO_READ_ONLY_FOLDERS", "MCP_REGISTRY_URL", "CATALOGUE_FILE"],
];

/** Names that only Usher's own variables begin with. */
const ownPrefix = /^(OIDC|SMTP|STDIO|OUTBOUND|SECRETS_ENCRYPTION|OPENAI_COMPATIBLE)_/;
/** Shorter names resemble too many others. */
const leastLength = 8;

/** Variables that are set, that Usher does not read, and that look as if it should: a sentence for each. */
export function misspeltNames(variables: Readonly<Record<string, string | undefined>>): string[] {
  const own = ownVariables.filter((name) => name.length >= leastLength);
  return Object.keys(variables).flatMap((name) => {
    const isOther = ownVariables.includes(name) || name.length < leastLength;
    if (isOther || !variables[name]?.trim()) return [];
    const meant = similarName(name, own);
    if (meant !== null) return [`${name} is not a variable of Usher. Did you mean ${meant}?`];
    if (!ownPrefix.test(name)) return [];
    return [`${name} is not a variable of Usher. See docs/configuration.md.`];
  });
}
