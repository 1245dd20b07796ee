/** The refresh token of a grant that was refreshed so often. */
export function refreshTokenOf(grant: string, rotations: number): string {
  return `r.${grant}.${rotations}`;
}
