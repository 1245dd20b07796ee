import { ConfigurationError } from "@/lib/errors";

/** Every variable that Usher reads, except those of OpenTelemetry's own library. */
export const ownVariables = [
  ...["PORT", "REQUIRE_SECOND_STEP", "SMTP_URL", "EMAIL_FROM"],
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

/** A shell removes quotation marks; Docker's --env-file and Kubernetes pass them on. Null: there are none. */
export function quotesProblem(name: string, value: string): string | null {
  const isQuoted = /^(["'`]).*\1$/s.test(value);
  return isQuoted ? `${name} is in quotation marks, which are not part of it. Remove them.` : null;
}

/** Before anything else is checked, since every other problem would mislead. @throws ConfigurationError */
export function refuseQuotes(optional: (name: string) => string | null): void {
  const problems = ownVariables.flatMap((name) => quotesProblem(name, optional(name) ?? "") ?? []);
  if (problems.length > 0) throw new ConfigurationError(problems);
}
