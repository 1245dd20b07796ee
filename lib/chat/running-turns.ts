/** The turns of this process, so that a stop reaches one here at once. Others look at the database. */
export type RunningTurns = {
  add(conversationId: string, stop: () => void): void;
  remove(conversationId: string, stop: () => void): void;
  stop(conversationId: string): void;
};

export function createRunningTurns(): RunningTurns {
  const stops = new Map<string, () => void>();
  return {
    add(conversationId, stop) {
      stops.set(conversationId, stop);
    },
    remove(conversationId, stop) {
      if (stops.get(conversationId) === stop) stops.delete(conversationId);
    },
    stop(conversationId) {
      stops.get(conversationId)?.();
    },
  };
}
