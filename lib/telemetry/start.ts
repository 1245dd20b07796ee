import type { AppContext } from "@/lib/app/context";
import type { Telemetry } from "./telemetry";

/** What the environment turns on; null: nothing. */
export async function startTelemetry(ctx: AppContext): Promise<Telemetry | null> {
  const { metricsToken, openTelemetry } = ctx.env;
  const isTraced = openTelemetry.traces || openTelemetry.metrics;
  if (metricsToken === null && !isTraced) return null;
  const prometheus =
    metricsToken === null ? null : await (await import("./prometheus")).startPrometheus(ctx);
  const otel = isTraced ? await (await import("./opentelemetry")).startOpenTelemetry(ctx) : null;
  return {
    count(name, labels) {
      prometheus?.count(name, labels);
      otel?.count(name, labels);
    },
    time(name, ms, labels) {
      prometheus?.time(name, ms, labels);
      otel?.time(name, ms, labels);
    },
    span: otel?.span ?? ((_name, _attributes, work) => work(() => {})),
    continueTrace: otel?.continueTrace ?? ((_headers, work) => work()),
    exposition: prometheus?.exposition ?? null,
    stop: async () => otel?.stop(),
  };
}
