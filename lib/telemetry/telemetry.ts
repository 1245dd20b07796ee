import type { Counter, counters, Histogram, histograms, LabelsOf } from "./instruments";

/** On a span: Usher's own ids, names and outcomes. Never a URL, an argument, an answer or a token. */
export type Attributes = Record<string, string | number | boolean>;

/** Where events are counted and traced. */
export interface Telemetry {
  count<Name extends Counter>(name: Name, labels: LabelsOf<(typeof counters)[Name]>): void;
  /** @param ms is stored in seconds */
  time<Name extends Histogram>(
    name: Name,
    ms: number,
    labels: LabelsOf<(typeof histograms)[Name]>,
  ): void;
  /** `work` within a span, which shows a failure by the error's code. @param work may add more later */
  span<T>(
    name: string,
    attributes: Attributes,
    work: (tell: (more: Attributes) => void) => Promise<T>,
  ): Promise<T>;
  /** `work` within the trace that the request's `traceparent` names; without a valid one, as it is. */
  continueTrace<T>(headers: Headers, work: () => Promise<T>): Promise<T>;
  /** Everything in Prometheus' text format; null: only OpenTelemetry is on. */
  exposition: (() => Promise<{ contentType: string; text: string }>) | null;
  /** Sends what is waiting to be sent. */
  stop(): Promise<void>;
}

/** Null unless metrics or OpenTelemetry are turned on: nothing is loaded or counted then. */
export interface TelemetrySwitch {
  on: Telemetry | null;
}
