import type { Log } from "@/lib/log";

/** Writes rows a little later and many at once, so that no one waits for them. */
export interface BatchedWriter<Row> {
  add(row: Row): void;
  isEmpty(): boolean;
  /** Resolves when all rows so far are written, or abandoned for now. Never throws. */
  flush(): Promise<void>;
}

export interface BatchedWriterOptions<Row> {
  /** The rows' name in the log. */
  what: string;
  write: (rows: readonly Row[]) => Promise<void>;
  log: Log;
  /** What the log may say about a lost row: facts, never a secret. */
  factsOf: (row: Row) => object;
  /** The most rows kept in memory: beyond this the newest are dropped and logged. */
  mostWaiting: number;
  delayMs?: number;
  retryMs?: number;
}

const defaultDelayMs = 200;
const defaultRetryMs = 1000;
const longestRetryMs = 30_000;
const rowsAtOnce = 200;
/** 4 minutes with their pauses: a database restart takes less. */
const mostTries = 12;

export function createBatchedWriter<Row>(options: BatchedWriterOptions<Row>): BatchedWriter<Row> {
  const { what, write, log, factsOf, mostWaiting } = options;
  const { delayMs = defaultDelayMs, retryMs = defaultRetryMs } = options;
  const waiting: Row[] = [];
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let failures = 0;

  function lose(rows: readonly Row[], why: string): void {
    for (const row of rows) log.error({ ...factsOf(row), why }, `${what} is lost`);
  }

  function schedule(afterMs: number): void {
    if (timer !== null || waiting.length === 0) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, afterMs);
    timer.unref();
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, rowsAtOnce);
      try {
        await write(batch);
        failures = 0;
      } catch (error) {
        failures += 1;
        log.warn({ err: error, rows: waiting.length }, `${what} could not be written yet`);
        if (failures < mostTries) return;
        failures = 0;
        await writeEach(batch);
      }
      waiting.splice(0, batch.length);
    }
  }

  /** One row that the database refuses must not block the others. */
  async function writeEach(batch: readonly Row[]): Promise<void> {
    for (const row of batch) await write([row]).catch(() => lose([row], "it cannot be written"));
  }

  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    await writing;
    if (waiting.length === 0) return;
    writing ??= writeAll().finally(() => {
      writing = null;
      schedule(failures === 0 ? delayMs : Math.min(retryMs * 2 ** (failures - 1), longestRetryMs));
    });
    await writing;
  }

  return {
    add(row) {
      if (waiting.length >= mostWaiting) {
        lose([row], "too many are waiting");
        return;
      }
      waiting.push(row);
      if (writing === null && failures === 0) schedule(delayMs);
    },
    isEmpty: () => waiting.length === 0,
    flush,
  };
}
