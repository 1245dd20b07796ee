import type { Counter, counters, Histogram, histograms, LabelsOf } from "./instruments";

/** Where what happens is counted. */
export interface Telemetry {
  count<Name extends Counter>(name: Name, labels: LabelsOf<(typeof counters)[Name]>): void;
  /** @param ms is kept in seconds */
  time<Name extends Histogram>(
    name: Name,
    ms: number,
    labels: LabelsOf<(typeof histograms)[Name]>,
  ): void;
  /** All of it in Prometheus' text format. */
  exposition(): Promise<{ contentType: string; text: string }>;
}

/** Null unless METRICS_TOKEN is set: nothing is loaded or counted then. */
export interface TelemetrySwitch {
  on: Telemetry | null;
}
