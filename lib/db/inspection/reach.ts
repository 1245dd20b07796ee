import { breakOff, isFromPostgres } from "@/lib/db/outage";
import { newClient } from "./pooling";

/**
 * Why no connection can be made, found out with a new one: the pool only knows that there is none.
 * @returns SQLSTATE, a network error code, `tls`, `timeout` or `unknown`; null: there is a connection
 */
export async function whyUnreachable(connectionString: string): Promise<string | null> {
  const client = newClient(connectionString);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return null;
  } catch (error) {
    return codeOf(error);
  } finally {
    breakOff(client);
  }
}

function codeOf(error: unknown): string {
  if (isFromPostgres(error)) return error.code ?? "unknown";
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const { code, message } = error as { code?: unknown; message?: string };
  if (/timeout/i.test(message ?? "")) return "timeout";
  if (/ssl|tls|certificate/i.test(`${code} ${message}`)) return "tls";
  return typeof code === "string" ? code : "unknown";
}
