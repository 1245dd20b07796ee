import type { Counter, counters, Histogram, histograms, LabelsOf } from "./instruments";

/** Of a span: ids of Usher's own, names and outcomes. Never a URL, an argument, an answer or a token. */
export type Attributes = Record<string, string | number | boolean>;

/** Where what happens is counted and traced. */
export interface Telemetry {
  count<Name extends Counter>(name: Name, labels: LabelsOf<(typeof counters)[Name]>): void;
  /** @param ms is kept in seconds */
  time<Name extends Histogram>(
    name: Name,
    ms: number,
    labels: LabelsOf<(typeof histograms)[Name]>,
  ): void;
  /** `work` within a span, whose failure it shows by the error's code. @param work may tell more later */
  span<T>(
    name: string,
    attributes: Attributes,
    work: (tell: (more: Attributes) => void) => Promise<T>,
  ): Promise<T>;
  /** All of it in Prometheus' text format; null: only OpenTelemetry is on. */
  exposition: (() => Promise<{ contentType: string; text: string }>) | null;
  /** Sends what waits to be sent. */
  stop(): Promise<void>;
}

/** Null unless metrics or OpenTelemetry are switched on: nothing is loaded or counted then. */
export interface TelemetrySwitch {
  on: Telemetry | null;
}
