import type { AppContext } from "@/lib/app/context";
import { UsherError } from "@/lib/errors";
import { counters, histograms, mapped } from "./instruments";
import type { Attributes, Telemetry } from "./telemetry";

type OpenTelemetry = Pick<Telemetry, "count" | "time" | "span" | "continueTrace"> & {
  stop(): Promise<void>;
};

/**
 * Loads OpenTelemetry's parts, which read the usual `OTEL_*` variables themselves. The tracer is not made the
 * process's global one: Next would then add its own spans, with whole URLs and the secrets in them.
 */
export async function startOpenTelemetry({
  env,
  log,
}: Pick<AppContext, "env" | "log">): Promise<OpenTelemetry> {
  const [api, core, traces, metrics, resources, hooks, traceExport, metricExport] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/core"),
      import("@opentelemetry/sdk-trace-base"),
      import("@opentelemetry/sdk-metrics"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/context-async-hooks"),
      import("@opentelemetry/exporter-trace-otlp-proto"),
      import("@opentelemetry/exporter-metrics-otlp-proto"),
    ]);
  const resource = resources
    .resourceFromAttributes({ "service.name": "usher" })
    .merge(resources.detectResources({ detectors: [resources.envDetector] }));
  api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());

  const tracerProvider = new traces.BasicTracerProvider({
    resource,
    spanProcessors: env.openTelemetry.traces
      ? [
          new traces.BatchSpanProcessor(
            reporting(log, "traces", new traceExport.OTLPTraceExporter()),
          ),
        ]
      : [],
  });
  const meterProvider = new metrics.MeterProvider({
    resource,
    readers: env.openTelemetry.metrics
      ? [
          new metrics.PeriodicExportingMetricReader({
            exporter: reporting(log, "metrics", new metricExport.OTLPMetricExporter()),
          }),
        ]
      : [],
  });
  const tracer = tracerProvider.getTracer("usher");
  const meter = meterProvider.getMeter("usher");
  const counts = mapped(counters, (name, { help }) =>
    meter.createCounter(name.replace(/_total$/, ""), { description: help }),
  );
  const times = mapped(histograms, (name, { help, buckets }) =>
    meter.createHistogram(name, {
      description: help,
      unit: "s",
      advice: { explicitBucketBoundaries: [...buckets] },
    }),
  );
  const propagator = new core.W3CTraceContextPropagator();
  log.info(env.openTelemetry, "OpenTelemetry is on");

  return {
    count: (name, labels) => counts[name].add(1, labels),
    time: (name, ms, labels) => times[name].record(ms / 1000, labels),
    span: (name, attributes, work) =>
      tracer.startActiveSpan(name, { attributes }, async (span) => {
        try {
          return await work((more: Attributes) => span.setAttributes(more));
        } catch (error) {
          // Its message may quote a provider's text.
          const message = error instanceof UsherError ? error.code : "internal";
          span.setStatus({ code: api.SpanStatusCode.ERROR, message });
          throw error;
        } finally {
          span.end();
        }
      }),
    continueTrace: (headers, work) => {
      if (!env.openTelemetry.continuesTraces) return work();
      const begun = propagator.extract(api.context.active(), headers, headersGetter);
      return api.context.with(begun, work);
    },
    stop: async () => {
      api.context.disable();
      await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]).catch(() => {});
    },
  };
}

interface Exporter {
  export(items: never, done: (result: { code: number; error?: Error }) => void): void;
}

/** Without it, a collector that takes nothing is noticed only by what is missing there. Told once, until one is taken. */
function reporting<Given extends Exporter>(
  log: AppContext["log"],
  what: string,
  exporter: Given,
): Given {
  const send = exporter.export.bind(exporter);
  let isFailing = false;
  exporter.export = (items, done) =>
    send(items, (result) => {
      const fails = result.code !== 0;
      // Its message may quote the collector's answer.
      const code = (result.error as { code?: unknown } | undefined)?.code ?? null;
      if (fails && !isFailing) {
        log.warn({ what, code }, "the OpenTelemetry collector did not take what was sent");
      }
      isFailing = fails;
      done(result);
    });
  return exporter;
}

/** @see https://www.w3.org/TR/trace-context/ */
const headersGetter = {
  keys: (headers: Headers) => [...headers.keys()],
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
};
