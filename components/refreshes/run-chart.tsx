import { Fragment } from "react";
import { needWords } from "@/components/connections/standing-summary";
import { cn } from "@/components/ui/class-names";
import type { SweepRunView } from "@/lib/contracts/connections/refresh";
import { formatTime } from "@/lib/contracts/format";

/** From the bottom up. Each kind has a place, a colour and a word, so that colour is not the only cue. */
const kinds = [
  { key: "refreshed", label: "Refreshed", fill: "fill-success", swatch: "bg-success" },
  { key: "deferred", label: "Retried later", fill: "fill-warning", swatch: "bg-warning" },
  { key: "failed", label: "Needs re-authorization", fill: "fill-danger", swatch: "bg-danger" },
] as const;

const height = 120;
const slot = 14;
const bar = 10;
const shortestPart = 2;

/** What the sweeps of the last 24 hours did, per half hour. The same as a sentence for screen readers. */
export function RunChart({ buckets }: { buckets: readonly RunBucket[] }) {
  const most = Math.max(
    1,
    ...buckets.map(({ refreshed, deferred, failed }) => refreshed + deferred + failed),
  );
  const width = buckets.length * slot;
  return (
    <figure className="grid gap-3 rounded-lg border border-border bg-surface p-4">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 text-xs">
        <figcaption className="text-muted">Accounts in each half hour, last 24 hours</figcaption>
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-muted">
          {kinds.map(({ key, label, swatch }) => (
            <li key={key} className="flex items-center gap-1.5">
              <span aria-hidden="true" className={cn("size-2 rounded-[2px]", swatch)} />
              {label}
            </li>
          ))}
        </ul>
      </div>
      <div className="grid grid-cols-[auto_1fr] gap-x-2">
        <div
          aria-hidden="true"
          className="flex flex-col justify-between text-right text-2xs text-faint tabular-nums"
        >
          <span>{most}</span>
          <span>0</span>
        </div>
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          className="h-32 w-full"
          role="img"
          aria-label={inWords(buckets)}
        >
          <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} className="stroke-border" />
          {buckets.map((bucket, index) => (
            <Bar key={bucket.startsAt} bucket={bucket} x={index * slot} most={most} />
          ))}
        </svg>
        <div
          aria-hidden="true"
          className="col-start-2 flex justify-between pt-1 text-2xs text-faint"
        >
          <span>24 hours ago</span>
          <span>12 hours ago</span>
          <span>now</span>
        </div>
      </div>
    </figure>
  );
}

function Bar({ bucket, x, most }: { bucket: RunBucket; x: number; most: number }) {
  let top = height - 1;
  return (
    <g>
      <title>{`${formatTime(bucket.startsAt)}: ${countsOf(bucket)}`}</title>
      <rect x={x} y={0} width={slot} height={height} className="fill-transparent" />
      {bucket.runs > 0 ? (
        <rect x={x + 2} y={height - 2} width={bar} height={1} className="fill-border-strong" />
      ) : null}
      {kinds.map(({ key, fill }) => {
        const count = bucket[key];
        if (count === 0) return <Fragment key={key} />;
        const part = Math.max((count / most) * (height - 4), shortestPart);
        top -= part;
        return <rect key={key} x={x + 2} y={top} width={bar} height={part} className={fill} />;
      })}
    </g>
  );
}

function countsOf({ runs, refreshed, deferred, failed }: RunBucket): string {
  if (runs === 0) return "no sweep ran";
  return `${refreshed} refreshed, ${deferred} retried later, ${needWords(failed)}`;
}

function inWords(buckets: readonly RunBucket[]): string {
  const total = { startsAt: 0, runs: 0, refreshed: 0, deferred: 0, failed: 0 };
  for (const bucket of buckets) {
    total.runs += bucket.runs;
    total.refreshed += bucket.refreshed;
    total.deferred += bucket.deferred;
    total.failed += bucket.failed;
  }
  return `${total.runs} ${total.runs === 1 ? "sweep" : "sweeps"} in the last 24 hours: ${countsOf(total)}.`;
}

type RunBucket = {
  startsAt: number;
  runs: number;
  refreshed: number;
  deferred: number;
  failed: number;
};

export const bucketMs = 30 * 60_000;
const bucketCount = 48;

/** The last 24 hours in half hours, oldest first, including empty ones. */
export function runBuckets(runs: readonly SweepRunView[], now: number): RunBucket[] {
  const last = Math.floor(now / bucketMs) * bucketMs;
  const first = last - (bucketCount - 1) * bucketMs;
  const buckets = Array.from({ length: bucketCount }, (_, index) => ({
    startsAt: first + index * bucketMs,
    runs: 0,
    refreshed: 0,
    deferred: 0,
    failed: 0,
  }));
  for (const run of runs) {
    const bucket = buckets[Math.floor((Date.parse(run.startedAt) - first) / bucketMs)];
    if (!bucket) continue;
    bucket.runs += 1;
    bucket.refreshed += run.refreshed;
    bucket.deferred += run.deferred;
    bucket.failed += run.failed;
  }
  return buckets;
}
