/**
 * Work that must come to its end although nobody waits for it any more, such as a token request that
 * was sent. The process ends, and a function is frozen, only after it.
 */
export interface WorkUnderWay {
  /** Returns `work` as it is, its failure included. */
  keep<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, including what begins while this waits. Never rejects. */
  settled(): Promise<void>;
}

/**
 * @param tellPlatform a platform that freezes a process after its answers waits for what it is given
 * here. It may throw where no request is under way.
 */
export function createWorkUnderWay(tellPlatform: (work: Promise<void>) => void): WorkUnderWay {
  const underWay = new Set<Promise<void>>();
  return {
    keep(work) {
      const ended = work.then(
        () => {},
        () => {},
      );
      underWay.add(ended);
      void ended.then(() => underWay.delete(ended));
      try {
        tellPlatform(ended);
      } catch {
        // Work of a timer: no request, and no platform that freezes.
      }
      return work;
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
