import { databaseUrlProblem } from "@/lib/env/database-url";
import { bearerProblem, readFlag } from "@/lib/env/forms";
import { parseUrl } from "@/lib/parse-url";

/** How the process runs and what it reports to its operator. */
export interface OperationsEnv {
  /** The most connections of this process to the database. */
  databasePoolSize: number;
  /** How long responses may continue after a stop was requested, in ms. */
  shutdownMs: number;
  logLevel: string;
  /** The base URL of an MCP registry, without a trailing slash. Null: nothing is imported from one. */
  registryUrl: string | null;
  /** The bearer token for /api/metrics. Null: that route does not exist. */
  metricsToken: string | null;
  /** What is sent to an OpenTelemetry collector. The rest of `OTEL_*` is read by its own library. */
  openTelemetry: {
    traces: boolean;
    metrics: boolean;
    /** A trace that a proxy began continues at Usher. */
    continuesTraces: boolean;
  };
  /** What Node and other programs read, for the doctor. */
  surroundings: {
    /** Set, but ignored by Usher; names only. */
    ignoredProxies: string[];
    extraCaFile: string | null;
    verifiesTls: boolean;
  };
}

type Optional = (name: string) => string | null;

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
/** A function answers one request at a time, or a few, and there are many of them. */
const poolSizes = { selfHosted: 10, vercel: 2, embedded: 4, most: 200 };

export function readOperations(
  optional: Optional,
  { selfHosted, embeddedDatabase }: { selfHosted: boolean; embeddedDatabase: boolean },
  problems: string[],
): OperationsEnv {
  const whole = (name: string, usual: number, least: number, most: number): number => {
    const value = Number(optional(name) ?? usual);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    problems.push(`${name} must be a whole number from ${least} to ${most}.`);
    return usual;
  };
  const logLevel = optional("LOG_LEVEL")?.toLowerCase() ?? "info";
  if (!logLevels.includes(logLevel)) {
    problems.push(`LOG_LEVEL must be one of ${logLevels.join(", ")}.`);
  }
  const metricsToken = optional("METRICS_TOKEN");
  const tokenProblem = metricsToken && bearerProblem("METRICS_TOKEN", metricsToken, 16);
  if (tokenProblem) problems.push(tokenProblem);
  const direct = optional("DIRECT_DATABASE_URL");
  const directProblem = direct && databaseUrlProblem("DIRECT_DATABASE_URL", direct);
  if (directProblem) problems.push(directProblem);
  const usualPool = selfHosted ? poolSizes.selfHosted : poolSizes.vercel;
  // PGlite is one session behind a socket: more connections would only queue there.
  const poolSize = embeddedDatabase ? poolSizes.embedded : usualPool;
  return {
    openTelemetry: readOpenTelemetry(optional, problems),
    databasePoolSize: whole("DATABASE_POOL_SIZE", poolSize, 1, poolSizes.most),
    shutdownMs: whole("SHUTDOWN_SECONDS", 30, 0, 600) * 1000,
    logLevel,
    metricsToken,
    registryUrl: readRegistryUrl(optional("MCP_REGISTRY_URL"), problems),
    surroundings: {
      ignoredProxies: ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"].filter(
        (name) => optional(name) !== null,
      ),
      extraCaFile: optional("NODE_EXTRA_CA_CERTS"),
      verifiesTls: optional("NODE_TLS_REJECT_UNAUTHORIZED") !== "0",
    },
  };
}

/** As in its own documentation, or followed by the API's version. */
function readRegistryUrl(text: string | null, problems: string[]): string | null {
  if (text === null) return null;
  const url = parseUrl(text);
  const isPlain = url?.username === "" && url.password === "" && url.search + url.hash === "";
  if (!url || !/^https?:$/.test(url.protocol) || !isPlain) {
    problems.push(
      "MCP_REGISTRY_URL must be the base URL of an MCP registry, such as https://registry.modelcontextprotocol.io.",
    );
    return null;
  }
  return url.href.replace(/\/(v0(\.\d+)?(\/servers)?\/?)?$/, "");
}

/** @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
function readOpenTelemetry(optional: Optional, problems: string[]): OperationsEnv["openTelemetry"] {
  const isOn = (kind: "TRACES" | "METRICS") => {
    if (readFlag(optional("OTEL_SDK_DISABLED"))) return false;
    if (optional(`OTEL_${kind}_EXPORTER`)?.toLowerCase() === "none") return false;
    const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    return (optional(`OTEL_EXPORTER_OTLP_${kind}_ENDPOINT`) ?? optional(endpoint)) !== null;
  };
  const on = { traces: isOn("TRACES"), metrics: isOn("METRICS") };
  for (const kind of ["", "TRACES_", "METRICS_"]) {
    const name = `OTEL_EXPORTER_OTLP_${kind}ENDPOINT`;
    const address = optional(name);
    if (address !== null && !/^https?:$/.test(parseUrl(address)?.protocol ?? "")) {
      problems.push(`${name} must be a URL such as http://collector:4318.`);
    }
  }
  for (const kind of on.traces || on.metrics ? ["", "TRACES_", "METRICS_"] : []) {
    const name = `OTEL_EXPORTER_OTLP_${kind}PROTOCOL`;
    if ((optional(name) ?? "http/protobuf") === "http/protobuf") continue;
    problems.push(`${name} must be http/protobuf, which collectors usually receive at port 4318.`);
  }
  const propagators = (optional("OTEL_PROPAGATORS") ?? "tracecontext").split(",");
  const continuesTraces = propagators.some((name) => name.trim() === "tracecontext");
  return { ...on, continuesTraces };
}
