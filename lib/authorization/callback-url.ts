/** Where providers send a person back to. It is registered there, character for character. */
export function callbackUrl(publicUrl: string): string {
  return `${publicUrl}/oauth/callback`;
}
