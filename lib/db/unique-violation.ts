/** A unique constraint failed. Matched by Prisma's code: a bundle may have another copy of its classes. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "P2002";
}
