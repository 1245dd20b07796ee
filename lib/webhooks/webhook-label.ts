/** What the audit calls a webhook. Not its whole address, which may hold a key. */
export function webhookLabel({ url, description }: { url: string; description: string }): string {
  const { host } = new URL(url);
  return description === "" ? host : `${description} (${host})`;
}
