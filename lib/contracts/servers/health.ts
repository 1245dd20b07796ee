import * as z from "zod";

/** Whether a server that needs no account answers. Times are ISO 8601. */
export const serverHealth = z.object({
  /** `unused`: it has received no request yet. */
  status: z.enum(["working", "failing", "unused"]),
  answeredAt: z.string().nullable(),
  failedAt: z.string().nullable(),
  /** For the last failure; kept after the server responds again. */
  error: z.string().nullable(),
});
export type ServerHealth = z.infer<typeof serverHealth>;

/** The later of the two decides. */
export function healthOf(known: {
  answeredAt: Date | null;
  failedAt: Date | null;
  error: string | null;
}): ServerHealth {
  const { answeredAt, failedAt, error } = known;
  const status =
    failedAt !== null && failedAt > (answeredAt ?? 0)
      ? "failing"
      : answeredAt !== null
        ? "working"
        : "unused";
  return {
    status,
    answeredAt: answeredAt?.toISOString() ?? null,
    failedAt: failedAt?.toISOString() ?? null,
    error,
  };
}
