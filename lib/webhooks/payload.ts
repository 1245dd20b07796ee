/** What a receiver gets, the same at each attempt. */
export function payloadOf({ type, at, data }: { type: string; at: Date; data: unknown }): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data });
}
