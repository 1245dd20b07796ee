import pino, { type Logger, type LoggerOptions } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Field names that could carry a secret into the log by mistake. */
const secretFields = [
  "accessToken",
  "refreshToken",
  "access_token",
  "refresh_token",
  "client_secret",
  "clientSecret",
  "code",
  "code_verifier",
  "codeVerifier",
  "state",
  "password",
  "secret",
  "authorization",
  "cookie",
  "headers",
  "environment",
];

/** @param requestId of the request being answered; on each of its lines */
export function createLog(
  level: string,
  requestId: () => string | undefined = () => undefined,
): Log {
  const options: LoggerOptions = {
    level,
    mixin: () => {
      const id = requestId();
      return id === undefined ? {} : { requestId: id };
    },
    redact: {
      paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: "[redacted]",
    },
    serializers: { err: describeError },
  };
  // pino's own writer repeats a write that fails for good, and blocks the process meanwhile.
  return pino(options, { write: (line) => void process.stdout.write(line) });
}

/** A full disk or a closed terminal takes no more lines. They are lost, and the process goes on. */
export function outliveOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

/**
 * Class, code and message along the chain of causes. No other property: a library's error may contain
 * a request. Prisma writes a query's arguments into its messages, so for those only the class is logged.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  const quotesArguments = error.name.startsWith("PrismaClient");
  return {
    type: error.name,
    errorCode: typeof code === "string" ? code : undefined,
    message: quotesArguments ? undefined : error.message,
    stack: quotesArguments ? framesOf(error) : error.stack,
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  };
}

/** The stack without its leading message. */
function framesOf(error: Error): string {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}
